r"""Atoms that share every photon and hop as they like: what stays is a count of symmetries.

All :math:`\gamma_{ij} = \gamma_0`, hopping `f` of any shape, :math:`\bar n > 0`. From
:math:`|gg..g\rangle` the atoms fill the smallest space V that holds it and that
:math:`J^\pm = \sum_i\sigma_i^\pm` and the hopping map into itself, and end in the thermal state of
independent atoms cut to V. A permutation of the atoms that leaves `f` as it is leaves each vector
of V as it is, so V lies in the space of all vectors that the group G of these permutations leaves.
Where V is that space, the end is

.. math::
    \rho = \frac{\Pi_V\,\rho_{th}\,\Pi_V}{\mathrm{tr}(\Pi_V\,\rho_{th})},\qquad
    C_{l_1} + 1 = \frac{(1+r)^N}{\sum_k d_k r^k},\qquad r = \frac{\bar n}{\bar n+1},

where :math:`d_k` is the number of orbits of G on the sets of k atoms. By Polya's theorem the sum
is the cycle index :math:`Z_G(1+r, 1+r^2, ..)`. The size of `f` does not enter. Where V is smaller
the count is a strict lower bound of the coherence, and :func:`reached` tells.

Atoms that can be swapped without any other moving form classes of interchangeable ones. What is
left to search, by backtracking with colour refinement, are permutations of these classes, so that
a thousand identical atoms cost as little as a row of them.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from typing import overload

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components
from scipy.special import logsumexp

from coherence_lib import _checks, _labels
from coherence_lib._types import Array, Floats, Integers, Labelled, Number, Numbers, Real, Value
from coherence_lib.atoms import basis
from coherence_lib.atoms.cluster import AtomCluster

__all__ = ["Automorphisms", "automorphisms", "long_time_coherence", "reached"]

# Couplings that differ by less than this part of the largest one count as equal.
_EQUAL = 1e-9
# Energies are one level up to this part of the largest coupling; what is reached by less is not.
_ONE_LEVEL, _REACHED = 1e-8, 1e-7
# What one step of the search takes for each class that a partial permutation may continue with.
_BYTES_A_CHOICE = 64
# Of the eigenstates of d states, d^3 times this; 13 atoms without symmetries take half a minute.
_SECONDS_A_PRODUCT = 4e-9
# Cycle types are as many as partitions, of 40 atoms 37338.
_MOST_LISTED = 40

# ((length, number of cycles), ..), ascending.
CycleType = tuple[tuple[int, int], ...]
# Cycles of classes as (length, size of a class) -> how many.
Cycles = Counter[tuple[int, int]]


@dataclass(frozen=True, eq=False)
class Automorphisms:
    """The permutations of the atoms that leave the hopping as it is.

    Attributes
    ----------
    classes : tuple of tuple of int
        Interchangeable atoms: any two of one class can be swapped alone.
    between : ndarray of int, shape (M, K)
        The M permutations of the K classes, one a row: the class that each is led to.
    """

    classes: tuple[tuple[int, ...], ...]
    between: Integers

    @property
    def n_atoms(self) -> int:
        """Number of atoms N."""
        return sum(map(len, self.classes))

    @property
    def order(self) -> int:
        """Number of permutations, the identity included."""
        return len(self.between) * math.prod(math.factorial(len(c)) for c in self.classes)

    @property
    def orbits(self) -> tuple[tuple[int, ...], ...]:
        """Atoms that permutations lead to each other, ascending in each orbit."""
        joined: dict[int, list[int]] = {}
        for atoms, images in zip(self.classes, self.between.T, strict=True):
            joined.setdefault(int(images.min()), []).extend(atoms)
        return tuple(sorted(tuple(sorted(atoms)) for atoms in joined.values()))

    @cached_property
    def orbit_counts(self) -> tuple[int, ...]:
        """How many orbits there are on the sets of k = 0, 1, .., N atoms."""
        total = [0] * (self.n_atoms + 1)
        for cycles, often in self._cycles():
            term = [1]
            for (length, size), number in cycles.items():
                term = _product(term, _sets_kept(length, size, number))
            total = [a + often * b for a, b in zip(total, term, strict=True)]
        return tuple(value // len(self.between) for value in total)

    @cached_property
    def cycle_index(self) -> dict[CycleType, Fraction]:
        r"""Cycle index :math:`Z_G(a_1, a_2, ..)`, {((length, number of cycles), ..): coefficient}.

        For up to 40 atoms; `orbit_counts` has no such limit.
        """
        _checks.whole(self.n_atoms, "n_atoms", 1, _MOST_LISTED)
        total: dict[CycleType, Fraction] = {}
        for cycles, often in self._cycles():
            term: dict[CycleType, Fraction] = {(): Fraction(often, len(self.between))}
            for (length, size), number in cycles.items():
                for _ in range(number):
                    term = _joined(term, _of_all_permutations(size, length))
            total |= {kind: total.get(kind, 0) + share for kind, share in term.items()}
        return dict(sorted(total.items()))

    def _cycles(self) -> Iterator[tuple[Cycles, int]]:
        """The different ways to permute the classes in cycles, and how often each occurs."""
        sizes = np.array([len(c) for c in self.classes])
        lengths = _cycle_lengths(self.between)
        for size in np.unique(sizes):
            alike = np.flatnonzero(sizes == size)
            lengths[:, alike] = np.sort(lengths[:, alike], axis=1)
        kinds, often = np.unique(lengths, axis=0, return_counts=True)
        for kind, number in zip(kinds.tolist(), often.tolist(), strict=True):
            members = Counter(zip(kind, sizes.tolist(), strict=True))
            yield Counter({key: count // key[0] for key, count in members.items()}), number


def automorphisms(f: Array) -> Automorphisms:
    r"""Permutations p of the atoms with :math:`f_{p(i)p(j)} = f_{ij}` for all pairs.

    Couplings that differ by less than 1e-9 of the largest one count as equal.

    Parameters
    ----------
    f : array_like, shape (N, N)
        Real symmetric dipole-dipole couplings with a zero diagonal.

    Returns
    -------
    Automorphisms
        With `order`, `orbits`, `orbit_counts` and `cycle_index`.

    Raises
    ------
    TypeError, ValueError
        If `f` is not such a matrix, or the permutations of its classes of interchangeable
        atoms are too many to be held.

    Examples
    --------
    A row of four can only be turned around, which leaves pairs of atoms of four kinds:

    >>> import numpy as np
    >>> places = np.arange(4.0)
    >>> distance = np.abs(np.subtract.outer(places, places))
    >>> row = automorphisms(1 / (distance + np.eye(4)) ** 3 - np.eye(4))
    >>> row.order, row.orbits, row.orbit_counts
    (2, ((0, 3), (1, 2)), (1, 2, 4, 2, 1))
    >>> print(*row.cycle_index.items())   # (a_1^4 + a_2^2)/2
    (((1, 4),), Fraction(1, 2)) (((2, 2),), Fraction(1, 2))
    """
    labels = _kinds(_hopping(f))
    classes = _classes(labels)
    first = [c[0] for c in classes]
    table = labels[np.ix_(first, first)]
    # Two atoms of one class have a coupling of their own; one alone has none.
    np.fill_diagonal(table, [labels[c[0], c[-1]] if len(c) > 1 else -1 for c in classes])
    colours = _refined(table, np.array([len(c) for c in classes]))
    return Automorphisms(tuple(map(tuple, classes)), _permutations(table, colours))


@overload
def long_time_coherence(f: Array, nbar: Number) -> float: ...
@overload
def long_time_coherence(f: Array, nbar: Numbers) -> Floats: ...
@overload
def long_time_coherence(f: Array, nbar: Labelled) -> Labelled: ...
def long_time_coherence(f: Array, nbar: Real) -> Value:
    r"""Long-time l1 norm of coherence from the ground state by a count of symmetries.

    .. math:: C_{l_1} = \frac{(1+r)^N}{Z_G(1+r, 1+r^2, ..)} - 1
                      = \frac{\sum_k [\binom Nk - d_k]\,r^k}{\sum_k d_k r^k}

    for :math:`\gamma_{ij} = \gamma_0`, with the cycle index of the automorphisms of `f`
    and :math:`r = \bar n/(\bar n+1)`. Exact where the atoms reach all states that these
    symmetries leave, ``reached(f) == automorphisms(f).orbit_counts``, else a strict lower
    bound. That takes couplings that fulfil an equation beside their symmetries, as
    :math:`f_{12} + f_{34} = f_{13} + f_{24}`.

    Parameters
    ----------
    f : array_like, shape (N, N)
        Real symmetric dipole-dipole couplings with a zero diagonal.
    nbar : array_like, shape (...)
        Mean number of thermal photons, >= 0. Without photons nothing happens.

    Returns
    -------
    float or ndarray, shape (...)

    Raises
    ------
    TypeError, ValueError
        If `f` or `nbar` is not as said, the permutations are too many to be held, or the
        coherence is too large for a float.

    Examples
    --------
    >>> import numpy as np
    >>> a = 2 * np.pi * np.arange(30) / 30
    >>> chord = np.abs(np.subtract.outer(np.exp(1j * a), np.exp(1j * a)))
    >>> ring = 1 / (chord + np.eye(30)) ** 3 - np.eye(30)
    >>> print(round(long_time_coherence(ring, nbar=1.0), 4))   # never above 2N - 1 = 59
    58.6097
    """
    if _labels.among(f, nbar):
        return _labels.apply(long_time_coherence, matrices=("f",), f=f, nbar=nbar)
    counts = automorphisms(f).orbit_counts
    nbar = _checks.at_least(nbar, 0, "nbar")
    n, k = len(counts) - 1, np.arange(len(counts))
    lost = [math.comb(n, j) - d for j, d in enumerate(counts)]
    log_r = -np.log1p(1 / np.maximum(nbar, np.finfo(float).tiny))[..., None]
    if not any(lost):
        return _checks.plain(np.zeros(nbar.shape))
    # No term is negative, so that no digit cancels.
    above = logsumexp(_logs(lost) + k * log_r, axis=-1)
    below = logsumexp(_logs(counts) + k * log_r, axis=-1)
    with np.errstate(over="ignore"):
        coherence = np.where(nbar > 0, np.exp(above - below), 0.0)
    return _checks.plain(_checks.outcome(coherence, "f", "the coherence"))


def reached(f: Array) -> tuple[int, ...]:
    r"""Dimensions of the space that identical jumps and the hopping reach from the ground state.

    The smallest space V that holds :math:`|gg..g\rangle` and that :math:`J^+`, :math:`J^-`
    and :math:`H_d` map into itself, by the number of excitations. It is never larger than
    the space that the symmetries of `f` leave; where it is that space,
    :func:`long_time_coherence` of this module is exact.

    Parameters
    ----------
    f : array_like, shape (N, N)
        Real symmetric dipole-dipole couplings with a zero diagonal.

    Returns
    -------
    tuple of int, length N + 1
        Dimensions for k = 0, 1, .., N excitations. Energies that differ by less than 1e-8 of
        the largest coupling count as equal, and an amplitude below 1e-7 as zero.

    Raises
    ------
    TypeError, ValueError
        If `f` is not such a matrix, or has so many atoms (above 13) that it would take minutes.

    Examples
    --------
    No permutation leaves these couplings, but 1 + 4 = 2 + 3 leaves a dark state of two
    excitations out of reach, and with it a coherence:

    >>> f = [[0, 1, 2, 5], [1, 0, 7, 3], [2, 7, 0, 4], [5, 3, 4, 0]]
    >>> automorphisms(f).order, automorphisms(f).orbit_counts
    (1, (1, 4, 6, 4, 1))
    >>> reached(f)
    (1, 4, 5, 4, 1)
    """
    hopping = _hopping(f)
    n = len(hopping)
    _checks.work(
        _SECONDS_A_PRODUCT * sum(float(math.comb(n, k)) ** 3 for k in range(n + 1)),
        "f",
        f"the space that {n} atoms reach",
        "`long_time_coherence` of this module takes any number, and is a lower bound.",
    )
    levels, lowered = _levels(hopping)
    spaces = [np.eye(1), *(np.zeros((len(energies), 0)) for energies in levels[1:])]
    while True:
        before = [space.shape[1] for space in spaces]
        for k in range(1, n + 1):
            spaces[k] = _grown(levels[k], spaces[k], lowered[k - 1].T @ spaces[k - 1])
        for k in range(n - 1, -1, -1):
            spaces[k] = _grown(levels[k], spaces[k], lowered[k] @ spaces[k + 1])
        if [space.shape[1] for space in spaces] == before:
            return tuple(before)


# --- the matrix of couplings -----------------------------------------------------


def _hopping(f: Array) -> Floats:
    """Checked couplings in units of the largest one."""
    matrix = _checks.real(f, "f")
    hopping = AtomCluster(matrix, np.ones(matrix.shape)).f
    largest = np.abs(hopping).max()
    return hopping / largest if largest > 0 else hopping


def _kinds(hopping: Floats) -> Integers:
    """Whole numbers that are the same for couplings that are."""
    values, places = np.unique(hopping, return_inverse=True)
    steps = np.concatenate([[False], np.diff(values) > _EQUAL])
    return np.cumsum(steps)[places].reshape(hopping.shape)


def _classes(labels: Integers) -> list[list[int]]:
    """Atoms that can be swapped alone, since they have the same couplings to all others."""
    found: list[list[int]] = []
    for atom, row in enumerate(labels):
        for members in found:
            other = members[0]
            differ = row != labels[other]
            differ[[atom, other]] = False
            if not differ.any():
                members.append(atom)
                break
        else:
            found.append([atom])
    return found


# --- the search ------------------------------------------------------------------


def _refined(table: Integers, sizes: Integers) -> Integers:
    """Colours that every permutation keeps: classes split by what they see, until none does."""
    first = np.column_stack([sizes, table.diagonal()])
    colours = np.unique(first, axis=0, return_inverse=True)[1].ravel()
    while True:
        seen = np.sort(table * len(table) + colours, axis=1)
        split = np.unique(np.column_stack([colours, seen]), axis=0, return_inverse=True)[1].ravel()
        if split.max() == colours.max():
            return colours
        colours = split


def _permutations(table: Integers, colours: Integers) -> Integers:
    """All permutations that keep the table, extended class by class where they can be."""
    rarity = np.bincount(colours)[colours]
    order = np.lexsort((np.arange(len(table)), colours, rarity))
    images = np.zeros((1, 0), int)
    for done, place in enumerate(order):
        choices = np.flatnonzero(colours == colours[place])
        _checks.memory(
            _BYTES_A_CHOICE * float(len(images)) * len(choices) * (done + 1),
            "f",
            "the permutations that may leave it",
            "Interchangeable atoms are no limit, but interchangeable groups of atoms are.",
        )
        wanted = table[place, order[:done]]
        kept = np.all(table[choices[:, None, None], images] == wanted, axis=2)
        kept &= ~np.any(images == choices[:, None, None], axis=2)
        which, row = np.nonzero(kept)
        images = np.column_stack([images[row], choices[which]])
    found = np.empty_like(images)
    found[:, order] = images
    return found


def _cycle_lengths(permutations: Integers) -> Integers:
    """For each element of each permutation the length of its cycle."""
    start = np.arange(permutations.shape[1])
    lengths, here, step = np.zeros_like(permutations), permutations, 1
    while True:
        lengths[(lengths == 0) & (here == start)] = step
        if lengths.all():
            return lengths
        here, step = np.take_along_axis(permutations, here, axis=1), step + 1


# --- counting --------------------------------------------------------------------


def _product(left: list[int], right: list[int]) -> list[int]:
    """The product of two polynomials, as whole numbers of any size."""
    total = [0] * (len(left) + len(right) - 1)
    for shift, factor in enumerate(left):
        if factor:
            for place, value in enumerate(right, shift):
                total[place] += factor * value
    return total


def _sets_kept(length: int, size: int, number: int) -> list[int]:
    """Sets of excited atoms that cycles of classes keep: (1 + x^l + .. + x^(l size))^number."""
    if size == 1:
        powers = [math.comb(number, k) for k in range(number + 1)]
    else:
        powers = [1]
        for _ in range(number):
            powers = _product(powers, [1] * (size + 1))
    spread = [0] * (length * (len(powers) - 1) + 1)
    spread[::length] = powers
    return spread


def _of_all_permutations(size: int, stretch: int) -> dict[CycleType, Fraction]:
    """Cycle index of all permutations of `size` atoms, with each cycle `stretch` times as long."""
    found = {}
    for partition in _partitions(size, size):
        cycles = Counter(partition)
        share = math.prod(length**m * math.factorial(m) for length, m in cycles.items())
        kind = tuple(sorted((stretch * length, m) for length, m in cycles.items()))
        found[kind] = Fraction(1, share)
    return found


def _partitions(total: int, largest: int) -> Iterator[list[int]]:
    if total == 0:
        yield []
    for part in range(min(total, largest), 0, -1):
        for rest in _partitions(total - part, part):
            yield [part, *rest]


def _joined(
    left: dict[CycleType, Fraction], right: dict[CycleType, Fraction]
) -> dict[CycleType, Fraction]:
    """The product of two polynomials in the a_l."""
    total: dict[CycleType, Fraction] = {}
    for one, share in left.items():
        for other, factor in right.items():
            cycles = Counter(dict(one)) + Counter(dict(other))
            kind = tuple(sorted(cycles.items()))
            total[kind] = total.get(kind, 0) + share * factor
    return total


def _logs(numbers: list[int] | tuple[int, ...]) -> Floats:
    """Logarithms of whole numbers of any size, -inf of zero."""
    return np.array([math.log(number) if number else -np.inf for number in numbers])


# --- the space that is reached ---------------------------------------------------


def _levels(hopping: Floats) -> tuple[list[Floats], list[Floats]]:
    """Energies of the states that the symmetries leave, by excitations, and J^- between them."""
    n = len(hopping)
    symmetric = _symmetric_states(automorphisms(hopping))
    pairs = np.argwhere(hopping)
    energy = basis.hopping(n, pairs).sparse(hopping[tuple(pairs.T)])
    down = basis.lowering(n).sparse(np.ones(n))
    found = [np.linalg.eigh((here.T @ energy @ here).toarray()) for here in symmetric]
    states = [here @ vectors for here, (_, vectors) in zip(symmetric, found, strict=True)]
    lowered = [below.T @ (down @ above) for below, above in pairwise(states)]
    return [energies for energies, _ in found], lowered


def _grown(energies: Floats, space: Floats, images: Floats) -> Floats:
    """The space with what the images add to it in each level.

    A space that the hopping maps into itself is a sum of parts of its levels. Level by level,
    no power of the hopping has to tell a small new direction from a rounding.
    """
    added = []
    starts = np.flatnonzero(np.diff(energies) > _ONE_LEVEL) + 1
    for level in np.split(np.arange(len(energies)), starts):
        held = space[level]
        held = held[:, np.any(held != 0, axis=0)]
        if held.shape[1] == len(level):
            continue
        # Twice, since what little is left of a vector has the roundings of the whole.
        fresh = images[level] - held @ (held.T @ images[level])
        fresh -= held @ (held.T @ fresh)
        left, values, _ = np.linalg.svd(fresh, full_matrices=False)
        column = np.zeros((len(energies), int(np.sum(values > _REACHED))))
        column[level] = left[:, values > _REACHED]
        added.append(column)
    return np.hstack([space, *added])


def _symmetric_states(group: Automorphisms) -> list[sp.csc_array]:
    """For each number of excitations one state an orbit, its even superposition, as columns."""
    n = group.n_atoms
    excited = basis.excitations_by_atom(n)
    weights = 1 << np.arange(n - 1, -1, -1)
    labels = np.arange(2**n)
    # A label has the bits of the atoms that are not excited.
    images = [(~excited[:, moved]) @ weights for moved in _generators(group)]
    places = np.concatenate([labels, *images]), np.tile(labels, len(images) + 1)
    joined = sp.coo_array((np.ones(len(places[0])), places), shape=(2**n, 2**n))
    orbit = connected_components(joined, directed=False)[1]
    size = np.bincount(orbit)[orbit]
    even = sp.csc_array((1 / np.sqrt(size), (labels, orbit)))
    number = np.empty(even.shape[1], int)
    number[orbit] = basis.excitation_numbers(n)
    return [even[:, np.flatnonzero(number == k)] for k in range(n + 1)]


def _generators(group: Automorphisms) -> Iterator[Integers]:
    """Permutations of the atoms that make up the group."""
    for members in group.classes:
        for one, other in pairwise(members):
            swap = np.arange(group.n_atoms)
            swap[[one, other]] = other, one
            yield swap
    for images in group.between:
        moved = np.empty(group.n_atoms, int)
        for members, image in zip(group.classes, images, strict=True):
            moved[list(members)] = group.classes[image]
        yield moved
