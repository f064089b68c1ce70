r"""What the thermal sum asks of the sources, and the ring's answers.

Sources on any graph act on the target through their magnetisation M alone. `thermal_sum` needs
the weights :math:`W_M = \sum e^{-\beta E}` over the configurations of each M, where E is the
energy of the bonds, and the levels at T = 0. Whatever answers as a `Graph` does can stand in
the place of the `Ring`: `Counted` does for the sources of a `SourceGraph`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
from scipy.special import logsumexp

from coherence_lib._types import Floats, Integers
from coherence_lib.ring import free, ground, target, weights, window
from coherence_lib.ring.model import HUGE
from coherence_lib.ring.sources import SignedLevels, SourceGraph

if TYPE_CHECKING:
    from coherence_lib.ring.counts import Counts
    from coherence_lib.ring.model import Columns
    from coherence_lib.ring.sources import Sources
    from coherence_lib.ring.target import Observable
    from coherence_lib.ring.thermal_sum import Terms

__all__ = ["Counted", "Graph", "Ring", "SourceGraph", "graph_of"]

# Rows times columns that are held at once.
_LARGEST_TABLE = 4_000_000


class Graph(Protocol):
    """Sources on a graph whose weights are the same for M and -M.

    Every method takes the parameters of many sums of one N at once, as `model.Columns` with
    omega_a and gamma >= 0 (of either sign in `ground_means`), and arrays with one column for
    each. A number `down` of sources down stands for M = N - 2 down >= 0.
    """

    @property
    def n_sources(self) -> int:
        """Number of sources N."""

    def rows(self) -> int:
        """About how many numbers down `window` looks at for each column."""

    def window(
        self, columns: Columns, log_values: Callable[[Floats, Columns], Iterable[Floats]]
    ) -> tuple[Integers, Integers, Floats]:
        """Which terms carry the sums: first and last number down, and a start, for each column.

        `log_values(M, columns)` yields arrays of logarithms whose weighted sums are wanted
        besides the partition function. The start is for `log_weights` alone.
        """

    def log_weights(
        self, columns: Columns, first: Integers, steps: int, start: Floats, progress: bool
    ) -> Floats:
        """ln (W_M e^(-energy/T)) up to a constant for each column.

        Of `steps` further numbers down from `first` on, shape (steps + 1, columns), with the
        energy of `bond_energy`. Beyond the last term the numbers have no meaning.
        """

    def bond_energy(self, down: Integers, J: Floats) -> Floats:
        """What has been taken out of the weights, so that they neither over- nor underflow."""

    def unit(self, terms: Terms) -> tuple[Floats, float | Floats]:
        """Energy e and logarithm c of the constant e/T + c that `log_weights` leaves out.

        For the `thermal_sum.Terms` of these columns.
        """

    def ground_means(self, columns: Columns, observable: Observable) -> Floats:
        """Value of a `target.Observable` in the mixture of the ground states of each column."""


@dataclass(frozen=True)
class Ring:
    """N sources on a ring, each coupled to its two neighbours: a `Graph`."""

    n_sources: int

    def rows(self) -> int:
        return window.rows(self.n_sources)

    def window(
        self, columns: Columns, log_values: Callable[[Floats, Columns], Iterable[Floats]]
    ) -> tuple[Integers, Integers, Floats]:
        return window.find(self.n_sources, columns, log_values)

    def log_weights(
        self, columns: Columns, first: Integers, steps: int, start: Floats, progress: bool
    ) -> Floats:
        return weights.scaled_weights(
            self.n_sources, first, steps, columns.beta_J, start, progress=progress
        ).log

    def bond_energy(self, down: Integers, J: Floats) -> Floats:
        return 4 * np.maximum(-J, 0) * down

    def unit(self, terms: Terms) -> tuple[Floats, float | Floats]:
        # Terms that begin with no source down have absolute weights already.
        begins = terms.M[0] < self.n_sources
        log = np.where(begins, self._log_of_first_weight(terms), 0.0) if np.any(begins) else 0.0
        return self.n_sources * terms.columns.J, log

    def ground_means(self, columns: Columns, observable: Observable) -> Floats:
        return ground.ground_means(self.n_sources, columns, observable)

    def _log_of_first_weight(self, terms: Terms) -> Floats:
        r"""ln of the first scaled weight, from the sum rule of the transfer matrix.

        :math:`\sum_M W_M e^{hM} = \lambda_+^N + \lambda_-^N`. The field h is the slope of
        :math:`\ln(\cosh u\,\cosh v)` at the largest term. That function is convex, so the
        terms of the sum rule lie within the window of the thermal sum.
        """
        p, n = terms.columns, self.n_sources
        peak = np.take_along_axis(terms.M, np.argmax(terms.log_p, axis=0)[None], axis=0)[0]
        split, T = target.half_splitting(peak, p.gamma, p.omega), p.temperature
        with np.errstate(over="ignore"):
            h = np.minimum(p.omega_a / T, HUGE) / 2 * np.tanh(p.omega_a * peak / 2 / T)
            h += np.minimum(p.gamma / T, HUGE) * (p.gamma * peak / split) * np.tanh(split / T)
        down = (n - terms.M) / 2
        field = np.where(terms.M == 0, 0.0, h * terms.M + np.log1p(np.exp(-2 * h * terms.M)))
        known = terms.log_w + 4 * np.maximum(-p.beta_J, 0) * down + field
        known = np.where(np.isfinite(terms.log_p), known, -np.inf)
        return free.log_sum_rule(n, p.beta_J, h) - logsumexp(known, axis=0)


@dataclass(frozen=True)
class Counted:
    """Sources whose configurations have been counted: a `Graph`."""

    counts: Counts

    @property
    def n_sources(self) -> int:
        return self.counts.n_sources

    def rows(self) -> int:
        return 1

    def window(
        self, columns: Columns, log_values: Callable[[Floats, Columns], Iterable[Floats]]
    ) -> tuple[Integers, Integers, Floats]:
        zeros = np.zeros(len(columns.J), dtype=np.int64)
        return zeros, zeros + self.n_sources // 2, np.ones(len(zeros))

    def log_weights(
        self, columns: Columns, first: Integers, steps: int, start: Floats, progress: bool
    ) -> Floats:
        logs = np.empty((steps + 1, len(columns.J)))
        at_once = max(1, _LARGEST_TABLE // len(self.counts.down))
        for k in range(0, len(columns.J), at_once):
            logs[:, k : k + at_once] = self._log_weights(columns.beta_J[k : k + at_once])
        return logs

    def _log_weights(self, beta_J: Floats) -> Floats:
        counts = self.counts
        best = self._best(beta_J)[counts.down]
        with np.errstate(over="ignore"):
            terms = np.exp(beta_J * (counts.bonds[:, None] - best)) * counts.states[:, None]
        return np.log(np.add.reduceat(terms, counts.starts, axis=0))

    def _best(self, J: Floats) -> Floats:
        """Bonds of the lowest energy, a row for each number down."""
        counts = self.counts
        return np.where(J >= 0, counts.best(1)[:, None], counts.best(-1)[:, None])

    def bond_energy(self, down: Integers, J: Floats) -> Floats:
        return J * self._best(J)

    def unit(self, terms: Terms) -> tuple[Floats, float | Floats]:
        return np.zeros(len(terms.columns.J)), 0.0

    def ground_means(self, columns: Columns, observable: Observable) -> Floats:
        means = np.empty(len(columns.J))
        for k, values in enumerate(
            zip(columns.omega_a, columns.gamma, columns.J, columns.omega, strict=True)
        ):
            levels = SignedLevels.of(self.counts, *values).ground(values[-1])
            means[k] = observable.ground(levels, columns.gamma[k], columns.omega[k])
        return means


def graph_of(ring: Sources) -> Graph:
    """What the thermal sum asks of these sources."""
    return Counted(ring.counts) if isinstance(ring, SourceGraph) else Ring(ring.n_sources)
