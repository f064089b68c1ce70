"""Paper II, Secs. 2, 3 and App. A: operators in exact algebra, omega, omega_a, gamma, J symbols.

Every operator of the sources is diagonal in the configurations, a product of sigma^z or a sum of
such; what holds for one site holds for products and sums by linearity, so for every N. The
matrices of N = 1..5 confirm that no term is forgotten.
"""

import itertools

import pytest
import sympy as sp
from proofs import ring_algebra as ra
from proving import proves

SIZES = range(1, 6)


def beside(n, target, spins):
    """`target` on the target, beside the projector on one configuration."""
    place = sum(2 ** (n - 1 - j) for j, s in enumerate(spins) if s == -1)
    elements = {(a * 2**n + place, b * 2**n + place): v for (a, b), v in target.elements.items()}
    return ra.Operator(2 ** (n + 1), elements)


def target_block(m, bonds):
    """omega/2 sz + gamma m sx + (omega_a m/2 - J bonds) 1."""
    shift = ra.OMEGA_A * m / 2 - ra.J * bonds
    return ra.SIGMA_Z * (ra.OMEGA / 2) + ra.SIGMA_X * (ra.GAMMA * m) + ra.IDENTITY * shift


def commutator(one, other):
    return one @ other - other @ one


@proves("p2-eq-1", "identity")
@proves("p2-eq-18", "identity")
@proves("p2-eq-19", "identity")
@proves("p2-appa-1", "identity")
@pytest.mark.parametrize("n", SIZES)
def test_hamiltonian_is_one_block_for_each_configuration(n):
    blocks = (beside(n, target_block(sum(s), ra.bond_sum(s)), s) for s in ra.configurations(n))
    assert ra.hamiltonian(n) == ra.total(blocks)


def test_a_hamiltonian_without_a_factor_is_told_apart():
    wrong = ra.hamiltonian(3) - ra.on_site(3, 0, ra.SIGMA_X) * (ra.GAMMA / 2)
    blocks = (beside(3, target_block(sum(s), ra.bond_sum(s)), s) for s in ra.configurations(3))
    assert wrong != ra.total(blocks)


@proves("p2-eq-2", "identity")
@proves("p2-eq-15", "identity")
@pytest.mark.parametrize("n", SIZES)
def test_interaction_is_minus_j_times_an_integer_on_each_configuration(n):
    values = (beside(n, ra.IDENTITY * (-ra.J * ra.bond_sum(s)), s) for s in ra.configurations(n))
    assert ra.interaction(n) == ra.total(values)


@proves("p2-eq-8", "identity")
@proves("p2-eq-10", "identity")
@pytest.mark.parametrize("n", SIZES)
def test_configurations_are_eigenstates_of_the_magnetisation(n):
    values = (beside(n, ra.IDENTITY * sum(s), s) for s in ra.configurations(n))
    assert ra.magnetisation_operator(n) == ra.total(values)


@proves("p2-eq-11", "identity")
@proves("p2-eq-58", "identity")
@pytest.mark.parametrize("n", SIZES)
def test_hamiltonian_holds_the_sources_as_the_magnetisation(n):
    m = ra.magnetisation_operator(n)
    coupling = (ra.on_site(n, 0, ra.SIGMA_X) @ m) * ra.GAMMA
    rest = ra.on_site(n, 0, ra.SIGMA_Z) * (ra.OMEGA / 2) + m * (ra.OMEGA_A / 2)
    assert ra.hamiltonian(n) == rest + coupling + ra.interaction(n)


@proves("p2-eq-14", "identity")
@pytest.mark.parametrize("n", SIZES)
def test_a_bond_multiplies_a_configuration_by_the_product_of_two_spins(n):
    for j in range(n):
        bond = ra.on_site(n, j + 1, ra.SIGMA_Z) @ ra.on_site(n, (j + 1) % n + 1, ra.SIGMA_Z)
        values = (beside(n, ra.IDENTITY * (s[j] * s[(j + 1) % n]), s) for s in ra.configurations(n))
        assert bond == ra.total(values)


@proves("p2-eq-59", "identity")
@proves("p2-eq-63", "identity")
@proves("p2-s3-1", "identity")
@pytest.mark.parametrize("n", SIZES)
def test_magnetisation_commutes_with_the_sources_and_with_the_whole(n):
    m = ra.magnetisation_operator(n)
    sources = m * (ra.OMEGA_A / 2) + ra.interaction(n)
    assert commutator(m, sources).elements == {}
    assert commutator(m, ra.hamiltonian(n)).elements == {}


def test_a_transverse_field_does_not_commute():
    transverse = ra.interaction(2) + ra.on_site(2, 1, ra.SIGMA_X)
    assert commutator(ra.magnetisation_operator(2), transverse).elements


# --- the block of a configuration: any N ------------------------------------------------


def eigenvectors():
    """(sign, vector): normalised, real, in the angle that makes all of the block rational."""
    norm = sp.sqrt(1 + ra.U**2)
    return [(1, sp.Matrix([1, ra.U]) / norm), (-1, sp.Matrix([-ra.U, 1]) / norm)]


def test_the_angle_parametrises_the_block():
    assert ra.vanishes(ra.HALF_GAP**2 + ra.FIELD**2 - ra.LAM**2)


@proves("p2-eq-7", "identity")
@proves("p2-eq-20", "identity")
def test_energies_are_the_roots_of_the_characteristic_polynomial():
    energy = sp.Symbol("E")
    polynomial = (energy * sp.eye(2) - ra.block()).det()
    roots = (energy - ra.SHIFT - ra.LAM) * (energy - ra.SHIFT + ra.LAM)
    assert ra.vanishes(polynomial - roots)
    assert not ra.vanishes(polynomial - roots.subs(ra.LAM, 2 * ra.LAM))


@proves("p2-eq-12", "identity")
@proves("p2-eq-13", "identity")
@proves("p2-eq-21", "identity")
@proves("p2-eq-60", "identity")
@proves("p2-s3-8", "identity")
def test_weights_solve_the_singular_system_and_are_free_of_l_J_and_omega_a():
    for sign, vector in eigenvectors():
        singular = ra.block() - (ra.SHIFT + sign * ra.LAM) * sp.eye(2)
        assert ra.vanishes(singular.det())
        assert ra.vanishes(singular * vector)
        assert vector.free_symbols == {ra.U}
    basis = sp.Matrix.hstack(*(vector for _, vector in eigenvectors()))
    assert ra.vanishes(basis.T * basis - sp.eye(2))


@proves("p2-eq-22", "identity")
def test_moduli_of_the_weights():
    for sign, (excited, ground) in eigenvectors():
        assert ra.vanishes(excited**2 - (1 + sign * ra.HALF_GAP / ra.LAM) / 2)
        assert ra.vanishes(ground**2 - (1 - sign * ra.HALF_GAP / ra.LAM) / 2)
        assert not ra.vanishes(ground**2 - (1 + sign * ra.HALF_GAP / ra.LAM) / 2)


@proves("p2-eq-23", "identity")
def test_product_of_the_weights():
    for sign, (excited, ground) in eigenvectors():
        assert ra.vanishes(excited * ground - sign * ra.FIELD / (2 * ra.LAM))


@proves("p2-eq-3", "identity")
@proves("p2-eq-26", "identity")
@proves("p2-eq-27", "identity")
def test_canonical_state_mixes_the_pure_states():
    """exp(-beta h) is the only solution of dG/dbeta = -h G that starts from 1."""
    beta = sp.Symbol("beta", positive=True)
    mixture = sp.zeros(2)
    for sign, vector in eigenvectors():
        mixture += sp.exp(-beta * (ra.SHIFT + sign * ra.LAM)) * vector * vector.T
    assert ra.vanishes(mixture.diff(beta) + ra.block() * mixture)
    assert ra.vanishes(mixture.subs(beta, 0) - sp.eye(2))
    # What it adds to the trace and to the off-diagonal element: the terms of `ra.sums`.
    trace = sp.exp(-beta * ra.SHIFT) * 2 * sp.cosh(beta * ra.LAM)
    apart = -sp.exp(-beta * ra.SHIFT) * ra.FIELD / ra.LAM * sp.sinh(beta * ra.LAM)
    assert ra.vanishes((mixture.trace() - trace).rewrite(sp.exp))
    assert ra.vanishes((mixture[0, 1] - apart).rewrite(sp.exp))


@proves("p2-eq-5", "proof")
def test_ground_state_is_at_least_as_populated():
    """Each configuration adds exp(-beta shift) (omega/lambda) sinh(beta lambda) >= 0 to the gap."""
    beta, omega = sp.symbols("beta omega", positive=True)
    half = {sign: sp.exp(-beta * sign * ra.LAM) for sign in (1, -1)}
    gap = sum(half[sign] * (v[1] ** 2 - v[0] ** 2) for sign, v in eigenvectors())
    made = 2 * ra.HALF_GAP / ra.LAM * sp.sinh(beta * ra.LAM)
    assert ra.vanishes((gap - made).rewrite(sp.exp))
    # Without coupling u = 0, lambda = omega/2.
    shares = [half[sign] * v[0] ** 2 for sign, v in eigenvectors()]
    free = (sum(shares) / sum(half.values())).subs({ra.U: 0, ra.LAM: omega / 2})
    assert sp.simplify(free - 1 / (1 + sp.exp(beta * omega))) == 0


@proves("p2-eq-4", "identity")
@pytest.mark.parametrize("n", SIZES)
def test_partial_trace_adds_the_blocks(n):
    """Products of H stay blocks, one for each configuration, so their partial trace is a sum."""
    power, blocks = ra.hamiltonian(n), {}
    power = power @ power @ power
    for (i, j), value in power.elements.items():
        if i % 2**n == j % 2**n:
            place = i // 2**n, j // 2**n
            blocks[place] = blocks.get(place, 0) + value
    each = (target_block(sum(s), ra.bond_sum(s)) for s in ra.configurations(n))
    listed = ra.total(h @ h @ h for h in each)
    assert {place: v for place, v in blocks.items() if v != 0} == listed.elements


@proves("p2-eq-6", "proof")
def test_coherence_lies_between_0_and_1():
    """A state has no negative determinant, so 4|rho_eg|^2 <= 4 p (1 - p) = 1 - (2p - 1)^2 <= 1."""
    p, modulus, phase = sp.symbols("p c phi", real=True)
    apart = modulus / 2 * sp.exp(sp.I * phase)
    state = sp.Matrix([[p, apart], [sp.conjugate(apart), 1 - p]])
    gap = 1 - modulus**2 - (4 * state.det() + (2 * p - 1) ** 2)
    assert sp.simplify(gap) == 0


# --- App. A: any two systems --------------------------------------------------------------


def generic(name, size):
    return sp.Matrix(size, size, lambda i, j: sp.Symbol(f"{name}{i}{j}"))


@proves("p2-eq-61", "identity")
@proves("p2-eq-62", "identity")
@proves("p2-eq-66", "identity")
@pytest.mark.parametrize("size_a, size_b", [(2, 2), (2, 3), (3, 2)])
def test_the_whole_acts_on_a_product_through_system_a(size_a, size_b):
    """In the common eigenbasis of V_B and H_B, which Eqs. (II.64) and (II.65) provide."""
    h_a, v_a = generic("h", size_a), generic("w", size_a)
    vector = sp.Matrix(sp.symbols(f"a:{size_a}"))
    v, h = sp.symbols(f"v:{size_b}"), sp.symbols(f"e:{size_b}")
    kron = sp.kronecker_product
    whole = kron(h_a, sp.eye(size_b)) + kron(v_a, sp.diag(*v)) + kron(sp.eye(size_a), sp.diag(*h))
    for k in range(size_b):
        beside_k = sp.eye(size_b)[:, k]
        acted = (h_a + v[k] * v_a + h[k] * sp.eye(size_a)) * vector
        assert (whole * kron(vector, beside_k) - kron(acted, beside_k)).expand().is_zero_matrix


@proves("p2-eq-64", "proof")
@proves("p2-eq-65", "proof")
def test_commuting_matrices_share_eigenvectors():
    """With V_B diagonal, a commuting H_B couples equal eigenvalues only.

    Within such a group V_B is a multiple of 1 and leaves the eigenvectors of H_B, which exist by
    the spectral theorem for Hermitian matrices, as they are.
    """
    v = sp.symbols("v:4")
    h = generic("h", 4)
    apart = sp.diag(*v) * h - h * sp.diag(*v)
    for i, j in itertools.product(range(4), repeat=2):
        assert sp.expand(apart[i, j] - (v[i] - v[j]) * h[i, j]) == 0


@proves("p2-eq-67", "identity")
@proves("p2-appa-2", "identity")
def test_inner_products_of_products_factorise():
    """So delta_kk' comes from B and, at equal k, delta from A; there are d_A d_B of them."""
    a, b = sp.Matrix(sp.symbols("a:2")), sp.Matrix(sp.symbols("b:3"))
    c, d = sp.Matrix(sp.symbols("c:2")), sp.Matrix(sp.symbols("d:3"))
    kron = sp.kronecker_product
    whole = (kron(a, b).H * kron(c, d))[0]
    assert sp.expand(whole - (a.H * c)[0] * (b.H * d)[0]) == 0
    assert kron(a, b).rows == a.rows * b.rows


@proves("p2-appa-3", "proof")
def test_superpositions_of_degenerate_products_are_the_only_other_eigenvectors():
    """The products are complete, so an eigenvector lies in the span of those of its energy.

    Of two with orthogonal states of B and overlap v of A the equal superposition has the
    concurrence sqrt(1 - v^2), here gamma/lambda_1: M -> -M exchanges u and -u.
    """
    _, (_, lower) = eigenvectors()
    overlap = (lower.T * lower.subs(ra.U, -ra.U))[0]
    assert ra.vanishes(1 - overlap**2 - (ra.FIELD / ra.LAM) ** 2)
    coupling = sp.Rational(1, 5)
    stated = coupling / sp.sqrt(sp.Rational(1, 4) + coupling**2)
    assert abs(stated - 0.37139) < 1e-5
