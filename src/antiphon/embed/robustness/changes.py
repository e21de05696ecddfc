"""What happens to sound between a studio and a library: compression, another level, noise."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import av
import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]

RATE = 44_100
"""Hz, of the sound that is changed."""


class SoundChange(NamedTuple):
    """One thing that happens to sound.

    Parameters
    ----------
    name : for people.
    gain_db : of the level, decibels.
    snr_db : level of the sound over that of white noise in it, decibels; None for none.
    mp3_bits : bits a second of a channel that it is compressed to; None for none.
    """

    name: str
    gain_db: float = 0.0
    snr_db: float | None = None
    mp3_bits: int | None = None

    def sound(self, mono: Float32, seed: int) -> Float32:
        """(n,) the changed samples, before they are compressed."""
        changed = mono * np.float32(10 ** (self.gain_db / 20))
        if self.snr_db is not None:
            level = float(np.sqrt(np.square(mono, dtype=np.float64).mean())) * 10 ** (-self.snr_db / 20)
            noise = np.random.default_rng(seed).standard_normal(len(mono), np.float32)
            changed = changed + np.float32(level) * noise
        return np.asarray(changed, np.float32)

    def write(self, path: Path, mono: Float32, seed: int) -> Path:
        """The changed sound as a file, ``path`` with its ending; (n,) samples at :data:`RATE`."""
        changed = self.sound(mono, seed)
        if self.mp3_bits is None:
            return _write(path.with_suffix(".wav"), changed, "pcm_f32le", "flt")
        return _write(path.with_suffix(".mp3"), changed, "libmp3lame", "fltp", self.mp3_bits)


UNCHANGED = SoundChange("as it is")
CHANGES = (
    SoundChange("mp3 at 128 kbit/s", mp3_bits=64_000),
    SoundChange("12 dB softer", gain_db=-12.0),
    SoundChange("noise at 30 dB", snr_db=30.0),
)
"""128 kbit/s are of two channels; what encoders hear is one."""


def _write(path: Path, mono: Float32, codec: str, sample_format: str, bit_rate: int | None = None) -> Path:
    samples = np.ascontiguousarray(mono[None], dtype=np.float32)
    with av.open(str(path), "w") as container:
        out = container.add_stream(codec, rate=RATE, layout="mono")
        out.codec_context.format = sample_format
        if bit_rate is not None:
            out.bit_rate = bit_rate
        frame = av.AudioFrame.from_ndarray(samples, format="fltp", layout="mono")
        frame.sample_rate = RATE
        for packet in (*out.encode(frame), *out.encode(None)):
            container.mux(packet)
    return path
