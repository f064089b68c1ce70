"""Photon numbers and temperatures, against mpmath and as inverses of each other."""

import mpmath
import numpy as np
import pytest
import xarray
from hypothesis import given
from hypothesis import strategies as st

from coherence_lib.thermal import photon_number, qubit_temperature, temperature

NBARS = [
    1e-300,
    1e-100,
    1e-12,
    1e-3,
    0.3,
    np.nextafter(1, 0),
    1.0,
    np.nextafter(1, 2),
    30.0,
    1e6,
    1e12,
]


@pytest.mark.parametrize("ratio", [1e-12, 1e-6, 0.01, 0.5, 1.0, 3.0, 30.0, 300.0, 690.0])
def test_photon_number_against_mpmath(ratio):
    omega, t = 1.7, 1.7 / ratio
    with mpmath.workdps(40):
        exact = 1 / mpmath.expm1(mpmath.mpf(omega) / mpmath.mpf(t))
    # The exponent omega/T is rounded once, and the exponential multiplies that by omega/T.
    assert abs(photon_number(omega, t) / exact - 1) < 1e-14 + 1.2e-16 * ratio


@pytest.mark.parametrize("nbar", NBARS)
@pytest.mark.parametrize("omega", [1.0, 0.3, 1e5])
def test_temperature_against_mpmath(nbar, omega):
    with mpmath.workdps(400):
        exact = mpmath.mpf(omega) / mpmath.log1p(1 / mpmath.mpf(nbar))
        assert abs(temperature(nbar, omega) / exact - 1) < 1e-14


@given(exponent=st.floats(-300, 12), omega=st.floats(1e-3, 1e3))
def test_the_two_are_inverses(exponent, omega):
    nbar = 10**exponent
    t = temperature(nbar, omega)
    # nbar = exp(-omega/T) at low temperature: an error of T is multiplied by omega/T.
    assert photon_number(omega, t) == pytest.approx(nbar, rel=1e-14 + 4e-16 * omega / t)
    assert temperature(photon_number(omega, t), omega) == pytest.approx(t, rel=1e-13)


def test_zero_temperature_has_no_photons():
    assert photon_number(1.0, 0) == 0
    assert temperature(0) == 0
    # Approached without a warning, from temperatures whose photon number underflows.
    for t in (1e-3, 1e-10, 1e-300, 5e-324):
        assert photon_number(1.0, t) == 0
    assert 0 < photon_number(1.0, 1 / 700) < 1e-300


def test_many_photons_are_classical():
    # nbar = T/omega - 1/2 + omega/(12 T)
    assert photon_number(2.0, 2e8) == pytest.approx(1e8 - 0.5, rel=1e-15)
    assert temperature(1e12) == pytest.approx(1e12 + 0.5, rel=1e-15)


@given(a=st.floats(1e-2, 1e6), b=st.floats(1e-2, 1e6))
def test_photon_number_grows_with_temperature(a, b):
    low, high = sorted((a, b))
    assert photon_number(1.0, low) <= photon_number(1.0, high)
    if high > 1.001 * low:
        assert photon_number(1.0, low) < photon_number(1.0, high)


def test_a_photon_number_that_no_float_holds_is_an_error():
    with pytest.raises(ValueError, match=r"^`temperature` must be small enough .*, but got"):
        photon_number(1e-300, 1e10)


# At 1/2 -+ 1e-12 the roundings of the two plain logarithms cancel by chance, at 1e-4 they do not.
P_EXCITED = [
    *(0.4987, 0.49991, 0.499993, 0.5000071, 0.50013, 0.5017),
    *(1e-300, 1e-12, 0.1, 0.249, 0.25, 0.251, 0.4, 0.5 - 1e-12),
    *(0.5 + 1e-12, 0.6, 0.749, 0.75, 0.751, 0.9, 1 - 1e-12),
]


@pytest.mark.parametrize("p", P_EXCITED)
@pytest.mark.parametrize("omega", [1.0, 0.3])
def test_qubit_temperature_against_mpmath(p, omega):
    with mpmath.workdps(400):
        p_exact = mpmath.mpf(p)
        exact = mpmath.mpf(omega) / mpmath.log((1 - p_exact) / p_exact)
        assert abs(qubit_temperature(p, omega) / exact - 1) < 1e-14


def test_qubit_temperature_at_its_edges():
    assert qubit_temperature(0.0) == 0
    assert not np.signbit(qubit_temperature(0.0))
    assert qubit_temperature(0.5) == np.inf
    # Fully inverted: zero from below.
    assert qubit_temperature(1.0) == 0
    assert np.signbit(qubit_temperature(1.0))


@given(p=st.floats(1e-6, 1 - 1e-6))
def test_inverting_a_qubit_turns_the_sign(p):
    t, turned = qubit_temperature(p), qubit_temperature(1 - p)
    if p == 0.5:
        assert t == turned == np.inf
    else:
        assert np.sign(t) == np.sign(0.5 - p)
        # 1 - p is rounded, which matters near 1/2 and near 1.
        rounding = 4e-16 * (1 + 1 / abs(0.5 - p) + 1 / min(p, 1 - p))
        assert turned == pytest.approx(-t, rel=1e-14 + rounding)


@given(nbar=st.floats(1e-6, 1e3))
def test_a_thermal_qubit_has_the_temperature_of_its_bath(nbar):
    p_excited = nbar / (2 * nbar + 1)
    assert qubit_temperature(p_excited, 1.3) == pytest.approx(temperature(nbar, 1.3), rel=1e-11)


def test_arguments_broadcast_and_scalars_stay_scalars():
    omegas, temperatures = np.array([[0.5], [1.0], [2.0]]), np.array([0.0, 1.0, 4.0, 9.0])
    assert photon_number(omegas, temperatures).shape == (3, 4)
    assert photon_number(omegas, temperatures)[2, 1] == photon_number(2.0, 1.0)
    assert temperature(temperatures, omegas).shape == (3, 4)
    assert qubit_temperature(temperatures / 9, omegas).shape == (3, 4)
    for value in (photon_number(1, 1), temperature(1), qubit_temperature(0)):
        assert isinstance(value, float)


def test_empty_arrays_stay_empty():
    assert photon_number([], 1.0).shape == (0,)
    assert temperature([]).shape == (0,)
    assert qubit_temperature([]).shape == (0,)


@pytest.mark.parametrize("zero", [0.0, -0.0, [0.0, -0.0], np.array(-0.0)])
def test_zero_has_no_sign(zero):
    # The inverse of -0.0 is minus infinity: there would be -1 photons.
    nbar = photon_number(1.0, zero)
    assert np.all(nbar == 0)
    assert not np.any(np.signbit(nbar))
    assert np.all(temperature(zero) == 0)
    assert not np.any(np.signbit(temperature(zero)))
    assert not np.any(np.signbit(qubit_temperature(zero)))


def test_a_label_on_either_argument_comes_back():
    values = xarray.DataArray([0.5, 1.0], dims="x")
    for found, plain in (
        (temperature(1.0, omega=values), temperature(1.0, omega=[0.5, 1.0])),
        (temperature(values, omega=2.0), temperature([0.5, 1.0], omega=2.0)),
        (photon_number(values, 1.0), photon_number([0.5, 1.0], 1.0)),
        (photon_number(1.0, values), photon_number(1.0, [0.5, 1.0])),
    ):
        assert found.dims == ("x",)
        assert np.array_equal(found.values, plain)
