"""The model, against Eqs. (I.1)-(I.3) written out."""

from dataclasses import FrozenInstanceError

import numpy as np
import pytest
import qutip
from hypothesis import given
from hypothesis import strategies as st
from states import random_couplings, random_state, seeds

from coherence_lib.atoms import AtomCluster, dipole_couplings
from coherence_lib.atoms.cluster import dense_liouvillian


def local(operator, i, n_atoms):
    return qutip.tensor([operator if k == i else qutip.qeye(2) for k in range(n_atoms)])


def right_hand_side(f, gamma, nbar, rho):
    """Eqs. (I.1)-(I.3), term by term."""
    n = len(f)
    up = [local(qutip.sigmap(), i, n) for i in range(n)]
    down = [local(qutip.sigmam(), i, n) for i in range(n)]
    rho = qutip.Qobj(rho, dims=up[0].dims)
    hamiltonian = sum(f[i, j] * up[i] * down[j] for i in range(n) for j in range(n) if i != j)
    total = -1j * (hamiltonian * rho - rho * hamiltonian)
    for i in range(n):
        for j in range(n):
            p, m = up[i] * down[j], down[i] * up[j]
            emission = down[j] * rho * up[i] - 0.5 * (p * rho + rho * p)
            absorption = up[j] * rho * down[i] - 0.5 * (m * rho + rho * m)
            total += gamma[i, j] * ((nbar + 1) * emission + nbar * absorption)
    return total.full()


def applied(liouvillian, rho):
    d = len(rho)
    return (liouvillian.full() @ rho.ravel(order="F")).reshape((d, d), order="F")


@pytest.mark.parametrize("n_atoms", [1, 2, 3])
@given(seed=seeds, nbar=st.sampled_from([0.0, 1e-6, 0.4, 3.0, 1e3]))
def test_liouvillian_is_the_double_sum(n_atoms, seed, nbar):
    rng = np.random.default_rng(seed)
    f, gamma = random_couplings(rng, n_atoms)
    rho = random_state(rng, 2**n_atoms)
    expected = right_hand_side(f, gamma, nbar, rho)
    result = applied(AtomCluster(f, gamma).liouvillian(nbar), rho)
    scale = (nbar + 1) * gamma.max() + np.abs(f).max() + 1
    np.testing.assert_allclose(result, expected, rtol=0, atol=1e-13 * scale)


@pytest.mark.parametrize("n_atoms", [1, 2, 3])
@given(seed=seeds)
def test_trace_and_hermiticity_are_preserved(n_atoms, seed):
    rng = np.random.default_rng(seed)
    cluster = AtomCluster(*random_couplings(rng, n_atoms))
    # Any operator: Hermitian ones must stay so, and the trace of none may change.
    d = 2**n_atoms
    x = rng.normal(size=(d, d)) + 1j * rng.normal(size=(d, d))
    liouvillian = cluster.liouvillian(rng.uniform(0, 3))
    slope, adjoint_slope = applied(liouvillian, x), applied(liouvillian, x.conj().T)
    size = 1 + np.abs(liouvillian.full()).max()
    assert abs(np.trace(slope)) < 1e-13 * size * d
    np.testing.assert_allclose(adjoint_slope, slope.conj().T, rtol=0, atol=1e-13 * size)


@given(seed=seeds, nbar=st.sampled_from([0.0, 0.01, 1.0, 30.0]))
def test_thermal_product_state_is_stationary_in_any_geometry(seed, nbar):
    rng = np.random.default_rng(seed)
    n_atoms = int(rng.integers(1, 5))
    cluster = AtomCluster.from_positions(rng.normal(size=(n_atoms, 3)), rng.normal(size=3))
    atom = qutip.qdiags([nbar / (2 * nbar + 1), (nbar + 1) / (2 * nbar + 1)])
    thermal = qutip.tensor([atom] * n_atoms).full()
    liouvillian = cluster.liouvillian(nbar)
    size = np.abs(liouvillian.full()).max()
    assert np.abs(applied(liouvillian, thermal)).max() < 1e-14 * size


@given(seed=seeds)
def test_hamiltonian_counts_every_pair_twice(seed):
    # H_d is a sum over i != j, so one pair carries f_12 (s1+ s2- + s2+ s1-).
    rng = np.random.default_rng(seed)
    f, gamma = random_couplings(rng, 3)
    pairs = sum(
        f[i, j]
        / 2
        * (
            local(qutip.sigmax(), i, 3) * local(qutip.sigmax(), j, 3)
            + local(qutip.sigmay(), i, 3) * local(qutip.sigmay(), j, 3)
        )
        for i in range(3)
        for j in range(i)
    )
    hamiltonian = AtomCluster(f, gamma).hamiltonian()
    assert hamiltonian.dims == [[2, 2, 2], [2, 2, 2]]
    np.testing.assert_allclose(hamiltonian.full(), pairs.full(), rtol=0, atol=1e-14)


def test_positive_coupling_raises_the_symmetric_state():
    triplet, singlet = qutip.bell_state("10"), qutip.bell_state("11")
    hamiltonian = AtomCluster.collective(2, f0=0.7).hamiltonian()
    assert qutip.expect(hamiltonian, triplet) == pytest.approx(0.7)
    assert qutip.expect(hamiltonian, singlet) == pytest.approx(-0.7)


@given(seed=seeds, nbar=st.sampled_from([0.0, 0.4, 30.0]))
def test_jump_operators_make_the_dissipator(seed, nbar):
    rng = np.random.default_rng(seed)
    n_atoms = int(rng.integers(1, 4))
    _, gamma = random_couplings(rng, n_atoms, rank=int(rng.integers(1, n_atoms + 1)))
    rho = random_state(rng, 2**n_atoms)
    cluster = AtomCluster(np.zeros_like(gamma), gamma)
    total = np.zeros_like(rho)
    for jump in (c.full() for c in cluster.jump_operators(nbar)):
        lost = jump.conj().T @ jump
        total += jump @ rho @ jump.conj().T - 0.5 * (lost @ rho + rho @ lost)
    expected = right_hand_side(cluster.f, gamma, nbar, rho)
    np.testing.assert_allclose(total, expected, rtol=0, atol=1e-13 * (nbar + 1) * (1 + gamma.max()))


@pytest.mark.parametrize("n_atoms", [1, 2, 3, 4, 5, 6])
def test_collective_atoms_have_one_channel(n_atoms):
    cluster = AtomCluster.collective(n_atoms, gamma0=0.3)
    rates, vectors = cluster.decay_channels()
    assert rates == pytest.approx([0.3 * n_atoms])
    np.testing.assert_allclose(np.abs(vectors[:, 0]), n_atoms**-0.5, rtol=1e-14)
    assert len(cluster.jump_operators(0.0)) == 1
    assert len(cluster.jump_operators(1.0)) == 2


@given(seed=seeds)
def test_a_rank_deficient_gamma_has_as_many_jumps_as_its_rank(seed):
    rng = np.random.default_rng(seed)
    n_atoms = int(rng.integers(2, 6))
    f, gamma = random_couplings(rng, n_atoms, rank=int(rng.integers(0, n_atoms)))
    # Exact: gamma holds integers.
    rank = np.linalg.matrix_rank(gamma)
    cluster = AtomCluster(f, gamma)
    assert len(cluster.jump_operators(0.0)) == rank
    assert len(cluster.jump_operators(0.5)) == 2 * rank
    rates, vectors = cluster.decay_channels()
    np.testing.assert_allclose((vectors * rates) @ vectors.T, gamma, atol=1e-13 * n_atoms * 10)
    np.testing.assert_allclose(vectors.T @ vectors, np.eye(rank), atol=1e-13)


def test_no_bath_has_no_jumps():
    cluster = AtomCluster(np.zeros((2, 2)), np.zeros((2, 2)))
    assert cluster.jump_operators(3.0) == []
    assert np.array_equal(cluster.liouvillian(3.0).full(), np.zeros((16, 16)))


def test_a_cluster_is_frozen():
    f, gamma = np.array([[0.0, 1], [1, 0]]), np.eye(2)
    cluster = AtomCluster(f, gamma)
    with pytest.raises(FrozenInstanceError):
        cluster.f = gamma
    for name in ("f", "gamma"):
        with pytest.raises(ValueError, match="read-only"):
            getattr(cluster, name)[0, 1] = 5.0
    # What was handed over stays the caller's own, in both directions.
    f[0, 1] = gamma[0, 1] = 9.0
    assert cluster.f[0, 1] == 1
    assert cluster.gamma[0, 1] == 0


def test_collective_couplings():
    cluster = AtomCluster.collective(3, f0=-2.0, gamma0=0.5)
    assert cluster.n_atoms == 3
    assert np.array_equal(cluster.f, -2.0 * (np.ones((3, 3)) - np.eye(3)))
    assert np.array_equal(cluster.gamma, np.full((3, 3), 0.5))


def test_positions_become_their_couplings():
    positions, dipole = [[0, 0, 0], [0.5, 0, 0], [0, 1, 2]], [1, 1, 0]
    cluster = AtomCluster.from_positions(positions, dipole, gamma0=2.0)
    f, gamma = dipole_couplings(positions, dipole, gamma0=2.0)
    assert np.array_equal(cluster.f, f)
    assert np.array_equal(cluster.gamma, gamma)


@pytest.mark.parametrize("n_atoms, modes, dark", [(2, 2, 4), (3, 5, 9), (4, 14, 36)])
def test_number_of_undamped_modes(n_atoms, modes, dark):
    # sum over j of multiplicity squared; without photons (sum over j of multiplicity) squared.
    cluster = AtomCluster.collective(n_atoms)
    for nbar, expected in ((0.7, modes), (0.0, dark)):
        values = np.linalg.svd(cluster.liouvillian(nbar).full(), compute_uv=False)
        assert np.sum(values < 1e-10) == expected


@pytest.mark.parametrize("n_atoms", [10, 50, 700])
def test_a_liouvillian_that_does_not_fit_is_refused_before_it_is_there(n_atoms):
    message = rf"^`n_atoms` must fit the memory, .* {n_atoms} atoms would take .* bytes, .*\.$"
    with pytest.raises(ValueError, match=message):
        AtomCluster.collective(n_atoms).liouvillian(1.0)


@pytest.mark.parametrize("coupling", ["f", "gamma"])
def test_asymmetry_passes_only_as_rounding(coupling):
    good = {"f": np.array([[0.0, 1], [1, 0]]), "gamma": np.array([[1.0, 0.5], [0.5, 1]])}
    for excess, accepted in ((5e-13, True), (5e-12, False)):
        matrices = {name: matrix.copy() for name, matrix in good.items()}
        matrices[coupling][0, 1] += excess * np.abs(matrices[coupling]).max()
        if accepted:
            cluster = AtomCluster(**matrices)
            assert np.array_equal(cluster.f, cluster.f.T)
            assert np.array_equal(cluster.gamma, cluster.gamma.T)
        else:
            with pytest.raises(ValueError, match=f"^`{coupling}` must be symmetric"):
                AtomCluster(**matrices)


@pytest.mark.parametrize("gamma_12, accepted", [(1.0, True), (1 + 1e-13, True), (1 + 1e-11, False)])
def test_a_negative_rate_passes_only_as_rounding(gamma_12, accepted):
    gamma = [[1, gamma_12], [gamma_12, 1]]
    if accepted:
        assert len(AtomCluster(np.zeros((2, 2)), gamma).jump_operators(0.0)) == 1
    else:
        with pytest.raises(ValueError, match="^`gamma` must be positive semidefinite"):
            AtomCluster(np.zeros((2, 2)), gamma)


# With f0 = -gamma0 hopping and shared decay cancel in a sum, but not in the generator.
@pytest.mark.parametrize("nbar", [0.0, 0.7, 10.0])
@pytest.mark.parametrize(
    "cluster",
    [
        AtomCluster.from_positions(np.eye(3), [1, 2, 3]),
        *(AtomCluster.collective(n, f0=f0) for n in (1, 2, 3, 5) for f0 in (-1.0, 0.0, 1.0)),
        AtomCluster(np.zeros((2, 2)), np.diag([1.0, 0.0])),
        AtomCluster([[0.0, 2.0], [2.0, 0.0]], np.zeros((2, 2))),
    ],
)
def test_the_liouvillian_is_qutips(cluster, nbar):
    peer = qutip.liouvillian(cluster.hamiltonian(), cluster.jump_operators(nbar))
    assert cluster.liouvillian(nbar).dims == peer.dims
    expected = peer.full()
    np.testing.assert_allclose(cluster.liouvillian(nbar).full(), expected, rtol=0, atol=1e-12)
    np.testing.assert_allclose(dense_liouvillian(cluster, nbar), expected, rtol=0, atol=1e-12)


def test_operators_that_do_not_fit_are_refused_before_they_are_built():
    large = AtomCluster.collective(24, f0=1.0)
    for build in (large.hamiltonian, large.lowering_operators):
        with pytest.raises(ValueError, match="`n_atoms` must fit the memory, .* of 24 atoms"):
            build()
    with pytest.raises(ValueError, match="jump operators"):
        large.jump_operators(1.0)
