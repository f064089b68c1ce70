"""What atoms keep that share every photon and hop as they like, and whether it is entanglement."""

from fractions import Fraction
from itertools import combinations, permutations, product
from math import comb

import numpy as np
import scipy.optimize
from claims import claim
from hypothesis import example, given, settings
from hypothesis import strategies as st
from routes import literal
from states import random_state

from coherence_lib import atoms, measures
from coherence_lib.atoms import AtomCluster, symmetry

NBARS = (0.15, 1.0, 30.0)
nbars = st.floats(-2, 2).map(lambda exponent: 10**exponent)
# f_12 + f_34 = f_13 + f_24, and no permutation leaves it.
COINCIDENCE = np.array([[0, 1, 2, 5], [1, 0, 7, 3], [2, 7, 0, 4], [5, 3, 4, 0.0]])


def matrix(n, values):
    f = np.zeros((n, n))
    f[np.triu_indices(n, 1)] = values
    return f + f.T


def row(n):
    distance = np.abs(np.subtract.outer(np.arange(n), np.arange(n)))
    return 1.0 / (distance + np.eye(n)) ** 3 - np.eye(n)


def ring(n):
    steps = np.abs(np.subtract.outer(np.arange(n), np.arange(n)))
    return (np.minimum(steps, n - steps) == 1).astype(float)


def end(f, nbar):
    """By null vectors of the dense Liouvillian."""
    ones = np.ones(f.shape)
    return literal.end(literal.liouvillian(f, ones, nbar), literal.ground(len(f)))


def permuted(p):
    """The operator that leads the state of atom i to atom p(i)."""
    n = len(p)
    moved = np.zeros((2**n, 2**n))
    for bits in product((0, 1), repeat=n):
        image = [0] * n
        for i, bit in enumerate(bits):
            image[p[i]] = bit
        moved[int("".join(map(str, image)), 2), int("".join(map(str, bits)), 2)] = 1
    return moved


def tried(f):
    return [p for p in permutations(range(len(f))) if np.array_equal(f[np.ix_(p, p)], f)]


def projector(group):
    return sum(map(permuted, group)) / len(group)


def space(f):
    """Projector on what |gg..g> reaches, by applying the three operators until nothing is new."""
    down = sum(literal.lowering(len(f)))
    operators = [down, down.T, literal.hamiltonian(f).real]
    basis = np.zeros((len(down), 0))
    fresh = np.eye(len(down))[:, -1:]
    while fresh.shape[1]:
        basis = np.hstack([basis, fresh])
        images = np.hstack([o @ fresh for o in operators])
        images = images - basis @ (basis.T @ images)
        left, values, _ = np.linalg.svd(images, full_matrices=False)
        fresh = left[:, values > 1e-7 * max(values.max(), 1)]
        fresh = np.linalg.qr(fresh - basis @ (basis.T @ fresh))[0] if fresh.size else fresh
    return basis @ basis.T


def cut_to(projected, nbar):
    """The thermal state of independent atoms, cut."""
    excitations = np.diagonal(literal.number(len(projected).bit_length() - 1))
    weighted = projected * (nbar / (nbar + 1)) ** excitations
    return weighted / np.trace(weighted)


def counted(group, r):
    """(1 + r)^N over the cycle index, less one, cycle by cycle."""
    total = 0
    for p in group:
        seen, term = set(), 1
        for start in range(len(p)):
            here, length = start, 0
            while here not in seen:
                seen.add(here)
                here, length = p[here], length + 1
            term *= 1 + r**length if length else 1
        total += term
    return (1 + r) ** len(group[0]) * len(group) / total - 1


def transposed(rho, kept):
    n = len(rho).bit_length() - 1
    axes = list(range(2 * n))
    for atom in kept:
        axes[atom], axes[n + atom] = n + atom, atom
    return rho.reshape((2,) * 2 * n).transpose(axes).reshape(rho.shape)


def negativity(rho, kept):
    values = np.linalg.eigvalsh(transposed(rho, kept))
    return -values[values < 0].sum()


def small_hoppings():
    """All of three atoms with couplings 0, 1, 2, and of four with 0 and 1."""
    return [matrix(3, v) for v in product((0, 1, 2), repeat=3)] + [
        matrix(4, v) for v in product((0, 1), repeat=6)
    ]


@claim("ours-symmetry-1", "reproduces")
def test_the_end_is_a_cut_of_independent_atoms(deviation):
    rng = np.random.default_rng(5)
    shapes = [row(3), row(4), ring(4), COINCIDENCE, matrix(3, rng.normal(size=3))]
    for f in shapes:
        for nbar in NBARS if len(f) < 4 else NBARS[:1]:
            there = cut_to(space(f), nbar)
            deviation(end(f, nbar), there)
            cluster = AtomCluster(f, np.ones(f.shape))
            deviation(atoms.steady_state(cluster, nbar, literal.ground(len(f))), there)
    # It is reached, and nothing turns on.
    generator = literal.liouvillian(COINCIDENCE, np.ones((4, 4)), 1.0)
    late = literal.evolve(generator, literal.ground(4), [3000.0, 3000.7])
    deviation(late, np.array([cut_to(space(COINCIDENCE), 1.0)] * 2))


@claim("ours-symmetry-2", "holds under a condition")
def test_what_stays_is_a_count(deviation):
    for f in [*small_hoppings()[:27:2], row(4), ring(4), small_hoppings()[41]]:
        group = tried(f)
        if np.allclose(space(f), projector(group)):
            for nbar in NBARS if len(f) < 4 else NBARS[1:2]:
                count = counted(group, nbar / (nbar + 1))
                deviation(count, literal.l1(end(f, nbar)))
                deviation(symmetry.long_time_coherence(f, nbar), count)
    found = literal.l1(end(COINCIDENCE, 1.0))
    assert symmetry.reached(COINCIDENCE) != symmetry.automorphisms(COINCIDENCE).orbit_counts
    deviation.broken(counted(tried(COINCIDENCE), 0.5), found)
    deviation.evidence(found)


@claim("ours-symmetry-3", "reproduces")
@settings(max_examples=40, deadline=None)
@given(
    values=st.lists(st.integers(-2, 2), min_size=6, max_size=6),
    nbar=nbars,
)
def test_the_count_is_a_lower_bound(values, nbar, deviation):
    f = matrix(4, values)
    group = tried(f)
    found = literal.l1(cut_to(space(f), nbar))
    count = counted(group, nbar / (nbar + 1))
    deviation(symmetry.long_time_coherence(f, nbar), count)
    deviation(min(found - count, 0), 0)
    if np.allclose(space(f), projector(group)):
        deviation(max(found - (len(group) - 1), 0), 0)
    else:
        assert found > count * (1 + 1e-9)


@claim("ours-symmetry-4", "reproduces")
@settings(max_examples=20, deadline=None)
@example(n=151, nbar=100.0)
@given(n=st.integers(3, 60), nbar=nbars)
def test_rows_and_rings_of_any_length(n, nbar, deviation):
    r, m = nbar / (nbar + 1), n // 2
    q = (1 + r * r) / (1 + r) ** 2
    deviation(symmetry.long_time_coherence(row(n), nbar), 2 / (1 + q**m) - 1)
    turns = sum((1 + r ** (n // g)) ** g for g in np.gcd(np.arange(n), n).tolist())
    if n % 2:
        mirrors = n * (1 + r) * (1 + r * r) ** m
    else:
        mirrors = m * (1 + r * r) ** m + m * (1 + r) ** 2 * (1 + r * r) ** (m - 1)
    closed = 2 * n * (1 + r) ** n / (turns + mirrors) - 1
    counted_ring = symmetry.long_time_coherence(ring(n), nbar)
    deviation(counted_ring / closed, 1)
    assert symmetry.long_time_coherence(row(n), nbar) <= 1
    # One for each symmetry but the identity is where a long ring comes to.
    if n > 100:
        deviation(counted_ring / (2 * n - 1), 1)


@claim("ours-symmetry-5", "reproduces")
def test_four_atoms_without_symmetry_keep_a_coherence(deviation):
    rng = np.random.default_rng(11)
    for nbar in NBARS[1:]:
        values = rng.uniform(-2, 2, 6)
        # The order is 12, 13, 14, 23, 24, 34.
        values[5] = values[1] + values[4] - values[0]
        f, r = matrix(4, values), nbar / (nbar + 1)
        assert symmetry.automorphisms(f).order == 1
        deviation(literal.l1(end(f, nbar)), 3 * r**2 / ((1 + r) ** 4 - r**2))
        values[5] += 0.3
        deviation(literal.l1(end(matrix(4, values), nbar)), 0)


@claim("ours-symmetry-6", "reproduces")
def test_a_flat_pyramid_has_six_equal_couplings(deviation):
    roots = np.roots([1, 0, 0, 2, 0, -1])
    (length,) = roots[(np.abs(roots.imag) < 1e-12) & (roots.real > 0)].real
    height = np.sqrt(length**2 - 1 / 3)
    a = 2 * np.pi * np.arange(3) / 3
    base = np.column_stack([np.cos(a), np.sin(a), 0 * a]) / np.sqrt(3)
    side = 1e-5
    f, _ = atoms.dipole_couplings(side * np.vstack([base, [0, 0, height]]), [0, 0, 1])
    six = f[np.triu_indices(4, 1)] * side**3
    deviation(six, np.full(6, 3 / 4))
    # Twice as high, the three slanted ones attract.
    f, _ = atoms.dipole_couplings(side * np.vstack([base, [0, 0, 2 * height]]), [0, 0, 1])
    edge = np.sqrt(1 / 3 + 4 * height**2)
    slanted = (1 - 12 * height**2 / edge**2) / edge**3
    assert slanted < 0
    deviation(f[3, :3] * side**3, np.full(3, 3 / 4 * slanted))
    deviation.evidence(height)


def mixture(n, nbar):
    """Products of equal states, mixed over phase and weight."""
    r = nbar / (nbar + 1)
    nodes, weights = np.polynomial.legendre.leggauss(n + 2)
    total = np.zeros((2**n, 2**n), complex)
    for t, weight in zip((nodes + 1) / 2, weights / 2, strict=True):
        for phase in 2 * np.pi * np.arange(n + 1) / (n + 1):
            one = np.array([np.exp(1j * phase) * np.sqrt(r * t), np.sqrt(1 - t)])
            state = np.ones(1)
            for _ in range(n):
                state = np.kron(state, one)
            total += weight * np.outer(state, state.conj())
    return total / np.trace(total)


@claim("ours-symmetry-7", "reproduces")
def test_identical_atoms_end_in_a_mixture_of_products(deviation):
    for n in (2, 3):
        for nbar in NBARS:
            deviation(mixture(n, nbar), end(0.7 * (1 - np.eye(n)), nbar))
    ladder = cut_to(projector(tried(1 - np.eye(6))), 2.0)
    deviation(mixture(6, 2.0), ladder)


def classes(f):
    """Atoms that can be swapped alone, in the order of their first ones."""
    group, found = set(tried(f)), []
    for atom in range(len(f)):
        for members in found:
            swap = list(range(len(f)))
            swap[atom], swap[members[0]] = members[0], atom
            if tuple(swap) in group:
                members.append(atom)
                break
        else:
            found.append([atom])
    return found


def products_of_ladders(groups, nbar):
    """For each class a mixture of products, put in the order of the atoms."""
    state = np.ones((1, 1))
    for members in groups:
        state = np.kron(state, mixture(len(members), nbar))
    order = [atom for members in groups for atom in members]
    moved = permuted(order)
    return moved @ state @ moved.T


@claim("ours-symmetry-8", "reproduces")
def test_who_ends_entangled(deviation):
    seen = {True: 0, False: 0}
    for f in small_hoppings()[::2]:
        group = tried(f)
        if not np.allclose(space(f), projector(group)):
            continue
        rho, groups = cut_to(projector(group), 0.8), classes(f)
        orbits = {tuple(sorted({p[i] for p in group})) for i in range(len(f))}
        free = orbits == set(map(tuple, groups))
        seen[free] += 1
        # All products that the symmetries leave: one state for each orbit.
        rng = np.random.default_rng(3)
        vectors = []
        for _ in range(40):
            one = {o: rng.normal(size=2) + 1j * rng.normal(size=2) for o in orbits}
            vector = np.ones(1)
            for atom in range(len(f)):
                vector = np.kron(vector, one[next(o for o in orbits if atom in o)])
            vectors.append(vector)
        spanned = np.linalg.matrix_rank(np.array(vectors), tol=1e-6)
        assert (spanned == np.linalg.matrix_rank(rho, tol=1e-9)) == free
        if free:
            deviation(products_of_ladders(groups, 0.8), rho)
        else:
            cuts = [c for k in (1, 2) for c in combinations(range(4), k)]
            assert max(negativity(rho, cut) for cut in cuts) > 1e-3
    assert min(seen.values()) > 3


def root_of(s, r):
    """|lambda_s| by bisection."""
    low, high = 0.0, 2.0**s
    for _ in range(200):
        middle = (low + high) / 2
        value = sum(comb(s, j) * r ** (2 * j) / (r ** (2 * j) + middle) for j in range(s + 1))
        low, high = (middle, high) if value > 1 else (low, middle)
    return low


@claim("ours-symmetry-9", "reproduces")
def test_rows_are_entangled_at_any_temperature(deviation):
    for nbar in NBARS:
        r = nbar / (nbar + 1)
        closed = r**2 / ((1 + r) ** 4 + (1 + r * r) ** 2)
        cluster = AtomCluster(row(4), np.ones((4, 4)))
        rho = atoms.steady_state(cluster, nbar, literal.ground(4))
        for atom in range(4):
            deviation(negativity(rho, [atom]), closed)
        for other in (1, 2, 3):
            deviation(negativity(rho, [0, other]), 0)
        for n, kept in ((6, [0]), (6, [0, 1]), (6, [0, 2]), (7, [0, 3]), (7, [0, 1])):
            m = n // 2
            s = len({min(i, n - 1 - i) for i in kept} - {m})
            turned = [tuple(range(n)), tuple(range(n))[::-1]]
            odd = ((1 + r) ** (2 * (m - s)) - (1 + r * r) ** (m - s)) / 2
            expected = root_of(s, r) * odd / ((1 + r) ** (2 * m) + (1 + r * r) ** m)
            deviation(negativity(cut_to(projector(turned), nbar), kept), expected)
    deviation.evidence(negativity(cut_to(projector(tried(row(4))), 1e9), [0]))


def concurrence(rho):
    """Wootters: roots of the eigenvalues of rho and its flip.

    For rho = A A^dagger they are the singular values of A^T (flip) A, which keep the digits that
    the root of a rounding would cost.
    """
    flip = np.fliplr(np.diag([-1, 1, 1, -1]))
    values, vectors = np.linalg.eigh(rho)
    half = vectors * np.sqrt(np.maximum(values, 0))
    roots = np.linalg.svd(half.T @ flip @ half, compute_uv=False)
    return max(0, roots[0] - roots[1:].sum())


@claim("ours-symmetry-10", "reproduces")
@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**6), nbar=nbars, share=st.floats(0, 1))
def test_two_atoms_remember_their_singlet(seed, nbar, share, deviation):
    singlet = np.array([0, 1, -1, 0]) / np.sqrt(2)
    rho0 = share * np.outer(singlet, singlet)
    rho0 = rho0 + (1 - share) * random_state(np.random.default_rng(seed), 4)
    s, r = (singlet @ rho0 @ singlet).real, nbar / (nbar + 1)
    tau = r / (1 + r + r * r)
    last = literal.end(literal.together(2, nbar, f0=0.4), rho0)
    deviation(literal.l1(last), abs((1 - s) * tau - s))
    deviation(concurrence(last), max(0, s - 3 * (1 - s) * tau))
    cluster = AtomCluster.collective(2, f0=0.4)
    deviation(measures.l1_coherence(atoms.steady_state(cluster, nbar, rho0)), literal.l1(last))


@claim("ours-symmetry-11", "reproduces")
def test_there_are_as_many_ends_as_the_catalan_numbers_say(deviation):
    for n in (1, 2, 3, 4):
        for nbar, expected in (
            (0.7, Fraction(comb(2 * n, n), n + 1)),
            (0.0, comb(n, n // 2) ** 2),
        ):
            generator = AtomCluster.collective(n).liouvillian(nbar).full()
            values = np.linalg.svd(generator, compute_uv=False)
            deviation(np.sum(values < 1e-10 * values[0]), float(expected))


@claim("ours-symmetry-12", "reproduces")
def test_at_real_distances_entanglement_passes(deviation):
    times = np.array([0.5, 1.9, 2.1, 30.0])
    largest = {}
    for spacing in (0.1, 1.0):
        places = [[spacing * i, 0, 0] for i in range(4)]
        cluster = AtomCluster.from_positions(places, [0, 0, 1])
        generator = literal.liouvillian(cluster.f, cluster.gamma, 1.0)
        slow = [negativity(rho, [0]) for rho in literal.evolve(generator, literal.ground(4), times)]
        quick = atoms.evolve(cluster, literal.ground(4), times, 1.0)
        deviation(np.array([negativity(rho, [0]) for rho in quick]), np.array(slow))
        grid = np.concatenate([np.linspace(1.8, 2.2, 9), np.logspace(-2, 3, 26)])
        states = atoms.evolve(cluster, literal.ground(4), np.sort(grid), 1.0)
        largest[spacing] = max(negativity(rho, [0]) for rho in states)
    deviation(largest[1.0], 0)
    deviation.evidence(largest[0.1])


@claim("ours-symmetry-13", "reproduces")
@settings(max_examples=60, deadline=None)
@given(values=st.lists(st.integers(-2, 3), min_size=6, max_size=6), nbar=nbars)
def test_identical_atoms_keep_the_most(values, nbar, deviation):
    most = atoms.ladder.long_time_coherence(4, nbar)
    deviation(literal.l1(cut_to(space(matrix(4, [1] * 6)), nbar)), most)
    found = literal.l1(cut_to(space(matrix(4, values)), nbar))
    deviation(max(found - most, 0), 0)
    if len(set(values)) > 1:
        assert found < most * (1 - 1e-6)


def lack(places):
    """What the couplings of close atoms, in a unit of their own, lack to -1."""
    apart = (places[:, None] - places[None])[np.triu_indices(len(places), 1)]
    square = np.sum(apart**2, axis=1)
    return (1 - 3 * apart[:, 2] ** 2 / square) / square**1.5 + 1


@claim("ours-symmetry-14", "reproduces")
def test_five_close_atoms_can_have_equal_couplings(deviation):
    start = np.array(
        [
            [0.21454, 0.09394, 0.00114],
            [0.16061, 0.18116, 0.07375],
            [-0.27455, -0.21183, -0.6178],
            [-0.34271, -0.05325, 0.61795],
            [0.24212, -0.01001, -0.07504],
        ]
    )
    found = scipy.optimize.least_squares(
        lambda x: lack(x.reshape(5, 3)), start.ravel(), xtol=1e-15, ftol=1e-15, gtol=1e-15
    ).x.reshape(5, 3)
    side = 1e-6
    f, _ = atoms.dipole_couplings(side * found, [0, 0, 1])
    ten = f[np.triu_indices(5, 1)] * side**3
    deviation(ten, np.full(10, -3 / 4))
    assert symmetry.automorphisms(np.where(f == 0, 0, np.round(f * side**3, 8))).order == 120
    # They do not just vanish together, and no two are at one place.
    assert np.linalg.norm(found[0] - found[1]) > 0.1
