"""Which encoder each --weights is for."""

from __future__ import annotations

from collections.abc import Sequence

from antiphon.encoders._shared.native import TEXT_SIDE, with_text_sides
from antiphon.errors import ConfigError


def weights_by_encoder(
    given: Sequence[str], revision: str | None, audio: Sequence[str], text: Sequence[str]
) -> dict[str, str | None]:
    """Encoder → weights, for those that have some of their own; a native text tower shares those of its audio side.

    Parameters
    ----------
    given : ``NAME=WEIGHTS``, or weights alone where one encoder is named.
    revision : of the one encoder that is named; it is then among the keys, with None where it has no weights given.
    audio, text : encoders that are named.

    Raises
    ------
    ConfigError : weights alone, or a revision, could be for several encoders; or an encoder has two.
    """
    found: dict[str, str | None] = {}
    alone = [item for item in given if not _names(item, (*audio, *text))]
    for item in given:
        if item in alone:
            continue
        name, _, weights = item.partition("=")
        _put(found, name, weights)
    if revision is not None and len(found):
        raise ConfigError(
            "--revision is for one encoder without a name before its weights.", fix="Pin it as NAME=ID@REVISION."
        )
    if alone or revision is not None:
        _put(found, _only(audio, text), alone[0] if alone else None)
        if len(alone) > 1:
            raise ConfigError(
                f"'{alone[1]}' is for no encoder.", fix=f"Put its name before it: {(*audio, *text)[0]}={alone[1]}"
            )
    return with_text_sides(found)


def _names(item: str, encoders: Sequence[str]) -> bool:
    name, equals, _ = item.partition("=")
    return bool(equals) and name in {*encoders, *(TEXT_SIDE[e] for e in encoders if e in TEXT_SIDE)}


def _put(found: dict[str, str | None], name: str, weights: str | None) -> None:
    if name in found:
        raise ConfigError(f"'{name}' has two weights: {found[name]} and {weights}.", fix="Leave one out.")
    found[name] = weights


def _only(audio: Sequence[str], text: Sequence[str]) -> str:
    if len(audio) == 1:
        return audio[0]
    if audio or len(text) != 1:
        raise ConfigError(
            "--weights and --revision without a name are for one encoder.",
            fix="Put the names before them: --encoder muq mert --weights muq=DIR mert=DIR",
        )
    return text[0]
