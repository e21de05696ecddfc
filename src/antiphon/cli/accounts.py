"""Who asks a player's server: from the environment, else from the person at the keyboard; never from the command line,
which every program on the machine can read.
"""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Sequence

from antiphon.errors import ConfigError
from antiphon.library.subsonic.account import API_KEY, PASSWORD, USER, Account, is_server, server_address

JELLYFIN_KEY = "ANTIPHON_JELLYFIN_API_KEY"
"""The variable with a key of Jellyfin's dashboard."""


def account_for(sources: Sequence[str]) -> Account | None:
    """Who asks the server among the sources; None where all are files.

    Raises
    ------
    ConfigError : an address is none or has a password in it, or nobody is there to be asked.
    """
    servers = [server_address(source) for source in sources if is_server(source)]
    if not servers:
        return None
    if len(set(servers)) > 1:
        raise ConfigError("Two servers would get one another's password.", fix="Name one server at a time.")
    if key := os.environ.get(API_KEY):
        return Account(api_key=key)
    address, named = servers[0]
    user = named or os.environ.get(USER) or _ask(f"User at {address}: ", USER, hidden=False)
    password = os.environ.get(PASSWORD) or _ask(f"Password of {user} at {address}: ", PASSWORD, hidden=True)
    return Account(user=user, password=password)


def tell_commands(account: Account | None) -> None:
    """Let the commands that this one starts know who asks the server: nobody is asked for it again and again."""
    if account is not None:
        os.environ.update(account.environment())


def key_for(player: str, variable: str) -> str:
    """A player's key: from the environment, else from the person at the keyboard.

    Raises
    ------
    ConfigError : nobody is there to be asked.
    """
    return os.environ.get(variable) or _ask(
        f"{player}'s API key: ", variable, hidden=True, otherwise=f"Set {variable}."
    )


def _ask(
    question: str,
    variable: str,
    *,
    hidden: bool,
    otherwise: str = f"Set {USER} and {PASSWORD}, or {API_KEY}.",
) -> str:
    if not sys.stdin.isatty():
        raise ConfigError("The server wants to know who asks, and nobody is at the keyboard to type it.", fix=otherwise)
    sys.stderr.write(question if not hidden else "")
    sys.stderr.flush()
    answer = getpass.getpass(question, stream=sys.stderr) if hidden else sys.stdin.readline()
    if not answer.strip():
        raise ConfigError("Nothing was typed.", fix=f"Type it, or set {variable}.")
    return answer.rstrip("\r\n")
