"""Paper II, Secs. 2 and 3: the model, its eigenvalues and its eigenvectors."""

import itertools
from math import comb

import numpy as np
import qutip
import scipy.linalg
from claims import claim
from routes import ring_routes as routes

from coherence_lib import measures, ring
from coherence_lib.ring import SourceRing


def draw(seed, largest=6):
    """Number of sources, then omega_a, gamma and J of either sign, over three decades."""
    rng = np.random.default_rng(seed)
    numbers = 10 ** rng.uniform(-1.5, 1.5, 3) * rng.choice([-1, 1], 3)
    return int(rng.integers(1, largest + 1)), *numbers.tolist()


RINGS = [(1, 0.7, -0.4, -1.3), (2, -0.9, 0.3, 0.6), *map(draw, range(10))]
TEMPERATURES = (0.05, 0.8, 6.0, 300.0)


def spins(n):
    """All configurations, a row each, in the order of Kronecker products of (up, down)."""
    return np.array(list(itertools.product((1, -1), repeat=n)))


def bond_sums(n):
    s = spins(n)
    return (s * np.roll(s, -1, axis=1)).sum(axis=1)


def domains(row):
    """Spin of each homogeneous domain, found by walking around the ring from a wall."""
    row = list(row)
    start = next((j for j in range(len(row)) if row[j] != row[j - 1]), 0)
    return [spin for spin, _ in itertools.groupby(row[start:] + row[:start])]


def block(m, omega_a, gamma, J, bonds, omega=1.0):
    """Hamiltonian of the target when the sources are in one configuration."""
    return np.array([[omega / 2, gamma * m], [gamma * m, -omega / 2]]) + np.eye(2) * (
        omega_a * m / 2 - J * bonds
    )


def weights(m, gamma, sign, omega=1.0):
    """c_e and c_g of the upper (+1) or lower (-1) level, Eqs. (II.22)-(II.23), c_g >= 0."""
    lam = np.sqrt(omega**2 / 4 + gamma**2 * m**2)
    c_g = np.sqrt((1 - sign * omega / (2 * lam)) / 2)
    c_e = np.sqrt((1 + sign * omega / (2 * lam)) / 2)
    return np.array([c_e * (sign * np.sign(gamma * m) or 1.0), c_g])


# --- Sec. 2 -----------------------------------------------------------------------


@claim("p2-eq-1", "definition")
def test_hamiltonian_has_the_stated_matrix_elements(deviation):
    for n, omega_a, gamma, J in RINGS:
        made = SourceRing(n, omega_a, gamma, J).hamiltonian().full()
        s, bonds = spins(n), bond_sums(n)
        size = len(s)
        literal = np.zeros((2 * size, 2 * size))
        for k in range(size):
            where = np.ix_([k, k + size], [k, k + size])
            literal[where] = block(s[k].sum(), omega_a, gamma, J, bonds[k])
        scale = np.abs(literal).max()
        deviation.definition(made, literal, scale=scale)
        deviation.definition(made, routes.hamiltonian(n, omega_a, gamma, J).full(), scale=scale)


@claim("p2-eq-2", "definition")
def test_neighbours_interact_around_the_ring(deviation):
    for n, omega_a, gamma, J in RINGS:
        with_j, without = (SourceRing(n, omega_a, gamma, x).hamiltonian() for x in (J, 0.0))
        change = (with_j - without).full()
        deviation.definition(
            change, -J * np.diag(np.tile(bond_sums(n), 2)), scale=max(1, abs(J) * n)
        )
    # A single source meets itself, and two meet twice.
    assert bond_sums(1).tolist() == [1, 1]
    assert bond_sums(2).tolist() == [2, -2, -2, 2]


@claim("p2-eq-3", "definition")
def test_whole_system_is_in_the_canonical_state(deviation):
    for n, omega_a, gamma, J in RINGS:
        if n > 5:
            continue
        h = routes.hamiltonian(n, omega_a, gamma, J).full()
        for T in TEMPERATURES:
            shifted = h - scipy.linalg.eigvalsh(h)[0] * np.eye(len(h))
            rho = scipy.linalg.expm(-shifted / T)
            rho /= np.trace(rho)
            deviation.definition(SourceRing(n, omega_a, gamma, J).gibbs_state(T).full(), rho)


@claim("p2-eq-4", "definition")
def test_state_of_the_target_is_the_trace_over_the_sources(deviation):
    for n, omega_a, gamma, J in RINGS:
        for T in TEMPERATURES:
            rho = ring.target_state(SourceRing(n, omega_a, gamma, J), T)
            deviation.definition(rho, routes.dense_target(n, omega_a, gamma, J, T))


@claim("p2-eq-5", "definition")
def test_populations_stand_on_the_diagonal_and_excited_comes_first(deviation):
    for n, omega_a, gamma, J in RINGS:
        for T in TEMPERATURES:
            rho = ring.target_state(SourceRing(n, omega_a, gamma, J), T)
            enumerated = routes.enumerated_target(n, omega_a, gamma, J, T)
            deviation.definition(np.diagonal(rho), np.diagonal(enumerated))
            deviation(np.trace(rho), 1)
            assert 0 <= rho[0, 0] <= rho[1, 1]
            free = ring.target_state(SourceRing(n, omega_a, 0.0, J), T)
            deviation(np.diagonal(free)[0], 1 / (1 + np.exp(1 / T)))


@claim("p2-eq-6", "definition")
def test_coherence_is_twice_the_modulus_of_the_off_diagonal_element(deviation):
    for n, omega_a, gamma, J in RINGS:
        model = SourceRing(n, omega_a, gamma, J)
        for T in (0.0, *TEMPERATURES):
            rho = routes.enumerated_target(n, omega_a, gamma, J, T)
            c = ring.coherence(model, T)
            deviation.definition(c, 2 * abs(rho[0, 1]))
            deviation(c, measures.l1_coherence(ring.target_state(model, T)))
            assert 0 <= c <= 1


@claim("p2-s2-1", "reproduces")
def test_equilibrium_has_coherence_unless_a_parameter_forbids_it(deviation):
    for seed in range(40):
        n, omega_a, gamma, J = draw(seed, 12)
        T = 10 ** np.random.default_rng(seed + 100).uniform(0, 2)
        c = ring.coherence(SourceRing(n, omega_a, gamma, J), T)
        exact = float(routes.coherence(n, omega_a, gamma, J, T))
        deviation(c, exact, scale=exact)
        assert c > 0
        for off in ((n, 0.0, gamma, J), (n, omega_a, 0.0, J)):
            deviation(ring.coherence(SourceRing(*off), T), 0)
        deviation(ring.coherence(SourceRing(n, omega_a, gamma, J), np.inf), 0)


@claim("p2-s2-2", "definition")
def test_gap_of_the_target_only_sets_the_unit_of_energy(deviation):
    for n, omega_a, gamma, J in RINGS:
        for T, unit in zip(TEMPERATURES, (1e-3, 0.3, 7.0, 1e3), strict=True):
            scaled = SourceRing(n, unit * omega_a, unit * gamma, unit * J, omega=unit)
            rho = routes.enumerated_target(n, omega_a, gamma, J, T)
            deviation.definition(ring.coherence(scaled, unit * T), 2 * abs(rho[0, 1]))


# --- Sec. 3 -----------------------------------------------------------------------


@claim("p2-eq-7", "definition")
def test_levels_are_the_spectrum_of_the_hamiltonian(deviation):
    for n, omega_a, gamma, J in RINGS:
        levels = SourceRing(n, omega_a, gamma, J).levels()
        listed = np.sort(np.repeat(levels.energies, levels.degeneracies.astype(int)))
        dense = routes.hamiltonian(n, omega_a, gamma, J).eigenenergies()
        deviation.definition(listed, dense, scale=np.abs(dense).max())


@claim("p2-eq-8", "definition")
def test_magnetisation_is_the_sum_of_the_source_spins(deviation):
    for n in range(1, 7):
        total = SourceRing(n, 2.0, 0.0, 0.0).hamiltonian().full()[: 2**n, : 2**n] - np.eye(2**n) / 2
        built = sum(
            qutip.tensor([qutip.sigmaz() if k == j else qutip.qeye(2) for k in range(n)])
            for j in range(n)
        )
        deviation.definition(total, built.full())
        deviation(np.diagonal(built.full()), spins(n).sum(axis=1))


@claim("p2-eq-9", "reproduces")
def test_magnetisation_has_binomial_degeneracies(deviation):
    for n in range(1, 13):
        values, counts = np.unique(spins(n).sum(axis=1), return_counts=True)
        deviation(values, np.arange(-n, n + 1, 2))
        deviation(counts, [comb(n, (n + m) // 2) for m in values])
        assert counts[0] == counts[-1] == 1
        for m, count in zip(values, counts, strict=True):
            deviation(count, sum(ring.degeneracy(n, int(m), k) for k in range(n // 2 + 1)))


@claim("p2-eq-10", "definition")
def test_eigenstates_of_the_magnetisation_are_product_states(deviation):
    up, down = np.array([1, 0]), np.array([0, 1])
    for n in range(1, 6):
        h = SourceRing(n, 2.0, 0.0, 0.0).hamiltonian().full()[: 2**n, : 2**n] - np.eye(2**n) / 2
        for row in spins(n):
            state = np.ones(1)
            for spin in row:
                state = np.kron(state, up if spin == 1 else down)
            deviation.definition(h @ state, row.sum() * state)


@claim("p2-eq-11", "reproduces")
def test_sources_enter_only_by_magnetisation_and_interaction(deviation):
    sz, sx = np.diag([1, -1]), np.array([[0, 1], [1, 0]])
    for n, omega_a, gamma, J in RINGS:
        m, one = np.diag(spins(n).sum(axis=1)), np.eye(2**n)
        literal = np.kron(sz, one) / 2 + np.kron(np.eye(2), omega_a / 2 * m)
        literal = literal + gamma * np.kron(sx, m) - J * np.kron(np.eye(2), np.diag(bond_sums(n)))
        made = SourceRing(n, omega_a, gamma, J).hamiltonian().full()
        deviation(made, literal, scale=np.abs(literal).max())


def product_basis(n, gamma):
    """Columns: target state of one level times one configuration, for every pair of them."""
    columns = []
    for k, row in enumerate(spins(n)):
        for sign in (1, -1):
            columns.append(np.kron(weights(row.sum(), gamma, sign), np.eye(2**n)[k]))
    return np.array(columns).T


@claim("p2-eq-12", "reproduces")
def test_product_states_diagonalise_the_hamiltonian(deviation):
    for n, omega_a, gamma, J in RINGS:
        basis = product_basis(n, gamma)
        h = SourceRing(n, omega_a, gamma, J).hamiltonian().full()
        deviation(basis.T @ basis, np.eye(2 ** (n + 1)))
        inside = basis.T @ h @ basis
        deviation(inside, np.diag(np.diagonal(inside)), scale=np.abs(h).max())


@claim("p2-eq-13", "definition")
def test_target_has_a_pure_state_in_every_eigenvector(deviation):
    for n, omega_a, gamma, J in RINGS:
        h = SourceRing(n, omega_a, gamma, J).hamiltonian().full()
        for m, sign in itertools.product(range(-n, n + 1, 2), (1, -1)):
            k = next(k for k, row in enumerate(spins(n)) if row.sum() == m)
            c = weights(m, gamma, sign)
            state = np.kron(c, np.eye(2**n)[k])
            energy = state @ h @ state
            deviation(h @ state, energy * state, scale=np.abs(h).max())
            reduced = qutip.Qobj(state, dims=[[2, 2**n], [1, 1]]).ptrace(0).full()
            deviation.definition(reduced, np.outer(c, c))


@claim("p2-s3-1", "reproduces")
def test_source_states_are_common_eigenvectors_of_magnetisation_and_interaction(deviation):
    rng = np.random.default_rng(3)
    for n in range(1, 7):
        m, bonds = np.diag(spins(n).sum(axis=1)), np.diag(bond_sums(n))
        deviation(m @ bonds, bonds @ m)
        # Any vector within one (M, l) will do, so that more than the configurations qualify.
        groups = set(zip(np.diagonal(m), np.diagonal(bonds), strict=True))
        for value, bond in groups:
            inside = (np.diagonal(m) == value) & (np.diagonal(bonds) == bond)
            state = inside * rng.normal(size=2**n)
            deviation(m @ state, value * state)
            deviation(bonds @ state, bond * state)


@claim("p2-eq-14", "reproduces")
def test_a_bond_multiplies_by_one_or_minus_one(deviation):
    sz = qutip.sigmaz()
    for n in range(2, 7):
        for j in range(n):
            bond = qutip.tensor([sz if k in (j, (j + 1) % n) else qutip.qeye(2) for k in range(n)])
            s = spins(n)
            diagonal = np.diagonal(bond.full())
            deviation(diagonal, s[:, j] * s[:, (j + 1) % n])
            assert set(diagonal.real) == {-1, 1}


@claim("p2-eq-15", "reproduces")
def test_interaction_energy_is_minus_j_times_an_integer(deviation):
    for n, _, _, J in RINGS:
        change = SourceRing(n, 0.0, 0.0, J).hamiltonian() - SourceRing(n, 0, 0, 0).hamiltonian()
        values = np.diagonal(change.full()).real[: 2**n] / -J
        deviation(values, np.round(values))
        deviation(values, bond_sums(n))


@claim("p2-s3-2", "reproduces")
def test_bond_sum_is_largest_in_the_two_uniform_states_alone(deviation):
    for n in range(1, 13):
        bonds, m = bond_sums(n), spins(n).sum(axis=1)
        deviation(bonds.max(), n)
        assert sorted(m[bonds == n]) == [-n, n]


@claim("p2-s3-3", "reproduces")
def test_up_domains_are_as_many_as_down_domains_unless_all_agree(deviation):
    for n in range(1, 12):
        for row in spins(n):
            found = domains(row)
            if abs(row.sum()) == n:
                assert len(found) == 1
            else:
                deviation(found.count(1), found.count(-1))
                assert len(found) % 2 == 0


@claim("p2-s3-4", "reproduces")
def test_two_unequal_pairs_make_two_domains(deviation):
    for n in range(2, 12):
        s, bonds = spins(n), bond_sums(n)
        unequal = (s != np.roll(s, -1, axis=1)).sum(axis=1)
        deviation(bonds[unequal == 2], np.full((unequal == 2).sum(), n - 4))
        for row in s[unequal == 2]:
            assert sorted(domains(row)) == [-1, 1]


@claim("p2-eq-16", "reproduces")
def test_domains_number_from_one_to_half_the_sources(deviation):
    for n in range(1, 12):
        found = {domains(row).count(1) for row in spins(n) if -1 in row}
        deviation(sorted(found), np.arange(n // 2 + 1))


@claim("p2-s3-5", "holds under a condition")
def test_neel_states_need_the_bracket_to_include_half_of_an_even_number(deviation):
    def smaller(n):
        """The largest integer smaller than n/2."""
        return (n - 1) // 2

    for n in range(1, 13):
        most = max(domains(row).count(1) for row in spins(n) if -1 in row)
        if n % 2:
            deviation(most, smaller(n))
        else:
            deviation(most, n // 2)
            deviation.broken(smaller(n), most)
        kept = range(smaller(n) + 1)
        found = sum(ring.degeneracy(n, m, k) for m in range(-n, n + 1, 2) for k in kept)
        deviation(2**n - found, 0 if n % 2 else 2)
    # Even number: without the last l the ground state of the antiferromagnet is lost.
    n, omega_a, gamma, J, T = 6, 0.5, 0.2, -1.0, 0.05
    deviation(ring.coherence(SourceRing(n, omega_a, gamma, J), T), 0)
    off = z = 0
    for (m, bonds), count in routes.configurations(n).items():
        lam = np.hypot(0.5, gamma * m)
        if bonds > n - 4 * (n // 2):
            factor = count * np.exp((bonds * J - omega_a * m / 2 + 4.0) / T)
            z += 2 * factor * np.cosh(lam / T)
            off += 2 * factor * np.sinh(lam / T) * gamma * m / lam
    deviation.evidence(abs(off / z))


@claim("p2-s3-6", "reproduces")
def test_each_wall_lowers_the_bond_sum_by_two(deviation):
    for n in range(1, 12):
        for row, bonds in zip(spins(n), bond_sums(n), strict=True):
            walls = sum(row[j] != row[j - 1] for j in range(n))
            deviation(bonds, n - 2 * walls)
            if abs(row.sum()) < n:
                deviation(walls, 2 * domains(row).count(-1))


@claim("p2-eq-17", "reproduces")
def test_bond_sum_is_the_number_of_sources_less_four_times_the_domains(deviation):
    for n in range(1, 13):
        deviation(np.unique(bond_sums(n)), np.sort([n - 4 * k for k in range(n // 2 + 1)]))
        for row, bonds in zip(spins(n)[:600], bond_sums(n)[:600], strict=True):
            if abs(row.sum()) < n:
                deviation(bonds, n - 4 * domains(row).count(1))


@claim("p2-s3-7", "reproduces")
def test_no_wall_means_one_of_two_uniform_states(deviation):
    for n in range(1, 13):
        without = {m: count for (m, bonds), count in routes.configurations(n).items() if bonds == n}
        assert without == {n: 1, -n: 1}
        listed = [ring.degeneracy(n, m, 0) for m in range(-n, n + 1, 2)]
        deviation(sum(listed), 2)
        assert listed[0] == listed[-1] == 1


@claim("p2-eq-18", "reproduces")
def test_hamiltonian_moves_only_the_target_of_a_product(deviation):
    rng = np.random.default_rng(18)
    for n, omega_a, gamma, J in RINGS:
        h = SourceRing(n, omega_a, gamma, J).hamiltonian().full()
        for k in rng.integers(0, 2**n, 6):
            m, bonds = spins(n)[k].sum(), bond_sums(n)[k]
            c_e, c_g = rng.normal(size=2) + 1j * rng.normal(size=2)
            source, target = np.eye(2**n)[k], np.array([c_e, c_g])
            diagonal = omega_a * m / 2 - J * bonds
            moved = np.array([(0.5 + diagonal) * c_e, (diagonal - 0.5) * c_g])
            moved += gamma * m * np.array([c_g, c_e])
            made = h @ np.kron(target, source)
            deviation(made, np.kron(moved, source), scale=np.abs(h).max())


@claim("p2-eq-19", "reproduces")
def test_hamiltonian_falls_into_two_by_two_blocks(deviation):
    for n, omega_a, gamma, J in RINGS:
        h = SourceRing(n, omega_a, gamma, J).hamiltonian().full().reshape(2, 2**n, 2, 2**n)
        scale = np.abs(h).max()
        for k, (row, bonds) in enumerate(zip(spins(n), bond_sums(n), strict=True)):
            deviation(h[:, k, :, k], block(row.sum(), omega_a, gamma, J, bonds), scale=scale)
            h[:, k, :, k] = 0
        deviation(h, np.zeros_like(h), scale=scale)


@claim("p2-eq-20", "reproduces")
def test_energies_of_a_magnetisation_and_a_number_of_domains(deviation):
    for n, omega_a, gamma, J in RINGS:
        found = []
        for (m, bonds), count in routes.configurations(n).items():
            energies = np.linalg.eigvalsh(block(m, omega_a, gamma, J, bonds))
            lam = np.sqrt(0.25 + gamma**2 * m**2)
            base = omega_a * m / 2 - J * bonds
            deviation(energies, [base - lam, base + lam], scale=abs(base) + lam)
            found += [*energies] * count
        levels = SourceRing(n, omega_a, gamma, J).levels()
        listed = np.sort(np.repeat(levels.energies, levels.degeneracies.astype(int)))
        deviation(listed, np.sort(found), scale=np.abs(found).max())


@claim("p2-eq-21", "reproduces")
def test_weights_solve_the_linear_system(deviation):
    for n, _, gamma, _ in RINGS:
        for m, sign in itertools.product(range(-n, n + 1, 2), (1, -1)):
            c_e, c_g = weights(m, gamma, sign)
            lam = np.sqrt(0.25 + gamma**2 * m**2)
            rows = [[0.5 - sign * lam, gamma * m], [gamma * m, -0.5 - sign * lam]]
            deviation(np.array(rows) @ [c_e, c_g], [0, 0], scale=lam)
            deviation(np.linalg.det(rows), 0, scale=lam**2)


@claim("p2-s3-8", "reproduces")
def test_weights_depend_on_the_magnetisation_alone(deviation):
    rng = np.random.default_rng(8)
    for n in range(2, 9):
        gamma = rng.uniform(-2, 2)
        seen = {}
        for m, bonds in routes.configurations(n):
            for omega_a, J in rng.normal(size=(3, 2)) * 10:
                _, vectors = np.linalg.eigh(block(m, omega_a, gamma, J, bonds))
                lower = np.outer(vectors[:, 0], vectors[:, 0])
                deviation(lower, seen.setdefault(m, lower))
        assert not np.allclose(seen[n], seen[n - 2])


@claim("p2-eq-22", "reproduces")
def test_probabilities_of_the_target_in_an_eigenvector(deviation):
    for n, _, gamma, _ in RINGS:
        for m in range(-n, n + 1, 2):
            _, vectors = np.linalg.eigh(block(m, 0, gamma, 0, 0))
            lam = np.sqrt(0.25 + gamma**2 * m**2)
            for column, sign in enumerate((-1, 1)):
                printed = [(1 + sign / (2 * lam)) / 2, (1 - sign / (2 * lam)) / 2]
                deviation(vectors[:, column] ** 2, printed)


@claim("p2-eq-23", "reproduces")
def test_coherence_of_the_target_in_an_eigenvector(deviation):
    for n, _, gamma, _ in RINGS:
        for m in range(-n, n + 1, 2):
            _, vectors = np.linalg.eigh(block(m, 0, gamma, 0, 0))
            lam = np.sqrt(0.25 + gamma**2 * m**2)
            for column, sign in enumerate((-1, 1)):
                deviation(np.prod(vectors[:, column]), sign * gamma * m / (2 * lam))
