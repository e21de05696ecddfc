"""Freed memory that stays in the process: no page is asked for twice, by no thread."""

import resource
import subprocess
import sys
from threading import Event, Thread

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from antiphon.align.training.cpu import SMALL_SOLVING, keep_freed_memory, one_blas_thread_if_few

PAGE = resource.getpagesize()
SIZE = 3 * 2**20


def page_faults(times: int) -> int:
    """How many pages the kernel had to provide for so many steps of a dozen short-lived arrays."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(times):
        arrays = [np.ones(SIZE, np.uint8) for _ in range(12)]
        del arrays
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


@pytest.mark.skipif(sys.platform != "linux", reason="an allocator of its own")
def test_memory_once_had_is_used_again() -> None:
    """In a process of its own: the setting cannot be taken back."""
    done = subprocess.run([sys.executable, __file__], capture_output=True, text=True, check=True)
    knows, faults, after_another = done.stdout.split()
    if knows == "False":
        pytest.skip("not glibc")
    assert int(faults) < SIZE // PAGE
    assert int(after_another) < SIZE // PAGE


def blas_threads() -> set[int]:
    return {each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas"}


def test_closed_forms_of_few_texts_have_one_blas_thread_and_those_of_many_what_there_is() -> None:
    before = blas_threads()
    with one_blas_thread_if_few(SMALL_SOLVING):
        assert blas_threads() == {1}
    with one_blas_thread_if_few(SMALL_SOLVING + 1):
        assert blas_threads() == before
    assert blas_threads() == before


def test_of_two_threads_that_want_one_blas_thread_one_waits_for_the_other() -> None:
    """Each puts back what it found: of two that overlapped one would find, and leave, the other's."""
    before, leave, inside = blas_threads(), Event(), [Event(), Event()]

    def want(one: Event) -> None:
        with one_blas_thread_if_few(1):
            one.set()
            assert leave.wait(60)

    threads = [Thread(target=want, args=(each,)) for each in inside]
    threads[0].start()
    assert inside[0].wait(60)
    threads[1].start()
    assert not inside[1].wait(0.5)
    leave.set()
    for each in threads:
        each.join()
    assert inside[1].is_set()
    assert blas_threads() == before


if __name__ == "__main__":
    known = keep_freed_memory()
    other = Thread(target=page_faults, args=(2,))
    other.start()
    other.join()
    after_another = page_faults(1)
    page_faults(2)
    print(known, page_faults(20), after_another)
