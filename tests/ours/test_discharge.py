"""Beyond the papers: what the coherence that a shared bath makes does to a qubit."""

from functools import reduce
from itertools import pairwise
from math import comb, isqrt

import numpy as np
import scipy.linalg
from claims import claim
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp
from routes import literal, weak_beam

from coherence_lib import atoms, harvest, measures, thermal
from coherence_lib.atoms import AtomCluster

nbars = st.floats(-1.5, 1.5).map(lambda exponent: 10**exponent)
strengths = st.floats(0.02, 3.0)
seeds = st.integers(0, 2**32 - 1)


def collision(n_atoms, g_tau, couplings=None):
    """U with any couplings, from the exponential of the Hamiltonian; the qubit stands last."""
    s = literal.lowering(n_atoms + 1)
    g = np.ones(n_atoms) if couplings is None else np.asarray(couplings)
    exchange = sum(x * (a.T @ s[-1] + a @ s[-1].T) for x, a in zip(g, s[:-1], strict=True))
    return scipy.linalg.expm(-1j * g_tau * exchange)


def collided(rho, qubit, unitary):
    """Cluster and qubit after a collision."""
    size = len(rho)
    both = (unitary @ np.kron(rho, qubit) @ unitary.conj().T).reshape(size, 2, size, 2)
    return np.einsum("iaja->ij", both), np.einsum("iaib->ab", both)


def chances(rho, g_tau, couplings=None):
    """How often a ground qubit is excited, and an excited one emptied."""
    unitary = collision(len(rho).bit_length() - 1, g_tau, couplings)
    cold, hot = np.diag([0.0, 1.0]), np.diag([1.0, 0.0])
    return collided(rho, cold, unitary)[1][0, 0].real, collided(rho, hot, unitary)[1][1, 1].real


def symmetric(weights):
    """A cluster on the ladder, from normalised symmetric vectors."""
    n = len(weights) - 1
    count = np.diagonal(literal.number(n))
    vectors = [(count == k) / np.sqrt(comb(n, k)) for k in range(n + 1)]
    return sum(p * np.outer(v, v) for p, v in zip(weights, vectors, strict=True))


def power_law(n_atoms, r):
    weights = r ** np.arange(n_atoms + 1)
    return weights / weights.sum()


def independent(n_atoms, r):
    atom = np.diag([r, 1]) / (1 + r)
    return reduce(np.kron, [atom] * n_atoms)


def flip_flop(rho):
    s = literal.lowering(len(rho).bit_length() - 1)
    return sum(np.trace(a.T @ b @ rho).real for a in s for b in s if a is not b)


@claim("ours-discharge-1", "reproduces")
@given(n=st.sampled_from([2, 3]), nbar=nbars, g_tau=strengths, seed=seeds)
def test_any_charged_cluster_imprints_the_bath(n, nbar, g_tau, seed, deviation):
    random = np.random.default_rng(seed)
    hopping = random.normal(size=(n, n))
    hopping = hopping + hopping.T
    ket = random.normal(size=2**n) + 1j * random.normal(size=2**n)
    start = np.outer(ket, ket.conj()) / np.vdot(ket, ket).real
    end = literal.end(literal.liouvillian(hopping, np.ones((n, n)), nbar), start)
    up, down = chances(end, g_tau)
    # All rates are at most one; what a resonance leaves is compared as it is.
    deviation((nbar + 1) * up, nbar * down, scale=nbar + 1)
    deviation(harvest.flip_probabilities(end, g_tau), [up, down])
    if up + down > 1e-3:
        qubit = harvest.beam_steady_state(end, g_tau)
        deviation(qubit[0, 0].real, nbar / (2 * nbar + 1))


@claim("ours-discharge-2", "reproduces")
@given(r=st.floats(0.05, 0.95), g_tau=strengths, seed=seeds)
def test_the_strength_enters_from_three_atoms_on(r, g_tau, seed, deviation):
    random = np.random.default_rng(seed)
    pair = np.diag(random.dirichlet(np.ones(4))).astype(complex)
    pair[1, 2] = 0.9 * np.sqrt(pair[1, 1] * pair[2, 2]) * np.exp(1j * random.uniform(0, 6))
    pair[2, 1] = np.conj(pair[1, 2])
    up, down = chances(pair, g_tau)
    c = harvest.beam_coefficients(pair)
    deviation(up * c.r_d, down * c.r_e)
    # Three atoms on their ladder: what is missing at each w, with the sine that belongs to it.
    p = random.dirichlet(np.ones(4))
    rung = p[1:] - r * p[:-1]
    up, down = chances(symmetric(p), g_tau)
    by_weight = (rung[0] + rung[2]) * np.sin(g_tau * 3**0.5) ** 2 + rung[1] * np.sin(2 * g_tau) ** 2
    deviation(up - r * down, by_weight)
    # Right when weak, which is sum w rung = 0, and wrong when strong.
    lopsided = np.array([24, 11, 10, 0]) / 45
    weak, strong = (chances(symmetric(lopsided), g) for g in (1e-4, 1.6))
    assert abs(weak[0] / weak[1] - 0.5) < 1e-6
    assert abs(strong[0] / strong[1] - 0.5) > 0.1


@claim("ours-discharge-3", "reproduces")
def test_only_atoms_and_pairs_have_resonances(deviation):
    def alike(n):
        squares = [k * (n - k + 1) for k in range(1, n + 1)]
        return all(isqrt(squares[0] * w) ** 2 == squares[0] * w for w in squares)

    deviation([n for n in range(1, 2000) if alike(n)], [1, 2])
    for n, resonance in ((1, np.pi), (2, np.pi / 2**0.5)):
        deviation(chances(symmetric(power_law(n, 0.5)), resonance), [0.0, 0.0])
        deviation(harvest.flip_probabilities(symmetric(power_law(n, 0.5)), resonance), [0.0, 0.0])
    for n in (3, 4, 5):
        weights = power_law(n, 0.5)
        k = np.arange(1, n + 1)
        tried = np.linspace(0.05, 200, 40_000)[:, None] * np.sqrt(k * (n - k + 1))
        assert (np.sin(tried) ** 2 @ weights[1:]).min() > 1e-7


@claim("ours-discharge-4", "reproduces")
def test_the_goal_moves_while_the_coherence_decays(deviation):
    for nbar in (0.2, 1.0, 5.0):
        r, temperature = nbar / (nbar + 1), thermal.temperature(nbar)
        for gamma12 in (0.998, 0.9999):
            leak = (1 - gamma12) / (1 + gamma12)
            generator = literal.liouvillian(
                [[0, 3.0], [3.0, 0]], [[1, gamma12], [gamma12, 1]], nbar
            )
            for t in (20 / (1 + nbar), 0.3 / (1 - gamma12) / (1 + nbar)):
                rho = literal.evolve(generator, literal.ground(2), [t])[0]
                up, down = chances(rho, 0.4)
                off = np.log(1 / r) / np.log(down / up) - 1
                c = harvest.beam_coefficients(rho)
                drop = 2 * (1 - r) * flip_flop(rho) / ((1 + r + r * r) * c.r_d * np.log(1 / r))
                deviation(off / (-leak * drop), 1.0)
                assert abs(harvest.effective_temperature(rho) / temperature - 1 - off) < 1e-9


@claim("ours-discharge-5", "reproduces")
@given(nbar=nbars)
def test_coherence_gains_speed_up_to_two_limits(nbar, deviation):
    for n in (2, 3):
        end = literal.end(literal.together(n, nbar), literal.ground(n))
        rate = sum(chances(end, 1e-5)) / 1e-10
        # The next order of a weak collision is 1e-10 of this one.
        deviation(rate, n + 2 * flip_flop(end), scale=n)
        deviation(rate, n + 2 * measures.flip_flop_coherence(end), scale=n)
        deviation(sum(chances(independent(n, 0.3), 1e-5)) / 1e-10, n, scale=n)

    def gain(n, r):
        k = np.arange(min(n, 4000) + 1.0)
        p = r**k / (r**k).sum()
        return 1 + 2 * p @ (k * (1 - k / n))

    for n in (2, 3, 7, 40):
        hot = gain(n, 1 - 1e-10)
        deviation(hot, (n + 2) / 3)
        assert all(
            1 < gain(n, m / (m + 1)) < min((n + 2) / 3, 1 + 2 * m) for m in (0.1, nbar, 50.0)
        )
    deviation(gain(1e12, nbar / (nbar + 1)), 1 + 2 * nbar, scale=1 + 2 * nbar)


@claim("ours-discharge-6", "reproduces")
@given(nbar=nbars, before=nbars, n=st.sampled_from([2, 3]))
def test_heating_makes_positive_coherence_and_cooling_negative(nbar, before, n, deviation):
    start = independent(n, before / (before + 1))
    c = flip_flop(literal.end(literal.together(n, nbar), start))
    if abs(nbar - before) > 1e-3 * nbar:
        deviation(np.sign(c), np.sign(nbar - before))
    # By spins: their weights stay, and each comes to the bath's temperature.
    r, old, total = nbar / (nbar + 1), before / (before + 1), 0.0
    for low in range(n // 2 + 1):
        length, many = n - 2 * low, comb(n, low) - (comb(n, low - 1) if low else 0)
        k = np.arange(length + 1)
        share = many * (old ** (low + k)).sum() / (1 + old) ** n
        total += share * (length + 2 * power_law(length, r) @ (k * (length - k)))
    deviation(c, (total - n) / 2)
    same = literal.end(literal.together(n, before), start)
    deviation(flip_flop(same), 0.0)


@claim("ours-discharge-7", "reproduces")
@given(n=st.sampled_from([2, 3]), nbar=nbars, g_tau=strengths)
def test_clusters_taken_out_early_are_on_the_side_of_their_start(n, nbar, g_tau, deviation):
    full = np.zeros((2**n, 2**n))
    full[0, 0] = 1
    times = np.geomspace(0.01, 3, 6) / (nbar + 1)
    for start, side in ((literal.ground(n), 1), (full, -1)):
        charging = literal.evolve(literal.together(n, nbar), start, times)
        library = atoms.evolve(AtomCluster.collective(n), start, times, nbar)
        for rho, other in zip(charging, library, strict=True):
            up, down = chances(rho, g_tau)
            short = side * (nbar * down - (nbar + 1) * up) / (2 * nbar + 1)
            deviation(min(short, 0.0), 0.0)
            deviation(harvest.flip_probabilities(other, g_tau), [up, down])
        up, down = chances(charging[0], 0.3)
        assert side * (nbar * down - (nbar + 1) * up) > 1e-4 * nbar * down


@claim("ours-discharge-8", "reproduces")
@given(nbar=nbars, g_tau=st.floats(0.1, 2.0))
def test_energy_for_coherence(nbar, g_tau, deviation):
    rho = literal.end(literal.together(2, nbar), literal.ground(2))
    cold = np.diag([0.0, 1.0])
    for after, qubit in (collided(rho, cold, collision(2, g_tau)),
                         harvest.collide(rho, cold, g_tau)):  # fmt: skip
        lost = flip_flop(rho) - flip_flop(after)
        deviation((2 * nbar + 1) * lost, qubit[0, 0].real, scale=nbar + 1)
        assert qubit[0, 0].real > 1e-5


@claim("ours-discharge-9", "reproduces")
def test_cold_qubits_empty_a_symmetric_cluster(deviation):
    cold = np.diag([0.0, 1.0])
    for n in (2, 3, 4):
        random = np.random.default_rng(n)
        # Any symmetric state is a sum of products of equal atoms.
        ket = sum(reduce(np.kron, [a] * n) for a in random.normal(size=(n + 1, 2)))
        rho = np.outer(ket, ket) / (ket @ ket)
        for k in range(n, 0, -1):
            held = np.trace(rho @ literal.number(n)).real
            assert held > 1e-3
            rho, _ = collided(rho, cold, collision(n, np.pi / 2 / np.sqrt(k * (n - k + 1))))
        deviation(np.trace(rho @ literal.number(n)).real, 0.0)
    pair = symmetric(power_law(2, 0.8))
    for _ in range(2):
        pair, _ = harvest.collide(pair, cold, np.pi / 8**0.5)
    deviation(pair, literal.ground(2))


def relative_entropy(rho, weights):
    """D(rho||sigma) for a diagonal sigma."""
    p = np.linalg.eigvalsh(rho)
    p = p[p > 1e-15]
    return p @ np.log(p) - np.diagonal(rho).real @ np.log(weights)


@claim("ours-discharge-10", "reproduces")
@given(n=st.sampled_from([2, 3]), r=st.floats(0.05, 0.95), g_tau=strengths, seed=seeds)
def test_the_discharge_leaves_the_free_energy(n, r, g_tau, seed, deviation):
    random = np.random.default_rng(seed)
    count = np.diagonal(literal.number(n))
    ladder = np.array([(count == k) / np.linalg.norm(count == k) for k in range(n + 1)])
    rho = symmetric(random.dirichlet(np.ones(n + 1)))
    for _ in range(3):
        q = random.uniform()
        rho, _ = collided(rho, np.diag([q, 1 - q]), collision(n, g_tau))
        # The bath may be that of the thermal atoms or another.
        rho = literal.evolve(literal.together(n, random.uniform()), rho, [0.1])[0]
        # Among all states, and within the ladder alone, which holds all of it.
        among_all = relative_entropy(rho, np.diagonal(independent(n, r)))
        within = relative_entropy(ladder @ rho @ ladder.T, power_law(n, r))
        deviation(among_all - within, n * np.log1p(r) - np.log((r ** np.arange(n + 1)).sum()))
        assert within > -1e-12


@claim("ours-discharge-11", "reproduces")
@given(r=st.floats(0.05, 0.95), g_tau=strengths, angle=st.floats(-1.5, 1.5))
def test_unequal_couplings_scale_the_coherence(r, g_tau, angle, deviation):
    rho = symmetric(power_law(2, r))
    g = np.array([np.cos(angle), np.sin(angle)])
    scaled = rho.copy()
    scaled[1, 2] = scaled[2, 1] = 2 * g[0] * g[1] * rho[1, 2]
    unequal = chances(rho, g_tau, g)
    deviation(unequal, harvest.flip_probabilities(scaled, g_tau / 2**0.5))
    up, down = chances(rho, g_tau, [1, -1])
    deviation(up, r * r * down)


@claim("ours-discharge-12", "reproduces")
def test_hot_clusters_are_cold_to_other_contacts(deviation):
    for n in (2, 3, 4, 6):
        random = np.random.default_rng(n)
        s, zero = literal.lowering(n), random.normal(size=n)
        # All rungs alike, and how their weights begin to differ with ln r.
        flat = symmetric(np.ones(n + 1)) / (n + 1)
        tilt = (literal.number(n) - n / 2 * np.eye(2**n)) @ flat
        for g in (np.ones(n), np.eye(n)[0], zero - zero.mean(), random.normal(size=n)):
            mode = sum(x * a for x, a in zip(g, s, strict=True))
            up, down = mode.T @ mode, mode @ mode.T
            found = np.trace(up @ flat) / np.trace((up - down) @ tilt)
            c = (g.sum() ** 2 - g @ g) / ((n - 1) * (g @ g))
            deviation(found, (3 + (n - 1) * c) / (n + 2))


def moments(rho):
    """What of the cluster the limit contains, and the phase of its dipole."""
    n = len(rho).bit_length() - 1
    low = sum(literal.lowering(n))
    jz = literal.number(n) - 0.5 * n * np.eye(2**n)
    lam = np.trace(low @ rho)
    phase = lam / abs(lam)
    up, down = np.trace(low.T @ low @ rho).real, np.trace(low @ low.T @ rho).real
    h = np.trace(low @ low @ rho) / phase**2
    kappa = np.trace((low @ jz + jz @ low) @ rho) / phase
    return abs(lam), phase, (up + down) / 2, down - up, h, kappa


def limit(rho, third=True):
    """x - iy over g tau, and z over its square."""
    lam, phase, d, w, h, kappa = moments(rho)
    kappa = kappa if third else 0 * kappa
    y = w / (2 * lam)
    x = -(h.imag * y + kappa.imag) / (d - h.real)
    z = -((d + h.real) * y + h.imag * x + kappa.real) / (2 * lam)
    return np.array([(x - 1j * y) * phase, z])


def with_many_digits(rho, order=None):
    with mp.workdps(120):
        g = mp.mpf(10) ** -20
        x, y, z = weak_beam.end(rho, g, order)
        return np.array([complex(x / g, -y / g), complex(z / g**2)])


@claim("ours-discharge-13", "reproduces")
def test_weak_driven_beams_need_the_third_order(deviation):
    for n in (1, 2, 3):
        for seed in range(2):
            random = np.random.default_rng(10 * n + seed)
            root = random.normal(size=(2**n, 2**n)) + 1j * random.normal(size=(2**n, 2**n))
            rho = root @ root.conj().T
            rho /= np.trace(rho).real
            exact = with_many_digits(rho)
            deviation(exact, limit(rho), scale=np.abs(exact).max())
            deviation(with_many_digits(rho, 2), limit(rho, third=False), scale=np.abs(exact).max())
            state = harvest.beam_steady_state(rho, 1e-12)
            deviation(2 * state[0, 1] / 1e-12, exact[0])
            wrong = np.abs(limit(rho, third=False) / exact - 1).min()
            assert (wrong > 1e-3) == (n > 1)
            if n == 2:
                second = harvest.bloch_steady_state(rho, 1.0, 1e-9)
                deviation(second[2] / 1e-18, limit(rho, third=False)[1], scale=abs(exact[1]))


def product(n, p, phase):
    ket = np.array([np.sqrt(p), np.sqrt(1 - p) * np.exp(1j * phase)])
    atom = 0.9 * np.outer(ket, ket.conj()) + 0.1 * np.diag([0.3, 0.7])
    return reduce(np.kron, [atom] * n), atom[0, 1], (atom[0, 0] - atom[1, 1]).real


@claim("ours-discharge-14", "reproduces")
def test_driven_clusters_of_independent_atoms_end_like_single_ones(deviation):
    for n, p, phase in ((1, 0.2, 0.4), (2, 0.36, 0.0), (2, 0.7, 2.0), (3, 0.1, 1.0)):
        rho, c, s = product(n, p, phase)
        true = s / (8 * abs(c) ** 2)
        deviation(with_many_digits(rho)[1].real / true, 1.0)
        factor = 1 + 4 * (n - 1) * abs(c) ** 2
        deviation(with_many_digits(rho, 2)[1].real / true, factor)
        deviation(limit(rho)[1].real / true, 1.0)
    ket = reduce(np.kron, [np.array([0.6, 0.8])] * 4)
    four = np.outer(ket, ket)
    wrong, right = limit(four, third=False)[1].real, limit(four)[1].real
    deviation(wrong / right, 1 + 12 * 0.48**2)
    deviation.evidence(wrong / right)


@claim("ours-discharge-15", "reproduces")
@given(n=st.sampled_from([2, 3]), g_tau=st.floats(0.2, 0.6), seed=seeds)
def test_a_clock_and_chance_end_alike(n, g_tau, seed, deviation):
    random = np.random.default_rng(seed)
    root = random.normal(size=(2**n, 2**n)) + 1j * random.normal(size=(2**n, 2**n))
    driving = root @ root.conj().T
    driving /= np.trace(driving).real
    unitary = collision(n, g_tau)
    qubit = np.diag([0.0, 1.0]).astype(complex)
    for _ in range(2000):
        _, qubit = collided(driving, qubit, unitary)
    deviation(qubit, harvest.beam_steady_state(driving, g_tau))
    chance = harvest.beam_evolve(driving, np.diag([0.0, 1.0]), 1.0, g_tau, [1e4])[0]
    deviation(qubit, chance)
    # In between, without coherence of different numbers.
    rho = symmetric(random.dirichlet(np.ones(n + 1)))
    up, down = chances(rho, g_tau)
    goal, eta = up / (up + down), up + down
    met, clocked = np.arange(6), [0.3]
    for _ in met[1:]:
        q = clocked[-1]
        clocked.append(collided(rho, np.diag([q, 1 - q]), unitary)[1][0, 0].real)
    deviation(clocked, goal + (1 - eta) ** met * (0.3 - goal))
    mean = harvest.beam_evolve(rho, np.diag([0.3, 0.7]), 1.0, g_tau, met)[:, 0, 0].real
    deviation(mean, goal + np.exp(-eta * met) * (0.3 - goal))
    assert all(abs(b - goal) <= abs(a - goal) + 1e-12 for a, b in pairwise(clocked))
