"""The methods that ``quality.py`` compares: each takes train, val and test and returns test vectors to rank by."""

from __future__ import annotations

import importlib.util
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from antiphon.align.anchor import fit_anchor
from antiphon.align.checkpoint import Bundle
from antiphon.align.closed_form import ClosedForm, cca_family, choose_cca, choose_ridge
from antiphon.align.config import TrainConfig
from antiphon.align.features import Rows
from antiphon.align.hubness import choose_hubness, draw_reference, scored
from antiphon.align.measure import PairSet
from antiphon.align.prepare import Material, settle
from antiphon.align.run import Run
from antiphon.layout import Layout
from antiphon.library.provenance import Provenance
from antiphon.metrics.retrieval import retrieval

Both = tuple[np.ndarray, np.ndarray]
RIDGES, POWERS, DIMS = (0.1, 0.3, 1.0, 3.0, 10.0, 30.0), (0.0, 1.0, 2.0), (16, 32, 64, 128, 256)
INNER = 4


@dataclass(frozen=True, kw_only=True)
class Part:
    """Tracks with captions; fields as in :class:`antiphon.library.pairs.Pairs`, and the group of each track.

    ``layout`` is that of ``audio``.
    """

    audio: np.ndarray
    text: np.ndarray
    track_of_caption: np.ndarray
    text_id: np.ndarray
    groups: np.ndarray
    layout: Layout

    def only(self, mask: np.ndarray) -> Part:
        """Some tracks with their captions."""
        position = np.cumsum(mask) - 1
        kept = np.flatnonzero(mask[self.track_of_caption])
        return Part(
            audio=self.audio[mask],
            text=self.text[kept],
            track_of_caption=position[self.track_of_caption[kept]],
            text_id=self.text_id[kept],
            groups=self.groups[mask],
            layout=self.layout,
        )


def mean_mrr(text: np.ndarray, audio: np.ndarray, part: Part) -> float:
    """Mean of both directions."""
    found = retrieval(text, audio, part.track_of_caption, part.text_id)
    return (found["t2a"]["MRR"] + found["a2t"]["MRR"]) / 2


def by_form(choose: Callable[[Part, Part], ClosedForm]) -> Callable[..., Both]:
    """A closed form that is chosen on train and val."""

    def make(train: Part, val: Part, test: Part, _: int) -> Both:
        form = choose(train, val)
        return form.embed_text(test.text), form.embed_audio(test.audio)

    return make


def cca_by_inner_folds(train: Part, _: Part) -> ClosedForm:
    """CCA with the settings that are best over grouped folds inside train; val is not used."""
    names = np.random.default_rng(0).permutation(np.unique(train.groups))
    settings = [(r, p) for r in RIDGES for p in POWERS]
    scores: dict[tuple[float, float, int], float] = {}
    for k in range(INNER):
        out = np.isin(train.groups, names[k::INNER])
        inner, held = train.only(~out), train.only(out)
        forms = cca_family(inner.text, inner.audio, inner.track_of_caption, settings, dims=max(DIMS))
        for (ridge, power), form in zip(settings, forms, strict=True):
            text = ((held.text - form.text_mean) / form.text_scale) @ form.text_weight
            audio = ((held.audio - form.audio_mean) / form.audio_scale) @ form.audio_weight
            for dims in DIMS:
                score = mean_mrr(_unit(text[:, :dims]), _unit(audio[:, :dims]), held)
                scores[ridge, power, dims] = scores.get((ridge, power, dims), 0.0) + score
    ridge, power, dims = max(scores, key=lambda key: scores[key])
    return cca_family(train.text, train.audio, train.track_of_caption, [(ridge, power)], dims=dims)[0]


def kernel_forms(train: Part, _: Part, test: Part, __: int) -> Both:
    """The closed forms that stand beside Antiphon's trained heads, alone; val is not used."""
    anchor = fit_anchor(_pairs(train), None, parts=[part.size for part in train.layout.parts])
    return anchor.text.embed(test.text), anchor.audio.embed(test.audio)


def corrected_forms(**settings: Any) -> Callable[..., Both]:
    """The closed forms alone with hubness correction; val is used where ``hubness = "auto"``."""

    def make(train: Part, val: Part, test: Part, _: int) -> Both:
        config, pairs = TrainConfig(**settings), _pairs(train)
        anchor = fit_anchor(pairs, None, parts=[part.size for part in train.layout.parts])

        def both(part: PairSet) -> Both:
            return anchor.text.embed(part.text.raw(slice(None)).numpy()), anchor.audio.embed(
                part.audio.raw(slice(None)).numpy()
            )

        reference = both(draw_reference(pairs, seed=config.seed))
        chosen = choose_hubness(reference, config, _pairs(val), both(_pairs(val)))
        return scored(both(_pairs(test)), chosen.hubness)

    return make


def _unit(x: np.ndarray) -> np.ndarray:
    return np.asarray(x / np.maximum(np.linalg.norm(x, axis=1, keepdims=True), 1e-9), np.float32)


def random_vectors(_: Part, __: Part, test: Part, seed: int) -> Both:
    """Chance."""
    rng = np.random.default_rng(seed)
    return _unit(rng.normal(size=(len(test.text), 64))), _unit(rng.normal(size=(len(test.audio), 64)))


def antiphon(kept: str = "best_r1", **settings: Any) -> Callable[..., Both]:
    """What ``antiphon train`` leaves in ``…_best_r1.pt`` (or another file)."""

    def make(train: Part, val: Part, test: Part, seed: int) -> Both:
        config = settle(TrainConfig(**settings, seed=seed), len(train.audio))
        with tempfile.TemporaryDirectory() as folder:
            run = Run(_material(Path(folder), train, val), config, None)
            torch.set_num_threads(1)
            run.go(None)
            bundle = Bundle.load(run.paths[kept])
        return bundle.score_text(test.text), bundle.score_audio(test.audio)

    return make


def _pairs(part: Part) -> PairSet:
    return PairSet(Rows.all_of(part.audio), Rows.all_of(part.text), part.track_of_caption, part.text_id)


def _material(root: Path, train: Part, val: Part) -> Material:
    sound, words = (
        Provenance(encoder=kind, kind=kind, layout=layout, weights_id="none")
        for kind, layout in (("audio", train.layout), ("text", Layout.flat(train.text.shape[1])))
    )
    return Material(
        root=root,
        encoder="joined",
        text_encoder="minilm",
        train=_pairs(train),
        val=_pairs(val),
        audio_provenance=sound,
        text_provenance=words,
        train_ids=np.arange(len(train.audio)).astype(object),
        split_fingerprint="",
        left_out={},
    )


def _mlp(size: int) -> nn.Module:
    return nn.Sequential(nn.Linear(size, 512), nn.GELU(), nn.Dropout(0.1), nn.Linear(512, 256))


def usual(loss: str, batch: int | None, *, epochs: int = 20, least_steps: int = 100) -> Callable[..., Both]:
    """Two-layer heads with AdamW (1e-3, weight decay 0.01), one positive a caption: the loop most projects have.

    Parameters
    ----------
    loss : ``clip`` (open_clip's ClipLoss) or ``mnrl`` (text to audio only, scale 20: what sentence-transformers'
        MultipleNegativesRankingLoss is defined to be).
    batch : pairs in a step; None for all of them. Epochs are added until there are ``least_steps``.
    """

    def make(train: Part, val: Part, test: Part, seed: int) -> Both:
        torch.manual_seed(seed)
        torch.set_num_threads(1)
        x, y = (torch.from_numpy(np.asarray(v, np.float32)) for v in (train.audio, train.text))
        scaled = [((v.mean(0)), (v.std(0) + 1e-5)) for v in (x, y)]
        x, y = ((v - mean) / std for v, (mean, std) in zip((x, y), scaled, strict=True))
        audio, text = _mlp(x.shape[1]), _mlp(y.shape[1])
        scale = nn.Parameter(torch.tensor(np.log(1 / 0.07), dtype=torch.float32))
        optimizer = torch.optim.AdamW([*audio.parameters(), *text.parameters(), scale], lr=1e-3, weight_decay=0.01)
        owner, label = torch.from_numpy(train.track_of_caption), torch.from_numpy(train.text_id)
        measure = _losses(loss)
        size = min(batch or len(y), len(y))
        steps = max(epochs * (len(y) // size), least_steps)
        best: tuple[float, Any] = (-1.0, None)

        def found(part: Part) -> Both:
            sides = []
            for head, raw, (mean, std) in ((text, part.text, scaled[1]), (audio, part.audio, scaled[0])):
                head.eval()
                with torch.no_grad():
                    sides.append(_unit(head((torch.from_numpy(np.asarray(raw, np.float32)) - mean) / std).numpy()))
                head.train()
            return sides[0], sides[1]

        order = torch.randperm(len(y))
        for step in range(steps):
            start = step * size % (len(y) - size + 1) if size < len(y) else 0
            if start < size:
                order = torch.randperm(len(y))
            rows = order[start : start + size]
            words = nn.functional.normalize(text(y[rows]), dim=1)
            sound = nn.functional.normalize(audio(x[owner[rows]]), dim=1)
            value = measure(words, sound, scale.exp(), label[rows])
            optimizer.zero_grad()
            value.backward()
            optimizer.step()
            if (step + 1) % max(1, steps // epochs) == 0:
                score = mean_mrr(*found(val), val)
                if score > best[0]:
                    best = (score, found(test))
        both: Both = best[1]
        return both

    return make


def _losses(name: str) -> Callable[..., torch.Tensor]:
    if name == "clip":
        return _clip()
    return _mnrl


def _mnrl(words: torch.Tensor, sound: torch.Tensor, _: torch.Tensor, __: torch.Tensor) -> torch.Tensor:
    return nn.functional.cross_entropy(20 * words @ sound.T, torch.arange(len(words)))


def _clip() -> Callable[..., torch.Tensor]:
    # the file alone: importing the package asks for torchvision
    package = importlib.util.find_spec("open_clip")
    if package is None or package.origin is None:
        raise ModuleNotFoundError("open_clip is needed: pip install --no-deps open_clip_torch")
    spec = importlib.util.spec_from_file_location("open_clip_loss", Path(package.origin).with_name("loss.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    loss = module.ClipLoss()

    def clip(words: torch.Tensor, sound: torch.Tensor, scale: torch.Tensor, _: torch.Tensor) -> torch.Tensor:
        value: torch.Tensor = loss(sound, words, scale)
        return value

    return clip


METHODS: dict[str, tuple[Callable[..., Both], bool]] = {
    "random": (random_vectors, True),
    "ridge": (by_form(choose_ridge), False),
    "cca": (by_form(choose_cca), False),
    "cca-cv": (by_form(cca_by_inner_folds), False),
    "antiphon": (antiphon(), True),
    "antiphon, last epoch": (antiphon("last"), True),
    "antiphon, closed forms alone": (kernel_forms, False),
    "antiphon, closed forms alone, hubness .15": (corrected_forms(hubness="always", hubness_weight=0.15), False),
    "antiphon, closed forms alone, hubness .3": (corrected_forms(hubness="always"), False),
    "antiphon, closed forms alone, hubness auto": (corrected_forms(hubness="auto"), False),
    "antiphon, hubness .15": (antiphon(hubness="always", hubness_weight=0.15), True),
    "antiphon, hubness .3": (antiphon(hubness="always"), True),
    "antiphon, hubness auto": (antiphon(hubness="auto"), True),
    "antiphon, trained heads alone": (antiphon(closed_form="none"), True),
    "antiphon, one copy": (antiphon(copies=1), True),
    "antiphon, trained heads alone, no squash": (antiphon(closed_form="none", squash=0.0), True),
    "antiphon, last epoch, trained heads alone": (antiphon("last", closed_form="none"), True),
    "ClipLoss, full batch": (usual("clip", None), True),
    "ClipLoss, batch 32": (usual("clip", 32), True),
    "MNRL, batch 32": (usual("mnrl", 32), True),
}
"""Name → method, and whether it depends on a seed."""
