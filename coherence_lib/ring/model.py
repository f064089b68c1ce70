r"""The ring of sources and its target: Hamiltonian, levels and degeneracies, Eqs. (II.1)-(II.25).

.. math::
    H = \frac{\omega}{2}\sigma^z_0 + \frac{\omega_a}{2}\sum_{j=1}^N\sigma^z_j
        + \gamma\,\sigma^x_0\sum_{j=1}^N\sigma^z_j - J\sum_{j=1}^N\sigma^z_j\sigma^z_{j+1}

The magnetisation :math:`M = \sum_j\sigma^z_j` of the sources and the number :math:`l` of
pairs of domain walls are conserved; what is left is a two-level problem for the target.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from functools import partial
from typing import TYPE_CHECKING, overload

import numpy as np
from numpy.typing import NDArray

from coherence_lib import _checks, _labels, _operators
from coherence_lib._types import (
    Array,
    Bools,
    Floats,
    Integers,
    Labelled,
    Number,
    Numeric,
    Real,
    Value,
    Whole,
)
from coherence_lib.ring import target

if TYPE_CHECKING:
    import qutip

__all__ = ["Levels", "SourceRing", "degeneracy"]

# Dense matrices that a Gibbs state takes, and seconds to diagonalise one of a thousand rows.
_MATRICES = 8
_SECONDS_STATE = 2.5
# Seconds for the degeneracies of a thousand sources.
_SECONDS_TABLE = 3.5
# What answers the same questions for more sources.
_MORE = "`coherence_lib.ring.coherence` goes much further."
# The integral of `coherence_lib.ring.integral` takes any; a whole number of NumPy holds no more.
_MOST_SOURCES = 10**18
_SMALLEST_GAP = 4 * np.finfo(float).tiny
# A ratio to a temperature that overflows stands for one that is as good as infinite.
HUGE = 1e300
# Exact binomials of more bits take many seconds.
_MOST_BITS = 1_500_000


@dataclass(frozen=True)
class Levels:
    """Energy levels of a ring and its target, one row for each (M, l, branch), ascending.

    Attributes
    ----------
    energies : ndarray, shape (L,)
        Energies, Eq. (II.20).
    degeneracies : ndarray of int, shape (L,)
        Number of states; Python integers, exact for any N.
    magnetisation : ndarray of int, shape (L,)
        Magnetisation M of the sources.
    domains : ndarray of int, shape (L,)
        Number l of pairs of domain walls: of domains of either kind, 0 for a uniform ring.
    branch : ndarray of int, shape (L,)
        +1 for the upper and -1 for the lower state of the target.
    coherence : ndarray, shape (L,)
        :math:`2\\rho_{eg}` of the target in this level, with its sign, Eq. (II.23).
    tolerance : float
        Levels closer than this to the lowest one count as degenerate with it at T = 0.
    """

    energies: Floats
    degeneracies: NDArray[np.object_]
    magnetisation: Integers
    domains: Integers
    branch: Integers
    coherence: Floats
    tolerance: float

    @overload
    def mean(self, values: Array, temperature: Number) -> float: ...
    @overload
    def mean(self, values: Array, temperature: Array) -> Floats: ...
    @overload
    def mean(self, values: Array, temperature: Labelled) -> Labelled: ...
    def mean(self, values: Array, temperature: Real) -> Value:
        r"""Thermal mean of a quantity that each level has.

        .. math:: \langle v\rangle = \frac1Z\sum_k g_k v_k e^{-E_k/T}

        The plain sum over the table, as a check of `coherence_lib.ring.coherence`, which needs
        no table: terms of both signs cancel here, so that it is right to rounding in units of
        the largest value.

        Parameters
        ----------
        values : array_like, shape (L,)
            One for each level, such as `coherence` or `energies`.
        temperature : array_like, shape (...)
            Temperature T >= 0. Zero gives the mean over the ground states, infinity the plain
            one.

        Returns
        -------
        float or ndarray, shape (...)

        Raises
        ------
        TypeError, ValueError
            If `temperature` is not made of numbers >= 0, or `values` not of a finite one for
            each level.

        Examples
        --------
        >>> levels = SourceRing(6, omega_a=0.5, gamma=0.2, J=0.25).levels()
        >>> print(abs(levels.mean(levels.coherence, [0.0, 1.0])).round(6))     # 12/13 at zero
        [0.923077 0.392167]
        """
        if _labels.among(temperature):
            return _labels.apply(partial(self.mean, values), temperature=temperature)
        values = _checks.real(values, "values")
        if values.shape != self.energies.shape:
            raise ValueError(
                f"`values` must have the shape {self.energies.shape} of the levels, but got "
                f"{values.shape}."
            )
        temperature = _checks.temperature(temperature)
        T = temperature[..., None]
        gaps = self.energies - self.energies[0]
        with np.errstate(over="ignore"):
            warm = np.exp(-gaps / np.where(T == 0, 1.0, T))
        weights = np.where(T == 0, gaps <= self.tolerance, warm) * self.degeneracies.astype(float)
        return _checks.plain(weights @ values / weights.sum(axis=-1))


@dataclass(frozen=True)
class SourceRing:
    r"""A target two-level system and a ring of N Ising-coupled sources, Eqs. (II.1)-(II.2).

    Positive `J` is ferromagnetic. The ring's sum is taken literally for small N, as the
    paper writes it: for N = 2 the one bond counts twice, for N = 1 it is the constant -J.

    Parameters
    ----------
    n_sources : int
        Number of sources N, >= 1.
    omega_a : float
        Energy gap of a source, of either sign.
    gamma : float
        Coupling of the target to each source, of either sign.
    J : float
        Coupling of neighbouring sources; J > 0 favours parallel ones.
    omega : float, optional
        Energy gap of the target, > 0; the unit of energy when left at 1.

    Raises
    ------
    TypeError, ValueError
        If `n_sources` is not an integer >= 1, `omega` is not > 0, or a parameter is not
        a finite number or so large that an energy is not.

    Examples
    --------
    >>> ring = SourceRing(n_sources=6, omega_a=0.5, gamma=0.2, J=0.25)
    >>> ring.hamiltonian().shape
    (128, 128)
    """

    n_sources: int
    omega_a: float
    gamma: float
    J: float
    omega: float = 1.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "n_sources", number_of_sources(self.n_sources))
        for name in ("omega_a", "gamma", "J"):
            object.__setattr__(self, name, _checks.scalar(getattr(self, name), name))
        object.__setattr__(self, "omega", _checks.scalar(self.omega, "omega", above_zero=True))
        check_energies(self.n_sources, self.omega_a, self.gamma, self.J, self.omega)

    def hamiltonian(self) -> qutip.Qobj:
        """Hamiltonian of Eq. (II.1), brute force.

        Returns
        -------
        Qobj
            Sparse, on N + 1 two-level systems; the target is the first factor. Its elements
            are kept however small; sums and products of yours keep them too within
            ``qutip.CoreOptions(auto_tidyup=False)``.

        Raises
        ------
        ValueError
            If it does not fit the memory.

        Examples
        --------
        >>> print(SourceRing(1, omega_a=0.5, gamma=0.2, J=0.0).hamiltonian().diag())
        [ 0.75  0.25 -0.25 -0.75]
        """
        n = self.n_sources
        # The sources' spins three times over, and two elements for each of 2^(N + 1) rows.
        self._check_memory((24 * n + 256) * _checks.power(2, n), "the Hamiltonian")
        # A label's bits are the sources, the first one the highest.
        size = 2**n
        labels = np.arange(size)
        spins = np.array([1 - 2 * ((labels >> (n - 1 - j)) & 1) for j in range(n)])
        magnetisation, bonds = spins.sum(axis=0), (spins * np.roll(spins, -1, axis=0)).sum(axis=0)
        sources = self.omega_a / 2 * magnetisation - self.J * bonds
        coupling = self.gamma * magnetisation
        # Two elements a row: the target's excited state, then its ground state.
        values = np.array(
            [[sources + self.omega / 2, coupling], [coupling, sources - self.omega / 2]]
        ).swapaxes(1, 2)
        kept = values != 0
        columns = np.broadcast_to(labels[:, None] + [0, size], values.shape)
        starts = np.concatenate([[0], np.cumsum(kept.sum(axis=-1))])
        parts = values[kept], columns[kept], starts
        return _operators.sparse(parts, _operators.dimensions([2] * (n + 1)))

    def gibbs_state(self, temperature: Number) -> qutip.Qobj:
        r"""Thermal state of target and sources together, brute force, Eq. (II.3).

        .. math:: \rho = e^{-H/T}/Z

        Parameters
        ----------
        temperature : float
            Temperature T >= 0. Zero gives the equal mixture of the ground states (levels
            within 1e-10 max(omega, \|E_0\|) of the lowest), infinity the maximally mixed state.

        Returns
        -------
        Qobj
            Dense; the target is the first factor.

        Raises
        ------
        TypeError, ValueError
            If `temperature` is not a number >= 0, or the state of so many sources does not fit
            the memory or takes minutes.

        Examples
        --------
        >>> rho = SourceRing(2, omega_a=0.5, gamma=0.2, J=0.25).gibbs_state(0.5)
        >>> print(f"{2 * abs(rho.ptrace(0)[0, 1]):.6f}")
        0.380965
        """
        import qutip

        n, rows = self.n_sources, _checks.power(2, self.n_sources + 1)
        self._check_memory(16 * _MATRICES * rows**2, "the Gibbs state")
        self._check_work(_SECONDS_STATE * (rows / 1000) ** 3, "the Gibbs state")
        temperature = _checks.temperature(temperature)
        if temperature.ndim != 0:
            raise ValueError(
                f"`temperature` must be one number, but got an array of shape {temperature.shape}."
            )
        # In units of the largest element, whose squares are floats.
        matrix = self.hamiltonian().full()
        unit = np.abs(matrix).max()
        energies, vectors = np.linalg.eigh(matrix / unit)
        energies = energies * unit
        gaps = energies - energies[0]
        if temperature == 0:
            weights = (gaps <= degeneracy_tolerance(energies[0], self.omega)).astype(float)
        else:
            with np.errstate(over="ignore"):
                weights = np.exp(-gaps / temperature)
        weights /= weights.sum()
        return qutip.Qobj((vectors * weights) @ vectors.conj().T, dims=[[2] * (n + 1)] * 2)

    def levels(self) -> Levels:
        r"""Energy levels and their degeneracies, Eqs. (II.20) and (II.25).

        .. math::
            E_\pm = \tfrac12\omega_a M - J(N-4l) \pm \sqrt{\omega^2/4 + \gamma^2M^2}

        Returns
        -------
        Levels
            One row for each M, l and branch that some configuration realises.

        Raises
        ------
        ValueError
            If the table does not fit the memory or takes minutes.

        Examples
        --------
        >>> levels = SourceRing(6, omega_a=0.5, gamma=0.2, J=0.25).levels()
        >>> int(levels.degeneracies.sum()), round(float(levels.energies[0]), 6)
        (128, -4.3)
        """
        n = self.n_sources
        # Some N^2/4 rows, each with an integer of up to N bits, and twice as many levels.
        self._check_memory(n**2 / 4 * (400 + n / 8), "the table of levels")
        self._check_work(_SECONDS_TABLE * (n / 1000) ** 4, "the table of levels")
        rows = [
            (M, domains, g)
            for M in range(-n, n + 1, 2)
            for domains in range(n // 2 + 1)
            if (g := count_configurations(n, M, domains))
        ]
        magnetisation, domains = np.array([row[:2] for row in rows]).T
        split = target.half_splitting(magnetisation, self.gamma, self.omega)
        tilt = target.tilt(magnetisation, self.gamma, self.omega)
        base = self.omega_a * magnetisation / 2 - self.J * (n - 4 * domains)
        energies = np.concatenate([base - split, base + split])
        order = np.argsort(energies, kind="stable")
        branch = np.repeat([-1, 1], len(rows))
        counts = np.array([row[2] for row in rows], dtype=object)
        return Levels(
            energies[order],
            np.tile(counts, 2)[order],
            np.tile(magnetisation, 2)[order],
            np.tile(domains, 2)[order],
            branch[order],
            np.concatenate([-tilt, tilt])[order],
            degeneracy_tolerance(float(energies.min()), self.omega),
        )

    def _check_memory(self, size: float, what: str) -> None:
        _checks.memory(size, "n_sources", f"{what} of {self.n_sources} sources", _MORE)

    def _check_work(self, seconds: float, what: str) -> None:
        _checks.work(seconds, "n_sources", f"{what} of {self.n_sources} sources", _MORE)


@dataclass(frozen=True)
class Columns:
    """Parameters of many rings of one N and their temperatures, each an array of one length."""

    omega_a: Floats
    gamma: Floats
    J: Floats
    omega: Floats
    temperature: Floats

    @classmethod
    def of(cls, ring: SourceRing, temperature: Floats) -> Columns:
        """One ring at each temperature of a one-dimensional array."""
        parameters = (ring.omega_a, ring.gamma, ring.J, ring.omega)
        omega_a, gamma, J, omega = (np.full(temperature.shape, value) for value in parameters)
        return cls(omega_a, gamma, J, omega, temperature)

    @property
    def beta_J(self) -> Floats:
        """Coupling over temperature."""
        with np.errstate(over="ignore"):
            return np.clip(self.J / self.temperature, -HUGE, HUGE)

    def __getitem__(self, chosen: slice | Bools | Integers) -> Columns:
        return Columns(*(getattr(self, field.name)[chosen] for field in fields(self)))

    def ring(self, n: int, k: int) -> SourceRing:
        """The ring of N sources of column k."""
        return SourceRing(n, self.omega_a[k], self.gamma[k], self.J[k], self.omega[k])


def degeneracy(n_sources: Whole, magnetisation: Whole, n_domains: Whole) -> int:
    r"""Number of source configurations with given M and l, Eq. (II.25); exact.

    .. math::
        g(M, l) = \frac Nl\binom{a-1}{l-1}\binom{b-1}{l-1},\qquad
        a = \frac{N+M}2,\ b = \frac{N-M}2

    for :math:`l \ge 1`, where both a and b are at least 1; :math:`g(\pm N, 0) = 1`.

    Parameters
    ----------
    n_sources : int
        Number of sources N, >= 1.
    magnetisation : int
        M, one of -N, -N + 2, ..., N.
    n_domains : int
        Number l of pairs of domain walls, 0 to N/2: a ring with sources of both directions
        has l domains up and l down, a uniform one has l = 0.

    Returns
    -------
    int
        Zero where no configuration has this M and l.

    Raises
    ------
    TypeError, ValueError
        If an argument is not an integer, M or l is impossible for this N, or the
        integer has more than some million bits.

    Examples
    --------
    >>> degeneracy(6, 0, 3), degeneracy(6, 0, 1), degeneracy(6, 6, 1)
    (2, 6, 0)
    """
    n = _checks.whole(n_sources, "n_sources", 1, 2**63 - 1)
    M = _checks.whole(magnetisation, "magnetisation", -n)
    domains = _checks.whole(n_domains, "n_domains", 0, n // 2)
    if M > n or (n - M) % 2:
        raise ValueError(
            f"`magnetisation` must be one of -N, -N + 2, ..., N for N = {n}, but got "
            f"{_checks.shown(M)}."
        )
    bits = binomial_bits((n + M) // 2, domains) + binomial_bits((n - M) // 2, domains)
    if bits > _MOST_BITS:
        raise ValueError(
            f"`n_sources` must be smaller for an exact integer, but got {n}: it would have some "
            f"{bits:.3g} bits. `coherence_lib.ring.log_weights` has logarithms."
        )
    return count_configurations(n, M, domains)


def binomial_bits(of: int, choose: int) -> float:
    """Bits of the binomial coefficient of n over k, from above: it is at most (e n/k)^k."""
    fewer = min(choose, of - choose)
    if fewer <= 0:
        return 0.0
    return fewer * (math.log2(math.e) + math.log2(of) - math.log2(fewer))


def number_of_sources(value: object, minimum: int = 1) -> int:
    """Return `value` as the number of sources of a ring, a Python int."""
    return _checks.whole(value, "n_sources", minimum, _MOST_SOURCES)


def numbers_of_sources(value: object, minimum: int = 1) -> Integers:
    """Return `value` as an array of numbers of sources."""
    return _checks.wholes(value, "n_sources", minimum, _MOST_SOURCES)


def check_ring(ring: object) -> None:
    """Raise unless `ring` is a `SourceRing`."""
    _checks.instance(ring, SourceRing, "ring")


def count_configurations(n: int, M: int, domains: int) -> int:
    """`degeneracy` for numbers that have been checked."""
    up, down = (n + M) // 2, (n - M) // 2
    if domains == 0:
        return int(up == 0 or down == 0)
    if domains > min(up, down):
        return 0
    return n * math.comb(up - 1, domains - 1) * math.comb(down - 1, domains - 1) // domains


@overload
def degeneracy_tolerance(ground_energy: float, omega: float) -> float: ...
@overload
def degeneracy_tolerance(ground_energy: Floats, omega: Floats) -> Floats: ...
def degeneracy_tolerance(ground_energy: Numeric, omega: Numeric) -> float | Floats:
    """Levels that are closer than this to the lowest one count as degenerate with it.

    The lowest energy is at most -omega/2, so that this is a share of the largest energy in
    any unit.
    """
    return 1e-10 * np.maximum(omega, np.abs(ground_energy))


def check_energies(
    n_sources: Numeric,
    omega_a: Numeric,
    gamma: Numeric,
    J: Numeric,
    omega: Numeric,
) -> None:
    """Raise if an energy of the ring overflows; the arguments broadcast."""
    n = np.asarray(n_sources, dtype=float)
    # Half of it is a divisor.
    _checks.at_least(omega, _SMALLEST_GAP, "omega")
    with np.errstate(over="ignore"):
        # Sums and differences of all four, with room for the factors in front of them.
        largest = {
            "omega_a": 32 * n * np.abs(omega_a),
            "gamma": np.square(n * gamma),
            "J": 32 * n * np.abs(J),
            "omega": np.square(omega),
        }
    for name, energy in largest.items():
        if not np.all(np.isfinite(energy)):
            value = {"omega_a": omega_a, "gamma": gamma, "J": J, "omega": omega}[name]
            worst = float(np.max(np.abs(value)))
            raise ValueError(
                f"`{name}` must leave all energies and their squares finite, but got {worst!r}."
            )
