"""Ground states of a ring and its target, with their exact degeneracies."""

import math
from dataclasses import dataclass

import numpy as np

from coherence_lib import _checks
from coherence_lib.ring.model import _degeneracy, check_ring, degeneracy_tolerance

__all__ = ["GroundState", "ground_state"]


@dataclass(frozen=True)
class GroundState:
    """Ground state of a ring and its target, all degenerate levels included.

    Attributes
    ----------
    phase : str
        "ferromagnetic" (all sources parallel), "antiferromagnetic" (as few of them
        as possible unpaired), or "degenerate" where both have the lowest energy.
    magnetisation : float
        Mean magnetisation of the sources in the equal mixture of the ground states.
    degeneracy : int
        Number of ground states.
    energy : float
        Lowest energy.
    """

    phase: str
    magnetisation: float
    degeneracy: int
    energy: float


@dataclass(frozen=True)
class GroundLevels:
    """Levels that count as degenerate with the lowest one: M, branch, number of states."""

    energy: float
    magnetisation: np.ndarray
    branch: np.ndarray
    counts: tuple

    @property
    def weights(self):
        """Share of each level in the equal mixture of all ground states."""
        total = sum(self.counts)
        return np.array([count / total for count in self.counts])


def lowest_energies(n, omega_a, gamma, J, omega):
    """All M, and the lowest energy of each: those of the lower branch, then of the upper."""
    _checks.memory(
        64.0 * n,
        "n_sources",
        f"the lowest levels of {n} sources",
        "A temperature above zero needs only the levels that matter.",
    )
    m = np.concatenate([np.arange(-n, 0, 2), np.arange(n % 2, n + 1, 2)]).astype(float)
    domains = np.where(np.abs(m) == n, 0, np.where(J < 0, (n - np.abs(m)) / 2, 1))
    split = np.hypot(omega / 2, gamma * m)
    base = omega_a * m / 2 - J * (n - 4 * domains)
    return m, np.concatenate([base - split, base + split])


def ground_levels(n, omega_a, gamma, J, omega):
    """The ground levels of a ring, from the lowest energy of each (M, branch)."""
    m, energies = lowest_energies(n, omega_a, gamma, J, omega)
    energy = float(energies.min())
    room = degeneracy_tolerance(energy, omega) - (energies - energy)
    chosen = np.flatnonzero(room >= 0)
    magnetisation = np.tile(m, 2)[chosen].astype(int)
    branch = np.where(chosen < len(m), -1, 1)
    counts = tuple(
        _states(n, int(k), J, r) for k, r in zip(magnetisation, room[chosen], strict=True)
    )
    return GroundLevels(energy, magnetisation, branch, counts)


def _states(n, magnetisation, J, room):
    """Configurations of one M whose energy is within `room` of its lowest one."""
    down = (n - magnetisation) // 2
    most = min(down, n - down)
    if most == 0:
        return 1
    if room >= 4 * abs(J) * (most - 1):
        return math.comb(n, down)
    further = int(room // (4 * abs(J)))
    start, step = (1, 1) if J > 0 else (most, -1)
    return sum(_degeneracy(n, magnetisation, start + step * k) for k in range(further + 1))


def ground_state(ring):
    r"""Ground state of a ring and its target, Eqs. (40), (48)-(57).

    With J < 0 the energy of the lowest level of each \|M\| is concave in \|M\|, Eq. (51),
    so the minimum is at one of the ends: all sources parallel, or \|M\| = 0 (N even), 1
    (N odd). Levels within 1e-10 max(omega, \|E_0\|) of the lowest count as degenerate.

    Parameters
    ----------
    ring : SourceRing

    Returns
    -------
    GroundState
        With `phase`, `magnetisation`, `degeneracy` and `energy`.

    Raises
    ------
    TypeError
        If `ring` is no SourceRing.
    ValueError
        If it is too large for the table of its lowest levels.

    Examples
    --------
    >>> from coherence_lib.ring import SourceRing
    >>> ground_state(SourceRing(6, omega_a=0.5, gamma=0.2, J=0.25)).phase
    'ferromagnetic'
    >>> neel = ground_state(SourceRing(6, omega_a=0.5, gamma=0.2, J=-0.25))
    >>> neel.phase, neel.degeneracy, neel.magnetisation
    ('antiferromagnetic', 2, 0.0)
    """
    check_ring(ring)
    n = ring.n_sources
    levels = ground_levels(n, ring.omega_a, ring.gamma, ring.J, ring.omega)
    parallel = np.abs(levels.magnetisation) == n
    if np.all(parallel):
        phase = "ferromagnetic"
    else:
        phase = "degenerate" if np.any(parallel) else "antiferromagnetic"
    mean = float(levels.weights @ levels.magnetisation)
    return GroundState(phase, mean, sum(levels.counts), levels.energy)
