r"""exp(L t) v in as many digits as the time needs, by exact products of floats.

Squaring a propagator doubles its error, so that after a time t a relative rounding of about
:math:`\|L\|t` times that of a float has piled up: with a hopping of :math:`10^{12}\gamma_0`,
as at a distance of :math:`10^{-4}/k_0`, or at :math:`10^{15}` lifetimes, nothing is left. Here a
number is a row of K digits in base :math:`2^b`,

.. math:: x = \sum_{k=0}^{K-1} x_k 2^{-bk}, \qquad |x_k| \le 2^{b-1} \text{ for } k \ge 1,

each held in a float. The digits are so short that a matrix product of digits is a sum of
integers below :math:`2^{53}`: exact in floating point, in any order, on any processor. Carries are
then passed on. K follows from the time, and the products run in BLAS.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from coherence_lib import _checks
from coherence_lib._progress import bar
from coherence_lib._types import Floats

if TYPE_CHECKING:
    from coherence_lib.atoms.real_form import Generator

# Bits that the result keeps beyond those that the squarings cost.
_KEPT_BITS = 75
# Bits of a single product: those of both factors, and of what they lose by cancellation.
_PRODUCT_BITS = 160
# The norm of L over the first step is below 2^-this, so that a short series suffices.
_FIRST_STEP_BITS = 6
# Floating-point operations of a matrix product in a second.
_SPEED = 3e10
# A change of the propagator that all further doublings leave below this is none.
_STATIONARY = 1e-13


def propagate(
    generator: Generator, norm: float, start: Floats, times: Floats, progress: bool = False
) -> Floats:
    """exp(L t) start for a `real_form.Generator` of the given norm, at times > 0.

    Parameters
    ----------
    generator : real_form.Generator
    norm : float
        A bound of the 1-norm of L, > 0.
    start : ndarray, shape (d,)
        Real numbers of modulus 1 or less.
    times : ndarray, shape (T,)
    progress : bool, optional
        Whether to show a bar.

    Returns
    -------
    ndarray, shape (T, d)
    """
    # The first step is a power of two, so that steps and remainders are exact.
    exponent = math.frexp(norm)[1] + _FIRST_STEP_BITS
    in_steps = [Fraction(float(t)) * Fraction(2) ** exponent for t in times]
    steps = np.array([math.floor(x) for x in in_steps], dtype=object)
    doublings = max(int(s).bit_length() for s in steps)
    base, count = _digits(generator.size, doublings + _KEPT_BITS)
    _check_work(generator.size, count, doublings, times)

    parameters = [value / Fraction(2) ** exponent for value in generator.values]
    rows = _from_fractions(parameters, base, count)
    matrix = np.array([generator.dense(row) for row in rows])
    matrix = _carried(matrix, base)
    remainder = _from_fractions([x - math.floor(x) for x in in_steps], base, count)
    columns = np.repeat(_from_floats(start, base, count)[:, :, None], len(times), axis=2)
    columns = _series(matrix, columns, base, remainder)
    identity = np.zeros_like(matrix)
    identity[0] = np.eye(generator.size)
    propagator = _series(matrix, identity, base)
    for left in bar(range(doublings, 0, -1), progress, "doubling the time"):
        odd = steps % 2 == 1
        if np.any(odd):
            columns[:, :, odd] = _product(propagator, columns[:, :, odd], base)
        steps = steps // 2
        squared = _product(propagator, propagator, base)
        change = np.abs(_to_floats(squared - propagator, base)).max()
        propagator = squared
        if left > 1 and change <= math.ldexp(_STATIONARY, -left):
            late = steps > 0
            columns[:, :, late] = _product(propagator, columns[:, :, late], base)
            break
    return _to_floats(columns, base).T


def product(generator: Generator, columns: Floats) -> Floats:
    """The generator times columns, each element rounded once.

    Parameters
    ----------
    generator : real_form.Generator
    columns : ndarray, shape (d, m)

    Returns
    -------
    ndarray, shape (d, m)

    Examples
    --------
    >>> import numpy as np
    >>> from coherence_lib.atoms import AtomCluster, real_form

    What the roundings of 0.1 and 1.1 leave of a thermal state's rest:

    >>> one = real_form.generator(AtomCluster.collective(1), nbar=0.1)
    >>> print(product(one, np.array([[1.1], [0.1]])))
    [[-8.32667268e-18]
     [ 8.32667268e-18]]
    """
    largest = max((abs(value) for value in generator.values), default=Fraction(1))
    exponent = math.frexp(float(largest))[1]
    base, count = _digits(generator.size, _PRODUCT_BITS)
    rows = _from_fractions(
        [value / Fraction(2) ** exponent for value in generator.values], base, count
    )
    parts = [generator.sparse(row) for row in rows]
    size = np.frexp(np.abs(columns).max(axis=0))[1]
    digits = _from_floats(np.ldexp(columns, -size), base, count)
    result = np.array([sum(parts[i] @ digits[k - i] for i in range(k + 1)) for k in range(count)])
    return np.ldexp(_to_floats(_carried(result, base), base), exponent + size)


def _check_work(size: int, count: int, doublings: int, times: Floats) -> None:
    operations = float(size) ** 3 * count * (count + 1) * (doublings + 20)
    _checks.work(
        operations / _SPEED,
        "times",
        f"an exact propagator of {size} numbers in {count} digits, to "
        f"{_checks.shown(float(np.max(times)))} with these couplings,",
        "Where only the end is wanted, `steady_state` has it.",
        shown=True,
    )


def _digits(size: int, bits: int) -> tuple[int, int]:
    """Length b and number K of the digits that hold `bits` bits in products of `size` terms."""
    count = 3
    while True:
        base = (53 - math.ceil(math.log2(size * count + 1))) // 2 + 1
        # The last two digits take up what the products leave out.
        if base * (count - 2) - math.ceil(math.log2(size * count)) >= bits:
            return base, count
        count += 1


def _from_fractions(values: Sequence[Fraction], base: int, count: int) -> Floats:
    """Digits of exact fractions of modulus below 2^52, shape (K, n)."""
    digits = np.zeros((count, len(values)))
    for column, value in enumerate(values):
        whole = round(value * 2 ** (base * (count - 1)))
        for k in range(count - 1, 0, -1):
            digit = (whole + 2 ** (base - 1)) % 2**base - 2 ** (base - 1)
            digits[k, column] = digit
            whole = (whole - digit) >> base
        digits[0, column] = whole
    return digits


def _from_floats(values: Floats, base: int, count: int) -> Floats:
    digits, rest = np.empty((count, *values.shape)), np.array(values)
    for k in range(count):
        digits[k] = np.rint(rest)
        rest = np.ldexp(rest - digits[k], base)
    return digits


def _to_floats(digits: Floats, base: int) -> Floats:
    """From the last digit to the first, so that no digit is rounded away too early."""
    total = np.zeros(digits.shape[1:])
    for digit in digits[::-1]:
        total = np.ldexp(total, -base) + digit
    return total


def _carried(digits: Floats, base: int) -> Floats:
    """Pass on what exceeds a digit, in place; the sums below 2^53 are exact."""
    for k in range(len(digits) - 1, 0, -1):
        carry = np.rint(np.ldexp(digits[k], -base))
        digits[k] -= np.ldexp(carry, base)
        digits[k - 1] += carry
    return digits


def _product(left: Floats, right: Floats, base: int) -> Floats:
    """Matrix product of digits (K, d, d) and (K, d, m)."""
    count, size, _ = left.shape
    wide = np.ascontiguousarray(left.transpose(1, 0, 2)).reshape(size, count * size)
    # Digit k sums over left digits 0..k beside right digits k..0.
    tall = np.ascontiguousarray(right[::-1]).reshape(count * size, -1)
    digits = np.empty((count, size, tall.shape[1]))
    for k in range(count):
        np.matmul(wide[:, : (k + 1) * size], tall[(count - 1 - k) * size :], out=digits[k])
    return _carried(digits, base)


def _times_scalars(digits: Floats, scalars: Floats, base: int) -> Floats:
    """Each column of digits (K, d, m) times its own scalar, digits (K, m)."""
    result = np.zeros_like(digits)
    for k in range(len(digits)):
        for i in range(k + 1):
            result[k] += scalars[i] * digits[k - i]
    return _carried(result, base)


def _over(digits: Floats, divisor: int, base: int) -> Floats:
    """Digits divided by a small whole number, by long division."""
    result, rest = np.empty_like(digits), np.zeros(digits.shape[1:])
    for k, digit in enumerate(digits):
        here = np.ldexp(rest, base) + digit
        result[k] = np.rint(here / divisor)
        rest = here - result[k] * divisor
    return _carried(result, base)


def _series(matrix: Floats, columns: Floats, base: int, scalars: Floats | None = None) -> Floats:
    """exp(A x) columns for a short step A; x is one, or a number below one for each column."""
    total, term, order = columns.copy(), columns, 0
    while np.any(term):
        order += 1
        term = _product(matrix, term, base)
        if scalars is not None:
            term = _times_scalars(term, scalars, base)
        term = _over(term, order, base)
        total += term
    return _carried(total, base)
