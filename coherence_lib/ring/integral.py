r"""The thermal state of the target as one integral over its mean polarisation.

The target's two levels obey :math:`2\cosh\sqrt{a^2 + b^2} = \int e^{am}\,d\mu(m)`, where the
measure has a unit mass at each of :math:`m = \pm1` and between them the density
:math:`b I_1(b s)/s`, :math:`s = \sqrt{1 - m^2}`. With :math:`a = \beta\gamma M` and
:math:`b = \beta\omega/2` the sum over the magnetisations of the sources can be taken first: it is
the partition function :math:`Z_N(h) = \lambda_+^N + \lambda_-^N` of sources without a target in
the field :math:`h_m = \beta(\omega_a/2 + \gamma m)`, and

.. math:: C = \frac{\int m\,Z_N(h_m)\,d\mu}{\int Z_N(h_m)\,d\mu}.

The parts of m and -m stand together. :math:`\lambda_\pm = g\,e^{\pm\varphi}` up to a sign, with a
g that no field changes, so with :math:`A, B = N[\varphi(h_m) \pm \varphi(h_{-m})]/2`

.. math::
    \frac{Z_N(h_m) - Z_N(h_{-m})}{Z_N(h_m) + Z_N(h_{-m})} = \tanh A\,\tanh B,

for odd N and J < 0 with coth A: every integrand is positive. The number of sources is one
parameter among others, and the cost is the same for all of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.polynomial import legendre
from scipy.special import i0e, i1e

from coherence_lib._types import Bools, Floats, Integers
from coherence_lib.ring import free

if TYPE_CHECKING:
    from coherence_lib.ring.model import Columns

__all__ = ["Means", "means"]

# Of a panel: nodes, their weights, and what gives the last coefficients of its Legendre series.
_ORDER = 16
_NODES, _WEIGHTS = legendre.leggauss(_ORDER)
_LAST = 3
_TO_LAST = (
    _WEIGHTS
    * legendre.legvander(_NODES, _ORDER - 1).T[-_LAST:]
    * (np.arange(_ORDER - _LAST, _ORDER)[:, None] + 0.5)
)
# Where the last coefficients are c, Gauss' rule is wrong by about c^2: 1e-14 of the whole.
_ENOUGH = 1e-14
_MOST_PASSES = 60
_MANY = 100_000
_PANELS_AT_ONCE = 4_000


@dataclass(frozen=True)
class Means:
    """Logarithms of what the target has in thermal equilibrium, one for each column.

    `excited` is right to the last digits of one, not of itself. `error` is what the quadrature
    measured of itself, relative, for the worst of them.
    """

    coherence: Floats
    incoherence: Floats
    excited: Floats
    partition: Floats
    error: Floats


@dataclass(frozen=True)
class _Panels:
    """Pieces of the integrals, each of one column, from `low` to `high` in the angle."""

    column: Integers
    low: Floats
    high: Floats

    def __getitem__(self, chosen: Bools | slice) -> _Panels:
        return _Panels(self.column[chosen], self.low[chosen], self.high[chosen])

    def halves(self) -> _Panels:
        middle = (self.low + self.high) / 2
        return _Panels(
            np.concatenate([self.column, self.column]),
            np.concatenate([self.low, middle]),
            np.concatenate([middle, self.high]),
        )


@dataclass(frozen=True)
class _Reference:
    """The angle at which the exponent of a column is called zero."""

    angle: Floats

    def of(self, columns: Integers) -> Floats:
        return self.angle[columns][:, None]


def means(n: int, columns: Columns) -> Means:
    """Coherence, 1 - C and partition function of columns with omega_a, gamma >= 0 and T > 0."""
    panels = _first_panels(n, columns)
    reference = _reference(n, columns, panels)
    ends = np.arange(len(columns.J))
    masses = _integrands(n, columns, ends, np.zeros((len(ends), 1)), reference, mass=True)
    total = _Total.of(masses[:, :, 0])
    for _ in range(_MOST_PASSES):
        if not len(panels.column):
            break
        panels = total.add(n, columns, panels, reference)
    total.leave_out(panels)
    return total.means(n, columns, reference)


class _Total:
    """The integrals so far, in units that follow the largest integrand of each column."""

    def __init__(self, unit: Floats, sums: Floats, error: Floats) -> None:
        self.unit, self.sums, self.error = unit, sums, error

    @classmethod
    def of(cls, logs: Floats) -> _Total:
        return cls(logs.copy(), np.ones(logs.shape), np.zeros(logs.shape))

    def add(self, n: int, columns: Columns, panels: _Panels, reference: _Reference) -> _Panels:
        """Add the panels that are resolved; give back the halves of the others."""
        left = []
        for k in range(0, len(panels.column), _PANELS_AT_ONCE):
            left.append(self._add(n, columns, panels[k : k + _PANELS_AT_ONCE], reference))
        return _Panels(
            *(np.concatenate([getattr(p, f) for p in left]) for f in ("column", "low", "high"))
        )

    def _add(self, n: int, columns: Columns, panels: _Panels, reference: _Reference) -> _Panels:
        half = (panels.high - panels.low)[:, None] / 2
        middle = (panels.high + panels.low)[:, None] / 2
        logs = _integrands(n, columns, panels.column, middle + half * _NODES, reference)
        peak = logs.max(axis=-1)
        unit = self.unit.copy()
        for k in range(len(logs)):
            np.maximum.at(unit[k], panels.column, peak[k])
        with np.errstate(invalid="ignore"):
            shrunk = np.exp(np.where(self.unit == unit, 0.0, self.unit - unit))
            values = half[None] * np.exp(logs - unit[:, panels.column][:, :, None])
        values = np.nan_to_num(values, nan=0.0)
        self.unit = unit
        self.sums, self.error = self.sums * shrunk, self.error * shrunk
        found = values @ _WEIGHTS
        largest = np.abs(values).max(axis=-1)
        last = np.abs(values @ _TO_LAST.T).max(axis=-1)
        with np.errstate(invalid="ignore", divide="ignore"):
            wrong = np.where(largest > 0, last * (last / largest), 0.0)
        # What the panels themselves bring is enough of the whole to measure against.
        whole = self.sums.copy()
        for k in range(len(found)):
            np.add.at(whole[k], panels.column, found[k])
        resolved = np.all(wrong <= _ENOUGH * whole[:, panels.column], axis=0)
        resolved |= (panels.high - panels.low) <= 1e-14 * panels.high
        for k in range(len(found)):
            np.add.at(self.sums[k], panels.column[resolved], found[k][resolved])
            np.add.at(self.error[k], panels.column[resolved], wrong[k][resolved])
        return panels[~resolved].halves()

    def leave_out(self, panels: _Panels) -> None:
        """Call wrong by all of itself what has panels that were never resolved."""
        self.error[:, panels.column] = np.maximum(self.sums[:, panels.column], 1.0)

    def means(self, n: int, columns: Columns, reference: _Reference) -> Means:
        with np.errstate(divide="ignore"):
            logs = self.unit + np.log(self.sums)
        weight, coherent, incoherent, polarised = logs
        m, s = np.cos(reference.angle), np.sin(reference.angle)
        energy = columns.omega_a / 2 + columns.gamma * m
        log = free.transfer_matrix(columns.beta_J, energy / columns.temperature).log_larger
        partition = n * (log + columns.beta_J) + columns.omega / 2 / columns.temperature * s
        error = np.max(self.error / np.where(self.sums > 0, self.sums, 1.0), axis=0)
        with np.errstate(invalid="ignore", divide="ignore"):
            return Means(
                np.minimum(coherent - weight, 0.0),
                np.minimum(incoherent - weight, 0.0),
                np.log(-np.expm1(np.minimum(polarised - weight, 0.0)) / 2),
                partition + weight,
                error,
            )


def _first_panels(n: int, p: Columns) -> _Panels:
    """From both ends of the quarter circle panels that double in size, down to every scale."""
    with np.errstate(over="ignore", divide="ignore"):
        rate = np.minimum(n * (p.gamma / p.temperature) + p.omega / p.temperature, 1e300)
        near_one = np.ceil(np.log2(np.sqrt(rate) + 1)) + 3
        near_zero = np.ceil(np.log2(rate + 1)) + 3
    parts = []
    for k, (first, second) in enumerate(zip(near_one, near_zero, strict=True)):
        towards_one = np.pi / 4 * 2.0 ** -np.arange(min(first, 60) + 1)
        towards_zero = np.pi / 4 * 2.0 ** -np.arange(min(second, 50) + 1)
        edges = np.concatenate(
            [[0.0], towards_one[::-1], np.pi / 2 - towards_zero[1:], [np.pi / 2]]
        )
        parts.append((np.full(len(edges) - 1, k), edges[:-1], edges[1:]))
    return _Panels(*(np.concatenate(part) for part in zip(*parts, strict=True)))


def _reference(n: int, p: Columns, panels: _Panels) -> _Reference:
    """Where the weight is largest, of the panels' middles and the end m = 1."""
    reference = _Reference(np.zeros(len(p.J)))
    middle = (panels.high + panels.low)[:, None] / 2
    for _ in range(3):
        logs = _integrands(n, p, panels.column, middle, reference)[0, :, 0]
        best = np.zeros(len(p.J))
        order = np.argsort(logs, kind="stable")
        # Of each column the last one stays, which is the largest.
        best[panels.column[order]] = middle[order, 0]
        if np.array_equal(best, reference.angle) or n < _MANY:
            return _Reference(best)
        # Far from the reference the exponents of very many sources lose their digits.
        reference = _Reference(best)
    return reference


def _integrands(
    n: int,
    p: Columns,
    column: Integers,
    angle: Floats,
    reference: _Reference,
    mass: bool = False,
) -> Floats:
    """ln of the weight, of its parts in C, 1 - C and -<sigma_z>, for m and -m together.

    At angles of the density, shape (column, node), or of the unit mass at m = 1.
    """
    q = p[column]
    omega_a, gamma, J, omega, T = (
        a[:, None] for a in (q.omega_a, q.gamma, q.J, q.omega, q.temperature)
    )
    beta_J = q.beta_J[:, None]
    at = reference.of(column)
    m, s = np.cos(angle), np.sin(angle)
    # Differences to the reference, of m and of s, without cancellation.
    turn, mean = (angle - at) / 2, (angle + at) / 2
    m_more, s_more = -2 * np.sin(mean) * np.sin(turn), 2 * np.cos(mean) * np.sin(turn)
    with np.errstate(divide="ignore", over="ignore", under="ignore"):
        high, low = omega_a / 2 + gamma * m, np.abs(omega_a / 2 - gamma * m)
        apart = 2 * np.minimum(omega_a / 2, gamma * m)
        at_reference = omega_a / 2 + gamma * np.cos(at)
        growth = np.exp(
            log_growth(
                np.minimum(high, at_reference),
                np.maximum(high, at_reference),
                gamma * np.abs(m_more),
                J,
                T,
            )
        )
        log_B = np.log(n / 2) + log_growth(low, high, apart, J, T)
        upper = free.transfer_matrix(beta_J, high / T)
        lower = free.transfer_matrix(beta_J, low / T)
        log_twice_A = n / 2 * (upper.log_modulus + lower.log_modulus)
        odd = upper.negative(n)
        # 2 cosh A and 2 sinh A over e^A; the latter for odd rings, which cannot alternate.
        log_A = np.log(n / 2) + np.logaddexp(log_angle(high, J, T), log_angle(low, J, T))
        log_plus = np.log1p(np.exp(log_twice_A))
        log_minus = np.where(J < 0, _log_one_minus(log_A), np.log(-np.expm1(log_twice_A)))
        log_Z = np.where(odd, log_minus, log_plus)
        B = np.exp(np.minimum(log_B, 700.0))
        fallen = np.log1p(np.exp(-2 * B))
        log_weight = n * np.where(m_more < 0, -growth, growth) + fallen + log_Z
        if mass:
            log_weight = log_weight - omega / 2 / T * np.sin(at)
            log_polarised = np.full_like(log_weight, -np.inf)
        else:
            # The derivative by b of the measure has the density b I_0(b s).
            b = omega / 2 / T
            log_rest = log_weight + b * s_more
            log_weight = log_rest + np.log(b * i1e(b * s))
            log_polarised = log_rest + np.log(b * s * i0e(b * s))
        log_tanh = _log_one_minus(log_B) - fallen
        log_tanh += np.where(odd, log_plus - log_minus, log_minus - log_plus)
        # (1 - m) + m (1 - tanh A tanh B), where cosh A cosh B - sinh A sinh B = cosh(A - B).
        below = n * lower.log_modulus
        alternating = _log_one_minus(np.log(n) + log_angle(low, J, T))
        log_less = np.where(odd, alternating, np.log1p(np.exp(below))) - log_Z - fallen - 2 * B
        lacking = 2 * np.sin(angle / 2) ** 2 + 2 * m * np.exp(log_less)
        log_tanh = np.minimum(log_tanh, 0.0)
        log_coherence = log_weight + np.log(m) + log_tanh
        return np.stack([log_weight, log_coherence, log_weight + np.log(lacking), log_polarised])


def _log_one_minus(log: Floats) -> Floats:
    """ln(1 - e^(-2x)) of ln x, also where x is no float."""
    x = np.exp(np.minimum(log, 700.0))
    return np.where(log < -20, np.log(2) + log - x, np.log(-np.expm1(-2 * x)))


def log_angle(field: Floats, J: Floats, T: Floats) -> Floats:
    r"""ln of phi for J < 0, of :math:`\sinh\varphi = \cosh h/\sqrt{e^{-4\beta J} - 1}`."""
    beta_J = J / T
    log = (field + 2 * J) / T + np.log1p(np.exp(-2 * field / T)) - np.log(2)
    log = log - np.log(-np.expm1(np.minimum(4 * beta_J, 0.0))) / 2
    large = np.log(np.maximum(log, 1.0) + np.log(2))
    return np.where(
        log < -20, log, np.where(log > 20, large, np.log(np.arcsinh(np.exp(np.minimum(log, 20)))))
    )


def log_growth(low: Floats, high: Floats, apart: Floats, J: Floats, T: Floats) -> Floats:
    r"""ln of :math:`\ln\lambda_+(h)` at the field `high` less that at `low`, both energies >= 0.

    `apart` is their difference, which the caller knows better. With S half their sum and D half
    `apart`, over T, and :math:`R = \sqrt{\sinh^2 h + e^{-4\beta J}}`,

    .. math::
        \cosh h - \cosh h' = 2\sinh S\sinh D, \qquad
        R - R' = \frac{\sinh 2S\,\sinh 2D}{R + R'}.
    """
    # Over the wall of two parallel sources, energies first.
    over_low, over_high = (low + 2 * J) / T, (high + 2 * J) / T
    from_low = np.where(over_low >= 0, apart / T, over_high)
    from_high = np.minimum(over_high, 0.0)
    root_low, root_high = _scaled_root(low / T, over_low), _scaled_root(high / T, over_high)
    below = np.minimum(over_low, 0.0)
    cosh_low = np.exp(below) * (1 + np.exp(-2 * low / T)) / 2
    cosh_more = from_low + _log_fall(low + high, T) + _log_fall(apart, T) - np.log(2)
    both = root_high + root_low * np.exp(from_high - from_low)
    root_more = from_low + from_high - np.log(4)
    root_more += _log_fall(2 * (low + high), T) + _log_fall(2 * apart, T)
    log = np.logaddexp(cosh_more, root_more - np.log(both)) - np.log(cosh_low + root_low)
    return np.where(log < -30, log, np.log(np.logaddexp(0.0, log)))


def _log_fall(energy: Floats, T: Floats) -> Floats:
    """ln(1 - e^(-energy/T)), also where the ratio is no float."""
    ratio = energy / T
    return np.where(ratio < 1e-17, np.log(energy) - np.log(T), np.log(-np.expm1(-ratio)))


def _scaled_root(h: Floats, over: Floats) -> Floats:
    """sqrt(sinh^2 h + wall^2) over the larger of e^h and the wall e^(-2 beta J)."""
    return np.hypot(
        np.exp(np.minimum(over, 0.0)) * -np.expm1(-2 * h) / 2, np.exp(-np.maximum(over, 0.0))
    )
