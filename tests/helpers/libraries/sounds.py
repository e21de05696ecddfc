"""Small sound files for tests, written through PyAV in every format that people have."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np

CODECS = {
    "wav": ("pcm_s16le", "s16"),
    "f32.wav": ("pcm_f32le", "flt"),
    "f64.wav": ("pcm_f64le", "dbl"),
    "u8.wav": ("pcm_u8", "u8"),
    "s24.wav": ("pcm_s24le", "s32"),
    "aiff": ("pcm_s16be", "s16"),
    "flac": ("flac", "s16"),
    "mp3": ("libmp3lame", "fltp"),
    "opus": ("libopus", "flt"),
    "m4a": ("aac", "fltp"),
}
LAYOUTS = {1: "mono", 2: "stereo", 6: "5.1"}


def sweep(seconds: float, rate: int, *, channels: int = 2, level: float = 0.5) -> np.ndarray:
    """(channels, n) float32: a rising tone that swells, each channel a little later and softer; aligns at one lag."""
    t = np.arange(round(seconds * rate)) / rate
    tone = np.sin(2 * np.pi * (200 * t + 300 * t * t)) * (1 + 0.3 * np.sin(2 * np.pi * 3 * t)) / 1.3
    return np.stack([np.roll(tone, 40 * c) * level / (1 + 0.2 * c) for c in range(channels)]).astype(np.float32)


def write(path: Path, samples: np.ndarray, rate: int, kind: str | None = None) -> Path:
    """Write (channels, n) or (n,) samples; ``kind`` is a key of CODECS, by default the suffix."""
    if (kind or path.suffix) in ("ogg", ".ogg"):
        import soundfile

        frames = np.atleast_2d(samples).T
        with soundfile.SoundFile(path, "w", rate, frames.shape[1], format="OGG", subtype="VORBIS") as file:
            for start in range(0, len(frames), rate):  # libsndfile overflows its stack on a minute at once
                file.write(frames[start : start + rate])
        return path
    samples = np.ascontiguousarray(np.atleast_2d(samples), dtype=np.float32)
    codec, sample_format = CODECS[kind or path.suffix[1:]]
    layout = LAYOUTS[len(samples)]
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate)
        stream.codec_context.layout = layout
        stream.codec_context.format = sample_format
        frame = av.AudioFrame.from_ndarray(samples, format="fltp", layout=layout)
        frame.sample_rate, frame.pts, frame.time_base = rate, 0, Fraction(1, rate)
        convert = av.AudioResampler(format=sample_format, layout=layout, rate=rate)
        fifo = av.AudioFifo()
        for part in [*convert.resample(frame), *convert.resample(None)]:
            fifo.write(part)
        while part := fifo.read(stream.codec_context.frame_size or 4096) or fifo.read(0):
            container.mux(stream.encode(part))
        container.mux(stream.encode(None))
    return path
