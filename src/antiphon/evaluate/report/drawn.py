"""Which pictures a report has, each made of its material: the same for the page and for a paper."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from antiphon.errors import AntiphonError, LibraryError
from antiphon.evaluate.compare.table import Comparison
from antiphon.evaluate.report.material import ReportMaterial, Training
from antiphon.evaluate.report.pictures.curves import Curves, marks_of
from antiphon.evaluate.report.pictures.layers import LayerWeights
from antiphon.evaluate.report.pictures.picture import Picture
from antiphon.evaluate.report.pictures.ranks import RankHistogram, rank_histogram
from antiphon.evaluate.report.pictures.shared_map import (
    MOST_CAPTIONS,
    MOST_TRACKS,
    Colouring,
    SharedMap,
    colouring,
    neighbours_kept,
    places_in_plane,
)
from antiphon.evaluate.report.pictures.systems import System, Systems
from antiphon.evaluate.report.queries.answers import name_of
from antiphon.library.metadata.several import values_of
from antiphon.library.metadata.store import Value, open_metadata
from antiphon.metrics.retrieval import answers, mean_of_directions

MOST_COLUMNS = 12
"""Columns that the map can be coloured by."""
ALL_ONE = Colouring("nothing", ("all",), ())


def curves_of(training: Training) -> Curves | None:
    """Of a training of two epochs or more; None of fusions and closed forms, which have no course."""
    case = training.case
    if case is None or len(case.history) < 2:
        return None
    marks = marks_of(training.diagnosis.findings, case.best, training.name)
    return Curves(training=training.name, history=case.history, chance=case.chance, marks=marks)


def systems_of(material: ReportMaterial) -> Systems:
    """All trainings and baselines, as they were compared; where that cannot be, one training and its baselines."""
    compared = material.comparison
    if isinstance(compared, Comparison):
        found = [System(row.name, row.kind == "trained", row.figures) for row in compared.rows]
        return Systems(split=material.split, systems=tuple(found))
    figures = material.figures
    own = System(material.name, True, figures)
    beside = [System(name, False, each) for name, each in figures.get("baselines", {}).items()]
    ordered = sorted([own, *beside], key=lambda system: -mean_of_directions(system.figures))
    return Systems(split=material.split, systems=tuple(ordered))


def ranks_of(material: ReportMaterial) -> RankHistogram:
    """Ranks of both directions."""
    vectors = material.vectors
    pairs = vectors.pairs
    n_tracks, n_captions = len(pairs.track_ids), len(pairs.caption_ids)
    tracks, captions = answers(pairs.track_of_caption, pairs.text_id, n_tracks)
    return rank_histogram(
        material.name,
        material.split,
        {"t2a": vectors.ranked["t2a"], "a2t": vectors.ranked["a2t"]},
        {"t2a": tracks.counts, "a2t": captions.counts},
        {"t2a": n_tracks, "a2t": n_captions},
    )


def layers_of(material: ReportMaterial) -> LayerWeights | None:
    """Where layers are mixed."""
    weights = {name: tuple(shares) for name, shares in material.bundle.layer_weights().items()}
    return LayerWeights(training=material.name, weights=weights) if weights else None


def map_of(material: ReportMaterial, colour: str | None = None) -> SharedMap:
    """The map, of a sample where there are too many points.

    Parameters
    ----------
    colour : the column to colour by; None for the first that tells something apart.

    Raises
    ------
    LibraryError : there is no such column, or it tells nothing apart.
    """
    vectors, dim = material.vectors, material.bundle.dim
    pairs, cosines = vectors.pairs, vectors.only(dim)
    n_tracks, n_captions = len(pairs.track_ids), len(pairs.caption_ids)
    rng = np.random.default_rng(material.seed)
    tracks = _some(rng, n_tracks, MOST_TRACKS)
    row = np.full(n_tracks, -1)
    row[tracks] = np.arange(len(tracks))
    described = np.flatnonzero(row[pairs.track_of_caption] >= 0)
    captions = described[_some(rng, len(described), MOST_CAPTIONS)]
    text, audio = cosines.text[captions], cosines.audio[tracks]
    words, sound, kept = places_in_plane(text, audio)
    ids = [str(pairs.track_ids[i]) for i in tracks]
    centred = np.concatenate([text - text.mean(axis=0), audio - audio.mean(axis=0)])
    return SharedMap(
        training=material.name,
        split=material.split,
        tracks=sound,
        captions=words,
        track_of_caption=row[pairs.track_of_caption[captions]],
        titles=tuple(name_of(material.library, track_id) for track_id in ids),
        texts=tuple(str(pairs.texts[i]) for i in captions),
        colourings=_first(colourings(material, ids), colour, len(ids)),
        kept=kept,
        neighbours_kept=neighbours_kept(centred, np.concatenate([words, sound])),
        of_tracks=n_tracks,
        of_captions=n_captions,
    )


def _some(rng: np.random.Generator, n: int, most: int) -> NDArray[np.int64]:
    return np.arange(n) if n <= most else np.sort(rng.choice(n, most, replace=False))


def colourings(material: ReportMaterial, track_ids: list[str]) -> list[Colouring]:
    """Columns that tell tracks apart without telling each of them apart: metadata, artist, album, group."""
    library = material.library
    rows = [library.row_of_track[track_id] for track_id in track_ids]
    columns: dict[str, list[str]] = {}
    for name in (metadata := open_metadata(library)).names:
        values = metadata.column(name)
        columns[name] = [_as_text(values[row]) for row in rows]
    for name in ("artist", "album", "group"):
        own = library.column(name)
        columns[name] = [str(own[row]) for row in rows]
    found = [colouring(name, values) for name, values in columns.items()]
    return sorted((each for each in found if each is not None), key=_tells)[:MOST_COLUMNS]


def _tells(each: Colouring) -> int:
    """Few tracks in the rest come first: a column whose values are all rare colours nothing."""
    return sum(number >= len(each.classes) - 1 for number in each.of_track) if each.classes[-1] == "other" else 0


def _as_text(cell: Value | None) -> str:
    """A cell as a class; of several values the first: it is the main one."""
    return str(next(iter(values_of(cell)), ""))


def _first(found: list[Colouring], colour: str | None, n: int) -> tuple[Colouring, ...]:
    if colour is None:
        return tuple(found) or (ALL_ONE._replace(of_track=(0,) * n),)
    chosen = [each for each in found if each.name == colour]
    if not chosen:
        names = ", ".join(each.name for each in found) or "none"
        raise LibraryError(f"No column '{colour}' tells these tracks apart.", fix=f"Columns that do: {names}.")
    return (*chosen, *(each for each in found if each.name != colour))


def _curves(material: ReportMaterial, _colour: str | None) -> Picture:
    found = curves_of(material.trainings[0])
    if found is None:
        raise AntiphonError(f"'{material.name}' has no epochs: a fusion and closed forms have no curves.")
    return found


def _layers(material: ReportMaterial, _colour: str | None) -> Picture:
    found = layers_of(material)
    if found is None:
        raise AntiphonError(f"'{material.name}' mixes no layers: its audio vectors have one each.")
    return found


PICTURES: dict[str, Callable[[ReportMaterial, str | None], Picture]] = {
    "curves": _curves,
    "ranks": lambda material, _: ranks_of(material),
    "map": map_of,
    "encoders": lambda material, _: systems_of(material),
    "layers": _layers,
}
"""What ``antiphon plot`` draws, by name."""
