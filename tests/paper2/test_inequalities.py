"""Paper II, Sec. 5: what makes the coherence grow, and its bounds."""

import itertools

import mpmath as mp
import numpy as np
from claims import claim
from routes import ring_routes as routes

from coherence_lib import ring
from coherence_lib.ring import SourceRing, bounds


def draw(seed, largest=40, decades=3.0):
    """Number of sources, omega_a and gamma > 0, J of either sign, and a temperature."""
    rng = np.random.default_rng(seed)
    omega_a, gamma, J, T = (10 ** rng.uniform(-decades, decades, 4)).tolist()
    return int(rng.integers(1, largest + 1)), omega_a, gamma, float(rng.choice([-1, 1])) * J, T


def exact(n, omega_a, gamma, J, T, digits=80):
    with mp.workdps(digits):
        return routes.coherence(n, omega_a, gamma, J, T, digits=digits)


def single(omega_a, gamma, T):
    """Coherence that one source induces."""
    with mp.workdps(60):
        omega_a, gamma, T = (mp.mpf(x) for x in (omega_a, gamma, T))
        gap = mp.sqrt(1 + 4 * gamma**2)
        return 2 * gamma / gap * mp.tanh(omega_a / 2 / T) * mp.tanh(gap / 2 / T)


SYSTEMS = [draw(seed) for seed in range(24)]
# Temperatures at which every term of the sums counts.
MILD = [draw(seed, 9, 0.6) for seed in range(12)]


def grows(which, deviation, rises):
    """Coherence along one parameter; `rises(n)` tells whether it must grow strictly."""
    for seed, system in enumerate([*SYSTEMS, *MILD]):
        n, *rest, T = system
        more = list(rest)
        more[which] += abs(more[which]) * 10 ** np.random.default_rng(seed).uniform(-3, 0.5)
        # Near a bound the change is as small as a Boltzmann factor over all levels.
        span = max(
            n * (numbers[0] + 2 * numbers[1] + 4 * abs(numbers[2])) for numbers in (rest, more)
        )
        digits = 60 + int(span / T)
        resolved = digits < 1000
        pair = [exact(n, *numbers, T, digits if resolved else 60) for numbers in (rest, more)]
        if resolved:
            with mp.workdps(digits):
                growth = pair[1] / pair[0] - 1
                assert growth > 0 if rises(n) else abs(growth) < 1e-40
        made = [ring.coherence(SourceRing(n, *numbers), T) for numbers in (rest, more)]
        deviation(made, [float(c) for c in pair], scale=max(float(pair[0]), 1e-300))


@claim("p2-eq-32", "holds under a condition")
def test_coherence_grows_with_the_coupling_of_two_or_more_sources(deviation):
    grows(2, deviation, rises=lambda n: n > 1)
    pair, two = (
        [ring.coherence(SourceRing(n, 0.5, 0.2, J), 1.0) for J in (5.0, -5.0)] for n in (1, 2)
    )
    deviation(pair, np.full(2, float(single(0.5, 0.2, 1.0))))
    # A single source does not grow as two do ..
    deviation.broken(two[0] - two[1], pair[0] - pair[1])
    # .. and at T = 0 the two phases each have one value.
    cold, warm = (
        np.array([ring.coherence(SourceRing(6, 0.5, 0.2, J), T) for J in (-0.1, 0.0, 3.0)])
        for T in (0.0, 1.0)
    )
    deviation(cold, np.full(3, 12 / 13))
    deviation.broken(warm[2] - warm[0], cold[2] - cold[0])
    deviation.evidence(pair[0] / pair[1])


@claim("p2-eq-33", "reproduces")
def test_coherence_grows_with_the_gap_of_the_sources(deviation):
    grows(0, deviation, rises=lambda n: True)


@claim("p2-eq-34", "reproduces")
def test_coherence_grows_with_the_coupling_to_the_target(deviation):
    grows(1, deviation, rises=lambda n: True)


def crossing(n, omega_a, gamma):
    """Coupling at which the ferromagnetic and the antiferromagnetic ground state are level."""
    gap = np.sqrt(1 + 4 * n**2 * gamma**2)
    lowest = np.sqrt(1 + 4 * gamma**2) if n % 2 else 1.0
    return -(omega_a + (gap - lowest) / (n - n % 2)) / 4


@claim("p2-s5-1", "holds under a condition")
def test_global_maximum_leaves_zero_temperature_only_with_the_ground_state(deviation):
    for n, omega_a, gamma, _, _ in MILD:
        n += 1
        level = crossing(n, omega_a, gamma)
        temperatures = np.geomspace(0.01, 100, 60) * abs(level)
        top = 2 * n * gamma / np.sqrt(1 + 4 * n**2 * gamma**2)
        for J in (0.0, 0.3 * abs(level), 0.97 * level, 1.03 * level):
            made = ring.coherence(SourceRing(n, omega_a, gamma, J), np.append(0.0, temperatures))
            for k in (10, 40):
                deviation(made[k], float(exact(n, omega_a, gamma, J, temperatures[k - 1])))
            if J > level:
                deviation(made[0], top)
            assert (made.argmax() == 0) == (J > level)
            assert J < 0 or np.diff(made).max() < 1e-12
    # A dip and a local maximum, on the ferromagnetic side.
    near = SourceRing(6, 0.5, 0.2, 0.98 * crossing(6, 0.5, 0.2))
    dip, hump = ring.coherence(near, [0.0572, 0.1398])
    assert ring.coherence(near, 0.0) > hump > dip
    # A curve that had no maximum would go on falling.
    deviation.broken(dip, hump)
    deviation.evidence(hump / dip)


@claim("p2-s5-2", "reproduces")
def test_ferromagnetic_sources_do_better_and_antiferromagnetic_ones_worse_than_free_ones(deviation):
    for n, omega_a, gamma, J, T in MILD:
        made = [ring.coherence(SourceRing(n + 1, omega_a, gamma, x), T) for x in (-J, 0, J)]
        assert sorted(made) == (made if J > 0 else made[::-1])
        assert len(set(made)) == 3
        deviation(made, [float(exact(n + 1, omega_a, gamma, x, T)) for x in (-J, 0, J)])


@claim("p2-eq-35", "definition")
def test_upper_bound_is_the_limit_of_strong_ferromagnetic_coupling(deviation):
    for n, omega_a, gamma, J, T in [*SYSTEMS, *MILD]:
        bound = bounds.upper_bound(SourceRing(n, omega_a, gamma, J), T)
        limit = float(exact(n, omega_a, gamma, 40 * T, T))
        deviation.definition(bound, limit, scale=limit)
        assert ring.coherence(SourceRing(n, omega_a, gamma, J), T) <= bound * (1 + 1e-12)


@claim("p2-s5-3", "reproduces")
def test_largest_exponential_belongs_to_the_uniform_states(deviation):
    for n in range(2, 13):
        exponents = [
            (n - 4 * k, abs(m))
            for m, k in itertools.product(range(-n, n + 1, 2), range(n // 2 + 1))
            if routes.degeneracy(n, m, k)
        ]
        assert set(e for e in exponents if e[0] == max(exponents)[0]) == {(n, n)}
        # The gap to the next exponent is 4: every other weight is e^(-4 beta J) times a polynomial.
        weights = ring.log_weights(n, 9.0)
        rest = weights[1:-1] - weights[-1]
        assert np.all(rest < 0)
        deviation(rest, np.full(n - 1, np.log(n) - 36), scale=1)


@claim("p2-s5-4", "reproduces")
def test_four_states_are_left_when_levels_of_more_domains_go_away(deviation):
    for n, omega_a, gamma, _, T in MILD:
        n += 1
        lam = np.sqrt(0.25 + gamma**2 * n**2)
        four = [s * n * omega_a / 2 + t * lam for s, t in itertools.product((1, -1), repeat=2)]
        for beta_J in (10.0, 20.0, 200.0):
            model = SourceRing(n, omega_a, gamma, beta_J * T)
            energies = np.array(four) - beta_J * T * n
            shift = energies.min()
            log_z = np.log(np.exp(-(energies - shift) / T).sum()) - shift / T
            deviation(ring.log_partition_function(model, T), log_z, scale=max(1, abs(log_z)))
        levels = model.levels()
        low = levels.energies < levels.energies.min() + 2 * n * omega_a + 3 * lam
        deviation(np.sum(levels.degeneracies[low]), 4)


@claim("p2-eq-36", "reproduces")
def test_upper_bound_in_closed_form_and_how_fast_it_is_reached(deviation):
    for n, omega_a, gamma, _, T in [*SYSTEMS, *MILD]:
        with mp.workdps(60):
            gap = mp.sqrt(1 + 4 * n**2 * mp.mpf(gamma) ** 2)
            closed = 2 * n * mp.mpf(gamma) / gap
            closed *= mp.tanh(n * mp.mpf(omega_a) / 2 / T) * mp.tanh(gap / 2 / T)
            limit = exact(n, omega_a, gamma, 40 * mp.mpf(T), T)
        made = bounds.upper_bound(SourceRing(n, omega_a, gamma, 1.0), T)
        deviation(made, float(closed), scale=float(closed))
        deviation(float(limit / closed), 1)
    # What is missing is e^(-4 beta J) times a constant.
    with mp.workdps(60):
        limit = single(3, 6 * mp.mpf(0.2), 1)
        missing = [1 - exact(6, 0.5, 0.2, J, 1) / limit for J in (10, 11)]
        deviation.evidence(float(mp.log(missing[0] / missing[1])))


@claim("p2-s5-5", "reproduces")
def test_strong_ferromagnetic_sources_act_as_one(deviation):
    for n, omega_a, gamma, J, T in [*SYSTEMS, *MILD]:
        joint = ring.coherence(SourceRing(1, n * omega_a, n * gamma, J), T)
        limit = float(exact(n, omega_a, gamma, 40 * T, T))
        deviation(joint, limit, scale=limit)


@claim("p2-s5-6", "holds under a condition")
def test_strong_antiferromagnetic_coupling_must_also_beat_the_field(deviation):
    for n, omega_a, gamma, _, T in MILD:
        if n > 1:
            model = SourceRing(n, omega_a, gamma, -60 * T)
            value = float(exact(n, omega_a, gamma, -60 * T, T))
            deviation(ring.coherence(model, T), value)
            free = ring.coherence(SourceRing(n, omega_a, gamma, 0.0), T)
            assert n % 2 or value < 1e-6 * free or omega_a / 4 + gamma / 2 > 30 * T
    made = [ring.coherence(SourceRing(6, 5.0, 0.2, J), 0.1) for J in (-1.0, 0.0)]
    deviation(made, [float(exact(6, 5.0, 0.2, J, 0.1)) for J in (-1.0, 0.0)])
    # With a smaller gap of the sources the same interaction takes nearly all.
    small = [ring.coherence(SourceRing(6, 0.5, 0.2, J), 0.1) for J in (-1.0, 0.0)]
    assert small[0] / small[1] < 1e-6
    deviation.broken(small[0] / small[1], made[0] / made[1])
    # An odd ring keeps one source's worth, which can be nearly all.
    odd = [ring.coherence(SourceRing(5, 0.5, 20.0, J), 0.01) for J in (-50.0, 0.0)]
    assert odd[0] / odd[1] > 0.999
    deviation.broken(small[0] / small[1], odd[0] / odd[1])
    deviation.evidence(made[0] / made[1])


@claim("p2-eq-37", "definition")
def test_lower_bound_is_the_limit_of_strong_antiferromagnetic_coupling(deviation):
    for n, omega_a, gamma, J, T in [*SYSTEMS, *MILD]:
        model = SourceRing(n, omega_a, gamma, J)
        bound = bounds.lower_bound(model, T)
        strong = -(60 * T + n * omega_a + 2 * n * gamma)
        limit = float(exact(n, omega_a, gamma, strong, T))
        deviation.definition(bound, limit, scale=limit if n % 2 else 1.0)
        assert ring.coherence(model, T) >= bound * (1 - 1e-12)


@claim("p2-s5-7", "reproduces")
def test_lower_bound_vanishes_for_even_numbers_only(deviation):
    for n, (_, omega_a, gamma, J, T) in enumerate([*SYSTEMS, *MILD], start=1):
        bound = bounds.lower_bound(SourceRing(n, omega_a, gamma, J), T)
        assert (bound > 0) == (n % 2 == 1)
        strong = -(60 * T + n * omega_a + 2 * n * gamma)
        deviation(bound, float(exact(n, omega_a, gamma, strong, T)))


@claim("p2-eq-38", "reproduces")
def test_lower_bound_of_an_odd_ring(deviation):
    for n, omega_a, gamma, J, T in [*SYSTEMS, *MILD]:
        n |= 1
        closed = single(omega_a, gamma, T)
        strong = -(60 * T + n * omega_a + 2 * n * gamma)
        limit = exact(n, omega_a, gamma, strong, T)
        deviation(float(limit / closed), 1)
        made = bounds.lower_bound(SourceRing(n, omega_a, gamma, J), T)
        deviation(made, float(closed), scale=float(closed))
        # The other order of the limits: a fixed J < 0 and T -> 0.
        cold = ring.coherence(SourceRing(n, omega_a, gamma, strong), 0.0)
        deviation(cold, 2 * gamma / np.sqrt(1 + 4 * gamma**2))
    with mp.workdps(60):
        excess = [exact(5, 0.5, 0.2, -J, 1) / single(0.5, 0.2, 1) - 1 for J in (8, 9)]
        deviation.evidence(float(mp.log(excess[0] / excess[1])))


def configurations(n, bonds):
    """Magnetisations, with multiplicities, of the configurations of one bond sum."""
    return {m: count for (m, found), count in routes.configurations(n).items() if found == bonds}


@claim("p2-s5-8", "reproduces")
def test_most_domains_of_an_odd_ring_have_magnetisation_one(deviation):
    for n in range(3, 14, 2):
        highest = (n - 1) // 2
        assert configurations(n, n - 4 * highest) == {1: n, -1: n}
        deviation(ring.degeneracy(n, 1, highest), n)
        weights = ring.log_weights(n, -9.0)
        # The middle pair has M = -1 and 1; the next weight is smaller by e^(4 beta J) or more.
        deviation(weights[highest] - 9 * (4 * highest - n), np.log(n))
        assert np.all(weights[:highest] < weights[highest] - 30)


@claim("p2-s5-9", "reproduces")
def test_strong_antiferromagnetic_odd_ring_acts_as_a_single_source(deviation):
    for n, omega_a, gamma, _, T in [*SYSTEMS, *MILD]:
        strong = -(60 * T + n * omega_a + 2 * n * gamma)
        limit = float(exact(n | 1, omega_a, gamma, strong, T))
        one = ring.coherence(SourceRing(1, omega_a, gamma, strong), T)
        deviation(one, limit, scale=limit)


@claim("p2-s5-10", "reproduces")
def test_all_but_one_source_of_an_odd_ring_pair_up_with_the_most_walls(deviation):
    for n in range(1, 14, 2):
        lowest = min(bonds for _, bonds in routes.configurations(n))
        deviation((n - lowest) / 2, n - 1)
        for m, count in configurations(n, lowest).items():
            assert abs(m) == 1
            assert count == n
        for value in range(lowest + 4, n + 1, 4):
            assert max(map(abs, configurations(n, value))) > 1


@claim("p2-s5-11", "reproduces")
def test_antiferromagnetic_coupling_diminishes_the_modulus_of_the_magnetisation(deviation):
    def mean(n, omega_a, gamma, J, T):
        weights = ring.log_weights(n, J / T)
        m = np.arange(-n, n + 1, 2)
        lam = np.hypot(0.5, gamma * m)
        exponents = weights - omega_a * m / 2 / T + np.logaddexp(lam / T, -lam / T)
        p = np.exp(exponents - exponents.max())
        return p @ abs(m) / p.sum()

    for n, omega_a, gamma, _, T in MILD:
        n += 1
        values = [mean(n, omega_a, gamma, beta_J * T, T) for beta_J in np.linspace(-4, 4, 17)]
        assert np.all(np.diff(values) > 0)
        counted = {"z": 0.0, "m": 0.0}
        for (m, bonds), count in routes.configurations(n).items():
            weight = count * mp.exp((-4 * T * -bonds - omega_a * m / 2) / T)
            weight *= mp.cosh(mp.hypot(0.5, gamma * m) / T)
            counted["z"] += weight
            counted["m"] += weight * abs(m)
        deviation(values[-1], float(counted["m"] / counted["z"]), scale=n)


@claim("p2-s5-12", "reproduces")
def test_dominant_terms_of_a_strong_antiferromagnetic_even_ring(deviation):
    for n, omega_a, gamma, _, T in MILD:
        n += n % 2
        half = n // 2
        deviation(ring.degeneracy(n, 0, half), 2)
        assert configurations(n, -n) == {0: 2}
        deviation(ring.degeneracy(n, 2, half - 1), half**2)
        with mp.workdps(60):
            t, lam = mp.mpf(T), mp.sqrt(mp.mpf(1) / 4 + 4 * mp.mpf(gamma) ** 2)
            strong = 60 * t + n * mp.mpf(omega_a) + 2 * n * mp.mpf(gamma)
            leading = half**2 * mp.exp(-4 * strong / t) * 2 * gamma / lam
            leading *= mp.sinh(omega_a / t) * mp.sinh(lam / t) / mp.cosh(1 / (2 * t))
            deviation(float(exact(n, omega_a, gamma, -strong, t, 200) / leading), 1)


@claim("p2-eq-39", "reproduces")
def test_lower_bound_of_an_even_ring_is_zero(deviation):
    for n, omega_a, gamma, J, T in [*SYSTEMS, *MILD]:
        n += n % 2
        deviation(bounds.lower_bound(SourceRing(n, omega_a, gamma, J), T), 0)
        strong = -(60 * T + n * omega_a + 2 * n * gamma)
        deviation(ring.coherence(SourceRing(n, omega_a, gamma, strong), T), 0)
        # Zero is a limit only: at any finite J the coherence has a logarithm.
        log_c = ring.coherence(SourceRing(n, omega_a, gamma, strong), T, log=True)
        assert -np.inf < log_c < -100


@claim("p2-s5-13", "reproduces")
def test_alternating_sources_induce_no_coherence(deviation):
    for n in range(2, 13, 2):
        model = SourceRing(n, 0.5, 0.2, -3.0)
        target = ring.target_state(model, 0.0)
        deviation(target, np.diag([0, 1]))
        for T in (0.3, 1.0):
            strong = ring.target_state(SourceRing(n, 0.5, 0.2, -100.0), T)
            free = 1 / (1 + np.exp(1 / T))
            deviation(strong, np.diag([free, 1 - free]))
