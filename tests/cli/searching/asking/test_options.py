"""Options of search that do not go together are refused before anything is loaded, with what to type."""

from __future__ import annotations

from pathlib import Path

import pytest

from antiphon.cli import main


@pytest.mark.parametrize(
    ("words", "said", "fix"),
    [
        (["rain", "--path-map", "/m=/n"], "--relative and --path-map say how", "Add one: --m3u answers.m3u8"),
        (["rain", "--relative"], "--relative and --path-map say how", "Add one: --m3u answers.m3u8"),
        (["rain", "--untrained", "--checkpoint", "x"], "without a checkpoint", "Leave --checkpoint out"),
        (["rain", "--untrained", "--index", "t.db"], "--index holds", "Leave --untrained out"),
        (["rain", *2 * ["--checkpoint", "x"], "--index", "t.db"], "--index takes one", "antiphon fuse x x"),
        (["--words-for", "t1", *2 * ["--checkpoint", "x"]], "--words-for takes one", "antiphon fuse x x"),
        (["rain", "--words-for", "t1", "--where", "a = b"], "words and --where", 'antiphon search --words-for "t1"'),
        (["rain", "--queries", "f.txt", "--m3u", "x"], "words and --m3u", "antiphon search --queries f.txt"),
        (["--queries", "f.txt", "--explain"], "CSV has no column", "Add --json"),
        (["--file", "nosuch.mp3"], "no file nosuch.mp3", "Name an audio file"),
        (["rain", "--per-album", "0"], "0 answers of one album", "--per-album 1"),
        (["rain", "-k", "0"], "k is 0", "-k 10"),
        ([], "Nothing is asked", "antiphon search --queries -"),
        ([""], "The query is empty", 'antiphon search "slow sad piano"'),
    ],
)
def test_a_refusal_says_what_to_type(
    words: list[str], said: str, fix: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["search", *words, "--library", str(tmp_path)])
    assert ended.value.code == 1
    problem, _, step = capsys.readouterr().err.partition("→")
    assert said in problem
    assert fix in step
