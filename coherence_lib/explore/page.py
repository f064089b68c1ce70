"""The static face of an explorer: a block of HTML that needs nothing else."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Sequence
from importlib import resources
from typing import TYPE_CHECKING, Any

import numpy as np

from coherence_lib.explore.checks import shown

if TYPE_CHECKING:
    from coherence_lib.explore.definition import Explorer

# A page may weigh a megabyte, and has more on it than its slider.
BUDGET = 600_000


def block(explorer: Explorer) -> str:
    """The figure, its controls, the data and the script; refused where it is too heavy."""
    text = _block(explorer)
    size = len(text.encode())
    if size > BUDGET:
        name, grid = max(explorer.sliders.items(), key=lambda item: len(item[1]))
        points = sum(len(x) for x in explorer.x.values())
        raise ValueError(
            f"`sliders` must leave the page below {BUDGET} bytes, but got {size}: "
            f"{len(explorer.combinations)} frames of {points} points. Thin out "
            f"`{name}`, which has {len(grid)} values, or the points of a curve."
        )
    return text


def _block(explorer: Explorer) -> str:
    identity = f"explore-{explorer.name}"
    image = base64.b64encode(explorer.svg(explorer.frame()).encode()).decode()
    controls = "".join(
        f'<div class="explore-slider">'
        f'<label for="{identity}-{name}">{html.escape(explorer.labels.get(name, name))}</label>'
        f'<input type="range" id="{identity}-{name}" autocomplete="off" '
        f'min="0" max="{len(grid) - 1}" value="{grid.index(explorer.start[name])}">'
        f'<output for="{identity}-{name}" aria-live="off">{shown(explorer.start[name])}</output>'
        f"</div>"
        for name, grid in explorer.sliders.items()
    )
    script = (resources.files("coherence_lib.explore") / "explore.js").read_text(encoding="utf-8")
    data = json.dumps(_data(explorer), separators=(",", ":")).replace("<", "\\u003c")
    return (
        f'<div class="explore" id="{identity}" role="group" '
        f'aria-label="Figure with sliders">'
        f'<img alt="{html.escape(explorer.alt)}" src="data:image/svg+xml;base64,{image}">'
        # Hidden until the script runs; JupyterLab strips `hidden` where it strips scripts.
        f'<div class="explore-controls" style="display: none">{controls}'
        f'<p class="explore-readout"><output aria-live="polite"></output>'
        f'<button type="button">reset</button></p></div>'
        f'<script type="application/json">{data}</script>'
        f"<script>{script.replace('IDENTITY', identity)}</script></div><!-- explore -->"
    )


def _data(explorer: Explorer) -> dict[str, Any]:
    places = explorer.places
    sliders = [
        {"name": name, "values": [shown(v) for v in grid], "start": grid.index(start)}
        for (name, grid), start in zip(
            explorer.sliders.items(), explorer.start.values(), strict=False
        )
    ]
    curves = [
        {
            "id": place.id,
            "x": _differences(place.tenths(x, np.zeros_like(x))[0]),
            "dots": place.dots,
        }
        for place, x in zip(places.values(), explorer.x.values(), strict=True)
    ]
    # Many frames share a curve: each is stored once.
    pool: dict[tuple[int | None, ...], int] = {}
    frames = [
        [
            pool.setdefault(tuple(places[label].tenths(explorer.x[label], y)[1]), len(pool))
            for label, y in curves.items()
        ]
        for curves in explorer.frames
    ]
    texts = [
        explorer.text(v, c) for v, c in zip(explorer.combinations, explorer.frames, strict=True)
    ]
    return {
        "sliders": sliders,
        "curves": curves,
        "pool": [_differences(y) for y in pool],
        "frames": frames,
        "texts": texts,
    }


def _differences(values: Sequence[int | None]) -> list[int | list[int]]:
    """Each value minus the last one that was there; a run of gaps as [its length]."""
    last = 0
    result: list[int | list[int]] = []
    for value in values:
        if value is not None:
            result.append(value - last)
            last = value
        elif result and isinstance(result[-1], list):
            result[-1][0] += 1
        else:
            result.append([1])
    return result
