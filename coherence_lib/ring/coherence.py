r"""Exact thermal state of the target, for any number of sources, Eqs. (II.26)-(II.31).

With :math:`u = \beta|\omega_a|M/2`, :math:`v = \beta\lambda_M` and the probabilities

.. math:: p_M \propto W_M\cosh u\,\cosh v \quad (M > 0), \qquad
          p_0 \propto \tfrac12 W_0\cosh v,

Eq. (II.29) is the mean :math:`C = \sum_M p_M\, r_M\tanh u\,\tanh v`. Every sum has
positive terms only, and works with their logarithms.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, overload

import numpy as np
from numpy.typing import NDArray

from coherence_lib import _checks, _labels
from coherence_lib._types import (
    Array,
    Floats,
    Labelled,
    Number,
    Numbers,
    Real,
    Value,
    Whole,
    WholeNumbers,
    Wholes,
)
from coherence_lib.ring import routes
from coherence_lib.ring.graph import Ring, graph_of
from coherence_lib.ring.model import Columns, check_energies, numbers_of_sources
from coherence_lib.ring.sources import check_sources, columns_of
from coherence_lib.ring.target import COHERENCE, EXCITED, INCOHERENCE

if TYPE_CHECKING:
    from coherence_lib.ring.sources import Sources
    from coherence_lib.ring.target import Observable

__all__ = [
    "coherence",
    "incoherence",
    "local_coherence",
    "log_partition_function",
    "target_state",
]


@overload
def coherence(
    ring: Sources, temperature: Number, log: bool = ..., progress: bool = ...
) -> float: ...
@overload
def coherence(
    ring: Sources, temperature: Array, log: bool = ..., progress: bool = ...
) -> Floats: ...
@overload
def coherence(
    ring: Sources, temperature: Labelled, log: bool = ..., progress: bool = ...
) -> Labelled: ...
def coherence(ring: Sources, temperature: Real, log: bool = False, progress: bool = False) -> Value:
    r"""Coherence of the target in thermal equilibrium, exact, Eqs. (II.6), (II.28)-(II.29).

    .. math::
        C = 2|\rho_{eg}| = \frac4Z\sum_{M>0} W_M\,\frac{|\gamma| M}{\lambda_M}
            \sinh\frac{\beta|\omega_a|M}2\,\sinh\beta\lambda_M,
        \qquad \lambda_M = \sqrt{\omega^2/4+\gamma^2M^2}

    Right to 1e-10 relative as long as E/T, the largest energy over the temperature, is below
    some 1e6: beyond, the rounding of the energies themselves shows. Up to some 4000 sources it
    is the sum, for more the integral over the target's mean polarisation, at one cost for any
    number of them (`coherence_lib.ring.integral`).

    Parameters
    ----------
    ring : SourceRing or SourceGraph
    temperature : array_like, shape (...)
        Temperature T >= 0. Zero stands for the equal mixture of the ground states (levels
        within 1e-10 max(omega, \|E_0\|) of the lowest), infinity is allowed.
    log : bool, optional
        Return ln C, -inf where the coherence vanishes. Below 1e-308 only the logarithm
        is a float.
    progress : bool, optional
        Whether to show a bar while a long sum is taken.

    Returns
    -------
    float or ndarray, shape (...)
        Between 0 and 1.

    Raises
    ------
    TypeError, ValueError
        If `ring` is no SourceRing or SourceGraph, or `temperature` not made of numbers >= 0.

    Examples
    --------
    >>> from coherence_lib.ring import SourceRing
    >>> ring = SourceRing(6, omega_a=0.5, gamma=0.2, J=0.25)
    >>> print(coherence(ring, [0.0, 1.0, np.inf]).round(6))     # 12/13 at zero
    [0.923077 0.392167 0.      ]
    >>> cold = SourceRing(1000, omega_a=0.5, gamma=0.2, J=-1.0)
    >>> f"{coherence(cold, 0.05):.10e}"
    '5.1369172341e-25'
    >>> round(coherence(cold, 0.001, log=True), 6)
    -3348.421999
    """
    check_sources(ring)
    log = _checks.flag(log, "log")
    if _labels.among(temperature):
        return _labels.apply(
            partial(coherence, ring, log=log, progress=progress), temperature=temperature
        )
    logs = _log_mean(ring, temperature, COHERENCE, progress)
    return _checks.plain(logs if log else np.exp(logs))


@overload
def local_coherence(
    temperature: Number,
    n_sources: Whole,
    omega_a: Number,
    gamma: Number,
    J: Number,
    omega: Number = ...,
    progress: bool = ...,
) -> float: ...
@overload
def local_coherence(
    temperature: Numbers,
    n_sources: WholeNumbers,
    omega_a: Numbers,
    gamma: Numbers,
    J: Numbers,
    omega: Numbers = ...,
    progress: bool = ...,
) -> Floats: ...
@overload
def local_coherence(
    temperature: Real,
    n_sources: Wholes,
    omega_a: Real,
    gamma: Real,
    J: Real,
    omega: Real = ...,
    progress: bool = ...,
) -> Value: ...
def local_coherence(
    temperature: Real,
    n_sources: Wholes,
    omega_a: Real,
    gamma: Real,
    J: Real,
    omega: Real = 1.0,
    progress: bool = False,
) -> Value:
    r"""`coherence` as a function of all parameters, which broadcast, Eqs. (II.28)-(II.29).

    Parameters
    ----------
    temperature : array_like, shape (...)
        Temperature T >= 0; zero and infinity are allowed.
    n_sources : array_like of int, shape (...)
        Number of sources N, >= 1.
    omega_a, gamma, J : array_like, shape (...)
        Gap of a source, coupling to the target, coupling of neighbouring sources; each of
        either sign.
    omega : array_like, shape (...), optional
        Gap of the target, > 0.
    progress : bool, optional
        Whether to show a bar while a long sum is taken.

    Returns
    -------
    float or ndarray, shape (...)

    Raises
    ------
    TypeError, ValueError
        If an argument is not valid, or the shapes do not broadcast.

    Examples
    --------
    >>> print(local_coherence(1.0, [1, 2, 4, 8], omega_a=0.5, gamma=0.2, J=0.25).round(6))
    [0.04474  0.125153 0.268032 0.502813]
    """
    if _labels.among(temperature, n_sources, omega_a, gamma, J, omega):
        return _labels.apply(
            partial(local_coherence, progress=progress),
            temperature=temperature,
            n_sources=n_sources,
            omega_a=omega_a,
            gamma=gamma,
            J=J,
            omega=omega,
        )
    arguments: dict[str, NDArray[Any]] = {
        "temperature": _checks.temperature(temperature),
        "n_sources": numbers_of_sources(n_sources),
        "omega_a": _checks.real(omega_a, "omega_a"),
        "gamma": _checks.real(gamma, "gamma"),
        "J": _checks.real(J, "J"),
        "omega": _checks.above(omega, 0, "omega"),
    }
    temperature, n, omega_a, gamma, J, omega = _checks.broadcast(**arguments)
    check_energies(n, omega_a, gamma, J, omega)
    progress = _checks.flag(progress, "progress")
    logs = np.empty(temperature.shape)
    for size in np.unique(n):
        here = n == size
        columns = Columns(*(a[here] for a in (omega_a, gamma, J, omega, temperature)))
        logs[here] = routes.log_mean(Ring(int(size)), columns, COHERENCE, progress)
    return _checks.plain(np.exp(logs))


@overload
def incoherence(ring: Sources, temperature: Number, progress: bool = ...) -> float: ...
@overload
def incoherence(ring: Sources, temperature: Array, progress: bool = ...) -> Floats: ...
@overload
def incoherence(ring: Sources, temperature: Labelled, progress: bool = ...) -> Labelled: ...
def incoherence(ring: Sources, temperature: Real, progress: bool = False) -> Value:
    r"""What the coherence lacks to one, 1 - C, without cancellation.

    .. math::
        1 - C = \sum_M p_M\,[(1-r_M) + r_M(1-\tanh u) + r_M\tanh u\,(1-\tanh v)],
        \qquad 1 - r_M = \frac{\omega^2/4}{\lambda_M(\lambda_M+|\gamma| M)}

    Parameters
    ----------
    ring : SourceRing or SourceGraph
    temperature : array_like, shape (...)
        Temperature T >= 0; zero and infinity are allowed.
    progress : bool, optional
        Whether to show a bar while a long sum is taken.

    Returns
    -------
    float or ndarray, shape (...)
        Right to 1e-10 relative also where C rounds to one.

    Raises
    ------
    TypeError, ValueError
        If `ring` is no SourceRing or SourceGraph, or `temperature` not made of numbers >= 0.

    Examples
    --------
    >>> from coherence_lib.ring import SourceRing
    >>> strong = SourceRing(6, omega_a=0.5, gamma=1e6, J=0.25)
    >>> f"{incoherence(strong, 0.01):.10e}"              # omega^2 / 8 gamma^2 N^2
    '3.4722222222e-15'
    """
    check_sources(ring)
    if _labels.among(temperature):
        return _labels.apply(partial(incoherence, ring, progress=progress), temperature=temperature)
    return _checks.plain(np.exp(_log_mean(ring, temperature, INCOHERENCE, progress)))


@overload
def target_state(ring: Sources, temperature: Numbers, progress: bool = ...) -> Floats: ...
@overload
def target_state(ring: Sources, temperature: Labelled, progress: bool = ...) -> Labelled: ...
def target_state(ring: Sources, temperature: Real, progress: bool = False) -> Floats | Labelled:
    r"""Density matrix of the target in thermal equilibrium, Eqs. (II.5) and (II.27).

    .. math::
        \rho_{ee} = \sum_M p_M\,\tfrac12\Bigl(1 - \frac{\omega}{2\lambda_M}\tanh v\Bigr),
        \qquad \rho_{eg} = \tfrac12 C\,\mathrm{sgn}(\omega_a\gamma)

    Parameters
    ----------
    ring : SourceRing or SourceGraph
    temperature : array_like, shape (...)
        Temperature T >= 0; zero and infinity are allowed.
    progress : bool, optional
        Whether to show a bar while a long sum is taken.

    Returns
    -------
    ndarray, shape (..., 2, 2)
        Real, in the basis :math:`|e\rangle, |g\rangle`.

    Raises
    ------
    TypeError, ValueError
        If `ring` is no SourceRing or SourceGraph, or `temperature` not made of numbers >= 0.

    Examples
    --------
    >>> from coherence_lib.ring import SourceRing
    >>> print(target_state(SourceRing(6, omega_a=0.5, gamma=0.2, J=0.25), 0.0).round(6))
    [[0.307692 0.461538]
     [0.461538 0.692308]]
    """
    check_sources(ring)
    if _labels.among(temperature):
        levels = {"row": ["e", "g"], "column": ["e", "g"]}
        return _labels.apply(
            partial(target_state, ring, progress=progress), output=levels, temperature=temperature
        )
    excited = np.exp(_log_mean(ring, temperature, EXCITED, progress))
    half = (
        coherence(ring, temperature, progress=progress)
        / 2
        * np.sign(ring.omega_a)
        * np.sign(ring.gamma)
    )
    rho = np.empty((*np.shape(excited), 2, 2))
    rho[..., 0, 0], rho[..., 1, 1] = excited, 1 - excited
    rho[..., 0, 1] = rho[..., 1, 0] = half
    return rho


@overload
def log_partition_function(ring: Sources, temperature: Number, progress: bool = ...) -> float: ...
@overload
def log_partition_function(ring: Sources, temperature: Array, progress: bool = ...) -> Floats: ...
@overload
def log_partition_function(
    ring: Sources, temperature: Labelled, progress: bool = ...
) -> Labelled: ...
def log_partition_function(ring: Sources, temperature: Real, progress: bool = False) -> Value:
    r"""Logarithm of the partition function, Eqs. (II.24) and (II.31).

    .. math::
        Z = 2W_0\cosh\frac{\beta\omega}2\,[N\text{ even}]
            + 4\sum_{M>0}W_M\cosh\frac{\beta\omega_aM}2\,\cosh\beta\lambda_M

    Parameters
    ----------
    ring : SourceRing or SourceGraph
    temperature : array_like, shape (...)
        Temperature T > 0; infinity gives (N + 1) ln 2.
    progress : bool, optional
        Whether to show a bar while a long sum is taken.

    Returns
    -------
    float or ndarray, shape (...)

    Raises
    ------
    TypeError, ValueError
        If `ring` is no SourceRing or SourceGraph, `temperature` not made of numbers > 0, or so
        small that ln Z is not a float.

    Examples
    --------
    >>> from coherence_lib.ring import SourceRing
    >>> print(log_partition_function(SourceRing(6, 0.5, 0.2, 0.25), np.inf) / np.log(2))
    7.0
    """
    check_sources(ring)
    if _labels.among(temperature):
        return _labels.apply(
            partial(log_partition_function, ring, progress=progress), temperature=temperature
        )
    temperature = _checks.warm(temperature)
    progress = _checks.flag(progress, "progress")
    columns = columns_of(ring, temperature.ravel())
    logs = np.full(temperature.size, (ring.n_sources + 1) * np.log(2.0))
    warm = columns.temperature < np.inf
    logs[warm] = routes.log_partition(graph_of(ring), columns[warm], progress)
    if not np.all(np.isfinite(logs)):
        raise ValueError(
            "`temperature` must be large enough for ln Z to be a float, but got "
            f"{float(temperature.min())!r}."
        )
    return _checks.plain(logs.reshape(temperature.shape))


def _log_mean(ring: Sources, temperature: Real, observable: Observable, progress: bool) -> Floats:
    temperature = _checks.temperature(temperature)
    progress = _checks.flag(progress, "progress")
    columns = columns_of(ring, temperature.ravel())
    logs = routes.log_mean(graph_of(ring), columns, observable, progress)
    return logs.reshape(temperature.shape)
