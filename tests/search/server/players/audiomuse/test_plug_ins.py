"""Requests as each plug-in sends them, and answers as each reads them: tracks, paths and artists like one another."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.helpers.players.plug_ins import ADDRESS, AP, JF, LM, LY, NV, At, all_plugins, guid, only

SIMILAR: Mapping[str, Mapping[str, object]] = {
    "NV": {"n": 10, "eliminate_duplicates": "true", "radius_similarity": "true"},
    "JF": {"n": 20},
    "LY": {"n": 25, "eliminate_duplicates": "true"},
    "LM": {"n": 40, "eliminate_duplicates": "true", "radius_similarity": "true", "mood_similarity": "true"},
    "AP": {"n": 10},
}


@pytest.mark.parametrize(
    ("at", "sent"),
    [(plugin, SIMILAR[name]) for name, plugin in (("NV", NV), ("JF", JF), ("LY", LY), ("LM", LM), ("AP", AP))],
    indirect=["at"],
    ids=list(SIMILAR),
)
def test_similar_tracks(at: At, sent: Mapping[str, object]) -> None:
    answer = at.get("/api/similar_tracks", item_id=at.plugin.id_of(8), **sent)
    assert answer.status_code == 200
    rows = answer.json()
    assert isinstance(rows, list)
    assert 0 < len(rows) <= int(str(sent["n"]))
    assert {at.n(row["item_id"]) for row in rows[:2]} == {7, 9}
    assert at.plugin.id_of(8) not in {row["item_id"] for row in rows}
    for row in rows:
        texts = {name: value for name, value in row.items() if name != "distance"}
        assert all(isinstance(value, str) for value in texts.values())
        assert isinstance(row["distance"], float)
        assert 0 <= row["distance"] <= 1
    distances = [row["distance"] for row in rows]
    assert distances == sorted(distances)
    by_n = {at.n(row["item_id"]): row for row in rows}
    assert (by_n[9]["title"], by_n[9]["author"], by_n[9]["album"]) == ("Song 9", "Artist 2", "Album 2")
    artists = [row["author"] for row in rows]
    assert max(artists.count(artist) for artist in artists) <= 3


@only(NV)
def test_duplicates_are_kept_where_they_are_asked_for_and_no_album_is_called_unknown(at: At) -> None:
    rows = at.get("/api/similar_tracks", item_id="nv8xKq", n=20, eliminate_duplicates="false").json()
    assert [row["author"] for row in rows].count("Artist 1") == 4
    assert next(row for row in rows if row["title"] == "Song 5")["album"] == "unknown"
    assert next(row for row in rows if row["title"] == "Song 5")["top_genre"] == "Jazz"


@only(JF)
def test_jellyfins_ids_are_understood_with_dashes_and_given_without(at: At) -> None:
    dashed = "00000008-ABAB-ABAB-ABAB-ABABABABABAB"
    rows = at.get("/api/similar_tracks", item_id=dashed, n=2).json()
    assert {row["item_id"] for row in rows} == {guid(7), guid(9)}


@only(AP)
def test_ampache_tries_the_bare_number_first(at: At) -> None:
    bare = at.get("/api/similar_tracks", item_id="8", n=3).json()
    assert bare == at.get("/api/similar_tracks", item_id="so-8", n=3).json()
    assert {row["item_id"] for row in bare[:2]} == {"so-7", "so-9"}


@only(LM)
def test_lms_gets_nothing_but_numbers(at: At) -> None:
    rows = at.get("/api/similar_tracks", item_id="1008", n=40, eliminate_duplicates="true").json()
    assert all(row["item_id"].isdigit() for row in rows)


PATHS: Mapping[str, Mapping[str, object]] = {
    "NV": {"count": 7, "max_steps": 7, "path_fix_size": "false", "mood_pct": 100},
    "JF": {"max_steps": 7},
    "LY": {"max_steps": 10},
    "LM": {"max_steps": 10},
    "AP": {"max_steps": 7},
}


@pytest.mark.parametrize(
    ("at", "sent"),
    [(plugin, PATHS[name]) for name, plugin in (("NV", NV), ("JF", JF), ("LY", LY), ("LM", LM), ("AP", AP))],
    indirect=["at"],
    ids=list(PATHS),
)
def test_find_path(at: At, sent: Mapping[str, object]) -> None:
    answer = at.get("/api/find_path", start_song_id=at.plugin.id_of(2), end_song_id=at.plugin.id_of(20), **sent)
    assert answer.status_code == 200
    found = answer.json()
    places = [at.n(row["item_id"]) for row in found["path"]]
    assert (places[0], places[-1], len(places)) == (2, 20, sent["max_steps"])
    assert places == sorted(places)
    assert isinstance(found["total_distance"], float)
    assert {"title", "author", "album"} <= found["path"][0].keys()
    assert "distance" not in found["path"][0]


@all_plugins
def test_the_same_track_at_both_ends_is_a_bad_request_and_an_unknown_one_is_not_found(at: At) -> None:
    same = at.get("/api/find_path", start_song_id=at.plugin.id_of(2), end_song_id=at.plugin.id_of(2), max_steps=5)
    missing = at.get("/api/find_path", start_song_id=at.plugin.id_of(2))
    unknown = at.get("/api/find_path", start_song_id=at.plugin.id_of(2), end_song_id="nobody")
    assert [answer.status_code for answer in (same, missing, unknown)] == [400, 400, 404]
    assert all(
        isinstance(answer.json()["error"], str) and answer.json()["error"] for answer in (same, missing, unknown)
    )


@only(NV)
def test_navidrome_puts_the_artists_id_where_his_name_belongs(at: At) -> None:
    found = at.get("/api/similar_artists", artist="ar2", n=3, include_component_matches="true").json()
    assert {artist["artist"] for artist in found[:2]} == {"Artist 1", "Artist 3"}
    first = found[0]
    assert first["artist_id"] == first["artist"].replace("Artist ", "ar")
    assert first["track_count"] == 4
    assert 0 <= first["divergence"] <= found[1]["divergence"] <= 1
    [match] = first["component_matches"]
    assert len(match["artist1_representative_songs"]) == len(match["artist2_representative_songs"]) == 3
    assert {at.n(song["item_id"]) // 4 for song in match["artist1_representative_songs"]} == {2}
    assert {f"Artist {at.n(song['item_id']) // 4}" for song in match["artist2_representative_songs"]} == {
        first["artist"]
    }
    assert {
        "component1_index",
        "component2_index",
        "distance",
        "component1_weight",
        "component2_weight",
    } <= match.keys()


@only(NV)
def test_navidromes_radio_of_an_artist_alternates_between_his_songs_and_those_of_others(at: At) -> None:
    found = at.get("/api/similar_artists", artist="ar2", n=10, include_component_matches="true").json()
    seen: set[str] = set()
    turns: list[list[str]] = []
    for match in (match for artist in found for match in artist["component_matches"]):
        for side in ("artist1_representative_songs", "artist2_representative_songs"):  # each song once, as the plug-in
            turns.append([song["item_id"] for song in match[side] if song["item_id"] not in seen])
            seen.update(turns[-1])
    artists = [[at.n(each) // 4 for each in turn] for turn in turns]
    assert [set(each) <= {2} for each in artists] == [True, False] * len(found)
    assert sum(len(each) for each in artists[::2]) == 4  # all of his songs
    assert (len(artists[0]), len(artists[2])) == (3, 1)


@only(JF)
def test_artists_by_name_have_no_songs_unless_asked_for(at: At) -> None:
    found = at.get("/api/similar_artists", artist="artist 2").json()
    assert found == at.get("/api/similar_artists", artist_id="ar2", n=10).json()
    assert all("component_matches" not in artist for artist in found)
    assert at.get("/api/similar_artists", artist="nobody").status_code == 404
    assert at.get("/api/similar_artists").status_code == 400


@all_plugins
def test_a_connection_is_tested_in_each_plug_ins_way(at: At) -> None:
    assert at.get("/api/health").json() == {"status": "ok"}
    active = at.get("/api/active_tasks")
    assert (active.status_code, active.json()) == (200, {})


@only(NV)
def test_addresses_with_slashes_too_many_are_the_same(at: At) -> None:
    for path in ("//api/similar_tracks", "/api/similar_tracks/", "/players/navidrome/api/similar_tracks"):
        assert len(at.client.get(f"{ADDRESS}{path}", params={"item_id": "nv8xKq"}).json()) == 10
    assert at.client.get("/players/nobody/api/health").status_code == 400
