"""One request of a plug-in: what it gives, who asks, and the library that answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from antiphon.search.server.callers import Role
from antiphon.search.server.players.ids import Ids
from antiphon.search.server.served import Answer, Served
from antiphon.search.server.settings import Limits

YES = frozenset({"1", "true", "yes", "y", "on"})


class DialectError(Exception):
    """A request that cannot be answered.

    Parameters
    ----------
    status : of HTTP.
    message : what plug-ins show or log.
    more : what the answer holds beside ``error``.
    """

    def __init__(self, status: HTTPStatus, message: str, **more: Any) -> None:
        super().__init__(message)
        self.status, self.message, self.more = status, message, more


def bad_request(message: str, **more: Any) -> DialectError:
    """What was sent cannot be understood."""
    return DialectError(HTTPStatus.BAD_REQUEST, message, **more)


def not_found(message: str) -> DialectError:
    """Nothing answers what was asked."""
    return DialectError(HTTPStatus.NOT_FOUND, message)


@dataclass(frozen=True, kw_only=True)
class Asking:
    """One request.

    Parameters
    ----------
    given : its parameters, of the address and of a JSON body.
    role : whose it is.
    jellyfin_key : by which Jellyfin may be asked; "" where the server was told none.
    """

    given: Mapping[str, Any]
    role: Role
    served: Served
    ids: Ids
    limits: Limits
    jellyfin_key: str = ""

    def text(self, name: str, default: str = "") -> str:
        """A parameter that is a text; an id may be written as a number.

        Raises
        ------
        DialectError : it is something else, or too long.
        """
        value = self.given.get(name, default)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise bad_request(f"{name} has to be a text.")
        if len(str(value)) > self.limits.max_query:
            raise bad_request(f"{name} is longer than {self.limits.max_query} characters.")
        return str(value).strip()

    def whole(self, name: str, default: int, *, least: int = 1, most: int | None = None) -> int:
        """A parameter that is a whole number, moved into its range.

        Raises
        ------
        DialectError : it is no whole number.
        """
        value = self.given.get(name)
        if value is None or value == "":
            value = default
        try:
            number = int(value) if not isinstance(value, bool) else None
        except (TypeError, ValueError, OverflowError):
            number = None
        if number is None:
            raise bad_request(f"{name} has to be a whole number.")
        return max(least, min(number, self.limits.max_k if most is None else most))

    def flag(self, name: str, default: bool) -> bool:
        """A parameter that is yes or no."""
        value = self.given.get(name)
        return default if value is None or value == "" else str(value).strip().casefold() in YES

    def items(self, name: str) -> Sequence[Any]:
        """A parameter that is a list; empty where it is absent.

        Raises
        ------
        DialectError : it is something else, or too long.
        """
        value = self.given.get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            raise bad_request(f"{name} has to be a list.")
        if len(value) > self.limits.max_k:
            raise bad_request(f"{name} has more than {self.limits.max_k} items.")
        return value

    def more_than(self, number: int) -> int:
        """How many answers to ask for where so many are wanted, since a player may not have every track."""
        return min(self.limits.max_k, number if self.ids.knows_all else 2 * number + 20)


def require_some(answer: Answer, what: str) -> Answer:
    """An answer that is not empty.

    Raises
    ------
    DialectError : it is.
    """
    if not answer.hits:
        raise not_found(f"Nothing was found for {what}.")
    return answer
