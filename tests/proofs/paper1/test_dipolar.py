"""Paper I, (I.A1): two atoms under hopping alone."""

import numpy as np
from proofs import algebra
from proofs.algebra import IMAG, SYMBOLS
from proving import proves

STATE = algebra.generic("a", 4)
COS, SIN = SYMBOLS.cf, SYMBOLS.sf
COS_TWICE, SIN_TWICE = COS**2 - SIN**2, 2 * COS * SIN
REAL, IMAGINARY = (SYMBOLS.a23 + SYMBOLS.a32) / 2, (SYMBOLS.a23 - SYMBOLS.a32) * (-IMAG / 2)
TOTAL, SPLIT = SYMBOLS.a22 + SYMBOLS.a33, SYMBOLS.a22 - SYMBOLS.a33


def turned():
    """exp(-i H_d t) rho exp(i H_d t), from a propagator that solves its equation."""
    u = algebra.array(np.diag([1, 0, 0, 1]))
    u[1:3, 1:3] = algebra.array([[COS, -IMAG * SIN], [-IMAG * SIN, COS]])
    f = algebra.array([[0, SYMBOLS.f12], [SYMBOLS.f12, 0]])
    frequency = SYMBOLS.f12
    moved = algebra.slope(u, {COS: -SIN * frequency, SIN: COS * frequency})
    algebra.identical(moved, algebra.hopping(f) @ u * -IMAG)
    algebra.identical(algebra.replaced(u, {COS: 1, SIN: 0}), np.diag([1, 1, 1, 1]))
    return u @ STATE @ algebra.dagger(u)


def inner_as_printed(imaginary, sign=1):
    """rho_22, rho_33 and rho_23 of (I.A1); `sign` is that of f."""
    sine = SIN_TWICE * sign
    moved = (SPLIT * COS_TWICE + 2 * IMAG * imaginary * sine) / 2
    coherence = REAL + IMAG * (2 * imaginary * COS_TWICE + SPLIT * sine)
    return [TOTAL / 2 + moved, TOTAL / 2 - moved, coherence / 2]


READINGS = {
    "Im z": {
        "real": IMAGINARY,
        "(z - z^*)/2": IMAG * IMAGINARY,
        "i dropped": -IMAG * IMAGINARY,
        "reversed": -IMAGINARY,
    },
    "f": {"f": 1, "-f": -1},
    "atoms": {"in order": False, "exchanged": True},
}
EXCHANGED = {
    SYMBOLS.a22: SYMBOLS.a33,
    SYMBOLS.a33: SYMBOLS.a22,
    SYMBOLS.a23: SYMBOLS.a32,
    SYMBOLS.a32: SYMBOLS.a23,
}


def left_by_inner_elements():
    """Of every reading, what rho_22, rho_33 and rho_23 of the print have too much."""
    true, left = turned(), {}
    for names, read in algebra.readings(READINGS):
        printed = np.array(inner_as_printed(read["Im z"], read["f"]), object)
        places = [(1, 1), (2, 2), (1, 2)]
        if read["atoms"]:
            printed = algebra.replaced(printed, EXCHANGED)
            places = [(2, 2), (1, 1), (2, 1)]
        meant = [true[place] for place in places]
        left[names] = algebra.remainder(printed, meant, algebra.HOPPING)
    return left


@proves("p1-eq-a1", "identity")
def test_seven_of_the_ten_elements():
    s = SYMBOLS
    printed = {
        (0, 0): s.a11,
        (0, 1): s.a12 * COS + IMAG * s.a13 * SIN,
        (0, 2): s.a13 * COS + IMAG * s.a12 * SIN,
        (0, 3): s.a14,
        (1, 3): s.a24 * COS - IMAG * s.a34 * SIN,
        (2, 3): s.a34 * COS - IMAG * s.a24 * SIN,
        (3, 3): s.a44,
    }
    true = turned()
    algebra.identical([true[place] for place in printed], list(printed.values()))


@proves("p1-eq-a1-22", "identity")
def test_the_populations_are_real_and_no_reading_saves_them_and_the_coherence():
    true = turned()
    moved = (SPLIT * COS_TWICE - 2 * IMAGINARY * SIN_TWICE) / 2
    derived = [TOTAL / 2 + moved, TOTAL / 2 - moved]
    algebra.identical([true[1, 1], true[2, 2]], derived, algebra.HOPPING)
    printed = inner_as_printed(IMAGINARY)
    algebra.identical(printed[0] - derived[0], (1 + IMAG) * IMAGINARY * SIN_TWICE)
    algebra.identical(printed[1] - derived[1], -(1 + IMAG) * IMAGINARY * SIN_TWICE)
    left = left_by_inner_elements()
    assert len(left) == 16
    assert not any(algebra.is_zero(rest) for rest in left.values())
    # Four readings make the populations right; with each rho_23 is wrong at t = 0 already.
    saving = [names for names, rest in left.items() if algebra.is_zero(rest[:2])]
    assert saving == [
        ("(z - z^*)/2", "f", "in order"),
        ("(z - z^*)/2", "f", "exchanged"),
        ("i dropped", "-f", "in order"),
        ("i dropped", "-f", "exchanged"),
    ]
    for names in saving:
        start = algebra.replaced(left[names], {COS: 1, SIN: 0})
        assert start[2] != 0


@proves("p1-eq-a1-23", "identity")
def test_the_coherence_keeps_its_real_part_and_no_reading_gives_it_the_other_half():
    true = turned()
    derived = REAL + IMAG * (2 * IMAGINARY * COS_TWICE + SPLIT * SIN_TWICE) / 2
    algebra.identical(true[1, 2], derived, algebra.HOPPING)
    algebra.identical(inner_as_printed(IMAGINARY)[2] - derived, -REAL / 2)
    assert REAL != 0
    assert all(rest[2] != 0 for rest in left_by_inner_elements().values())
