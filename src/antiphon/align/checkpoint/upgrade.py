"""Checkpoints of earlier formats, brought to the present one: they embed and score as they did.

Format 1 (until 25 November 2026)
    Settings that have left are dropped, settings that came later stand for what happened without them. Kinds of head
    and their parts get their present names. Heads with ``copies`` (parallel projections, a mean of cosines) become an
    ensemble of as many heads of equal weight. What it takes to go on with a training is dropped: the loop is another
    one now.
Format 2 (until 27 November 2026)
    Had no heads of kind ``"linear_cca"``; nothing in it is changed. The number says to an earlier Antiphon that a
    checkpoint is of a later one, which it would take for a damaged file.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from antiphon.align.config import TEMPERATURE_MAX, TEMPERATURE_MIN, TrainConfig
from antiphon.align.removed_settings import RENAMED
from antiphon.layout import Layout

FORMAT = 3
WITHOUT: dict[str, Any] = {"hubness": "none", "caption_phrases": 0.0}
"""What a setting stood for in checkpoints of format 1 that were made before there was one."""
PRESENT_NAMES = {"closed_form_share": "closed_form_weight", "frozen_share": "frozen_weight"}
"""Figures in ``val`` that were called otherwise."""
_SOURCES = re.compile(r"^parts\.")
State = dict[str, Any]
Weights = dict[str, Tensor]


def upgraded(state: State) -> State:
    """A checkpoint's content in the present format, from any format that was ever written."""
    steps: dict[int, Callable[[State], State]] = {1: _from_1, 2: _from_2}
    while state["format"] < FORMAT:
        state = steps[state["format"]](state)
    return {**state, "config": {"caption_kinds": "human", **state["config"]}}  # there were no others


def _from_1(state: State) -> State:
    weights: Weights = {key: value for key, value in state["weights"].items() if "." not in key}
    specs = {}
    for side in ("audio", "text"):
        specs[f"{side}_head"], own = _present_head(state[f"{side}_head"], _below(side, state["weights"]))
        weights |= {f"{side}.{key}": value for key, value in own.items()}
    return {
        **{key: value for key, value in state.items() if key != "training"},
        **specs,
        "format": 2,
        "weights": weights,
        "config": _config(state),
        "val": {PRESENT_NAMES.get(key, key): value for key, value in state["val"].items()},
        "train_ids": state["train_ids"] if isinstance(state["train_ids"], str) else json.dumps(state["train_ids"]),
    }


def _from_2(state: State) -> State:
    return {**state, "format": 3}


def _config(state: State) -> State:
    there = {**WITHOUT, **{RENAMED.get(key, key): value for key, value in state["config"].items()}}
    if there["hubness"] == "auto":
        there["hubness"] = "always" if "hubness" in state else "none"
    if there["temperature"] is not None:  # where training started, perhaps within bounds of its own
        there["temperature"] = min(max(there["temperature"], TEMPERATURE_MIN), TEMPERATURE_MAX)
    known = {item.name for item in dataclasses.fields(TrainConfig)}
    return {key: value for key, value in there.items() if key in known}


def _present_head(spec: State, weights: Weights) -> tuple[State, Weights]:
    """A head's spec and weights, by its kind; parallel projections become an ensemble of heads."""
    if spec["kind"] == "late":
        return _members(spec, weights)
    common: State = {key: spec[key] for key in ("layout", "dim", "squash") if key in spec}
    if spec["kind"] == "kernel":
        sizes = {"landmarks": spec["landmarks"], "kernels": spec["kernels"], "forms": spec["copies"]}
        return {"kind": "kernel_cca", **common, **sizes}, weights
    own: State = {key: spec[key] for key in ("hidden", "dropout", "layers", "relevance") if key in spec}
    one: State = {"kind": spec["kind"], **common, **own}
    copies: int = spec.get("copies", 1)
    weights = {_SOURCES.sub("sources.", key): value for key, value in weights.items()}
    if copies == 1:
        return one, weights
    one |= {"dim": spec["dim"] // copies, "hidden": max(1, spec["hidden"] // copies)}
    return _ensemble(one, [_projection(weights, i) for i in range(copies)])


def _projection(weights: Weights, number: int) -> Weights:
    """Weights of one of several parallel projections: its own body, and what all of them share."""
    shared = {key: value for key, value in weights.items() if not key.startswith("body.")}
    return shared | {f"body.{key}": value for key, value in _below(f"body.{number}", weights).items()}


def _ensemble(member: State, weights: Sequence[Weights]) -> tuple[State, Weights]:
    """Members of one spec and equal weight, each of which reads the whole vector."""
    layout, n = Layout.flat(Layout.from_dict(member["layout"]).size), len(weights)
    spec = {"kind": "ensemble", "layout": layout.to_dict(), "dim": n * member["dim"], "members": [member] * n}
    found = {"weights": torch.full((n,), 1 / n)}
    found |= {"standardise.mean": torch.zeros(layout.size), "standardise.scale": torch.ones(layout.size)}
    for i, own in enumerate(weights):
        found |= {f"members.{i}.{key}": value for key, value in own.items()}
    return spec, found


def _members(spec: State, weights: Weights) -> tuple[State, Weights]:
    found = {key: value for key, value in weights.items() if not key.startswith("members.")}
    members = []
    for i, member in enumerate(spec["members"]):
        converted, own = _present_head(member, _below(f"members.{i}", weights))
        members.append(converted)
        found |= {f"members.{i}.{key}": value for key, value in own.items()}
    return {"kind": "ensemble", "layout": spec["layout"], "dim": spec["dim"], "members": members}, found


def _below(name: str, weights: Weights) -> Weights:
    """The weights of a submodule, by their names in it."""
    return {key.removeprefix(f"{name}."): value for key, value in weights.items() if key.startswith(f"{name}.")}
