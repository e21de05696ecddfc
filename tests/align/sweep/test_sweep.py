"""A search for settings, on made vectors."""

import builtins
import itertools
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from antiphon.align.config import TrainConfig, load_config
from antiphon.align.sweep.search import WARMUP_EPOCHS, Trial, _bench, sweep
from antiphon.align.sweep.space import SPACE, Swept, space_for
from antiphon.align.train import train
from antiphon.align.training.defaults import resolve_from_data
from antiphon.errors import ConfigError, LibraryError
from antiphon.metrics.selection import Scores
from tests.helpers.libraries.made_vectors import make_library

SMALL = TrainConfig(epochs=2, dim=8, hidden=8, epoch_steps=2)


@pytest.fixture
def library(tmp_path: Path) -> Path:
    pytest.importorskip("optuna")
    make_library(tmp_path, train=40, val=20, test=6)
    return tmp_path


def numbers(trials: tuple[Trial, ...]) -> list[tuple[int, str, float | None, dict[str, object]]]:
    return [(t.number, t.state, t.mrr, dict(t.settings)) for t in trials]


def test_the_first_trial_is_what_training_without_a_sweep_gives(library: Path) -> None:
    seen: list[Trial] = []
    result = sweep(library, "made", text="words", trials=3, config=SMALL, on_trial=seen.append)
    assert tuple(seen) == result.trials
    assert [t.number for t in seen] == [0, 1, 2]
    plain = train(library, "made", text="words", config=SMALL)
    best = next(r for r in plain.history if r.epoch == plain.best_epoch)
    assert seen[0].mrr == pytest.approx(best.mean_mrr, abs=1e-6)
    assert seen[0].settings["lr"] == SMALL.lr


def test_a_sweep_leaves_a_recipe_and_a_report_and_no_checkpoint(library: Path) -> None:
    result = sweep(library, "made", text="words", trials=3, config=SMALL)
    assert load_config(result.recipe) == result.config
    report = json.loads(result.report.read_text())
    assert report["best"]["mrr"] == result.best.mrr == max(t.mrr for t in result.trials if t.state == "complete")
    assert {s["name"] for s in report["space"]} == {s.name for s in SPACE}
    assert not (library / "checkpoints").exists()
    assert sorted(p.name for p in (library / "runs" / "made").iterdir() if p.name != ".lock") == [
        "sweep.journal",
        "sweep.json",
        "sweep.toml",
    ]


def test_the_recipe_gives_the_val_figure_of_the_best_trial(library: Path) -> None:
    result = sweep(library, "made", text="words", trials=4, config=SMALL)
    trained = train(library, "made", text="words", config=load_config(result.recipe))
    best = next(r for r in trained.history if r.epoch == trained.best_epoch)
    assert best.mean_mrr == pytest.approx(result.best.mrr, abs=1e-6)


def test_the_gain_is_split_into_what_lasts_and_selection_noise(library: Path) -> None:
    result = sweep(library, "made", text="words", trials=4, config=SMALL)
    found = result.optimism
    assert found is not None
    assert found.reference == pytest.approx(result.trials[0].mrr)
    assert found.best == pytest.approx(result.best.mrr)
    assert found.noise == pytest.approx(found.gain - found.expected_gain)
    assert any("selection noise" in line for line in result.lines())


def test_test_vectors_are_never_read(library: Path) -> None:
    before = numbers(sweep(library, "made", text="words", trials=2, config=SMALL).trials)
    path = library / "embeddings" / "audio" / "made" / "vectors.npy"
    data = bytearray(path.read_bytes())
    data[-6 * 24 * 2 :] = np.full(6 * 24, np.nan, np.float16).tobytes()
    path.write_bytes(data)
    (library / "runs" / "made" / "sweep.journal").unlink()
    assert numbers(sweep(library, "made", text="words", trials=2, config=SMALL).trials) == before


def test_carrying_on_keeps_what_was_done(library: Path) -> None:
    first = sweep(library, "made", text="words", trials=2, config=SMALL)
    more = sweep(library, "made", text="words", trials=4, config=SMALL)
    assert numbers(more.trials)[:2] == numbers(first.trials)
    assert len(more.trials) == 4
    again: list[Trial] = []
    assert len(sweep(library, "made", text="words", trials=4, config=SMALL, on_trial=again.append).trials) == 4
    assert again == []


def test_a_trial_that_was_interrupted_is_made_again(library: Path) -> None:
    def stop(trial: Trial) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sweep(library, "made", text="words", trials=3, config=SMALL, on_trial=stop)
    import optuna

    journal = optuna.storages.journal.JournalFileBackend(str(library / "runs" / "made" / "sweep.journal"))
    study = optuna.load_study(study_name="sweep", storage=optuna.storages.JournalStorage(journal))
    left = study.ask()
    lost = [swept.drawn(left) for swept in space_for(resolve_from_data(SMALL, 40))]
    result = sweep(library, "made", text="words", trials=2, config=SMALL)
    assert [t.state for t in result.trials] in (["complete", "complete"], ["complete", "pruned"])
    assert list(result.trials[1].settings.values()) == lost


def test_the_same_seed_proposes_the_same_settings(library: Path) -> None:
    first = numbers(sweep(library, "made", text="words", trials=3, config=SMALL).trials)
    (library / "runs" / "made" / "sweep.journal").unlink()
    assert numbers(sweep(library, "made", text="words", trials=3, config=SMALL).trials) == first
    (library / "runs" / "made" / "sweep.journal").unlink()
    assert numbers(sweep(library, "made", text="words", trials=3, config=SMALL, seed=1).trials) != first


def test_no_time_still_gives_one_complete_trial(library: Path) -> None:
    result = sweep(library, "made", text="words", trials=9, minutes=0, config=SMALL)
    assert len(result.trials) == 1
    assert result.optimism is None


def test_hopeless_trials_are_given_up(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def pretended(bench: object, config: TrainConfig, on_epoch: Callable[[object], None]) -> Scores:
        good = 0.5 if next(made) < 6 else 0.1
        for epoch in range(1, 9):
            on_epoch(SimpleNamespace(epoch=epoch, mean_mrr=good))
        two = np.array([good, good])
        return Scores(t2a=two, a2t=two, captions=np.ones(2), tracks=np.ones(2))

    made = itertools.count()
    monkeypatch.setattr("antiphon.align.sweep.search._trained", pretended)
    result = sweep(library, "made", text="words", trials=8, config=replace(SMALL, epochs=8))
    assert [t.state for t in result.trials] == ["complete"] * 6 + ["pruned"] * 2
    assert [t.epochs for t in result.trials[6:]] == [WARMUP_EPOCHS] * 2
    assert result.best.number == 0
    assert "2 given up early" in result.lines()[0]


def test_a_trial_that_diverges_is_told_and_the_sweep_goes_on(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def pretended(bench: object, config: TrainConfig, on_epoch: Callable[[object], None]) -> Scores:
        if next(made) == 1:
            raise ConfigError("Training diverged in epoch 1.")
        return Scores(t2a=np.ones(2), a2t=np.ones(2), captions=np.ones(2), tracks=np.ones(2))

    made = itertools.count()
    monkeypatch.setattr("antiphon.align.sweep.search._trained", pretended)
    result = sweep(library, "made", text="words", trials=3, config=SMALL)
    assert [t.state for t in result.trials] == ["complete", "failed", "complete"]
    assert result.trials[1].problem == "Training diverged in epoch 1."


def test_a_sweep_of_other_settings_is_not_mixed_in(library: Path) -> None:
    sweep(library, "made", text="words", trials=1, config=SMALL)
    with pytest.raises(ConfigError, match=r"a sweep of other config(.|\n)*delete"):
        sweep(library, "made", text="words", trials=2, config=replace(SMALL, epochs=3))


def test_joined_encoders_can_be_swept(tmp_path: Path) -> None:
    pytest.importorskip("optuna")
    make_library(tmp_path, names=("one", "two"))
    assert sweep(tmp_path, "one+two", text="words", trials=1, config=SMALL).best.number == 0


def test_without_val_there_is_nothing_to_judge_by(tmp_path: Path) -> None:
    pytest.importorskip("optuna")
    make_library(tmp_path, val=0)
    with pytest.raises(LibraryError, match="no val split"):
        sweep(tmp_path, "made", text="words", trials=1)


@pytest.mark.parametrize("budget", [{"trials": 0}, {"trials": 1, "minutes": -1.0}])
def test_a_budget_of_nothing_is_refused(tmp_path: Path, budget: dict[str, float]) -> None:
    pytest.importorskip("optuna")
    with pytest.raises(ConfigError, match="tries nothing"):
        sweep(tmp_path, "made", **budget)


def test_without_optuna_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *args: object, **more: object) -> object:
        if name == "optuna":
            raise ImportError(name)
        return real(name, *args, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ConfigError, match=r"antiphon\[sweep\]"):
        sweep(tmp_path, "made")


def test_the_space_holds_the_base_settings() -> None:
    base = resolve_from_data(TrainConfig(lr=0.1, dim=64, weight_decay=0.0), 500)
    space = {swept.name: swept for swept in space_for(base)}
    assert space["lr"].high == 0.1
    assert 64 in space["dim"].choices
    assert (space["weight_decay"].low, space["weight_decay"].log) == (0.0, False)
    assert space["temperature"].low == 0.03
    assert Swept(name="x", low=1, high=2).holding(1.5) == Swept(name="x", low=1, high=2)


def test_settings_without_meaning_are_not_swept() -> None:
    base = resolve_from_data(TrainConfig(loss="siglip", audio_head="identity"), 500)
    assert {swept.name for swept in space_for(base)}.isdisjoint({"soft_weight", "audio_head", "dim", "closed_form"})


def test_closed_forms_are_tried_with_and_without() -> None:
    for asked, tried in (("auto", ("auto", "none")), ("cca", ("cca", "none")), ("none", ("auto", "none"))):
        space = {swept.name: swept for swept in space_for(resolve_from_data(TrainConfig(closed_form=asked), 40))}
        assert space["closed_form"].choices == tried


def test_every_setting_of_a_sweep_can_be_trained_with(library: Path) -> None:
    """Each choice alone, put into the base settings, ends in a complete first trial."""
    for name, values in (("closed_form", ("none", "cca")),):
        for value in values:
            base = replace(SMALL, epochs=1, **{name: value})
            (trial,) = sweep(library, "made", text="words", trials=1, config=base).trials
            assert (trial.state, trial.settings[name]) == ("complete", value)
            (library / "runs" / "made" / "sweep.journal").unlink()


def test_what_is_left_to_the_data_is_chosen_anew_in_each_trial(library: Path) -> None:
    bench = _bench(library, "made", "words", SMALL, None)
    assert bench.base.hubness == "always"
    assert bench.settings({"closed_form": "none"}).hubness == "none"
    fixed = _bench(library, "made", "words", replace(SMALL, hubness="always"), None)
    assert fixed.settings({"closed_form": "none"}).hubness == "always"
    assert bench.settings({swept.name: getattr(bench.base, swept.name) for swept in bench.space}) == bench.base
