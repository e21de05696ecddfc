"""Who asks: an owner, who may do everything, or a guest, who searches and listens.

Whoever stands in front of the routes writes the role of a request into its scope under :data:`ROLE`.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any, Literal

from antiphon.errors import AntiphonError

Role = Literal["owner", "guest"]
OWNER: Role = "owner"
GUEST: Role = "guest"
ROLE = "antiphon.role"


class NotAllowedError(AntiphonError):
    """What was asked is for owners alone."""


def role_of(scope: MutableMapping[str, Any]) -> Role:
    """The role that a request was given; a guest's where it was given none."""
    return OWNER if scope.get(ROLE) == OWNER else GUEST


def require_owner(role: Role, doing: str) -> None:
    """Refuse a guest.

    Raises
    ------
    NotAllowedError : the caller is no owner.
    """
    if role != OWNER:
        raise NotAllowedError(f"Only an owner may {doing}.", fix="Send a token: Authorization: Bearer TOKEN")
