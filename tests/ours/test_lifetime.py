"""How long the coherence lives: pairs at a distance, small clusters, hot baths."""

from math import comb

import numpy as np
import scipy.linalg
from claims import claim
from hypothesis import given
from hypothesis import strategies as st
from routes import literal
from scipy.optimize import brentq

from coherence_lib import atoms, thermal
from coherence_lib.atoms import AtomCluster, pair

nbars = st.floats(-2, 2).map(lambda exponent: 10**exponent)
lacking = st.floats(0.02, 1.98)
hoppings = st.floats(-5, 5)
GROUND = literal.ground(2)


def pair_generator(missing, nbar, f=0.0):
    """Eq. (I.1) word for word, for two atoms in units of gamma0."""
    g = 1 - missing
    return literal.liouvillian([[0, f], [f, 0]], [[1, g], [g, 1]], nbar)


def cubic(missing, nbar):
    """Coefficients of the cubic of the populations' rates."""
    k, eps = 2 * nbar + 1, missing * (2 - missing)
    return [1, -4 * k, 3 * k**2 + 1 + eps * (2 * k**2 - 1), -2 * k**3 * eps]


def plateau(nbar):
    return nbar * (nbar + 1) / (3 * nbar * (nbar + 1) + 1)


@claim("ours-lifetime-1", "reproduces")
@given(missing=lacking, nbar=nbars, f=hoppings)
def test_the_rates_of_a_pair_are_those_of_the_cubic_and_the_closed_forms(
    missing, nbar, f, deviation
):
    k = 2 * nbar + 1
    generator = pair_generator(missing, nbar, f)
    by_hand = np.sort(-np.linalg.eigvals(generator).real)
    found = pair.rates(missing, nbar, f)
    # Both sums of the rates are exact, however close two of them are.
    deviation(found.sum(), -np.trace(generator).real, scale=16 * k)
    np.testing.assert_allclose(found / k, by_hand / k, atol=1e-5)
    # The cubic is the characteristic polynomial of the four populations, but for its zero.
    up, down = nbar, nbar + 1
    weights = {"gg": 0, "T": 1 + (1 - missing), "S": missing}
    rates = np.array(
        [
            [-2 * up, down * weights["T"], down * weights["S"], 0],
            [up * weights["T"], -k * weights["T"], 0, down * weights["T"]],
            [up * weights["S"], 0, -k * weights["S"], down * weights["S"]],
            [0, up * weights["T"], up * weights["S"], -2 * down],
        ]
    )
    balanced = np.diag((down / up) ** (np.array([0, 0.5, 0.5, 1])))
    symmetric = balanced @ rates @ np.linalg.inv(balanced)
    roots = np.linalg.eigvalsh(-(symmetric + symmetric.T) / 2)[1:]
    deviation(np.poly(roots) / k ** np.arange(4), cubic(missing, nbar) / k ** np.arange(4.0))
    deviation(pair.slow_rate(missing, nbar), roots[0], scale=k)


@claim("ours-lifetime-2", "reproduces")
@given(nbar=nbars, alpha=st.floats(0, np.pi), turn=st.floats(0, 6))
def test_the_slow_rate_of_a_close_pair_is_quadratic_in_the_distance(nbar, alpha, turn, deviation):
    k, xi = 2 * nbar + 1, 1e-6
    dipole = [np.sin(alpha) * np.cos(turn), np.sin(alpha) * np.sin(turn), np.cos(alpha)]
    close = AtomCluster.from_positions([[0, 0, 0], [0, 0, xi]], dipole)
    law = 4 * k**3 / (3 * k**2 + 1) * xi**2 / 10 * (2 - np.cos(alpha) ** 2)
    deviation(atoms.relaxation_rates(close, nbar, k=2)[1] / law, 1.0)
    # Twice as far, four times as fast, up to the next order.
    twice = atoms.missing_decay([[0, 0, 0], [0, 0, 2 * xi]], dipole)[0, 1]
    deviation(pair.slow_rate(twice, nbar) / law, 4.0)


@claim("ours-lifetime-3", "reproduces")
@given(missing=st.floats(0.05, 1.9), nbar=nbars, f=hoppings, seed=st.integers(0, 99))
def test_the_coherence_added_up_is_the_closed_form(missing, nbar, f, seed, deviation):
    k, g = 2 * nbar + 1, 1 - missing
    generator = pair_generator(missing, nbar, f)
    end = literal.end(generator, GROUND)
    thermal_weight = (nbar / k) * ((nbar + 1) / k)

    def added_up(start):
        """2 Re of the integral of rho_eg,ge: the inverse on what decays, by least squares."""
        spent, *_ = scipy.linalg.lstsq(generator, (end - start).ravel(order="F"))
        # What decays has no trace.
        spent = spent.reshape(4, 4, order="F")
        return 2 * (spent - np.trace(spent) * end)[1, 2].real

    closed = pair.time_integral(missing, nbar)
    scale = 1 / (missing * (2 - missing))
    deviation(abs(added_up(GROUND)), closed, scale=scale)
    deviation(closed, 2 * abs(g) / (1 - g**2) * thermal_weight / k, scale=closed + 1e-300)
    # Any other state.
    rng = np.random.default_rng(seed)
    vector = rng.normal(size=4) + 1j * rng.normal(size=4)
    vector /= np.linalg.norm(vector)
    start = np.outer(vector, vector.conj())
    p_t, p_s = (abs(state @ vector) ** 2 for state in (literal.TRIPLET, literal.SINGLET))
    wanted = ((thermal_weight - p_s) / missing - (thermal_weight - p_t) / (2 - missing)) / k
    deviation(added_up(start), wanted, scale=scale)


@claim("ours-lifetime-4", "reproduces")
def test_one_bath_is_the_best_at_any_distance(deviation):
    best = (np.sqrt(3) - 1) / 2
    deviation(thermal.temperature(best), 1 / np.log(2 + np.sqrt(3)))
    for xi in (1e-5, 0.1, 1.0, 2.5):
        missing = atoms.missing_decay([[0, 0, 0], [xi, 0, 0]], [0, 0, 1])[0, 1]
        # Nothing among all baths, next to it or far, has more.
        grid = np.concatenate([np.geomspace(1e-3, 1e3, 601), best * (1 + 1e-4 * np.arange(-1, 2))])
        areas = pair.time_integral(missing, grid)
        deviation(areas.max() / pair.time_integral(missing, best), 1.0)
    deviation(plateau(best), 0.2)
    lifetime = 1 / pair.slow_rate(1e-12, best)
    deviation(lifetime * 1e-12, 5 / (6 * np.sqrt(3)))
    deviation.evidence(best)


@claim("ours-lifetime-5", "reproduces")
@given(missing=st.floats(0, 2), nbar=nbars, f=hoppings)
def test_the_coherence_from_the_ground_state_keeps_its_sign(missing, nbar, f, deviation):
    g = 1 - missing
    times = np.geomspace(1e-2, 1e3, 60) / (2 * nbar + 1)
    generator = pair_generator(missing, nbar, f)
    states = literal.evolve(generator, GROUND, times)
    difference = 2 * states[:, 1, 2].real
    deviation(np.minimum(np.sign(g) * difference, 0), np.zeros(60))
    deviation([literal.l1(rho) for rho in states], np.abs(difference))
    # The three equations that show it.
    k = 2 * nbar + 1
    system = np.array([[-k, g, 0], [g * (2 * k**2 - 1), -2 * k, 1], [k * g, 0, -k]])
    ours = [(scipy.linalg.expm(system * t) @ [0, k - 1, k - 1])[0] for t in times]
    deviation(ours, difference)


@claim("ours-lifetime-6", "reproduces")
def test_the_two_limits_do_not_commute(deviation):
    for nbar in (0.2, 1.0, 10.0):
        together = literal.together(2, nbar)
        deviation(literal.l1(literal.end(together, GROUND)), plateau(nbar))
        for xi in (0.1, 1.0):
            near = AtomCluster.from_positions([[0, 0, 0], [xi, 0, 0]], [0, 0, 1])
            generator = literal.liouvillian(near.f, near.gamma, nbar)
            deviation(literal.l1(literal.end(generator, GROUND)), 0.0)
        # Closer than the time allows, the plateau stands.
        near = AtomCluster.from_positions([[0, 0, 0], [1e-7, 0, 0]], [0, 0, 1])
        deviation(atoms.coherence(near, [100.0], nbar), [plateau(nbar)])
    near = AtomCluster.from_positions([[0, 0, 0], [0.1, 0, 0]], [0, 0, 1])
    deviation.evidence(atoms.coherence(near, [100.0], 1.0)[0])


@claim("ours-lifetime-7", "reproduces")
def test_hot_clusters_lose_what_j_atoms_share_j_times_as_fast(deviation):
    riordan = [1, 0, 1, 1, 3]
    missing, nbar = 1e-6, 1e3
    unit = 4 / 3 * (nbar + 0.5)
    for n in (2, 3, 4):
        cluster = AtomCluster(np.zeros((n, n)), 1 - missing * (1 - np.eye(n)))
        sizes = np.repeat(np.arange(n + 1), [comb(n, j) * riordan[j] for j in range(n + 1)])
        # As many as the Catalan number.
        assert len(sizes) == comb(2 * n, n) // (n + 1)
        rates = atoms.relaxation_rates(cluster, nbar, k=len(sizes) + 1)
        assert rates[-1] > 0.5
        deviation(rates[:-1] / (unit * missing), sizes.astype(float))
    # Of pairs that lack different amounts: a Heisenberg magnet of spins one.
    lacks = 2.0**-20 * np.array([[0, 1, 5], [1, 0, 3], [5, 3, 0]])
    slow = atoms.slow_rates(AtomCluster(np.zeros((3, 3)), 1 - lacks), nbar)
    deviation(slow / (unit * 2.0**-20), [2.0, 6.0, 9.0, 10.0])


@claim("ours-lifetime-8", "reproduces")
def test_the_hoppings_of_paper_one_are_at_large_distances(deviation):
    slow = {}
    stated = {(1, 1): 0.851, (100, 1): 0.195, (1, 0): 1.318, (100, 0): 0.249}
    for (f0, across), distance in stated.items():
        dipole = [across, 0, 1 - across]

        def off(xi, dipole=dipole, f0=f0):
            hopping = atoms.dipole_couplings([[0, 0, 0], [0, 0, xi]], dipole)[0]
            return abs(hopping[0, 1]) - f0

        xi = brentq(off, 1e-3, 1.5, xtol=1e-14)
        deviation(round(xi, 3), distance)
        near = AtomCluster.from_positions([[0, 0, 0], [0, 0, xi]], dipole)
        generator = literal.liouvillian(near.f, near.gamma, 10.0)
        rates = np.sort(-np.linalg.eigvals(generator).real)
        slow[f0, across] = pair.slow_rate(near.missing_decay[0, 1], 10.0)
        deviation(slow[f0, across], rates[1])
    assert [rate > 1 / 6 for rate in slow.values()] == 4 * [True]
    deviation.evidence(slow[1, 1])


@claim("ours-lifetime-9", "reproduces")
@given(hops=st.tuples(*[st.integers(-9, 9)] * 3), nbar=st.floats(0.1, 20))
def test_three_atoms_keep_a_coherence_if_two_hoppings_are_equal(hops, nbar, deviation):
    a, b, c = hops
    f = np.array([[0, a, b], [a, 0, c], [b, c, 0]], float)
    generator = literal.liouvillian(f, np.ones((3, 3)), nbar)
    end = literal.l1(literal.end(generator, literal.ground(3)))
    kept = len(set(hops)) < 3
    deviation(atoms.long_time_coherence(AtomCluster(f, np.ones((3, 3))), nbar), end)
    assert (end > 1e-3) == kept
    if not kept:
        deviation(end, 0.0)


@claim("ours-lifetime-10", "reproduces")
@given(nbar=nbars, near=st.integers(2, 9), far=st.integers(-1, 1))
def test_the_ends_of_a_row_of_three_are_a_pair(nbar, near, far, deviation):
    f = np.array([[0, near, far], [near, 0, near], [far, near, 0]], float)
    end = literal.end(literal.liouvillian(f, np.ones((3, 3)), nbar), literal.ground(3))
    deviation(literal.l1(end), plateau(nbar))
    parts = end.reshape([2] * 6)
    middle = np.einsum("aibajb->ij", parts)
    deviation(middle, np.diag([nbar, nbar + 1]) / (2 * nbar + 1))
    ends = np.einsum("aibcid->abcd", parts).reshape(4, 4)
    together = literal.end(literal.together(2, nbar), GROUND)
    deviation(ends, together)


@claim("ours-lifetime-11", "reproduces")
def test_hot_clusters_lose_their_coherence_by_the_number_that_shares_it(deviation):
    missing, nbar = 2.0**-17, 400.0
    ages = np.array([0.1, 0.5, 1.0, 2.0])
    times, q = ages / (4 / 3 * (nbar + 0.5) * missing), np.exp(-ages)
    for n in (2, 3, 4):
        cluster = AtomCluster(np.zeros((n, n)), 1 - missing * (1 - np.eye(n)))
        by_sizes = sum(comb(n, j) * q**j / (j + 1) for j in range(2, n + 1, 2))
        deviation(atoms.coherence(cluster, times, nbar), by_sizes)
        closed = ((1 + q) ** (n + 1) - (1 - q) ** (n + 1)) / (2 * q * (n + 1)) - 1
        deviation(closed, by_sizes)
