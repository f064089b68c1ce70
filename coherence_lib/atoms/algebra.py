"""exp(L t) v in floating point: at each time for itself, whatever the other times are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import scipy.linalg

from coherence_lib._progress import bar
from coherence_lib._types import Complexes, Floats

if TYPE_CHECKING:
    import scipy.sparse as sp

# Real or complex numbers, the same in a matrix and what it is applied to.
Elements = TypeVar("Elements", Floats, Complexes)

# Norm of the longest step of a Taylor series in floats.
_LONGEST_STEP = 3.0


def one_norm(matrix: Complexes | Floats | sp.csr_array) -> float:
    """Largest column sum of moduli, of an array or a sparse matrix."""
    return float(abs(matrix).sum(axis=0).max()) if matrix.shape[0] else 0.0


def propagate(matrix: Elements, vector: Elements, times: Floats) -> Elements:
    r"""exp(matrix t) vector for a dense matrix, shape (T, d).

    Each time is a whole number of steps, shorter than 1/norm, and a remainder. The remainder
    is a Taylor series; the whole number is read bit by bit while the propagator of a
    step is squared. The relative error is some :math:`10^{-16}\|L\|t`.
    """
    norm = one_norm(matrix)
    columns = np.repeat(np.asarray(vector)[:, None], len(times), axis=1).astype(matrix.dtype)
    if norm == 0:
        return columns.T
    # A power of two: that the steps are a whole number and a remainder costs no rounding.
    step = 2.0 ** -np.frexp(norm)[1]
    steps, remainder = np.divmod(times, step)
    columns = _series(matrix * step, columns, remainder / step)
    propagator = scipy.linalg.expm(matrix * step)
    while steps.any():
        odd = steps % 2 == 1
        columns[:, odd] = propagator @ columns[:, odd]
        steps = steps // 2
        if steps.any():
            propagator = propagator @ propagator
    return columns.T


def _series(matrix: Elements, columns: Elements, x: Floats) -> Elements:
    """exp(matrix x) columns for a norm of one or less and 0 <= x < 1."""
    total, term = columns.copy(), columns
    for order in range(1, 20):
        term = (matrix @ term) * (x / order)
        total += term
    return total


def multiply(
    matrix: sp.csr_array, vector: Floats, times: Floats, progress: bool = False
) -> Iterator[Floats]:
    """exp(matrix t) vector for a sparse matrix, at non-decreasing times, one after another.

    Steps of a norm of 3 or less: the terms of their Taylor series cost no digit by
    cancellation, and the norm of the last one bounds what is left out.
    """
    norm, last = one_norm(matrix), 0.0
    for time in bar(times, progress, "evolving", len(times)):
        count = int(np.ceil(norm * (time - last) / _LONGEST_STEP))
        for _ in range(count):
            vector = _step(matrix, vector, (time - last) / count)
        last = time
        yield vector


def _step(matrix: sp.csr_array, vector: Floats, step: float) -> Floats:
    total, term, order = vector.copy(), vector, 0
    enough = 2**-54 * np.abs(vector).sum()
    while np.abs(term).sum() > enough:
        order += 1
        term = (matrix @ term) * (step / order)
        total += term
    return total
