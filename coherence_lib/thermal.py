"""Photon numbers and temperatures, with hbar = k_B = 1: a temperature is an energy."""

from __future__ import annotations

from typing import overload

import numpy as np

from coherence_lib import _checks, _labels
from coherence_lib._types import Floats, Labelled, Number, Numbers, Real, Value

__all__ = ["photon_number", "qubit_temperature", "temperature"]


@overload
def photon_number(omega: Number, temperature: Number) -> float: ...
@overload
def photon_number(omega: Numbers, temperature: Numbers) -> Floats: ...
@overload
def photon_number(omega: Labelled, temperature: Real) -> Labelled: ...
@overload
def photon_number(omega: Real, temperature: Labelled) -> Labelled: ...
def photon_number(omega: Real, temperature: Real) -> Value:
    r"""Mean number of thermal photons in a mode (Bose-Einstein), below Eq. (I.3).

    .. math:: \bar n = \frac{1}{e^{\omega/T} - 1}

    Parameters
    ----------
    omega : array_like, shape (...)
        Transition frequency, > 0.
    temperature : array_like, shape (...)
        Temperature >= 0 in the units of `omega`; broadcasts with it.
        T = 0 gives exactly 0.

    Returns
    -------
    float or ndarray, shape (...)

    Raises
    ------
    TypeError
        If an argument is not made of real numbers.
    ValueError
        If `omega` <= 0, `temperature` < 0, an argument is not finite, or the
        result is too large for a float.

    Examples
    --------
    >>> round(photon_number(1.0, 10.0), 6)
    9.508332
    """
    if _labels.among(omega, temperature):
        return _labels.apply(photon_number, omega=omega, temperature=temperature)
    omega = _checks.above(omega, 0, "omega")
    temperature = _checks.at_least(temperature, 0, "temperature")
    omega, temperature = _checks.broadcast(omega=omega, temperature=temperature)
    with np.errstate(divide="ignore", over="ignore"):
        nbar = 1.0 / np.expm1(omega / temperature)
    if not np.all(np.isfinite(nbar)):
        raise ValueError(
            "`temperature` must be small enough for a finite photon number, but got "
            f"{float(temperature.max())!r} at omega {float(omega.min())!r}."
        )
    return _checks.plain(nbar)


@overload
def temperature(nbar: Number, omega: Number = ...) -> float: ...
@overload
def temperature(nbar: Numbers, omega: Numbers = ...) -> Floats: ...
@overload
def temperature(nbar: Labelled, omega: Real = ...) -> Labelled: ...
@overload
def temperature(nbar: Real, omega: Labelled) -> Labelled: ...
def temperature(nbar: Real, omega: Real = 1.0) -> Value:
    r"""Temperature at which a mode holds `nbar` photons; inverse of `photon_number`.

    .. math:: T = \frac{\omega}{\ln(1 + 1/\bar n)}

    Parameters
    ----------
    nbar : array_like, shape (...)
        Mean photon number, >= 0; 0 gives T = 0.
    omega : array_like, shape (...), optional
        Transition frequency, > 0; broadcasts with `nbar`.

    Returns
    -------
    float or ndarray, shape (...)
        In the units of `omega`.

    Raises
    ------
    TypeError
        If an argument is not made of real numbers.
    ValueError
        If `nbar` < 0, `omega` <= 0, one is not finite, or the result is too large for
        a float.

    Examples
    --------
    >>> round(temperature(10.0), 6)
    10.492059
    """
    if _labels.among(nbar, omega):
        return _labels.apply(temperature, nbar=nbar, omega=omega)
    nbar = _checks.at_least(nbar, 0, "nbar")
    omega = _checks.above(omega, 0, "omega")
    nbar, omega = _checks.broadcast(nbar=nbar, omega=omega)
    with np.errstate(divide="ignore", over="ignore"):
        # 1/nbar overflows for tiny nbar; log1p(nbar) - log(nbar) cancels for large.
        log_ratio = np.where(nbar > 1, np.log1p(1 / nbar), np.log1p(nbar) - np.log(nbar))
        result = omega / log_ratio
    if not np.all(np.isfinite(result)):
        raise ValueError(
            f"`nbar` must be small enough for a finite temperature, but got {float(nbar.max())!r} "
            f"at omega {float(omega.max())!r}."
        )
    return _checks.plain(result)


@overload
def qubit_temperature(p_excited: Number, omega: Number = ...) -> float: ...
@overload
def qubit_temperature(p_excited: Numbers, omega: Numbers = ...) -> Floats: ...
@overload
def qubit_temperature(p_excited: Labelled, omega: Real = ...) -> Labelled: ...
@overload
def qubit_temperature(p_excited: Real, omega: Labelled) -> Labelled: ...
def qubit_temperature(p_excited: Real, omega: Real = 1.0) -> Value:
    r"""Effective temperature of a qubit whose state is diagonal.

    .. math:: T_{\mathrm{eff}} = \frac{\omega}{\ln[(1 - p_e)/p_e]}

    Negative for an inverted qubit (:math:`p_e > 1/2`), infinite at
    :math:`p_e = 1/2`, 0 at :math:`p_e = 0`, and -0.0 (zero from below) at
    :math:`p_e = 1`.

    Parameters
    ----------
    p_excited : array_like, shape (...)
        Population of |e>, from 0 to 1.
    omega : array_like, shape (...), optional
        Transition frequency, > 0; broadcasts with `p_excited`.

    Returns
    -------
    float or ndarray, shape (...)
        In the units of `omega`.

    Raises
    ------
    TypeError
        If an argument is not made of real numbers.
    ValueError
        If `p_excited` is outside [0, 1], `omega` <= 0, or one is not finite.

    Examples
    --------
    >>> import numpy as np
    >>> p = np.array([0.25, 0.5, 0.75])
    >>> print(np.round(qubit_temperature(p), 6))
    [ 0.910239       inf -0.910239]
    """
    if _labels.among(p_excited, omega):
        return _labels.apply(qubit_temperature, p_excited=p_excited, omega=omega)
    p = _checks.at_least(p_excited, 0, "p_excited")
    if np.any(p > 1):
        raise ValueError(f"`p_excited` must be <= 1, but got {float(p.max())!r}.")
    omega = _checks.above(omega, 0, "omega")
    p, omega = _checks.broadcast(p_excited=p, omega=omega)
    with np.errstate(divide="ignore"):
        # 1 - 2p is exact for p >= 1/4, where the plain logarithms would cancel.
        near_half = np.abs(p - 0.5) <= 0.25
        close = np.log1p((1 - 2 * p) / np.where(near_half, p, 1.0))
        log_ratio = np.where(near_half, close, np.log1p(-p) - np.log(p))
        return _checks.plain(omega / log_ratio)
