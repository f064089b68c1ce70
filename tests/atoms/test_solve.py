"""Dynamics and long times: every route against every analytic system."""

import numpy as np
import pytest
import qutip
import scipy.linalg
from hypothesis import given
from routes.analytic import SYSTEMS, CollectivePair, FarAtoms
from states import assert_physical, projector, random_couplings, random_state, seeds

from coherence_lib import atoms, measures
from coherence_lib.atoms import AtomCluster

TIMES = np.array([0, 1e-6, 1e-3, 0.1, 0.35, 1, 1, 2.5, 10])


def named(system):
    """A name without the elements of states, whose last digits differ between processors."""
    numbers = [f"{name}={value:g}" for name, value in vars(system).items() if np.isscalar(value)]
    return " ".join([type(system).__name__, *numbers])


ROUTES = [
    pytest.param(system, method, id=f"{named(system)}-{method}")
    for system in SYSTEMS
    for method in system.methods
]


@pytest.mark.parametrize("system, method", ROUTES)
def test_every_route_solves_every_analytic_system(system, method):
    exact = system.states(TIMES)
    states = atoms.evolve(system.cluster, system.rho0, TIMES, system.nbar, method)
    assert states.shape == exact.shape
    np.testing.assert_allclose(states, exact, rtol=0, atol=1e-8)
    assert_physical(states)


@pytest.mark.parametrize("system, method", ROUTES)
def test_coherence_of_every_analytic_system_has_eight_digits(system, method):
    exact = measures.l1_coherence(system.states(TIMES))
    c = atoms.coherence(system.cluster, TIMES, system.nbar, system.rho0, method)
    np.testing.assert_allclose(c, exact, rtol=1e-8, atol=1e-11)


@pytest.mark.parametrize("method", CollectivePair.methods)
@pytest.mark.parametrize("nbar", [1e-6, 0.7, 1e3])
def test_coherence_born_from_the_ground_state_keeps_its_relative_digits(nbar, method):
    # At nbar = 1e-6 and t = 1e-6 the coherence is 2e-12: the absolute error must be 1e-20.
    system = CollectivePair(nbar)
    exact = measures.l1_coherence(system.states(TIMES))
    c = atoms.coherence(system.cluster, TIMES, nbar, method=method)
    np.testing.assert_allclose(c, exact, rtol=1e-8)


@pytest.mark.parametrize("method", CollectivePair.methods)
def test_without_photons_the_ground_state_stays_dark(method):
    c = atoms.coherence(AtomCluster.collective(2, f0=1.0), TIMES, 0.0, method=method)
    assert np.array_equal(c, np.zeros(len(TIMES)))


@given(seed=seeds)
def test_times_are_absolute_whatever_the_first_one_is(seed):
    rng = np.random.default_rng(seed)
    f, gamma = random_couplings(rng, 2)
    cluster, rho0 = AtomCluster(f, gamma), random_state(rng, 4)
    late = atoms.evolve(cluster, rho0, [0.5, 0.8], 0.3)
    whole = atoms.evolve(cluster, rho0, [0, 0.2, 0.5, 0.8], 0.3)
    np.testing.assert_allclose(late, whole[2:], rtol=0, atol=1e-13)
    np.testing.assert_allclose(whole[0], rho0, rtol=0, atol=1e-15)


@pytest.mark.parametrize("n_atoms", [2, 4])
def test_first_time_after_zero_on_both_solvers(n_atoms):
    # QuTiP takes the initial state at the first time of its list.
    far = FarAtoms(0.4, n_atoms)
    times = np.array([0.5, 0.5, 0.9])
    states = atoms.evolve(far.cluster, far.rho0, times, far.nbar)
    np.testing.assert_allclose(states, far.states(times), rtol=0, atol=1e-8)
    assert np.array_equal(states[0], states[1])


@pytest.mark.parametrize("n_atoms", [1, 2, 4])
@pytest.mark.parametrize("time", [0.0, 0.3])
def test_a_single_time_is_enough(n_atoms, time):
    far = FarAtoms(0.4, n_atoms)
    states = atoms.evolve(far.cluster, far.rho0, [time], far.nbar)
    assert states.shape == (1, 2**n_atoms, 2**n_atoms)
    np.testing.assert_allclose(states, far.states(np.array([time])), rtol=0, atol=1e-8)


@pytest.mark.parametrize("nbar", [0.0, 0.5, 20.0])
def test_four_atoms_against_the_dense_exponential(nbar):
    rng = np.random.default_rng(4)
    positions = rng.normal(size=(4, 3))
    cluster, rho0 = AtomCluster.from_positions(positions, [1, 2, 3]), random_state(rng, 16)
    times = np.array([0, 1e-6, 0.1, 1.0, 4.0])
    states = atoms.evolve(cluster, rho0, times, nbar)
    generator = cluster.liouvillian(nbar).full()
    for t, state in zip(times, states, strict=True):
        exact = (scipy.linalg.expm(t * generator) @ rho0.ravel(order="F")).reshape(16, 16).T
        np.testing.assert_allclose(state, exact, rtol=0, atol=1e-8)
    assert_physical(states)


@given(seed=seeds)
def test_evolution_agrees_with_mesolve_on_random_clusters(seed):
    rng = np.random.default_rng(seed)
    f, gamma = random_couplings(rng, 2)
    cluster, rho0 = AtomCluster(f, gamma), random_state(rng, 4)
    times, nbar = np.array([0, 0.1, 0.7]), rng.uniform(0, 3)
    start = qutip.Qobj(rho0, dims=[[2, 2], [2, 2]])
    result = qutip.mesolve(
        cluster.hamiltonian(),
        start,
        times,
        cluster.jump_operators(nbar),
        options={"atol": 1e-12, "rtol": 1e-10, "nsteps": 10**6},
    )
    peer = np.array([state.full() for state in result.states])
    np.testing.assert_allclose(atoms.evolve(cluster, rho0, times, nbar), peer, rtol=0, atol=1e-8)


def test_irregular_steps_do_not_share_an_exponential():
    far = FarAtoms(0.4)
    times = np.cumsum([0.1, 0.1, 0.1 + 1e-9, 0.3, 0.1])
    states = atoms.evolve(far.cluster, far.rho0, times, far.nbar)
    np.testing.assert_allclose(states, far.states(times), rtol=0, atol=1e-13)


def test_many_equal_steps_do_not_pile_up_errors():
    pair = CollectivePair(1.0, f0=3.0)
    times = np.linspace(0, 50, 2001)
    c = atoms.coherence(pair.cluster, times, 1.0, method="full")
    closed = atoms.coherence(pair.cluster, times, 1.0, method="closed")
    np.testing.assert_allclose(c, closed, rtol=1e-10)


@pytest.mark.parametrize("psi", [[0, 0, 0, 1], [0, 1, 1j, 0], [1, 2j, -1, 0.5]])
def test_kets_and_density_matrices_of_qutip_are_states_too(psi):
    pair = AtomCluster.collective(2, f0=1.0)
    ket = qutip.Qobj(psi, dims=[[2, 2], [1, 1]]).unit()
    array = atoms.evolve(pair, projector(*psi), [0.4], 0.6)
    for start in (ket, ket.proj()):
        np.testing.assert_allclose(atoms.evolve(pair, start, [0.4], 0.6), array, atol=1e-14)


def test_the_default_initial_state_is_the_ground_state():
    cluster = AtomCluster.collective(3, f0=0.5)
    ground = np.diag([0.0] * 7 + [1.0])
    np.testing.assert_allclose(
        atoms.coherence(cluster, TIMES, 0.7),
        atoms.coherence(cluster, TIMES, 0.7, rho0=ground),
        rtol=1e-13,
    )
    assert atoms.long_time_coherence(cluster, 0.7) == pytest.approx(
        atoms.long_time_coherence(cluster, 0.7, rho0=ground), rel=1e-13
    )


@pytest.mark.parametrize("function", [atoms.evolve, atoms.coherence])
def test_inputs_are_not_changed(function):
    rho0, times = random_state(np.random.default_rng(5), 4), np.array([0.0, 1.0])
    kept = rho0.copy(), times.copy()
    arguments = {"cluster": AtomCluster.collective(2), "rho0": rho0, "times": times, "nbar": 1.0}
    function(**arguments)
    assert np.array_equal(rho0, kept[0])
    assert np.array_equal(times, kept[1])


CLOSED_NEEDS = [
    ("three atoms", AtomCluster.collective(3), None),
    ("one atom", AtomCluster.collective(1), None),
    ("a pair at a distance", AtomCluster([[0, 1], [1, 0]], [[1, 1 - 1e-12], [1 - 1e-12, 1]]), None),
    ("no bath", AtomCluster(np.zeros((2, 2)), np.zeros((2, 2))), None),
]


@pytest.mark.parametrize(
    "cluster, rho0", [row[1:] for row in CLOSED_NEEDS], ids=[row[0] for row in CLOSED_NEEDS]
)
def test_closed_form_refuses_what_it_does_not_solve(cluster, rho0):
    with pytest.raises(ValueError, match=r"^`method` must be valid .*, but 'closed' needs"):
        atoms.coherence(cluster, [1.0], 1.0, rho0=rho0, method="closed")


def test_auto_falls_back_on_the_full_space_near_the_closed_forms_limit():
    # A pair at a small distance is no closed form, and differs from it after a long time only.
    near = AtomCluster.from_positions([[0, 0, 0], [0, 0, 1e-3]], [0, 0, 1])
    near = AtomCluster(np.zeros((2, 2)), near.gamma)
    together = atoms.coherence(AtomCluster.collective(2), [1.0, 1e9], 1.0)
    apart = atoms.coherence(near, [1.0, 1e9], 1.0)
    assert abs(apart[0] - together[0]) < 1e-5
    assert together[1] > 0.28
    assert abs(apart[1]) < 1e-6


def test_long_time_coherence_is_where_the_dynamics_end():
    rng = np.random.default_rng(6)
    for cluster in (AtomCluster.collective(3, f0=0.3), AtomCluster.collective(2, f0=2.0)):
        rho0 = random_state(rng, 2**cluster.n_atoms)
        late = atoms.coherence(cluster, [60.0], 0.8, rho0)[0]
        assert atoms.long_time_coherence(cluster, 0.8, rho0) == pytest.approx(late, rel=1e-8)


def test_hopping_beyond_all_rates_is_refused():
    cluster = AtomCluster([[0, 1e10], [1e10, 0]], 1e-300 * np.eye(2))
    with pytest.raises(ValueError, match="^`cluster` must leave f/gamma finite, but its hopping "):
        atoms.coherence(cluster, [1.0], 1.0)
