"""Any time and any distance: right to eight digits, or refused; and each time for itself."""

from fractions import Fraction

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from routes.fifty_digits import evolved
from states import assert_physical, random_state, seeds

from coherence_lib import atoms, measures
from coherence_lib.atoms import AtomCluster, algebra, basis, blocks, extended, full, real_form
from coherence_lib.atoms import phase as phase_module
from coherence_lib.atoms.phase import phase

DIPOLE = [0.3, 0.1, 1.0]


def pair_at(xi):
    return AtomCluster.from_positions([[0, 0, 0], [xi, 0, 0]], DIPOLE)


def triangle_at(xi):
    return AtomCluster.from_positions(
        [[0, 0, 0], [xi, 0, 0], [0.3 * xi, 0.8 * xi, 0.1 * xi]], DIPOLE
    )


def block_state(seed, n_atoms):
    rho = random_state(np.random.default_rng(seed), 2**n_atoms)
    excitations = basis.excitation_numbers(n_atoms)
    return np.where(excitations[:, None] == excitations, rho, 0)


@pytest.mark.parametrize("xi", [1e-6, 1e-4, 1e-2, 0.3])
@pytest.mark.parametrize("time", [1e-9, 1e-3, 10.0, 1e3, 1e8, 1e15, 1e20])
def test_two_atoms_at_any_distance_and_time(xi, time):
    cluster, rho0, nbar = pair_at(xi), block_state(1, 2), 1.3
    exact = evolved(cluster, nbar, rho0, time)
    for method in ("blocks", "full"):
        states = atoms.evolve(cluster, rho0, [time], nbar, method=method)
        assert_physical(states)
        np.testing.assert_allclose(states[0], exact, rtol=0, atol=1e-10)
        c = atoms.coherence(cluster, [time], nbar, rho0, method=method)
        np.testing.assert_allclose(c[0], measures.l1_coherence(exact), rtol=1e-8, atol=1e-12)


@pytest.mark.parametrize("xi, time", [(1e-2, 1e3), (1e-2, 1e6), (1e-4, 3.0), (0.1, 1e9)])
def test_three_atoms_in_the_near_field_and_for_long(xi, time):
    cluster, rho0, nbar = triangle_at(xi), block_state(2, 3), 0.7
    exact = evolved(cluster, nbar, rho0, time)
    for method in ("blocks", "full"):
        states = atoms.evolve(cluster, rho0, [time], nbar, method=method)
        np.testing.assert_allclose(states[0], exact, rtol=0, atol=1e-10)


def test_floats_alone_would_be_wrong_there():
    # The control: the same propagation without the further digits.
    cluster, rho0, time = triangle_at(1e-2), block_state(2, 3), 1e6
    part = real_form.generator(cluster, 0.7)
    numbers = algebra.propagate(part.dense(), part.read(rho0), np.array([time]))
    exact = part.read(evolved(cluster, 0.7, rho0, time))
    assert np.abs(numbers - exact).max() > 1e-7


@pytest.mark.parametrize("n_atoms", [1, 2, 3, 4, 5])
def test_the_end_of_time_is_the_steady_state(n_atoms):
    rng = np.random.default_rng(n_atoms)
    cluster = AtomCluster.from_positions(rng.normal(size=(n_atoms, 3)), DIPOLE)
    rho0 = block_state(n_atoms, n_atoms)
    end = atoms.evolve(cluster, rho0, [1e20], 0.4)[0]
    np.testing.assert_allclose(end, atoms.steady_state(cluster, 0.4, rho0), rtol=0, atol=1e-12)
    assert abs(np.trace(end) - 1) < 1e-12


@pytest.mark.parametrize("n_atoms", [2, 3])
def test_what_is_conserved_stays_for_ever(n_atoms):
    # Atoms at one place remember their initial state; coherences between different numbers of
    # excitations, which only the whole space holds, die out.
    cluster = AtomCluster.collective(n_atoms, f0=2.0)
    rho0 = random_state(np.random.default_rng(n_atoms), 2**n_atoms)
    end = atoms.evolve(cluster, rho0, [1e12, 1e20], 0.6)
    expected = atoms.steady_state(cluster, 0.6, rho0)
    np.testing.assert_allclose(end, [expected, expected], rtol=0, atol=1e-12)


def test_a_rotation_that_never_ends_keeps_its_phase():
    # Without photons the coherence between singlet and |gg> turns at f for ever.
    f0, time = 1.7e5, 3.1e11
    cluster = AtomCluster.collective(2, f0=f0)
    psi = np.array([0, 1, -1, np.sqrt(2)]) / 2
    state = atoms.evolve(cluster, np.outer(psi, psi), [time], 0.0)[0]
    with mpmath.workdps(60):
        turned = complex(mpmath.expj(mpmath.mpf(f0) * mpmath.mpf(time)))
    singlet = np.array([0, 1, -1, 0]) / np.sqrt(2)
    np.testing.assert_allclose(singlet @ state[:, 3], 0.5 * turned, rtol=0, atol=1e-12)
    closed = atoms.pair.evolve(np.outer(psi, psi), [time], 0.0, f0=f0)[0]
    np.testing.assert_allclose(closed, state, rtol=0, atol=1e-12)


@given(seed=seeds, nbar=st.floats(0, 30), f0=st.sampled_from([0.0, -3.0, 1e5, 1e12]))
@settings(max_examples=15)
def test_the_pairs_pieces_at_any_time(seed, nbar, f0):
    rng = np.random.default_rng(seed)
    rho0, times = random_state(rng, 4), np.sort(10.0 ** rng.uniform(-8, 14, size=4))
    np.testing.assert_allclose(
        atoms.pair.evolve(rho0, times, nbar, f0=f0),
        atoms.evolve(AtomCluster.collective(2, f0=f0), rho0, times, nbar, method="full"),
        rtol=0,
        atol=1e-9,
    )


def test_a_long_grid_does_not_spoil_its_early_times():
    pair, start = AtomCluster.collective(2), np.diag([0.0, 1, 0, 0])
    times = np.geomspace(1e-6, 1e10, 161)
    c = atoms.coherence(pair, times, 10, rho0=start)
    alone = [atoms.coherence(pair, [t], 10, rho0=start)[0] for t in times]
    np.testing.assert_allclose(c, alone, rtol=1e-12)
    closed = measures.l1_coherence(atoms.pair.evolve(start, times, 10))
    np.testing.assert_allclose(c, closed, rtol=1e-9)


FROM_GROUND = AtomCluster.collective(2, f0=1.5)
GRIDS = {
    "closed": (FROM_GROUND, "closed", 15),
    "ladder": (AtomCluster.collective(4), "ladder", 15),
    "blocks": (triangle_at(0.4), "blocks", 15),
    "blocks, near field": (triangle_at(1e-3), "blocks", 15),
    "blocks, sparse and dense": (
        AtomCluster.from_positions(
            np.eye(6, 3) + np.diag(range(6))[:, :3] * 0.1 + np.arange(6)[:, None] * 0.3, DIPOLE
        ),
        "blocks",
        0.3,
    ),
    "full": (triangle_at(0.4), "full", 15),
    "full, integrated": (
        AtomCluster.from_positions(np.random.default_rng(0).normal(size=(4, 3)), DIPOLE),
        "full",
        0.5,
    ),
}


@pytest.mark.parametrize("name", GRIDS)
@given(data=st.data())
@settings(max_examples=6, deadline=None)
def test_no_time_changes_the_answer_at_another(name, data):
    cluster, method, longest = GRIDS[name]
    decades = st.floats(-12, np.log10(longest) if longest < 1 else longest)
    times = [10.0**x for x in data.draw(st.lists(decades, min_size=2, max_size=5))]
    # Repeated and nearly equal times too.
    times = np.sort([*times, times[0], times[0] * (1 + 1e-12), times[-1] * (1 + 1e-7), 0.0])
    kept = np.sort(data.draw(st.permutations(range(len(times))))[:3])
    tolerance = (
        {"rtol": 1e-8, "atol": 1e-13} if "integrated" in name else {"rtol": 1e-11, "atol": 1e-14}
    )
    whole = atoms.coherence(cluster, times, 0.8, method=method)
    part = atoms.coherence(cluster, times[kept], 0.8, method=method)
    np.testing.assert_allclose(part, whole[kept], **tolerance)


@pytest.mark.parametrize(
    "size, time, method, asked",
    [
        (8, 1e9, "auto", "ask for less work"),
        (7, 1e9, "krylov", "ask for less work"),
        (7, 1e9, "blocks", "be <="),
    ],
)
def test_what_is_out_of_reach_is_refused(size, time, method, asked):
    positions = 1e-3 * np.random.default_rng(1).normal(size=(size, 3))
    cluster = AtomCluster.from_positions(positions, DIPOLE)
    with pytest.raises(ValueError, match=f"^`times` must {asked}.*steady_state"):
        atoms.coherence(cluster, [time], 1.0, method=method)


@pytest.mark.parametrize("time", [1e30, 1e300])
@pytest.mark.parametrize("rate", [1.0, 1e8])
def test_times_without_end_are_right(time, rate):
    # Phases are no numbers any more, and neither are decays where gamma0 is large.
    cluster = AtomCluster.from_positions(np.random.default_rng(1).normal(size=(5, 3)), DIPOLE)
    cluster = AtomCluster(rate * cluster.f, rate * cluster.gamma)
    assert atoms.coherence(cluster, [time], 1.0, method="modes")[0] < 1e-8


def test_five_close_atoms_without_end_are_right_or_refused():
    # Roundings decide which, and they differ between processors.
    positions = 1e-3 * np.random.default_rng(1).normal(size=(5, 3))
    cluster = AtomCluster.from_positions(positions, DIPOLE)
    try:
        right = atoms.coherence(cluster, [1e300], 1.0)[0] < 1e-8
    except ValueError as error:
        right = str(error).startswith("`times` must ask for less work")
    assert right


@pytest.mark.parametrize("generator_of", [triangle_at, pair_at])
def test_the_columns_of_the_generator_add_up_to_zero(generator_of):
    part = real_form.generator(generator_of(1e-3), 0.7)
    values = [Fraction(0)] * part.size
    diagonal = part.rows == part.columns
    for p, target, origin, c in zip(
        part.parameter, part.target, part.origin, part.coefficient, strict=True
    ):
        if diagonal[target]:
            values[origin] += int(c) * part.values[p]
    # Emission and absorption cancel exactly; hopping reads each element and its transpose.
    assert not any(values[k] for k in np.flatnonzero(diagonal))


@given(seed=seeds, size=st.integers(1, 40))
@settings(max_examples=20)
def test_products_of_digits_are_exact(seed, size):
    rng = np.random.default_rng(seed)
    base, count = extended._digits(size, 150)
    left, right = (rng.uniform(-1, 1, size=(size, size)) / size for _ in range(2))
    digits = [
        np.stack([extended._from_floats(column, base, count) for column in m.T], axis=2)
        for m in (left, right)
    ]
    product = extended._product(*digits, base)
    exact = sum(Fraction(left[0, k]) * Fraction(right[k, -1]) for k in range(size))
    found = sum(Fraction(int(d)) / 2 ** (base * k) for k, d in enumerate(product[:, 0, -1]))
    assert abs(found - exact) < Fraction(1, 2**150)
    assert np.abs(product[1:]).max() <= 2 ** (base - 1)


@given(
    frequency=st.floats(-1e30, 1e30, allow_subnormal=False),
    time=st.floats(0, 1e30, allow_subnormal=False),
)
def test_phases_keep_their_digits(frequency, time):
    angle = phase(frequency, np.array([time]))[0]
    with mpmath.workdps(120):
        exact = mpmath.mpf(frequency) * mpmath.mpf(time)
        assert abs(mpmath.cos(exact) - mpmath.cos(mpmath.mpf(angle))) < 1e-14
        assert abs(mpmath.sin(exact) - mpmath.sin(mpmath.mpf(angle))) < 1e-14


def test_a_turn_is_known_to_fifty_digits_in_parts_of_which_two_are_short():
    parts = [Fraction(part) for part in phase_module._parts_of_a_turn()]
    with mpmath.workdps(80):
        missing = sum(mpmath.mpf(p.numerator) / p.denominator for p in parts) - 2 * mpmath.pi
        assert abs(missing) < 1e-33
    # So short that their products with a number of turns are exact.
    assert [part * 2**place % 1 for part, place in zip(parts, (29, 61), strict=False)] == [0, 0]
    assert parts[1] < Fraction(1, 2**29)


@pytest.mark.parametrize("rate", [0.0, 0.5, 1.0, 2.0])
def test_a_matrix_of_any_norm_is_exponentiated(rate):
    times = np.array([0.0, 0.7, 30.0])
    decayed = algebra.propagate(np.array([[-rate]]), np.array([3.0]), times)[:, 0]
    np.testing.assert_allclose(decayed, 3 * np.exp(-rate * times), rtol=1e-14)


# --- units ---------------------------------------------------------------------------------


def test_a_pair_in_joules_has_its_hamiltonian():
    gamma0 = 1.054571817e-34 * 2 * np.pi * 6e6
    pair = AtomCluster.collective(2, f0=2 * gamma0, gamma0=gamma0)
    assert pair.hamiltonian()[1, 2] == pytest.approx(2 * gamma0, rel=1e-15, abs=0)
    rates = np.sort(np.abs(pair.liouvillian(1.0).full().diagonal().real))
    unit = AtomCluster.collective(2, f0=2.0).liouvillian(1.0).full().diagonal().real
    np.testing.assert_allclose(rates / gamma0, np.sort(np.abs(unit)), rtol=1e-14)


@pytest.mark.parametrize("unit", [1e-30, 1e-27, 3.3e-9, 1e30])
@pytest.mark.parametrize("method", ["ladder", "blocks", "full"])
def test_four_atoms_in_any_unit(unit, method):
    ours, theirs = (AtomCluster.collective(4, f0=s, gamma0=s) for s in (1.0, unit))
    times = np.array([0.0, 0.01, 0.2, 3.0])
    c = atoms.coherence(ours, times, 5.0, method="ladder")
    np.testing.assert_allclose(
        atoms.coherence(theirs, times / unit, 5.0, method=method), c, rtol=1e-9, atol=1e-15
    )


def answered_or_refused(question):
    """Whether the answer is finite, or the refusal our own."""
    try:
        return np.all(np.isfinite(question()))
    except ValueError as refusal:
        return str(refusal).startswith("`")


EXTREMES = [0.0, -0.0, 5e-324, 1e-300, 1e-12, 1.0, 1e12, 1e300, 1e308, 1.7e308]
MIXED = np.diag([0.1, 0.2, 0.3, 0.4])


@pytest.mark.parametrize("gamma0", [5e-324, 1e-300, 1.0, 1e300, 1.7e308])
@pytest.mark.parametrize("nbar", EXTREMES)
@pytest.mark.parametrize("time", EXTREMES)
def test_the_largest_and_smallest_numbers_are_answered_or_refused(time, nbar, gamma0):
    # A warning of numpy is an error here, as everywhere in the suite.
    questions = [
        lambda: atoms.pair.coherence_from_ground(time, nbar, gamma0),
        lambda: atoms.pair.populations_from_ground(time, nbar, gamma0),
        lambda: atoms.ladder.coherence([time], 3, nbar, gamma0),
        lambda: atoms.pair.evolve(MIXED, [time], nbar, 1.0, gamma0),
        lambda: atoms.coherence(AtomCluster.collective(2, 0.0, gamma0), [time], nbar, MIXED),
    ]
    for question in questions:
        assert answered_or_refused(question)


@pytest.mark.parametrize("nbar", [0.0, 1e-300, 1e-6, 1.0, 1e3, 1e12])
@pytest.mark.parametrize("xi", [1e-9, 1e-7, 1e-5, 1e-3, 0.1, 10.0, 1e4])
@pytest.mark.parametrize("n_atoms", [2, 3])
def test_evolution_and_projection_end_alike(n_atoms, xi, nbar):
    rng = np.random.default_rng(n_atoms)
    cluster = AtomCluster.from_positions(xi * rng.normal(size=(n_atoms, 3)), DIPOLE)
    rotates = nbar < 1e-100 and len(cluster.decay_channels()[0]) < n_atoms
    if not rotates:
        rho0 = block_state(n_atoms, n_atoms)
        end = atoms.evolve(cluster, rho0, [1e30], nbar)[0]
        np.testing.assert_allclose(end, atoms.steady_state(cluster, nbar, rho0), atol=1e-8)


def test_many_times_are_held_piece_by_piece(monkeypatch):
    monkeypatch.setattr(blocks, "_PIECE", 50)
    monkeypatch.setattr(full, "_PIECE", 200)
    cluster, times = triangle_at(0.4), np.linspace(0, 3, 40)
    whole = np.linspace(0, 3, 40)[:3]
    for method in ("blocks", "full"):
        c = atoms.coherence(cluster, times, 0.8, method=method)
        np.testing.assert_allclose(
            c[:3], atoms.coherence(cluster, whole, 0.8, method=method), rtol=1e-12
        )
        states = atoms.evolve(cluster, atoms.ground_state(3), times, 0.8, method=method)
        np.testing.assert_allclose(c, measures.l1_coherence(states), rtol=1e-10, atol=1e-15)


def test_the_coherence_of_more_states_than_memory_holds_is_not_refused():
    # Eight atoms at a million times have 10^12 numbers; the blocks hold a few million at once.
    cluster = AtomCluster.from_positions(np.random.default_rng(0).normal(size=(8, 3)), DIPOLE)
    with pytest.raises(ValueError, match="`cluster` must fit the memory, .* at 1000000 times"):
        atoms.evolve(cluster, atoms.ground_state(8), np.linspace(0, 1, 10**6), 1.0)
    times = np.zeros(10**4)
    assert np.array_equal(atoms.coherence(cluster, times, 1.0), times)
