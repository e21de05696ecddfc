"""Settings of a training run: one frozen object, read from TOML, checked before anything else happens.

Every setting's meaning, range and default stand in one place, the fields of :class:`TrainConfig`. Settings whose
default is None are chosen by :func:`antiphon.align.training.defaults.resolve_from_data` from the training data.
"""

from __future__ import annotations

import dataclasses
import difflib
import sys
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from typing import Any, get_type_hints

from antiphon.align.losses.find import LOSSES
from antiphon.align.removed_settings import REMOVED, RENAMED
from antiphon.errors import ConfigError
from antiphon.library.captions import KINDS

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib  # type: ignore[import-not-found, unused-ignore]

FORMAT = 1
"""Of a file of settings; one without a number, as a person writes it, has this."""
TRACKERS = ("trackio", "wandb")
"""Trackers that curves can be sent to, beside TensorBoard, which is always there."""
TEMPERATURE_MIN, TEMPERATURE_MAX = 0.01, 0.5
"""The temperature is held between: CLIP's lower bound (Radford et al. 2021), and one above which nothing is learned."""


def _setting(
    default: Any,
    doc: str,
    *,
    low: float | None = None,
    high: float | None = None,
    choices: tuple[str, ...] | None = None,
) -> Any:
    """A field with its documentation and inclusive range."""
    return field(default=default, metadata={"doc": doc, "low": low, "high": high, "choices": choices})


@dataclass(frozen=True, kw_only=True)
class TrainConfig:
    """How heads are trained. Each field's documentation, range and default are its declaration below.

    Raises
    ------
    ConfigError : a value has the wrong type or is out of range; the message names both.
    """

    epochs: int = _setting(
        20,
        "epochs at most; early stopping may end sooner. 0: closed forms alone, no heads are trained",
        low=0,
        high=100_000,
    )
    epoch_steps: int = _setting(
        5,
        "optimizer steps an epoch has at least; it passes over all training tracks as often as that takes",
        low=1,
        high=1_000_000,
    )
    batch_size: int | None = _setting(
        None, "tracks that meet in one step; by default all of them up to 1,024", low=2, high=10_000_000
    )
    caption_kinds: str | None = _setting(
        None,
        "kinds of captions to learn from; by default people's, with those that Antiphon made where a quick look "
        "inside the training split finds that they help",
        choices=tuple("+".join(some) for n in (1, 2, 3) for some in combinations(KINDS, n)),
    )
    caption_phrases: float | None = _setting(
        None, "chance that a drawn caption is replaced by one of its phrases (tag, clause, sentence)", low=0.0, high=1.0
    )
    audio_head: str = _setting(
        "mlp",
        "kind of the audio head; identity projects text into the audio encoder's own space",
        choices=("linear", "mlp", "identity"),
    )
    text_head: str = _setting("mlp", "kind of the text head", choices=("linear", "mlp"))
    layers: str = _setting(
        "mixture",
        "of audio vectors with several layers, use one learned weighted mean of them, or all side by side",
        choices=("mixture", "all"),
    )
    dim: int = _setting(
        256, "size of the shared space (with an identity audio head it is the encoder's)", low=2, high=65_536
    )
    hidden: int = _setting(512, "width inside a residual MLP head", low=2, high=65_536)
    closed_form: str = _setting(
        "auto",
        "CCA (kernel, linear) beside the heads, weight .85 unless val prefers another; auto: not with identity heads",
        choices=("auto", "cca", "none"),
    )
    hubness: str | None = _setting(
        None,
        "lower the scores of tracks that are near to everything (hubs), by a reference from the training split",
        choices=("none", "always"),
    )
    dropout: float | None = _setting(
        None, "probability that an input or a hidden unit is dropped in training", low=0.0, high=0.95
    )
    lr: float = _setting(3e-3, "AdamW's learning rate after warm-up", low=1e-8, high=10.0)
    weight_decay: float | None = _setting(None, "AdamW's decoupled weight decay (weights only)", low=0.0, high=100.0)
    loss: str = _setting("infonce", "contrastive loss", choices=tuple(LOSSES))
    temperature: float | None = _setting(
        None,
        "temperature of the loss (1/scale) at the start; then it is learned",
        low=TEMPERATURE_MIN,
        high=TEMPERATURE_MAX,
    )
    soft_weight: float | None = _setting(
        None, "fraction of the InfoNCE target that follows text-to-text similarity", low=0.0, high=0.95
    )
    patience: int = _setting(
        15, "epochs without a better mean-of-directions val MRR before stopping; 0 never stops", low=0, high=100_000
    )
    seed: int = _setting(0, "seed of initial weights, batches and dropout", low=0, high=2**31 - 1)
    precision: str = _setting(
        "auto",
        "arithmetic of the matrix products; auto: bfloat16 where the processor is faster in it",
        choices=("auto", "float32", "bfloat16"),
    )
    device: str = _setting("auto", "torch device; auto: a GPU where there is one")
    memory_gb: float = _setting(
        4.0, "training vectors up to this size (GB) are held in memory, larger ones read as needed", low=0.0, high=1e6
    )
    log_to: tuple[str, ...] = _setting(
        (), "where curves are drawn beside TensorBoard; wandb stays offline unless WANDB_MODE=online", choices=TRACKERS
    )
    finetune_text: str = _setting(
        "none",
        "after training on frozen text vectors, fine-tune the text encoder by low-rank additions (LoRA)",
        choices=("none", "lora"),
    )
    finetune_epochs: int = _setting(10, "epochs of fine-tuning at most", low=1, high=100_000)
    finetune_lr: float = _setting(1e-3, "AdamW's learning rate of the low-rank additions", low=1e-8, high=1.0)
    finetune_rank: int = _setting(8, "rank of the low-rank additions", low=1, high=1024)
    finetune_layers: int = _setting(
        3, "upper layers of the text encoder that learn; the outputs of those below are computed once", low=1, high=1000
    )
    finetune_targets: str = _setting(
        "attention",
        "what learns in each layer: attention's query and value, or all linear maps",
        choices=("attention", "all"),
    )

    def __post_init__(self) -> None:
        hints = get_type_hints(type(self))
        for item in dataclasses.fields(self):
            object.__setattr__(self, item.name, _checked(item, hints[item.name], getattr(self, item.name)))
        if self.epochs == 0 and (self.closed_form == "none" or self.audio_head == "identity"):
            raise ConfigError(
                "epochs = 0 means closed forms alone, and these settings have none.",
                fix='Put closed_form = "cca" and audio_head = "mlp", or train for some epochs.',
            )
        if self.epochs == 0 and self.finetune_text != "none":
            raise ConfigError("Fine-tuning starts from trained heads, and epochs is 0.", fix="Put epochs = 20.")
        if self.hubness == "always" and self.audio_head == "identity":
            raise ConfigError("An identity audio head leaves tracks as they are.", fix='Put hubness = "none".')

    @property
    def planned_epochs(self) -> int:
        """Epochs of this training at most: those of fine-tuning where the text encoder learns."""
        return self.epochs if self.finetune_text == "none" else self.finetune_epochs

    def to_dict(self) -> dict[str, Any]:
        """Plain values by name, as JSON and TOML have them: equal to what is read back from a file."""
        return {
            name: list(value) if isinstance(value, tuple) else value for name, value in dataclasses.asdict(self).items()
        }


NAMES = [item.name for item in dataclasses.fields(TrainConfig)]
"""All settings, in the order in which they are documented."""


def allowed(item: dataclasses.Field[Any]) -> str:
    """The range of a setting in words: ``"1 … 100"``, ``"linear, mlp"``."""
    data = item.metadata
    if data["choices"]:
        return ", ".join(data["choices"])
    return "any" if data["low"] is None else f"{data['low']:g} … {data['high']:g}"


def _checked(item: dataclasses.Field[Any], hint: Any, value: Any) -> Any:
    optional = "None" in str(hint)
    if str(hint).startswith("tuple"):
        return _checked_names(item, value)
    wanted = str(hint).replace(" | None", "").replace("<class '", "").replace("'>", "")
    if value is None and optional:
        return None
    if wanted == "float" and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if type(value).__name__ != wanted:
        raise ConfigError(
            f"{item.name} has to be of type {wanted}, not {value!r}.", fix=f"Allowed: {allowed(item)} ({wanted})."
        )
    low, high, choices = item.metadata["low"], item.metadata["high"], item.metadata["choices"]
    if (choices and value not in choices) or (low is not None and not low <= value <= high):
        raise ConfigError(f"{item.name} is {value!r}, out of range.", fix=f"Allowed: {allowed(item)}.")
    return value


def _checked_names(item: dataclasses.Field[Any], value: Any) -> tuple[str, ...]:
    """A list of choices, each once, in the order in which they are documented."""
    choices = item.metadata["choices"]
    if not isinstance(value, list | tuple) or not all(isinstance(each, str) for each in value):
        raise ConfigError(
            f"{item.name} has to be a list of names, not {value!r}.", fix=f'Write {item.name} = ["{choices[0]}"].'
        )
    unknown = [each for each in value if each not in choices]
    if unknown:
        raise ConfigError(f"{item.name} has '{unknown[0]}', which is not known.", fix=f"Known: {', '.join(choices)}.")
    return tuple(each for each in choices if each in value)


def config_from_dict(values: dict[str, Any], *, source: str = "the settings") -> TrainConfig:
    """Settings by name; what is not named keeps its default.

    Raises
    ------
    ConfigError : an unknown name (the nearest valid one is given), a wrong type, or a value out of range.
    """
    unknown = [key for key in values if key not in NAMES]
    if unknown:
        raise _refusal(unknown, source)
    try:
        return TrainConfig(**values)
    except ConfigError as error:
        raise ConfigError(f"In {source}: {error.problem}", fix=error.fix) from None


def _refusal(unknown: list[str], source: str) -> ConfigError:
    left = [key for key in unknown if key in REMOVED]
    if len(left) == 1:
        return ConfigError(
            f"In {source}: the setting '{left[0]}' has left: {REMOVED[left[0]]}.", fix="Delete its line."
        )
    if left:
        lines = "".join(f"\n  {key}: {REMOVED[key]}" for key in left)
        return ConfigError(f"In {source}: {len(left)} settings have left.{lines}", fix="Delete their lines.")
    if unknown[0] in RENAMED:
        now = RENAMED[unknown[0]]
        return ConfigError(f"In {source}: '{unknown[0]}' is called '{now}' now.", fix=f"Write {now}.")
    near = difflib.get_close_matches(unknown[0], NAMES, n=1, cutoff=0.0)[0]
    return ConfigError(
        f"Unknown setting '{unknown[0]}' in {source}. Did you mean '{near}'?", fix=f"Settings: {', '.join(NAMES)}."
    )


def load_config(path: Path) -> TrainConfig:
    """Read settings from a TOML file of ``name = value`` lines.

    Raises
    ------
    ConfigError : the file cannot be read, has a later format, or :func:`config_from_dict` refuses it.
    """
    try:
        values = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise ConfigError(f"{path} cannot be read as TOML: {error}") from error
    number = values.pop("format", FORMAT)
    if number != FORMAT:
        said = f"{path} has format {number!r}; this version of Antiphon reads format {FORMAT}."
        raise ConfigError(said, fix="Use the version that wrote it, or a later one.")
    return config_from_dict(values, source=str(path))


def to_toml(config: TrainConfig) -> str:
    """The format, then all settings with their meaning as comments; :func:`load_config` reads back an equal object."""
    lines = [f"format = {FORMAT}"]
    for item in dataclasses.fields(config):
        value = getattr(config, item.name)
        lines.append(f"# {item.metadata['doc']} ({allowed(item)})")
        lines.append(f"# {item.name} = chosen from the data" if value is None else f"{item.name} = {_literal(value)}")
    return "\n".join(lines) + "\n"


def _literal(value: Any) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(_literal(each) for each in value)}]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return repr(value)


def differing(old: TrainConfig, new: TrainConfig) -> list[str]:
    """Names of the settings that are not the same in both."""
    return [item.name for item in dataclasses.fields(old) if getattr(old, item.name) != getattr(new, item.name)]
