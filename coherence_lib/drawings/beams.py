"""A beam of charged pairs and the qubit that it meets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coherence_lib import atoms, harvest
from coherence_lib._types import Floats
from coherence_lib.drawings import pieces as p

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

NBAR = 1.0


def charged() -> Floats:
    """A pair that a bath charged from its ground state."""
    cluster = atoms.AtomCluster.collective(2)
    return atoms.steady_state(cluster, NBAR, rho0=atoms.ground_state(2)).real


def what_feeds_what() -> dict[str, set[tuple[int, int]]]:
    """{"heat", "drive", "squeezing": elements of the pair that enter it}, found one by one.

    A pair without coherence is changed in one element and its conjugate; the coefficients of the
    second order that move name what the element feeds.
    """
    plain, step = np.diag([0.4, 0.1, 0.2, 0.3]), 0.05
    before = harvest.beam_coefficients(plain)
    found: dict[str, set[tuple[int, int]]] = {"heat": set(), "drive": set(), "squeezing": set()}
    for i in range(4):
        for j in range(4):
            changed = plain.copy()
            changed[i, j] = changed[j, i] = changed[i, j] + step
            now = harvest.beam_coefficients(changed / np.trace(changed))
            if abs(now.r_e - before.r_e) + abs(now.r_d - before.r_d) > 1e-12:
                found["heat"].add((i, j))
            if abs(now.lam) > 1e-12:
                found["drive"].add((i, j))
            if abs(now.eps) > 1e-12:
                found["squeezing"].add((i, j))
    return found


@p.styled
def beam_and_qubit() -> Figure:
    """Pairs that arrive at random, one collision, and the two rates of the qubit.

    Returns
    -------
    matplotlib.figure.Figure
        The qubit's arrows are as thick as its computed rates, for pairs from a bath with one
        photon: up half as fast as down.

    Examples
    --------
    >>> len(beam_and_qubit().axes)
    1
    """
    figure, ax = p.canvas(31)
    _beam(ax, 27.0)
    return figure


@p.styled
def what_a_pair_feeds() -> Figure:
    """The density matrix of a pair, coloured by what each element does to the qubit.

    Returns
    -------
    matplotlib.figure.Figure
        The elements that enter the heat bath, the drive and the squeezing of the second-order
        master equation.

    Examples
    --------
    >>> len(what_a_pair_feeds().axes)
    1
    """
    figure, ax = p.canvas(36)
    _matrix(ax)
    return figure


def _beam(ax: Axes, y: float) -> None:
    for x in (7.5, 20.0):
        p.pair(ax, x, y, gap=4.2)
    p.pair(ax, 40, y, gap=4.2)
    p.pair(ax, 60.5, y, coherence=0.3, alpha=p.SOFT, gap=4.2)
    for x in (27.5, 48.5):
        p.arrow(ax, (x, y), (x + 5, y), p.INK, p.LINE, p.SOFT)
    p.words(ax, 13.7, y - 5.8, "rate $p$", p.WORDS)
    centre = y - 18.0
    for side in (-1, 1):
        p.line(ax, [40 + side * 2.1, 40 + side * 0.8], [y - 2.2, centre + 6.4], p.GREEN, p.LINE,
               1.0, (0, (3, 2)))  # fmt: skip
    p.words(ax, 43.2, y - 7.2, r"$U = e^{-ig\tau S}$", 17, ha="left")
    low, high = p.qubit(ax, 40, centre, 6.2)
    coefficients = harvest.beam_coefficients(charged())
    # As thick as they are fast: here nbar = 1, and up is half as fast as down.
    unit = 4.4 / coefficients.r_d
    for x, ends, colour, rate, gid in (
        (38.6, (low + 0.5, high - 0.5), p.VERMILION, coefficients.r_e, "up"),
        (41.4, (high - 0.5, low + 0.5), p.BLUE, coefficients.r_d, "down"),
    ):
        p.arrow(ax, (x, ends[0]), (x, ends[1]), colour, unit * rate, head=10, gid=gid)
    p.words(ax, 32.4, centre, r"$\mu r_e$", 17, ha="right")
    p.words(ax, 47.6, centre, r"$\mu r_d$", 17, ha="left")


def _matrix(ax: Axes) -> None:
    side, left, top = 8.0, 7.5, 34.0
    colours = {"heat": p.VERMILION, "drive": p.BLUE, "squeezing": p.PINK}
    kind = {place: name for name, places in what_feeds_what().items() for place in places}
    for (i, j), name in sorted(kind.items()):
        x, y = left + j * side, top - (i + 1) * side
        p.square(ax, x + 0.3, y + 0.3, side - 0.6, colours[name], 0.35, gid=f"{name} {i}{j}")
        p.words(ax, x + side / 2, y + side / 2, f"$a_{{{i + 1}{j + 1}}}$", 15)
    for i, state in enumerate(("ee", "eg", "ge", "gg")):
        y = top - (i + 0.5) * side
        p.words(ax, left - 1.2, y, rf"$|{state}\rangle$", 15, ha="right")
    for y, name, formula, text in (
        (top - 5, "heat", "$r_e,\\; r_d$", "heat bath"),
        (top - 16, "drive", "$\\lambda$", "drive"),
        (top - 27, "squeezing", "$\\epsilon$", "squeezing"),
    ):
        p.square(ax, 45.5, y - 1.5, 3.0, colours[name], 0.35)
        p.words(ax, 50, y, text, ha="left")
        p.words(ax, 50, y - 4.0, formula, 17, ha="left")
