import math

import pytest

from antiphon.align.data.prefetch import prefetch
from antiphon.align.training.schedule import TrainingProgress, learning_rate


def rates(total: int, **more: float) -> list[float]:
    return [learning_rate(s, total, **{"peak": 1.0, "warmup": 0.2, "final": 0.1, **more}) for s in range(total)]


def test_the_rate_rises_in_a_line_and_falls_in_half_a_cosine() -> None:
    values = rates(20)
    assert values[:4] == pytest.approx([0.2, 0.4, 0.6, 0.8])
    assert values[4] == 1.0
    assert values[-1] == pytest.approx(0.1)
    assert values[12] == pytest.approx(0.1 + 0.9 * 0.5 * (1 + math.cos(math.pi * 8 / 15)))
    assert values[4:] == sorted(values[4:], reverse=True)


@pytest.mark.parametrize("total", [1, 2, 3])
def test_very_short_trainings_have_positive_rates(total: int) -> None:
    assert all(0 < rate <= 1 for rate in rates(total))


def test_the_best_r1_is_kept_and_mrr_decides_a_tie() -> None:
    progress = TrainingProgress()
    for r1, mrr in [(10.0, 0.2), (10.0, 0.25), (10.0, 0.25), (9.0, 0.5)]:
        progress = progress.after(step=1, r1=r1, mrr=mrr, loss=1.0)
    assert progress.best_r1_epoch == 2
    assert progress.best_loss_epoch == 1
    assert progress.best_mrr == 0.5


def test_patience_counts_epochs_without_a_better_mrr() -> None:
    progress = TrainingProgress()
    for mrr in (0.1, 0.2, 0.2, 0.15):
        progress = progress.after(step=1, r1=1.0, mrr=mrr, loss=1.0)
    assert progress.stale == 2
    assert progress.should_stop(2)
    assert not progress.should_stop(3)
    assert not progress.should_stop(0)


def test_without_val_the_latest_epoch_is_the_best() -> None:
    progress = (
        TrainingProgress().after(step=1, r1=None, mrr=None, loss=None).after(step=2, r1=None, mrr=None, loss=None)
    )
    assert (progress.best_r1_epoch, progress.best_loss_epoch, progress.should_stop(1)) == (2, 2, False)


def test_progress_survives_the_checkpoint() -> None:
    progress = TrainingProgress().after(step=3, r1=5.0, mrr=0.1, loss=2.0)
    assert TrainingProgress.from_dict(progress.to_dict()) == progress


def test_prefetch_keeps_order_and_hands_errors_over() -> None:
    assert list(prefetch(iter(range(50)))) == list(range(50))

    def broken():
        yield 1
        raise OSError("disk gone")

    items = prefetch(broken())
    assert next(items) == 1
    with pytest.raises(OSError, match="disk gone"):
        next(items)


def test_leaving_a_prefetch_early_stops_its_thread() -> None:
    made = []
    items = prefetch((made.append(i) or i for i in range(1000)), depth=2)
    assert next(items) == 0
    items.close()
    assert len(made) < 10
