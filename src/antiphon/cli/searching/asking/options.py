"""The options of ``search``, and which of them go together."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from antiphon.cli.searching.asking.which_answers import WhichAnswers
from antiphon.errors import ConfigError
from antiphon.search.queries.readable import require_some


@dataclass(frozen=True, kw_only=True)
class SearchOptions:
    """What was asked of ``search``; the names say it as :func:`antiphon.cli.searching.search.search` does.

    Raises
    ------
    ConfigError : ``k`` is below 1, or options do not go together.
    """

    words: tuple[str, ...]
    k: int
    queries: Path | None
    where: str | None
    like: tuple[str, ...]
    without: tuple[str, ...]
    files: tuple[Path, ...]
    words_for: str | None
    which: WhichAnswers
    checkpoints: tuple[Path, ...]
    untrained: bool
    index: str | None
    explain: bool
    m3u_file: Path | None
    relative: bool
    path_map: tuple[str, ...]
    json: bool
    library: Path

    def __post_init__(self) -> None:
        require_some(self.k)
        self._require_playlist()
        self._require_one_source()
        self._require_files()
        if self.words_for is not None:
            self._require_track_alone()
        elif self.asks_many:
            self._require_queries_alone()
        elif not (self.words or self.like or self.files):
            raise ConfigError(
                "Nothing is asked.",
                fix='Describe the music: antiphon search "slow sad piano". Questions from a pipe, one a line: antiphon '
                "search --queries -",
            )

    @property
    def asks_many(self) -> bool:
        """Whether questions come from a file or a terminal, not from the command itself."""
        return self.queries is not None or (
            not (self.words or self.like or self.files) and _at_a_terminal() and not self.json
        )

    def _require_playlist(self) -> None:
        if (self.relative or self.path_map) and self.m3u_file is None:
            raise ConfigError(
                "--relative and --path-map say how a playlist names its files.", fix="Add one: --m3u answers.m3u8"
            )

    def _require_files(self) -> None:
        for path in self.files or ():
            if not path.is_file():
                raise ConfigError(f"There is no file {path}.", fix="Name an audio file.")

    def _require_one_source(self) -> None:
        if self.untrained and self.checkpoints:
            raise ConfigError(
                "--untrained answers without a checkpoint.", fix="Leave --checkpoint out, or --untrained."
            )
        if self.untrained and self.index is not None:
            raise ConfigError("--index holds the tracks of a checkpoint.", fix="Leave --untrained out, or --index.")
        alone = "--index" if self.index is not None else "--words-for" if self.words_for is not None else ""
        if alone and len(self.checkpoints) > 1:
            names = " ".join(map(str, self.checkpoints))
            raise ConfigError(
                f"{alone} takes one checkpoint.", fix=f"Name one, or make one of them: antiphon fuse {names}"
            )

    def _require_track_alone(self) -> None:
        others: dict[str, object] = {
            "words": self.words,
            "--like": self.like,
            "--file": self.files,
            "--not": self.without,
        }
        others |= {"--queries": self.queries, "--where": self.where, "--untrained": self.untrained}
        _require_none(
            others | {"--index": self.index, "--m3u": self.m3u_file},
            "--words-for asks for the captions of a track",
            fix=f'antiphon search --words-for "{self.words_for}"',
        )

    def _require_queries_alone(self) -> None:
        if self.queries is not None and self.explain and not self.json:
            raise ConfigError("CSV has no column for what --explain says.", fix="Add --json, or leave --explain out.")
        asked, fix = "--queries asks a file of questions", f"antiphon search --queries {self.queries}"
        if self.queries is None:
            asked = "Without words, questions are asked at the terminal"
            fix = f'antiphon search "calm piano" --m3u {self.m3u_file}'
        _require_none(
            {"words": self.words, "--like": self.like, "--file": self.files, "--m3u": self.m3u_file}, asked, fix=fix
        )


def _require_none(others: dict[str, object], asked: str, *, fix: str) -> None:
    """Refuse options that would mean nothing beside what is asked.

    Parameters
    ----------
    others : option → what it was given.
    """
    given = [option for option, value in others.items() if value]
    if given:
        raise ConfigError(f"{asked}: {' and '.join(given)} would mean nothing there.", fix=fix)


def _at_a_terminal() -> bool:
    return sys.stdin is not None and sys.stdin.isatty() and sys.stdout.isatty()
