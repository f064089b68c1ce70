"""The phase of a fast rotation after a long time, right to the last digit."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from coherence_lib._types import Floats, Numeric

# Below this the rounding of the product is no larger than that of a cosine's argument.
_SMALL = 8.0
# Up to this many turns they can be taken out in floats, part by part.
_MOST_TURNS = 2.0**20
# Half of a float's digits, by Veltkamp.
_SPLITTER = 2.0**27 + 1


def phase(frequency: float, times: Floats) -> Floats:
    """frequency * times up to a multiple of 2 pi, exact for the given floats.

    In floating point a phase of 1e16 is off by a whole turn. Products of less than a million
    turns are taken with their rounding, and turns in three parts; others are exact fractions,
    reduced with as many digits of pi as they have.
    """
    times = np.asarray(times, dtype=float)
    with np.errstate(over="ignore"):
        angle = frequency * times
    size = np.abs(angle)
    moderate = (size > _SMALL) & (size < _MOST_TURNS)
    if np.any(moderate):
        angle[moderate] = _reduced(frequency, times[moderate])
    large = size >= _MOST_TURNS
    if np.any(large):
        exact = [Fraction(float(frequency)) * Fraction(float(t)) for t in times[large]]
        bits = max(int(abs(x)).bit_length() for x in exact) + 80
        turn = Fraction(2 * _pi(bits), 2**bits)
        angle[large] = [float(x - turn * round(x / turn)) for x in exact]
    return angle


def _reduced(frequency: float, times: Floats) -> Floats:
    """frequency * times less its whole turns, with the rounding of the product."""
    one, exponent = np.frexp(frequency)
    other, exponents = np.frexp(times)
    exponents = exponents + exponent
    product = one * other
    (a, b), (c, d) = _halves(one), _halves(other)
    rounding = ((a * c - product) + a * d + b * c) + b * d
    product, rounding = np.ldexp(product, exponents), np.ldexp(rounding, exponents)
    turns = np.rint(product / _TURN[0])
    # Turns times either of the first two parts is exact, and so is the first difference.
    return (product - turns * _TURN[0]) - (turns * _TURN[1] - (rounding - turns * _TURN[2]))


def _halves(x: Numeric) -> tuple[Numeric, Numeric]:
    high = _SPLITTER * x
    high = high - (high - x)
    return high, x - high


def _parts_of_a_turn(bits: int = 200, part: int = 32) -> tuple[float, ...]:
    """2 pi as a sum of three floats, the first two of 32 bits."""
    rest, parts = Fraction(2 * _pi(bits), 2**bits), []
    for place in (part - 3, 2 * part - 3):
        parts.append(float(Fraction(int(rest * 2**place), 2**place)))
        rest -= Fraction(parts[-1])
    return (*parts, float(rest))


def _pi(bits: int) -> int:
    """pi times 2^bits as a whole number, by Machin's formula."""
    guard = bits + 20
    return (16 * _arctan_of_inverse(5, guard) - 4 * _arctan_of_inverse(239, guard)) >> 20


def _arctan_of_inverse(n: int, bits: int) -> int:
    power = total = (1 << bits) // n
    order = 1
    while power:
        power //= -n * n
        order += 2
        total += power // order
    return total


_TURN = _parts_of_a_turn()
