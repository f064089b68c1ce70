"""Other sources than a ring: what holds on every graph, what does not, and what coherence is worth.

The dense Gibbs state of target and sources is the second route throughout.
"""

import itertools
from functools import reduce

import numpy as np
from claims import claim
from scipy.special import gammaln

from coherence_lib import atoms, measures, ring
from coherence_lib.ring import SourceGraph, SourceRing, transition

X, Z = np.array([[0.0, 1], [1, 0]]), np.diag([1.0, -1])
# x tanh x = 1.
BEST = 1.1996786402577337
STAR = [(0, leaf) for leaf in range(1, 7)]


def kron(*factors):
    return reduce(np.kron, factors)


def at(operator, place, n):
    """An operator of one factor; the target is the first of n + 1."""
    return kron(np.eye(2**place), operator, np.eye(2 ** (n - place)))


def exchange(n, pairs, Jz, Jp):
    """Of all pairs of sources, J_z sz sz + J_p (sx sx + sy sy) with the sign of a Hamiltonian."""
    H = np.zeros((2 ** (n + 1),) * 2)
    for (j, k), z, p in zip(pairs, Jz, Jp, strict=True):
        zz = at(Z, j + 1, n) @ at(Z, k + 1, n)
        xx = at(X, j + 1, n) @ at(X, k + 1, n)
        # sx sx + sy sy = sx sx (1 - sz sz).
        H -= z * zz + p * xx @ (np.eye(len(H)) - zz)
    return H


def hamiltonian(n, pairs, Jz, gaps, gammas, omega=1.0, Jp=0.0):
    Jz, Jp = np.broadcast_to(Jz, len(pairs)), np.broadcast_to(Jp, len(pairs))
    H = omega / 2 * at(Z, 0, n) + exchange(n, pairs, Jz, Jp)
    for j, (gap, gamma) in enumerate(zip(gaps, gammas, strict=True)):
        H += gap / 2 * at(Z, j + 1, n) + gamma * at(X, 0, n) @ at(Z, j + 1, n)
    return H


def gibbs(H, T):
    energies, vectors = np.linalg.eigh(H)
    weights = np.exp(-(energies - energies[0]) / T)
    return (vectors * (weights / weights.sum())) @ vectors.T


def target_of(rho):
    d = len(rho) // 2
    return np.einsum("ikjk->ij", rho.reshape(2, d, 2, d))


def dense(*system, T, **more):
    """2 rho_eg, positive for a ferromagnet."""
    return 2 * target_of(gibbs(hamiltonian(*system, **more), T))[0, 1]


def configurations(n):
    return np.array(list(itertools.product((1, -1), repeat=n)))


def summed(n, pairs, J, gaps, gammas, omega=1.0, beta=1.0, of_target=1.0):
    """The same from the sources' configurations, with the sources' spins turned: complex too.

    `of_target` multiplies beta in the target's part alone.
    """
    s = configurations(n)
    J = np.broadcast_to(J, len(pairs))
    bonds = sum(c * s[:, j] * s[:, k] for c, (j, k) in zip(J, pairs, strict=True)) + 0.0
    G = s @ gammas
    lam, b = np.sqrt(omega**2 / 4 + G**2), beta * of_target
    p = np.exp(beta * (bonds + s @ gaps / 2)) * np.cosh(b * lam)
    return np.sum(p * G / lam * np.tanh(b * lam)) / np.sum(p)


def draw(seed, sign=1):
    """Sources on a random graph with couplings of one sign."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 5))
    pairs = list(itertools.combinations(range(n), 2))
    J = sign * 10 ** rng.uniform(-2, 0.5, len(pairs)) * (rng.random(len(pairs)) < 0.7)
    gaps, gammas = 10 ** rng.uniform(-2, 0.5, (2, n))
    return n, pairs, J, gaps, gammas, 10 ** rng.uniform(-0.5, 0.7)


SYSTEMS = [draw(seed) for seed in range(16)]


@claim("ours-other-1", "reproduces")
def test_ferromagnets_grow_with_every_single_coupling(deviation):
    for n, pairs, J, gaps, gammas, T in SYSTEMS:
        before = dense(n, pairs, J, gaps, gammas, T=T)
        deviation(summed(n, pairs, J, gaps, gammas, beta=1 / T), before)
        for which, size in enumerate((len(J), n, n)):
            for k in range(size):
                more = [J.copy(), gaps.copy(), gammas.copy()]
                more[which][k] += 0.3
                assert summed(n, pairs, *more, beta=1 / T) > before - 1e-13
    # A source more is one whose couplings are raised from zero.
    for n, pairs, J, gaps, gammas, T in SYSTEMS:
        alone = summed(n, pairs, J, gaps, gammas, beta=1 / T)
        there = np.append(gaps, 0.4), np.append(gammas, 0.0)
        deviation(summed(n + 1, pairs, J, *there, beta=1 / T), alone)


@claim("ours-other-2", "reproduces")
def test_ferromagnets_lose_coherence_by_heat(deviation):
    for n, pairs, J, gaps, gammas, T in SYSTEMS:
        system = n, pairs, J, gaps, gammas
        values = [dense(*system, T=t) for t in (T, 1.1 * T, 2 * T)]
        deviation([summed(*system, beta=1 / t) for t in (T, 1.1 * T, 2 * T)], values)
        assert values[0] > values[1] > values[2]
        assert values[0] > dense(*system, omega=1.2, T=T)
        # The derivative by the target's own 1/T, by a complex step, and over two copies.
        step = summed(*system, beta=1 / T, of_target=1 + 1e-30j).imag / 1e-30 * T
        s = configurations(n)
        G = s @ gammas
        lam = np.hypot(0.5, G)
        bonds = sum(c * s[:, j] * s[:, k] for c, (j, k) in zip(J, pairs, strict=True))
        p = np.exp((bonds + s @ gaps / 2) / T) * np.cosh(lam / T)
        p /= p.sum()
        bloch = np.array([G, np.full(len(G), 0.5)]) / lam * np.tanh(lam / T)
        both = (G[:, None] + G) * (1 - bloch.T @ bloch) / 2
        deviation(p @ both @ p, step)


@claim("ours-other-3", "reproduces")
def test_gap_and_coupling_raise_the_coherence_of_all_that_conserve_the_magnetisation(deviation):
    for seed in range(12):
        n, pairs, J, _, _, T = draw(seed, -1)
        rng = np.random.default_rng(seed)
        Jp = rng.normal(size=len(pairs))
        grid = {}
        for gap, gamma in itertools.product((0.3, 0.5), (0.2, 0.4)):
            gaps, gammas = np.full(n, gap), np.full(n, gamma)
            grid[gap, gamma] = dense(n, pairs, J, gaps, gammas, Jp=Jp, T=T)
            # By the weights: a trace over the sources of each M.
            energies, vectors = np.linalg.eigh(exchange(n, pairs, J, Jp)[: 2**n, : 2**n])
            boltzmann = (vectors**2) @ np.exp(-energies / T)
            M = configurations(n).sum(axis=1)
            lam = np.hypot(0.5, gamma * M)
            p = boltzmann * np.exp(gap * M / 2 / T) * np.cosh(lam / T)
            deviation(p @ (gamma * M / lam * np.tanh(lam / T)) / p.sum(), grid[gap, gamma])
        assert grid[0.5, 0.2] > grid[0.3, 0.2]
        assert grid[0.3, 0.4] > grid[0.3, 0.2]


@claim("ours-other-4", "holds under a condition")
def test_antiferromagnets_do_worse_where_no_side_is_larger(deviation):
    for n, edges in ((6, SourceGraphs.chain(6)), (5, SourceGraphs.around(5))):
        made = [ring.coherence(SourceGraph(edges, 0.5, 0.2, J), 1.0) for J in (-2, -0.3, 0)]
        assert made[0] < made[1] < made[2]
        system = n, edges, -0.3, np.full(n, 0.5), np.full(n, 0.2)
        deviation(made[1], dense(*system, T=1.0))
    weak = 1e-3, 1e-3
    free = ring.coherence(SourceGraph(STAR, *weak, 0.0), 1.0)
    strong = ring.coherence(SourceGraph(STAR, *weak, -20.0), 1.0)
    deviation.broken(free, strong)
    deviation.evidence(strong / free)


@claim("ours-other-13", "reproduces")
def test_antiferromagnetic_star_beats_free_sources_beyond_one_coupling(deviation):
    for n in (4, 5, 7, 30):
        star = [(0, leaf) for leaf in range(1, n)]
        free = ring.coherence(SourceGraph(star, 1e-8, 1e-8, 0.0), 1.0)
        for t in (-0.9, -2 / (n - 2) - 0.01, -2 / (n - 2) + 0.01, 0.5):
            if t <= -1:
                continue
            found = ring.coherence(SourceGraph(star, 1e-8, 1e-8, np.arctanh(t)), 1.0) / free
            deviation(found, (n + 2 * (n - 1) * t + (n - 1) * (n - 2) * t**2) / n)
            assert (found > 1) == (t > 0 or t < -2 / (n - 2))


class SourceGraphs:
    """Edges of usual graphs."""

    @staticmethod
    def chain(n):
        return [(j, j + 1) for j in range(n - 1)]

    @staticmethod
    def around(n):
        return [(j, (j + 1) % n) for j in range(n)]


@claim("ours-other-5", "reproduces")
def test_coherence_of_a_complete_graph_grows_with_coupling_of_either_sign(deviation):
    for n in (3, 4, 7):
        edges = list(itertools.combinations(range(n), 2))
        for T in (0.2, 1.0, 8.0):
            couplings = np.linspace(-1, 1, 9)
            made = [ring.coherence(SourceGraph(edges, 0.5, 0.2, J), T) for J in couplings]
            assert np.all(np.diff(made) > -1e-14)
            assert made[3] < made[4] < made[5]
            M = n - 2 * np.arange(n + 1)
            lam, k = np.hypot(0.5, 0.2 * M), (n + M) / 2
            logs = -gammaln(k + 1) - gammaln(n - k + 1) + 0.25 * M / T
            logs = logs + couplings[:, None] * M**2 / 2 / T + np.log(np.cosh(lam / T))
            p = np.exp(logs - logs.max(axis=1, keepdims=True))
            means = p @ (0.2 * M / lam * np.tanh(lam / T)) / p.sum(axis=1)
            deviation(made, means)


@claim("ours-other-6", "holds under a condition")
def test_unequal_couplings_spoil_the_growth_of_antiferromagnets_alone(deviation):
    leaves, centre = np.append(0.0, np.full(6, 0.2)), np.append(0.2, np.zeros(6))
    equal = np.full(7, 0.5)
    with_centre = leaves + centre
    for J, gammas in ((-0.5, with_centre), (-0.5, leaves), (0.5, with_centre), (0.0, centre)):
        system = 7, STAR, J, equal, gammas
        deviation(summed(*system), dense(*system, T=1.0))
    assert summed(7, STAR, 0.5, equal, with_centre) > summed(7, STAR, 0.5, equal, leaves)
    one, both = (summed(7, STAR, -0.5, equal, gammas) for gammas in (leaves, with_centre))
    deviation.broken(one, both)
    deviation.evidence(both / one)
    # The centre alone: its coherence changes sign on the way to a large gap.
    curve = [summed(7, STAR, -0.5, np.full(7, gap), centre) for gap in (0.0, 1.0, 12.0)]
    assert abs(curve[0]) < 1e-12
    assert curve[1] < -0.01
    assert curve[2] > 0.01


@claim("ours-other-7", "reproduces")
def test_whole_state_is_one_of_targets_beside_orthogonal_sources(deviation):
    for seed in range(6):
        n, pairs, J, gaps, gammas, T = draw(seed, -1)
        rho = gibbs(hamiltonian(n, pairs, J, gaps, gammas), T)
        blocks = rho.reshape(2, 2**n, 2, 2**n)
        deviation(blocks * np.eye(2**n)[None, :, None, :], blocks)
        deviation(blocks.transpose(0, 3, 2, 1), blocks)
    # Exchange between the sources: in the common eigenvectors with M.
    n, pairs, J, _, _, T = draw(3, -1)
    H = hamiltonian(n, pairs, J, np.full(n, 0.5), np.full(n, 0.2), Jp=0.7)
    M = np.diag(configurations(n).sum(axis=1)).astype(float)
    own = exchange(n, pairs, np.broadcast_to(J, len(pairs)), np.full(len(pairs), 0.7))
    _, k = np.linalg.eigh(own[: 2**n, : 2**n] + np.pi * M)
    blocks = np.einsum("ai,xayb,bj->xiyj", k, gibbs(H, T).reshape(2, 2**n, 2, 2**n), k)
    deviation(blocks * np.eye(2**n)[None, :, None, :], blocks)


@claim("ours-other-8", "reproduces")
def test_ergotropy_is_at_most_half_of_what_the_coupling_costs(deviation):
    for seed, sign in itertools.product(range(12), (1, -1)):
        n, pairs, J, gaps, gammas, T = draw(seed, sign)
        H = hamiltonian(n, pairs, J, gaps, gammas)
        rho = gibbs(H, T)
        V = H - hamiltonian(n, pairs, J, gaps, 0 * gammas)
        state = target_of(rho)
        levels = np.array([0.5, -0.5])
        taken = levels @ np.diag(state) - levels @ np.sort(np.linalg.eigvalsh(state))
        deviation(measures.ergotropy(state), taken)
        cost = -np.trace(rho @ V)
        # From the configurations: the mean of G times the element.
        s = configurations(n)
        bonds = sum(c * s[:, j] * s[:, k] for c, (j, k) in zip(J, pairs, strict=True))
        G = s @ gammas
        lam = np.hypot(0.5, G)
        p = np.exp((bonds + s @ gaps / 2) / T) * np.cosh(lam / T)
        deviation(cost, p @ (G**2 / lam * np.tanh(lam / T)) / p.sum())
        assert 0 <= taken <= cost / 2 + 1e-14
    # Weak coupling to parallel sources: a half is approached.
    graph = SourceGraph([(0, 1)], 60.0, 1e-6, 0.0)
    state = ring.target_state(graph, 0.3)
    cost = (2e-6) ** 2 / 0.5 * np.tanh(0.5 / 0.3)
    deviation(measures.ergotropy(state) / cost, 0.5)


@claim("ours-other-9", "reproduces")
def test_sign_of_the_magnetisation_restores_the_coherence(deviation):
    for n, J, gap in ((4, -0.2, 0.0), (5, 0.3, 0.0), (4, 0.2, 0.5)):
        rho = gibbs(
            hamiltonian(n, SourceGraphs.around(n), J, np.full(n, gap), np.full(n, 0.2)), 0.7
        )
        blocks = rho.reshape(2, 2**n, 2, 2**n)
        M = configurations(n).sum(axis=1)
        of_each = np.array([blocks[0, k, 1, k] for k in range(2**n)])
        by_M = sum(abs(2 * of_each[m == M].sum()) for m in np.unique(M))
        by_sign = sum(abs(2 * of_each[np.sign(M) == sign].sum()) for sign in (-1, 1))
        counts = SourceGraph(SourceGraphs.around(n), gap, 0.2, J).counts
        m = n - 2 * counts.down
        lam = np.hypot(0.5, 0.2 * m)
        p = counts.states * np.exp(J * counts.bonds / 0.7) * np.cosh(lam / 0.7)
        p = p * np.where(m == 0, 1, 2 * np.cosh(gap * m / 2 / 0.7))
        formula = p @ (0.2 * m / lam * np.tanh(lam / 0.7)) / p.sum()
        deviation([by_M, by_sign], np.full(2, formula))
        plain = abs(2 * of_each.sum())
        assert plain < 1e-12 if gap == 0 else plain < by_M
        assert by_M > 0.1


@claim("ours-other-10", "holds under a condition")
def test_last_step_of_a_heisenberg_ring_is_by_one_spin(deviation):
    def lowest(n, Jz, Jp):
        """Lowest energy of the ring of each M >= 0, and of the target beside it."""
        pairs = SourceGraphs.around(n)
        own = exchange(n, pairs, np.full(n, Jz), np.full(n, Jp))[: 2**n, : 2**n]
        M = configurations(n).sum(axis=1)
        sizes = np.arange(n % 2, n + 1, 2)
        found = [np.linalg.eigvalsh(own[np.ix_(M == m, M == m)])[0] for m in sizes]
        return sizes, np.array(found) - np.hypot(0.5, 0.2 * sizes)

    def last_step(n, Jz, Jp):
        """Where M = N becomes lowest: the largest of all crossings with it."""
        M, E = lowest(n, Jz, Jp)
        return np.max(2 * (E[-1] - E[:-1]) / (n - M[:-1]))

    def formula(n, Jz, Jp):
        shape = np.cos(np.pi / n) if n % 2 and Jp < 0 else 1.0
        step = np.hypot(0.5, 0.2 * n) - np.hypot(0.5, 0.2 * (n - 2))
        return -4 * Jz + 4 * abs(Jp) * shape - step

    for n in (4, 5, 6, 7, 8):
        for Jz, Jp in ((-0.25, -0.25), (-0.25, 0.25), (-0.1, -0.3), (0.1, 0.4)):
            deviation(formula(n, Jz, Jp), last_step(n, Jz, Jp))
    ising = last_step(6, -0.25, 0.0)
    deviation(transition.critical_gap(6, 0.2, -0.25), ising)
    deviation.broken(formula(6, -0.25, 0.0), ising)
    deviation.evidence(ising)


def thermometer(n, T, h=1e-4, J=0.0):
    """T^2 F of the target, its derivative by ln T from differences."""
    source = SourceRing(n, 0.5, 0.2, J)
    low, here, high = ring.target_state(source, T * np.exp([-h, 0.0, h]))
    return measures.quantum_fisher_information(here, (high - low) / (2 * h))


@claim("ours-other-11", "reproduces")
def test_target_of_many_sources_is_a_thermometer_of_four_bare_qubits(deviation):
    n = 10**8
    T = np.sqrt(n * 0.5 * 0.2 / 2 / BEST)
    for share in (0.7, 1.0, 2.0):
        found = ring.coherence(SourceRing(n, 0.5, 0.2, 0.0), share * T)
        x = BEST / share**2
        deviation(found, np.tanh(x))
        # Beside the top too, where it depends on the parameters.
        deviation(thermometer(n, share * T), 4 * (x / np.cosh(x)) ** 2)
    deviation(thermometer(n, T), 4 * (BEST**2 - 1))
    deviation(thermometer(n, T, J=0.5), 4 * (BEST**2 - 1))


@claim("ours-other-12", "reproduces")
def test_very_many_atoms_have_a_scaling_function(deviation):
    n = 10**5
    for y in (0.1, 1.0, 3.0, 10.0):
        log = atoms.ladder.long_time_coherence(n, n / y, log=True)
        scaled = np.exp(log - n * np.log(2) + np.log(n + 1))
        deviation(scaled, y / 2 / np.sinh(y / 2))
