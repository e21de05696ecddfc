"""LoRA in the upper layers of a text encoder, through the library peft."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from antiphon.align.checkpoint.adapter import Adapter
from antiphon.align.config import TrainConfig
from antiphon.errors import ConfigError

ATTENTION = ("query", "value", "q", "v", "q_proj", "v_proj")
"""Last part of the names of attention's query and value maps in the transformers that can be taken apart."""

ALPHA = 2.0
"""How many times an addition counts: alpha is twice the rank, as in the published fine-tunings of text encoders."""
DROPOUT = 0.1
"""Share of an addition's inputs dropped in training."""


def peft_library() -> Any:
    """The module peft.

    Raises
    ------
    ConfigError : it is not installed.
    """
    try:
        import peft
    except ImportError as error:
        raise ConfigError(
            "Fine-tuning the text encoder needs peft, which is not installed.", fix="pip install 'antiphon[finetune]'"
        ) from error
    return peft


def put_lora(upper: nn.Module, config: TrainConfig) -> list[nn.Parameter]:
    """Put low-rank additions into ``upper``, in place; they start out as nothing.

    Parameters
    ----------
    upper : layers of a text encoder; all of its own weights are frozen.
    config : gives rank, which maps, and the seed of the initial weights.

    Returns
    -------
    The parameters that learn, in a fixed order.

    Raises
    ------
    ConfigError : peft is not installed, or the layers have no maps of that kind.
    """
    linear = [name for name, module in upper.named_modules() if isinstance(module, nn.Linear)]
    if config.finetune_targets == "attention":
        linear = [name for name in linear if name.rpartition(".")[2] in ATTENTION]
    if not linear:
        raise ConfigError(
            "No linear map of the text encoder is called query or value, in any of the spellings that are known.",
            fix='In the file of settings: finetune_targets = "all"   (antiphon train --config FILE.toml)',
        )
    settings = peft_library().LoraConfig(
        r=config.finetune_rank,
        lora_alpha=ALPHA * config.finetune_rank,
        lora_dropout=DROPOUT,
        target_modules=linear,
        bias="none",
    )
    upper.requires_grad_(False)
    with torch.random.fork_rng([]):
        torch.manual_seed(config.seed)
        peft_library().inject_adapter_in_model(settings, upper)
    return [parameter for parameter in upper.parameters() if parameter.requires_grad]


def adapter_of(upper: nn.Module, *, lower: int) -> Adapter:
    """What has been learned so far, as a value of its own.

    Parameters
    ----------
    upper : after :func:`put_lora`.
    lower : layers below it.
    """
    weights = {}
    for name, module in upper.named_modules():
        if hasattr(module, "lora_A") and "default" in module.lora_A:
            a, b = (getattr(module, part)["default"].weight.detach().cpu().clone() for part in ("lora_A", "lora_B"))
            weights[name] = (a, b)
    return Adapter(lower=lower, scale=ALPHA, weights=weights)
