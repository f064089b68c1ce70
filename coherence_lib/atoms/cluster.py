"""AtomCluster: the model of paper I, Eqs. (I.1)-(I.3), handed over as QuTiP objects."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from coherence_lib import _checks, _operators
from coherence_lib._types import Array, Complexes, Floats, Integers, Matrix, Number, Whole
from coherence_lib.atoms import basis, geometry

if TYPE_CHECKING:
    import qutip

__all__ = ["AtomCluster"]

# A collective rate below this many roundings of the largest one is a rounding of zero.
_RANK_ROUNDINGS = 4
# A sparse element of QuTiP, a complex number and its place, and what is needed to build it.
_BYTES_AN_ENTRY = 64
# An entry of a Liouvillian, sorted and added up with others.
_BYTES_A_SORTED_ENTRY = 128


@dataclass(frozen=True, eq=False)
class AtomCluster:
    r"""N two-level atoms in a common thermal photon bath, Eqs. (I.1)-(I.3) [1]_.

    .. math::
        \dot\rho = -i[H_d, \rho]
          + \sum_{ij}\gamma_{ij}(\bar n+1)\bigl(\sigma_j^-\rho\,\sigma_i^+
             - \tfrac12\{\sigma_i^+\sigma_j^-,\rho\}\bigr)
          + \sum_{ij}\gamma_{ij}\,\bar n\,\bigl(\sigma_j^+\rho\,\sigma_i^-
             - \tfrac12\{\sigma_i^-\sigma_j^+,\rho\}\bigr)

    in the interaction picture of the bare atoms, with
    :math:`H_d = \sum_{i\neq j} f_{ij}\sigma_i^+\sigma_j^-`.

    Basis: |e> = (1, 0), |g> = (0, 1); N atoms as a QuTiP tensor product, so two
    atoms are ordered |ee>, |eg>, |ge>, |gg>.

    Parameters
    ----------
    f : array_like, shape (N, N)
        Real symmetric dipole-dipole couplings with a zero diagonal. f_ij > 0
        raises the energy of the symmetric state of the pair.
    gamma : array_like, shape (N, N)
        Real symmetric positive semidefinite decay rates.

    Raises
    ------
    TypeError
        If `f` or `gamma` is not made of real numbers.
    ValueError
        If a shape is wrong, an element is not finite, a matrix is not symmetric,
        `f` has a non-zero diagonal, or `gamma` has a negative eigenvalue.

    References
    ----------
    .. [1] B. Cakmak, A. Manatuly and O. E. Mustecaplioglu, Phys. Rev. A 96,
       032117 (2017).

    Examples
    --------
    >>> pair = AtomCluster.collective(2, f0=1.0)
    >>> pair.n_atoms, pair.liouvillian(nbar=10.0).shape
    (2, (16, 16))
    """

    f: Floats
    gamma: Floats

    if TYPE_CHECKING:
        # What is handed in takes more forms than what is held.
        def __init__(self, f: Array, gamma: Array) -> None: ...

    def __post_init__(self) -> None:
        for name in ("f", "gamma"):
            matrix = _checks.real(getattr(self, name), name)
            if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or matrix.size == 0:
                raise ValueError(f"`{name}` must have shape (N, N), but got {matrix.shape}.")
            largest = float(np.max(np.abs(matrix)))
            with np.errstate(over="ignore"):
                if not np.isfinite(np.multiply(8 * matrix.size, largest)):
                    raise ValueError(f"`{name}` must leave all rates finite, but got {largest!r}.")
            skew = np.max(np.abs(matrix - matrix.T))
            if skew > 1e-12 * np.max(np.abs(matrix)):
                raise ValueError(
                    f"`{name}` must be symmetric, but differs from its transpose by {skew:.3g}."
                )
            matrix = 0.5 * (matrix + matrix.T)
            matrix.setflags(write=False)
            object.__setattr__(self, name, matrix)
        if self.f.shape != self.gamma.shape:
            raise ValueError(
                "`f` and `gamma` must have one shape, but got "
                f"{self.f.shape} and {self.gamma.shape}."
            )
        diagonal = np.diagonal(self.f)
        if np.any(diagonal != 0):
            raise ValueError(
                "`f` must have a zero diagonal, but got "
                f"{float(diagonal[np.flatnonzero(diagonal)[0]])!r}."
            )
        lowest, highest = np.linalg.eigvalsh(self.gamma)[[0, -1]]
        if lowest < -1e-12 * max(abs(highest), abs(lowest)):
            raise ValueError(
                f"`gamma` must be positive semidefinite, but has the eigenvalue {lowest:.3g}."
            )

    @classmethod
    def collective(cls, n_atoms: Whole, f0: Number = 0.0, gamma0: Number = 1.0) -> AtomCluster:
        """Identical couplings: f_ij = `f0` for i != j and gamma_ij = `gamma0` for all i, j.

        Parameters
        ----------
        n_atoms : int
            Number of atoms, >= 1.
        f0 : float, optional
            Dipole-dipole coupling of every pair.
        gamma0 : float, optional
            Decay rate, > 0.

        Returns
        -------
        AtomCluster

        Raises
        ------
        TypeError, ValueError
            If `n_atoms` is not an integer >= 1, `f0` is not finite, or `gamma0` <= 0.

        Examples
        --------
        >>> print(AtomCluster.collective(2).gamma)
        [[1. 1.]
         [1. 1.]]
        """
        n_atoms = _checks.whole(n_atoms, "n_atoms", 1)
        memory = 4 * 8 * float(min(n_atoms, 10**100)) ** 2
        _checks.memory(
            memory, "n_atoms", "the couplings", "`atoms.ladder` needs none of identical atoms."
        )
        f0 = _checks.scalar(f0, "f0")
        gamma0 = _checks.scalar(gamma0, "gamma0", above_zero=True)
        return cls(f0 * (1 - np.eye(n_atoms)), np.full((n_atoms, n_atoms), gamma0))

    @classmethod
    def from_positions(cls, positions: Array, dipole: Array, gamma0: Number = 1.0) -> AtomCluster:
        """Couplings of a real geometry, see `dipole_couplings` for arguments and errors.

        Examples
        --------
        >>> far = AtomCluster.from_positions([[0, 0, 0], [1000, 0, 0]], [0, 0, 1])
        >>> print(far.gamma.round(2))
        [[1. 0.]
         [0. 1.]]
        """
        cluster = cls(*geometry.dipole_couplings(positions, dipole, gamma0))
        # The positions know what the difference of two rounded rates has lost.
        missing = geometry.missing_decay(positions, dipole, gamma0)
        missing.setflags(write=False)
        cluster.__dict__["missing_decay"] = missing
        return cluster

    @property
    def n_atoms(self) -> int:
        """Number of atoms N."""
        return len(self.f)

    @cached_property
    def missing_decay(self) -> Floats:
        r"""What the shared decay lacks, :math:`\tfrac12(\gamma_{ii} + \gamma_{jj}) - \gamma_{ij}`.

        Slow rates are proportional to it. A cluster from positions holds all of its digits;
        one from `gamma` has those that are left there, which are none where two rates differ
        by less than 1e-16 of themselves.

        Examples
        --------
        >>> places = [[0, 0, 0], [1e-9, 0, 0]]
        >>> close = AtomCluster.from_positions(places, [0, 0, 1])
        >>> print(f"{close.missing_decay[0, 1]:.6g}")
        2e-19
        >>> print(AtomCluster(close.f, close.gamma).missing_decay[0, 1])
        0.0
        """
        own = np.diagonal(self.gamma)
        missing = 0.5 * (own[:, None] + own) - self.gamma
        missing.setflags(write=False)
        return missing

    @cached_property
    def is_identical(self) -> bool:
        """Whether all gamma_ij are one positive number and all f_ij (i != j) another."""
        hopping = self.f[~np.eye(self.n_atoms, dtype=bool)]
        rate = self.gamma[0, 0]
        return bool(rate > 0 and np.all(self.gamma == rate) and np.all(hopping == hopping[:1]))

    def hamiltonian(self) -> qutip.Qobj:
        r"""Dipole-dipole Hamiltonian :math:`H_d = \sum_{i\ne j} f_{ij}\sigma_i^+\sigma_j^-`.

        Returns
        -------
        Qobj, shape (2**N, 2**N)

        Raises
        ------
        ValueError
            If it would not fit in memory.

        Examples
        --------
        >>> print(AtomCluster.collective(2, f0=3.0).hamiltonian().full().real[1:3, 1:3])
        [[0. 3.]
         [3. 0.]]
        """
        n = self.n_atoms
        pairs = np.argwhere(self.f)
        self._check_entries(len(pairs) * 2.0 ** (n - 2), "the Hamiltonian")
        return self._qobjs(basis.hopping(n, pairs), self.f[tuple(pairs.T)][None])[0]

    def lowering_operators(self) -> list[qutip.Qobj]:
        """The operators sigma_i^- = |g><e| of the N atoms, a list of Qobj.

        Raises
        ------
        ValueError
            If they would not fit in memory.
        """
        self._check_entries(self.n_atoms * 2.0 ** (self.n_atoms - 1), "the lowering operators")
        return self._qobjs(basis.lowering(self.n_atoms), np.eye(self.n_atoms))

    def _qobjs(self, elements: basis.Elements, weights: Floats) -> list[qutip.Qobj]:
        """A Qobj for each row of weights."""
        dims = _operators.dimensions([2] * self.n_atoms)
        return [_operators.sparse(elements.compressed(row), dims) for row in weights]

    def _check_entries(self, entries: float, what: str) -> None:
        """Refuse an operator that does not fit before anything of it is there."""
        _checks.memory(
            _BYTES_AN_ENTRY * (entries + 2.0**self.n_atoms),
            "n_atoms",
            f"{what} of {self.n_atoms} atoms",
            "`atoms.ladder` goes to any number of identical atoms.",
        )

    def decay_channels(self) -> tuple[Floats, Floats]:
        r"""Collective channels: the eigenvectors of `gamma` that decay at all.

        With :math:`\gamma = V\,\mathrm{diag}(g)\,V^T`, channel k emits through
        :math:`J_k = \sum_i V_{ik}\sigma_i^-` at the rate :math:`g_k(\bar n+1)`.
        Rates that are zero up to rounding are left out.

        Returns
        -------
        rates : ndarray, shape (K,)
            Rates g_k > 0, ascending, K <= N.
        vectors : ndarray, shape (N, K)
            Orthonormal columns V_k.

        Examples
        --------
        Two atoms at one place have a single channel, twice as fast:

        >>> print(AtomCluster.collective(2).decay_channels()[0])
        [2.]
        """
        rates, vectors = np.linalg.eigh(self.gamma)
        rounding = _RANK_ROUNDINGS * np.finfo(float).eps * rates[-1]
        decays = rates > max(rounding, 0.0)
        return rates[decays], vectors[:, decays]

    def jump_operators(self, nbar: Number) -> list[qutip.Qobj]:
        r"""Jump operators that diagonalise Eqs. (I.2)-(I.3), rates included.

        .. math::
            \sqrt{g_k(\bar n+1)}\,J_k \text{ for all } k,\quad
            \sqrt{g_k\,\bar n}\,J_k^\dagger \text{ for all } k

        Parameters
        ----------
        nbar : float
            Mean number of thermal photons, >= 0; at 0 only the emissions remain.

        Returns
        -------
        list of Qobj
            Ready for QuTiP's ``c_ops``.

        Raises
        ------
        TypeError, ValueError
            If `nbar` is not a finite number >= 0, or the operators would not fit in memory.

        Examples
        --------
        >>> len(AtomCluster.collective(3).jump_operators(nbar=1.0))
        2
        """
        nbar = _checks.scalar(nbar, "nbar", minimum=0)
        rates, vectors = self.decay_channels()
        n, kinds = self.n_atoms, 1 if nbar == 0 else 2
        self._check_entries(kinds * len(rates) * n * 2.0 ** (n - 1), "the jump operators")
        weights = (np.sqrt(rates) * vectors).T
        jumps = self._qobjs(basis.lowering(n), np.sqrt(nbar + 1) * weights)
        if nbar > 0:
            jumps += self._qobjs(basis.raising(n), np.sqrt(nbar) * weights)
        return jumps

    def liouvillian(self, nbar: Number) -> qutip.Qobj:
        """Right-hand side of Eq. (I.1) as a superoperator.

        Parameters
        ----------
        nbar : float
            Mean number of thermal photons, >= 0.

        Returns
        -------
        Qobj, shape (4**N, 4**N)
            Acts on density matrices stacked column by column, as in QuTiP.

        Raises
        ------
        TypeError, ValueError
            If `nbar` is not a finite number >= 0, a rate overflows, or the superoperator does
            not fit the memory.

        Examples
        --------
        >>> import numpy as np
        >>> L = AtomCluster.collective(2).liouvillian(nbar=0.0)
        >>> print(np.sum(np.abs(L.eigenenergies()) < 1e-12))   # undamped modes without photons
        4
        """
        nbar = _checks.scalar(nbar, "nbar", minimum=0)
        _check_liouvillian(self.n_atoms)
        size, places, values = _entries(self, nbar)
        order = np.argsort(places)
        places, first = np.unique(places[order], return_index=True)
        values = np.add.reduceat(values[order], first)
        places, values = places[values != 0], values[values != 0]
        starts = np.searchsorted(places, size * np.arange(size + 1))
        return _operators.sparse(
            (values, places % size, starts), _operators.dimensions([[2] * self.n_atoms] * 2)
        )


def check_rates(cluster: AtomCluster, nbar: float) -> None:
    """Raise if a rate of the cluster at `nbar` photons overflows."""
    with np.errstate(over="ignore"):
        largest = 8 * cluster.n_atoms**2 * np.abs(cluster.gamma).max() * (nbar + 1)
    if not np.isfinite(largest):
        raise ValueError(f"`nbar` must leave all rates finite, but got {nbar!r}.")


def _check_liouvillian(n: int) -> None:
    """Refuse a Liouvillian that does not fit, before anything of it is there."""
    states, pairs = _checks.power(2, n), n * (n - 1)
    jumps = 2 * n**2 * _checks.power(4, n - 1)
    _checks.memory(
        _BYTES_A_SORTED_ENTRY * (jumps + 2 * states**2 * (1 + pairs / 4)),
        "n_atoms",
        f"the Liouvillian of {n} atoms",
        "`coherence` and `evolve` have routes that need none.",
    )


def dense_liouvillian(cluster: AtomCluster, nbar: float) -> Matrix:
    """`AtomCluster.liouvillian` as an array."""
    size, places, values = _entries(cluster, nbar)
    matrix = np.zeros(size**2, np.complex128)
    np.add.at(matrix, places, values)
    return matrix.reshape(size, size)


def _entries(cluster: AtomCluster, nbar: float) -> tuple[int, Integers, Complexes]:
    """Entries of the Liouvillian that add up: its size, places in the flat matrix, values."""
    check_rates(cluster, nbar)
    n, d = cluster.n_atoms, 2**cluster.n_atoms
    rates, vectors = cluster.decay_channels()
    gamma = (vectors * rates) @ vectors.T
    places, values = [], []
    for elements, photons in ((basis.lowering(n), nbar + 1), (basis.raising(n), nbar)):
        # gamma_ij s_j rho s_i^+ for each element of the one beside each of the other.
        here = elements.rows * d**2 + elements.columns
        places.append(np.add.outer(here * d, here).ravel())
        values.append(photons * gamma[np.ix_(elements.term, elements.term)].ravel())
    # -iH - (decay)/2, from the left and, conjugate, from the right: hopping and populations.
    off = ~np.eye(n, dtype=bool)
    i, j = pairs = np.argwhere(off & ((cluster.f != 0) | (gamma != 0))).T
    hopping = basis.hopping(n, pairs.T)
    excited = basis.excitations_by_atom(n)
    leaving = (nbar + excited) @ np.diagonal(gamma)
    moving = (-1j * cluster.f - (nbar + 0.5) * gamma)[i, j][hopping.term]
    damped = np.concatenate([moving, -0.5 * leaving])
    rows = np.concatenate([hopping.rows, np.arange(d)])
    columns = np.concatenate([hopping.columns, np.arange(d)])
    here, other = rows * d**2 + columns, np.arange(d) * (d**2 + 1)
    places += [np.add.outer(other * d, here).ravel(), np.add.outer(other, here * d).ravel()]
    values += [np.tile(damped, d), np.repeat(damped.conj()[None], d, axis=0).ravel()]
    return d**2, np.concatenate(places), np.concatenate(values)
