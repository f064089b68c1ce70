"""Basis labels of N atoms: |e> = (1, 0), |g> = (0, 1), the first atom is the highest bit.

In a label a set bit is |g>, so that two atoms are ordered |ee>, |eg>, |ge>, |gg>.
"""

import numpy as np
import scipy.sparse as sp

from coherence_lib import _checks

# A quarter of a gigabyte of labels, or of one density matrix.
_LARGEST_LABELS = 24
LARGEST_STATE = 12


def excitation_numbers(n_atoms):
    """Number of excited atoms of each basis label: its bits that are not set."""
    labels = np.arange(2**n_atoms)
    return n_atoms - sum((labels >> bit) & 1 for bit in range(n_atoms))


def sectors(n_atoms):
    """Basis labels by the number of excitations.

    Parameters
    ----------
    n_atoms : int
        Number of atoms N, 1 to 24.

    Returns
    -------
    list of ndarray of int
        N + 1 arrays: the labels of the states with k = 0, 1, .., N excitations, ascending.

    Raises
    ------
    TypeError, ValueError
        If `n_atoms` is not an integer from 1 to 24.

    Examples
    --------
    Label 3 of two atoms is |gg>, labels 1 and 2 are |eg> and |ge>:

    >>> print(*sectors(2))
    [3] [1 2] [0]
    """
    n_atoms = _checks.whole(n_atoms, "n_atoms", 1, _LARGEST_LABELS)
    excitations = excitation_numbers(n_atoms)
    return [np.flatnonzero(excitations == k) for k in range(n_atoms + 1)]


def ground_state(n_atoms):
    r"""State in which all atoms are in |g>: :math:`|gg..g\rangle\langle gg..g|`.

    Parameters
    ----------
    n_atoms : int
        Number of atoms N, 1 to 12.

    Returns
    -------
    ndarray, shape (2**N, 2**N)
        Complex.

    Raises
    ------
    TypeError, ValueError
        If `n_atoms` is not an integer from 1 to 12.

    Examples
    --------
    >>> print(ground_state(1).real)
    [[0. 0.]
     [0. 1.]]
    """
    n_atoms = _checks.whole(n_atoms, "n_atoms", 1, LARGEST_STATE)
    rho = np.zeros((2**n_atoms, 2**n_atoms), complex)
    rho[-1, -1] = 1
    return rho


def is_ground(rho0):
    """Whether a state is that of all atoms in |g>; None stands for it."""
    return rho0 is None or (rho0[-1, -1] == 1 and np.count_nonzero(rho0) == 1)


def positions(n_atoms, order=0):
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


def bit(n_atoms, atom):
    """The bit of an atom in a label; the first atom has the highest."""
    return 1 << (n_atoms - 1 - int(atom))


def lowering(weights):
    """sum_i weights_i sigma_i^- as a sparse matrix."""
    n = len(weights)
    labels = np.arange(2**n)
    parts = []
    for i in np.flatnonzero(weights):
        excited = labels[labels & bit(n, i) == 0]
        parts.append((excited | bit(n, i), excited, np.full(len(excited), weights[i])))
    return _sparse(n, parts)


def hopping(f):
    """sum_ij f_ij sigma_i^+ sigma_j^- as a sparse matrix."""
    n = len(f)
    labels = np.arange(2**n)
    parts = []
    for i, j in np.argwhere(f):
        # From |..g_i..e_j..> to |..e_i..g_j..>.
        origin = labels[(labels & bit(n, i) != 0) & (labels & bit(n, j) == 0)]
        parts.append((origin ^ bit(n, i) ^ bit(n, j), origin, np.full(len(origin), f[i, j])))
    return _sparse(n, parts)


def _sparse(n_atoms, parts):
    """Rows, columns and values of elements, in pieces, as one sparse matrix."""
    shape = (2**n_atoms, 2**n_atoms)
    if not parts:
        return sp.csr_matrix(shape)
    rows, columns, values = (np.concatenate(column) for column in zip(*parts, strict=True))
    return sp.csr_matrix((values, (rows, columns)), shape)
