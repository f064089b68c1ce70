"""Charge and discharge: the drawing of the whole book's idea."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coherence_lib import atoms, harvest, thermal
from coherence_lib._types import Floats
from coherence_lib.drawings import pieces as p

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

NBAR = 10.0
G_TAU = 0.1


def charging(times: Floats) -> Floats:
    """C_l1 of two atoms that start in their ground state."""
    return atoms.pair.coherence_from_ground(times, NBAR)


def discharging(met: Floats) -> Floats:
    """Temperature of a qubit that starts cold, against the number of pairs met."""
    cluster = atoms.AtomCluster.collective(2)
    charged = atoms.steady_state(cluster, NBAR, rho0=atoms.ground_state(2))
    states = harvest.beam_evolve(charged, np.diag([0.0, 1.0]), 1.0, G_TAU, met)
    excited = states[1:, 0, 0].real
    # The first state has no excitation at all, and so the temperature zero.
    return np.concatenate([[0.0], thermal.qubit_temperature(excited)]) / thermal.temperature(NBAR)


@p.styled
def charge_and_discharge() -> Figure:
    """Heat charges pairs of atoms with coherence, and a beam of them hands it on as heat.

    Returns
    -------
    matplotlib.figure.Figure
        The scene, and below it the two computed courses: the coherence of a pair in a bath with
        ten photons, and the temperature of a qubit that meets such pairs.

    Examples
    --------
    >>> charge_and_discharge().get_size_inches().round(1).tolist()
    [6.8, 4.6]
    """
    figure, ax = p.canvas(46)
    _charge(ax)
    _discharge(ax)
    return figure


def _charge(ax: Axes) -> None:
    p.words(ax, 15, 43.5, "charge")
    p.region(ax, 15, 31, 26, 19, p.VERMILION)
    for start, end in [((4, 37), (10.2, 33.6)), ((26, 37), (19.8, 33.6)),
                       ((4, 25.5), (10.2, 28.6)), ((26, 25.5), (19.8, 28.6))]:  # fmt: skip
        p.wave(ax, start, end)
    p.pair(ax, 15, 31)
    p.words(ax, 15, 24, "heat", p.SMALL)
    times = np.linspace(0, 0.25, 201)
    inner = p.plot(ax, 4.5, 6, 21, 11)
    p.line(inner, times, charging(times), p.GREEN, p.THICK, gid="coherence")
    inner.axhline(1 / 3, color=p.INK, lw=p.THIN, ls=(0, (4, 3)), alpha=p.SOFT, gid="limit")
    inner.set(xlim=(0, 0.25), ylim=(0, 0.4))
    p.words(ax, 15, 3, "time in the bath", p.SMALL)
    p.words(ax, 17.5, 11, "coherence\nof the pair", p.SMALL)
    p.words(ax, 2.3, 6 + 11 / 1.2, "1/3", p.SMALL)


def _discharge(ax: Axes) -> None:
    p.words(ax, 50, 43.5, "discharge")
    height = 37.5
    p.arrow(ax, (43.4, height), (45.2, height), p.INK, p.THIN, p.SOFT, head=8)
    p.arrow(ax, (55.0, height), (56.8, height), p.INK, p.THIN, p.SOFT, head=8)
    p.pair(ax, 38, height, gap=4.2)
    p.pair(ax, 50, height, gap=4.2)
    p.pair(ax, 62, height, coherence=0.3, alpha=p.SOFT, gap=4.2)
    p.wave(ax, (50, 34.2), (50, 29.2), waves=2)
    p.qubit(ax, 50, 24, 4.6)
    p.words(ax, 52.2, 31.6, "heat", p.SMALL, ha="left")
    p.words(ax, 56, 24, "qubit", p.SMALL, ha="left")
    met = np.linspace(0, 600, 201)
    inner = p.plot(ax, 39.5, 6, 24, 11)
    p.line(inner, met, discharging(met), p.PINK, p.THICK, gid="temperature")
    inner.axhline(1, color=p.INK, lw=p.THIN, ls=(0, (4, 3)), alpha=p.SOFT, gid="bath")
    inner.set(xlim=(0, 600), ylim=(0, 1.2))
    p.words(ax, 51.5, 3, "pairs met", p.SMALL)
    p.words(ax, 54, 10.5, "temperature\nof the qubit", p.SMALL)
    p.words(ax, 38.7, 6 + 11 / 1.2, "bath", p.SMALL, ha="right")
