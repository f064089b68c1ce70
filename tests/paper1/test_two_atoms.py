"""Paper I, Sec. III.A: two atoms in one thermal bath, from the ground state."""

from fractions import Fraction

import numpy as np
import pytest
from claims import claim
from hypothesis import given
from hypothesis import strategies as st
from routes import literal
from routes.analytic import eq_5
from states import projector

from coherence_lib import atoms
from coherence_lib.atoms import AtomCluster, pair

GROUND = literal.ground(2)
HOPPINGS = [-40.0, 0.0, 0.3, 1e3]
nbars = st.floats(-6, 3).map(lambda exponent: 10**exponent)


def symmetric(p_gg, p_t, p_ee):
    """Weights of |gg>, of the symmetric one-excitation state, and of |ee>."""
    rho = np.diag([p_ee, p_t / 2, p_t / 2, p_gg]).astype(complex)
    rho[1, 2] = rho[2, 1] = p_t / 2
    return rho


@claim("p1-s3a-1", "reproduces")
@given(nbar=nbars, f0=st.sampled_from(HOPPINGS))
def test_ground_state_goes_through_symmetric_x_states_with_positive_coherence(nbar, f0, deviation):
    times = np.array([1e-3, 0.1, 0.7, 5.0]) / (2 * nbar + 1)
    for rho in literal.evolve(literal.together(2, nbar, f0), GROUND, times):
        p_ee, p_t, _, p_gg = np.diagonal(rho).real * [1, 2, 2, 1]
        deviation(rho, symmetric(p_gg, p_t, p_ee))
        assert rho[1, 2].real > 0


@claim("p1-s3a-2", "reproduces")
@given(nbar=nbars, f0=st.floats(-1e3, 1e3))
def test_hopping_is_never_seen_from_the_ground_state(nbar, f0, deviation):
    times = np.array([1e-3, 0.1, 0.7, 5.0]) / (2 * nbar + 1)
    cluster = AtomCluster.collective(2, f0=f0)
    hopping = atoms.coherence(cluster, times, nbar, method="full")
    deviation(hopping, literal.coherence(literal.together(2, nbar), GROUND, times))


@claim("p1-eq-5", "reproduces")
@given(nbar=nbars, gamma0=st.floats(0.1, 10), f0=st.sampled_from(HOPPINGS))
def test_closed_form_solves_the_master_equation(nbar, gamma0, f0, deviation):
    times = np.array([1e-4, 0.01, 0.2, 1.0, 6.0]) / (gamma0 * (2 * nbar + 1))
    printed = np.array([float(eq_5(t, nbar, gamma0)) for t in times])
    deviation(printed, literal.coherence(literal.together(2, nbar, f0, gamma0), GROUND, times))
    deviation(pair.coherence_from_ground(times, nbar, gamma0), printed)


@claim("p1-fig-2", "reproduces")
def test_curves_for_few_and_many_photons(deviation):
    times = np.linspace(0, 3, 61)
    for nbar in (0.1, 1.0, 10.0, 100.0):
        curve = atoms.coherence(AtomCluster.collective(2), times, nbar)
        deviation(curve, literal.coherence(literal.together(2, nbar, f0=1.0), GROUND, times))


@claim("p1-s3a-3", "reproduces")
def test_without_photons_the_ground_state_stays(deviation):
    for f0 in HOPPINGS:
        for rho in literal.evolve(literal.together(2, 0.0, f0), GROUND, [0.1, 3.0, 50.0]):
            deviation(rho, GROUND)
    deviation(pair.coherence_from_ground([0.1, 50.0], 0.0), np.zeros(2))


@claim("p1-s3a-4", "reproduces")
def test_any_photons_make_coherence_at_once_and_for_ever(deviation):
    for nbar in (1e-9, 1e-3, 1.0, 1e6):
        t = 1e-9 / (nbar + 1)
        # The first absorption: 2 nbar gamma0 t, corrected by the next emission.
        deviation(pair.coherence_from_ground(t, nbar) / (2 * nbar * t), 1.0)
        assert np.all(pair.coherence_from_ground(np.logspace(-12, 6, 200), nbar) > 0)
        rate = literal.apply(literal.together(2, nbar), GROUND)
        deviation(literal.l1(rate), 2 * nbar, scale=2 * nbar)


@claim("p1-s3a-5", "holds under a condition")
@given(nbar=nbars)
def test_coherence_is_time_invariant_only_at_one_place(nbar, deviation):
    end = nbar * (nbar + 1) / (3 * nbar * (nbar + 1) + 1)
    generator = literal.together(2, nbar)
    deviation(literal.l1(literal.end(generator, GROUND)), end)
    deviation(literal.coherence(generator, GROUND, [40 / (2 * nbar + 1)]), [end])
    # A pair at a tenth of 1/k0, side by side, ends in the thermal product state.
    near = AtomCluster.from_positions([[0, 0, 0], [0.1, 0, 0]], [0, 0, 1])
    lost = literal.end(literal.liouvillian(near.f, near.gamma, nbar), GROUND)
    deviation(literal.l1(lost), 0)
    slow = atoms.relaxation_rates(near, 10.0, k=2)[1]
    assert slow == pytest.approx((1 - near.gamma[0, 1]) * 21**3 / 331, rel=1e-3)
    lost = literal.end(literal.liouvillian(near.f, near.gamma, 10.0), GROUND)
    deviation.broken(literal.l1(literal.end(literal.together(2, 10.0), GROUND)), literal.l1(lost))
    deviation.evidence(slow)


@claim("p1-s3a-6", "reproduces")
def test_many_photons_reach_a_third(deviation):
    for nbar in (1, 10, 100, 10**4, 10**8):
        exact = Fraction(1, 3) - Fraction(1, 3 * (3 * nbar * (nbar + 1) + 1))
        value = atoms.long_time_coherence(AtomCluster.collective(2), nbar)
        deviation(value, float(exact))
        deviation(literal.l1(literal.end(literal.together(2, nbar), GROUND)), float(exact))
    missing = 1 / 3 - float(pair.coherence_from_ground(100.0, 100.0))
    deviation.evidence(missing)
    assert missing == pytest.approx(1 / (9 * 100.0**2), rel=0.02)


@claim("p1-s3a-7", "holds under a condition")
def test_spontaneous_emission_alone_makes_coherence_from_one_excitation(deviation):
    times = np.array([0.0, 0.1, 1.0, 30.0])
    one_excited = projector(0, 1, 0, 0)
    c = literal.coherence(literal.together(2, 0.0), one_excited, times)
    deviation(c, -np.expm1(-2 * times) / 2)
    deviation.broken(0.0, c[-1])
    deviation.evidence(c[-1])
    # From the ground state the drive is needed: without it the state does not move.
    deviation(literal.apply(literal.emission(np.ones((2, 2)), 0.5), GROUND), np.zeros((4, 4)))
    drive = literal.apply(literal.absorption(np.ones((2, 2)), 0.5), GROUND)
    deviation(literal.apply(literal.together(2, 0.5), GROUND), drive)


@claim("p1-s3a-8", "reproduces")
def test_an_absorbed_photon_leaves_no_trace_of_which_atom_took_it(deviation):
    nbar = 0.7
    shared = literal.apply(literal.absorption(np.ones((2, 2)), nbar), GROUND)
    deviation(shared, 2 * nbar * (projector(0, 1, 1, 0) - GROUND))
    # Distinguishable atoms end in a mixture instead.
    apart = literal.apply(literal.absorption(np.eye(2), nbar), GROUND)
    deviation(apart, nbar * np.diag([0, 1, 1, -2]))


@claim("p1-s3a-9", "reproduces")
@given(nbar=nbars, f0=st.sampled_from([0.0, 5.0]))
def test_loss_balances_drive_on_each_rung(nbar, f0, deviation):
    end = literal.end(literal.together(2, nbar, f0), GROUND)
    ones, count = np.ones((2, 2)), literal.number(2)
    gain = np.trace(count @ literal.apply(literal.absorption(ones, nbar), end)).real
    loss = np.trace(count @ literal.apply(literal.emission(ones, nbar), end)).real
    # Few photons: what is gained on the first rung, and as little again on the second.
    share = nbar / (nbar + 1)
    deviation(gain, -loss, scale=nbar)
    p_ee, p_gg = end[0, 0].real, end[3, 3].real
    p_t = (literal.TRIPLET @ end @ literal.TRIPLET).real
    deviation(nbar * p_gg, (nbar + 1) * p_t, scale=nbar)
    deviation(nbar * p_t, (nbar + 1) * p_ee, scale=nbar * max(share, 1e-3))
    deviation(end, atoms.steady_state(AtomCluster.collective(2, f0=f0), nbar, GROUND))
    assert gain > 0
