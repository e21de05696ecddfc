"""One recipe of the demo's music that tests vary."""

from antiphon.demo.recipe import PieceRecipe

PLAIN = PieceRecipe(
    seed=5,
    lead="piano",
    backing="strings",
    texture="band",
    bass=True,
    groove="backbeat",
    tempo="moderate",
    bpm=100.0,
    metre=4,
    mode="minor",
    tonic=9,
    density="medium",
    centre=64,
    articulation="plain",
    contour="winding",
    space="room",
    dynamics="steady",
    colour="plain",
)
