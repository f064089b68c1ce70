"""Two atoms in closed form."""

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from routes.analytic import eq_5
from routes.projection import projected
from states import projector, random_state, seeds

from coherence_lib import atoms, measures
from coherence_lib.atoms import AtomCluster, pair

NBARS = [1e-12, 1e-6, 1e-3, 0.1, 0.5, 1.0, 3.0, 10.0, 1e3, 1e8, 1e12]
TIMES = [1e-9, 1e-6, 1e-3, 0.02, 0.3, 1.0, 7.0, 30.0, 1e3]


@pytest.mark.parametrize("nbar", NBARS)
@pytest.mark.parametrize("t", TIMES)
def test_coherence_has_thirteen_digits_of_the_printed_form(t, nbar):
    exact = eq_5(t, nbar)
    assert abs(pair.coherence_from_ground(t, nbar) / exact - 1) < 1e-13


@given(log_t=st.floats(-9, 3), log_nbar=st.floats(-12, 12), log_gamma0=st.floats(-3, 3))
def test_coherence_has_thirteen_digits_anywhere(log_t, log_nbar, log_gamma0):
    t, nbar, gamma0 = 10**log_t, 10**log_nbar, 10**log_gamma0
    value = pair.coherence_from_ground(t, nbar, gamma0)
    assert abs(value / eq_5(t, nbar, gamma0) - 1) < 1e-13


@pytest.mark.parametrize("nbar", [1e-9, 0.3, 4.0, 1e5])
@pytest.mark.parametrize("t", [1e-6, 1e-2, 1.0, 20.0])
def test_populations_solve_the_ladders_rate_equations(t, nbar):
    with mpmath.workdps(50):
        up, down = 2 * mpmath.mpf(nbar), 2 * (mpmath.mpf(nbar) + 1)
        rates = mpmath.matrix([[-up, down, 0], [up, -up - down, down], [0, up, -down]])
        exact = [float(p) for p in mpmath.expm(rates * mpmath.mpf(t))[:, 0]]
    values = pair.populations_from_ground(t, nbar)
    np.testing.assert_allclose(values, exact, rtol=0, atol=1e-15)
    assert values[1] == pytest.approx(exact[1], rel=1e-13)


@given(seed=seeds, log_nbar=st.floats(-12, 12))
def test_populations_are_a_probability_distribution(seed, log_nbar):
    times = 10 ** np.random.default_rng(seed).uniform(-9, 3, size=50)
    p = pair.populations_from_ground(times, 10**log_nbar)
    assert p.shape == (50, 3)
    np.testing.assert_allclose(p.sum(axis=-1), 1, rtol=0, atol=1e-15)
    # p_gg and p_ee are differences: nonnegative up to their rounding.
    assert p.min() >= -1e-16
    # The symmetric state is the coherence: rho_23 = p_T/2, twice.
    assert np.array_equal(p[:, 1], pair.coherence_from_ground(times, 10**log_nbar))


@given(log_nbar=st.floats(-12, 12))
def test_coherence_only_grows_and_stays_below_a_third(log_nbar):
    times = np.concatenate([[0.0], np.logspace(-9, 3, 400)])
    c = pair.coherence_from_ground(times, 10**log_nbar)
    assert c[0] == 0
    # Only rounding may break the order, once the plateau is reached.
    assert np.all(np.diff(c) >= -1e-16)
    assert c[-1] <= 1 / 3 + 1e-16


def test_without_photons_nothing_happens():
    assert pair.coherence_from_ground(5.0, 0) == 0
    assert np.array_equal(pair.populations_from_ground([0.0, 5.0], 0.0), [[1, 0, 0]] * 2)


def test_many_photons_reach_a_third():
    # 1/3 - C = 1/(9 nbar^2) to leading order.
    for nbar in (1e2, 1e3):
        below = 1 / 3 - pair.coherence_from_ground(100.0, nbar)
        assert below == pytest.approx(1 / (9 * nbar**2), rel=2 / nbar)
    assert pair.coherence_from_ground(100.0, 1e12) == pytest.approx(1 / 3, rel=1e-15)


def test_short_times_are_linear():
    assert pair.coherence_from_ground(1e-12, 0.5) == pytest.approx(2 * 0.5e-12, rel=1e-10)


def test_arguments_broadcast_and_scalars_stay_scalars():
    table = pair.coherence_from_ground(np.array(TIMES)[:, None], NBARS)
    assert table.shape == (len(TIMES), len(NBARS))
    value = pair.coherence_from_ground(TIMES[3], NBARS[4])
    assert isinstance(value, float)
    assert table[3, 4] == value
    assert pair.populations_from_ground(table, 1.0).shape == (*table.shape, 3)


@given(seed=seeds, nbar=st.sampled_from([0.0, 0.01, 0.7, 30.0]), f0=st.sampled_from([0.0, 1.3]))
def test_long_time_coherence_is_the_projection_on_the_kernel(seed, nbar, f0):
    rho0 = random_state(np.random.default_rng(seed), 4)
    if nbar == 0:
        # With f the coherence between singlet and ground state rotates: no steady state, but
        # the modulus is that without f.
        f0 = 0.0
    end = projected(AtomCluster.collective(2, f0=f0), nbar, rho0)
    assert pair.long_time_coherence(rho0, nbar) == pytest.approx(
        measures.l1_coherence(end), rel=1e-10
    )


@pytest.mark.parametrize("nbar", [0.0, 0.6])
@pytest.mark.parametrize("f0", [0.0, -2.0])
def test_long_time_coherence_is_where_the_dynamics_end(nbar, f0):
    rng = np.random.default_rng(7)
    cluster = AtomCluster.collective(2, f0=f0)
    for rho0 in (random_state(rng, 4), random_state(rng, 4, rank=1), projector(0, 1, -1, 1j)):
        late = atoms.coherence(cluster, [80.0], nbar, rho0, method="full")[0]
        assert pair.long_time_coherence(rho0, nbar) == pytest.approx(late, rel=1e-9)
        assert atoms.long_time_coherence(cluster, nbar, rho0) == pytest.approx(late, rel=1e-9)


@pytest.mark.parametrize("phase", np.linspace(0, 6, 25))
@pytest.mark.parametrize("f0", [0.0, 7.0])
def test_the_dark_state_stays_however_its_amplitudes_are_rounded(phase, f0):
    # Its weight on the ladder is a rounding error, zero or, before it is cut, below zero.
    amplitude = np.exp(1j * phase)
    dark = projector(0, amplitude, -amplitude, 0)
    later = pair.evolve(dark, [0.0, 0.3, 1e6], nbar=10.0, f0=f0)
    assert later == pytest.approx(np.array([dark] * 3), abs=1e-15)


def test_any_photon_kills_the_coherence_between_singlet_and_ground_state():
    rho0 = projector(0, 1, -1, np.sqrt(2))
    assert pair.long_time_coherence(rho0, 0.0) == pytest.approx(0.5 + np.sqrt(2), rel=1e-14)
    assert pair.long_time_coherence(rho0, 1e-300) == pytest.approx(0.5, rel=1e-14)
    # From the ground state there is no such jump.
    ground = projector(0, 0, 0, 1)
    assert pair.long_time_coherence(ground, 0.0) == 0
    assert pair.long_time_coherence(ground, 1e-12) == pytest.approx(1e-12, rel=1e-11)


def test_a_locked_singlet_can_cancel_the_symmetric_part():
    # |p_T - s| vanishes: with many photons p_T = (1 - s)/3, so s = 1/4.
    rho0 = 0.25 * projector(0, 1, -1, 0) + 0.75 * projector(0, 0, 0, 1)
    assert pair.long_time_coherence(rho0, 1e9) == pytest.approx(0, abs=1e-15)
    assert pair.long_time_coherence(rho0, 0.5) > 0.01


def test_states_and_photon_numbers_broadcast():
    rng = np.random.default_rng(8)
    # Four states of dimension four: an axis taken for another would go unnoticed by its shape.
    states = np.array([random_state(rng, 4) for _ in range(4)])
    nbars = np.array([[0.0], [0.5]])
    table = pair.long_time_coherence(states, nbars)
    assert table.shape == (2, 4)
    one_by_one = [[pair.long_time_coherence(rho, n) for rho in states] for n in (0.0, 0.5)]
    np.testing.assert_allclose(table, one_by_one, rtol=1e-14)
    assert isinstance(pair.long_time_coherence(states[0], 0.5), float)


def test_an_integral_beyond_all_numbers_is_refused():
    assert pair.time_integral(1e-300, 1e10) > 1e288
    with pytest.raises(ValueError, match="^`missing` must leave the integral finite, but got "):
        pair.time_integral(5e-324, 1e10)


def test_an_integral_beyond_the_floats_is_refused_by_its_name():
    with pytest.raises(ValueError, match="^`missing` must leave the integral finite, but got"):
        pair.time_integral(1e-310, 1.0)
