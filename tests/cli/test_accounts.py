"""Who asks a server: the environment, or the person at the keyboard."""

from __future__ import annotations

import getpass
import io
import os
import sys

import pytest

from antiphon.cli.accounts import account_for, tell_commands
from antiphon.errors import ConfigError
from antiphon.library.subsonic.account import Account

NAS = "http://nas:4533"


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("USER", "PASSWORD", "API_KEY"):
        monkeypatch.delenv(f"ANTIPHON_SUBSONIC_{name}", raising=False)
    monkeypatch.setattr(sys, "stdin", io.StringIO())


class _Keyboard(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_files_want_no_account() -> None:
    assert account_for(["music", "navidrome.db"]) is None


def test_the_environment_is_asked_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTIPHON_SUBSONIC_PASSWORD", "p")
    assert account_for(["http://ben@nas:4533"]) == Account(user="ben", password="p")
    monkeypatch.setenv("ANTIPHON_SUBSONIC_USER", "anna")
    assert account_for(["table.csv", NAS]) == Account(user="anna", password="p")
    monkeypatch.setenv("ANTIPHON_SUBSONIC_API_KEY", "k")
    assert account_for([NAS]) == Account(api_key="k")


def test_then_the_person_at_the_keyboard(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "stdin", _Keyboard("anna\n"))
    monkeypatch.setattr(getpass, "getpass", lambda question, stream: f"typed for {question}")
    found = account_for([NAS])
    assert found == Account(user="anna", password=f"typed for Password of anna at {NAS}: ")
    assert capsys.readouterr().out == ""


def test_where_nobody_is_there_the_variables_are_named() -> None:
    with pytest.raises(ConfigError, match="Set ANTIPHON_SUBSONIC_USER and ANTIPHON_SUBSONIC_PASSWORD"):
        account_for([NAS])


def test_a_password_goes_to_one_server() -> None:
    with pytest.raises(ConfigError, match="one server at a time"):
        account_for([NAS, "http://other"])


@pytest.mark.parametrize("account", [Account(user="anna", password="p"), Account(api_key="k")])
def test_commands_that_are_started_know_who_asks(monkeypatch: pytest.MonkeyPatch, account: Account) -> None:
    monkeypatch.setattr(os, "environ", dict(os.environ))
    tell_commands(account)
    assert account_for([NAS]) == account
    tell_commands(None)


def test_one_server_under_two_spellings_is_one_and_two_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTIPHON_SUBSONIC_PASSWORD", "p")
    assert account_for(["http://anna@nas:4533", "http://anna@nas:4533/"]) == Account(user="anna", password="p")
    with pytest.raises(ConfigError, match="Two servers"):
        account_for([NAS, "http://other:4533"])
