"""How a sentence model asks to be used: what is done with its token vectors, and what stands before a text.

Both come from the model's own files, as sentence-transformers writes them: ``modules.json`` with the folder of its
pooling, and the prompts in ``config_sentence_transformers.json``. Some well-known models ask for prompts on their card
only; those stand here. A folder that does not say how its token vectors become one vector is refused:
sentence-transformers would take their mean, and a model that was trained on its last token then finds next to nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from antiphon.errors import EncoderError
from antiphon.registry import TextPooling

POOLINGS: tuple[TextPooling, ...] = get_args(TextPooling)
THEIRS: dict[str, str] = {"mean": "mean", "cls": "cls", "last": "lasttoken"}
OURS = {theirs: ours for ours, theirs in THEIRS.items()}
"""How sentence-transformers spells a pooling."""
QUERY, DOCUMENT = ("query",), ("document", "passage", "corpus")
"""Names that models give to the prompt before a query, and before what is searched."""
RETRIEVAL = {"retrieval", "search", "s2p"}
"""Words by which a model that has a prompt for each of several tasks names the one that is meant here."""
TASK = "Given a description of music, retrieve the tracks that it fits"


@dataclass(frozen=True, kw_only=True)
class Prompts:
    """What stands before a text.

    Parameters
    ----------
    caption : before a caption, which is what a search looks through ("document", "passage").
    query : before what somebody searches for.
    unused : names of the prompts that a model's files have, where none of them is one of these two.
    """

    caption: str = ""
    query: str = ""
    unused: tuple[str, ...] = ()


ASKED_ON_THE_CARD = (
    (r"(multilingual-)?e5-(small|base|large)(-v2)?", Prompts(caption="passage: ", query="query: ")),
    (r"multilingual-e5-large-instruct", Prompts(query=f"Instruct: {TASK}\nQuery: ")),
    (r"qwen3-embedding-[0-9.]+b", Prompts(query=f"Instruct: {TASK}\nQuery:")),
    (r"bge-(small|base|large)-en(-v1\.5)?", Prompts(query="Represent this sentence for searching relevant passages: ")),
    (r"bge-(small|base|large)-zh(-v1\.5)?", Prompts(query="为这个句子生成表示以用于检索相关文章：")),
    (r"nomic-embed-text-v1(\.5)?", Prompts(caption="search_document: ", query="search_query: ")),
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
    modules = _read(folder / "modules.json", list)
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

    A prompt for a query is called "query", or as those of several tasks are: "search_query", "retrieval.query". The
    default prompt stands before both kinds of text, unless its name says which one it is for; a kind whose own prompt
    is an empty text has none, as in sentence-transformers' ``encode_query`` and ``encode_document``.

    Parameters
    ----------
    folder : the model's files.
    name : its hub id, or its folder's path, of which the last part counts; in the hub's cache, the part that has the
        model's name.

    Raises
    ------
    EncoderError : the files are damaged.
    """
    path = folder / "config_sentence_transformers.json"
    settings = _read(path, dict) or {}
    prompts, usual = settings.get("prompts") or {}, settings.get("default_prompt_name") or ""
    if not isinstance(prompts, dict) or not all(isinstance(text, str | None) for text in prompts.values()):
        raise EncoderError(f"{path}: its prompts are no texts by name.", fix="Download the model again.")
    own = {key: text for key, text in prompts.items() if text}
    caption, query = _named_for(own, DOCUMENT), _named_for(own, QUERY)
    empty = {key for key, text in prompts.items() if text == ""}
    if not (caption or empty & set(DOCUMENT) or _last_word(usual) in QUERY):
        caption = own.get(usual)
    if not (query or empty & set(QUERY) or _last_word(usual) in DOCUMENT):
        query = own.get(usual)
    if caption or query:
        return Prompts(caption=caption or "", query=query or "")
    asked = (asked for known in _names(folder, name) for form, asked in ASKED_ON_THE_CARD if re.fullmatch(form, known))
    return next(asked, Prompts(unused=tuple(own)))


def _named_for(prompts: dict[str, str], kind: tuple[str, ...]) -> str | None:
    """The prompt for one kind of text; None where there is none, or it cannot be told which of several it is."""
    exact = next((prompts[name] for name in kind if name in prompts), None)
    if exact is not None:
        return exact
    ending = [name for name in prompts if _last_word(name) in kind]
    meant = [name for name in ending if RETRIEVAL & set(_words(name))] or ending
    return prompts[meant[0]] if len(meant) == 1 else None


def _words(name: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", name.lower())


def _last_word(name: str) -> str:
    return (_words(name) or [""])[-1]


def _names(folder: Path, name: str) -> Iterator[str]:
    """What a model may be called, in lower case: by the last part of its id or path, and by the hub's cache."""
    for place in (name, str(folder.resolve())):
        *above, last = re.split(r"[/\\]", place.rstrip("/\\"))
        yield last.lower()
        yield from (part.rpartition("--")[2].lower() for part in above if part.startswith("models--"))


def _own_pooling(folder: Path, modules: Any) -> str:
    """The pooling by a model's files; "" where they leave the vectors of tokens as they are."""
    kinds = {str(module.get("type")).rpartition(".")[2]: str(module.get("path")) for module in modules or ()}
    if "Pooling" not in kinds:
        return "" if not kinds or "Transformer" in kinds else "of another kind"
    settings = _read(folder / kinds["Pooling"] / "config.json", dict) or {}
    until_2025 = [key for key, value in settings.items() if key.startswith("pooling_mode_") and value is True]
    named = settings.get("pooling_mode") or [key.removeprefix("pooling_mode_") for key in until_2025]
    found = [named] if isinstance(named, str) else named
    return " and ".join(OURS.get(name.removesuffix("_tokens").removesuffix("_token"), name) for name in found)


def _read(path: Path, kind: type) -> Any:
    """A JSON file's content, an object or a list of objects; None where there is no such file.

    Raises
    ------
    EncoderError : it is damaged, or something else.
    """
    if not path.is_file():
        return None
    again = "Download the model again."
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise EncoderError(f"{path} cannot be read: {error}", fix=again) from error
    objects = found if isinstance(found, list) else [found]
    if not isinstance(found, kind) or not all(isinstance(one, dict) for one in objects):
        raise EncoderError(f"{path} is not what sentence-transformers writes there.", fix=again)
    return found
