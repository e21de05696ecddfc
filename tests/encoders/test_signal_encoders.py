"""The signal encoders against librosa, slow twins and sounds whose music is known."""

import warnings

import librosa
import numpy as np
import pytest

from antiphon.audio.pooling import pool
from antiphon.encoders import harmony, rhythm, timbre
from antiphon.encoders._shared import spectra as _spectra
from antiphon.registry import LoadOptions

RATE = _spectra.RATE
MODULES = {"timbre": timbre, "harmony": harmony, "rhythm": rhythm}


def encoder(name):
    module = MODULES[name]
    return module.load(module.CARDS[0], LoadOptions())


def block(name, frames, wanted):
    """The mean over frames of one named block."""
    start = 0
    for key, size in MODULES[name].BLOCKS.items():
        if key == wanted:
            return frames[..., start : start + size].mean(axis=-2)
        start += size
    raise KeyError(wanted)


def tone(hertz, seconds=4.0, partials=6):
    time = np.arange(int(seconds * RATE)) / RATE
    return sum(np.sin(2 * np.pi * hertz * k * time) / k**1.5 for k in range(1, partials + 1)).astype(np.float32) * 0.2


def chords(roots, third, seconds=1.0):
    """One triad a second: third is 4 (major) or 3 (minor)."""
    return np.concatenate(
        [sum(tone(220 * 2 ** ((r + i) / 12), seconds) for i in (0, third, 7)) / 3 for r in roots]
    ).astype(np.float32)


def clicks(bpm, seconds=20.0):
    rng = np.random.default_rng(0)
    sound = np.zeros(int(seconds * RATE), dtype=np.float32)
    burst = rng.standard_normal(1500).astype(np.float32) * np.exp(-np.arange(1500) / 200).astype(np.float32)
    for start in np.arange(0.1, seconds - 0.2, 60 / bpm):
        at = int(start * RATE)
        sound[at : at + 1500] += burst * 0.5
    return sound


SOUNDS = {
    "music": chords([0, 5, 7, 0], 4) + clicks(120, 4.0),
    "noise": np.random.default_rng(1).standard_normal(3 * RATE).astype(np.float32) * 0.1,
    "silence": np.zeros(2 * RATE, dtype=np.float32),
    "one sample": np.ones(1, dtype=np.float32),
    "twentieth of a second": tone(440, 0.05),
    "direct current": np.ones(RATE, dtype=np.float32),
    "impulse": np.eye(1, RATE, dtype=np.float32)[0],
    "clipping": np.sign(tone(100)) * 1.0,
}


@pytest.mark.parametrize("name", MODULES)
@pytest.mark.parametrize("sound", SOUNDS)
def test_any_sound_gives_finite_frames_of_order_one_without_a_warning(name, sound):
    windows = SOUNDS[sound][None].astype(np.float32)
    with warnings.catch_warnings(), np.errstate(all="raise", under="ignore"):
        warnings.simplefilter("error")
        frames = encoder(name).frames(windows)
    card = MODULES[name].CARDS[0]
    assert frames.dtype == np.float32
    assert frames.shape[0] == 1
    assert frames.shape[1] >= 1
    assert frames.shape[2] == card.layout.dims
    assert np.isfinite(frames).all()
    assert np.abs(frames).max() < 30


@pytest.mark.parametrize("name", MODULES)
def test_a_window_is_described_alike_alone_and_in_a_batch(name):
    rng = np.random.default_rng(2)
    windows = rng.standard_normal((3, 2 * RATE)).astype(np.float32) * 0.1
    model = encoder(name)
    together = model.frames(windows)
    for i in range(3):
        np.testing.assert_array_equal(model.frames(windows[i : i + 1])[0], together[i])


@pytest.mark.parametrize("name", MODULES)
def test_the_sound_is_left_as_it_was(name):
    sound = SOUNDS["music"][None].copy()
    before = sound.copy()
    encoder(name).frames(sound)
    np.testing.assert_array_equal(sound, before)


@pytest.mark.parametrize("name", MODULES)
def test_cards_share_one_rate_and_one_window_so_that_one_decode_feeds_all(name):
    card = MODULES[name].CARDS[0]
    assert (card.rate, card.window_s, card.hop_s, card.tail) == (22050, 30.0, 30.0, "short")
    assert card.parameters == 0
    assert encoder(name).weights_id == "none"
    assert card.layout.statistics == 3


def test_power_agrees_with_librosas_spectrogram():
    sound = SOUNDS["music"]
    ours = _spectra.power(sound, size=2048, hop=512)
    theirs = np.abs(librosa.stft(sound, n_fft=2048, hop_length=512, pad_mode="constant")) ** 2
    scale = (2 / librosa.filters.get_window("hann", 2048).sum()) ** 2
    count = len(ours)
    np.testing.assert_allclose(ours, theirs.T[:count] * scale, rtol=1e-3, atol=1e-9)


def test_power_of_one_frame_agrees_with_a_plain_fourier_sum():
    sound = np.random.default_rng(3).standard_normal(64).astype(np.float32)
    ours = _spectra.power(sound, size=16, hop=8)
    padded = np.pad(sound.astype(np.float64), 8)
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(16) / 16)
    for i in range(len(ours)):
        frame = padded[i * 8 : i * 8 + 16] * window * 2 / window.sum()
        for k in range(9):
            total = sum(frame[n] * np.exp(-2j * np.pi * k * n / 16) for n in range(16))
            assert ours[i, k] == pytest.approx(abs(total) ** 2, rel=1e-4, abs=1e-7)


def test_a_full_scale_sine_peaks_near_one():
    time = np.arange(RATE) / RATE
    hertz = RATE / 2048 * 100
    power = _spectra.power(np.sin(2 * np.pi * hertz * time).astype(np.float32), size=2048, hop=512)
    assert power[10].max() == pytest.approx(1.0, rel=1e-3)


def test_band_weights_sum_to_one_and_peak_at_their_centres():
    weights = _spectra.band_weights(2048, low=65.0, per_octave=5.0, count=36)
    np.testing.assert_allclose(weights.sum(axis=0), 1, rtol=1e-5)
    peaks = weights.argmax(axis=0) * RATE / 2048
    centres = _spectra.band_centres(low=65.0, per_octave=5.0, count=36)
    assert np.abs(peaks - centres).max() <= RATE / 2048


def test_group_means_average_a_shorter_last_run_over_what_it_has():
    values = np.arange(14, dtype=np.float32).reshape(7, 2)
    expected = np.stack([values[0:3].mean(0), values[3:6].mean(0), values[6]])
    np.testing.assert_allclose(_spectra.group_means(values, 3), expected)


def test_centroid_rises_with_brightness_and_flatness_tells_noise_from_tone():
    model = encoder("timbre")
    dark, bright, noise = (model.frames(s[None]) for s in (tone(110), tone(1760), SOUNDS["noise"]))
    assert block("timbre", dark, "shape")[0, 0] + 1 < block("timbre", bright, "shape")[0, 0]
    assert block("timbre", noise, "flatness").mean() > block("timbre", dark, "flatness").mean() + 0.5


def test_cepstrum_is_librosas_cosine_transform_of_the_bands():
    from scipy.fft import dct

    frames = encoder("timbre").frames(SOUNDS["music"][None])
    bands, cepstrum = block("timbre", frames, "bands")[0], block("timbre", frames, "cepstrum")[0]
    np.testing.assert_allclose(cepstrum, dct(bands, type=2)[1:14] / 36, atol=1e-4)


def test_gain_moves_the_level_and_nothing_else():
    model = encoder("timbre")
    loud = SOUNDS["music"]
    a, b = (block("timbre", model.frames((loud * g)[None]), "bands") for g in (1.0, 0.1))
    np.testing.assert_allclose(a, b, atol=3e-3)
    a, b = (block("timbre", model.frames((loud * g)[None]), "level")[0, 0] for g in (1.0, 0.1))
    assert a - b == pytest.approx(1.0, abs=0.05)


@pytest.mark.parametrize("semitones", [0, 3, 7])
def test_chroma_names_the_pitch_class_and_tuning_is_taken_out(semitones):
    for tuning in (0.0, 0.3):
        frames = encoder("harmony").frames(tone(440 * 2 ** ((semitones + tuning) / 12), partials=1)[None])
        assert block("harmony", frames, "chroma")[0].argmax() == (9 + semitones) % 12
        assert block("harmony", frames, "pitch")[0, -1] == pytest.approx(tuning, abs=0.05)


def test_chroma_agrees_with_librosas_on_a_chord():
    sound = chords([0], 4, 3.0)
    ours = block("harmony", encoder("harmony").frames(sound[None]), "chroma")[0]
    theirs = librosa.feature.chroma_stft(y=sound, sr=RATE, n_fft=8192, tuning=0.0).mean(axis=1)
    assert set(np.argsort(ours)[-3:]) == set(np.argsort(theirs)[-3:])
    assert np.corrcoef(ours, theirs)[0, 1] > 0.9


def test_tonnetz_agrees_with_librosas_from_the_same_chroma():
    rng = np.random.default_rng(4)
    chroma = rng.random((5, 12)).astype(np.float32)
    chroma /= chroma.sum(axis=1, keepdims=True)
    ours = chroma @ harmony._tonnetz()
    theirs = librosa.feature.tonnetz(chroma=chroma.T, sr=RATE).T
    np.testing.assert_allclose(ours, theirs, atol=1e-5)


@pytest.mark.parametrize("key", [0, 4, 9])
def test_the_mode_is_read_whatever_the_key(key):
    model = encoder("harmony")
    major = model.frames(chords([key, key + 5, key + 7, key], 4)[None])
    minor = model.frames(chords([key, key + 5, key, key], 3)[None])
    assert block("harmony", major, "key")[0, 2] > 0.1
    assert block("harmony", minor, "key")[0, 2] < -0.1


def test_transposing_turns_the_chroma_and_leaves_movement_alone():
    model = encoder("harmony")
    a, b = (model.frames(chords([r, r + 5, r + 7, r], 4)[None]) for r in (0, 2))
    np.testing.assert_allclose(np.roll(block("harmony", a, "chroma"), 2), block("harmony", b, "chroma"), atol=0.15)
    np.testing.assert_allclose(block("harmony", a, "movement"), block("harmony", b, "movement"), atol=0.1)


@pytest.mark.parametrize("bpm", [72, 100, 132, 168])
def test_the_tempo_of_a_click_track_is_found(bpm):
    frames = encoder("rhythm").frames(clicks(bpm)[None])
    product = block("rhythm", frames, "product")[0]
    found = rhythm.TEMPI[rhythm.MIDDLE][product.argmax()]
    assert np.log2(found / bpm) == pytest.approx(0, abs=0.09)
    assert block("rhythm", frames, "tempo")[0, 0] == pytest.approx(np.log2(bpm / 120), abs=0.12)
    assert block("rhythm", frames, "onsets")[0, 0] * 4 == pytest.approx(bpm / 60, rel=0.2)


def test_lag_tempogram_agrees_with_a_plain_autocorrelation():
    patch = np.random.default_rng(5).random((1, rhythm.PATCH)).astype(np.float32)
    window = rhythm._hann().astype(np.float64)
    x = (patch[0] - (patch[0] * window).sum() / window.sum()) * window
    x /= np.sqrt((x**2).sum()) + 1e-3
    plain = np.array([(x[: rhythm.PATCH - k] * x[k:]).sum() for k in range(rhythm.PATCH)])
    taper = np.array([(window[: rhythm.PATCH - k] * window[k:]).sum() for k in range(rhythm.PATCH)])
    taper /= (window**2).sum()
    period = 60 / rhythm.FINE_TEMPI * RATE / rhythm.HOP
    steps = np.arange(rhythm.PATCH)
    fine = np.interp(period, steps, plain) / np.maximum(np.interp(period, steps, taper), 0.1)
    np.testing.assert_allclose(rhythm._tempograms(patch)[1][0], fine @ rhythm._coarse(), atol=1e-4)


def test_fourier_tempogram_agrees_with_a_plain_sum():
    patch = np.random.default_rng(6).random((1, rhythm.PATCH)).astype(np.float32)
    window = rhythm._hann().astype(np.float64)
    x = (patch[0] - (patch[0] * window).sum() / window.sum()) * window
    x /= np.sqrt((x**2).sum()) + 1e-3
    time = np.arange(rhythm.PATCH) * rhythm.HOP / RATE
    fine = np.array([abs((x * np.exp(-2j * np.pi * t / 60 * time)).sum()) for t in rhythm.FINE_TEMPI])
    expected = fine / np.sqrt(rhythm.PATCH / 2) @ rhythm._coarse()
    np.testing.assert_allclose(rhythm._tempograms(patch)[0][0], expected, atol=1e-4)


@pytest.mark.parametrize("name", MODULES)
def test_pooled_vectors_survive_float16(name):
    model = encoder(name)
    vector = pool(model.frames(SOUNDS["music"][None])[0], model.card.layout)
    stored = vector.astype(np.float16).astype(np.float32)
    np.testing.assert_allclose(stored, vector, atol=2e-3, rtol=2e-3)
