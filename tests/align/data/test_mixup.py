import numpy as np
import pytest
import torch

from antiphon.align.config import TrainConfig
from antiphon.align.mixup import mix_pairs
from antiphon.errors import ConfigError


def test_both_sides_are_mixed_with_the_same_partner_by_the_same_share() -> None:
    audio, text = torch.randn(6, 4), torch.randn(6, 3)
    torch.manual_seed(3)
    sound, words = mix_pairs(audio, text, 1.0)
    torch.manual_seed(3)
    draw = float(torch.distributions.Beta(1.0, 1.0).sample())
    share = max(draw, 1 - draw)
    partner = torch.randperm(6)
    for i in range(6):  # the obvious way
        j = int(partner[i])
        torch.testing.assert_close(sound[i], share * audio[i] + (1 - share) * audio[j])
        torch.testing.assert_close(words[i], share * text[i] + (1 - share) * text[j])


def test_a_pair_remains_mostly_itself() -> None:
    same = torch.eye(5)
    for seed in range(20):
        torch.manual_seed(seed)
        mixed, _ = mix_pairs(same, same, 0.5)
        assert (mixed.diagonal() >= 0.5).all()
        np.testing.assert_allclose(mixed.sum(1), 1.0, rtol=1e-6)


def test_mixup_with_all_captions_is_refused() -> None:
    with pytest.raises(ConfigError, match="one caption a track"):
        TrainConfig(mixup=1.0, captions="all")
