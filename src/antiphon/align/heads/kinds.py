"""Every kind of head by name: what a spec is built into, and what a checkpoint's words stand for."""

from __future__ import annotations

from typing import Any

from antiphon.align.heads.ensemble_head import EnsembleHead
from antiphon.align.heads.head import Head, HeadSpec
from antiphon.align.heads.kernel_head import KernelHead
from antiphon.align.heads.linear_cca_head import LinearCCAHead
from antiphon.align.heads.projection_head import IdentityHead, LinearHead, MLPHead
from antiphon.errors import ConfigError
from antiphon.layout import Layout

KINDS: dict[str, type[Head]] = {
    "linear": LinearHead,
    "mlp": MLPHead,
    "identity": IdentityHead,
    "kernel_cca": KernelHead,
    "linear_cca": LinearCCAHead,
    "ensemble": EnsembleHead,
}


def make_head(spec: HeadSpec) -> Head:
    """The head of a spec; initial weights come from torch's global generator.

    Raises
    ------
    ConfigError : no such kind, or the spec does not fit together.
    """
    return _kind(spec.kind)(spec, *map(make_head, spec.members))


def spec_from_dict(data: dict[str, Any]) -> HeadSpec:
    """Inverse of :meth:`antiphon.align.heads.head.HeadSpec.to_dict`.

    Raises
    ------
    ConfigError : no such kind.
    """
    members = tuple(spec_from_dict(member) for member in data.get("members", ()))
    fields = {**data, "layout": Layout.from_dict(data["layout"]), "members": members}
    return _kind(data["kind"]).spec_type(**fields)


def _kind(name: str) -> type[Head]:
    if name not in KINDS:
        raise ConfigError(f"Unknown head '{name}'.", fix=f"Kinds of head: {', '.join(KINDS)}.")
    return KINDS[name]
