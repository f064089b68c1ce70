"""How fast a cluster forgets: the decay rates of the full Liouvillian, and the slow ones apart."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coherence_lib import _checks
from coherence_lib._types import Complexes, Floats, Number, Whole
from coherence_lib.atoms import pair
from coherence_lib.atoms.asymptotics import conserved_operators, model_operators
from coherence_lib.atoms.basis import excitation_numbers, lowering, positions
from coherence_lib.atoms.cluster import AtomCluster, check_rates, dense_liouvillian

__all__ = ["relaxation_rates", "slow_rates"]

# Seconds for the eigenvalues of a block of this many thousand rows.
_SECONDS = 20.0
# Up to this size the whole Liouvillian is cut up as an array.
_DENSE_UP_TO = 4
# Atoms whose kept subspace is split off, the steps for that, and the error that is let out.
_SLOW_UP_TO, _ITERATIONS, _SLOW_ERROR = 5, 60, 1e-8


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
        hopping, or better; of two equal atoms relative accuracy 1e-13, from what
        `AtomCluster.missing_decay` holds.

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
    if n == 2 and cluster.gamma[0, 0] == cluster.gamma[1, 1] > 0:
        check_rates(cluster, nbar)
        return _rates_of_a_pair(cluster, nbar)[:k]
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
    # Nothing grows: what is below zero is the rounding of a mode that never decays.
    return np.maximum(np.sort(rates)[:k], 0.0) + 0.0


def slow_rates(cluster: AtomCluster, nbar: Number) -> Floats:
    r"""Rates at which a close cluster loses what it would keep at one place, to many digits.

    Atoms with gamma_ij = gamma0 keep every operator X that commutes with the collective jumps
    and the hopping. At a small distance each of them decays at a rate in proportion to
    `AtomCluster.missing_decay`, and next to a hopping of :math:`(k_0r)^{-3}` an eigenvalue of
    the whole Liouvillian is rounded away. Here the kept subspace (basis V, complement W) is
    split off first, where hopping and shared decay vanish without rounding:

    .. math::
        \kappa = \text{eigenvalues of } -(A + BZ), \qquad
        DZ = Z(A + BZ) - C

    with the blocks :math:`A = V^TL_1V`, :math:`B = V^TL_1W`, :math:`C = W^TL_1V` of what is
    missing alone, :math:`D = W^TLW` of everything, and Z by iteration.

    Parameters
    ----------
    cluster : AtomCluster
        Two to five atoms with equal gamma_ii.
    nbar : float
        Mean number of thermal photons, > 0.

    Returns
    -------
    ndarray, shape (M - 1,)
        Ascending, in the units of gamma: one for each kept operator but the first, which is
        the thermal state. Accurate to a relative 1e-8. None where unequal hopping leaves
        nothing else, as in a triangle of three different sides.

    Raises
    ------
    TypeError
        If `cluster` is no AtomCluster.
    ValueError
        If `nbar` <= 0, gamma_ii differ, there are fewer than two or more than five atoms, or
        `cluster` has no slow rates of this accuracy: its atoms are too far apart, or couplings
        that all but agree do so by rounding alone.

    Examples
    --------
    Three atoms in a triangle with upright dipoles keep five operators, in a row two:

    >>> import numpy as np
    >>> corners = [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
    >>> row = [[0, 0, 0], [1, 0, 0], [2, 0, 0]]
    >>> for places, dipole in ((corners, [1, 1, 1]), (row, [0, 0, 1])):
    ...     cluster = AtomCluster.from_positions(2.0**-20 * np.array(places), dipole)
    ...     print(f"{cluster.f[0, 1]:.1e}", slow_rates(cluster, nbar=1.0))
    3.1e+17 [1.38243195e-12 1.41476954e-12 1.41476954e-12 2.06152132e-12]
    8.6e+17 [2.80644079e-12]
    """
    cluster = _checks.instance(cluster, AtomCluster, "cluster")
    nbar = _checks.scalar(nbar, "nbar", above_zero=True)
    n, own = cluster.n_atoms, np.diagonal(cluster.gamma)
    if not 2 <= n <= _SLOW_UP_TO:
        raise ValueError(f"`cluster` must have 2 to {_SLOW_UP_TO} atoms, but got {n}.")
    if not np.all(own == own[0]) or own[0] == 0:
        raise ValueError("`cluster` must have equal gamma_ii > 0, but got others.")
    check_rates(cluster, nbar)
    if n == 2:
        return _rates_of_a_pair(cluster, nbar)[1:2]
    scale = float(own[0])
    f, missing = cluster.f / scale, cluster.missing_decay / scale
    together = _order_zero(n, nbar, f, np.ones((n, n)))
    lost = _order_zero(n, nbar, 0 * f, -missing)
    kept, others = _kept(AtomCluster(f, np.ones((n, n))), nbar)
    if kept.shape[1] == 1:
        return np.empty(0)
    leak = float(np.linalg.norm(together @ kept))
    if leak <= 1e-12 * np.linalg.norm(together):
        # The products' rounding. What couplings differ by is known without it.
        leak = n * _near_misses(f)
    return scale * _split_off(together + lost, lost, kept, others, leak)


def _order_zero(n: int, nbar: float, f: Floats, gamma: Floats) -> Complexes:
    """The balanced generator on elements between states of equal excitations; any gamma."""
    down = lowering(n).dense(np.eye(n))
    unit, up = np.eye(2**n), down.swapaxes(1, 2)
    rows, columns = positions(n, 0)

    def both(left: Floats, right: Floats) -> Floats:
        """rho -> left rho right."""
        return left[np.ix_(rows, rows)] * right[np.ix_(columns, columns)].T

    ratio = np.sqrt(nbar) / np.sqrt(nbar + 1)
    whole = np.zeros((len(rows),) * 2, np.complex128)
    loss = np.zeros_like(unit)
    for i in range(n):
        for j in range(n):
            # The scale that makes both directions adjoint is sqrt(r) a quantum.
            for jump, photons in ((down, (nbar + 1) * ratio), (up, nbar / ratio)):
                if gamma[i, j]:
                    whole += gamma[i, j] * photons * both(jump[j], jump[i].T)
            loss += gamma[i, j] * ((nbar + 1) * up[i] @ down[j] + nbar * down[i] @ up[j])
    hopping = sum((f[i, j] * up[i] @ down[j] for i in range(n) for j in range(n)), 0 * unit)
    damped = -0.5 * loss - 1j * hopping
    return whole + both(damped, unit) + both(unit, damped.conj().T)


def _kept(together: AtomCluster, nbar: float) -> tuple[Floats, Floats]:
    """Orthonormal bases of what the atoms would keep at one place, and of the others."""
    n = together.n_atoms
    _, jumps, hamiltonian = model_operators(together)
    rows, columns = positions(n, 0)
    operators = conserved_operators(n, jumps, hamiltonian)[0][:, rows, columns]
    # rho_th^(1/4) X rho_th^(1/4).
    weights = (nbar / (nbar + 1)) ** (0.5 * excitation_numbers(n)[rows])
    # NumPy's hints do not know that this mode returns a pair.
    basis, _ = np.linalg.qr((operators * weights).T, mode="complete")
    return basis[:, : len(operators)], basis[:, len(operators) :]


def _near_misses(f: Floats) -> float:
    """How much couplings that count as equal differ, added up."""
    gaps = np.diff(np.sort(f[np.triu_indices(len(f), k=1)]))
    return float(gaps[gaps <= 1e-8 * np.abs(f).max()].sum())


def _split_off(
    whole: Complexes, lost: Complexes, kept: Floats, others: Floats, leak: float
) -> Floats:
    """Decay rates within the kept subspace, the zero left out; else an error.

    What was taken as kept, and is up to `leak` only, comes back by a detour over the others.
    """
    a, b = kept.T @ lost @ kept, kept.T @ lost @ others
    c, d = others.T @ lost @ kept, others.T @ whole @ others
    inverse = np.linalg.inv(d)
    slowest = 1 / np.linalg.norm(inverse, 2)
    z, change = -inverse @ c, np.inf
    for _ in range(_ITERATIONS):
        following = inverse @ (z @ (a + b @ z) - c)
        change = np.linalg.norm(following - z)
        z = following
        if change <= 1e-13 * np.linalg.norm(z):
            break
    rates = np.sort(-np.linalg.eigvals(a + b @ z).real)[1:]
    error = np.linalg.norm(b) * change + leak**2 / slowest
    if not (error <= _SLOW_ERROR * rates[0] and rates[-1] <= 0.5 * slowest):
        raise ValueError(
            "`cluster` must have slow rates that stand apart from the others, but got "
            f"{rates[0]:.3g} with an error of {error:.3g}, in units of gamma_ii."
        )
    return rates


def _rates_of_a_pair(cluster: AtomCluster, nbar: float) -> Floats:
    """Closed forms, which subtract no hopping; a rounding beyond the bounds is cut off."""
    gamma0, missing = float(cluster.gamma[0, 0]), float(cluster.missing_decay[0, 1])
    return pair.rates(min(max(missing, 0.0), 2 * gamma0), nbar, float(cluster.f[0, 1]), gamma0)


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
