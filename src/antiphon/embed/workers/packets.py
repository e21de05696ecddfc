"""The sound of a file, whatever its tags say: a hash of what a decoder is given.

Tags, pictures and the room that is left for them change a file's size, time and content; the packets of compressed
sound stay. So a file that was only tagged is known for what it is, and is not heard again.
"""

from __future__ import annotations

import hashlib

from antiphon.audio.opening import open_container
from antiphon.errors import AudioError
from antiphon.library.addresses import is_address, split_part

DIGITS = 16


def packets_hash(sound: str) -> str:
    """16 hexadecimal digits over codec and packets of a file's sound; "" for an address, and what cannot be read.

    Nothing is decoded: it costs reading the file.
    """
    path, _ = split_part(sound)
    if is_address(path):
        return ""
    digest = hashlib.sha256()
    try:
        with open_container(path) as (container, stream):
            about = stream.codec_context
            digest.update(f"{about.name} {about.sample_rate} {about.layout.name}".encode())
            for packet in container.demux(stream):
                digest.update(packet)
    except (AudioError, OSError, ValueError):  # FFmpeg's errors are both of the latter
        return ""
    return digest.hexdigest()[:DIGITS]
