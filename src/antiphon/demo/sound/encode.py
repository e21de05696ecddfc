"""Waveforms to audio files, through PyAV's own encoders."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

import av
import numpy as np
from numpy.typing import NDArray

from antiphon.library.files import write_atomically

# File ending: (container, codec, bits per second or None, rate).
FORMATS: dict[str, tuple[str, str, int | None, int]] = {
    "flac": ("flac", "flac", None, 22_050),
    "wav": ("wav", "pcm_s16le", None, 22_050),
    "mp3": ("mp3", "libmp3lame", 96_000, 24_000),
    "ogg": ("ogg", "libopus", 80_000, 24_000),
    "m4a": ("ipod", "aac", 96_000, 24_000),
}


def write_audio(path: Path, sound: NDArray[np.float32]) -> None:
    """Write ``sound``, (channels, samples) within ±1, in the format of the file's ending, at that format's rate."""
    container_name, codec, bit_rate, rate = FORMATS[path.suffix[1:]]
    pcm = np.ascontiguousarray((np.clip(sound, -1, 1) * 32767).round().astype(np.int16).T.reshape(1, -1))
    layout = "stereo" if len(sound) == 2 else "mono"

    def write(stream: BinaryIO) -> None:
        # Without it Ogg gets a random serial number and the same music would not be the same bytes.
        with av.open(stream, "w", format=container_name, container_options={"fflags": "bitexact"}) as container:
            out = container.add_stream(codec, rate=rate, layout=layout)
            if bit_rate:
                out.bit_rate = bit_rate
            frame = av.AudioFrame.from_ndarray(pcm, format="s16", layout=layout)
            frame.sample_rate = rate
            for packet in (*out.encode(frame), *out.encode(None)):
                container.mux(packet)

    write_atomically(path, write, tidy=False)
