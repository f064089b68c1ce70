"""Two ground states that cross, and the shapes of C(T)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coherence_lib import ring as rings
from coherence_lib._types import Floats
from coherence_lib.drawings import pieces as p
from coherence_lib.drawings.rings import needle_of
from coherence_lib.ring import SourceRing, bounds, transition

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

N, GAP, GAMMA = 6, 0.5, 0.2
COUPLINGS = np.linspace(-0.36, -0.02, 35)
# Colour, width, alpha and dashes of the two candidates, by |M|.
_STROKES: dict[int, tuple[str, float, float, p.Dashes]] = {
    0: (p.PINK, p.THICK, 1.0, (0, (5, 2))),
    N: (p.GREEN, p.THICK, 1.0, "-"),
}


def lowest_energies(couplings: Floats) -> dict[int, Floats]:
    """{|M|: lowest energy at this modulus of the magnetisation, for each coupling}."""
    found: dict[int, list[float]] = {M: [] for M in range(N % 2, N + 1, 2)}
    for J in couplings:
        levels = SourceRing(N, GAP, GAMMA, J).levels()
        for M, row in found.items():
            row.append(levels.energies[np.abs(levels.magnetisation) == M].min())
    return {M: np.array(row) for M, row in found.items()}


@p.styled
def two_ground_states() -> Figure:
    """The Neel and the aligned ground state, and the crossing of their energies.

    Returns
    -------
    matplotlib.figure.Figure
        Above both rings with the target's needle, below the lowest energy for each modulus of the
        magnetisation, against the coupling of neighbouring sources.

    Examples
    --------
    >>> len(two_ground_states().axes[0].child_axes)
    1
    """
    figure, ax = p.canvas(68)
    left, width, foot, height = 8.0, 56.0, 5.0, 27.0
    critical = transition.critical_coupling(N, GAMMA, GAP)
    inner = p.plot(ax, left, foot, width, height)
    curves = lowest_energies(COUPLINGS)
    for M, energies in curves.items():
        stroke = _STROKES.get(M, (p.INK, p.THIN, p.FAINT, "-"))
        p.line(inner, COUPLINGS, energies, *stroke, gid=f"|M| = {M}")
    inner.set(xlim=(COUPLINGS[0], COUPLINGS[-1]))
    at = left + width * (critical - COUPLINGS[0]) / (COUPLINGS[-1] - COUPLINGS[0])
    p.line(ax, [at, at], [foot, foot + height + 32], p.INK, p.THIN, p.SOFT, (0, (2, 3)))
    p.words(ax, left + width, foot - 2.8, "$J$", 17, ha="right")
    p.words(ax, at, foot - 2.8, "$J_c$", 17)
    p.words(ax, 4.5, foot + height / 2, "energy").set_rotation(90)
    for x, J, name in (
        (at / 2 + 4, COUPLINGS[0], "Néel"),
        ((at + 68) / 2, COUPLINGS[-1], "aligned"),
    ):
        ring = SourceRing(N, GAP, GAMMA, J)
        M = int(transition.ground_state(ring).magnetisation)
        spins = (False,) * N if M else tuple(k % 2 == 0 for k in range(N))
        p.ring(ax, x, 54, spins, radius=8.0, length=4.4, gid=name)
        p.needle(ax, x, 54, needle_of(ring, M), 5.0, gid=f"needle, {name}")
        p.level(ax, x - 6.5, 41.3, 6.0, *_STROKES[abs(M)])
        p.words(ax, x - 2.3, 41.2, name, ha="left")
        p.words(ax, x, 36.8, f"$C(0) = {bounds.ground_state_coherence(ring):.2g}$", 17)
    return figure


# Shape: (ring, whether paper II has it). Even rings first, then odd ones.
SHAPES = {
    "falls": (SourceRing(6, 0.5, 0.2, 0.25), True),
    "dips": (SourceRing(6, 0.5, 0.2, -0.19), False),
    "rises from a third": (
        SourceRing(6, 0.5, 0.2, transition.critical_coupling(6, 0.2, 0.5)),
        True,
    ),
    "rises from 0": (SourceRing(6, 0.5, 0.2, -0.3), True),
    "two maxima": (
        SourceRing(30, 0.001, 0.01, transition.critical_coupling(30, 0.01, 0.001) - 1e-6),
        False,
    ),
    "rises": (SourceRing(9, 0.1, 0.2, -0.11), True),
    "dips, then above": (SourceRing(9, 0.1, 0.2, -0.13), True),
    "dips, then below": (SourceRing(9, 0.1, 0.2, -0.15), True),
    "only falls": (SourceRing(9, 0.1, 0.2, -0.35), True),
    "rises, dips, rises": (SourceRing(9, 0.02, 0.2, -0.0882), False),
    "dips twice": (SourceRing(17, 1e-4, 0.03, -0.006721), False),
}

_LISTED: dict[bool, tuple[str, p.Dashes]] = {
    True: (p.BLUE, "-"),
    False: (p.VERMILION, (0, (4, 1.2))),
}


def course(ring: SourceRing) -> tuple[Floats, Floats, tuple[transition.Extremum, ...]]:
    """C(T) over the temperatures at which it has its shape, and its turning points."""
    turns = transition.extrema(ring)
    marks = [turn.temperature for turn in turns] or [0.4 * abs(ring.J)]
    start, cold = min(marks) / 12, rings.coherence(ring, 0.0)
    height = max([cold, *(turn.coherence for turn in turns)])
    # From the plateau on, wherever it ends.
    while abs(rings.coherence(ring, start) - cold) > 0.003 * height:
        start /= 2
    T = np.geomspace(start, max(marks) * 14, 241)
    return T, rings.coherence(ring, T), turns


@p.styled
def shapes_of_coherence() -> Figure:
    """The shapes of C(T), each computed, as a table of small figures.

    Returns
    -------
    matplotlib.figure.Figure
        Two rows of even rings and two of odd ones, on logarithmic axes of temperature. Dots are
        turning points; dashed in vermilion is what paper II does not list.

    Examples
    --------
    >>> len(shapes_of_coherence().axes[0].child_axes)
    11
    """
    figure, ax = p.canvas(77)
    even = [name for name, (ring, _) in SHAPES.items() if ring.n_sources % 2 == 0]
    odd = [name for name in SHAPES if name not in even]
    for top, names, heading in ((72.0, even, "$N$ even"), (33.5, odd, "$N$ odd")):
        p.words(ax, 2.0, top + 2, heading, ha="left")
        for k, name in enumerate(names):
            _shape(ax, 2.0 + 22.5 * (k % 3), top - 12.0 - 17.5 * (k // 3), name)
    p.words(ax, 48, 54.0, r"$C$ against $\log T$", p.SMALL, ha="left")
    for y, printed, text in ((49.5, True, "in paper II"), (45.5, False, "not in it")):
        colour, dashes = _LISTED[printed]
        p.line(ax, [48, 53], [y, y], colour, p.THICK, 1.0, dashes)
        p.words(ax, 54.5, y, text, p.SMALL, ha="left")
    return figure


def _shape(ax: Axes, x: float, y: float, name: str) -> None:
    ring, printed = SHAPES[name]
    T, C, turns = course(ring)
    inner = p.plot(ax, x, y, 19.0, 10.5)
    colour, dashes = _LISTED[printed]
    p.line(inner, np.log10(T), C, colour, p.THICK * 0.85, 1.0, dashes, gid=name)
    for turn in turns:
        inner.plot(np.log10(turn.temperature), turn.coherence, "o", color=colour, ms=5)
    inner.set(xlim=tuple(np.log10(T[[0, -1]])), ylim=(0, 1.12 * C.max()))
    p.words(ax, x + 9.5, y - 2.2, name, p.SMALL)
