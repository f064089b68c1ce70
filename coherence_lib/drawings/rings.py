"""A ring of sources and its target: domains, the tilted needle, and what each limit does."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from coherence_lib import ring as rings
from coherence_lib._types import Floats
from coherence_lib.drawings import pieces as p
from coherence_lib.ring import SourceRing
from coherence_lib.ring.target import tilt

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# The ring of the chapters: six sources, in units of the target's gap.
RING = SourceRing(n_sources=6, omega_a=0.5, gamma=0.2, J=0.25)
TEMPERATURE = 1.0
UP_AND_DOWN = (True, True, False, False, False, True, False, False)


def magnetisation_and_domains(spins: tuple[bool, ...]) -> tuple[int, int]:
    """M, and l: the number of domains that point down, 0 where all are parallel."""
    walls = sum(a != b for a, b in zip(spins, spins[1:] + spins[:1], strict=True))
    return sum(1 if up else -1 for up in spins), walls // 2


def needle_of(ring: SourceRing, magnetisation: int) -> Floats:
    """Bloch vector (x, z) of the target's lower state at a given magnetisation."""
    r = float(tilt(magnetisation, ring.gamma, ring.omega))
    return np.array([-r, -np.sqrt(1 - r**2)])


def mean_needle(ring: SourceRing, temperature: float) -> Floats:
    """Bloch vector (x, z) of the target in thermal equilibrium."""
    rho = rings.target_state(ring, temperature)
    return np.array([2 * rho[0, 1].real, (rho[0, 0] - rho[1, 1]).real])


def magnetisation_probabilities(ring: SourceRing, temperature: float) -> dict[int, float]:
    """{M: probability} in thermal equilibrium."""
    levels = ring.levels()
    return {
        int(M): float(levels.mean(1.0 * (levels.magnetisation == M), temperature))
        for M in np.unique(levels.magnetisation)
    }


@p.styled
def ring_and_needle() -> Figure:
    """A ring with two pairs of domains, and the needle that its magnetisation tilts.

    Returns
    -------
    matplotlib.figure.Figure
        On the left one configuration with the target in its middle; on the right the needles of
        all magnetisations of six sources, darker where they are more probable, and their mean.

    Examples
    --------
    >>> len(ring_and_needle().axes)
    1
    """
    figure, ax = p.canvas(43)
    M, domains = magnetisation_and_domains(UP_AND_DOWN)
    x, y = 17.0, 26.0
    p.ring(ax, x, y, UP_AND_DOWN, radius=13.2, length=5.4)
    direction = needle_of(RING, M)
    p.line(ax, [x, x], [y, y - 8], p.INK, p.THIN, p.SOFT, (0, (2, 2)))
    p.needle(ax, x, y, direction, 8.5, gid="needle")
    turned = np.degrees(np.arctan2(direction[1], direction[0]))
    p.arc(ax, (x, y), 6.2, -90, turned, gid="tilt")
    middle = np.radians((turned - 90) / 2)
    p.words(ax, x + 8.2 * np.cos(middle), y + 8.2 * np.sin(middle), r"$\theta$", 16)
    p.words(ax, x, 6.4, f"$M = {M},\\;\\; l = {domains}$", 17)
    p.words(ax, x, 2.2, r"$\sin\theta = |r_M|$", 17)
    _fan(ax, np.array([51.5, 29.0]), 12.0)
    return figure


def _fan(ax: Axes, centre: Floats, radius: float) -> None:
    chances = magnetisation_probabilities(RING, TEMPERATURE)
    for M, chance in chances.items():
        direction = needle_of(RING, M)
        shade = 0.25 + 0.75 * chance / max(chances.values())
        xs, ys = np.transpose([centre, centre + radius * direction])
        p.line(ax, xs, ys, p.PINK, p.THICK, shade, gid=f"M = {M}")
        # Those of 4 and 6 lie too close for two labels.
        if abs(M) != 4:
            name = f"${M:+d}$" if M else "$0$"
            x, y = centre + (radius + 2.4) * direction
            p.words(ax, x, y, name, 15)
    mean = radius * mean_needle(RING, TEMPERATURE)
    p.arrow(ax, centre, centre + mean, p.GREEN, 3.6, head=16, gid="mean")
    top = centre[1] + 2.2
    p.arrow(ax, (centre[0], top), (centre[0] + mean[0], top), p.GREEN, p.LINE, head=9, both=True,
            gid="coherence")  # fmt: skip
    for end in (centre, centre + mean):
        p.line(ax, [end[0]] * 2, [end[1] + 0.8, top + 1.2], p.INK, p.THIN, p.FAINT, gid="edge of C")
    p.words(ax, centre[0] + mean[0] / 2, top + 2.6, "$C$", 17)
    p.words(ax, centre[0], 6.4, "needle of each $M$,")
    p.words(ax, centre[0], 2.2, "and their mean")


# name: (its formula, ring, temperature). At |J| = 40 the sources are as good as welded together.
LIMITS = {
    "antiparallel": (r"$J \to {-}\infty$", replace(RING, J=-40.0), TEMPERATURE),
    "free": ("$J = 0$", replace(RING, J=0.0), TEMPERATURE),
    "welded": (r"$J \to \infty$", replace(RING, J=40.0), TEMPERATURE),
    "one left over": (
        r"$N = 7,\; J \to {-}\infty$",
        replace(RING, n_sources=7, J=-40.0),
        TEMPERATURE,
    ),
    "cold": (r"$T \to 0$", RING, 0.0),
    "hot": (r"$T \to \infty$", RING, np.inf),
}


def likeliest(ring: SourceRing, temperature: float) -> tuple[bool, ...]:
    """The most probable pair (M, l) in equilibrium, as its first configuration."""
    levels = ring.levels()
    kinds = sorted(set(zip(levels.magnetisation.tolist(), levels.domains.tolist(), strict=True)))

    def chance(kind: tuple[int, int]) -> float:
        here = (levels.magnetisation == kind[0]) & (levels.domains == kind[1])
        return levels.mean(1.0 * here, temperature)

    best = max(kinds, key=chance)
    configurations = itertools.product((True, False), repeat=ring.n_sources)
    return next(spins for spins in configurations if magnetisation_and_domains(spins) == best)


@p.styled
def limits_of_ring() -> Figure:
    """What each limit does to the sources, and what is left of the target's mean needle.

    Returns
    -------
    matplotlib.figure.Figure
        Six rings, each with its most probable kind of configuration and, in its middle, the mean
        of the target's needle; the second row begins with an odd number of sources.

    Examples
    --------
    >>> len(limits_of_ring().axes)
    1
    """
    figure, ax = p.canvas(74)
    for k, (name, (formula, ring, temperature)) in enumerate(LIMITS.items()):
        x, y = 11.5 + 22.5 * (k % 3), 57.0 - 39.0 * (k // 3)
        p.words(ax, x, y + 14.5, formula, 17)
        p.ring(ax, x, y, likeliest(ring, temperature), radius=8.0, length=4.4, gid=name)
        p.needle(ax, x, y, mean_needle(ring, temperature), 5.6, gid=f"needle, {name}")
        p.words(ax, x, y - 12.4, name)
        p.words(ax, x, y - 16.4, f"$C = {rings.coherence(ring, temperature):.2f}$", 17)
    return figure
