"""Freed memory kept for the next step.

glibc hands the pages of large freed blocks back to the kernel and asks for them again at the next allocation, zeroed
page by page: for the temporary matrices of a training step that took longer than the arithmetic on them.
"""

from __future__ import annotations

import ctypes
import sys

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
KEPT = 2**28
"""Bytes of freed memory at the heap's end that stay, and the size of block from which the kernel is asked anew."""


def keep_freed_memory() -> bool:
    """Keep up to ``KEPT`` freed bytes in this process from now on; returns whether the allocator knows how (glibc)."""
    if not sys.platform.startswith("linux"):
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return False
    # glibc takes no mmap threshold above 32 MiB on 64-bit machines
    return bool(mallopt(M_TRIM_THRESHOLD, KEPT)) and bool(mallopt(M_MMAP_THRESHOLD, 2**25))
