"""Paper I, (I.19), (I.C1) and (I.C2): the qubit's Bloch equations and their steady state."""

import numpy as np
from proofs import algebra
from proofs.algebra import IMAG, SYMBOLIC_BATH
from proving import proves

PAIR = algebra.generic("a", 4)


def derived_from_collisions(pair):
    """The 3 x 4 matrix of x/2, y/2 and z, from the collision itself."""
    return in_halves(algebra.bloch(lambda qubit: sum(algebra.change(pair, qubit))))


def in_halves(matrix):
    """The equations of x, y and z as those of x/2, y/2 and z."""
    matrix = matrix.copy()
    matrix[:2] = matrix[:2] / 2
    matrix[:, :2] = matrix[:, :2] * 2
    return matrix


def printed_bloch(bath):
    """(I.19) as printed."""
    total, difference = bath.weight + bath.twice_real, bath.difference
    minus, plus = bath.drive - bath.drivec, bath.drive + bath.drivec
    return algebra.array(
        [
            [-total / 2, -IMAG * difference / 2, IMAG * minus / 2, 0],
            [-IMAG * difference / 2, -total / 2, -plus / 2, 0],
            [-2 * IMAG * minus, 2 * plus, -bath.weight, -bath.gamma],
        ]
    )


def derived_bloch(bath):
    """(I.19) with the other quadrature in the second line."""
    matrix = printed_bloch(bath)
    matrix[1, 1] = -(bath.weight - bath.twice_real) / 2
    return matrix


def printed_state(bath):
    """(I.C1) as printed, times the fourfold of its denominator, and (I.C2); both times gamma."""
    total, difference = bath.weight + bath.twice_real, bath.difference
    area = total**2 + difference**2
    denominator = difference * (bath.drive**2 - bath.drivec**2)
    denominator -= 2 * bath.drive * bath.drivec * total + bath.weight * area / 4
    return numerators(bath, total, total, area), denominator


def derived_state(bath):
    """(I.C1) and (I.C2) with both quadratures."""
    weight, real = bath.weight, bath.twice_real
    area = weight**2 - 4 * bath.gm * bath.gmc
    denominator = bath.difference * (bath.drive**2 - bath.drivec**2)
    denominator -= 2 * bath.drive * bath.drivec * weight + weight * area / 4
    denominator -= real * (bath.drive**2 + bath.drivec**2)
    return numerators(bath, weight - real, weight + real, area), denominator


def numerators(bath, in_x, in_y, area):
    minus, plus, difference = bath.drive - bath.drivec, bath.drive + bath.drivec, bath.difference
    x = IMAG * bath.gamma * (in_x * minus + difference * plus)
    y = -bath.gamma * (in_y * plus - difference * minus)
    return np.array([x, y, bath.gamma * area], object)


def change_of(state, denominator, matrix):
    """What the equations leave of a state that should be steady, times four denominators."""
    return matrix[:, :3] @ state + matrix[:, 3] * (4 * denominator)


def determinant(matrix):
    a, b, c = matrix[:, :3]
    return sum(a * np.cross(b, c), algebra.ZERO)


# --- the conventions in play -----------------------------------------------------

HALF = algebra.UNIT / 2
# What x, y and z stand for, in units of the print's halves.
UNITS = {"x/2, y/2, z": (1, 1, 1), "x, y, z": (2, 2, 1), "x/2, y/2, z/2": (1, 1, HALF)}
# The axes of the frame, and which of the two states is up.
FRAMES = {
    "frame as it is": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    "frame turned by a quarter": [[0, 1, 0], [-1, 0, 0], [0, 0, 1]],
    "frame turned by a half": [[-1, 0, 0], [0, -1, 0], [0, 0, 1]],
    "frame turned by three quarters": [[0, -1, 0], [1, 0, 0], [0, 0, 1]],
    "|g> up": [[1, 0, 0], [0, -1, 0], [0, 0, -1]],
    "left-handed": [[1, 0, 0], [0, -1, 0], [0, 0, 1]],
}
BATHS = {"M": algebra.SQUEEZINGS, "lambda": algebra.DRIVES}
VIEWS = {"units": UNITS, "frame": FRAMES}


def seen(matrix, units, frame):
    """The equations of x/2, y/2 and z in other units and another frame."""
    scale, axes = algebra.array(np.diag(units)), algebra.array(frame)
    back = algebra.array(np.diag([algebra.UNIT / unit for unit in units]))
    turned = scale @ axes @ matrix
    turned[:, :3] = turned[:, :3] @ axes.T @ back
    return turned


def read(printed):
    """What is printed, for every reading of M and lambda."""
    baths = {
        names: algebra.driven(*reading["lambda"], algebra.turned(*reading["M"], SYMBOLIC_BATH))
        for names, reading in algebra.readings(BATHS)
    }
    return {names: printed(bath) for names, bath in baths.items()}


def views(matrix):
    """The true equations in all units and frames."""
    return {names: seen(matrix, **view) for names, view in algebra.readings(VIEWS)}


def left_by_equations():
    """Of every reading of (I.19), what the print has too much."""
    true, prints = views(derived_bloch(SYMBOLIC_BATH)), read(printed_bloch)
    return {(*bath, *view): prints[bath] - true[view] for bath in prints for view in true}


def left_by_states():
    """Of every reading of (I.C1) and (I.C2), how the equations would change the printed state."""
    true, prints = views(derived_bloch(SYMBOLIC_BATH)), read(printed_state)
    return {
        (*bath, *view): change_of(*prints[bath], true[view]) for bath in prints for view in true
    }


def left_by_denominators():
    """Of every reading of (I.C2), with either sign, what it has more than the determinant.

    A determinant does not know of units and frames.
    """
    true, prints = determinant(derived_bloch(SYMBOLIC_BATH)), read(printed_state)
    return {
        (*names, sign): printed * factor - true
        for names, (_, printed) in prints.items()
        for sign, factor in {"+": 1, "-": -1}.items()
    }


# --- the proofs ------------------------------------------------------------------


@proves("p1-eq-19", "identity")
def test_each_quadrature_has_its_own_rate_and_no_reading_gives_the_print_both():
    bath = algebra.bath_of(PAIR)
    algebra.identical(derived_from_collisions(PAIR), derived_bloch(bath))
    # The print is wrong in one element, the rate of y ..
    wrong = algebra.remainder(printed_bloch(SYMBOLIC_BATH), derived_bloch(SYMBOLIC_BATH))
    assert wrong[1, 1] == -(SYMBOLIC_BATH.gm + SYMBOLIC_BATH.gmc)
    wrong[1, 1] = algebra.ZERO
    algebra.identical(wrong, algebra.ZERO)
    # .. and no reading of M, lambda, operators and frame makes all elements right.
    left = left_by_equations()
    assert len(left) == 8 * 4 * 3 * 6
    assert not any(algebra.is_zero(rest) for rest in left.values())


@proves("p1-eq-c1", "identity")
def test_the_derived_state_is_steady_and_no_reading_makes_the_print_so():
    true = derived_from_collisions(PAIR)
    algebra.identical(change_of(*derived_state(algebra.bath_of(PAIR)), true), algebra.ZERO)
    bath = SYMBOLIC_BATH
    state, denominator = printed_state(bath)
    # The print solves the printed (I.19), and leaves of the true one what that has too much.
    algebra.identical(change_of(state, denominator, printed_bloch(bath)), algebra.ZERO)
    left = change_of(state, denominator, derived_bloch(bath))
    algebra.identical(left, [0, bath.twice_real * state[1], 0])
    assert state[1] != 0
    left = left_by_states()
    assert len(left) == 8 * 4 * 3 * 6
    assert not any(algebra.is_zero(rest) for rest in left.values())


@proves("p1-eq-c2", "identity")
def test_the_denominator_is_the_determinant_and_the_print_is_none():
    true = determinant(derived_from_collisions(PAIR))
    algebra.identical(derived_state(algebra.bath_of(PAIR))[1], true)
    bath = SYMBOLIC_BATH
    printed = printed_state(bath)[1]
    algebra.identical(printed, determinant(printed_bloch(bath)))
    wrong = algebra.remainder(printed, derived_state(bath)[1])
    stated = (bath.drive - bath.drivec) ** 2 - bath.weight * (bath.weight + bath.twice_real) / 2
    algebra.identical(wrong, bath.twice_real * stated)
    assert wrong != 0
    left = left_by_denominators()
    assert len(left) == 8 * 4 * 2
    assert not any(algebra.is_zero(rest) for rest in left.values())
