"""A ring of sources and its target: domains, the tilted needle, and what each limit does."""

import numpy as np

from coherence_lib import ring as rings
from coherence_lib.drawings import pieces as p
from coherence_lib.ring import SourceRing, bounds
from coherence_lib.ring.target import tilt

# The ring of the chapters: six sources, in units of the target's gap.
RING = SourceRing(n_sources=6, omega_a=0.5, gamma=0.2, J=0.25)
TEMPERATURE = 0.5
UP_AND_DOWN = (True, True, False, False, False, True, False, False)


def magnetisation_and_domains(spins):
    """M, and l: the number of domains that point down, 0 where all are parallel."""
    walls = sum(a != b for a, b in zip(spins, spins[1:] + spins[:1], strict=True))
    return sum(1 if up else -1 for up in spins), walls // 2


def needle_of(ring, magnetisation):
    """Bloch vector (x, z) of the target's lower state at a given magnetisation."""
    r = float(tilt(magnetisation, ring.gamma, ring.omega))
    return np.array([-r, -np.sqrt(1 - r**2)])


def mean_needle(ring, temperature):
    """Bloch vector (x, z) of the target in thermal equilibrium."""
    rho = rings.target_state(ring, temperature)
    return np.array([2 * rho[0, 1].real, (rho[0, 0] - rho[1, 1]).real])


def magnetisation_probabilities(ring, temperature):
    """{M: probability} in thermal equilibrium."""
    levels = ring.levels()
    return {
        int(M): float(levels.mean(1.0 * (levels.magnetisation == M), temperature))
        for M in np.unique(levels.magnetisation)
    }


@p.styled
def ring_and_needle():
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
    figure, ax = p.canvas(50)
    M, domains = magnetisation_and_domains(UP_AND_DOWN)
    centre = (17.5, 28.0)
    p.ring(ax, *centre, UP_AND_DOWN, radius=13.5, length=5.4)
    p.disc(ax, *centre, 6.4, p.PINK)
    p.needle(ax, *centre, needle_of(RING, M), 5.2, gid="needle")
    p.words(ax, centre[0], 7.4, f"$M = {M},\\;\\; l = {domains}$", 17)
    p.words(ax, centre[0], 2.8, r"$\sin\theta = r_M$", 17)
    _fan(ax, (50.0, 36.0), 22.0)
    return figure


def _fan(ax, centre, radius):
    chances = magnetisation_probabilities(RING, TEMPERATURE)
    for M, chance in chances.items():
        direction = needle_of(RING, M)
        shade = 0.2 + 0.8 * chance / max(chances.values())
        p.line(ax, *zip(centre, centre + radius * direction, strict=True), p.PINK, p.THICK, shade,
               gid=f"M = {M}")  # fmt: skip
        p.words(ax, *(centre + (radius + 2.6) * direction), f"${M:+d}$".replace("+0", "0"), 15)
