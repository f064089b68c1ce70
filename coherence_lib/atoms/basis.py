"""Basis labels of N atoms: |e> = (1, 0), |g> = (0, 1), the first atom is the highest bit.

In a label a set bit is |g>, so that two atoms are ordered |ee>, |eg>, |ge>, |gg>.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from coherence_lib import _checks
from coherence_lib._types import Bools, Floats, Integers, Matrix, Whole

# What a label takes while it is sorted, and an element of a state while it is made.
_BYTES_A_LABEL = 48
_BYTES_AN_ELEMENT = 32


def excitation_numbers(n_atoms: int) -> Integers:
    """Number of excited atoms of each basis label: its bits that are not set."""
    labels = np.arange(2**n_atoms)
    return n_atoms - sum(((labels >> bit) & 1 for bit in range(n_atoms)), np.zeros_like(labels))


def excitations_by_atom(n_atoms: int) -> Bools:
    """Whether each atom (column) is excited in each basis label (row)."""
    return (_labels(n_atoms) & _bits(n_atoms)) == 0


def sectors(n_atoms: Whole) -> list[Integers]:
    """Basis labels by the number of excitations.

    Parameters
    ----------
    n_atoms : int
        Number of atoms N, >= 1.

    Returns
    -------
    list of ndarray of int
        N + 1 arrays: the labels of the states with k = 0, 1, .., N excitations, ascending.

    Raises
    ------
    TypeError, ValueError
        If `n_atoms` is not an integer >= 1, or the labels do not fit the memory.

    Examples
    --------
    Label 3 of two atoms is |gg>, labels 1 and 2 are |eg> and |ge>:

    >>> print(*sectors(2))
    [3] [1 2] [0]
    """
    n_atoms = _checks.whole(n_atoms, "n_atoms", 1)
    _checks.memory(
        _BYTES_A_LABEL * _checks.power(2, n_atoms),
        "n_atoms",
        f"the basis labels of {_checks.shown(n_atoms)} atoms",
        "`atoms.ladder` goes to any number of identical atoms.",
    )
    excitations = excitation_numbers(n_atoms)
    return [np.flatnonzero(excitations == k) for k in range(n_atoms + 1)]


def ground_state(n_atoms: Whole) -> Matrix:
    r"""State in which all atoms are in |g>: :math:`|gg..g\rangle\langle gg..g|`.

    Parameters
    ----------
    n_atoms : int
        Number of atoms N, >= 1.

    Returns
    -------
    ndarray, shape (2**N, 2**N)
        Complex.

    Raises
    ------
    TypeError, ValueError
        If `n_atoms` is not an integer >= 1, or the state does not fit the memory.

    Examples
    --------
    >>> print(ground_state(1).real)
    [[0. 0.]
     [0. 1.]]
    """
    n_atoms = atoms_of_a_state(n_atoms)
    rho = np.zeros((2**n_atoms, 2**n_atoms), np.complex128)
    rho[-1, -1] = 1
    return rho


def atoms_of_a_state(n_atoms: Whole) -> int:
    """Return `n_atoms` as a Python int, if a state of so many atoms fits the memory."""
    n_atoms = _checks.whole(n_atoms, "n_atoms", 1)
    _checks.memory(
        _BYTES_AN_ELEMENT * _checks.power(4, n_atoms),
        "n_atoms",
        f"a state of {_checks.shown(n_atoms)} atoms",
        "`atoms.ladder` writes none down.",
    )
    return n_atoms


def is_ground(rho0: Matrix | None) -> bool:
    """Whether a state is that of all atoms in |g>; None stands for it."""
    return rho0 is None or (rho0[-1, -1] == 1 and np.count_nonzero(rho0) == 1)


def positions(n_atoms: int, order: int = 0) -> tuple[Integers, Integers]:
    """Rows and columns of the elements between states whose excitations differ by `order`.

    Order 0 are the diagonal blocks, one after another, each row by row; with order q > 0 an
    element stands beside its transpose.
    """
    here = sectors(n_atoms)
    lower = [(here[k], here[k - order]) for k in range(order, n_atoms + 1)]
    pairs = lower if order == 0 else [*lower, *((column, row) for row, column in lower)]
    grids = [np.meshgrid(row, column, indexing="ij") for row, column in pairs]
    rows = np.concatenate([row.ravel() for row, _ in grids])
    columns = np.concatenate([column.ravel() for _, column in grids])
    return rows, columns


def bit(n_atoms: int, atom: Whole) -> int:
    """The bit of an atom in a label; the first atom has the highest."""
    return 1 << (n_atoms - 1 - int(atom))


@dataclass(frozen=True)
class Elements:
    """Where a sum of terms of one kind has its elements, row by row in ascending columns.

    Each element belongs to one term, whose number is in `term`: an operator is these places and
    a weight for each term.
    """

    size: int
    rows: Integers
    columns: Integers
    term: Integers

    def dense(self, weights: Floats) -> Floats:
        """Operators with weights (..., terms) as an array (..., size, size)."""
        matrix = np.zeros((*weights.shape[:-1], self.size, self.size))
        matrix[..., self.rows, self.columns] = weights[..., self.term]
        return matrix

    def compressed(self, weights: Floats) -> tuple[Floats, Integers, Integers]:
        """One operator as values, columns and starts of the rows; no value is zero."""
        values, columns, rows = weights[self.term], self.columns, self.rows
        kept = values != 0
        if not kept.all():
            values, columns, rows = values[kept], columns[kept], rows[kept]
        starts = np.zeros(self.size + 1, int)
        np.cumsum(np.bincount(rows, minlength=self.size), out=starts[1:])
        return values, columns, starts

    def sparse(self, weights: Floats) -> sp.csr_array:
        """One operator as a sparse matrix."""
        return sp.csr_array(self.compressed(weights), shape=(self.size, self.size))


def lowering(n_atoms: int) -> Elements:
    """Elements of the sigma_i^-, one term for each atom."""
    bits = _bits(n_atoms)
    rows, atom = np.nonzero(_labels(n_atoms) & bits)
    return Elements(2**n_atoms, rows, rows ^ bits[atom], atom)


def raising(n_atoms: int) -> Elements:
    """Elements of the sigma_i^+, one term for each atom."""
    bits = _bits(n_atoms)
    # The last atom has the lowest bit, and leads to the first column.
    rows, place = np.nonzero(~_labels(n_atoms) & bits[::-1])
    return Elements(2**n_atoms, rows, rows ^ bits[::-1][place], n_atoms - 1 - place)


def hopping(n_atoms: int, pairs: Integers) -> Elements:
    """Elements of the sigma_i^+ sigma_j^-, one term for each row (i, j) of `pairs`."""
    excited, ground = _bits(n_atoms)[pairs].T
    # To |..e_i..g_j..> from |..g_i..e_j..>, whose label is larger by the difference of the bits.
    order = np.argsort(excited - ground)
    excited, ground = excited[order], ground[order]
    labels = _labels(n_atoms)
    rows, place = np.nonzero((labels & (excited | ground)) == ground)
    return Elements(2**n_atoms, rows, rows + (excited - ground)[place], order[place])


def _bits(n_atoms: int) -> Integers:
    """The bits of all atoms; an operator of more than 31 of them has no place in memory."""
    return np.left_shift(1, np.arange(n_atoms - 1, -1, -1), dtype=np.int32)


def _labels(n_atoms: int) -> Integers:
    """All labels, as one column."""
    return np.arange(2**n_atoms, dtype=np.int32)[:, None]
