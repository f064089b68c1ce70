r"""Eq. (I.1) in real numbers, as a sum of exact integers times parameters.

Couplings are real, so with :math:`\rho = R + iI` (R symmetric, I antisymmetric) the real matrix
:math:`M = R + I` holds everything and obeys a real linear equation. The dissipators act on M as
on rho, and the hopping as :math:`\dot M = -[H_d, M^T]`. The generator is

.. math::
    L = \sum_{i<j} f_{ij} F_{ij} + \sum_{i\le j} \tfrac12\gamma_{ij}\bigl[
        (\bar n+1) E_{ij} + \bar n A_{ij}\bigr]

with sparse matrices F, E (emission) and A (absorption) of small integers. Nothing is rounded
before the parameters are: the columns of L add up to zero in any precision.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import scipy.sparse as sp

from coherence_lib._types import Bools, Complexes, Floats, Integers, Matrix
from coherence_lib.atoms.basis import bit, positions

if TYPE_CHECKING:
    from coherence_lib.atoms.cluster import AtomCluster

# Elements, the rows and columns that they come from or go to, and a factor.
Entry: TypeAlias = tuple[Integers, Integers, Integers, int]


@dataclass(frozen=True)
class Generator:
    """The generator on the elements (rows, columns) of a density matrix.

    One entry is `coefficient` times the parameter of number `parameter`, from the element
    `origin` to the element `target`; `values` are the parameters as exact fractions.
    """

    rows: Integers
    columns: Integers
    parameter: Integers
    target: Integers
    origin: Integers
    coefficient: Integers
    values: tuple[Fraction, ...]

    @property
    def size(self) -> int:
        """How many elements there are."""
        return len(self.rows)

    def sparse(self, parameters: Floats | None = None) -> sp.csr_array:
        """The generator as a sparse matrix, with floats in place of the exact parameters."""
        if parameters is None:
            parameters = np.array([float(value) for value in self.values])
        entries = self.coefficient * parameters[self.parameter]
        return sp.csr_array((entries, (self.target, self.origin)), shape=(self.size,) * 2)

    def dense(self, parameters: Floats | None = None) -> Floats:
        """The same as an array; sums of integers stay exact."""
        matrix = np.zeros((self.size, self.size))
        if parameters is None:
            parameters = np.array([float(value) for value in self.values])
        np.add.at(matrix, (self.target, self.origin), self.coefficient * parameters[self.parameter])
        return matrix

    def read(self, rho: Matrix) -> Floats:
        """The numbers M of a density matrix."""
        elements = rho[self.rows, self.columns]
        return elements.real + elements.imag

    def write(self, numbers: Floats, states: Complexes) -> None:
        """Put numbers M, shape (T, size), into the density matrices `states` in place."""
        real = np.zeros(states.shape)
        real[:, self.rows, self.columns] = numbers
        transposed = real.swapaxes(1, 2)
        states += 0.5 * (real + transposed) + 0.5j * (real - transposed)

    @cached_property
    def transposed(self) -> Integers:
        """For each element the number of its transpose."""
        back = np.empty(self.size, int)
        back[np.lexsort((self.rows, self.columns))] = np.lexsort((self.columns, self.rows))
        return back

    def coherence(self, numbers: Floats) -> Floats:
        """Sum of the moduli of the off-diagonal elements, for numbers of shape (T, size)."""
        # Re and Im of an element are half the sum and the difference of M and its transpose.
        off_diagonal = np.flatnonzero(self.rows < self.columns)
        one, other = numbers[:, off_diagonal], numbers[:, self.transposed[off_diagonal]]
        return np.sum(np.sqrt(2 * (one**2 + other**2)), axis=1)


def generator(cluster: AtomCluster, nbar: float, order: int = 0) -> Generator:
    """The generator on elements between states whose excitations differ by `order`."""
    n = cluster.n_atoms
    rows, columns = positions(n, order)
    number = np.full((2**n, 2**n), -1)
    number[rows, columns] = np.arange(len(rows))
    photons, gamma = Fraction(nbar), _rates(cluster)
    values, parts = [], []
    for i in range(n):
        for j in range(i, n):
            f, rate = Fraction(cluster.f[i, j]), gamma[i][j] / 2
            terms = [(rate * (photons + 1), _decay(rows, columns, bit(n, i), bit(n, j), 1))]
            terms.append((rate * photons, _decay(rows, columns, bit(n, i), bit(n, j), 0)))
            if i != j:
                terms.append((f, _hopping(rows, columns, bit(n, i) | bit(n, j))))
            for value, entries in terms:
                if value:
                    values.append(value)
                    parts += [(len(values) - 1, *entry) for entry in entries]
    parameter, target, origin, coefficient = _joined(parts, number)
    return Generator(rows, columns, parameter, target, origin, coefficient, tuple(values))


def _rates(cluster: AtomCluster) -> list[list[Fraction]]:
    """gamma as exact fractions, of just the rank that its decay channels have.

    Where a channel's rate is a rounding of zero, the rounding must not decay after 1e16
    lifetimes: gamma is put together again from the channels that count.
    """
    n, gamma = cluster.n_atoms, cluster.gamma
    rates, vectors = cluster.decay_channels()
    if len(rates) == n or np.all(gamma == gamma[0, 0]):
        return [[Fraction(gamma[i, j]) for j in range(n)] for i in range(n)]
    exact = [[Fraction(v) for v in row] for row in vectors]
    weights = [Fraction(rate) for rate in rates]
    return [
        [
            sum(
                (g * a * b for g, a, b in zip(weights, exact[i], exact[j], strict=True)),
                start=Fraction(0),
            )
            for j in range(n)
        ]
        for i in range(n)
    ]


def _joined(
    parts: Sequence[tuple[int, Integers, Integers, Integers, int]], number: Integers
) -> tuple[Integers, Integers, Integers, Integers]:
    """All entries as flat arrays, with elements by their number."""
    if not parts:
        return (np.zeros(0, int),) * 4
    parameter = np.concatenate([np.full(len(target), p) for p, target, _, _, _ in parts])
    target = np.concatenate([target for _, target, _, _, _ in parts])
    origin = np.concatenate([number[row, column] for _, _, row, column, _ in parts])
    coefficient = np.concatenate([np.full(len(target), c) for _, target, _, _, c in parts])
    return parameter, target, origin, coefficient


def _differ(labels: Integers, both: int) -> Bools:
    """Whether just one of the two atoms whose bits are `both` is excited."""
    return ((labels & both) != 0) & ((labels & both) != both)


def _hopping(rows: Integers, columns: Integers, both: int) -> list[Entry]:
    """-[H, M^T] for H that swaps the excitation of two atoms: (target, row, column, sign)."""
    left, right = np.flatnonzero(_differ(rows, both)), np.flatnonzero(_differ(columns, both))
    return [
        (left, columns[left], rows[left] ^ both, -1),
        (right, columns[right] ^ both, rows[right], 1),
    ]


def _decay(rows: Integers, columns: Integers, one: int, other: int, after: int) -> list[Entry]:
    """2 (s_j M s_i^+ + s_i M s_j^+) - {s_i^+ s_j + s_j^+ s_i, M}, or half of it where i = j.

    `after` is the state of an atom that has jumped: 1 for |g> (emission), 0 for |e>.
    """
    entries = []
    for left, right in {(one, other), (other, one)}:
        jumped = ((rows & left != 0) == after) & ((columns & right != 0) == after)
        k = np.flatnonzero(jumped)
        entries.append((k, rows[k] ^ left, columns[k] ^ right, 2))
    if one == other:
        left, right = (np.flatnonzero((a & one != 0) != after) for a in (rows, columns))
        flip = 0
    else:
        flip = one | other
        left, right = (np.flatnonzero(_differ(a, flip)) for a in (rows, columns))
    entries.append((left, rows[left] ^ flip, columns[left], -1))
    entries.append((right, rows[right], columns[right] ^ flip, -1))
    return entries
