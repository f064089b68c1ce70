"""Couplings of a geometry, against the printed formulas at 60 digits and against quadrature."""

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from states import seeds

from coherence_lib.atoms import dipole_couplings, missing_decay

# At xi = 1 the evaluation switches from Bessel functions to the multiplied-out form.
DISTANCES = [
    1e-8,
    1e-5,
    1e-3,
    0.03,
    0.5,
    0.999,
    np.nextafter(1, 0),
    1.0,
    np.nextafter(1, 2),
    1.001,
    2.0,
    3.0,
    np.pi,
    2 * np.pi,
    10.0,
    77.7,
    1000.0,
]
# Unit vectors without rounding: (direction of the separation, dipole).
ORIENTATIONS = {
    "parallel": ([0, 0, 1], [0, 0, 1]),
    "perpendicular": ([0, 1, 0], [0, 0, 1]),
    "magic angle": ([1, 1, 1], [0, 0, 1]),
    "oblique": ([0.6, -0.3, 0.2], [0.1, 0.7, -0.4]),
}


def printed(separation, dipole):
    """f/gamma0, gamma/gamma0 and xi from the formulas of Sec. II of paper I, 60 digits."""
    with mpmath.workdps(60):
        r = [mpmath.mpf(float(x)) for x in separation]
        d = [mpmath.mpf(float(x)) for x in dipole]
        xi = mpmath.sqrt(mpmath.fdot(r, r))
        c2 = mpmath.fdot(r, d) ** 2 / mpmath.fdot(r, r) / mpmath.fdot(d, d)
        sin, cos = mpmath.sin(xi), mpmath.cos(xi)
        f = 0.75 * ((1 - 3 * c2) * (sin / xi**2 + cos / xi**3) - (1 - c2) * cos / xi)
        gamma = 1.5 * ((1 - 3 * c2) * (cos / xi**2 - sin / xi**3) + (1 - c2) * sin / xi)
        return f, gamma, xi


def assert_thirteen_digits(separation, dipole):
    """Of f's envelope, and of gamma itself except at its zeros beyond xi = 2."""
    f, gamma = dipole_couplings([[0, 0, 0], separation], dipole)
    exact_f, exact_gamma, xi = printed(separation, dipole)
    # The phase xi is rounded; it matters where a platform has no extended precision.
    phase = 4 * float(np.finfo(np.longdouble).eps) * xi
    assert abs(f[0, 1] - exact_f) < (1e-13 + phase) * (1 / xi + 1 / xi**2 + 1 / xi**3)
    at_a_zero = (1e-15 + phase) / xi if xi > 2 else 0
    assert abs(gamma[0, 1] - exact_gamma) < max(1e-13 * abs(exact_gamma), at_a_zero)


@pytest.mark.parametrize("xi", DISTANCES)
@pytest.mark.parametrize("direction, dipole", ORIENTATIONS.values(), ids=ORIENTATIONS)
def test_thirteen_digits_at_every_distance(xi, direction, dipole):
    separation = xi * np.array(direction) / np.linalg.norm(direction)
    assert_thirteen_digits(separation, dipole)


@given(log_xi=st.floats(-8, 3), seed=seeds)
def test_thirteen_digits_in_any_direction(log_xi, seed):
    rng = np.random.default_rng(seed)
    direction, dipole = rng.normal(size=(2, 3))
    separation = 10**log_xi * direction / np.linalg.norm(direction)
    assert_thirteen_digits(separation, dipole)


@given(seed=seeds)
def test_both_sides_of_the_switch_are_neighbours(seed):
    direction, dipole = np.random.default_rng(seed).normal(size=(2, 3))
    for scale in 1 + 1e-15 * np.arange(-8, 9):
        assert_thirteen_digits(scale * direction / np.linalg.norm(direction), dipole)


def test_no_digit_is_lost_at_the_magic_angle():
    # There f is a small difference of huge terms, and only its 1/xi term is left.
    for xi in (1e-4, 1e-2):
        separation = [xi, xi, xi]
        f, _ = dipole_couplings([[0, 0, 0], separation], [0, 0, 1])
        distance = xi * np.sqrt(3)
        rounding_of_the_angle = 1e-15 / distance**3
        assert abs(f[0, 1] + np.cos(distance) / (2 * distance)) < rounding_of_the_angle


@pytest.mark.parametrize("xi", [1e-3, 0.7, 1.0, 3.0, 12.0, 40.0])
@pytest.mark.parametrize("cosine", [0.0, 0.3, 3**-0.5, 1.0])
def test_gamma_is_the_interference_of_two_emission_patterns(xi, cosine):
    # gamma_ij/gamma0 = 3/(8 pi) int dOmega (1 - |k.d|^2) cos(k.r), with r along z.
    nodes, weights = np.polynomial.legendre.leggauss(120)
    phi = 2 * np.pi * np.arange(16) / 16
    k_z, k_perpendicular = nodes[:, None], np.sqrt(1 - nodes[:, None] ** 2)
    k_dot_d = k_perpendicular * np.cos(phi) * np.sqrt(1 - cosine**2) + k_z * cosine
    pattern = np.sum(1 - k_dot_d**2, axis=1) * 2 * np.pi / 16
    average = 3 / (8 * np.pi) * np.sum(weights * pattern * np.cos(xi * nodes))
    _, gamma = dipole_couplings([[0, 0, 0], [0, 0, xi]], [np.sqrt(1 - cosine**2), 0, cosine])
    assert gamma[0, 1] == pytest.approx(average, rel=0, abs=1e-13)


@pytest.mark.parametrize("xi", [0.05, 0.9, 1.0, 1.1, 6.0])
@pytest.mark.parametrize("cosine", [0.0, 0.3, 1.0])
def test_both_are_the_field_of_one_dipole_at_the_other(xi, cosine):
    # gamma + 2if = -(3i/2) gamma0 (1 + d^2/ds^2) exp(ir)/r, where s runs along the dipole.
    with mpmath.workdps(40):
        across, along = xi * mpmath.sqrt(1 - mpmath.mpf(cosine) ** 2), mpmath.mpf(xi) * cosine

        def wave(s):
            r = mpmath.sqrt(across**2 + (along + s) ** 2)
            return mpmath.exp(1j * r) / r

        field = complex(-1.5j * (wave(0) + mpmath.diff(wave, 0, 2)))
    f, gamma = dipole_couplings([[0, 0, 0], [0, 0, xi]], [np.sqrt(1 - cosine**2), 0, cosine])
    assert gamma[0, 1] + 2j * f[0, 1] == pytest.approx(field, rel=1e-12)


def test_near_field_of_dipoles_in_line_and_side_by_side():
    # In line they attract with -3/(2 xi^3), side by side they repel with 3/(4 xi^3).
    for dipole, strength in (([0, 0, 1], -1.5), ([1, 0, 0], 0.75)):
        f, gamma = dipole_couplings([[0, 0, 0], [0, 0, 1e-4]], dipole)
        assert f[0, 1] * 1e-12 == pytest.approx(strength, rel=1e-7)
        # 1 - gamma = xi^2 (2 - cos^2)/10
        assert 1 - gamma[0, 1] == pytest.approx(1e-9 if dipole[2] else 2e-9, rel=1e-6)


def test_far_atoms_are_independent():
    f, gamma = dipole_couplings([[0, 0, 0], [0, 1e8, 0]], [0, 0, 1])
    assert abs(f[0, 1]) <= 1e-8
    assert abs(gamma[0, 1]) <= 1.6e-8
    assert gamma[0, 0] == 1


@given(seed=seeds)
def test_rotations_translations_and_the_dipoles_length_change_nothing(seed):
    rng = np.random.default_rng(seed)
    positions, dipole = rng.normal(size=(4, 3)), rng.normal(size=3)
    rotation, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    f, gamma = dipole_couplings(positions, dipole)
    # An orthogonal map, reflections included.
    for other in (
        dipole_couplings(positions @ rotation.T, rotation @ dipole),
        dipole_couplings(positions + rng.normal(size=3), dipole),
        dipole_couplings(positions, -dipole),
        dipole_couplings(positions, 1e200 * dipole),
        dipole_couplings(positions, 1e-200 * dipole),
    ):
        np.testing.assert_allclose(other[0], f, rtol=1e-11, atol=1e-11)
        np.testing.assert_allclose(other[1], gamma, rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("dipole", [[-1, 0, 0], [0, -2, 0], [0, 0, -3], [-1, -2, 0], [-1, -2, -3]])
def test_a_dipole_may_point_backwards(dipole):
    places, forwards = [[0, 0, 0], [0.3, -0.2, 0.1], [-1, 2, 3]], np.negative(dipole)
    for ours, same in zip(
        dipole_couplings(places, dipole), dipole_couplings(places, forwards), strict=True
    ):
        np.testing.assert_array_equal(ours, same)
    np.testing.assert_array_equal(missing_decay(places, dipole), missing_decay(places, forwards))
    assert_thirteen_digits(np.subtract(places[1], places[2]), dipole)


@given(seed=seeds)
def test_exchanging_atoms_exchanges_rows_and_columns(seed):
    rng = np.random.default_rng(seed)
    positions, dipole, order = rng.normal(size=(5, 3)), rng.normal(size=3), rng.permutation(5)
    f, gamma = dipole_couplings(positions, dipole)
    new_f, new_gamma = dipole_couplings(positions[order], dipole)
    np.testing.assert_allclose(new_f, f[np.ix_(order, order)], rtol=1e-13)
    np.testing.assert_allclose(new_gamma, gamma[np.ix_(order, order)], rtol=1e-13, atol=1e-15)


@given(seed=seeds)
def test_gamma_is_positive_semidefinite_and_both_are_symmetric(seed):
    rng = np.random.default_rng(seed)
    scale = 10 ** rng.uniform(-3, 1)
    f, gamma = dipole_couplings(scale * rng.normal(size=(6, 3)), rng.normal(size=3))
    assert np.array_equal(f, f.T)
    assert np.array_equal(gamma, gamma.T)
    assert not np.any(np.diagonal(f))
    assert np.linalg.eigvalsh(gamma).min() > -1e-14


def test_rates_scale_with_gamma0():
    positions = [[0, 0, 0], [0.3, 0.1, 0], [1, 2, 3]]
    f, gamma = dipole_couplings(positions, [1, 0, 1])
    scaled_f, scaled_gamma = dipole_couplings(positions, [1, 0, 1], gamma0=4.0)
    assert np.array_equal(scaled_f, 4 * f)
    assert np.array_equal(scaled_gamma, 4 * gamma)


def test_one_atom_has_no_partner():
    f, gamma = dipole_couplings([[1, 2, 3]], [0, 0, 1], gamma0=2.0)
    assert np.array_equal(f, [[0.0]])
    assert np.array_equal(gamma, [[2.0]])


def test_inputs_are_not_changed():
    positions, dipole = np.array([[0.0, 0, 0], [1, 2, 3]]), np.array([0.0, 3, 4])
    kept = positions.copy(), dipole.copy()
    dipole_couplings(positions, dipole)
    assert np.array_equal(positions, kept[0])
    assert np.array_equal(dipole, kept[1])
