"""Krylov spaces of the scaled blocks: against every other route, and against their own promise."""

import math

import numpy as np
import pytest
import qutip
from hypothesis import given, settings
from hypothesis import strategies as st
from states import assert_physical, random_couplings, random_state, seeds

from coherence_lib import atoms, measures
from coherence_lib.atoms import AtomCluster, basis, blocks, krylov, real_form, scaled

DIPOLE = [0.0, 0.0, 1.0]


def cloud(n_atoms, seed=0, spread=0.5):
    places = spread * np.random.default_rng(seed).normal(size=(n_atoms, 3))
    return AtomCluster.from_positions(places, DIPOLE)


def block_state(rng, n_atoms):
    rho = random_state(rng, 2**n_atoms)
    excitations = basis.excitation_numbers(n_atoms)
    return np.where(excitations[:, None] == excitations, rho, 0)


def dense(cluster, nbar, layout):
    """The generator that products apply, column by column."""
    product = scaled.product(cluster, nbar, layout)
    return np.stack([product(column) for column in np.eye(layout.size)], axis=1)


# --- the scaled blocks ---------------------------------------------------------------------


@pytest.mark.parametrize("n_atoms", [1, 2, 3, 4])
@pytest.mark.parametrize("factored", [False, True])
@given(seed=seeds, nbar=st.floats(0, 20), scale=st.floats(0.1, 1))
@settings(max_examples=10)
def test_products_are_those_of_the_blocks(n_atoms, factored, seed, nbar, scale):
    rng = np.random.default_rng(seed)
    cluster = AtomCluster(*random_couplings(rng, n_atoms, rank=rng.integers(1, n_atoms + 1)))
    layout = scaled.Layout(n_atoms, scale)
    exact = real_form.generator(cluster, nbar)
    numbers = rng.normal(size=layout.size)
    weights = scale ** basis.excitation_numbers(n_atoms)[exact.rows]
    if factored:
        product = scaled.Factored(cluster, nbar, layout)
    else:
        product = scaled.product(cluster, nbar, layout)
    expected = exact.sparse() @ (weights * numbers) / weights
    rounding = 1e-12 * (1 + np.abs(expected).max())
    np.testing.assert_allclose(product(numbers), expected, rtol=0, atol=rounding)


@given(seed=seeds, nbar=st.floats(1e-3, 20))
@settings(max_examples=10)
def test_detailed_balance_makes_a_contraction(seed, nbar):
    rng = np.random.default_rng(seed)
    cluster = AtomCluster(*random_couplings(rng, 3))
    matrix = dense(cluster, nbar, krylov.layout(cluster, nbar, None))
    largest = np.linalg.eigvalsh(matrix + matrix.T)[-1]
    assert largest <= 1e-12 * np.abs(matrix).max()
    # Without hopping it is symmetric, and without decay antisymmetric.
    dark = AtomCluster(np.zeros((3, 3)), cluster.gamma)
    still = AtomCluster(cluster.f, np.zeros((3, 3)))
    layout = krylov.layout(cluster, nbar, None)
    for part, sign in ((dense(dark, nbar, layout), 1), (dense(still, nbar, layout), -1)):
        np.testing.assert_allclose(part, sign * part.T, atol=1e-12 * (1 + np.abs(part).max()))


@given(seed=seeds, scale=st.floats(0.1, 1))
@settings(max_examples=10)
def test_numbers_and_states_are_the_same(seed, scale):
    layout = scaled.Layout(3, scale)
    states = np.array([block_state(np.random.default_rng(seed + k), 3) for k in range(2)])
    numbers = np.array([layout.read(rho) for rho in states])
    back = np.zeros_like(states)
    layout.write(numbers, back)
    np.testing.assert_allclose(back, states, rtol=0, atol=1e-15)
    np.testing.assert_allclose(layout.coherence(numbers), measures.l1_coherence(states), rtol=1e-13)
    np.testing.assert_allclose(layout.traces(numbers), 1, rtol=1e-13)
    # The bound of the trace norm is one: a state's is 1.
    assert all(layout.trace_norm(one) >= 1 - 1e-12 for one in numbers)
    assert np.array_equal(layout.read(atoms.ground_state(3)), layout.read(None))


# --- the route -----------------------------------------------------------------------------


@pytest.mark.parametrize("nbar", [0.0, 1e-3, 10.0])
@pytest.mark.parametrize("n_atoms", [2, 4, 5])
def test_states_and_coherence_agree_with_the_full_space(n_atoms, nbar):
    cluster, rho0 = cloud(n_atoms), block_state(np.random.default_rng(3), n_atoms)
    times = [0.0, 0.0, 1e-4, 0.1, 0.1, 0.37, 1.0]
    states = atoms.evolve(cluster, rho0, times, nbar, method="krylov")
    assert_physical(states)
    full = atoms.evolve(cluster, rho0, times, nbar, method="full")
    np.testing.assert_allclose(states, full, rtol=0, atol=1e-9)
    np.testing.assert_allclose(states[:2], [rho0, rho0], rtol=0, atol=1e-16)
    c = atoms.coherence(cluster, times, nbar, rho0, method="krylov")
    np.testing.assert_allclose(c, measures.l1_coherence(full), rtol=0, atol=1e-8)


@pytest.mark.parametrize("nbar", [0.0, 1e-6, 1e-3, 10.0])
@pytest.mark.parametrize("spread", [0.2, 0.5, 3.0])
def test_six_atoms_from_the_ground_state_agree_with_the_blocks(spread, nbar):
    cluster = cloud(6, 1, spread)
    times = np.concatenate([[0.0], np.geomspace(1e-9, 0.3, 12)])
    np.testing.assert_allclose(
        atoms.coherence(cluster, times, nbar, method="krylov"),
        atoms.coherence(cluster, times, nbar, method="blocks"),
        rtol=1e-8,
    )


def test_five_atoms_agree_with_mesolve():
    cluster, nbar = cloud(5, 4), 10.0
    times = np.linspace(0, 0.5, 6)
    result = qutip.mesolve(
        cluster.hamiltonian(),
        qutip.Qobj(atoms.ground_state(5), dims=[[2] * 5] * 2),
        times,
        cluster.jump_operators(nbar),
        options={"atol": 1e-12, "rtol": 1e-10, "nsteps": 10**6},
    )
    peer = measures.sum_of_off_diagonals(np.array([state.full() for state in result.states]))
    np.testing.assert_allclose(
        atoms.coherence(cluster, times, nbar, method="krylov"), peer, atol=1e-8
    )


def test_an_excited_start_beside_few_photons_keeps_its_digits():
    # Scaled by detailed balance the start would be 1e9 times larger than the end.
    cluster, nbar = cloud(4, 2), 1e-6
    excited = np.zeros((16, 16))
    excited[0, 0] = 1
    assert np.abs(krylov.layout(cluster, nbar, excited).read(excited)).max() <= 101
    times = [0.3, 1.0, 3.0]
    np.testing.assert_allclose(
        atoms.coherence(cluster, times, nbar, excited, method="krylov"),
        atoms.coherence(cluster, times, nbar, excited, method="blocks"),
        atol=1e-9,
    )


@pytest.mark.parametrize("nbar", [0.0, 0.3, 10.0])
def test_many_short_steps_end_where_one_space_does(monkeypatch, nbar):
    cluster, rho0 = cloud(4, 5), block_state(np.random.default_rng(6), 4)
    times = np.linspace(0, 1, 23)
    whole = atoms.coherence(cluster, times, nbar, rho0, method="krylov")
    monkeypatch.setattr(krylov, "_MOST", 12)
    monkeypatch.setattr(krylov, "_WHOLE_UP_TO", 0)
    np.testing.assert_allclose(
        atoms.coherence(cluster, times, nbar, rho0, method="krylov"), whole, rtol=0, atol=1e-9
    )


def test_the_promise_is_kept_and_can_be_broken(monkeypatch):
    cluster, times = cloud(5, 7), np.linspace(0, 1, 11)
    exact = atoms.coherence(cluster, times, 10.0, method="blocks")
    errors = []
    for tolerance in (1e-10, 1e-4, 1e-1):
        monkeypatch.setattr(krylov, "TOLERANCE", tolerance)
        monkeypatch.setattr(krylov, "expected", lambda *_: 4.0)
        found = atoms.coherence(cluster, times, 10.0, method="krylov")
        errors.append(np.abs(found - exact).max())
        assert errors[-1] <= tolerance
    # The bound is what stops the products: a looser one is felt.
    assert errors[2] > 1e3 * errors[0]
    # The control: a space that stops too early, by a bound that is not believed.
    monkeypatch.setattr(
        krylov.Space, "_is_small_at", lambda self, times, allowed: np.ones(len(times), bool)
    )
    found = np.full(len(times), np.nan)
    place = krylov.layout(cluster, 10.0, None)
    product = scaled.product(cluster, 10.0, place)
    for here, numbers in krylov.pieces(product, place, place.read(None), times, hint=20.0):
        found[here] = place.coherence(numbers)
    assert not np.abs(found - exact).max() <= 1e-3


def test_what_changes_nothing_is_told_apart_from_what_is_slow():
    ground = atoms.coherence(cloud(5), [0.0, 1.0, 5.0], 0.0, method="krylov")
    assert np.array_equal(ground, np.zeros(3))
    # In an invariant space of a few products the error is a rounding.
    pair = AtomCluster.collective(2, f0=1.0)
    np.testing.assert_allclose(
        atoms.coherence(pair, [0.1, 10.0], 1.0, method="krylov"),
        atoms.coherence(pair, [0.1, 10.0], 1.0, method="closed"),
        rtol=1e-10,
    )


def test_eight_atoms_take_the_route_and_agree_with_taylor_steps():
    cluster, times = cloud(8, 3), [0.0, 0.02, 0.05]
    assert atoms.route(cluster, nbar=10.0, times=times).name == "krylov"
    np.testing.assert_allclose(
        atoms.coherence(cluster, times, 10.0),
        atoms.coherence(cluster, times, 10.0, method="blocks"),
        rtol=1e-9,
    )


def test_ten_atoms_need_no_matrix():
    # At short times C = sum_{i != j} |gamma_ij| nbar t.
    cluster, time = cloud(10, 1), 1e-6
    expected = 0.3 * time * (np.abs(cluster.gamma).sum() - np.trace(cluster.gamma))
    c = atoms.coherence(cluster, [time], 0.3, method="krylov")
    assert c[0] == pytest.approx(expected, rel=1e-4)
    assert krylov.ROUTE.numbers(11) * 16 < 1.5 * 2**30


def test_the_cost_is_told_before():
    near, far = (atoms.route(cloud(8, 1, spread), nbar=1.0, times=[1.0]) for spread in (0.1, 1.0))
    assert near.name == far.name == "krylov"
    assert near.seconds > 5 * far.seconds
    # Taylor steps that would be refused are not chosen.
    assert math.isinf(blocks.ROUTE.seconds(cloud(7, 0, 1e-3), 1.0, np.array([1e9])))
    # Products that are needed are close to those foretold.
    cluster, nbar = cloud(6, 2), 3.0
    place = krylov.layout(cluster, nbar, None)
    count = [0]
    product = scaled.product(cluster, nbar, place)

    def counted(numbers):
        count[0] += 1
        return product(numbers)

    for _ in krylov.pieces(counted, place, place.read(None), np.array([1.0])):
        pass
    assert count[0] == pytest.approx(krylov.expected(cluster, nbar, 1.0), rel=0.3)


@pytest.mark.parametrize("nbar", [1e-3, 1.0, 10.0])
@pytest.mark.parametrize("n_atoms", [2, 3, 4])
def test_no_start_is_further_from_the_end_than_the_bound_says(n_atoms, nbar):
    # The slowest part of the whole generator, whatever the hopping.
    cluster = cloud(n_atoms, 8)
    layout = krylov.layout(cluster, nbar, None)
    matrix = dense(cluster, nbar, layout)
    thermal = layout.thermal(nbar)
    assert layout.traces(thermal[None])[0] == pytest.approx(1, rel=1e-14)
    assert np.abs(matrix @ thermal).max() <= 1e-13 * np.abs(matrix).max()
    slowest = np.linalg.eigvalsh(cluster.gamma)[0] * (2 * nbar + 1)
    levels = np.linalg.eigvalsh(0.5 * (matrix + matrix.T))
    assert abs(levels[-1]) <= 1e-10 * np.abs(matrix).max()
    assert levels[-2] <= -slowest * (1 - 1e-9)
    # The control: not faster than the single atoms of the strongest channel.
    assert levels[-2] > -np.linalg.eigvalsh(cluster.gamma)[-1] * (2 * nbar + 1)


def test_late_times_cost_no_walk_and_meet_the_other_routes():
    cluster, nbar = cloud(4, 9, 1.0), 0.5
    late = krylov.relaxed_after(cluster, nbar)
    times = np.array([0.1, 0.3 * late, 0.999 * late, 1.001 * late, 1e3 * late, 1e12])
    rho0 = block_state(np.random.default_rng(2), 4)
    states = atoms.evolve(cluster, rho0, times, nbar, method="krylov")
    by_blocks = atoms.evolve(cluster, rho0, times, nbar, method="blocks")
    np.testing.assert_allclose(states, by_blocks, rtol=0, atol=1e-9)
    np.testing.assert_allclose(states[-1], atoms.steady_state(cluster, nbar), rtol=0, atol=1e-14)
    # Seven atoms at 1e12 lifetimes cost what they cost until they have relaxed.
    seven, ages = cloud(7, 3, 1.5), [1e3, 1e6, 1e12]
    until = krylov.relaxed_after(seven, 10.0)
    grids = [until], [until, 1e12], [1e12]
    told = [atoms.route(seven, nbar=10.0, times=grid).seconds for grid in grids]
    assert told[0] == told[1] > 10 * told[2]
    assert np.all(atoms.coherence(seven, ages, 10.0) < 1e-9)
    # Where a channel does not decay there is no such time.
    assert math.isinf(krylov.relaxed_after(AtomCluster.collective(3), nbar))
    assert math.isinf(krylov.relaxed_after(cluster, 0.0))


def test_the_state_must_have_no_coherence_between_excitation_numbers():
    plus = np.full((4, 4), 0.25)
    with pytest.raises(ValueError, match="`method` must be valid for the input, but 'krylov'"):
        atoms.evolve(AtomCluster.collective(2), plus, [1.0], 1.0, method="krylov")


def test_a_bar_counts_the_steps_in_time(monkeypatch, capsys):
    cluster, times = cloud(3), np.linspace(0, 1, 5)
    quiet = atoms.coherence(cluster, times, 1.0, method="krylov")
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(krylov, "_MOST", 8)
    monkeypatch.setattr(krylov, "_WHOLE_UP_TO", 0)
    shown = atoms.coherence(cluster, times, 1.0, method="krylov", progress=True)
    assert "evolving: 100%" in capsys.readouterr().err
    np.testing.assert_allclose(shown, quiet, rtol=0, atol=1e-8)


def walk_to(goal):
    cluster = AtomCluster.from_positions(np.random.default_rng(4).normal(size=(4, 3)), [0, 0, 1])
    place = krylov.layout(cluster, 0.5, None)
    product = scaled.product(cluster, 0.5, place)
    times = np.array([0.1, 1.0, 3.0])
    rows = [
        numbers
        for _, numbers in krylov.pieces(
            product, place, place.read(None), times, hint=400, goal=goal(place)
        )
    ]
    np.testing.assert_allclose(
        place.coherence(np.concatenate(rows)), atoms.coherence(cluster, times, 0.5), atol=1e-9
    )


def test_a_walk_that_does_not_end_where_it_should_says_so_once(monkeypatch):
    told = []
    monkeypatch.setattr(krylov, "_MOST", 12)
    walk_to(lambda place: krylov.End(place.thermal(0.5), 1e-6, told.append))
    assert len(told) == 1
    assert told[0] > 1e-6
    told.clear()
    walk_to(lambda place: krylov.End(place.thermal(0.5), 10.0, told.append))
    assert told == []


def test_steps_that_come_to_nothing_are_refused(monkeypatch):
    monkeypatch.setattr(krylov, "_MOST", 12)
    monkeypatch.setattr(krylov, "TOLERANCE", 0.0)
    with pytest.raises(ValueError, match="^`times` must be smaller with these couplings, but got"):
        walk_to(lambda place: None)
