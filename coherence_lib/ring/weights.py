r"""Weights of the magnetisations of a free Ising ring, Eq. (II.30), by a recurrence.

With b = (N - M)/2 sources down, :math:`w_b = W_M e^{-\beta JN}` and
:math:`x = e^{-4\beta J}`,

.. math::
    2(b+1)(N-b-1)(M+1)\,w_{b+1} = M\,[4b(N-b) + 2x(M^2-1)]\,w_b
        - 2(b-1)(N-b+1)(M-1)\,w_{b-1},

from :math:`w_0 = 1`, :math:`w_1 = Nx`: the contiguous relation of the hypergeometric
function of Eq. (II.30). The ratios :math:`R_b = w_b/w_{b-1}` solve it stably up to
b = N/2, and W is even in M. The hypergeometric function itself overflows near N = 1000.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import overload

import numpy as np

from coherence_lib import _checks, _labels, _progress
from coherence_lib._types import Floats, Integers, Labelled, Numbers, Real, Whole
from coherence_lib.ring.model import number_of_sources

__all__ = ["log_weights"]

# Fewer columns than this are faster one by one as Python floats.
_FEW_COLUMNS = 6


@overload
def log_weights(n_sources: Whole, beta_J: Numbers) -> Floats: ...
@overload
def log_weights(n_sources: Whole, beta_J: Labelled) -> Labelled: ...
def log_weights(n_sources: Whole, beta_J: Real) -> Floats | Labelled:
    r"""Logarithms of the weights W_M of Eq. (II.30), for all magnetisations.

    .. math::
        W_M = \sum_l g(M, l)\,e^{\beta J(N-4l)}

    Parameters
    ----------
    n_sources : int
        Number of sources N, >= 1.
    beta_J : array_like, shape (...)
        Coupling over temperature, of either sign.

    Returns
    -------
    ndarray, shape (..., N + 1)
        ln W_M for M = -N, -N + 2, ..., N.

    Raises
    ------
    TypeError, ValueError
        If `n_sources` is not an integer >= 1 or `beta_J` is not finite.

    Examples
    --------
    >>> print(np.exp(log_weights(4, 0.0)).round(6))      # binomial coefficients
    [1. 4. 6. 4. 1.]
    """
    n = number_of_sources(n_sources)
    if _labels.among(beta_J):
        return _labels.apply(
            partial(log_weights, n),
            output={"magnetisation": np.arange(-n, n + 1, 2)},
            beta_J=beta_J,
        )
    beta_J = _checks.real(beta_J, "beta_J")
    flat = beta_J.ravel()
    largest = np.abs(flat).max(initial=0.0)
    if largest > np.finfo(float).max / (8 * n):
        raise ValueError(f"`beta_J` must leave all logarithms finite, but got {float(largest)!r}.")
    _checks.memory(
        100.0 * n * max(1, flat.size),
        "n_sources",
        f"the weights of {n} sources at {flat.size} couplings",
        "`coherence` sums only the terms that matter.",
    )
    half = scaled_weights(n, np.zeros(flat.size, dtype=np.int64), n // 2, flat)
    down = np.arange(n // 2 + 1.0)[:, None]
    logs = half.log + 4 * np.maximum(-flat, 0) * down + n * flat
    full = np.concatenate([logs, logs[::-1][1 - n % 2 :]])
    return full.T.reshape(*beta_J.shape, n + 1)


@dataclass(frozen=True)
class ScaledWeights:
    """Weights w_b / max(x, 1)^b for b sources down, from a first b on and relative to it.

    `log` holds their logarithms, shape (steps + 1, columns); `domains`, where asked for, the
    mean number of domains beyond the fewest (J >= 0) or short of the most (J < 0), exact
    also where it is exponentially small, and relative to the first too.
    """

    log: Floats
    domains: Floats | None = None


def scaled_weights(
    n: int,
    first: Integers,
    steps: int,
    beta_J: Floats,
    start: Floats | None = None,
    domains: bool = False,
    progress: bool = False,
) -> ScaledWeights:
    """Weights of `steps` further numbers down from `first` on; one column for each beta_J.

    A column that begins with none down is exact. One that begins elsewhere takes the ratio
    w_b/(w_(b-1) max(x, 1)) there from `start` and forgets its error on the way.
    Beyond b = N/2 the numbers have no meaning.
    """
    with np.errstate(over="ignore"):
        x, inverse = np.exp(-4 * np.maximum(beta_J, 0)), np.exp(4 * np.minimum(beta_J, 0))
    down = np.minimum(first + np.arange(steps)[:, None], max(n // 2 - 1, 0)).astype(float)
    M = n - 2 * down
    with np.errstate(invalid="ignore"):
        # N = 1 has no second weight.
        scale = 2 * (down + 1) * (n - down - 1) * (M + 1)
        plain = M * 4 * down * (n - down) / scale * inverse
        flipped = M * 2 * (M**2 - 1) / scale * x
        back = 2 * (down - 1) * (n - down + 1) * (M - 1) / scale
        back = np.where(down == 0, 0.0, back) * inverse**2
    ratios = _ratios(
        plain + flipped, back, np.ones(len(beta_J)) if start is None else start, progress
    )
    with np.errstate(divide="ignore"):
        logs = np.log(ratios)
    if steps:
        # w_1 = N x has a logarithm even where x underflows.
        logs[0] = np.where(first == 0, np.log(n) - 4 * np.maximum(beta_J, 0), logs[0])
    log = np.concatenate([np.zeros((1, len(beta_J))), np.cumsum(logs, axis=0)])
    if not domains:
        return ScaledWeights(log)
    return ScaledWeights(log, _domains(plain, flipped, back, ratios, first, beta_J))


def _ratios(forward: Floats, back: Floats, start: Floats, progress: bool) -> Floats:
    """R_(b+1) = forward_b - back_b / R_b, along the first axis."""
    if forward.shape[1] < _FEW_COLUMNS:
        columns = [
            _one_column(*column, progress)
            for column in zip(forward.T.tolist(), back.T.tolist(), start.tolist(), strict=True)
        ]
        return np.array(columns).T.reshape(forward.shape)
    ratios = np.empty_like(forward)
    ratio = start
    for k in _progress.bar(range(len(forward)), progress, "terms of the thermal sum"):
        # A ratio that underflows belongs to one down, where `back` is zero.
        ratio = forward[k] - back[k] / np.maximum(ratio, _TINY)
        ratios[k] = ratio
    return ratios


def _one_column(
    forward: Sequence[float], back: Sequence[float], ratio: float, progress: bool
) -> list[float]:
    ratios = []
    pairs = zip(forward, back, strict=True)
    for f, b in _progress.bar(pairs, progress, "terms of the thermal sum", len(forward)):
        ratio = f - b / ratio if b else f
        ratios.append(ratio)
    return ratios


_TINY = np.finfo(float).tiny


def _domains(
    plain: Floats, flipped: Floats, back: Floats, ratios: Floats, first: Integers, beta_J: Floats
) -> Floats:
    r"""Running sum of d ln R_b/d ln x (J >= 0) or of d ln R_b/d ln(1/x) (J < 0).

    Differentiating the recurrence of the ratios gives one for their derivatives.
    """
    sign = beta_J < 0
    own = np.where(sign, plain, flipped)
    slope = np.zeros(len(beta_J))
    total = np.zeros((len(ratios) + 1, len(beta_J)))
    previous = np.ones(len(beta_J))
    for k, ratio in enumerate(ratios):
        pull = np.where(back[k] == 0, 0.0, back[k] / np.maximum(previous, _TINY))
        slope = own[k] - 2 * sign * pull + pull / np.maximum(previous, _TINY) * slope
        # ln w_1 = ln N + ln x exactly.
        relative = np.where((first == 0) & (k == 0), ~sign, slope / np.maximum(ratio, _TINY))
        slope = relative * ratio
        total[k + 1] = total[k] + relative
        previous = ratio
    return total
