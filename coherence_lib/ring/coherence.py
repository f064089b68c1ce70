r"""Exact thermal state of the target, for any number of sources, Eqs. (26)-(31).

With :math:`u = \beta|\omega_a|M/2`, :math:`v = \beta\lambda_M` and the probabilities

.. math:: p_M \propto W_M\cosh u\,\cosh v \quad (M > 0), \qquad
          p_0 \propto \tfrac12 W_0\cosh v,

Eq. (29) is the mean :math:`C = \sum_M p_M\, r_M\tanh u\,\tanh v`. Every sum here has
positive terms only, and works with their logarithms.
"""

from dataclasses import dataclass, fields
from functools import partial

import numpy as np
from scipy.special import logsumexp

from coherence_lib import _checks, _labels, _progress
from coherence_lib.ring import free, window
from coherence_lib.ring.ground import ground_levels
from coherence_lib.ring.model import SourceRing, check_energies, check_ring, numbers_of_sources
from coherence_lib.ring.weights import scaled_weights

__all__ = [
    "coherence",
    "incoherence",
    "local_coherence",
    "log_partition_function",
    "target_state",
]

# A ratio to a temperature that overflows stands for one that is as good as infinite.
HUGE = 1e300
# Below this tanh x is x, and a ratio may have lost digits on its way to zero.
_SMALL = 1e-100
# Terms held at once; more columns are summed one batch after another.
_LARGEST_BATCH = 2_000_000


@dataclass(frozen=True)
class Columns:
    """Parameters of many thermal sums of one N, each an array of one length."""

    omega_a: np.ndarray
    gamma: np.ndarray
    J: np.ndarray
    omega: np.ndarray
    temperature: np.ndarray

    @property
    def beta_J(self):
        with np.errstate(over="ignore"):
            return np.clip(self.J / self.temperature, -HUGE, HUGE)

    def __getitem__(self, chosen):
        return Columns(*(getattr(self, field.name)[chosen] for field in fields(self)))


def coherence(ring, temperature, log=False, progress=False):
    r"""Coherence of the target in thermal equilibrium, exact, Eqs. (6), (28)-(29).

    .. math::
        C = 2|\rho_{eg}| = \frac4Z\sum_{M>0} W_M\,\frac{|\gamma| M}{\lambda_M}
            \sinh\frac{\beta|\omega_a|M}2\,\sinh\beta\lambda_M,
        \qquad \lambda_M = \sqrt{\omega^2/4+\gamma^2M^2}

    Right to 1e-10 relative as long as E/T, the largest energy over the temperature, is below
    some 1e6: beyond, the rounding of the energies themselves shows. The cost grows as
    :math:`\sqrt N` once N is large, and as N where the sources are correlated over the
    whole ring.

    Parameters
    ----------
    ring : SourceRing
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
        If `ring` is no SourceRing, or `temperature` not made of numbers >= 0.

    Examples
    --------
    >>> ring = SourceRing(6, omega_a=0.5, gamma=0.2, J=0.25)
    >>> print(coherence(ring, [0.0, 1.0, np.inf]).round(6))     # 12/13 at zero
    [0.923077 0.392167 0.      ]
    >>> cold = SourceRing(1000, omega_a=0.5, gamma=0.2, J=-1.0)
    >>> f"{coherence(cold, 0.05):.10e}"
    '5.1369172341e-25'
    >>> round(coherence(cold, 0.001, log=True), 6)
    -3348.421999
    """
    check_ring(ring)
    log = _checks.flag(log, "log")
    if _labels.among(temperature):
        return _labels.apply(
            partial(coherence, ring, log=log, progress=progress), temperature=temperature
        )
    logs = _mean(ring, temperature, _log_coherence, _ground_coherence, progress)
    return _checks.plain(logs if log else np.exp(logs))


def local_coherence(temperature, n_sources, omega_a, gamma, J, omega=1.0, progress=False):
    r"""`coherence` as a function of all parameters, which broadcast, Eqs. (28)-(29).

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
    arguments = {
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
        logs[here] = _mean_of_columns(
            int(size), columns, _log_coherence, _ground_coherence, progress
        )
    return _checks.plain(np.exp(logs))


def incoherence(ring, temperature, progress=False):
    r"""What the coherence lacks to one, 1 - C, without cancellation.

    .. math::
        1 - C = \sum_M p_M\,[(1-r_M) + r_M(1-\tanh u) + r_M\tanh u\,(1-\tanh v)],
        \qquad 1 - r_M = \frac{\omega^2/4}{\lambda_M(\lambda_M+|\gamma| M)}

    Parameters
    ----------
    ring : SourceRing
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
        If `ring` is no SourceRing, or `temperature` not made of numbers >= 0.

    Examples
    --------
    >>> strong = SourceRing(6, omega_a=0.5, gamma=1e6, J=0.25)
    >>> f"{incoherence(strong, 0.01):.10e}"              # omega^2 / 8 gamma^2 N^2
    '3.4722222222e-15'
    """
    check_ring(ring)
    if _labels.among(temperature):
        return _labels.apply(partial(incoherence, ring, progress=progress), temperature=temperature)
    return _checks.plain(
        np.exp(_mean(ring, temperature, _log_incoherence, _ground_incoherence, progress))
    )


def target_state(ring, temperature, progress=False):
    r"""Density matrix of the target in thermal equilibrium, Eqs. (5) and (27).

    .. math::
        \rho_{ee} = \sum_M p_M\,\tfrac12\Bigl(1 - \frac{\omega}{2\lambda_M}\tanh v\Bigr),
        \qquad \rho_{eg} = \tfrac12 C\,\mathrm{sgn}(\omega_a\gamma)

    Parameters
    ----------
    ring : SourceRing
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
        If `ring` is no SourceRing, or `temperature` not made of numbers >= 0.

    Examples
    --------
    >>> print(target_state(SourceRing(6, omega_a=0.5, gamma=0.2, J=0.25), 0.0).round(6))
    [[0.307692 0.461538]
     [0.461538 0.692308]]
    """
    check_ring(ring)
    if _labels.among(temperature):
        levels = {"row": ["e", "g"], "column": ["e", "g"]}
        return _labels.apply(
            partial(target_state, ring, progress=progress), output=levels, temperature=temperature
        )
    excited = np.exp(_mean(ring, temperature, _log_excited, _ground_excited, progress))
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


def log_partition_function(ring, temperature, progress=False):
    r"""Logarithm of the partition function, Eqs. (24) and (31).

    .. math::
        Z = 2W_0\cosh\frac{\beta\omega}2\,[N\text{ even}]
            + 4\sum_{M>0}W_M\cosh\frac{\beta\omega_aM}2\,\cosh\beta\lambda_M

    Parameters
    ----------
    ring : SourceRing
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
        If `ring` is no SourceRing, `temperature` not made of numbers > 0, or so small
        that ln Z is not a float.

    Examples
    --------
    >>> print(log_partition_function(SourceRing(6, 0.5, 0.2, 0.25), np.inf) / np.log(2))
    7.0
    """
    check_ring(ring)
    if _labels.among(temperature):
        return _labels.apply(
            partial(log_partition_function, ring, progress=progress), temperature=temperature
        )
    temperature = _checks.warm(temperature)
    progress = _checks.flag(progress, "progress")
    columns = _columns(ring, temperature)
    logs = np.full(temperature.size, (ring.n_sources + 1) * np.log(2.0))
    warm = columns.temperature < np.inf
    logs[warm] = _in_batches(ring.n_sources, columns[warm], _log_z_of_batch, progress)
    if not np.all(np.isfinite(logs)):
        raise ValueError(
            "`temperature` must be large enough for ln Z to be a float, but got "
            f"{float(temperature.min())!r}."
        )
    return _checks.plain(logs.reshape(temperature.shape))


# --- the thermal sums ------------------------------------------------------------------


def _mean(ring, temperature, log_value, ground_value, progress):
    temperature = _checks.temperature(temperature)
    progress = _checks.flag(progress, "progress")
    logs = _mean_of_columns(
        ring.n_sources, _columns(ring, temperature), log_value, ground_value, progress
    )
    return logs.reshape(temperature.shape)


def _columns(ring, temperature):
    flat = temperature.ravel()
    parameters = (ring.omega_a, ring.gamma, ring.J, ring.omega)
    return Columns(*(np.full(flat.shape, value) for value in parameters), flat)


def _mean_of_columns(n, columns, log_value, ground_value, progress):
    """Logarithm of a thermal mean for each column; T = 0 from the ground states."""
    logs = np.empty(columns.temperature.shape)
    cold = columns.temperature == 0
    for k in np.flatnonzero(cold):
        with np.errstate(divide="ignore"):
            logs[k] = np.log(ground_value(SourceRing(n, *_parameters(columns, k))))
    if np.any(~cold):
        logs[~cold] = _in_batches(n, columns[~cold], _log_mean_of_batch, progress, log_value)
    return logs


def _parameters(columns, k):
    return (float(a[k]) for a in (columns.omega_a, columns.gamma, columns.J, columns.omega))


def _in_batches(n, columns, function, progress, *log_values):
    """Apply `function` to all columns, a bounded number of terms at a time."""
    # C, 1 - C and the populations are even in omega_a and in gamma.
    columns = Columns(
        np.abs(columns.omega_a),
        np.abs(columns.gamma),
        columns.J,
        columns.omega,
        columns.temperature,
    )
    first, last, start = _windows(n, columns, log_values)
    batches = _batches(last - first)
    # One bar: over the batches, or over the terms of a single one.
    by_terms = progress and len(batches) == 1
    result = np.empty(len(first))
    for batch in _progress.bar(batches, progress and not by_terms, "batches of thermal sums"):
        steps = int(np.max(last[batch] - first[batch]))
        terms = _terms(n, columns[batch], first[batch], last[batch], start[batch], steps, by_terms)
        result[batch] = function(n, terms, *log_values)
    return result


def _windows(n, columns, log_values):
    """`window.find` for all columns, a bounded number of grid points at a time."""
    at_once = max(1, _LARGEST_BATCH // window.rows(n))
    found = [
        window.find(n, columns[k : k + at_once], lambda M, p: [value(M, p) for value in log_values])
        for k in range(0, len(columns.J), at_once)
    ]
    if not found:
        return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0)
    return tuple(np.concatenate(part) for part in zip(*found, strict=True))


def _batches(steps):
    """Indices of columns, the longest sums first: the longest sets the length of its batch."""
    order, batches = np.argsort(steps), []
    while order.size:
        batches.append(order[-max(1, _LARGEST_BATCH // (int(steps[order[-1]]) + 1)) :])
        order = order[: -len(batches[-1])]
    return batches


@dataclass(frozen=True)
class Terms:
    """Terms of the thermal sums: one row for each m, one column for each parameter set.

    `log_p` is up to a constant of each column; -inf beyond the last m.
    """

    columns: Columns
    M: np.ndarray
    log_w: np.ndarray
    log_p: np.ndarray
    peak_energy: np.ndarray


def _terms(n, p, first, last, start, steps, progress):
    weights = scaled_weights(n, first, steps, p.beta_J, start, progress=progress)
    m = first + np.arange(steps + 1)[:, None]
    M = np.maximum(n - 2 * m, 0).astype(float)
    # In units of energy first and over T once, so that nothing large is subtracted.
    energy = 4 * np.maximum(-p.J, 0) * m + p.omega_a * M / 2 + _split(M, p)
    inside = m <= last
    peak = np.where(inside, energy, -np.inf).max(axis=0)
    with np.errstate(over="ignore"):
        log_p = weights.log + (energy - peak) / p.temperature
        log_p += np.log1p(np.exp(-p.omega_a * M / p.temperature))
        log_p += np.log1p(np.exp(-2 * _split(M, p) / p.temperature))
    log_p = np.where(M == 0, log_p - np.log(2), log_p)
    log_p = np.where(inside, log_p, -np.inf)
    return Terms(p, M, weights.log, log_p, peak)


def _split(M, p):
    return np.hypot(p.omega / 2, p.gamma * M)


def _log_mean_of_batch(n, terms, log_value):
    logs = log_value(terms.M, terms.columns)
    with np.errstate(divide="ignore"):
        mean = logsumexp(terms.log_p + logs, axis=0) - logsumexp(terms.log_p, axis=0)
    # No value exceeds one; its mean may by rounding.
    return np.minimum(mean, 0.0)


def _log_z_of_batch(n, terms):
    p, m = terms.columns, (n - terms.M) / 2
    with np.errstate(over="ignore"):
        total = logsumexp(terms.log_p, axis=0) + (n * p.J + terms.peak_energy) / p.temperature
    # A window that begins at m = 0 has absolute weights already.
    begins = m[0] > 0
    if np.any(begins):
        total = total + np.where(begins, _log_of_first_weight(n, terms), 0.0)
    return total


def _log_of_first_weight(n, terms):
    r"""ln of the first scaled weight, from the sum rule of the transfer matrix.

    :math:`\sum_M W_M e^{hM} = \lambda_+^N + \lambda_-^N`. The field h is the slope of
    :math:`\ln(\cosh u\,\cosh v)` at the largest term. That function is convex, so the
    terms of the sum rule lie within the window of the thermal sum.
    """
    p = terms.columns
    peak = np.take_along_axis(terms.M, np.argmax(terms.log_p, axis=0)[None], axis=0)[0]
    split, T = _split(peak, p), p.temperature
    with np.errstate(over="ignore"):
        h = np.minimum(p.omega_a / T, HUGE) / 2 * np.tanh(p.omega_a * peak / 2 / T)
        h += np.minimum(p.gamma / T, HUGE) * (p.gamma * peak / split) * np.tanh(split / T)
    m = (n - terms.M) / 2
    field = np.where(terms.M == 0, 0.0, h * terms.M + np.log1p(np.exp(-2 * h * terms.M)))
    known = terms.log_w + 4 * np.maximum(-p.beta_J, 0) * m + field
    known = np.where(np.isfinite(terms.log_p), known, -np.inf)
    return free.log_sum_rule(n, p.beta_J, h) - logsumexp(known, axis=0)


# --- what is averaged: logarithms for given M, and values of the ground states ----------


def _ratio(M, p):
    """r_M = gamma M / lambda_M and 1 - r_M."""
    split = _split(M, p)
    return p.gamma * M / split, p.omega / 2 / split * (p.omega / 2 / (split + p.gamma * M))


def _log_coherence(M, p):
    split, T = _split(M, p), p.temperature
    return _log_ratio(p.gamma * M, split) + _log_tanh(p.omega_a * M / 2, T) + _log_tanh(split, T)


def _log_ratio(energy, other):
    """ln(energy/other), also where the ratio is no float."""
    with np.errstate(divide="ignore", over="ignore"):
        ratio = energy / other
        return np.where(ratio < _SMALL, np.log(energy) - np.log(other), np.log(ratio))


def _log_tanh(energy, T):
    """ln tanh(energy/T), also where the ratio is no float."""
    with np.errstate(divide="ignore", over="ignore"):
        ratio = energy / T
        return np.where(ratio < _SMALL, _log_ratio(energy, T), np.log(np.tanh(ratio)))


def _log_incoherence(M, p):
    r, missing = _ratio(M, p)
    with np.errstate(over="ignore", divide="ignore"):
        u, v = p.omega_a * M / (2 * p.temperature), _split(M, p) / p.temperature
        return np.log(missing + r * (_one_minus_tanh(u) + np.tanh(u) * _one_minus_tanh(v)))


def _log_excited(M, p):
    split = _split(M, p)
    missing = p.gamma * M / split * (p.gamma * M / (split + p.omega / 2))
    with np.errstate(over="ignore", divide="ignore"):
        v = split / p.temperature
        return np.log((missing + p.omega / (2 * split) * _one_minus_tanh(v)) / 2)


def _one_minus_tanh(x):
    decay = np.exp(-2 * x)
    return 2 * decay / (1 + decay)


def _ground_parts(ring):
    levels = ground_levels(ring.n_sources, ring.omega_a, ring.gamma, ring.J, ring.omega)
    split = np.hypot(ring.omega / 2, ring.gamma * levels.magnetisation)
    elements = levels.branch * ring.gamma * levels.magnetisation / split
    return levels, split, elements


def _ground_coherence(ring):
    levels, _, elements = _ground_parts(ring)
    mean, size = abs(levels.weights @ elements), levels.weights @ np.abs(elements)
    # Levels of opposite M cancel but for their rounding.
    return mean if mean > 1e-14 * size else 0.0


def _ground_incoherence(ring):
    levels, split, elements = _ground_parts(ring)
    elements = elements * (np.sign(levels.weights @ elements) or 1.0)
    coupled = np.abs(ring.gamma * levels.magnetisation)
    missing = ring.omega / 2 / split * (ring.omega / 2 / (split + coupled))
    return levels.weights @ np.where(elements > 0, missing, 1 - elements)


def _ground_excited(ring):
    levels, split, _ = _ground_parts(ring)
    coupled = np.abs(ring.gamma * levels.magnetisation)
    missing = coupled / split * (coupled / (split + ring.omega / 2))
    upper = 1 + ring.omega / (2 * split)
    return levels.weights @ np.where(levels.branch < 0, missing, upper) / 2
