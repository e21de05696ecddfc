"""Which split a name means. Names are read together: beside "validation", "development" is what one trains on."""

from __future__ import annotations

from collections.abc import Iterable

NAMES = {
    **dict.fromkeys(("train", "training", "tr", "trn"), "train"),
    **dict.fromkeys(("val", "validation", "valid", "validate", "dev", "devel", "development"), "val"),
    **dict.fromkeys(("test", "testing", "tst", "evaluation", "eval", "holdout", "heldout", "hidden"), "test"),
}
DEVELOPMENT = ("dev", "devel", "development")
EVALUATION = ("eval", "evaluation")
_SUFFIXES = ("set", "split", "data")


def split_name(text: str) -> str | None:
    """ "train", "val" or "test" for any usual name of it, None for anything else."""
    return NAMES.get(_plain(text))


def name_splits(names: Iterable[str]) -> dict[str, str]:
    """The split that each name of one manifest means; names that mean none are left out.

    "development" is val where there is a training set, and train where "validation" stands beside it and nothing else
    to train on does (Clotho, DCASE). "eval" is test, and val where "test" stands beside it and no other val does.

    Parameters
    ----------
    names : all that the manifest uses.
    """
    plain = {name: _plain(name) for name in names}
    known = {short for short in plain.values() if short in NAMES}
    means = {short: NAMES[short] for short in known}
    others = {short for short in known if short not in (*DEVELOPMENT, *EVALUATION)}
    has = {NAMES[short] for short in others}
    if "val" in has and "train" not in has:
        means.update({short: "train" for short in known if short in DEVELOPMENT})
    elif "train" not in has and {"val", "test"} - has and known & {"development"} and known & {"evaluation"}:
        means["development"] = "train"
    if "test" in has and "val" not in {means[short] for short in known if short not in EVALUATION}:
        means.update({short: "val" for short in known if short in EVALUATION})
    return {name: means[short] for name, short in plain.items() if short in means}


def _plain(text: str) -> str:
    short = text.strip().casefold().replace("-", "").replace("_", "").replace(" ", "")
    for suffix in _SUFFIXES:
        if short.endswith(suffix) and short[: -len(suffix)] in NAMES:
            return short[: -len(suffix)]
    return short
