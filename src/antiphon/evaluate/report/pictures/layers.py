"""How much each layer of an audio encoder counts, where a training mixes layers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from antiphon.evaluate.report.pictures.canvas import Canvas, Size
from antiphon.evaluate.report.pictures.colours import INK, SERIES
from antiphon.evaluate.report.pictures.picture import Table

PANEL_HEIGHT = 13
"""Letters."""


@dataclass(frozen=True, kw_only=True)
class LayerWeights:
    """Shares of layers.

    Parameters
    ----------
    training : which.
    weights : encoder → share of each layer, sum 1; one encoder at least.
    """

    training: str
    weights: dict[str, tuple[float, ...]]

    name = "layers"

    @property
    def title(self) -> str:
        """What is drawn."""
        return f"What each layer counts in {self.training}"

    def says(self) -> str:
        """The three layers that count most, by encoder."""
        said = []
        for encoder, shares in self.weights.items():
            top = np.argsort(shares)[::-1][:3]
            said.append(f"{encoder}, {len(shares)} layers: {', '.join(f'{i} ({100 * shares[i]:.0f} %)' for i in top)}")
        return f"Layers that count most. {'; '.join(said)}. All alike would be one share each."

    def table(self) -> Table:
        """One row a layer."""
        rows = [(e, str(i), f"{100 * s:.1f}%") for e, shares in self.weights.items() for i, s in enumerate(shares)]
        return Table(headings=("encoder", "layer", "share"), rows=tuple(rows))

    def height(self, size: Size) -> float:
        """Points high."""
        return len(self.weights) * PANEL_HEIGHT * size.em

    def draw(self, canvas: Canvas) -> None:
        """Bars, and a line where all layers would count alike."""
        for axes, (encoder, shares) in zip(
            canvas.panels(len(self.weights), columns=1), self.weights.items(), strict=True
        ):
            percent = [100 * share for share in shares]
            axes.bar(range(len(percent)), percent, color=SERIES[0], width=0.82)
            axes.axhline(100 / len(percent), color=INK, linewidth=1, linestyle=(0, (4, 2)))
            for i, share in enumerate(percent):
                canvas.say(axes, i, share, f"{encoder}, layer {i}: {share:.1f} %")
            axes.set_title(f"{encoder}: share of each layer, %")
            axes.set_xlabel("layer (dashed: all alike)")
            axes.grid(axis="x", visible=False)
            axes.locator_params(axis="x", integer=True)
