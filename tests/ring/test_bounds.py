"""Bounds and limits of the coherence, each approached by the exact result at its rate."""

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from routes import ring_sums

from coherence_lib import ring
from coherence_lib.ring import SourceRing, bounds

INF, NAN = float("inf"), float("nan")
SIX = SourceRing(6, 0.5, 0.2, 0.25)
ENERGY_ONLY = [
    bounds.upper_bound,
    bounds.lower_bound,
    bounds.strong_coupling_limit,
    bounds.weak_coupling_limit,
    bounds.free_magnetisation,
    bounds.large_gap_limit,
]


def power(distances, parameters):
    """Measured exponent of distance against parameter, from the last two."""
    return np.log(distances[-1] / distances[-2]) / np.log(parameters[-1] / parameters[-2])


# --- limits and their rates --------------------------------------------------------------


@pytest.mark.parametrize("n", [2, 3, 6, 9])
@pytest.mark.parametrize("omega_a", [0.5, -0.3])
def test_upper_bound_is_approached_as_the_exponential_of_four_bonds(n, omega_a):
    T, J = 0.8, np.array([2.0, 2.5])
    below = [
        bounds.upper_bound(SourceRing(n, omega_a, 0.2, j), T)
        - ring.coherence(SourceRing(n, omega_a, 0.2, j), T)
        for j in J
    ]
    assert below[1] > 0
    assert -T * np.diff(np.log(below))[0] / np.diff(J)[0] == pytest.approx(4, rel=1e-3)


@pytest.mark.parametrize("n", [3, 6, 9])
def test_lower_bound_is_approached_as_the_exponential_of_four_bonds(n):
    T, J = 0.8, np.array([-2.5, -3.0])
    above = [
        ring.coherence(SourceRing(n, 0.5, -0.2, j), T)
        - bounds.lower_bound(SourceRing(n, 0.5, -0.2, j), T)
        for j in J
    ]
    assert above[1] > 0
    assert T * np.diff(np.log(above))[0] / np.diff(J)[0] == pytest.approx(4, rel=1e-2)


@pytest.mark.parametrize("n", [1, 2, 5, 6])
@pytest.mark.parametrize("J", [-0.3, 0.0, 0.4])
def test_strong_coupling_limit_is_approached_as_the_inverse_square(n, J):
    gamma = np.array([1e3, 2e3])
    below = [
        bounds.strong_coupling_limit(SourceRing(n, 0.5, g, J), 0.7)
        - ring.coherence(SourceRing(n, 0.5, g, J), 0.7)
        for g in gamma
    ]
    assert below[1] > 0
    assert power(below, gamma) == pytest.approx(-2, abs=1e-2)


@pytest.mark.parametrize("n", [1, 2, 5, 6, 700])
@pytest.mark.parametrize("J", [-0.3, 0.0, 0.4])
def test_weak_coupling_limit_is_approached_as_the_square(n, J):
    gamma = np.array([2e-4, 1e-4]) / n
    relative = [
        ring.coherence(SourceRing(n, -0.5, g, J), 0.7)
        / bounds.weak_coupling_limit(SourceRing(n, -0.5, g, J), 0.7)
        - 1
        for g in gamma
    ]
    assert power(np.abs(relative), gamma) == pytest.approx(2, abs=0.05)


@pytest.mark.parametrize("n", [1, 2, 5, 6])
def test_large_gap_limit_is_approached_exponentially(n):
    omega_a, T = np.array([12.0, 13.0]), 0.8
    below = [
        bounds.large_gap_limit(SourceRing(n, w, 0.2, 0.3), T)
        - ring.coherence(SourceRing(n, w, 0.2, 0.3), T)
        for w in omega_a
    ]
    assert below[1] > 0
    # One source flipped costs omega_a, the only source flips sign with it.
    assert -T * np.diff(np.log(below))[0] == pytest.approx(1, rel=1e-3)


@pytest.mark.parametrize("n", [1, 2, 3, 7])
@pytest.mark.parametrize("J", [-0.7, 0.0, 0.9])
def test_high_temperature_terms_leave_the_next_power(n, J):
    source, T = SourceRing(n, 0.5, -0.2, J), np.array([1e3, 2e3])
    c = ring.coherence(source, T)
    two = power(np.abs(c - bounds.high_temperature(source, T)), T)
    assert two == pytest.approx(-4, abs=0.02)
    one = power(np.abs(c - bounds.high_temperature(source, T, order=1)), T)
    # A single source has no bond, free sources no term of third order.
    assert one == pytest.approx(-4 if n == 1 or J == 0 else -3, abs=0.02)


def test_upper_bound_decays_as_its_own_leading_term():
    T = np.array([1e3, 2e3])
    gap = bounds.upper_bound_high_temperature(SIX, T) - bounds.upper_bound(SIX, T)
    assert power(gap, T) == pytest.approx(-4, abs=0.01)


@pytest.mark.parametrize("n", [1, 2, 5, 6])
@pytest.mark.parametrize("J", [-2.0, -0.3, 0.0, 0.3])
def test_ground_state_coherence_is_the_cold_limit(n, J):
    for omega_a, gamma in ((0.5, 0.2), (-0.8, 0.3), (0.1, -0.7)):
        source = SourceRing(n, omega_a, gamma, J)
        cold = bounds.ground_state_coherence(source)
        assert isinstance(cold, float)
        assert ring.coherence(source, 0.0) == cold
        assert ring.coherence(source, 1e-3) == pytest.approx(cold, abs=1e-12)
        aligned = [m * abs(gamma) / np.hypot(0.5, m * gamma) for m in (n, n % 2)]
        assert min(abs(cold - value) for value in aligned) < 1e-15


# --- order -------------------------------------------------------------------------------


@given(
    n=st.integers(1, 30),
    logs=st.tuples(*[st.floats(-3, 2)] * 4),
    J=st.floats(-5, 5),
    signs=st.tuples(*[st.sampled_from([1, -1])] * 2),
)
def test_the_coherence_lies_between_its_bounds(n, logs, J, signs):
    omega_a, gamma, omega, T = 10 ** np.array(logs)
    source = SourceRing(n, signs[0] * omega_a, signs[1] * gamma, J, omega)
    for temperature in (0.0, T, 1e5, INF):
        c = ring.coherence(source, temperature)
        room = 1 + 1e-10
        assert bounds.lower_bound(source, temperature) <= c * room
        assert c <= bounds.upper_bound(source, temperature) * room
        assert c <= bounds.strong_coupling_limit(source, temperature) * room
        assert c <= bounds.large_gap_limit(source, temperature) * room


@given(n=st.integers(1, 30), logs=st.tuples(*[st.floats(-3, 2)] * 4))
def test_a_single_source_and_infinite_ones_are_their_own_bounds(n, logs):
    omega_a, gamma, omega, T = 10 ** np.array(logs)
    one = SourceRing(1, n * omega_a, n * gamma, 0.0, omega)
    many = SourceRing(n, omega_a, gamma, 1.0, omega)
    exact = ring.coherence(one, T)
    assert bounds.upper_bound(many, T) == pytest.approx(exact, rel=1e-12)
    assert bounds.lower_bound(one, T) == pytest.approx(exact, rel=1e-12)
    if n % 2 == 0:
        assert bounds.lower_bound(many, T) == 0


# --- the free ring -----------------------------------------------------------------------


@pytest.mark.parametrize("T", [1e-3, 2e-3, 2.72e-3, 0.03, 0.4, 5.0, 1e4])
@pytest.mark.parametrize("J", [-1.0, -0.01, 0.0, 0.3, 2.0])
@pytest.mark.parametrize("n", [1, 2, 3, 6, 9, 60, 61])
def test_free_magnetisation_is_the_explicit_sum(n, J, T):
    # At T = 1e-3 the transfer matrix's eigenvalues differ by less than the smallest float.
    for omega_a in (1e-9, 1e-3, -0.4, 3.9, 20.0):
        exact = ring_sums.thermal(n, omega_a, 0.0, J, T, digits=60).magnetisation
        ours = bounds.free_magnetisation(SourceRing(n, omega_a, 0.2, J), T)
        with mp.workdps(40):
            assert abs(ours - exact) <= 1e-10 * exact or exact < mp.mpf("1e-280")


@pytest.mark.parametrize("n", [1, 2, 5, 8])
def test_weak_coupling_limit_is_the_explicit_sum(n):
    for J, T in ((-0.6, 0.1), (0.3, 0.9)):
        exact = ring_sums.thermal(n, 0.4, 0.0, J, T).magnetisation
        linear = 2 * 0.01 / 1.3 * np.tanh(1.3 / (2 * T))
        value = bounds.weak_coupling_limit(SourceRing(n, 0.4, 0.01, J, 1.3), T)
        assert value == pytest.approx(float(linear * exact), rel=1e-12)


@pytest.mark.parametrize(
    ("parameters", "cold"),
    [
        ((6, 0.5, 0.2, 0.25), 6),
        ((6, -0.5, 0.2, -0.3), 0),
        ((7, 0.5, 0.2, -0.3), 1),
        ((6, 1.0, 0.2, -0.25), 2),
        ((5, 0.0, 0.2, 1.0), 0),
    ],
)
def test_free_magnetisation_at_zero_and_infinite_temperature(parameters, cold):
    source = SourceRing(*parameters)
    value = bounds.free_magnetisation(source, [0.0, 1e-6, INF])
    if parameters[0] == 6 and parameters[1] == 1.0:
        # On the line of the free ring: 18 states from M = 0 to 6, all of one energy.
        states = {6: 1, 4: 6, 2: 9, 0: 2}
        cold = sum(m * g for m, g in states.items()) / sum(states.values())
    np.testing.assert_allclose(value, [cold, cold, 0], rtol=1e-9, atol=1e-12)


def test_free_magnetisation_of_a_hundred_million_sources_takes_no_memory():
    value = bounds.free_magnetisation(SourceRing(10**8, 0.5, 0.2, 0.25), 1.0)
    sinh = np.sinh(0.25)
    assert value == pytest.approx(1e8 * sinh / np.hypot(sinh, np.exp(-0.5)), rel=1e-13)


# --- ends and shapes ---------------------------------------------------------------------


@pytest.mark.parametrize("function", ENERGY_ONLY)
def test_ends_of_the_temperature_scale(function):
    for n in (1, 2, 5, 6):
        for omega_a, gamma, J in ((0.5, 0.2, 0.25), (-0.5, -0.2, -0.4), (0.0, 0.2, 0.1)):
            source = SourceRing(n, omega_a, gamma, J)
            values = function(source, [0.0, 1e-300, 1e-4, 1e300, INF])
            np.testing.assert_allclose(values[1:3], values[0], rtol=1e-12, atol=1e-15)
            assert values[4] == 0
            assert 0 <= values[3] < 1e-290


def test_cold_bounds_are_the_aligned_and_the_unpaired_source():
    assert bounds.upper_bound(SIX, 0.0) == pytest.approx(12 / 13, rel=1e-15)
    assert bounds.large_gap_limit(SIX, 0.0) == pytest.approx(12 / 13, rel=1e-15)
    assert bounds.strong_coupling_limit(SIX, 0.0) == 1
    odd = SourceRing(7, -0.5, -0.2, 0.25)
    assert bounds.lower_bound(odd, 0.0) == pytest.approx(0.4 / np.hypot(1, 0.4), rel=1e-15)


@pytest.mark.parametrize("function", ENERGY_ONLY)
def test_signs_of_gap_and_coupling_do_not_matter(function):
    for n in (5, 6):
        values = {
            function(SourceRing(n, a * 0.5, b * 0.2, -0.3), 0.4) for a in (1, -1) for b in (1, -1)
        }
        assert len(values) == 1


@pytest.mark.parametrize("n", [1, 2, 7, 8, 600, 601])
def test_extreme_parameters_give_numbers_and_no_warning(n):
    rng = np.random.default_rng(n)
    sizes = [0.0, 1e-300, 1e-8, 1.0, -1.0, -1e-300, 1e8, -1e8, 1e100, -1e100]
    T = [0.0, 5e-324, 1e-300, 1e-10, 1.0, 1e10, 1e300, INF]
    for _ in range(60):
        omega_a, gamma, J = rng.choice(sizes, 3)
        source = SourceRing(n, omega_a, gamma, J, rng.choice([1e-100, 1e-8, 1.0, 1e8, 1e150]))
        for function in ENERGY_ONLY:
            values = function(source, T)
            assert np.all(values >= 0)
            assert np.all(np.isfinite(values))
            if function not in (bounds.weak_coupling_limit, bounds.free_magnetisation):
                assert np.all(values <= 1)
        assert np.all(bounds.free_magnetisation(source, T) <= n * (1 + 1e-14))


@pytest.mark.parametrize(
    "function",
    [*ENERGY_ONLY, bounds.high_temperature, bounds.upper_bound_high_temperature],
)
def test_scalars_give_floats_and_arrays_their_shape(function):
    T = np.array([[0.5, 1.0, 2.0], [3.0, 1e5, INF]])
    kept = T.copy()
    for source in (SIX, SourceRing(5, 0.5, 0.2, -0.9)):
        assert isinstance(function(source, 0.5), float)
        table = function(source, T)
        assert table.shape == T.shape
        one_by_one = [[function(source, t) for t in row] for row in T]
        np.testing.assert_allclose(table, one_by_one, rtol=1e-14)
    assert np.array_equal(T, kept)


@pytest.mark.parametrize(
    "function",
    [*ENERGY_ONLY, bounds.high_temperature, bounds.upper_bound_high_temperature],
)
@pytest.mark.parametrize(
    ("bad", "error"),
    [(-1.0, ValueError), (NAN, ValueError), ([1.0, -INF], ValueError), ("1", TypeError)],
)
def test_bad_temperatures_are_refused(function, bad, error):
    with pytest.raises(error, match=r"^`temperature` must .*, but got .*\.$"):
        function(SIX, bad)


@pytest.mark.parametrize("function", [bounds.high_temperature, bounds.upper_bound_high_temperature])
def test_expansions_in_the_inverse_temperature_refuse_zero(function):
    with pytest.raises(ValueError, match=r"^`temperature` must be > 0, but got 0\.0\.$"):
        function(SIX, [1.0, 0.0])


@pytest.mark.parametrize("order", [0, 3, -1, 1.5, True, "1", None])
def test_expansion_has_one_or_two_terms(order):
    with pytest.raises(ValueError, match=r"^`order` must be 1 or 2, but got .*\.$"):
        bounds.high_temperature(SIX, 1.0, order=order)


def test_an_uncoupled_target_does_not_ask_how_many_ground_states_there_are():
    for n in (6, 10**12):
        assert bounds.ground_state_coherence(SourceRing(n, 0.0, 0.0, 0.0)) == 0.0
