r"""The target between its sources: two levels in a field, Eqs. (II.18)-(II.23).

Sources of magnetisation M leave the target the Hamiltonian
:math:`\frac\omega2\sigma^z + \gamma M\sigma^x` with the energies :math:`\pm\lambda_M`,

.. math::
    \lambda_M = \sqrt{\omega^2/4+\gamma^2M^2},\qquad r_M = \gamma M/\lambda_M,

and in its upper or lower level the coherence :math:`2\rho_{eg} = \pm r_M` and the excited share
:math:`\rho_{ee} = \frac12(1\pm\omega/2\lambda_M)`. Nothing here knows how the sources are coupled
to each other. Each `Observable` of the target has the logarithm of its value in a thermal pair
of magnetisations, and its value in a mixture of ground levels.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, overload

import numpy as np
from numpy.typing import NDArray

from coherence_lib._types import Floats, Integers, Numeric

if TYPE_CHECKING:
    from coherence_lib.ring.model import Columns

__all__ = ["COHERENCE", "EXCITED", "INCOHERENCE", "Observable"]

# Below this tanh x is x, and a ratio may have lost digits on its way to zero.
_SMALL = 1e-100
# A sum of terms of both signs that is smaller than this share of them is their rounding.
_ROUNDING = 1e-14


@overload
def half_splitting(M: float, gamma: float, omega: float) -> float: ...
@overload
def half_splitting(M: Numeric, gamma: Numeric, omega: Numeric) -> Floats: ...
def half_splitting(M: Numeric, gamma: Numeric, omega: Numeric) -> float | Floats:
    """lambda_M, half the distance of the target's two levels."""
    return np.hypot(omega / 2, gamma * M)


@overload
def tilt(M: float, gamma: float, omega: float) -> float: ...
@overload
def tilt(M: Numeric, gamma: Numeric, omega: Numeric) -> Floats: ...
def tilt(M: Numeric, gamma: Numeric, omega: Numeric) -> float | Floats:
    """r_M, with the sign of gamma M."""
    return gamma * M / half_splitting(M, gamma, omega)


def missing_tilt(M: Numeric, gamma: Numeric, omega: Numeric) -> Floats:
    """1 - |r_M| without cancellation."""
    split = half_splitting(M, gamma, omega)
    return omega / 2 / split * (omega / 2 / (split + np.abs(gamma * M)))


def lower_excited(M: Numeric, gamma: Numeric, omega: Numeric) -> Floats:
    """Excited share of the target's lower level, without cancellation."""
    split, coupled = half_splitting(M, gamma, omega), np.abs(gamma * M)
    return coupled / split * (coupled / (split + omega / 2)) / 2


def upper_excited(M: Numeric, gamma: Numeric, omega: Numeric) -> Floats:
    """Excited share of the target's upper level."""
    return (1 + omega / (2 * half_splitting(M, gamma, omega))) / 2


def one_minus_tanh(x: Floats) -> Floats:
    """1 - tanh x for x >= 0, without cancellation."""
    decay = np.exp(-2 * x)
    return 2 * decay / (1 + decay)


def log_tanh(energy: Floats, T: Floats) -> Floats:
    """ln tanh(energy/T), also where the ratio is no float."""
    with np.errstate(divide="ignore", over="ignore"):
        ratio = energy / T
        return np.where(ratio < _SMALL, _log_ratio(energy, T), np.log(np.tanh(ratio)))


def _log_ratio(energy: Floats, other: Floats) -> Floats:
    """ln(energy/other), also where the ratio is no float."""
    with np.errstate(divide="ignore", over="ignore"):
        ratio = energy / other
        return np.where(ratio < _SMALL, np.log(energy) - np.log(other), np.log(ratio))


class Mixture(Protocol):
    """Ground levels along the first axis, and their shares."""

    @property
    def magnetisation(self) -> NDArray[np.integer | np.floating]: ...
    @property
    def branch(self) -> Integers: ...
    @property
    def weights(self) -> Floats: ...


@dataclass(frozen=True)
class Observable:
    """What is averaged over the states of sources and target; it lies between 0 and 1.

    Attributes
    ----------
    log_thermal : callable
        ``log_thermal(M, columns)``: logarithm of its value where M >= 0 and -M stand together in
        thermal equilibrium; the columns' omega_a and gamma are >= 0.
    ground : callable
        ``ground(levels, gamma, omega)``: its value in the equal mixture of ground levels, which
        have `magnetisation`, `branch` and `weights`, with the levels along the first axis.
    """

    log_thermal: Callable[[Floats, Columns], Floats]
    ground: Callable[[Mixture, Numeric, Numeric], Floats]


def _log_coherence(M: Floats, p: Columns) -> Floats:
    """ln of r_M tanh u tanh v."""
    split, T = half_splitting(M, p.gamma, p.omega), p.temperature
    return _log_ratio(p.gamma * M, split) + log_tanh(p.omega_a * M / 2, T) + log_tanh(split, T)


def _log_incoherence(M: Floats, p: Columns) -> Floats:
    """ln of (1 - r_M) + r_M (1 - tanh u) + r_M tanh u (1 - tanh v)."""
    r, missing = tilt(M, p.gamma, p.omega), missing_tilt(M, p.gamma, p.omega)
    with np.errstate(over="ignore", divide="ignore"):
        u = p.omega_a * M / (2 * p.temperature)
        v = half_splitting(M, p.gamma, p.omega) / p.temperature
        return np.log(missing + r * (one_minus_tanh(u) + np.tanh(u) * one_minus_tanh(v)))


def _log_excited(M: Floats, p: Columns) -> Floats:
    """ln of (1 - (omega/2 lambda_M) tanh v)/2."""
    split = half_splitting(M, p.gamma, p.omega)
    with np.errstate(over="ignore", divide="ignore"):
        cold = one_minus_tanh(split / p.temperature)
        return np.log(lower_excited(M, p.gamma, p.omega) + p.omega / (2 * split) * cold / 2)


def ground_element(levels: Mixture, gamma: Numeric, omega: Numeric) -> Floats:
    """2 rho_eg of the target in a mixture of ground levels, with its sign."""
    elements = levels.branch * tilt(levels.magnetisation, gamma, omega)
    mean = np.sum(levels.weights * elements, axis=0)
    size = np.sum(levels.weights * np.abs(elements), axis=0)
    # Levels of opposite M cancel but for their rounding.
    return np.where(np.abs(mean) > _ROUNDING * size, mean, 0.0)


def _ground_coherence(levels: Mixture, gamma: Numeric, omega: Numeric) -> Floats:
    return np.abs(ground_element(levels, gamma, omega))


def _ground_incoherence(levels: Mixture, gamma: Numeric, omega: Numeric) -> Floats:
    M = levels.magnetisation
    elements = levels.branch * tilt(M, gamma, omega)
    favoured = np.where(np.sum(levels.weights * elements, axis=0) < 0, -elements, elements)
    missing = np.where(favoured > 0, missing_tilt(M, gamma, omega), 1 - favoured)
    return np.sum(levels.weights * missing, axis=0)


def _ground_excited(levels: Mixture, gamma: Numeric, omega: Numeric) -> Floats:
    M = levels.magnetisation
    lower, upper = lower_excited(M, gamma, omega), upper_excited(M, gamma, omega)
    return np.sum(levels.weights * np.where(levels.branch < 0, lower, upper), axis=0)


COHERENCE = Observable(_log_coherence, _ground_coherence)
INCOHERENCE = Observable(_log_incoherence, _ground_incoherence)
EXCITED = Observable(_log_excited, _ground_excited)
