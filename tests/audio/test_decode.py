"""Decoding: every format against the samples that were written, and every way in which a file can be bad."""

from __future__ import annotations

import tracemalloc

import av
import numpy as np
import pytest
import soxr

from antiphon.audio import decode
from antiphon.errors import AudioError
from tests.helpers.libraries.sounds import CODECS, sweep, write

RATE = 48_000
LOSSLESS = {"wav": 2e-5, "f32.wav": 1e-6, "f64.wav": 1e-6, "u8.wav": 5e-3, "s24.wav": 1e-6, "aiff": 2e-5, "flac": 2e-5}
LOSSY = ("mp3", "ogg", "opus", "m4a")


def lag(a: np.ndarray, b: np.ndarray) -> int:
    size = 1 << (len(a) + len(b)).bit_length()
    correlation = np.fft.irfft(np.fft.rfft(a, size) * np.conj(np.fft.rfft(b, size)))
    best = int(correlation.argmax())
    return best - size if best > size // 2 else best


@pytest.mark.parametrize("kind", sorted(LOSSLESS))
def test_lossless_formats_give_the_mean_of_the_channels_scaled_to_one(tmp_path, kind):
    sound = sweep(1.0, RATE)
    path = write(tmp_path / f"a.{kind}", sound, RATE, kind)
    decoded = decode.load(path, RATE)
    assert decoded.dtype == np.float32
    np.testing.assert_allclose(decoded, sound.mean(axis=0), atol=LOSSLESS[kind])


@pytest.mark.parametrize("kind", LOSSY)
def test_lossy_formats_line_up_with_the_original(tmp_path, kind):
    sound = sweep(2.0, RATE)
    decoded = decode.load(write(tmp_path / f"a.{kind}", sound, RATE), RATE)
    original = sound.mean(axis=0)
    assert abs(len(decoded) - len(original)) <= 1024
    assert lag(decoded, original) == 0
    assert np.corrcoef(decoded[: len(original)], original[: len(decoded)])[0, 1] > 0.99


@pytest.mark.parametrize("kind", ["wav", "mp3"])
def test_stereo_is_the_channel_mean_and_not_3_db_louder(tmp_path, kind):
    tone = np.tile(sweep(1.0, RATE, channels=1), (2, 1))
    decoded = decode.load(write(tmp_path / f"a.{kind}", tone, RATE), RATE)
    assert np.sqrt(np.mean(decoded**2)) == pytest.approx(np.sqrt(np.mean(tone[0] ** 2)), rel=0.06)  # LAME lowers by 5 %


def test_surround_is_the_mean_of_all_channels(tmp_path):
    sound = sweep(0.5, RATE, channels=6)
    decoded = decode.load(write(tmp_path / "a.flac", sound, RATE), RATE)
    np.testing.assert_allclose(decoded, sound.mean(axis=0), atol=2e-5)


@pytest.mark.parametrize("rate", [8_000, 22_050, 24_000, 44_100, 96_000])
def test_resampling_in_blocks_equals_soxr_on_the_whole_signal(tmp_path, rate):
    sound = sweep(5.0, RATE, channels=1)
    decoded = decode.load(write(tmp_path / "a.f32.wav", sound, RATE, "f32.wav"), rate)
    expected = soxr.resample(sound[0], RATE, rate, quality="HQ")
    assert abs(len(decoded) - len(expected)) <= 1
    shared = min(len(decoded), len(expected))
    np.testing.assert_allclose(decoded[:shared], expected[:shared], atol=2e-6)


def test_one_pass_at_several_rates_gives_the_numbers_of_several_passes(tmp_path):
    path = write(tmp_path / "a.flac", sweep(4.0, 44_100), 44_100)
    rates = (22_050, 24_000, 44_100)
    parts: dict[int, list[np.ndarray]] = {rate: [] for rate in rates}
    for blocks in decode.stream_rates(path, rates):
        assert set(blocks) == set(rates)
        for rate, block in blocks.items():
            parts[rate].append(block)
    for rate in rates:
        np.testing.assert_array_equal(np.concatenate(parts[rate]), decode.load(path, rate))


def test_decoding_twice_gives_the_same_bits(tmp_path):
    path = write(tmp_path / "a.mp3", sweep(2.0, RATE), RATE)
    np.testing.assert_array_equal(decode.load(path, 24_000), decode.load(path, 24_000))


def test_memory_does_not_grow_with_the_length_of_the_track(tmp_path):
    def peak(seconds: float) -> int:
        path = write(tmp_path / f"{seconds}.flac", sweep(seconds, 16_000, channels=1), 16_000)
        tracemalloc.start()
        for _ in decode.stream(path, 24_000):
            pass
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    peak(1.0)  # what is imported and cached on first use is no memory of a track
    assert peak(120.0) < 1.3 * peak(20.0)


@pytest.mark.parametrize("seconds", [0.01, 0.3])
def test_clicks_decode(tmp_path, seconds):
    decoded = decode.load(write(tmp_path / "a.wav", sweep(seconds, RATE), RATE), 24_000)
    assert len(decoded) == pytest.approx(seconds * 24_000, abs=2)


def test_the_content_counts_not_the_suffix(tmp_path):
    path = write(tmp_path / "a.wav", sweep(0.2, RATE), RATE)
    renamed = path.rename(tmp_path / "a.mp3")
    assert len(decode.load(renamed, RATE)) == pytest.approx(0.2 * RATE, abs=1)


def test_names_that_look_like_addresses_or_are_not_ascii_are_only_names(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("http: A Song.flac", "Sigur Rós – #1 %03d.flac"):
        path = write(tmp_path / "x.flac", sweep(0.1, RATE), RATE).rename(tmp_path / name)
        assert len(decode.load(path.relative_to(tmp_path), RATE))


def test_tags_that_are_not_text_do_not_matter(tmp_path):
    path = write(tmp_path / "a.mp3", sweep(1.0, RATE), RATE)
    frame = b"TIT2" + (5).to_bytes(4, "big") + b"\0\0" + b"\x03\xff\xfe\xc3\x28"
    path.write_bytes(b"ID3\x03\0\0" + b"\0\0\0" + bytes([len(frame)]) + frame + path.read_bytes())
    assert len(decode.load(path, RATE)) > 0.9 * RATE


def test_a_bad_last_fragment_is_passed_over(tmp_path):
    path = write(tmp_path / "a.mp3", sweep(3.0, RATE), RATE)
    path.write_bytes(path.read_bytes()[:-150] + b"TAG" + b"garbage" * 30)
    assert len(decode.load(path, RATE)) == pytest.approx(3.0 * RATE, rel=0.05)


def spoil(path, start: float, stop: float) -> None:
    """Overwrite a part of a file, given as shares of its length, with noise."""
    data = bytearray(path.read_bytes())
    a, b = int(start * len(data)), int(stop * len(data))
    data[a:b] = np.random.default_rng(0).bytes(b - a)
    path.write_bytes(bytes(data))


@pytest.mark.parametrize("kind", ["flac", "mp3", "m4a", "opus"])
def test_damage_in_the_middle_is_a_failure_that_says_where(tmp_path, kind):
    path = write(tmp_path / f"a.{kind}", sweep(6.0, RATE), RATE)
    spoil(path, 0.45, 0.6)
    with pytest.raises(AudioError, match=r"corrupt|cut off") as caught:
        decode.load(path, RATE)
    assert " s " in caught.value.problem
    assert caught.value.fix


@pytest.mark.parametrize("kind", ["flac", "mp3", "m4a"])
def test_a_file_that_was_cut_off_is_a_failure(tmp_path, kind):
    path = write(tmp_path / f"a.{kind}", sweep(6.0, RATE), RATE)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(AudioError, match=r"cut off .*of 6\.0 s|index \(moov\) is missing"):
        decode.load(path, RATE)


@pytest.mark.parametrize("tag", ["drms", "enca"])
def test_protected_files_are_called_protected(tmp_path, tag):
    path = write(tmp_path / "a.m4a", sweep(1.0, RATE), RATE)
    path.write_bytes(path.read_bytes().replace(b"mp4a", tag.encode()))
    with pytest.raises(AudioError, match="copy-protected"):
        decode.load(path, RATE)


def picture(path):
    with av.open(str(path), "w", format="image2") as container:
        stream = container.add_stream("png")
        stream.width = stream.height = 16
        stream.pix_fmt = "rgb24"
        container.mux(stream.encode(av.VideoFrame(16, 16, "rgb24")))
        container.mux(stream.encode(None))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "is missing"),
        (b"", r"empty \(0 bytes\)"),
        (b"These are the words of a song.\n" * 40, "not a sound file.*it is text"),
        (b"<!doctype html><html>404</html>" * 10, "not a sound file.*web page"),
        (np.random.default_rng(0).bytes(50_000), "not a sound file|no sound"),
        (picture, "it is a picture"),
        ("folder", "is a folder"),
    ],
    ids=["missing", "empty", "text", "html", "noise", "picture", "folder"],
)
def test_what_is_no_sound_file_is_named_for_what_it_is(tmp_path, content, reason):
    path = tmp_path / "a.mp3"
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content == "folder":
        path.mkdir()
    elif content is not None:
        picture(tmp_path / "a.png")
        (tmp_path / "a.png").rename(path)
    with pytest.raises(AudioError, match=reason):
        decode.load(path, RATE)


def test_a_play_list_in_disguise_opens_nothing(tmp_path):
    path = tmp_path / "a.mp3"
    path.write_text("#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\nhttp://127.0.0.1:9/x.ts\n#EXT-X-ENDLIST\n")
    with pytest.raises(AudioError):
        decode.load(path, RATE)


def test_a_file_without_samples_is_a_failure(tmp_path):
    path = write(tmp_path / "a.wav", sweep(0.1, RATE), RATE)
    path.write_bytes(path.read_bytes()[:44])
    with pytest.raises(AudioError, match=r"no sound|not a sound file"):
        decode.load(path, RATE)


@pytest.mark.parametrize("kind", ["wav", "flac", "mp3"])
def test_silence_is_a_failure(tmp_path, kind):
    with pytest.raises(AudioError, match="silent: every sample is zero"):
        decode.load(write(tmp_path / f"a.{kind}", np.zeros((2, RATE)), RATE), RATE)


def test_channels_that_cancel_out_are_told_from_silence(tmp_path):
    tone = sweep(0.5, RATE, channels=1)[0]
    with pytest.raises(AudioError, match="silent: its channels cancel out"):
        decode.load(write(tmp_path / "a.f32.wav", np.stack([tone, -tone]), RATE, "f32.wav"), RATE)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_samples_that_are_not_finite_are_a_failure_that_says_where(tmp_path, value):
    sound = sweep(4.0, RATE)
    sound[0, 3 * RATE] = value
    with pytest.raises(AudioError, match=r"not finite numbers, about 2\.\d s in"):
        decode.load(write(tmp_path / "a.f32.wav", sound, RATE, "f32.wav"), RATE)


@pytest.mark.parametrize("samples", [1, 2, 100, 479])
def test_less_than_a_hundredth_of_a_second_is_too_short(tmp_path, samples):
    path = write(tmp_path / "a.f32.wav", sweep(0.1, RATE, channels=1)[:, :samples] + 0.1, RATE, "f32.wav")
    for rate in (RATE, 8_000):
        with pytest.raises(AudioError, match=f"too short: {samples} sample"):
            decode.load(path, rate)


def test_the_table_of_kinds_is_all_tested():
    assert set(CODECS) == set(LOSSLESS) | (set(LOSSY) - {"ogg"})
