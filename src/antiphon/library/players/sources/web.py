"""JSON of a player's web interface: asked a few times where it is overloaded, and never sent on to another host."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

from antiphon.errors import LibraryError
from antiphon.library.subsonic.requests import NotNow, RefusedError, fetch

PAGE = 500
TRIES = 3
TIMEOUT = 60.0
UNAUTHORISED = (401, 403)


def ask_json(
    url: str,
    server: str,
    player: str,
    *,
    headers: Mapping[str, str],
    body: object = None,
) -> dict[str, Any]:
    """The JSON object that a player answers.

    Parameters
    ----------
    server, player : its address and name, for messages.
    headers : which say who asks.
    body : what is sent by POST; None for GET.

    Raises
    ------
    LibraryError : it cannot be reached, refuses, or is another program.
    """
    found = _answer(url, server, player, headers, body)
    if not isinstance(found, dict):
        raise _another(server, player)
    return found


def ask_list(url: str, server: str, player: str, *, headers: Mapping[str, str]) -> list[Any]:
    """The JSON list that a player answers; parameters and errors as :func:`ask_json`."""
    found = _answer(url, server, player, headers, None)
    if not isinstance(found, list):
        raise _another(server, player)
    return found


def _answer(url: str, server: str, player: str, headers: Mapping[str, str], body: object) -> Any:
    sent = None if body is None else json.dumps(body).encode()
    for tried in range(1, TRIES + 1):
        try:
            answer = fetch(url, server, TIMEOUT, form=sent, headers={**headers, "Content-Type": "application/json"})
            return json.loads(answer[0])
        except NotNow as reason:
            if tried == TRIES:
                raise reason.error from reason
            time.sleep(float(tried))
        except RefusedError as error:
            raise _refusal(error, server, player) from error
        except (ValueError, RecursionError) as error:
            raise _another(server, player) from error
    raise AssertionError("unreachable")


def _another(server: str, player: str) -> LibraryError:
    return LibraryError(f"{server} does not answer as {player} does.", fix=f"Give {player}'s own address.")


def _refusal(error: RefusedError, server: str, player: str) -> LibraryError:
    if error.status in UNAUTHORISED:
        return LibraryError(f"{server} does not let this key or password in.", fix=f"Make a new one in {player}.")
    return LibraryError(
        f"{server} does not answer as {player} does (status {error.status}).", fix=f"Give {player}'s own address."
    )


def text(value: object) -> str:
    """A text of an answer; "" for anything else."""
    return value.strip() if isinstance(value, str) else ""
