r"""The blocks' generator as a contraction, for many products with vectors.

With :math:`\rho_k = s^k X_k` and :math:`s^2 = \bar n/(\bar n+1)` emission and absorption are each
other's adjoint: on the real numbers of `real_form` the dissipator is a symmetric matrix, which
has no positive eigenvalue, and the hopping an antisymmetric one. Rows of one block have equally
many entries, so that the sparse matrix is written down without sorting. Of eight atoms and more it
is slower than its factors: each block is multiplied from left and right by the sparse operators of
its sector instead, with

.. math:: (GM - HM^T) + (GM^T + HM)^T

for the hopping H and the decay G of what does not jump.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import scipy.sparse as sp

from coherence_lib._types import Complexes, Floats, Integers, Matrix
from coherence_lib.atoms.basis import sectors

if TYPE_CHECKING:
    from coherence_lib.atoms.cluster import AtomCluster

Product: TypeAlias = Callable[[Floats], Floats]

# Up to this many atoms the sparse matrix of all blocks is held.
_ASSEMBLED_UP_TO = 7
# States of a sector whose energies are found.
_EIGENVALUES_UP_TO = 300


@dataclass(frozen=True)
class Layout:
    """Blocks of N atoms one after another, row by row, block k divided by scale^k."""

    n_atoms: int
    scale: float

    @cached_property
    def labels(self) -> list[Integers]:
        """Basis labels of each sector."""
        return sectors(self.n_atoms)

    @cached_property
    def sizes(self) -> Integers:
        """Numbers of states of the sectors."""
        return np.array([len(labels) for labels in self.labels])

    @cached_property
    def offsets(self) -> Integers:
        """Where each block begins, and where the last one ends."""
        return np.concatenate([[0], np.cumsum(self.sizes**2)])

    @property
    def lower(self) -> range:
        """The sectors that have one above them."""
        return range(self.n_atoms)

    @property
    def size(self) -> int:
        """How many numbers there are."""
        return int(self.offsets[-1])

    @cached_property
    def factors(self) -> Floats:
        """scale^k of each block."""
        return self.scale ** np.arange(self.n_atoms + 1.0)

    def blocks(self, numbers: Floats) -> Iterator[Floats]:
        """Views of the blocks of numbers of shape (..., size), each (..., d, d)."""
        for size, begin in zip(self.sizes, self.offsets, strict=False):
            yield numbers[..., begin : begin + size**2].reshape(*numbers.shape[:-1], size, size)

    def read(self, rho: Matrix | None) -> Floats:
        """Numbers of a state; None stands for the ground state."""
        numbers = np.zeros(self.size)
        if rho is None:
            numbers[0] = 1
            return numbers
        for block, labels, factor in zip(
            self.blocks(numbers), self.labels, self.factors, strict=True
        ):
            part = rho[np.ix_(labels, labels)]
            block[...] = (part.real + part.imag) / factor
        return numbers

    def thermal(self, nbar: float) -> Floats:
        """Numbers of the product of thermal atoms."""
        numbers, ratio = np.zeros(self.size), nbar / (nbar + 1)
        for k, block in enumerate(self.blocks(numbers)):
            weight = ratio**k / (1 + ratio) ** self.n_atoms / self.factors[k]
            np.fill_diagonal(block, weight)
        return numbers

    def write(self, numbers: Floats, states: Complexes) -> None:
        """Put numbers, shape (T, size), into the density matrices `states` in place."""
        for block, labels, factor in zip(
            self.blocks(numbers), self.labels, self.factors, strict=True
        ):
            turned = block.swapaxes(1, 2)
            part = (0.5 * factor) * ((block + turned) + 1j * (block - turned))
            states[:, labels[:, None], labels] = part

    def coherence(self, numbers: Floats) -> Floats:
        """l1 norm of coherence of numbers of shape (T, size)."""
        total = np.zeros(len(numbers))
        for block, factor in zip(self.blocks(numbers), self.factors, strict=True):
            squares = block**2
            moduli = np.sqrt(squares + squares.swapaxes(1, 2))
            diagonal = np.arange(moduli.shape[1])
            moduli[:, diagonal, diagonal] = 0
            # Each pair stands twice, and its two elements are as long as each other.
            total += factor * math.sqrt(0.5) * moduli.sum(axis=(1, 2))
        return total

    def traces(self, numbers: Floats) -> Floats:
        """Traces of numbers of shape (T, size)."""
        parts = zip(self.blocks(numbers), self.factors, strict=True)
        return sum(
            (factor * np.trace(block, axis1=1, axis2=2) for block, factor in parts),
            start=np.zeros(len(numbers)),
        )

    def trace_norm(self, numbers: Floats) -> float:
        """A bound of the sum of the moduli of the eigenvalues, from the blocks' lengths."""
        lengths = np.sqrt(np.add.reduceat(numbers**2, self.offsets[:-1]))
        return float(self.factors * np.sqrt(self.sizes) @ lengths)


def product(cluster: AtomCluster, nbar: float, layout: Layout) -> Product:
    """The generator as a function of scaled numbers.

    Parameters
    ----------
    cluster : AtomCluster
        The atoms and their couplings.
    nbar : float
        Mean number of thermal photons, >= 0.
    layout : Layout
        Any scale > 0; sqrt(nbar/(nbar+1)) makes a contraction.

    Returns
    -------
    callable
        ``product(numbers) -> numbers``, both of shape (size,).

    Examples
    --------
    >>> from coherence_lib.atoms import AtomCluster
    >>> layout = Layout(2, 1.0)
    >>> print(product(AtomCluster.collective(2), 1.0, layout)(layout.read(None)))
    [-2.  1.  1.  1.  1.  0.]
    """
    if cluster.n_atoms <= _ASSEMBLED_UP_TO:
        return assembled(cluster, nbar, layout).__matmul__
    return Factored(cluster, nbar, layout)


@dataclass(frozen=True)
class _Sector:
    """States of one sector, and where exchanges and jumps lead from each, row by row."""

    cluster: AtomCluster
    layout: Layout
    k: int

    @property
    def labels(self) -> Integers:
        return self.layout.labels[self.k]

    @cached_property
    def _excited(self) -> Integers:
        n, d = self.cluster.n_atoms, len(self.labels)
        return np.nonzero((self.labels[:, None] & _bits(n)) == 0)[1].reshape(d, self.k)

    @cached_property
    def _ground(self) -> Integers:
        n, d = self.cluster.n_atoms, len(self.labels)
        return np.nonzero(self.labels[:, None] & _bits(n))[1].reshape(d, n - self.k)

    def _places(self, labels: Integers, k: int) -> Integers:
        return np.searchsorted(self.layout.labels[k], labels)

    @cached_property
    def neighbours(self) -> Integers:
        """Where the exchange of an excited atom with one in |g> leads, shape (d, k (N - k))."""
        bits = _bits(self.cluster.n_atoms)
        flips = bits[self._excited][:, :, None] ^ bits[self._ground][:, None, :]
        places = self._places(self.labels[:, None, None] ^ flips, self.k)
        return places.reshape(len(self.labels), -1)

    def of_pairs(self, couplings: Floats) -> Floats:
        """The coupling of each of these pairs."""
        pairs = couplings[self._excited[:, :, None], self._ground[:, None, :]]
        return pairs.reshape(len(self.labels), -1)

    def decay(self, nbar: float) -> tuple[Floats, Floats]:
        """Elements of -1/2 sum (jump^+ jump): on the diagonal, and of the pairs."""
        own = np.diagonal(self.cluster.gamma)
        emitted, absorbed = own[self._excited].sum(axis=1), own[self._ground].sum(axis=1)
        pairs = -0.5 * (2 * nbar + 1) * self.of_pairs(self.cluster.gamma)
        return -0.5 * ((nbar + 1) * emitted + nbar * absorbed), pairs

    def raised(self) -> tuple[Integers, Integers]:
        """The atoms in |g>, and the states of the sector above where each is excited."""
        return self._flipped(self._ground, 1)

    def lowered(self) -> tuple[Integers, Integers]:
        """The excited atoms, and the states of the sector below where each is in |g>."""
        return self._flipped(self._excited, -1)

    def _flipped(self, of: Integers, by: int) -> tuple[Integers, Integers]:
        if of.shape[1] == 0:
            return of, of
        flips = self.labels[:, None] ^ _bits(self.cluster.n_atoms)[of]
        return of, self._places(flips, self.k + by)


def widths(cluster: AtomCluster, nbar: float, k: int) -> tuple[float, float]:
    """Spread of the hopping's energies among k excitations, and the fastest decay of a block.

    By their eigenvalues, of many states by Gershgorin's bounds.
    """
    sector = _Sector(cluster, Layout(cluster.n_atoms, 1.0), k)
    diagonal, pairs = sector.decay(nbar)
    hopping = sector.of_pairs(cluster.f)
    d = len(diagonal)
    if d > _EIGENVALUES_UP_TO:
        lost = np.abs(diagonal) + np.abs(pairs).sum(axis=1)
        return float(2 * np.abs(hopping).sum(axis=1).max()), float(4 * lost.max())
    energies, decays = np.linalg.eigvalsh(np.stack(matrices(cluster, nbar, k)))
    # A jump feeds about as much as is lost.
    return float(np.ptp(energies)), float(4 * np.abs(decays).max())


def matrices(cluster: AtomCluster, nbar: float, k: int) -> tuple[Floats, Floats]:
    """The hopping among the states of k excitations, and -1/2 sum (jump^+ jump)."""
    sector = _Sector(cluster, Layout(cluster.n_atoms, 1.0), k)
    diagonal, pairs = sector.decay(nbar)
    hopping, decay = np.zeros((2, len(diagonal), len(diagonal)))
    rows = np.arange(len(diagonal))[:, None]
    hopping[rows, sector.neighbours] = sector.of_pairs(cluster.f)
    decay[rows, sector.neighbours] = pairs
    np.fill_diagonal(decay, diagonal)
    return hopping, decay


def channels(cluster: AtomCluster, k: int) -> Floats:
    """sqrt(rate) J of each decay channel, from k + 1 excitations to k."""
    sector = _Sector(cluster, Layout(cluster.n_atoms, 1.0), k)
    rates, vectors = cluster.decay_channels()
    atoms, to = sector.raised()
    jumps = np.zeros((len(rates), len(atoms), sector.layout.sizes[k + 1]))
    weighted = (np.sqrt(rates) * vectors).T
    jumps[:, np.arange(len(atoms))[:, None], to] = weighted[:, atoms]
    return jumps


def numbers_a_row(n_atoms: int) -> int:
    """How many floats a product's operators take for each number of the blocks."""
    return 3 * n_atoms**2 if n_atoms <= _ASSEMBLED_UP_TO else 12


def _bits(n_atoms: int) -> Integers:
    return 1 << np.arange(n_atoms - 1, -1, -1)


def assembled(cluster: AtomCluster, nbar: float, layout: Layout) -> sp.csr_array:
    """The generator of the scaled numbers as a sparse matrix."""
    n = cluster.n_atoms
    per_row = [1 + 4 * k * (n - k) + (n - k) ** 2 + k**2 for k in range(n + 1)]
    starts = np.concatenate([[0], np.cumsum(np.repeat(per_row, layout.sizes**2))])
    values, columns = np.empty(starts[-1]), np.empty(starts[-1], np.int32)
    begin = 0
    for k, d in enumerate(layout.sizes):
        end = begin + d * d * per_row[k]
        shape = d, d, per_row[k]
        block = values[begin:end].reshape(shape), columns[begin:end].reshape(shape)
        _write_block(_Sector(cluster, layout, k), nbar, *block)
        begin = end
    return sp.csr_array((values, columns, starts.astype(np.int32)), shape=(layout.size,) * 2)


def _write_block(sector: _Sector, nbar: float, values: Floats, columns: Integers) -> None:
    """Entries (d, d, m) of the rows of one block, in place."""
    layout, k, gamma = sector.layout, sector.k, sector.cluster.gamma
    d, first = layout.sizes[k], layout.offsets[k]
    here, near = np.arange(d), sector.neighbours
    diagonal, pairs = sector.decay(nbar)
    f = sector.of_pairs(sector.cluster.f)
    values[:, :, 0] = diagonal[:, None] + diagonal
    columns[:, :, 0] = first + here[:, None] * d + here
    left, right = near[:, None], near[None]
    row, column = here[:, None, None], here[None, :, None]
    place = 1
    for value, target in (
        (pairs[:, None], left * d + column),
        (pairs[None], row * d + right),
        # The hopping reads the transpose.
        (-f[:, None], column * d + left),
        (f[None], right * d + row),
    ):
        there = slice(place, place + near.shape[1])
        values[:, :, there], columns[:, :, there] = value, first + target
        place += near.shape[1]
    up, down = (nbar + 1) * layout.scale, nbar / layout.scale
    for (atoms, to), by, rate in ((sector.raised(), 1, up), (sector.lowered(), -1, down)):
        count = atoms.shape[1] ** 2
        if count:
            rates = rate * gamma[atoms[:, None, :, None], atoms[None, :, None, :]]
            target = to[:, None, :, None] * layout.sizes[k + by] + to[None, :, None, :]
            there = slice(place, place + count)
            values[:, :, there] = rates.reshape(d, d, count)
            columns[:, :, there] = layout.offsets[k + by] + target.reshape(d, d, count)
            place += count


class Factored:
    """The same generator, sector by sector, without its matrix."""

    def __init__(self, cluster: AtomCluster, nbar: float, layout: Layout) -> None:
        self._layout, self._rates = layout, ((nbar + 1) * layout.scale, nbar / layout.scale)
        parts = [_Sector(cluster, layout, k) for k in range(cluster.n_atoms + 1)]
        self._own = [_decay_above_hopping(sector, nbar) for sector in parts]
        self._emissions = [_Jump(cluster, layout, k, 1, *parts[k].raised()) for k in layout.lower]
        self._absorptions = [
            _Jump(cluster, layout, k + 1, -1, *parts[k + 1].lowered()) for k in layout.lower
        ]

    def __call__(self, numbers: Floats) -> Floats:
        result = np.empty_like(numbers)
        blocks, targets = list(self._layout.blocks(numbers)), list(self._layout.blocks(result))
        for own, block, target in zip(self._own, blocks, targets, strict=True):
            d = len(block)
            straight, turned = own @ block, own @ np.ascontiguousarray(block.T)
            turned[:d] += straight[d:]
            straight[:d] -= turned[d:]
            np.add(straight[:d], turned[:d].T, out=target)
        down, up = self._rates
        for k in self._layout.lower:
            self._emissions[k].add(down * blocks[k + 1], targets[k])
            if up:
                self._absorptions[k].add(up * blocks[k], targets[k + 1])
        return result


class _Jump:
    """What a sector k receives from the one `by` above it: sum_ij gamma_ij s_i M s_j^+.

    The rows first, for each j; then the columns that each j links.
    """

    def __init__(
        self, cluster: AtomCluster, layout: Layout, k: int, by: int, atoms: Integers, to: Integers
    ) -> None:
        n, d, other = cluster.n_atoms, int(layout.sizes[k]), int(layout.sizes[k + by])
        # One row for each state and each j.
        values = cluster.gamma[:, atoms].transpose(1, 0, 2)
        columns = np.broadcast_to(to[:, None], values.shape)
        starts = np.arange(d * n + 1) * atoms.shape[1]
        self._rows = sp.csr_array((values.ravel(), columns.ravel(), starts), shape=(d * n, other))
        self._columns = np.ascontiguousarray((atoms * other + to).T)

    def add(self, block: Floats, target: Floats) -> None:
        d = len(target)
        by_rows = (self._rows @ block).reshape(d, -1)
        taken = np.empty_like(target)
        for columns in self._columns:
            # All are in range: the mode spares a copy.
            np.take(by_rows, columns, axis=1, out=taken, mode="clip")
            target += taken


def _decay_above_hopping(sector: _Sector, nbar: float) -> sp.csr_array:
    """The two operators on one sector, stacked for one product."""
    d, near = len(sector.labels), sector.neighbours
    diagonal, pairs = sector.decay(nbar)
    decay = np.concatenate([diagonal[:, None], pairs], axis=1)
    columns = np.concatenate([np.arange(d)[:, None], near], axis=1)
    starts = np.concatenate(
        [
            np.arange(d + 1) * columns.shape[1],
            d * columns.shape[1] + np.arange(1, d + 1) * near.shape[1],
        ]
    )
    values = np.concatenate([decay.ravel(), sector.of_pairs(sector.cluster.f).ravel()])
    indices = np.concatenate([columns.ravel(), near.ravel()])
    return sp.csr_array((values, indices, starts), shape=(2 * d, d))
