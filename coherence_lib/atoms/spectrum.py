"""How fast a cluster forgets: the decay rates of the full Liouvillian."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coherence_lib import _checks
from coherence_lib._types import Complexes, Floats, Number, Whole
from coherence_lib.atoms.basis import excitation_numbers
from coherence_lib.atoms.cluster import AtomCluster, dense_liouvillian

__all__ = ["relaxation_rates"]

# Seconds for the eigenvalues of a block of this many thousand rows.
_SECONDS = 20.0
# Up to this size the whole Liouvillian is cut up as an array.
_DENSE_UP_TO = 4


def relaxation_rates(cluster: AtomCluster, nbar: Number, k: Whole = 6) -> Floats:
    r"""The slowest decay rates, :math:`-\operatorname{Re}\lambda` of the Liouvillian.

    The Liouvillian changes the excitations on both sides of a density matrix alike,
    so it is diagonalised order by order of coherence. For nbar > 0 each part is made
    as Hermitian as it gets first, by detailed balance; without hopping it then is.

    A zero rate is a mode that never decays: the steady states, and coherences that
    rotate for ever. A small one is the lifetime of what looks like a steady state.

    Parameters
    ----------
    cluster : AtomCluster
        The atoms and their couplings; seven of them would take minutes.
    nbar : float
        Mean number of thermal photons, >= 0.
    k : int, optional
        How many rates, >= 1; at most all 4^N are returned.

    Returns
    -------
    ndarray, shape (min(k, 4**N),)
        Ascending, in the units of gamma, with multiplicity, zero modes and coherences
        of every order included. Absolute accuracy 1e-14 of the largest rate or
        hopping, or better.

    Raises
    ------
    TypeError
        If `cluster` is no AtomCluster, or `k` no integer.
    ValueError
        If `nbar` < 0 or not finite, `k` < 1, or the spectrum of so many atoms does not fit
        the memory or takes minutes.

    Examples
    --------
    Two atoms at one place have two zero modes; what decays first is a coherence
    between the singlet and |gg>, at gamma0 nbar:

    >>> from coherence_lib.atoms import AtomCluster
    >>> print(abs(relaxation_rates(AtomCluster.collective(2), nbar=1.0, k=4)).round(6))
    [0. 0. 1. 1.]
    """
    if not isinstance(cluster, AtomCluster):
        raise TypeError(f"`cluster` must be an AtomCluster, but got {type(cluster).__name__}.")
    nbar = _checks.scalar(nbar, "nbar", minimum=0)
    k = _checks.whole(k, "k", 1)
    n = cluster.n_atoms
    _check_size(n)
    if n <= _DENSE_UP_TO:
        liouvillian: Any = dense_liouvillian(cluster, nbar)
    else:
        liouvillian = cluster.liouvillian(nbar).data.as_scipy()
    excitations = excitation_numbers(n)
    # Columns are stacked, so the row index of rho runs fastest.
    left, right = np.tile(excitations, 2**n), np.repeat(excitations, 2**n)
    rates: list[float] = []
    for order in range(n + 1):
        part = np.flatnonzero(left - right == order)
        matrix = liouvillian[part][:, part]
        matrix = matrix if n <= _DENSE_UP_TO else matrix.toarray()
        if nbar > 0:
            # rho = rho_th^(1/4) X rho_th^(1/4) makes emission and absorption adjoint.
            log_weight = 0.25 * (left + right)[part] * (np.log(nbar) - np.log1p(nbar))
            matrix = _balanced(matrix, log_weight)
        values = -_eigenvalues(matrix).real
        rates.extend(values if order == 0 else np.repeat(values, 2))
    return np.sort(rates)[:k]


def _check_size(n: int) -> None:
    """Refuse a spectrum that does not fit; the largest block has binom(2N, N) rows."""
    rows = float(math.comb(2 * min(n, 400), min(n, 400)))
    what, more = f"the spectrum of {n} atoms", "`steady_state` and `evolve` need none."
    _checks.memory(64 * rows**2, "cluster", what, more)
    _checks.work(_SECONDS * (rows / 1000) ** 3, "cluster", what, more)


def _balanced(matrix: Complexes, log_weight: Floats) -> Complexes:
    """D^-1 matrix D with D = exp(log_weight), where the entries are not zero."""
    rows, columns = np.nonzero(matrix)
    balanced = np.zeros_like(matrix)
    scale = np.exp(log_weight[columns] - log_weight[rows])
    balanced[rows, columns] = matrix[rows, columns] * scale
    return balanced


def _eigenvalues(matrix: Complexes) -> NDArray[np.inexact]:
    if np.abs(matrix - matrix.conj().T).max() <= 1e-13 * np.abs(matrix).max():
        return np.linalg.eigvalsh(matrix)
    return np.linalg.eigvals(matrix)
