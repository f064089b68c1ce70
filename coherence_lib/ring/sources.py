r"""Sources on any graph and their target: paper II's model without its ring.

.. math::
    H = \frac{\omega}{2}\sigma^z_0 + \frac{\omega_a}{2}\sum_j\sigma^z_j
        + \gamma\,\sigma^x_0\sum_j\sigma^z_j - \sum_{\{j,k\}} J_{jk}\,\sigma^z_j\sigma^z_k

The sum over bonds is over the edges of a graph. The magnetisation M of the sources is conserved
as on the ring, and all that changes are the weights :math:`W_M`, Eq. (II.30).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from coherence_lib import _checks
from coherence_lib._types import Floats, Integers, Numbers
from coherence_lib.ring import target
from coherence_lib.ring.counts import Counts, count
from coherence_lib.ring.model import Columns, SourceRing, check_energies, degeneracy_tolerance

__all__ = ["SignedLevels", "SourceGraph", "Sources", "check_sources", "columns_of"]

# More labels than this are a mistake rather than a graph that could be counted.
_MOST_LABELS = 4096


@dataclass(frozen=True)
class SourceGraph:
    r"""A target two-level system and Ising-coupled sources on any graph.

    It is taken by the doors that take a `SourceRing`: `coherence`, `incoherence`, `target_state`,
    `log_partition_function`, and of `transition` all that ask for a ring. Its configurations are
    counted once: up to some 24 sources one by one, and many more where all bonds are equal and
    each source has few neighbours of higher label to wait for, as on chains, stars, trees and
    ladders.

    Parameters
    ----------
    edges : array_like of int, shape (E, 2)
        Pairs of sources that are coupled, by labels from 0 on; E >= 1. A pair that is there
        twice counts twice. Labels below the largest that no pair names are sources without
        neighbours.
    omega_a : float
        Energy gap of a source, of either sign.
    gamma : float
        Coupling of the target to each source, of either sign.
    J : float or array_like, shape (E,)
        Coupling of all pairs, or of each; J > 0 favours parallel ones.
    omega : float, optional
        Energy gap of the target, > 0; the unit of energy when left at 1.

    Raises
    ------
    TypeError, ValueError
        If `edges` is not made of pairs of different labels >= 0, `J` has not one value or one
        for each of them, `omega` is not > 0, or a parameter is not a finite number or so large
        that an energy is not.

    Examples
    --------
    Six sources around a seventh: antiferromagnetic, they beat free ones.

    >>> from coherence_lib.ring import coherence
    >>> star = [(0, leaf) for leaf in range(1, 7)]
    >>> for J in (-2.0, 0.0, 2.0):
    ...     print(f"{coherence(SourceGraph(star, 0.1, 0.1, J), 1.0):.5f}")
    0.09910
    0.03227
    0.18257
    """

    edges: Sequence[tuple[int, int]] | NDArray[np.integer]
    omega_a: float
    gamma: float
    J: Numbers
    omega: float = 1.0

    def __post_init__(self) -> None:
        edges = _checked_edges(self.edges)
        object.__setattr__(self, "edges", edges)
        for name in ("omega_a", "gamma"):
            object.__setattr__(self, name, _checks.scalar(getattr(self, name), name))
        object.__setattr__(self, "J", _checked_couplings(self.J, len(edges)))
        object.__setattr__(self, "omega", _checks.scalar(self.omega, "omega", above_zero=True))
        check_energies(
            max(self.n_sources, len(edges)), self.omega_a, self.gamma, self.unit, self.omega
        )

    @property
    def n_sources(self) -> int:
        """Number of sources N, one more than the largest label."""
        return 1 + int(np.max(self.edges))

    @property
    def unit(self) -> float:
        """The coupling in whose units the bonds are counted: J, or the largest of them."""
        if isinstance(self.J, float):
            return self.J
        return float(np.abs(np.asarray(self.J, dtype=float)).max())

    @cached_property
    def counts(self) -> Counts:
        """The configurations of the sources by magnetisation and bonds, in units of `unit`."""
        edges = [(int(j), int(k)) for j, k in self.edges]
        couplings = np.broadcast_to(np.asarray(self.J, dtype=float), len(edges))
        # Equal couplings have whole bonds, whatever J is, and free sources none to count.
        unit = self.unit
        weights = np.ones(len(edges)) if np.all(couplings == unit) else couplings / unit
        return count(self.n_sources, edges, weights)

    def __getstate__(self) -> dict[str, object]:
        # What has been counted is counted again, rather than sent to another process.
        return {key: value for key, value in vars(self).items() if key != "counts"}


# What the doors take.
Sources: TypeAlias = SourceRing | SourceGraph


def check_sources(ring: object) -> None:
    """Raise unless `ring` is a `SourceRing` or a `SourceGraph`."""
    if not isinstance(ring, SourceRing | SourceGraph):
        raise TypeError(
            f"`ring` must be a SourceRing or a SourceGraph, but got {type(ring).__name__}."
        )


def columns_of(ring: Sources, temperature: Floats) -> Columns:
    """One set of sources at each temperature of a one-dimensional array."""
    J = ring.unit if isinstance(ring, SourceGraph) else ring.J
    values = (ring.omega_a, ring.gamma, J, ring.omega)
    omega_a, gamma, J, omega = (np.full(temperature.shape, value) for value in values)
    return Columns(omega_a, gamma, J, omega, temperature)


@dataclass(frozen=True)
class SignedLevels:
    """Energy levels with the numbers of their states, M of both signs and both branches."""

    energies: Floats
    magnetisation: Floats
    branch: Integers
    states: Floats

    @classmethod
    def of(
        cls, counts: Counts, omega_a: float, gamma: float, J: float, omega: float
    ) -> SignedLevels:
        """All levels of counted sources, energies of either sign."""
        M = counts.n_sources - 2.0 * counts.down
        split, bonds = target.half_splitting(M, gamma, omega), -J * counts.bonds
        kinds = [(side, branch) for side in (-1, 1) for branch in (-1, 1)]
        energies = [bonds + side * omega_a * M / 2 + branch * split for side, branch in kinds]
        # M = 0 has one sign only.
        states = [np.where((side > 0) & (M == 0), 0.0, counts.states) for side, _ in kinds]
        kept = np.concatenate(states) > 0
        return cls(
            np.concatenate(energies)[kept],
            np.concatenate([side * M for side, _ in kinds])[kept],
            np.repeat([branch for _, branch in kinds], len(M))[kept],
            np.concatenate(states)[kept],
        )

    def ground(self, omega: float) -> SignedLevels:
        """The levels that count as degenerate with the lowest one."""
        lowest = self.energy
        near = self.energies - lowest <= degeneracy_tolerance(lowest, omega)
        return SignedLevels(
            *(getattr(self, f)[near] for f in ("energies", "magnetisation", "branch", "states"))
        )

    @property
    def weights(self) -> Floats:
        """Share of each in the equal mixture of all states."""
        return self.states / self.states.sum()

    @property
    def counts(self) -> tuple[int, ...]:
        """Numbers of states as integers."""
        return tuple(int(number) for number in self.states)

    @property
    def energy(self) -> float:
        """The lowest energy."""
        return float(self.energies.min())


def _checked_edges(value: object) -> tuple[tuple[int, int], ...]:
    edges = _checks.wholes(value, "edges", 0, _MOST_LABELS)
    if edges.ndim != 2 or edges.shape[1] != 2 or not edges.size:
        raise ValueError(
            f"`edges` must be pairs of labels, shape (E, 2) with E >= 1, but got {edges.shape}."
        )
    if np.any(edges[:, 0] == edges[:, 1]):
        same = int(edges[np.argmax(edges[:, 0] == edges[:, 1]), 0])
        raise ValueError(f"`edges` must join different sources, but got ({same}, {same}).")
    return tuple((j, k) for j, k in edges.tolist())


def _checked_couplings(value: object, n_edges: int) -> float | tuple[float, ...]:
    couplings = _checks.real(value, "J")
    if couplings.ndim == 0:
        return float(couplings)
    if couplings.shape != (n_edges,):
        raise ValueError(
            f"`J` must be one number or one for each of the {n_edges} edges, but got an array of "
            f"shape {couplings.shape}."
        )
    return tuple(couplings.tolist())
