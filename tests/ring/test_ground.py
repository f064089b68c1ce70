"""Ground levels of rings of any size, against tables of all levels."""

import time
from fractions import Fraction

import mpmath as mp
import numpy as np
import pytest
from routes import ring_routes

from coherence_lib import ring
from coherence_lib.ring import SourceRing, bounds, ground, target, transition
from coherence_lib.ring.model import Columns


def all_levels(n, omega_a, gamma, J, omega):
    """Energy, number of states, M and branch of every (M, l, branch)."""
    for M in range(-n, n + 1, 2):
        split = np.hypot(omega / 2, gamma * M)
        for domains in range(n // 2 + 1):
            if count := ring_routes.degeneracy(n, M, domains):
                base = omega_a * M / 2 - J * (n - 4 * domains)
                yield base - split, count, M, -1
                yield base + split, count, M, 1


def expected(source):
    """{(M, branch): states} of the ground levels, and the lowest energy."""
    rows = list(all_levels(source.n_sources, source.omega_a, source.gamma, source.J, source.omega))
    lowest = min(energy for energy, *_ in rows)
    found = {}
    for energy, count, M, branch in rows:
        if energy - lowest <= 1e-10 * max(source.omega, abs(lowest)):
            found[M, branch] = found.get((M, branch), 0) + count
    return found, lowest


def mixed(found, source):
    """C, 1 - C and rho_ee of a mixture of levels."""
    total = sum(found.values())
    element = excited = 0.0
    for (M, branch), count in found.items():
        split = np.hypot(source.omega / 2, source.gamma * M)
        share = float(Fraction(count, total))
        element += share * branch * source.gamma * M / split
        excited += share * (1 + branch * source.omega / (2 * split)) / 2
    return abs(element), 1 - abs(element), excited


def sources(n, seed):
    """Random rings of N sources, and all kinds of degenerate ones."""
    rng = np.random.default_rng([n, seed])
    signs = rng.choice([-1, 1], 3)
    omega_a, gamma, J = signs * 10 ** rng.uniform(-2, 1, 3)
    yield SourceRing(n, omega_a, gamma, J, 10 ** rng.uniform(-1, 1))
    for zero in range(1, 8):
        yield SourceRing(
            n, *(0.0 if zero >> k & 1 else v for k, v in enumerate((omega_a, gamma, J)))
        )
    if n >= 2:
        line = transition.critical_gap(n, gamma, -abs(J))
        yield from (SourceRing(n, sign * line, gamma, -abs(J)) for sign in (-1, 1))
        # All lowest levels of the free ring cross at once.
        yield SourceRing(n, 4 * abs(J), 0.0, -abs(J))
    # A coupling, a gap or a target below what counts.
    yield SourceRing(n, omega_a, 1e-7, 0.0)
    yield SourceRing(n, 1e-12, gamma, 1e-12 * signs[2])
    yield SourceRing(n, 1e-12, 1e-7, 1e-13)
    yield SourceRing(n, 1e-3, 1e-3, 1e9 * J, 1e-3)
    yield SourceRing(n, omega_a * 1e9, 1e-3, signs[2] * 1e-2, 1e-3)
    yield SourceRing(n, signs[0] * 1e-2, 3e-3, 1e8 * signs[2], 1e-3)


@pytest.mark.parametrize("n", range(1, 41))
def test_the_ground_levels_are_those_of_the_table(n):
    for source in (s for seed in range(3) for s in sources(n, seed)):
        found, lowest = expected(source)
        levels = ground.ground_levels(source)
        pairs = zip(levels.magnetisation.tolist(), levels.branch.tolist(), strict=True)
        assert dict(zip(pairs, levels.counts, strict=True)) == found
        assert levels.energy == pytest.approx(lowest, rel=1e-14)
        state = transition.ground_state(source)
        assert state.degeneracy == sum(found.values())
        assert isinstance(state.degeneracy, int)
        mean = sum(count * M for (M, _), count in found.items()) / sum(found.values())
        assert state.magnetisation == pytest.approx(mean, abs=1e-11)
        coherence, incoherence, excited = mixed(found, source)
        assert ring.coherence(source, 0.0) == pytest.approx(coherence, abs=1e-13)
        assert ring.incoherence(source, 0.0) == pytest.approx(incoherence, abs=1e-13)
        assert ring.target_state(source, 0.0)[0, 0] == pytest.approx(excited, abs=1e-13)


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 6, 17, 40])
def test_many_parameters_at_once_are_those_one_by_one(n):
    every = [s for seed in range(5) for s in sources(n, seed)]
    columns = Columns(
        *(
            np.array([getattr(s, name) for s in every])
            for name in ("omega_a", "gamma", "J", "omega")
        ),
        np.zeros(len(every)),
    )
    for observable in (target.COHERENCE, target.INCOHERENCE, target.EXCITED):
        together = ground.ground_means(n, columns, observable)
        alone = [observable.ground(ground.ground_levels(s), s.gamma, s.omega) for s in every]
        np.testing.assert_allclose(together, alone, rtol=1e-13, atol=1e-15)


def test_a_table_that_knows_the_ends_alone_is_noticed(monkeypatch):
    monkeypatch.setattr(ground, "_inside", lambda room, sign, branch, low, high: np.array([], int))
    free = SourceRing(6, 1.0, 0.0, -0.25)
    assert sum(expected(free)[0].values()) != transition.ground_state(free).degeneracy


@pytest.mark.parametrize("n", range(4, 41))
def test_logarithms_of_numbers_of_states_are_those_of_the_numbers(n):
    rng = np.random.default_rng(n)
    down = np.arange(n // 2 + 1)
    for J in (1.0, -1.0, 0.0):
        most = np.maximum(down, 1)
        number = most if J == 0 else rng.integers(1, most + 1)
        exact = [ground._states(n, int(d), J, int(k)) for d, k in zip(down, number, strict=True)]
        ours = ground._log_states(n, down, J, number)
        np.testing.assert_allclose(ours, [float(mp.log(c)) for c in exact], rtol=1e-13, atol=1e-13)


@pytest.mark.parametrize("parameters", [(0.5, 0.2, 0.25), (0.5, 0.2, -0.3), (0.1, 3.0, -0.01)])
@pytest.mark.parametrize("n", [1001, 2002, 10**6, 10**12])
def test_shares_from_logarithms_are_those_of_the_numbers(n, parameters):
    levels = ground.ground_levels(SourceRing(n, *parameters))
    counts = levels.counts
    shares = [float(Fraction(count, sum(counts))) for count in counts]
    np.testing.assert_allclose(levels.weights, shares, rtol=1e-11, atol=1e-300)


def test_a_share_of_logarithms_that_are_too_large_is_refused():
    # The largest is the binomial coefficient of N over N/2, of almost N bits.
    message = (
        r"^`n_sources` must be smaller .* got 1000000: their numbers .* some 1e\+06 bits\. .*\.$"
    )
    with pytest.raises(ValueError, match=message):
        _ = ground.ground_levels(SourceRing(10**6, 0.0, 1e-17, 0.0)).weights


def test_a_thousand_billion_sources_are_cold_at_once():
    source = SourceRing(10**12, 0.5, 0.2, 0.25)
    start = time.perf_counter()
    c, state = ring.coherence(source, 0.0), transition.ground_state(source)
    assert time.perf_counter() - start < 0.5
    # Flips that cost less than the tolerance are counted, and change nothing.
    assert c == pytest.approx(bounds.upper_bound(source, 0.0), rel=1e-15)
    assert state.energy == pytest.approx(-0.7e12, rel=1e-12)
    assert state.degeneracy > 10**12
    # A target that is not coupled does not ask how many they are.
    assert ring.coherence(SourceRing(10**12, 0.0, 0.0, 0.0), 0.0) == 0.0
    assert bounds.free_magnetisation(SourceRing(10**12, 0.0, 0.2, 0.0), 0.0) == 0.0


def test_thousands_of_couplings_are_as_quick_at_zero_as_above():
    J = np.linspace(-1, 1, 2000)

    def seconds(temperature):
        start = time.perf_counter()
        ring.local_coherence(temperature, 6, 0.5, 0.2, J)
        return time.perf_counter() - start

    assert min(seconds(0.0) for _ in range(5)) < 5 * min(seconds(0.5) for _ in range(5))


@pytest.mark.parametrize("n", [1, 2, 5, 6, 12])
def test_the_mean_over_the_levels_is_the_coherence(n):
    T = np.array([0.0, 0.05, 0.7, 30.0, np.inf])
    # Energies far above the temperature are rounded to less than their differences.
    for source in (s for s in sources(n, 0) if max(abs(s.omega_a), abs(s.J)) < 1e3):
        levels = source.levels()
        ours = np.abs(levels.mean(levels.coherence, T))
        np.testing.assert_allclose(ours, ring.coherence(source, T), rtol=0, atol=1e-11)
    assert levels.mean(np.ones_like(levels.energies), 1.0) == pytest.approx(1.0, rel=1e-15)
    with pytest.raises(ValueError, match=r"^`values` must have the shape .*, but got \(3,\)\.$"):
        levels.mean([1.0, 2.0, 3.0], 1.0)


def test_exact_numbers_of_too_many_bits_are_refused():
    # Of each of the 10^6 values of M all domains are degenerate: 2^(10^6) states in all.
    levels = ground.ground_levels(SourceRing(10**6, 0.0, 1e-17, 0.0))
    message = (
        r"^`n_sources` must be smaller .* got 1000000: their exact numbers .* up to .* bits\. "
    )
    with pytest.raises(ValueError, match=message):
        _ = levels.counts


@pytest.mark.parametrize("n", [10**12, 10**16, 10**17 + 1])
def test_of_very_many_cold_sources_a_single_end_is_the_ground_state(n):
    # Beside it lie levels nearer than a rounding of their energy, which would shift M.
    rest = ring.incoherence(SourceRing(n, 0.5, 0.2, 0.25), 0.0)
    assert rest == pytest.approx((1 / (2 * 0.2 * n)) ** 2 / 2, rel=1e-13)


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("cost, degeneracy", [(0.9, 11), (1.1, 1)])
def test_a_turned_source_that_costs_less_than_the_tolerance_is_a_ground_state(
    sign, cost, degeneracy
):
    # The lowest energy is about that of the target alone, -1/2.
    source = SourceRing(10, sign * cost * 1e-10, 1e-30, 0.0)
    state = transition.ground_state(source)
    assert state.degeneracy == degeneracy
    turned = 10 * 8 + 10 if degeneracy == 11 else 10
    assert state.magnetisation == pytest.approx(-sign * turned / degeneracy, rel=1e-14)
