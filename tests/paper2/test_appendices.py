"""Paper II, App. A: factorised eigenvectors; App. B: proofs that the coherence grows."""

import itertools
from fractions import Fraction

import mpmath as mp
import numpy as np
import pytest
from claims import claim
from routes import ring_routes as routes

from coherence_lib import ring
from coherence_lib.ring import SourceRing

# --- App. A -----------------------------------------------------------------------


def hermitian(rng, d):
    root = rng.normal(size=(d, d)) + 1j * rng.normal(size=(d, d))
    return root + root.conj().T


def unitary(rng, d):
    return np.linalg.eigh(hermitian(rng, d))[1]


def commuting_pair(rng, d):
    """V_B and H_B with a common random basis and repeated eigenvalues, and that basis."""
    basis = unitary(rng, d)
    values = rng.integers(-1, 2, size=(2, d)).astype(float)
    return *((basis * v) @ basis.conj().T for v in values), basis, values


def schmidt(state, d_a):
    return np.linalg.svd(state.reshape(d_a, -1), compute_uv=False)


def systems(count=12):
    """Random H_A, V_A, V_B, H_B, a common basis of the last two, and their eigenvalues in it."""
    for seed in range(count):
        rng = np.random.default_rng(seed)
        d_a, d_b = rng.integers(2, 6, size=2)
        yield hermitian(rng, d_a), hermitian(rng, d_a), *commuting_pair(rng, d_b)


def total(h_a, v_a, v_b, h_b):
    return np.kron(h_a, np.eye(len(h_b))) + np.kron(v_a, v_b) + np.kron(np.eye(len(h_a)), h_b)


def products(h_a, v_a, basis, values):
    """Energies and products |v> |k> built from the eigenvectors of H_A + v_k V_A, Eq. (II.66)."""
    energies, kets = [], []
    for ket, v, h in zip(basis.T, *values, strict=True):
        found, vectors = np.linalg.eigh(h_a + v * v_a)
        energies += [*(found + h)]
        kets += [np.kron(vector, ket) for vector in vectors.T]
    return np.array(energies), np.array(kets).T


def spins(n):
    return np.array(list(itertools.product((1, -1), repeat=n)))


def ring_parts(n, omega_a, gamma, J):
    s = spins(n)
    m = s.sum(axis=1)
    interaction = -J * (s * np.roll(s, -1, axis=1)).sum(axis=1)
    h_b = np.diag(omega_a / 2 * m + interaction)
    return np.diag([0.5, -0.5]), gamma * np.array([[0, 1], [1, 0]]), np.diag(m), h_b


RINGS = [(1, 0.7, -0.4, -1.3), (2, -0.9, 0.3, 0.6), (3, 0.31, 1.7, -0.83), (5, 1.1, 0.23, 0.37)]


@claim("p2-eq-58", "reproduces")
def test_target_and_sources_interact_by_one_product(deviation):
    for n, omega_a, gamma, J in RINGS:
        change = SourceRing(n, omega_a, gamma, J).hamiltonian()
        change = (change - SourceRing(n, omega_a, 0.0, J).hamiltonian()).full()
        _, v_a, v_b, _ = ring_parts(n, omega_a, gamma, J)
        deviation(change, np.kron(v_a, v_b))
        # As an operator it has one Schmidt term.
        split = change.reshape(2, 2**n, 2, 2**n).transpose(0, 2, 1, 3).reshape(4, -1)
        deviation(np.linalg.svd(split, compute_uv=False)[1:], np.zeros(3))


@claim("p2-eq-59", "reproduces")
def test_magnetisation_commutes_with_the_hamiltonian_of_the_sources(deviation):
    for n, omega_a, gamma, J in RINGS:
        h = SourceRing(n, omega_a, gamma, J).hamiltonian().full()
        m = np.kron(np.eye(2), np.diag(spins(n).sum(axis=1)))
        deviation(m @ h, h @ m)
        # The spins commute pairwise, hence all that is made of them.
        up = SourceRing(n, omega_a, 0.0, J).hamiltonian().full()[: 2**n, : 2**n]
        for spin in spins(n).T:
            deviation(spin[:, None] * up, up * spin)


@claim("p2-eq-60", "reproduces")
def test_spectral_projectors_of_the_ring_are_sums_of_products(deviation):
    for n, omega_a, gamma, J in RINGS:
        energies, vectors = np.linalg.eigh(SourceRing(n, omega_a, gamma, J).hamiltonian().full())
        h_a, v_a, m, h_b = (np.asarray(part) for part in ring_parts(n, omega_a, gamma, J))
        listed, kets = products(h_a, v_a, np.eye(2**n), (np.diagonal(m), np.diagonal(h_b)))
        for energy in energies:
            near, mine = abs(energies - energy) < 1e-9, abs(listed - energy) < 1e-9
            deviation(
                vectors[:, near] @ vectors[:, near].conj().T, kets[:, mine] @ kets[:, mine].conj().T
            )
        for ket in kets.T:
            deviation(schmidt(ket, 2), [1, 0])


@claim("p2-eq-61", "definition")
def test_total_hamiltonian_is_two_systems_and_their_interaction(deviation):
    for n, omega_a, gamma, J in RINGS:
        parts = ring_parts(n, omega_a, gamma, J)
        deviation.definition(SourceRing(n, omega_a, gamma, J).hamiltonian().full(), total(*parts))


@claim("p2-eq-62", "definition")
def test_class_allows_any_systems_with_a_product_interaction(deviation):
    for h_a, v_a, v_b, h_b, basis, values in systems():
        h = total(h_a, v_a, v_b, h_b)
        energies, kets = products(h_a, v_a, basis, values)
        deviation.definition(h @ kets, kets * energies, scale=np.abs(h).max())


@claim("p2-eq-63", "definition")
def test_sources_whose_coupling_commutes_with_their_energy_stay_unentangled(deviation):
    for _, _, v_b, h_b, _, _ in systems():
        deviation.definition(v_b @ h_b, h_b @ v_b)
    rng = np.random.default_rng(63)
    h_a, v_a, v_b, _, basis, _ = next(systems())
    h_b = (basis * rng.normal(size=len(basis))) @ basis.conj().T
    for ket in np.linalg.eigh(total(h_a, v_a, v_b, h_b))[1].T:
        deviation(schmidt(ket, len(h_a))[1], 0)
    # A transverse field on one source: the ground state is entangled.
    h_a, v_a, v_b, h_b = ring_parts(1, 0.5, 0.2, 0.0)
    ground = np.linalg.eigh(total(h_a, v_a, v_b, h_b + 0.5 * np.array([[0, 1], [1, 0]])))[1][:, 0]
    deviation.evidence(2 * np.prod(schmidt(ground, 2)))


@claim("p2-eq-64", "reproduces")
def test_common_eigenvectors_of_the_coupling_exist(deviation):
    for _, _, v_b, h_b, _, _ in systems():
        # Any generic combination of the two separates all that both can separate.
        _, common = np.linalg.eigh(v_b + np.sqrt(2) * h_b)
        inside = common.conj().T @ v_b @ common
        deviation(inside, np.diag(np.diagonal(inside)))
        deviation(common.conj().T @ common, np.eye(len(v_b)))


@claim("p2-eq-65", "reproduces")
def test_common_eigenvectors_have_real_energies(deviation):
    for _, _, v_b, h_b, basis, (_, energies) in systems():
        _, common = np.linalg.eigh(v_b + np.sqrt(2) * h_b)
        inside = common.conj().T @ h_b @ common
        deviation(inside, np.diag(np.diagonal(inside).real))
        deviation(np.sort(np.diagonal(inside).real), np.sort(energies))
        deviation(h_b @ basis, basis * energies)


@claim("p2-eq-66", "reproduces")
def test_hamiltonian_acts_on_a_product_with_a_source_eigenvector_only_in_system_a(deviation):
    rng = np.random.default_rng(66)
    for h_a, v_a, v_b, h_b, basis, values in systems():
        h = total(h_a, v_a, v_b, h_b)
        for ket, v, energy in zip(basis.T, *values, strict=True):
            state = rng.normal(size=len(h_a)) + 1j * rng.normal(size=len(h_a))
            effective = h_a + v * v_a + energy * np.eye(len(h_a))
            deviation(effective, effective.conj().T)
            made = h @ np.kron(state, ket)
            deviation(made, np.kron(effective @ state, ket), scale=np.abs(made).max())


@claim("p2-eq-67", "reproduces")
def test_products_are_orthonormal(deviation):
    for h_a, v_a, _, _, basis, values in systems():
        _, kets = products(h_a, v_a, basis, values)
        deviation(kets.conj().T @ kets, np.eye(len(h_a) * len(basis)))
        # The states of A that belong to different eigenvectors of B overlap.
        first, second = (np.linalg.eigh(h_a + v * v_a)[1][:, 0] for v in (-1, 1))
        assert abs(first.conj() @ second) > 1e-3


@claim("p2-appa-1", "reproduces")
def test_every_vector_of_system_a_may_stand_beside_a_source_eigenvector(deviation):
    rng = np.random.default_rng(1)
    for h_a, _, v_b, h_b, basis, (v, h) in systems():
        d = len(h_a)
        state = rng.normal(size=d) + 1j * rng.normal(size=d)
        for k, ket in enumerate(basis.T):
            product = np.kron(state, ket)
            deviation(np.kron(np.eye(d), h_b) @ product, h[k] * product)
            deviation(np.kron(np.eye(d), v_b) @ product, v[k] * product)


@claim("p2-appa-2", "reproduces")
def test_products_form_a_basis_of_the_whole_space(deviation):
    for h_a, v_a, v_b, h_b, basis, values in systems():
        energies, kets = products(h_a, v_a, basis, values)
        d = len(h_a) * len(basis)
        assert kets.shape == (d, d)
        deviation(np.linalg.matrix_rank(kets), d)
        spectrum = np.linalg.eigvalsh(total(h_a, v_a, v_b, h_b))
        deviation(np.sort(energies), spectrum, scale=np.abs(spectrum).max())


@claim("p2-appa-3", "holds under a condition")
def test_degenerate_levels_hold_eigenvectors_that_are_no_products(deviation):
    rng = np.random.default_rng(3)
    # Without degeneracy every eigenvector is a product.
    for h_a, v_a, v_b, _, basis, _ in systems():
        h_b = (basis * rng.normal(size=len(basis))) @ basis.conj().T
        for ket in np.linalg.eigh(total(h_a, v_a, v_b, h_b))[1].T:
            deviation(schmidt(ket, len(h_a))[1], 0)
    # omega_a = 0: levels of M and -M coincide, with different states of the target.
    parts = ring_parts(1, 0.0, 0.2, 0.0)
    energies, kets = products(*parts[:2], np.eye(2), ([1, -1], [0, 0]))
    superposed = (kets[:, 0] + kets[:, 2]) / np.sqrt(2)
    deviation(energies[0], energies[2])
    deviation(total(*parts) @ superposed, energies[0] * superposed)
    concurrence = 2 * np.prod(schmidt(superposed, 2))
    deviation(concurrence, 0.2 / np.hypot(0.5, 0.2))
    # A product state has none.
    deviation.broken(0.0, concurrence)
    deviation.evidence(concurrence)


# --- App. B -----------------------------------------------------------------------


def magnetisation(n, index):
    """M of index 0, 1, .., N // 2."""
    return 2 * index + n % 2


def indices(n):
    return range(n // 2 + 1)


def pairs(n):
    """Pairs of indices, the larger first."""
    return [(i, j) for i in indices(n) for j in range(i)]


def g(n, index, domains):
    return routes.degeneracy(n, magnetisation(n, index), domains)


def down(n, index):
    return (n - magnetisation(n, index)) // 2


class Functions:
    """The functions of Eqs. (II.68)-(II.71) for one ring, as mpmath numbers."""

    def __init__(self, n, omega_a, gamma, J, beta):
        self.n, self.beta = n, mp.mpf(beta)
        self.M = [mp.mpf(magnetisation(n, i)) for i in indices(n)]
        lam = [mp.sqrt(mp.mpf(1) / 4 + mp.mpf(gamma) ** 2 * m**2) for m in self.M]
        self.r = [mp.mpf(gamma) * m / x for m, x in zip(self.M, lam, strict=True)]
        # dr/dgamma
        self.r_slope = [m / (4 * x**3) for m, x in zip(self.M, lam, strict=True)]
        self.s = [mp.sinh(self.beta * omega_a * m / 2) for m in self.M]
        self.c = [mp.cosh(self.beta * omega_a * m / 2) for m in self.M]
        self.S = [mp.sinh(self.beta * x) for x in lam]
        self.C = [mp.cosh(self.beta * x) for x in lam]
        # M = 0 enters Z once, any other M together with -M.
        share = [mp.mpf(1) / 2 if m == 0 else 1 for m in self.M]
        exponents = [4 * (n // 2 - k) for k in indices(n)]
        powers = [mp.exp(self.beta * J * e) for e in exponents]
        terms = [[x * g(n, i, k) * powers[k] for k in indices(n)] for i, x in enumerate(share)]
        self.w = [sum(row) for row in terms]
        self.w_slope = [
            sum(self.beta * e * t for e, t in zip(exponents, row, strict=True)) for row in terms
        ]

    def top(self):
        return [w * r * s * S for w, r, s, S in zip(self.w, self.r, self.s, self.S, strict=True)]

    def bottom(self):
        return [w * c * C for w, c, C in zip(self.w, self.c, self.C, strict=True)]


def draw(seed, largest=7):
    rng = np.random.default_rng(seed)
    omega_a, gamma, J, beta = (10 ** rng.uniform(-1, 0.7, 4)).tolist()
    return int(rng.integers(1, largest + 1)), omega_a, gamma, float(rng.choice([-1, 1])) * J, beta


SYSTEMS = [draw(seed) for seed in range(12)]


@pytest.fixture(autouse=True)
def _many_digits():
    with mp.workdps(260):
        yield


def slope(system, which):
    """dC/dJ, dC/domega_a or dC/dgamma by a central difference of the double sum."""
    n, omega_a, gamma, J, beta = system
    step, values = mp.mpf(10) ** -18, []
    for sign in (1, -1):
        shifted = [mp.mpf(x) for x in (omega_a, gamma, J)]
        shifted[which] += sign * step
        values.append(routes.coherence(n, *shifted, 1 / mp.mpf(beta), digits=90))
    return (values[0] - values[1]) / (2 * step)


def quotient(functions, top_slope, bottom_slope):
    """Derivative of the quotient (68), and its numerator."""
    top, bottom = sum(functions.top()), sum(functions.bottom())
    numerator = sum(top_slope) * bottom - top * sum(bottom_slope)
    return numerator / bottom**2, numerator


@claim("p2-eq-68", "definition")
def test_coherence_is_a_quotient_of_sums_of_products(deviation):
    for system in SYSTEMS:
        n, omega_a, gamma, J, beta = system
        functions = Functions(*system)
        top, bottom = sum(functions.top()), sum(functions.bottom())
        value = routes.coherence(n, omega_a, gamma, J, 1 / mp.mpf(beta), digits=60)
        deviation.definition(top / bottom, value, scale=value)
        made = ring.coherence(SourceRing(n, omega_a, gamma, J), 1 / beta)
        deviation(made, float(top / bottom), scale=made)


@claim("p2-eq-69", "definition")
def test_rescaled_weights_have_exponents_of_one_sign(deviation):
    for n, _, _, J, beta in SYSTEMS:
        functions = Functions(n, 1, 1, J, beta)
        for i, m in enumerate(indices(n)):
            M = magnetisation(n, m)
            original = routes.hypergeometric_weight(n, M, mp.mpf(J) * beta, digits=50)
            rescaled = original * mp.exp(-mp.mpf(beta) * J * (n - 4 * (n // 2)))
            expected = rescaled / (1 if M else 2)
            deviation.definition(functions.w[i], expected, scale=expected)
        assert all(4 * (n // 2 - k) >= 0 for k in indices(n))


@claim("p2-appb-1", "reproduces")
def test_degeneracy_vanishes_with_more_domains_than_down_spins(deviation):
    for n in range(1, 14):
        counted = routes.configurations(n)
        for i, k in itertools.product(indices(n), indices(n)):
            M = magnetisation(n, i)
            number = counted.get((M, n - 4 * k), 0)
            deviation(ring.degeneracy(n, M, k), number)
            if k > down(n, i):
                assert number == 0
            elif k > 0:
                assert number > 0
        # Extending the sum to N // 2 adds nothing.
        for i in indices(n):
            inside = sum(g(n, i, k) for k in range(down(n, i) + 1))
            deviation(inside, sum(g(n, i, k) for k in indices(n)))


@claim("p2-eq-70", "definition")
def test_shorthands_are_elements_of_the_target_blocks(deviation):
    for n, omega_a, gamma, J, beta in SYSTEMS:
        functions = Functions(n, omega_a, gamma, J, beta)
        for i in indices(n):
            M = magnetisation(n, i)
            coupling = mp.mpf(gamma) * M
            power = mp.expm(-beta * mp.matrix([[0.5, coupling], [coupling, -0.5]]))
            up, down = (mp.exp(sign * mp.mpf(beta) * omega_a * M / 2) for sign in (1, -1))
            even = (power[0, 0] + power[1, 1]) / 2, (up + down) / 2
            odd = -power[0, 1], (up - down) / 2
            for one, other in zip(even, (functions.C[i], functions.c[i]), strict=True):
                deviation.definition(one / other, 1)
            mixed = functions.r[i] * functions.S[i], functions.s[i]
            for one, other in zip(odd, mixed, strict=True):
                # Without magnetisation both are zero, and otherwise in relation to themselves.
                deviation.definition(one, other, scale=other or 1)


@claim("p2-eq-71", "definition")
def test_slope_of_a_weight_is_the_sum_of_its_terms_times_their_exponents(deviation):
    step = mp.mpf(10) ** -15
    for n, omega_a, gamma, J, beta in SYSTEMS:
        functions = Functions(n, omega_a, gamma, J, beta)
        ends = [Functions(n, omega_a, gamma, mp.mpf(J) + x, beta).w for x in (step, -step)]
        for i in indices(n):
            numeric = (ends[0][i] - ends[1][i]) / (2 * step)
            deviation.definition(functions.w_slope[i], numeric, scale=numeric or 1)
            assert functions.w_slope[i] >= 0


@claim("p2-eq-72", "reproduces")
def test_slope_in_the_coupling_is_a_quotient(deviation):
    for system in SYSTEMS:
        f = Functions(*system)
        top = [d * r * s * S for d, r, s, S in zip(f.w_slope, f.r, f.s, f.S, strict=True)]
        bottom = [d * c * C for d, c, C in zip(f.w_slope, f.c, f.C, strict=True)]
        value, numerator = quotient(f, top, bottom)
        exact = slope(system, 2)
        # One source has none.
        deviation(value, exact, scale=exact if system[0] > 1 else 1)
        assert numerator > 0 if system[0] > 1 else abs(numerator) < mp.mpf(10) ** -40


def fractions(rng, size, increasing=False):
    """Positive fractions."""
    values = [Fraction(int(a), int(b)) for a, b in rng.integers(1, 50, size=(size, 2))]
    return list(itertools.accumulate(values)) if increasing else values


def pythagorean(rng, size):
    """Rational sinh and cosh."""
    t = [Fraction(int(a), int(a + b)) for a, b in rng.integers(1, 50, size=(size, 2))]
    return [2 * x / (1 - x * x) for x in t], [(1 + x * x) / (1 - x * x) for x in t]


@claim("p2-eq-73", "reproduces")
def test_numerator_of_the_slope_in_the_coupling_reorders_into_pairs(deviation):
    rng = np.random.default_rng(73)
    for n in range(1, 12):
        size = n // 2 + 1
        w, d, a, b = (fractions(rng, size) for _ in range(4))
        direct = sum(x * y for x, y in zip(d, a, strict=True))
        direct *= sum(x * y for x, y in zip(w, b, strict=True))
        direct -= sum(x * y for x, y in zip(w, a, strict=True)) * sum(
            x * y for x, y in zip(d, b, strict=True)
        )
        reordered = sum(
            (d[i] * w[j] - w[i] * d[j]) * (a[i] * b[j] - a[j] * b[i]) for i, j in pairs(n)
        )
        assert direct == reordered
        deviation(direct, reordered)
    # One source has no pair: the numerator is zero, not positive.
    assert pairs(1) == []


@claim("p2-appb-2", "holds under a condition")
def test_numerator_vanishes_for_one_source_only(deviation):
    for n, omega_a, gamma, J, beta in SYSTEMS:
        for size in (1, n + 1):
            f = Functions(size, omega_a, gamma, J, beta)
            a = [r * s * S for r, s, S in zip(f.r, f.s, f.S, strict=True)]
            b = [c * C for c, C in zip(f.c, f.C, strict=True)]
            terms = [
                (f.w_slope[i] * f.w[j] - f.w[i] * f.w_slope[j]) * (a[i] * b[j] - a[j] * b[i])
                for i, j in pairs(size)
            ]
            assert all(term > 0 for term in terms)
            assert (sum(terms) > 0) == (size > 1)
            exact = slope((size, omega_a, gamma, J, beta), 2)
            made = sum(terms) / sum(f.bottom()) ** 2
            deviation(made, exact, scale=exact if size > 1 else 1)
    # A single source has no pair: nothing rises, as it does with two.
    slopes = [slope((n, 0.7, 2.0, 0.1, 1.0), 2) for n in (2, 1)]
    deviation.broken(*slopes)
    one = [ring.coherence(SourceRing(1, 0.7, 2.0, J), 1.0) for J in (100.0, -100.0)]
    deviation.evidence(one[0] / one[1])


@claim("p2-appb-3", "reproduces")
def test_lowest_magnetisation_adds_to_the_numerator_of_odd_rings_only(deviation):
    for n, omega_a, gamma, J, beta in SYSTEMS:
        for size in (n, n + 1):
            f = Functions(size, omega_a, gamma, J, beta)
            if size % 2:
                # What the lowest magnetisation adds is what one source would induce.
                one = routes.coherence(1, omega_a, gamma, J, 1 / mp.mpf(beta))
                added = f.r[0] * f.s[0] * f.S[0] / (f.c[0] * f.C[0])
                deviation(added, one, scale=one)
                assert added > 0
            else:
                deviation(f.r[0] * f.s[0] * f.S[0], 0)
            assert all(x > 0 for x in f.w)
            assert all(x > 0 for x in f.c)


@claim("p2-eq-74", "reproduces")
def test_ratio_of_summands_grows_with_the_magnetisation(deviation):
    for n, omega_a, gamma, J, beta in SYSTEMS:
        f = Functions(n + 2, omega_a, gamma, J, beta)
        ratio = [f.r[i] * f.s[i] * f.S[i] / (f.c[i] * f.C[i]) for i in indices(n + 2)]
        assert all(x < y for x, y in itertools.pairwise(ratio))
        # It is what one source of M times the gap and M times the coupling induces.
        for i, M in enumerate(f.M):
            if M:
                one = routes.coherence(1, omega_a * M, gamma * M, 0, 1 / mp.mpf(beta))
                deviation(ratio[i], one, scale=one)


@claim("p2-eq-75", "reproduces")
def test_pairs_of_weights_reorder_into_ordered_numbers_of_domains(deviation):
    rng = np.random.default_rng(75)
    for n in range(2, 12):
        (x,) = fractions(rng, 1)
        exponents = [n // 2 - k for k in indices(n)]
        w = [sum(g(n, i, k) * x ** exponents[k] for k in indices(n)) for i in indices(n)]
        d = [
            sum(exponents[k] * g(n, i, k) * x ** exponents[k] for k in indices(n))
            for i in indices(n)
        ]
        for i, j in pairs(n):
            reordered = sum(
                (k - m)
                * (g(n, i, m) * g(n, j, k) - g(n, i, k) * g(n, j, m))
                * x ** (exponents[k] + exponents[m])
                for k, m in pairs(n)
            )
            assert d[i] * w[j] - w[i] * d[j] == reordered
            deviation(d[i] * w[j] - w[i] * d[j], reordered, scale=reordered)


@claim("p2-eq-76", "reproduces")
def test_minors_of_the_degeneracies_are_never_negative(deviation):
    for n in range(2, 41):
        rows = [np.array([g(n, i, k) for k in indices(n)], dtype=object) for i in indices(n)]
        for i, j in pairs(n):
            product = np.multiply.outer(rows[i], rows[j])
            minors = (product - product.T)[np.triu_indices(n // 2 + 1, k=1)]
            deviation(sum(v for v in minors if v < 0), 0)
            assert max(minors) > 0
            if n <= 12:
                one, other = rows[i], rows[j]
                listed = [one[m] * other[k] - one[k] * other[m] for k, m in pairs(n)]
                deviation(sum(minors), sum(listed))
            # The first index of a minor is the smaller number of domains.
            assert minors[-1] == g(n, i, n // 2 - 1) * g(n, j, n // 2) - (
                g(n, i, n // 2) * g(n, j, n // 2 - 1)
            )


@claim("p2-appb-4", "reproduces")
def test_negative_term_vanishes_for_no_domain_or_too_many_in_the_larger_magnetisation(deviation):
    for n in range(2, 17):
        for (i, j), (k, m) in itertools.product(pairs(n), pairs(n)):
            # k > m; the negative term is g(i, k) g(j, m).
            vanishes = g(n, i, k) * g(n, j, m) == 0
            assert vanishes == (m == 0 or k > down(n, i))
            if m == 0:
                deviation(g(n, j, m), 0)
            if k > down(n, i):
                deviation(g(n, i, k), 0)


@claim("p2-appb-5", "reproduces")
def test_negative_term_vanishes_wherever_the_positive_one_does(deviation):
    for n in range(2, 17):
        for (i, j), (k, m) in itertools.product(pairs(n), pairs(n)):
            if g(n, i, m) == 0:
                deviation(g(n, i, k) * g(n, j, m), 0)
                # No domain and not all up, or already fewer down spins than domains.
                assert (m == 0 and i < n // 2) or m > down(n, i)
            if g(n, j, k) == 0:
                assert k > down(n, j)
                deviation(g(n, i, k), 0)


@claim("p2-appb-6", "reproduces")
def test_outside_the_exceptional_cases_both_terms_are_positive(deviation):
    count = 0
    for n in range(2, 17):
        for (i, j), (k, m) in itertools.product(pairs(n), pairs(n)):
            exceptional = m == 0 or k > down(n, i)
            if not exceptional:
                count += 1
                terms = g(n, i, m) * g(n, j, k), g(n, i, k) * g(n, j, m)
                assert terms[0] > terms[1] > 0
    # One for each i > j >= 0 and k > m >= 1 with k at most the number of down spins of i.
    expected = sum(
        i * (down(n, i) * (down(n, i) - 1) // 2) for n in range(2, 17) for i in indices(n)
    )
    deviation(count, expected)


def minor_ratio(n, i, j, k, m):
    return Fraction(g(n, i, m) * g(n, j, k), g(n, i, k) * g(n, j, m))


def step_ratio(n, i, j, k):
    """Eq. (II.78): a and b are the numbers of up and of down spins."""
    b_i, b_j = down(n, i), down(n, j)
    return Fraction((n - b_j - k) * (b_j - k), (n - b_i - k) * (b_i - k))


def regular(n):
    """All (i, j, k, m) with i > j, k > m for which no degeneracy vanishes."""
    for i, j in pairs(n):
        for k, m in itertools.combinations(range(down(n, i), 0, -1), 2):
            yield i, j, k, m


@claim("p2-eq-77", "reproduces")
def test_ratio_of_the_two_terms_exceeds_one(deviation):
    for n in range(2, 25):
        for i, j, k, m in regular(n):
            ratio = minor_ratio(n, i, j, k, m)
            assert ratio > 1
            chained = Fraction(1)
            for q in range(m, k):
                chained *= step_ratio(n, i, j, q)
            deviation(ratio, chained, scale=chained)


@claim("p2-eq-78", "reproduces")
def test_neighbouring_numbers_of_domains_suffice(deviation):
    for n in range(4, 41):
        for i, j in pairs(n):
            for k in range(1, down(n, i)):
                ratio = step_ratio(n, i, j, k)
                assert ratio > 1
                if n % 9 == 0:
                    deviation(ratio, minor_ratio(n, i, j, k + 1, k), scale=ratio)


@claim("p2-eq-79", "reproduces")
def test_slope_in_the_gap_is_a_quotient(deviation):
    for system in SYSTEMS:
        f = Functions(*system)
        half = [f.beta * M / 2 for M in f.M]
        top = [h * w * r * c * S for h, w, r, c, S in zip(half, f.w, f.r, f.c, f.S, strict=True)]
        bottom = [h * w * s * C for h, w, s, C in zip(half, f.w, f.s, f.C, strict=True)]
        value, numerator = quotient(f, top, bottom)
        exact = slope(system, 0)
        deviation(value, exact, scale=exact)
        assert numerator > 0


def rearranged(n, p, q, M, s, c):
    """The first, second and third summand of Eq. (II.80)."""
    first = sum(
        (p[i] * q[j] * M[i] + p[j] * q[i] * M[j]) * c[i] * c[j]
        - (p[i] * q[j] * M[j] + p[j] * q[i] * M[i]) * s[i] * s[j]
        for i, j in pairs(n)
        if M[j]
    )
    second = sum(x * y * m for x, y, m in zip(p, q, M, strict=True))
    third = 0
    if M[0] == 0:
        third = q[0] * c[0] * sum(x * m * y for x, m, y in zip(p, M, c, strict=True))
    return first, second, third


def gap_parts(rng, n):
    size = n // 2 + 1
    M = [Fraction(magnetisation(n, i)) for i in indices(n)]
    s, c = pythagorean(rng, size)
    p, q = fractions(rng, size), fractions(rng, size)
    if M[0] == 0:
        s[0], c[0], p[0] = Fraction(0), Fraction(1), Fraction(0)
    return p, q, M, s, c


def weighted(*factors):
    """Sum over the index of the product of the factors."""
    total = 0
    for row in zip(*factors, strict=True):
        product = 1
        for x in row:
            product *= x
        total += product
    return total


@claim("p2-eq-80", "reproduces")
def test_numerator_of_the_slope_in_the_gap_reorders_into_three_sums(deviation):
    rng = np.random.default_rng(80)
    for n in [*range(1, 13)] * 3:
        p, q, M, s, c = gap_parts(rng, n)
        direct = weighted(p, M, c) * weighted(q, c) - weighted(p, s) * weighted(q, M, s)
        deviation(direct, sum(rearranged(n, p, q, M, s, c)), scale=abs(direct))


@claim("p2-appb-7", "reproduces")
def test_all_three_sums_of_the_slope_in_the_gap_are_positive_or_absent(deviation):
    for n, omega_a, gamma, J, beta in SYSTEMS:
        for size in (n, n + 1):
            f = Functions(size, omega_a, gamma, J, beta)
            p = [w * r * S for w, r, S in zip(f.w, f.r, f.S, strict=True)]
            q = [w * C for w, C in zip(f.w, f.C, strict=True)]
            first, second, third = rearranged(size, p, q, f.M, f.s, f.c)
            assert first > 0 or size < 3
            assert second > 0
            assert third > 0 if size % 2 == 0 else third == 0
            # Equal indices leave cosh^2 - sinh^2.
            for s, c in zip(f.s, f.c, strict=True):
                deviation(c**2 - s**2, 1)
            # All of them together are the slope.
            made = f.beta * (first + second + third) / 2 / sum(f.bottom()) ** 2
            exact = slope((size, omega_a, gamma, J, beta), 0)
            deviation(made, exact, scale=exact)


@claim("p2-eq-81", "reproduces")
def test_ratio_of_the_terms_of_a_pair_in_the_gap_exceeds_one(deviation):
    for n, omega_a, gamma, J, beta in SYSTEMS:
        f = Functions(n + 3, omega_a, gamma, J, beta)
        p = [w * r * S for w, r, S in zip(f.w, f.r, f.S, strict=True)]
        q = [w * C for w, C in zip(f.w, f.C, strict=True)]
        for i, j in pairs(n + 3):
            if f.M[j] == 0:
                continue
            positive = (p[i] * q[j] * f.M[i] + p[j] * q[i] * f.M[j]) * f.c[i] * f.c[j]
            negative = (p[i] * q[j] * f.M[j] + p[j] * q[i] * f.M[i]) * f.s[i] * f.s[j]
            t = [p[k] / q[k] for k in (i, j)]
            closed = f.c[i] * f.c[j] / (f.s[i] * f.s[j])
            closed *= (t[0] * f.M[i] + t[1] * f.M[j]) / (t[0] * f.M[j] + t[1] * f.M[i])
            deviation(positive / negative, closed, scale=closed)
            assert closed > 1


@claim("p2-eq-82", "reproduces")
def test_mixing_times_tanh_grows_with_the_magnetisation(deviation):
    for n, omega_a, gamma, J, beta in SYSTEMS:
        f = Functions(n + 3, omega_a, gamma, J, beta)
        t = [r * S / C for r, S, C in zip(f.r, f.S, f.C, strict=True)]
        for i, j in pairs(n + 3):
            assert t[i] > t[j]
        # It is the coherence that a source of very large gap induces.
        for M, value in zip(f.M, t, strict=True):
            large = routes.coherence(1, 400 / beta, gamma * M, 0, 1 / mp.mpf(beta))
            deviation(large, value, scale=value or 1)


def rearrangement(x, y):
    """What ordered products exceed crossed ones by."""
    return x[0] * y[0] + x[1] * y[1] - x[0] * y[1] - x[1] * y[0]


@claim("p2-eq-83", "reproduces")
def test_ordered_products_exceed_crossed_ones_in_the_gap(deviation):
    for n, omega_a, gamma, J, beta in SYSTEMS:
        f = Functions(n + 3, omega_a, gamma, J, beta)
        t = [r * S / C for r, S, C in zip(f.r, f.S, f.C, strict=True)]
        for i, j in pairs(n + 3):
            x, y = (t[i], t[j]), (f.M[i], f.M[j])
            excess = (x[0] - x[1]) * (y[0] - y[1])
            deviation(rearrangement(x, y), excess, scale=excess)
            assert excess > 0
    rng = np.random.default_rng(83)
    for _ in range(50):
        x, y = fractions(rng, 2, increasing=True), fractions(rng, 2, increasing=True)
        assert rearrangement(x, y) == (x[0] - x[1]) * (y[0] - y[1]) > 0
        assert rearrangement(x, y[::-1]) < 0


@claim("p2-eq-84", "reproduces")
def test_slope_in_the_coupling_to_the_target_is_a_quotient(deviation):
    for system in SYSTEMS:
        f = Functions(*system)
        top = [
            w * s * (d * S + f.beta * M * r**2 * C)
            for w, s, d, S, M, r, C in zip(f.w, f.s, f.r_slope, f.S, f.M, f.r, f.C, strict=True)
        ]
        bottom = [
            w * c * f.beta * M * r * S
            for w, c, M, r, S in zip(f.w, f.c, f.M, f.r, f.S, strict=True)
        ]
        value, numerator = quotient(f, top, bottom)
        exact = slope(system, 1)
        deviation(value, exact, scale=exact)
        assert numerator > 0


def four_sums(n, p, q, M, r, d, s, c):
    """The four summands of Eq. (II.85): s, c are sinh and cosh, d = dr/dgamma per unit of beta."""
    first = sum(
        (p[i] * q[j] * M[i] * r[i] ** 2 + p[j] * q[i] * M[j] * r[j] ** 2) * c[i] * c[j]
        - (p[i] * q[j] * M[j] + p[j] * q[i] * M[i]) * r[i] * r[j] * s[i] * s[j]
        for i, j in pairs(n)
        if M[j]
    )
    second = weighted(p, q, M, r, r)
    third = q[0] * c[0] * weighted(p, M, r, r, c) if M[0] == 0 else 0
    fourth = weighted(p, d, s) * weighted(q, c)
    return first, second, third, fourth


def coupling_parts(f):
    p = [w * s for w, s in zip(f.w, f.s, strict=True)]
    q = [w * c for w, c in zip(f.w, f.c, strict=True)]
    return p, q, f.M, f.r, [d / f.beta for d in f.r_slope], f.S, f.C


@claim("p2-eq-85", "reproduces")
def test_numerator_of_the_slope_in_gamma_reorders_into_four_sums(deviation):
    rng = np.random.default_rng(85)
    for n in [*range(1, 13)] * 3:
        p, q, M, s, c = gap_parts(rng, n)
        # sinh at M = 0 need not vanish here: r does.
        s, c = pythagorean(rng, len(M))
        r, d = fractions(rng, len(M)), fractions(rng, len(M))
        r[0] = r[0] if n % 2 else Fraction(0)
        rising = [m * x**2 * y + z * w for m, x, y, z, w in zip(M, r, c, d, s, strict=True)]
        direct = weighted(p, rising) * weighted(q, c)
        direct -= weighted(p, r, s) * weighted(q, M, r, s)
        deviation(direct, sum(four_sums(n, p, q, M, r, d, s, c)), scale=abs(direct))


@claim("p2-appb-8", "reproduces")
def test_all_four_sums_of_the_slope_in_gamma_are_positive_or_absent(deviation):
    for n, omega_a, gamma, J, beta in SYSTEMS:
        for size in (n, n + 1):
            f = Functions(size, omega_a, gamma, J, beta)
            first, second, third, fourth = four_sums(size, *coupling_parts(f))
            assert first > 0 or size < 3
            assert min(second, fourth) > 0
            assert third > 0 if size % 2 == 0 else third == 0
            for S, C in zip(f.S, f.C, strict=True):
                deviation(C**2 - S**2, 1)
            bottom = sum(f.bottom())
            made = f.beta * (first + second + third + fourth) / bottom**2
            exact = slope((size, omega_a, gamma, J, beta), 1)
            deviation(made, exact, scale=exact)


@claim("p2-eq-86", "reproduces")
def test_ratio_of_the_terms_of_a_pair_in_gamma_exceeds_one(deviation):
    for n, omega_a, gamma, J, beta in SYSTEMS:
        f = Functions(n + 3, omega_a, gamma, J, beta)
        p, q, M, r, _, S, C = coupling_parts(f)
        for i, j in pairs(n + 3):
            if M[j] == 0:
                continue
            positive = (
                (p[i] * q[j] * M[i] * r[i] ** 2 + p[j] * q[i] * M[j] * r[j] ** 2) * C[i] * C[j]
            )
            negative = (p[i] * q[j] * M[j] + p[j] * q[i] * M[i]) * r[i] * r[j] * S[i] * S[j]
            t = [f.s[k] / f.c[k] for k in (i, j)]
            closed = C[i] * C[j] / (S[i] * S[j])
            closed *= t[0] * M[i] * r[i] / r[j] + t[1] * M[j] * r[j] / r[i]
            closed /= t[0] * M[j] + t[1] * M[i]
            deviation(positive / negative, closed, scale=closed)
            assert closed > 1


@claim("p2-eq-87", "reproduces")
def test_tanh_of_the_gap_grows_with_the_magnetisation(deviation):
    for n, omega_a, gamma, J, beta in SYSTEMS:
        f = Functions(n + 3, omega_a, gamma, J, beta)
        t = [s / c for s, c in zip(f.s, f.c, strict=True)]
        for i, j in pairs(n + 3):
            assert t[i] > t[j]
        # It is the mean spin of a free source with M times the gap.
        for M, value in zip(f.M, t, strict=True):
            weights = [mp.exp(x * beta * omega_a * M / 2) for x in (1, -1)]
            deviation((weights[0] - weights[1]) / sum(weights), value, scale=value or 1)


@claim("p2-eq-88", "reproduces")
def test_mixing_grows_with_the_magnetisation(deviation):
    for n, omega_a, gamma, J, beta in SYSTEMS:
        f = Functions(n + 3, omega_a, gamma, J, beta)
        for i, j in pairs(n + 3):
            assert f.r[i] > f.r[j]
        for M, value in zip(f.M, f.r, strict=True):
            block = np.array([[0.5, gamma * float(M)], [gamma * float(M), -0.5]])
            deviation(2 * np.prod(np.linalg.eigh(block)[1][:, 1]), float(value))


@claim("p2-eq-89", "reproduces")
def test_ordered_products_exceed_crossed_ones_in_gamma(deviation):
    for n, omega_a, gamma, J, beta in SYSTEMS:
        f = Functions(n + 3, omega_a, gamma, J, beta)
        t = [s / c for s, c in zip(f.s, f.c, strict=True)]
        for i, j in pairs(n + 3):
            x = t[i] * f.r[i], t[j] * f.r[j]
            y = f.M[i] * f.r[i], f.M[j] * f.r[j]
            crossed = f.r[i] * f.r[j] * (t[i] * f.M[j] + t[j] * f.M[i])
            deviation(x[0] * y[1] + x[1] * y[0], crossed)
            excess = (x[0] - x[1]) * (y[0] - y[1])
            deviation(rearrangement(x, y), excess, scale=excess)
            assert x[0] > x[1]
            assert y[0] > y[1]
