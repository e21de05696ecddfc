"""How a sentence model asks to be used: what is done with its token vectors, and what stands before a text.

Both come from the model's own files, as sentence-transformers writes them: ``modules.json`` with the folder of its
pooling, and the prompts in ``config_sentence_transformers.json``. Some well-known models ask for prompts on their card
only; those stand here. A folder that does not say how its token vectors become one vector is refused:
sentence-transformers would take their mean, and a model that was trained on its last token then finds next to nothing.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from antiphon.errors import EncoderError
from antiphon.registry import TextPooling

POOLINGS: tuple[TextPooling, ...] = get_args(TextPooling)
THEIRS: dict[str, str] = {"mean": "mean", "cls": "cls", "last": "lasttoken"}
OURS = {theirs: ours for ours, theirs in THEIRS.items()}
"""How sentence-transformers spells a pooling."""
DOCUMENT = ("document", "passage", "corpus")
"""Names that models give to the prompt before what is searched."""
TASK = "Given a description of music, retrieve the tracks that it fits"


@dataclass(frozen=True, kw_only=True)
class Prompts:
    """What stands before a text.

    Parameters
    ----------
    caption : before a caption, which is what a search looks through ("document", "passage").
    query : before what somebody searches for.
    """

    caption: str = ""
    query: str = ""


ASKED_ON_THE_CARD = (
    (r"(multilingual-)?e5-(small|base|large)(-v2)?", Prompts(caption="passage: ", query="query: ")),
    (r"multilingual-e5-large-instruct", Prompts(query=f"Instruct: {TASK}\nQuery: ")),
    (r"qwen3-embedding-[0-9.]+b", Prompts(query=f"Instruct: {TASK}\nQuery:")),
)
"""Name of a model, its owner left out → prompts, where the model's own files have none."""


def pooling_to_add(folder: Path, stated: TextPooling | None) -> TextPooling | None:
    """The pooling that a model's files lack and the user states; None where the files have their own.

    Parameters
    ----------
    folder : the model's files.
    stated : by the user; None for what the files say.

    Raises
    ------
    EncoderError : neither the files nor the user say it, or they contradict one another.
    """
    modules = _read(folder / "modules.json")
    if modules is None and not (folder / "config.json").is_file():
        raise EncoderError(
            f"{folder} holds no model: it has neither modules.json nor config.json.",
            fix="Name a hub id, or the folder of a sentence-transformers model.",
        )
    own = _own_pooling(folder, modules)
    if own == "" and stated is None:
        wanting = "no modules.json" if modules is None else "no pooling in its modules.json"
        raise EncoderError(
            f"{folder} does not say how token vectors become one vector of a text: it has {wanting}.",
            fix=f"If it is a sentence model, its card says it: add --pooling {', '.join(POOLINGS[:-1])} or "
            f"{POOLINGS[-1]}. With another pooling than in its training a model finds next to nothing.",
        )
    if own and stated not in (None, own):
        raise EncoderError(
            f"{folder} has a pooling of its own, {own}; --pooling {stated} contradicts it.", fix="Leave --pooling out."
        )
    return stated if own == "" else None


def prompts_of(folder: Path, name: str) -> Prompts:
    """What a model wants before a text: by its files, else by its card if it is a well-known one, else nothing.

    Parameters
    ----------
    folder : the model's files.
    name : its hub id, or its folder's path, of which the last part counts.
    """
    settings = _read(folder / "config_sentence_transformers.json") or {}
    own: dict[str, str] = {key: text for key, text in (settings.get("prompts") or {}).items() if text}
    if own:
        usual = own.get(settings.get("default_prompt_name") or "", "")
        caption = next((own[key] for key in DOCUMENT if key in own), usual)
        return Prompts(caption=caption, query=own.get("query", usual))
    known = name.rstrip("/").rpartition("/")[2].lower()
    return next((asked for form, asked in ASKED_ON_THE_CARD if re.fullmatch(form, known)), Prompts())


def _own_pooling(folder: Path, modules: Any) -> str:
    """The pooling by a model's files; "" where they leave the vectors of tokens as they are."""
    kinds = {str(module.get("type")).rpartition(".")[2]: str(module.get("path")) for module in modules or ()}
    if "Pooling" not in kinds:
        return "" if not kinds or "Transformer" in kinds else "of another kind"
    settings = _read(folder / kinds["Pooling"] / "config.json") or {}
    until_2025 = [key for key, value in settings.items() if key.startswith("pooling_mode_") and value is True]
    named = settings.get("pooling_mode") or [key.removeprefix("pooling_mode_") for key in until_2025]
    found = [named] if isinstance(named, str) else named
    return " and ".join(OURS.get(name.removesuffix("_tokens").removesuffix("_token"), name) for name in found)


def _read(path: Path) -> Any:
    """A JSON file's content; None where there is no such file.

    Raises
    ------
    EncoderError : it is damaged.
    """
    if not path.is_file():
        return None
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise EncoderError(f"{path} cannot be read: {error}", fix="Download the model again.") from error
