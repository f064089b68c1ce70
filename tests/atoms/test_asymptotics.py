"""Steady states, where a cluster has many: against null vectors of the dense Liouvillian."""

import mpmath
import numpy as np
import pytest
import scipy.linalg
from hypothesis import given
from hypothesis import strategies as st
from routes.projection import kernel, projected
from states import assert_physical, projector, random_couplings, random_state, seeds

import coherence_lib as cl
from coherence_lib import atoms, measures
from coherence_lib.atoms import AtomCluster, asymptotics

NO_F = np.zeros((2, 2))


def unequal_f(n_atoms):
    """All rates equal, every pair with its own coupling."""
    f = np.zeros((n_atoms, n_atoms))
    upper = np.triu_indices(n_atoms, 1)
    f[upper] = np.arange(1, len(upper[0]) + 1) * 0.37
    return AtomCluster(f + f.T, np.ones((n_atoms, n_atoms)))


CLUSTERS = {
    "one atom": AtomCluster.collective(1),
    "2 collective": AtomCluster.collective(2),
    "2 collective with f": AtomCluster.collective(2, f0=1.3),
    "3 collective": AtomCluster.collective(3),
    "3 collective with f": AtomCluster.collective(3, f0=-0.4),
    "4 collective": AtomCluster.collective(4, f0=0.2),
    "equal rates, unequal f": unequal_f(3),
    "isosceles f": AtomCluster([[0, 1, 1], [1, 0, 3], [1, 3, 0]], np.ones((3, 3))),
    "one of two decays": AtomCluster(NO_F, np.diag([1.0, 0.0])),
    "one of two decays, coupled": AtomCluster([[0, 0.5], [0.5, 0]], np.diag([1.0, 0.0])),
    "a pair and a stranger": AtomCluster(np.zeros((3, 3)), [[1, 1, 0], [1, 1, 0], [0, 0, 2]]),
    "opposite phases": AtomCluster([[0, 0.3], [0.3, 0]], [[1, -1], [-1, 1]]),
    "unequal dipoles": AtomCluster([[0, 0.3], [0.3, 0]], [[1, 2], [2, 4]]),
    "geometry": AtomCluster.from_positions([[0, 0, 0], [0.5, 0.2, 0], [0, 1, 2]], [0, 1, 1]),
}


@pytest.mark.parametrize("nbar", [0.0, 0.01, 1.0, 30.0])
@pytest.mark.parametrize("name", CLUSTERS)
def test_steady_state_is_the_projection_on_the_kernel(name, nbar):
    cluster, rng = CLUSTERS[name], np.random.default_rng(9)
    for rank in (None, 1):
        rho0 = random_state(rng, 2**cluster.n_atoms, rank)
        end = atoms.steady_state(cluster, nbar, rho0)
        np.testing.assert_allclose(end, projected(cluster, nbar, rho0), rtol=0, atol=1e-10)
        assert_physical(end)


@given(seed=seeds, nbar=st.sampled_from([0.0, 0.01, 1.0, 30.0]))
def test_rank_deficient_rates_with_any_couplings(seed, nbar):
    rng = np.random.default_rng(seed)
    n_atoms = int(rng.integers(2, 4))
    f, gamma = random_couplings(rng, n_atoms, rank=int(rng.integers(0, n_atoms)))
    cluster, rho0 = AtomCluster(rng.choice([0, 1]) * f, gamma), random_state(rng, 2**n_atoms)
    expected = projected(cluster, nbar, rho0)
    end = atoms.steady_state(cluster, nbar, rho0)
    np.testing.assert_allclose(end, expected, rtol=0, atol=1e-10)


@pytest.mark.parametrize("n_atoms, number", [(1, 1), (2, 2), (3, 5), (4, 14)])
def test_number_of_steady_states_with_photons(n_atoms, number):
    cluster = AtomCluster.collective(n_atoms, f0=0.3)
    right, left = kernel(cluster, 0.7)
    assert right.shape[1] == left.shape[1] == number
    # The library's own count: the span of what random states end in.
    rng = np.random.default_rng(10)
    ends = [
        atoms.steady_state(cluster, 0.7, random_state(rng, 2**n_atoms)).ravel()
        for _ in range(number + 3)
    ]
    assert np.linalg.matrix_rank(np.array(ends), tol=1e-8) == number


@pytest.mark.parametrize("nbar", [0.0, 1.0])
@pytest.mark.parametrize("name", CLUSTERS)
def test_only_a_degenerate_steady_state_asks_for_the_initial_state(name, nbar):
    cluster = CLUSTERS[name]
    right, _ = kernel(cluster, nbar)
    if right.shape[1] == 1:
        unique = atoms.steady_state(cluster, nbar)
        ground = np.diag(np.eye(2**cluster.n_atoms)[-1])
        np.testing.assert_allclose(unique, projected(cluster, nbar, ground), rtol=0, atol=1e-12)
    else:
        with pytest.raises(
            cl.DegenerateSteadyStateError, match=r"^`rho0` must be given, but got None: .*\.$"
        ):
            atoms.steady_state(cluster, nbar)


def test_the_error_is_a_value_error_under_both_names():
    assert issubclass(cl.DegenerateSteadyStateError, ValueError)
    assert atoms.DegenerateSteadyStateError is cl.DegenerateSteadyStateError


@pytest.mark.parametrize("gap", [1e-3, 1e-9, 1e-12])
@pytest.mark.parametrize("nbar", [0.0, 0.5])
def test_a_slow_decay_is_no_conserved_quantity(gap, nbar):
    # With gamma_12 < gamma0, however little, the steady state is unique and incoherent.
    pair = AtomCluster(NO_F, [[1, 1 - gap], [1 - gap, 1]])
    thermal = asymptotics.thermal_state(2, nbar)
    np.testing.assert_allclose(atoms.steady_state(pair, nbar), thermal, rtol=0, atol=1e-15)
    singlet = projector(0, 1, -1, 0)
    np.testing.assert_allclose(atoms.steady_state(pair, nbar, singlet), thermal, atol=1e-9)
    assert atoms.long_time_coherence(pair, nbar, singlet) < 1e-9
    assert atoms.long_time_coherence(AtomCluster.collective(2), nbar, singlet) > 0.99


def two_atom_end(rho0, nbar):
    """Where two collective atoms end with photons, in extended precision."""
    singlet = np.array([0, 1, -1, 0]) / np.sqrt(2)
    triplet = np.abs(singlet)
    s = (singlet @ rho0 @ singlet).real
    with mpmath.workdps(40):
        r = mpmath.mpf(nbar) / (mpmath.mpf(nbar) + 1)
        p_gg, p_t, p_ee = (float(r**k / (1 + r + r**2)) for k in range(3))
    ladder = np.diag([p_ee, 0, 0, p_gg]) + p_t * np.outer(triplet, triplet)
    return s * np.outer(singlet, singlet) + (1 - s) * ladder


@pytest.mark.parametrize("nbar", [1e-300, 1e-150, 1e-12, 1e-6, 0.3, 1e6])
@pytest.mark.parametrize("f0", [0.0, 2.0])
def test_two_atoms_at_any_photon_number(nbar, f0):
    rng, cluster = np.random.default_rng(11), AtomCluster.collective(2, f0=f0)
    double = projector(1, 0, 0, 0)
    for rho0 in (double, random_state(rng, 4), random_state(rng, 4, rank=1)):
        end = atoms.steady_state(cluster, nbar, rho0)
        np.testing.assert_allclose(end, two_atom_end(rho0, nbar), rtol=0, atol=1e-12)
        assert_physical(end)
    # From |ee> the singlet is empty, and what is left of p_T = nbar keeps its digits.
    end = atoms.steady_state(cluster, nbar, double)
    c = measures.l1_coherence(end)
    assert c == pytest.approx(2 * two_atom_end(double, nbar)[1, 2], rel=1e-10, abs=0)


@pytest.mark.parametrize(
    "name", ["3 collective", "4 collective", "equal rates, unequal f", "a pair and a stranger"]
)
@pytest.mark.parametrize("nbar", [1e-12, 1e-300])
def test_hardly_any_photon_is_the_limit_of_few(name, nbar):
    # The steady state is analytic in nbar > 0: at 1e-6 it differs from its limit by about 1e-6.
    cluster = CLUSTERS[name]
    for rho0 in (
        random_state(np.random.default_rng(12), 2**cluster.n_atoms),
        np.diag(np.eye(2**cluster.n_atoms)[0]),
    ):
        few, hardly_any = (atoms.steady_state(cluster, n, rho0) for n in (1e-6, nbar))
        np.testing.assert_allclose(hardly_any, few, rtol=0, atol=1e-4)
        assert_physical(hardly_any, 1e-12)


@given(seed=seeds)
def test_projecting_twice_changes_nothing_and_the_map_is_linear(seed):
    rng = np.random.default_rng(seed)
    cluster, nbar = list(CLUSTERS.values())[rng.integers(len(CLUSTERS))], rng.choice([0, 0.5])
    a, b = (random_state(rng, 2**cluster.n_atoms) for _ in range(2))
    end_a, end_b = (atoms.steady_state(cluster, nbar, rho) for rho in (a, b))
    np.testing.assert_allclose(atoms.steady_state(cluster, nbar, end_a), end_a, atol=1e-11)
    mixed = atoms.steady_state(cluster, nbar, 0.3 * a + 0.7 * b)
    np.testing.assert_allclose(mixed, 0.3 * end_a + 0.7 * end_b, atol=1e-11)


# Two atoms that no photon reaches pass their excitation on, whatever the bath does to a third.
BESIDE_A_BATH = AtomCluster([[0, 0, 0], [0, 0, 0.6], [0, 0.6, 0]], np.diag([1.0, 0, 0]))
ROTATING = ("3 collective with f", "isosceles f", "equal rates, unequal f", "one of two decays")


@pytest.mark.parametrize(
    "cluster", [*map(CLUSTERS.get, ROTATING), BESIDE_A_BATH], ids=[*ROTATING, "beside a bath"]
)
@pytest.mark.parametrize("nbar", [0.0, 0.7])
def test_the_orbit_is_the_late_evolution(cluster, nbar):
    # Without photons coherences rotate for ever: frequencies and amplitudes, not only an average.
    rho0 = random_state(np.random.default_rng(13), 2**cluster.n_atoms)
    orbit = asymptotics.orbit(cluster, nbar, rho0)
    rates = -np.linalg.eigvals(cluster.liouvillian(nbar).full()).real
    times = 40 / rates[rates > 1e-9].min() + np.array([0.0, 0.7, 13.0])
    late = atoms.evolve(cluster, rho0, times, nbar, method="full")
    for t, state in zip(times, late, strict=True):
        turned = np.tensordot(np.exp(-1j * orbit.frequencies * t), orbit.amplitudes, axes=1)
        np.testing.assert_allclose(turned, state, rtol=0, atol=1e-8)


def test_time_average_of_a_rotating_coherence():
    # (|S> + |gg>)/sqrt 2: the populations stay, the coherence between them averages out.
    rho0 = projector(0, 1, -1, np.sqrt(2))
    still = atoms.steady_state(AtomCluster.collective(2), 0.0, rho0)
    turning = atoms.steady_state(AtomCluster.collective(2, f0=0.8), 0.0, rho0)
    np.testing.assert_allclose(still, rho0, atol=1e-14)
    averaged = 0.5 * projector(0, 1, -1, 0) + 0.5 * projector(0, 0, 0, 1)
    np.testing.assert_allclose(turning, averaged, atol=1e-14)


def test_a_coherence_that_turns_without_changing_its_modulus_has_a_limit():
    rho0 = projector(0, 1, -1, np.sqrt(2))
    limits = [
        atoms.long_time_coherence(AtomCluster.collective(2, f0=f0), 0.0, rho0)
        for f0 in (0.0, 0.8, 1e4)
    ]
    np.testing.assert_allclose(limits, 0.5 + np.sqrt(2), rtol=1e-12)


def nearly_collective(n_atoms, distance, of):
    """Atoms alike but for couplings f, or amplitudes of decay, that are so far apart."""
    rng, ones = np.random.default_rng(1), np.ones((n_atoms, n_atoms))
    f = 1 - np.eye(n_atoms)
    if of == "couplings":
        apart = np.triu(rng.normal(size=f.shape), 1)
        return AtomCluster(f + distance * (apart + apart.T), ones)
    amplitudes = 1 + distance * rng.normal(size=n_atoms)
    return AtomCluster(0.3 * f, np.outer(amplitudes, amplitudes))


@pytest.mark.parametrize("of", ["couplings", "amplitudes"])
@pytest.mark.parametrize("nbar", [0.0, 0.5])
@pytest.mark.parametrize("n_atoms", [3, 4])
def test_couplings_that_nearly_agree_are_told_apart_or_refused(n_atoms, nbar, of):
    rho0 = random_state(np.random.default_rng(2), 2**n_atoms)

    def end(distance):
        cluster = nearly_collective(n_atoms, distance, of)
        try:
            return atoms.steady_state(cluster, nbar, rho0)
        except ValueError as error:
            refused[distance] = str(error)
            return None

    alike, refused = end(0.0), {}
    for distance in np.logspace(-13, -2, 45):
        state = end(distance)
        if distance < 1e-10:
            np.testing.assert_allclose(state, alike, rtol=0, atol=1e-8)
        if state is not None:
            assert_physical(state, 2e-7)
    # A dark state that decays as slowly as the square of the distance costs digits.
    slowest = 1e-7 if nbar else 1e-3
    asked = "`cluster` must have couplings that are equal or differ by more than roundings"
    for distance, text in refused.items():
        assert 1e-10 < distance < slowest
        assert text.startswith(asked)


# A square of atoms: two dark states of one excitation, with different energies -3 and 1.
SQUARE = AtomCluster([[0, 1, 3, 1], [1, 0, 1, 3], [3, 1, 0, 1], [1, 3, 1, 0]], np.ones((4, 4)))
ONE_EXCITATION = np.eye(16)[[7, 11, 13, 14]]
EXCHANGE = AtomCluster([[0, 1], [1, 0]], NO_F)
OSCILLATING = {
    "no bath": (EXCHANGE, projector(0, 1, 0, 0), 0.5),
    "no bath, no photons": (EXCHANGE, projector(0, 1, 0, 0), 0.0),
    "beside a bath": (BESIDE_A_BATH, np.diag(np.eye(8)[2]).astype(complex), 0.5),
    "dark states": (SQUARE, projector(*([2, -1, 0, -1] @ ONE_EXCITATION)), 0.0),
}


@pytest.mark.parametrize("cluster, rho0, nbar", OSCILLATING.values(), ids=OSCILLATING)
def test_a_coherence_that_oscillates_for_ever_has_no_limit(cluster, rho0, nbar):
    # Nothing decays here, so H_d alone says how the coherence moves.
    times = np.linspace(100, 103, 61)
    turns = (scipy.linalg.expm(-1j * t * cluster.hamiltonian().full()) for t in times)
    c = [measures.l1_coherence(u @ rho0 @ u.conj().T) for u in turns]
    assert np.ptp(c) > 0.1
    with pytest.raises(ValueError, match=r"^`rho0` must have a coherence that settles, but .*\.$"):
        atoms.long_time_coherence(cluster, nbar, rho0)
    np.testing.assert_allclose(atoms.coherence(cluster, times, nbar, rho0), c, rtol=0, atol=1e-8)
    assert_physical(atoms.steady_state(cluster, nbar, rho0))


def test_atoms_without_a_bath_keep_their_time_average():
    # |eg> under H_d alone: half of each atom excited on average, and no coherence left.
    cluster = AtomCluster([[0, 1], [1, 0]], NO_F)
    average = atoms.steady_state(cluster, 2.0, projector(0, 1, 0, 0))
    np.testing.assert_allclose(average, np.diag([0, 0.5, 0.5, 0]), atol=1e-14)


def test_from_the_ground_state_every_number_of_atoms_ends_in_the_symmetric_ladder():
    # sum_k p_k (C(N,k) - 1) with p_k proportional to (nbar/(nbar+1))^k
    for n_atoms in range(1, 6):
        ratio = 0.8 / 1.8
        weights = ratio ** np.arange(n_atoms + 1)
        pairs = np.array([float(mpmath.binomial(n_atoms, k)) for k in range(n_atoms + 1)]) - 1
        expected = weights @ pairs / weights.sum()
        c = atoms.long_time_coherence(AtomCluster.collective(n_atoms, f0=0.4), 0.8)
        assert c == pytest.approx(expected, rel=1e-10, abs=1e-14)


def test_eight_atoms_are_too_many_for_the_projection():
    cluster = AtomCluster(np.zeros((8, 8)), np.diag([1.0, 1, 1, 1, 1, 1, 1, 2]))
    for function in (atoms.steady_state, atoms.long_time_coherence):
        with pytest.raises(ValueError, match=r"^`cluster` must fit the memory, .* 8 atoms .* byt"):
            function(cluster, 1.0)


@pytest.mark.parametrize("inequality", [1e-6, 5.6e-4, 1e-2, 0.3, 100.0])
def test_hopping_that_is_all_but_equal_still_breaks_the_ladder(inequality):
    # However small the inequality, two conserved operators are left, and one settled value.
    row = [[0.1 * i, 0, 0] for i in range(4)]
    f = 1 - np.eye(4) + inequality * atoms.dipole_couplings(row, [0, 0, 1])[0] / 800
    settled = atoms.steady_state(AtomCluster(f, np.ones((4, 4))), 1.0, atoms.ground_state(4))
    assert np.trace(settled).real == pytest.approx(1, abs=1e-9)
    assert measures.l1_coherence(settled) == pytest.approx(28 / 53, rel=1e-6)


def test_the_thermal_state_is_complex_as_all_states_are():
    assert asymptotics.thermal_state(2, 0.5).dtype == np.complex128
