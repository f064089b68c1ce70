"""Collisions, the beam as a reservoir, heat and work: against QuTiP and exact arguments."""

import numpy as np
import pytest
import qutip
from hypothesis import given
from hypothesis import strategies as st
from states import assert_physical, random_state, seeds

from coherence_lib import atoms, harvest, thermal
from coherence_lib.atoms import AtomCluster

GROUND = np.diag([0.0, 0, 0, 1])
PAULI = [s.full() for s in (qutip.sigmax(), qutip.sigmay(), qutip.sigmaz())]
strengths = st.floats(-2, 2)


def exchange(n_atoms):
    """S of Eq. (I.B4) from QuTiP, cluster first, qubit last."""
    lower = [
        qutip.tensor([qutip.sigmam() if i == j else qutip.qeye(2) for j in range(n_atoms + 1)])
        for i in range(n_atoms + 1)
    ]
    return sum(s.dag() * lower[-1] + s * lower[-1].dag() for s in lower[:-1])


def after_collision(rho_pair, rho_qubit, g_tau):
    dims = [[2, 2], [2, 2]]
    unitary = (-1j * g_tau * exchange(2)).expm()
    both = qutip.tensor(qutip.Qobj(rho_pair, dims=dims), qutip.Qobj(rho_qubit))
    both = unitary * both * unitary.dag()
    return both.ptrace([0, 1]).full(), both.ptrace(2).full()


def bloch(rho):
    return np.array([np.trace(s @ rho).real for s in PAULI])


def applied(superoperator, rho):
    return (superoperator @ rho.ravel(order="F")).reshape(2, 2, order="F")


def charged_pair(nbar, start=GROUND):
    return atoms.steady_state(AtomCluster.collective(2), nbar, rho0=start)


@pytest.mark.parametrize("n_atoms", [1, 2, 3])
@given(g_tau=strengths)
def test_the_unitary_is_that_of_qutip(n_atoms, g_tau):
    expected = (-1j * g_tau * exchange(n_atoms)).expm().full()
    np.testing.assert_allclose(
        harvest.collision_unitary(g_tau, n_atoms=n_atoms), expected, atol=1e-12
    )


@given(seed=seeds, g_tau=strengths)
def test_collisions_are_partial_traces_of_the_exact_evolution(seed, g_tau):
    rng = np.random.default_rng(seed)
    a, q = random_state(rng, 4), random_state(rng, 2)
    for ours, expected in zip(
        harvest.collide(a, q, g_tau), after_collision(a, q, g_tau), strict=True
    ):
        np.testing.assert_allclose(ours, expected, atol=1e-13)
        assert_physical(ours, 1e-12)


@given(seed=seeds, g_tau=strengths, rate=st.floats(0.1, 5))
def test_the_beam_is_a_poisson_process_of_collisions(seed, g_tau, rate):
    rng = np.random.default_rng(seed)
    a, q = random_state(rng, 4), random_state(rng, 2)
    change = applied(harvest.beam_liouvillian(a, rate, g_tau), q)
    np.testing.assert_allclose(
        change, rate * (after_collision(a, q, g_tau)[1] - q), atol=1e-12 * rate
    )


@given(seed=seeds)
def test_second_order_is_the_limit_of_the_exact_generator(seed):
    a = random_state(np.random.default_rng(seed), 4)
    for g in (1e-2, 1e-3):
        gap = harvest.beam_liouvillian(a, 1.0, g) - harvest.beam_liouvillian(a, 1.0, g, order=2)
        assert np.abs(gap).max() < 2 * g**3


def test_the_second_order_unitary_misses_by_the_third_order():
    gaps = [
        np.abs(harvest.collision_unitary(g) - harvest.collision_unitary_second_order(g)).max()
        for g in (0.02, 0.01)
    ]
    assert gaps[0] / gaps[1] == pytest.approx(8, rel=0.01)


@given(seed=seeds, g_tau=st.floats(0.01, 0.5), rate=st.floats(0.1, 5))
def test_bloch_equations_are_the_second_order_generator(seed, g_tau, rate):
    rng = np.random.default_rng(seed)
    a, q = random_state(rng, 4), random_state(rng, 2)
    matrix, vector = harvest.bloch_equations(a, rate, g_tau)
    change = applied(harvest.beam_liouvillian(a, rate, g_tau, order=2), q)
    np.testing.assert_allclose(matrix @ bloch(q) + vector, bloch(change), atol=1e-13)
    steady = harvest.bloch_steady_state(a, rate, g_tau)
    np.testing.assert_allclose(
        steady, bloch(harvest.beam_steady_state(a, g_tau, order=2)), atol=1e-9
    )
    assert np.abs(matrix @ steady + vector).max() < 1e-12


@given(seed=seeds, g_tau=st.floats(0.05, 2))
def test_the_exact_steady_state_does_not_change_and_is_reached(seed, g_tau):
    rng = np.random.default_rng(seed)
    a = random_state(rng, 4)
    steady = harvest.beam_steady_state(a, g_tau)
    assert_physical(steady, 1e-10)
    np.testing.assert_allclose(after_collision(a, steady, g_tau)[1], steady, atol=1e-12)


@given(seed=seeds)
def test_the_squeezed_bath_rebuilds_the_dissipator(seed):
    rng = np.random.default_rng(seed)
    a = random_state(rng, 4)
    c = harvest.beam_coefficients(a)
    if c.r_d <= c.r_e:
        a = a[::-1, ::-1]  # exchange e and g
        c = harvest.beam_coefficients(a)
    bath = harvest.squeezed_bath(a, 2.0, 0.1)
    lower = qutip.sigmam()
    squeezed = np.cosh(bath.r) * lower + np.exp(1j * bath.phi) * np.sinh(bath.r) * lower.dag()
    rebuilt = qutip.lindblad_dissipator(np.sqrt(bath.gamma * (bath.N_th + 1)) * squeezed)
    rebuilt += qutip.lindblad_dissipator(np.sqrt(bath.gamma * bath.N_th) * squeezed.dag())
    drive = 2.0 * 0.1 * (c.lam * lower.dag() + np.conj(c.lam) * lower)
    expected = harvest.beam_liouvillian(a, 2.0, 0.1, order=2)
    np.testing.assert_allclose((qutip.liouvillian(drive) + rebuilt).full(), expected, atol=1e-12)


@pytest.mark.parametrize("nbar", [1e-6, 0.1, 1.0, 10.0, 1e4])
@pytest.mark.parametrize("start", [GROUND, np.diag([0, 1.0, 0, 0]), np.diag([0.3, 0.3, 0.2, 0.2])])
def test_charged_pairs_hand_over_the_temperature_of_the_bath(nbar, start):
    pair = charged_pair(nbar, start)
    bath = thermal.temperature(nbar)
    assert harvest.effective_temperature(pair) == pytest.approx(bath, rel=1e-9)
    for g_tau in (0.1, 1.3):
        qubit = harvest.beam_steady_state(pair, g_tau)
        assert abs(qubit[0, 1]) < 1e-12
        assert qubit[0, 0].real == pytest.approx(nbar / (2 * nbar + 1), rel=1e-9, abs=1e-13)


@given(nbar=st.floats(1e-3, 1e3))
def test_reversed_coherence_gives_half_of_the_temperature(nbar):
    pair = charged_pair(nbar).real
    flipped = 2 * np.diag(np.diag(pair)) - pair
    assert harvest.effective_temperature(flipped) == pytest.approx(
        thermal.temperature(nbar) / 2, rel=1e-9
    )


def test_the_temperature_of_special_pairs():
    assert harvest.effective_temperature(np.diag([0.5, 0, 0, 0.5])) == np.inf
    assert harvest.effective_temperature(np.diag([0.6, 0, 0, 0.4])) < 0
    assert harvest.effective_temperature(GROUND) == 0
    assert harvest.effective_temperature(np.diag([0.2, 0, 0, 0.8]), omega=2.0) == pytest.approx(
        2 / np.log(4)
    )


@given(seed=seeds, omega=st.floats(0.1, 3))
def test_heat_and_work_make_up_the_energy(seed, omega):
    rng = np.random.default_rng(seed)
    a, q = random_state(rng, 4), random_state(rng, 2)
    c = harvest.beam_coefficients(a)
    rate, g_tau = 1.7, 0.2
    drive = rate * g_tau * (c.lam * qutip.sigmap() + np.conj(c.lam) * qutip.sigmam()).full()
    energy = drive + 0.5 * omega * PAULI[2]
    change = applied(harvest.beam_liouvillian(a, rate, g_tau, order=2), q)
    heat = harvest.heat_current(a, q, rate, g_tau, omega)
    work = harvest.power(a, q, rate, g_tau, omega)
    assert heat + work == pytest.approx(np.trace(energy @ change).real, abs=1e-12)
    # Work is what the Hamiltonian does to the bare energy, heat all that the dissipators do.
    coherent = -1j * (drive @ q - q @ drive)
    assert work == pytest.approx(np.trace(0.5 * omega * PAULI[2] @ coherent).real, abs=1e-12)
    assert heat == pytest.approx(np.trace(energy @ (change - coherent)).real, abs=1e-12)
    steady = harvest.beam_steady_state(a, g_tau, order=2)
    balance = harvest.heat_current(a, steady, rate, g_tau, omega) + harvest.power(
        a, steady, rate, g_tau, omega
    )
    assert abs(balance) < 1e-12


def test_simulated_arrivals_agree_within_their_error_and_repeat():
    a, q = random_state(np.random.default_rng(1), 4), np.diag([0.0, 1])
    times = np.array([0.0, 3.0, 20.0])
    mean, error = harvest.random_arrivals(a, q, 2.0, 0.3, times, n_runs=4000, seed=2)
    generator = harvest.beam_liouvillian(a, 2.0, 0.3)
    for k, t in enumerate(times):
        exact = applied((qutip.Qobj(generator) * t).expm().full(), q.astype(complex))
        assert np.all(np.abs(mean[k] - bloch(exact)) <= 5 * error[k] + 1e-12)
    again, _ = harvest.random_arrivals(a, q, 2.0, 0.3, times, n_runs=4000, seed=2)
    assert np.array_equal(mean, again)
    other, _ = harvest.random_arrivals(a, q, 2.0, 0.3, times, n_runs=4000, seed=3)
    assert not np.array_equal(mean, other)


SINGLET = np.array([[0, 0, 0, 0], [0, 0.5, -0.5, 0], [0, -0.5, 0.5, 0], [0, 0, 0, 0]])


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: harvest.collision_unitary(np.inf), ValueError, "`g_tau` must be finite"),
        (lambda: harvest.collision_unitary("a"), TypeError, "`g_tau` must be real"),
        (lambda: harvest.collision_unitary(0.1, 0), ValueError, "`n_atoms` must be >= 1"),
        (lambda: harvest.collision_unitary(0.1, 12), ValueError, "`n_atoms` must fit the memory"),
        (lambda: harvest.collision_unitary_second_order(np.nan), ValueError, "`g_tau` must be f"),
        (lambda: harvest.collide(np.eye(4), GROUND[2:, 2:], 0.1), ValueError, "must have trace 1"),
        (lambda: harvest.collide(GROUND, np.eye(4) / 4, 0.1), ValueError, "`rho_qubit` must be 2"),
        (lambda: harvest.beam_liouvillian(GROUND, 0.0, 0.1), ValueError, "`rate` must be > 0"),
        (lambda: harvest.beam_liouvillian(GROUND, 1.0, 0.1, order=3), ValueError, "`order` must"),
        (lambda: harvest.beam_liouvillian(GROUND, 1.0, 0.1, order="2"), ValueError, "`order` mus"),
        (lambda: harvest.beam_steady_state(SINGLET, 0.1), ValueError, "not unique"),
        (lambda: harvest.beam_steady_state(GROUND, 0.0), ValueError, "not unique"),
        (lambda: harvest.bloch_steady_state(SINGLET, 1.0, 0.1), ValueError, "not unique"),
        (lambda: harvest.squeezed_bath(np.eye(4) / 4, 1.0, 0.1), ValueError, "must have r_d > r_e"),
        (lambda: harvest.effective_temperature(SINGLET), ValueError, "must exchange energy"),
        (lambda: harvest.effective_temperature(GROUND, omega=0), ValueError, "`omega` must be > 0"),
        (lambda: harvest.heat_current(GROUND, np.eye(2), 1, 0.1), ValueError, "`rho_qubit` must"),
        (lambda: harvest.power(GROUND, np.eye(2) / 2, -1, 0.1), ValueError, "`rate` must be > 0"),
        (
            lambda: harvest.random_arrivals(GROUND, np.eye(2) / 2, 1, 0.1, [0.0], n_runs=1),
            ValueError,
            "`n_runs` must be >= 2",
        ),
    ],
)
def test_bad_input_is_refused_with_its_name(call, error, message):
    with pytest.raises(error, match=message) as caught:
        call()
    assert str(caught.value).endswith(".")


CLUSTERS = [1, 2, 3, 4]


@pytest.mark.parametrize("n_atoms", CLUSTERS)
@pytest.mark.parametrize("g_tau", [0.1, 1.3])
def test_clusters_of_any_size_collide_as_in_the_whole_space(n_atoms, g_tau):
    rng = np.random.default_rng(n_atoms)
    cluster, probe = random_state(rng, 2**n_atoms), random_state(rng, 2)
    space = [qutip.sigmam()] + [qutip.qeye(2)] * n_atoms
    lower = [qutip.tensor(space[-k:] + space[:-k]) for k in range(n_atoms + 1)]
    exchange = sum(lower[k].dag() * lower[-1] for k in range(n_atoms))
    unitary = (-1j * g_tau * (exchange + exchange.dag())).expm()
    whole = qutip.tensor(
        qutip.Qobj(cluster, dims=[[2] * n_atoms] * 2), qutip.Qobj(probe, dims=[[2], [2]])
    )
    after = unitary * whole * unitary.dag()
    found = harvest.collide(cluster, probe, g_tau)
    np.testing.assert_allclose(found[0], after.ptrace(range(n_atoms)).full(), atol=1e-13)
    np.testing.assert_allclose(found[1], after.ptrace(n_atoms).full(), atol=1e-13)
    change = harvest.beam_liouvillian(cluster, 2.0, g_tau) @ probe.ravel(order="F")
    np.testing.assert_allclose(
        change.reshape(2, 2, order="F"), 2 * (found[1] - probe), rtol=0, atol=1e-13
    )


@pytest.mark.parametrize("n_atoms", CLUSTERS)
def test_the_second_order_of_a_cluster_is_that_of_the_exact_map(n_atoms):
    cluster = random_state(np.random.default_rng(n_atoms), 2**n_atoms)
    errors = [
        np.abs(
            harvest.beam_liouvillian(cluster, 1.0, g) - harvest.beam_liouvillian(cluster, 1.0, g, 2)
        ).max()
        for g in (1e-2, 5e-3)
    ]
    # The next term is of third order.
    assert errors[0] / errors[1] == pytest.approx(8, rel=0.1)


@pytest.mark.parametrize("order", ["exact", 2])
@pytest.mark.parametrize("n_atoms", [1, 2, 3])
def test_the_beam_evolves_as_qutip_integrates_it(n_atoms, order):
    rng = np.random.default_rng(10 + n_atoms)
    cluster, start = random_state(rng, 2**n_atoms), random_state(rng, 2)
    times = np.array([0.0, 0.3, 7.0, 7.0, 40.0])
    generator = harvest.beam_liouvillian(cluster, 0.7, 0.4, order)
    peer = qutip.mesolve(
        qutip.Qobj(generator, dims=[[[2], [2]]] * 2),
        qutip.Qobj(start),
        np.unique(times),
        options={"atol": 1e-12, "rtol": 1e-11},
    )
    states = np.array([state.full() for state in peer.states])[[0, 1, 2, 2, 3]]
    found = harvest.beam_evolve(cluster, start, 0.7, 0.4, times, order)
    np.testing.assert_allclose(found, states, rtol=0, atol=1e-9)
    late = harvest.beam_evolve(cluster, start, 0.7, 0.4, [1e5, 1e30], order)
    end = harvest.beam_steady_state(cluster, 0.4, order)
    np.testing.assert_allclose(late, [end, end], rtol=0, atol=1e-12)


def test_a_beam_that_leaves_the_qubit_alone_keeps_its_state():
    start = random_state(np.random.default_rng(3), 2)
    idle = harvest.beam_evolve(np.eye(4) / 4, start, 1.0, 0.0, [0.0, 1e300])
    np.testing.assert_allclose(idle, [start, start], rtol=0, atol=1e-15)


def test_a_beam_that_only_turns_the_qubit_is_followed_while_its_phase_is_known():
    # Singlets do nothing exactly; at g tau = pi sqrt 2 a collision of two returns everything
    # to |ee> and |gg> beams, and drives turn what they do not damp.
    singlet = np.outer([0, 1, -1, 0], [0, 1, -1, 0]) / 2
    start = random_state(np.random.default_rng(4), 2)
    still = harvest.beam_evolve(singlet, start, 1.0, 0.3, [5.0, 1e6])
    np.testing.assert_allclose(still, [start, start], rtol=0, atol=1e-12)
    turning = np.array([[0, 0], [0, 1.0]])
    with pytest.raises(ValueError, match="`times` must be smaller for a beam that leaves"):
        harvest.beam_evolve(turning, start, 1.0, np.pi, [1e12])
