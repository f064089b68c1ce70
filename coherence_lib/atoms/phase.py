"""The phase of a fast rotation after a long time, right to the last digit."""

from fractions import Fraction

import numpy as np

# Below this the rounding of the product is no larger than that of a cosine's argument.
_SMALL = 8.0


def phase(frequency, times):
    """frequency * times up to a multiple of 2 pi, exact for the given floats.

    In floating point a phase of 1e16 is off by a whole turn. Exact products are reduced
    with as many digits of pi as they have.
    """
    times = np.asarray(times, dtype=float)
    with np.errstate(over="ignore"):
        angle = frequency * times
    large = np.abs(angle) > _SMALL
    if np.any(large):
        exact = [Fraction(float(frequency)) * Fraction(float(t)) for t in times[large]]
        bits = max(int(abs(x)).bit_length() for x in exact) + 80
        turn = Fraction(2 * _pi(bits), 2**bits)
        angle[large] = [float(x - turn * round(x / turn)) for x in exact]
    return angle


def _pi(bits):
    """pi times 2^bits as a whole number, by Machin's formula."""
    guard = bits + 20
    return (16 * _arctan_of_inverse(5, guard) - 4 * _arctan_of_inverse(239, guard)) >> 20


def _arctan_of_inverse(n, bits):
    power = total = (1 << bits) // n
    order = 1
    while power:
        power //= -n * n
        order += 2
        total += power // order
    return total
