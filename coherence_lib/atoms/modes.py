r"""Any time at one cost: every mode of the scaled blocks, each with a bound of its error.

With the eigenvectors of the generator the numbers at all times are

.. math:: x(t) = x_{th} + \sum_j c_j\,e^{\lambda_jt}v_j, \qquad Lv_j = \lambda_jv_j + r_j

where the thermal state is taken out before, so that it stays for ever exactly. A mode that is
none quite, by the rounding r, misses a source that decays with it; no evolution of Eq. (I.1) lets
the trace norm of anything grow, and so

.. math::
    \|\delta\rho(t)\|_1 \le \|\delta\rho(0)\|_1
        + \sum_j |c_j|\,\|r_j\|_1\,\frac{1 - e^{-\kappa_jt}}{\kappa_j}, \qquad
    \kappa_j = -\operatorname{Re}\lambda_j

for any time: what has decayed errs no more. The coherence errs by the size of the largest block
times that, or, where the blocks are scaled to a contraction, by what follows from its length.

Left are modes that live longer than digits do,
:math:`\kappa\lesssim10^{-8}\|L\|`. Of these the products Lv are taken without a rounding; between
them, left eigenvectors from the one side and right ones from the other, their generator

.. math:: B = (W^TV)^{-1}W^TLV

errs by the product of what both sides err by. What a slow mode still misses lies among the others,
where it decays at their rates: f in :math:`LV = VB + \sum_i v_if_i` says how much.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import scipy.linalg

from coherence_lib._types import Bools, Complexes, Floats, Integers, Matrices, Matrix
from coherence_lib.atoms import blocks, extended, krylov, real_form, scaled
from coherence_lib.atoms.basis import ground_state
from coherence_lib.atoms.routes import Route

if TYPE_CHECKING:
    import scipy.sparse as sp

    from coherence_lib.atoms.cluster import AtomCluster

# Allowed error of the coherence, relative to what happens at all: half of what is promised.
TOLERANCE = 5e-9
# The eigenvectors of eight atoms' blocks would take half an hour.
_UP_TO = 7
# Modes that are so much slower than the fastest are told apart without a rounding.
_SLOW = 1e-5
# What part of it the modes may take that are not looked at again, and how many may be.
_LEFT, _MOST = 0.2, 300
# Roundings of a sum of products, in units of their moduli.
_EPS = float(np.finfo(float).eps)
# Numbers that are held at once.
_PIECE = 2**22
# Columns of residuals that are held at once.
_COLUMNS = 256
_TINY = float(np.finfo(float).tiny)
# The exponential of what is below is zero.
_GONE = -750.0


class TooSlowError(Exception):
    """Modes live so long that the bound of their errors exceeds what is promised."""


@dataclass(frozen=True)
class Modes:
    """Decaying modes of one start, beside what stays.

    Attributes
    ----------
    layout : scaled.Layout
    thermal : ndarray, shape (size,)
        What stays.
    values : ndarray, shape (m,)
        Complex, -kappa + i omega.
    vectors : ndarray, shape (size, m)
        Complex, with their weights.
    errors : ndarray, shape (m,)
        Bounds of what each misses in the coherence, up to the last of the times.
    """

    layout: scaled.Layout
    thermal: Floats
    values: Complexes
    vectors: Complexes
    errors: Floats

    def at(self, times: Floats) -> Floats:
        """Numbers at some times, shape (t, size)."""
        with np.errstate(over="ignore"):
            exponents = np.multiply.outer(times, self.values.real)
        # No mode grows; what has decayed has lost its phase, which may be no number any more.
        exponents = np.minimum(exponents, 0.0)
        there = exponents > _GONE
        phases = np.multiply.outer(
            times, self.values.imag, out=np.zeros_like(exponents), where=there
        )
        return self.thermal + (np.exp(exponents + 1j * phases) @ self.vectors.T).real


@dataclass(frozen=True)
class _Basis:
    """All eigenvectors of the scaled generator, as columns."""

    cluster: AtomCluster
    nbar: float
    layout: scaled.Layout
    generator: sp.csr_array
    values: Complexes
    vectors: Complexes
    factors: tuple[Complexes, Integers]

    @classmethod
    def of(cls, cluster: AtomCluster, nbar: float, layout: scaled.Layout) -> _Basis:
        generator = scaled.assembled(cluster, nbar, layout)
        values, vectors = scipy.linalg.eig(
            generator.toarray(), overwrite_a=True, check_finite=False
        )
        # Symmetric blocks have real vectors.
        vectors = vectors.astype(np.complex128, copy=False)
        triangles, pivots, singular = scipy.linalg.lapack.zgetrf(vectors)
        if singular:
            raise TooSlowError
        return cls(cluster, nbar, layout, generator, values, vectors, (triangles, pivots))

    def coefficients(self, numbers: Complexes | Floats) -> Complexes:
        """What numbers, shape (size, ...), are made of."""
        return scipy.linalg.lu_solve(self.factors, numbers, check_finite=False)

    def lengths(self, numbers: Complexes | Floats) -> Floats:
        """What columns do to the coherence at the most, now and at any later time.

        By the trace norm, or by the length of the scaled numbers where that does not grow either;
        real and imaginary parts together.
        """
        layout, blocks = self.layout, self.layout.offsets[:-1]
        squares = [
            np.add.reduceat(part**2, blocks, axis=0) for part in (numbers.real, numbers.imag)
        ]
        by_blocks = sum(np.sqrt(square) for square in squares)
        bound = layout.sizes.max() * ((layout.factors * np.sqrt(layout.sizes)) @ by_blocks)
        if self.nbar > 0 and layout.scale == math.sqrt(self.nbar / (self.nbar + 1)):
            length = sum(np.sqrt(square.sum(axis=0)) for square in squares)
            bound = np.minimum(bound, np.linalg.norm(layout.factors * layout.sizes) * length)
        return bound

    def missed(self) -> Floats:
        """What each vector misses to be a mode, roundings included."""
        result = np.empty(len(self.values))
        moduli = abs(self.generator)
        for begin in range(0, len(result), _COLUMNS):
            here = slice(begin, begin + _COLUMNS)
            vectors = self.vectors[:, here]
            rest = self.generator @ vectors - vectors * self.values[here]
            rounding = 2 * _EPS * (moduli @ np.abs(vectors))
            result[here] = self.lengths(rest) + self.lengths(rounding)
        return result

    def looked_at_again(self, chosen: Integers, weights: Complexes, last: float) -> Modes:
        """Some of the modes from products without a rounding, and what they still miss."""
        values, vectors, turn = self._told_apart(chosen)
        missing = np.abs(self._missing(chosen, values, vectors, turn))
        missing[chosen] += _EPS * np.diag(np.abs(values))
        everything, lengths = self.values.copy(), self.lengths(self.vectors)
        everything[chosen], lengths[chosen] = values, self.lengths(vectors)
        # What a mode feeds decays, is fed no longer than the mode lives, and turns against it.
        kappa = np.maximum.outer(-everything.real, -values.real)
        apart = np.abs(np.subtract.outer(everything, values))
        lived = missing * np.minimum(_lasting(kappa, last), 2 / np.maximum(apart, _TINY))
        weights = np.linalg.solve(turn, weights)
        errors = np.abs(weights) * (lengths @ lived)
        return Modes(self.layout, np.zeros(0), values, vectors * weights, errors)

    def _missing(
        self, chosen: Integers, values: Complexes, vectors: Complexes, turn: Complexes
    ) -> Complexes:
        """What chosen modes miss, in terms of them and of all others, shape (size, m)."""
        missing = self.coefficients(self._exactly(vectors) - vectors * values)
        missing[chosen] = np.linalg.solve(turn, missing[chosen])
        return missing

    def _told_apart(self, chosen: Integers) -> tuple[Complexes, Complexes, Complexes]:
        """Values, vectors, and these in terms of the old ones: the slow ones by what is between."""
        values, vectors = self.values[chosen], self.vectors[:, chosen]
        slow = np.flatnonzero(self.is_slow[chosen])
        between = self.coefficients(self._exactly(vectors[:, slow]))[chosen[slow]]
        turn = np.eye(len(chosen), dtype=np.complex128)
        values[slow], turn[np.ix_(slow, slow)] = np.linalg.eig(between)
        return values, vectors @ turn, turn

    @property
    def is_slow(self) -> Bools:
        """Which values are small beside the largest."""
        moduli: Floats = np.abs(self.values)
        return moduli <= _SLOW * moduli.max()

    def _exactly(self, vectors: Complexes) -> Complexes:
        """The generator times columns, rounded once."""
        exact = real_form.generator(self.cluster, self.nbar)
        scale = np.repeat(self.layout.factors, self.layout.sizes**2)[:, None]
        real, imaginary = (
            extended.product(exact, np.ascontiguousarray(scale * part)) / scale
            for part in (vectors.real, vectors.imag)
        )
        return real + 1j * imaginary


def _lasting(kappa: Floats, time: float) -> Floats:
    """How long what decays at a rate is there: the integral of exp(-kappa s) up to the time."""
    kappa = np.maximum(kappa, _TINY)
    with np.errstate(over="ignore"):
        return -np.expm1(-kappa * time) / kappa


def found(cluster: AtomCluster, nbar: float, rho0: Matrix | None, times: Floats) -> Modes:
    """The modes of a start, if they are good enough up to the last of the times.

    Parameters
    ----------
    cluster : AtomCluster
    nbar : float
    rho0 : ndarray, shape (2**N, 2**N), or None
        A state without coherence between excitation numbers; None for the ground state.
    times : ndarray, shape (T,)

    Raises
    ------
    TooSlowError
        If the error may be larger than what is promised.
    """
    layout = krylov.layout(cluster, nbar, rho0)
    thermal, last = layout.thermal(nbar), float(times[-1])
    start = layout.read(rho0) - thermal
    basis = _Basis.of(cluster, nbar, layout)
    weights = basis.coefficients(start)
    lost = float(basis.lengths(start - basis.vectors @ weights))
    errors = np.abs(weights) * basis.missed() * _lasting(-basis.values.real, last)
    allowed = TOLERANCE * min(1.0, layout.trace_norm(start)) - lost
    whole = Modes(layout, thermal, basis.values.copy(), basis.vectors * weights, errors)
    if not errors.sum() <= allowed:
        doubtful = _worst(errors, _LEFT * allowed)
        chosen = np.union1d(doubtful, np.flatnonzero(basis.is_slow))
        if len(chosen) > _MOST:
            raise TooSlowError
        again = basis.looked_at_again(chosen, weights[chosen], last)
        for new, old in zip(_columns(again), _columns(whole), strict=True):
            old[..., chosen] = new
        if not whole.errors.sum() <= allowed:
            raise TooSlowError
    return whole


def _worst(errors: Floats, allowed: float) -> Integers:
    """Those without which the others err by no more than is allowed."""
    order = np.argsort(errors)
    enough = np.searchsorted(np.cumsum(errors[order]), allowed, "right")
    return order[enough:]


def _columns(modes: Modes) -> tuple[Complexes, Complexes, Floats]:
    return modes.values, modes.vectors, modes.errors


# --- the route -------------------------------------------------------------------


def _pieces(modes: Modes, times: Floats) -> Iterator[tuple[slice, Floats]]:
    room = max(1, _PIECE // modes.layout.size)
    for begin in range(0, len(times), room):
        here = slice(begin, min(begin + room, len(times)))
        yield here, modes.at(times[here])


def exact(cluster: AtomCluster, nbar: float, times: Floats) -> Route:
    """The quickest route to times at which the modes have lost their digits."""
    others = (blocks.ROUTE, krylov.ROUTE)
    return min(others, key=lambda route: route.seconds(cluster, nbar, times))


def _evolve(
    cluster: AtomCluster, rho0: Matrix | None, times: Floats, nbar: float, progress: bool
) -> Matrices:
    try:
        modes = found(cluster, nbar, rho0, times)
    except TooSlowError:
        start = ground_state(cluster.n_atoms) if rho0 is None else rho0
        return exact(cluster, nbar, times).evolve(cluster, start, times, nbar, progress)
    d = 2**cluster.n_atoms
    states = np.zeros((len(times), d, d), np.complex128)
    for here, numbers in _pieces(modes, times):
        modes.layout.write(numbers, states[here])
    return states


def _coherence(
    cluster: AtomCluster, rho0: Matrix | None, times: Floats, nbar: float, progress: bool
) -> Floats:
    try:
        modes = found(cluster, nbar, rho0, times)
    except TooSlowError:
        return exact(cluster, nbar, times).coherence(cluster, rho0, times, nbar, progress)
    result = np.empty(len(times))
    for here, numbers in _pieces(modes, times):
        result[here] = modes.layout.coherence(numbers)
    return result


def _fits(cluster: AtomCluster, rho0: Matrix | None) -> bool:
    return cluster.n_atoms <= _UP_TO and (rho0 is None or blocks.fits(rho0))


def _numbers(n_atoms: int) -> float:
    size = float(math.comb(2 * n_atoms, n_atoms))
    # The vectors, their factors, a copy with weights, and what is found in finding them.
    return 5.0 * size * size + 6.0 * max(_PIECE, size)


def _seconds(cluster: AtomCluster, nbar: float, times: Floats) -> float:
    size = float(math.comb(2 * cluster.n_atoms, cluster.n_atoms))
    return 3e-3 + 1e-9 * size * size * (size + len(times))


ROUTE = Route(
    name="modes",
    needs=f"up to {_UP_TO} atoms and an initial state without coherence between different "
    "numbers of excitations",
    fits=_fits,
    numbers=_numbers,
    evolve=_evolve,
    coherence=_coherence,
    seconds=_seconds,
)
