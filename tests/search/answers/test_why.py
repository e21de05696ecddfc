"""Why a track is an answer: what can be shown of it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from antiphon.errors import LibraryError
from antiphon.library.metadata.store import METADATA_FILE
from antiphon.library.tracks import Library, Track, save_library
from antiphon.search.answers.why import SHOWN, Explainer, NearCaption, PartScore, ScoresTracks, Why
from antiphon.search.hits import Hit, Hits
from antiphon.search.indexes import nearest
from antiphon.search.light.opening import light_searcher
from antiphon.search.light.preparing import prepare
from antiphon.search.made_searcher import MadeSearcher
from antiphon.search.queries.reading import read_query
from antiphon.search.searcher import Searcher
from antiphon.search.zero_shot import searcher as zero_shot
from antiphon.search.zero_shot.searcher import UntrainedSearcher
from tests.helpers.trained.light import make_trained_library


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = make_trained_library(tmp_path_factory.mktemp("why"))
    prepare(Searcher(root))
    return root


def test_captions_of_the_track_come_first_and_the_nearest_of_them(made: Path) -> None:
    searcher, library = Searcher(made), Library(made)
    query = read_query("slow sad piano")
    hit = searcher.answer(query, k=1)[0]
    why = Explainer(library, searcher, query).why([hit])[0]
    own = [
        t for t, track in zip(*map(library.caption_column, ("text", "track_id")), strict=True) if track == hit.track_id
    ]
    asked, *read = searcher.read(["slow sad piano", *own])
    cosines = [float(v @ asked / np.linalg.norm(v) / np.linalg.norm(asked)) for v in read]
    assert [near.cosine for near in why.captions] == pytest.approx(sorted(cosines, reverse=True)[:2], abs=1e-4)
    assert {near.track_id for near in why.captions} == {hit.track_id}
    assert why.parts == (), "one part is the whole"


def test_a_track_without_captions_shows_those_of_tracks_near_it(made: Path) -> None:
    searcher, query = Searcher(made), read_query("slow sad piano")
    hit = searcher.answer(query, k=1)[0]
    explainer = Explainer(Library(made), searcher, query)
    explainer._captions_of.pop(hit.track_id)
    near = {other.track_id for other in searcher.similar(hit.track_id, k=3)}
    why = explainer.why([hit])[0]
    assert why.captions
    assert {caption.track_id for caption in why.captions} <= near
    assert f"(of {why.captions[0].track_id}, near it)" in "\n".join(why.lines(hit))


def test_parts_are_scored_alone_and_share_what_is_wanted_on_both_ways(made: Path) -> None:
    query, torch_way, light = read_query("piano:2 rain, no drums"), Searcher(made), light_searcher(made)
    assert isinstance(light, ScoresTracks)
    hit = torch_way.answer(query, k=1)[0]
    parts = Explainer(Library(made), torch_way, query).why([hit])[0].parts
    place = torch_way.index.place_of(hit.track_id)
    for part in parts:
        text = part.text.removeprefix("not ")
        assert part.score == pytest.approx(float(torch_way.scores(text)[place]), abs=1e-3)
        assert light.scores_of(text, [hit.track_id])[0] == pytest.approx(part.score, abs=1e-3)
    assert [(part.text, part.weight) for part in parts] == [("piano", 2), ("rain", 1), ("not drums", 0)]
    shares = [part.share for part in parts if part.share is not None]
    assert sum(shares) in (0, pytest.approx(100, abs=0.2))


def test_what_is_near_each_of_many_answers_is_found_in_one_pass_as_one_by_one(
    made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    light, torch_way, untrained = light_searcher(made), Searcher(made), UntrainedSearcher(made)
    assert light is not None
    ids = [*light.track_ids]
    for searcher in (light, torch_way, MadeSearcher(light), untrained):
        one_by_one = [[hit.track_id for hit in searcher.similar(each, k=3)] for each in ids]
        for scores in (1, 3 * len(ids)):
            monkeypatch.setattr(nearest, "AT_ONCE", scores)
            monkeypatch.setattr(zero_shot, "AT_ONCE", scores)
            assert searcher.similar_ids(ids, k=3) == one_by_one
        assert searcher.similar_ids([], k=3) == []
    assert light.similar_ids(["none", ids[0]], k=1) == torch_way.similar_ids(["none", ids[0]], k=1)
    assert light.similar_ids(["none"], k=1) == [[]]


def test_answers_together_are_explained_as_each_alone(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    query, library = read_query("slow sad piano, no drums"), Library(made)
    for searcher in (Searcher(made), light_searcher(made), UntrainedSearcher(made)):
        assert searcher is not None
        explainer = Explainer(library, searcher, query)
        hits = searcher.answer(query, k=8)
        explainer._captions_of.pop(hits[3].track_id)
        alone = [explainer.why([hit])[0] for hit in hits]
        monkeypatch.setattr(searcher, "similar", None)
        assert explainer.why(hits) == alone
        assert explainer.why([]) == []


def test_a_caption_says_what_made_it_and_what_is_not_wanted_says_so() -> None:
    near = NearCaption(text="Slow jazz", track_id="b", cosine=0.5, kind="machine")
    own = replace(near, track_id="a", kind="tags")
    parts = (
        PartScore(text="jazz", weight=1, score=0.5, share=100.0),
        PartScore(text="not drums", weight=0, score=0.1, share=None),
    )
    hit = Hit(rank=1, track_id="a", score=0.5, title="T", artist="", path="", by="x")
    assert Why(captions=(near, own), fields={}, parts=parts).lines(hit) == [
        "  1  T",
        "     0.50 “Slow jazz” (of b, near it; made of its sound)",
        "     0.50 “Slow jazz” (made of its tags)",
        "     jazz: 0.500",
        "     drums: 0.100, not wanted",
    ]


class Silent:
    def similar(self, track_id: str, *, k: int) -> Hits:
        raise LibraryError("no vector", fix="")


def test_fields_that_hold_a_word_of_the_query_are_shown_also_where_there_is_no_vector(tmp_path: Path) -> None:
    save_library(tmp_path, [Track(track_id="a", title="Slow Rain", artist="Band", album="One")], [], {})
    hit = Hit(rank=1, track_id="a", score=0, title="Slow Rain", artist="Band", path="", by="x")
    why = Explainer(Library(tmp_path), Silent(), read_query("RAIN by band")).why([hit])[0]  # type: ignore[arg-type]
    assert why.fields == {"title": "Slow Rain", "artist": "Band"}
    assert why.captions == ()
    assert why.lines(hit) == ["  1  Slow Rain", "     title: Slow Rain", "     artist: Band"]


def test_what_a_name_found_shows_the_name_also_misspelt_and_of_lyrics_the_line(tmp_path: Path) -> None:
    lyrics = "All my troubles seemed so far away\nNow it looks as though they are here to stay"
    save_library(tmp_path, [Track(track_id="a", title="Yesterday", artist="The Beatles", album="Help!")], [], {})
    pq.write_table(pa.table({"track_id": ["a"], "lyrics": [lyrics]}), tmp_path / METADATA_FILE)
    hit = Hit(rank=1, track_id="a", score=0, title="Yesterday", artist="The Beatles", path="", by="name")

    def fields(words: str) -> dict[str, str]:
        explainer = Explainer(Library(tmp_path), Silent(), read_query(words))  # type: ignore[arg-type]
        return explainer.why([hit])[0].fields

    assert fields("the beetles") == {"artist": "The Beatles"}
    assert fields("thebeatles") == {"title": "Yesterday", "artist": "The Beatles", "album": "Help!"}
    assert fields("yesterday by the beetles") == {"title": "Yesterday", "artist": "The Beatles"}
    assert fields("my troubles seemed so far") == {"lyrics": lyrics.splitlines()[0]}


def test_a_caption_of_many_lines_is_shown_in_one_and_a_long_one_in_part() -> None:
    texts = ["calm\npiano\tin  lines", "word " * 20_000, "静" * SHOWN]
    near = tuple(NearCaption(text=text, track_id="music/a.flac", cosine=0.5) for text in texts)
    path = "music/a.flac"
    hit = Hit(rank=1, track_id=path, score=0.5, title="", artist="", path=path, by="made")
    named, *shown = Why(captions=near, fields={"lyrics": "one\ntwo"}, parts=()).lines(hit)
    assert named == "  1  a.flac"
    assert shown[0] == "     0.50 “calm piano in lines”"
    assert shown[1].endswith("word word…”")
    assert len(shown[1]) == len("     0.50 “”") + SHOWN
    assert shown[2:] == [f"     0.50 “{texts[2]}”", "     lyrics: one two"]
