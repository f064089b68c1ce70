"""Large rings: what follows from the integral over the target's mean polarisation."""

from math import comb

import mpmath as mp
import numpy as np
from claims import claim
from routes import ring_curves as rc
from routes import ring_routes as rr
from scipy.optimize import brentq

from coherence_lib import ring
from coherence_lib.ring import SourceRing, bounds, transition


def free_ring(n, beta_J, h):
    """Z_N(h) of the sources alone, as a trace of a power."""
    bond = mp.exp(mp.mpf(beta_J))
    transfer = mp.matrix([[bond * mp.exp(h), 1 / bond], [1 / bond, bond * mp.exp(-h)]])
    return mp.fsum((transfer**n)[k, k] for k in range(2))


def second_moment(n, beta_J):
    """<M^2> of the free ring without a field, closed."""
    with mp.workdps(40):
        # 1 - t^N loses as many digits as a strong interaction has exponents.
        t = mp.tanh(mp.mpf(beta_J))
        return float(n * (1 + t) / (1 - t) * (1 - t**n) / (1 + t**n))


def magnetisations(n, omega_a, gamma, J, T, omega=1.0):
    """M >= 0 with p_M and t_M, from all configurations."""
    found = {}
    for (m, bonds), count in rr.configurations(n).items():
        if m >= 0:
            share = count * mp.exp(mp.mpf(J) * bonds / T) * (1 if m else mp.mpf("0.5"))
            found[m] = found.get(m, 0) + share
    sizes = sorted(found)
    lam = [mp.hypot(mp.mpf(omega) / 2, gamma * m) for m in sizes]
    half = [mp.mpf(omega_a) * m / (2 * T) for m in sizes]
    p = [found[m] * mp.cosh(a) * mp.cosh(x / T) for m, a, x in zip(sizes, half, lam, strict=True)]
    t = [
        gamma * m / x * mp.tanh(a) * mp.tanh(x / T)
        for m, a, x in zip(sizes, half, lam, strict=True)
    ]
    return sizes, p, t


def endless(h, beta_J):
    """Magnetisation per source of the endless free ring, and its slope in h."""
    wall = np.exp(-2 * beta_J)
    root = np.hypot(np.sinh(h), wall)
    return np.sinh(h) / root, wall**2 * np.cosh(h) / root**3


def samples(seed, count, sign=0, sizes=(2, 9)):
    """Random rings and a temperature, all energies of order one."""
    rng = np.random.default_rng(seed)
    for n, omega_a, gamma, J in rc.samples(seed, count, sign, sizes, decades=0.7):
        yield n, omega_a, gamma, J, float(10 ** rng.uniform(-0.5, 0.7))


# --- one lemma ------------------------------------------------------------------------------------


@claim("ours-rings-1", "reproduces")
def test_the_weights_move_as_one(deviation):
    for n, omega_a, gamma, J, T in samples(1, 25):
        here = {"n": n, "omega_a": omega_a, "gamma": gamma, "J": J, "T": T, "omega": 1.0}
        sizes, p, t = magnetisations(**here)
        mean = mp.fdot(p, t) / mp.fsum(p)
        exact = rr.coherence(n, omega_a, gamma, J, T)
        deviation(float(mean / exact), 1.0)
        for name, sense in (("J", 1), ("omega_a", 1), ("gamma", 1), ("omega", -1)):
            moved = {**here, name: here[name] + 0.3}
            _, q, u = magnetisations(**moved)
            ratios = [float(b / a) for a, b in zip(p, q, strict=True)]
            deviation(rc.rise(ratios[::-sense]), np.zeros(len(ratios) - 1))
            changes = [float(sense * (y - x)) for x, y in zip(t, u, strict=True)]
            deviation(min(*changes, 0.0), 0.0)
            found = ring.coherence(
                SourceRing(n, moved["omega_a"], moved["gamma"], moved["J"], omega=moved["omega"]), T
            )
            deviation(found, float(mp.fdot(q, u) / mp.fsum(q)))
            deviation(min(sense * (found - float(exact)), 0.0), 0.0)


def lower_side(bound, T):
    """Of Theorem 2, at omega = 1."""
    return bound / np.cosh(1 / (2 * T))


@claim("ours-rings-2", "reproduces")
def test_a_target_without_a_gap_bounds_all_others(deviation):
    for n, omega_a, gamma, J, T in samples(2, 40):
        above, below = (
            free_ring(n, J / T, mp.mpf(omega_a / 2 + sign * gamma) / T) for sign in (1, -1)
        )
        bound = float((above - below) / (above + below))
        slow = ring.coherence(SourceRing(n, omega_a, gamma, J, omega=1e-9), T)
        deviation(slow / bound, 1.0)
        found = ring.coherence(SourceRing(n, omega_a, gamma, J), T)
        deviation(np.clip(found, lower_side(bound, T), bound), found)
    # Both sides are reached: a welded ring, and the antiferromagnet whose M = 0 stand aside.
    T, omega_a = 0.3, 0.3
    welded = ring.coherence(SourceRing(6, omega_a, 1e6, 1e4), T)
    deviation(welded, np.tanh(6 * omega_a / (2 * T)))
    slow, apart = (
        ring.coherence(SourceRing(6, omega_a, 50.0, -60.0, omega=omega), T) for omega in (1e-6, 1.0)
    )
    assert 1 < apart / lower_side(slow, T) < 1.02


@claim("ours-rings-3", "holds under a condition")
def test_an_even_ring_gains_by_one_source_more(deviation):
    for n, omega_a, gamma, J, T in samples(3, 60, sizes=(1, 7)):
        pair = (2 * n, 2 * n + 1)
        found = [ring.coherence(SourceRing(k, omega_a, gamma, J), T) for k in pair]
        exact = [float(rr.coherence(k, omega_a, gamma, J, T)) for k in pair]
        deviation(found, exact)
        deviation(max(found), found[1])
    odd, even = (ring.coherence(SourceRing(k, 0.5, 0.2, -0.5), 0.3) for k in (5, 6))
    deviation.broken(max(odd, even), even)
    deviation.evidence(even / odd)


def least(r, T):
    """What the free moment leaves of the welded ring's coherence."""
    share = second_moment(r.n_sources, r.J / T) / r.n_sources**2
    return bounds.upper_bound(r, T) * share


def most(r, T):
    """N times the coherence without an interaction."""
    free = SourceRing(r.n_sources, r.omega_a, r.gamma, 0.0)
    return r.n_sources * ring.coherence(free, T)


@claim("ours-rings-4", "reproduces")
def test_the_enhancement_lies_between_moments(deviation):
    for n, omega_a, gamma, J, T in samples(4, 40):
        found, squares = [], []
        for coupling in (J, J + 0.4):
            sizes, p, t = magnetisations(n, omega_a, gamma, coupling, T)
            squares.append(float(mp.fdot(p, [m * m for m in sizes]) / mp.fsum(p)))
            found.append(ring.coherence(SourceRing(n, omega_a, gamma, coupling), T))
            deviation(found[-1] / float(mp.fdot(p, t) / mp.fsum(p)), 1.0)
        gain = found[1] / found[0]
        deviation(np.clip(gain, 1.0, squares[1] / squares[0]), gain)
        r = SourceRing(n, omega_a, gamma, J)
        deviation(max(least(r, T), found[0]), found[0])
        deviation(min(bounds.upper_bound(r, T), most(r, T)), bounds.upper_bound(r, T))
    # Both are reached: by welded sources, and where it is hot.
    stiff = SourceRing(5, 0.5, 0.2, 20.0)
    deviation(least(stiff, 1.0), ring.coherence(stiff, 1.0))
    deviation(bounds.upper_bound(stiff, 1e6) / most(stiff, 1e6), 1.0)


@claim("ours-rings-5", "holds under a condition")
def test_the_enhancement_stays_below_that_of_the_susceptibility(deviation):
    def gains(n, omega_a, gamma, J, more, T):
        """Of the coherence and of the free susceptibility, from J to J + more."""
        pair = (J, J + more)
        found = [ring.coherence(SourceRing(n, omega_a, gamma, x), T) for x in pair]
        exact = [float(rr.coherence(n, omega_a, gamma, x, T)) for x in pair]
        deviation(found, exact)
        free = [second_moment(n, x / T) for x in pair]
        return found[1] / found[0], free[1] / free[0]

    rng = np.random.default_rng(5)
    for n, omega_a, gamma, J, T in samples(5, 150, sizes=(2, 8)):
        coherent, free = gains(n, omega_a, gamma, abs(J) if n % 2 else J, rng.uniform(0.01, 2), T)
        deviation(min(coherent, free), coherent)
    coherent, free = gains(3, 0.14, 3.5, -2.4, 1.3, 1.0)
    deviation.broken(min(coherent, free), coherent)
    deviation.evidence(coherent / free)


@claim("ours-rings-6", "reproduces")
def test_the_hot_tail_is_a_susceptibility(deviation):
    for n, _, _, J, T in samples(6, 40, sizes=(1, 10)):
        configurations = rr.configurations(n).items()
        boltzmann = [c * np.exp(J * bonds / T) for (_, bonds), c in configurations]
        counted = np.dot(boltzmann, [m * m for (m, _), _ in configurations]) / sum(boltzmann)
        deviation(second_moment(n, J / T) / counted, 1.0)
        small = 1e-6
        tail = small * small / T * np.tanh(1 / (2 * T)) * counted
        deviation(float(rr.coherence(n, small, small, J, T)) / tail, 1.0)
        deviation(ring.coherence(SourceRing(n, small, small, J), T) / tail, 1.0)
    # Both tails of the paper, and what lies between.
    for coupling, factor in ((1e-10, 6.0), (12.0, 36.0)):
        deviation(second_moment(6, coupling), factor)


# --- many sources ---------------------------------------------------------------------------------


@claim("ours-rings-7", "holds under a condition")
def test_what_many_sources_leave_of_decoherence(deviation):
    n = 10**5
    for omega_a, gamma, J, T in (
        (0.5, 0.2, 0.25, 1.0),
        (0.3, 0.4, -0.3, 0.5),
        (1.0, 0.5, 0.0, 2.0),
    ):
        h = (omega_a / 2 + gamma) / T
        x, slope = endless(h, J / T)
        law = (1 + 3 * slope / (n * x**2)) / (8 * gamma**2 * x**2)
        for size in (n, n + 1):
            lacking = size**2 * ring.incoherence(SourceRing(size, omega_a, gamma, J), T)
            deviation(lacking / law, 1.0)
    y, gamma, J, T, n = 1.0, 0.2, 0.25, 1.0, 10**6
    x, _ = endless(gamma / T, J / T)
    found = ring.incoherence(SourceRing(n, y / n, gamma, J), T)
    deviation(found, 2 / (1 + np.exp(y * x / T)))
    # By the law nothing would be lacking.
    deviation.broken(0.0, found)
    deviation.evidence(found)


@claim("ours-rings-8", "reproduces")
def test_scaling_functions_between_two_limits(deviation):
    n, omega_a, gamma, T = 10**6, 0.5, 0.3, 0.7
    for J in (-0.2, 0.0, 0.3):
        y = 1.5
        x, _ = endless(gamma / T, J / T)
        found = ring.coherence(SourceRing(n, y / n, gamma, J), T)
        deviation(found, np.tanh(y * x / (2 * T)))
        x, _ = endless(omega_a / (2 * T), J / T)
        half = np.hypot(0.5, y * x)
        found = ring.coherence(SourceRing(n, omega_a, y / n, J), T)
        deviation(found, y * x / half * np.tanh(half / T))

        def excess(m, y=0.5, J=J):
            h = (omega_a / 2 + gamma * m) / T
            return m / np.sqrt(1 - m * m) - 2 * gamma / y * endless(h, J / T)[0]

        found = ring.coherence(SourceRing(n, omega_a, gamma, J, omega=0.5 * n), T)
        deviation(found, brentq(excess, 1e-9, 1 - 1e-12))
        for tau, omega in ((0.3, 1.0), (0.5, 2.0)):
            found = ring.coherence(SourceRing(10**8, omega_a, gamma, J, omega=omega), tau * 1e4)
            deviation(found, np.tanh(omega_a * gamma / (2 * tau**2)))


@claim("ours-rings-9", "reproduces")
def test_pairs_of_limits_that_do_not_commute(deviation):
    def c(T, n=6, omega_a=0.5, gamma=0.2, J=0.25, omega=1.0):
        return ring.coherence(SourceRing(n, omega_a, gamma, J, omega=omega), T)

    many, aligned = 10**12, rc.aligned(6, 0.2)
    # Of each pair: the first limit taken much further than the second, and the other way round.
    pairs = [
        (c(1e3, n=many), 1.0, c(1e12, n=1000), 0.0),
        (c(1.0, n=many, omega_a=1e-5), 1.0, c(1.0, n=1000, omega_a=1e-9), 0.0),
        (c(1.0, n=many, gamma=1e-5), 1.0, c(1.0, n=1000, gamma=1e-9), 0.0),
        (c(1.0, n=many, omega=1e5), 1.0, c(1.0, n=1000, omega=1e9), 0.0),
        (c(0.2, n=many, J=-0.5), 1.0, c(0.01, n=1000, J=-0.5), 0.0),
        (c(1e-9, omega_a=1e-5), aligned, c(1e-3, omega_a=1e-9), 0.0),
        (c(1.0, gamma=1e6, J=-20), np.tanh(1.5), c(1.0, gamma=10, J=-100), 0.0),
        (1e6 * c(1e3, J=1e8) / 0.05, 36.0, 1e12 * c(1e6, J=1.0) / 0.05, 6.0),
    ]
    for one, first, other, second in pairs:
        deviation([one / max(first, 1), other / max(second, 1)], [min(first, 1), min(second, 1)])


# --- on the line ----------------------------------------------------------------------------------


@claim("ours-rings-10", "reproduces")
def test_lucas_numbers_at_the_crossing(deviation):
    golden = (1 + np.sqrt(5)) / 2
    for n in range(1, 13):
        # J = -1 and omega_a = 4.
        energies = {key: 2 * key[0] + key[1] for key in rr.configurations(n)}
        lowest = min(energies.values())
        crowd = {m: 0 for m in range(-n, n + 1)}
        for (m, bonds), count in rr.configurations(n).items():
            if energies[m, bonds] == lowest:
                crowd[m] += count
        lucas = golden**n + (1 - golden) ** n
        deviation(sum(crowd.values()) / lucas, 1.0)
        for k in range(n // 2 + 1):
            deviation(crowd[2 * k - n], n * comb(n - k, k) / (n - k))
    n = 10**4
    ground = SourceRing(n, 4.0, 1e-9, -1.0)
    # ln Z + beta E_0, with the target's own factor close to one.
    log = ring.log_partition_function(ground, 0.02) + (-2 * n + n - 0.5) / 0.02
    deviation(log / n, np.log(golden))


@claim("ours-rings-11", "reproduces")
def test_coherence_just_above_the_crossing(deviation):
    for n, gamma in ((6, 1e-3), (9, 2e-4), (12, 1e-4)):
        J = -1.0
        mean = sum(
            n * comb(n - k, k) / (n - k) * rc.aligned(n - 2 * k, gamma) for k in range(n // 2 + 1)
        ) / sum(n * comb(n - k, k) / (n - k) for k in range(n // 2 + 1))
        on_the_line = rc.line(n, gamma, J)
        T = 0.05
        found = ring.coherence(SourceRing(n, on_the_line, gamma, J), T)
        deviation(found / rc.curve(n, on_the_line, gamma, J, T), 1.0)
        finer = ring.coherence(SourceRing(n, rc.line(n, gamma / 100, J), gamma / 100, J), T)
        deviation(finer / (mean / 100), 1.0)
    n, gamma = 1000, 1e-7
    found = ring.coherence(SourceRing(n, rc.line(n, gamma, -1.0), gamma, -1.0), 0.05)
    deviation(found / (2 * gamma * n / np.sqrt(5)), 1.0)


@claim("ours-rings-12", "reproduces")
def test_five_times_the_decoherence(deviation):
    n, gamma, J, T = 10**7, 0.2, -0.5, 0.04
    for omega_a, factor in ((-4 * J - 2 * gamma, 5.0), (-4 * J + 1.0, 1.0)):
        lacking = n**2 * ring.incoherence(SourceRing(n, omega_a, gamma, J), T)
        deviation(lacking * 8 * gamma**2 / factor, 1.0)


@claim("ours-rings-13", "reproduces")
def test_two_and_three_sources_never_rise_on_the_line(deviation):
    T = np.geomspace(1e-2, 30, 80)
    for n in (2, 3):
        for _, omega_a, gamma, _ in rc.samples(13 + n, 25, decades=1):
            J = -(omega_a + (rc.splitting(n, gamma) - rc.splitting(n % 2, gamma)) / (n - n % 2)) / 4
            u, single = np.exp(-omega_a / T), np.exp(-rc.splitting(n % 2, gamma) / T)
            v = np.exp(-rc.splitting(n, gamma) / T)
            # Both levels that cross, two or three times the lower |M| for one aligned ring.
            top = rc.aligned(n, gamma) * (1 - u**n) * (1 - v)
            bottom = (1 + u**n) * (1 + v)
            if n == 2:
                bottom = bottom + 2 * (1 + single)
            else:
                top = top + 3 * rc.aligned(1, gamma) * (1 - u) * (1 - single)
                bottom = bottom + 3 * (1 + u) * (1 + single)
            found = ring.coherence(SourceRing(n, omega_a, gamma, J), T)
            deviation(found, top / bottom)
            deviation(rc.rise(found), np.zeros(len(T) - 1))
    four = SourceRing(4, 0.5, 0.2, transition.critical_coupling(4, 0.2, 0.5))
    assert ring.coherence(four, 0.15) > 1.1 * ring.coherence(four, 0.01)


# --- the cold antiferromagnet ---------------------------------------------------------------------


@claim("ours-rings-14", "holds under a condition")
def test_activation_of_the_even_antiferromagnet(deviation):
    rings = ((4, 0.3, 0.2, -1.0, 0.05), (8, 0.5, 0.2, -1.0, 0.05), (10, 1.0, 0.5, -2.0, 0.08))
    for n, omega_a, gamma, J, T in rings:
        energy = 4 * abs(J) - omega_a - (rc.splitting(2, gamma) - 1) / 2
        log = np.log(n**2 / 8 * rc.aligned(2, gamma))
        found = ring.coherence(SourceRing(n, omega_a, gamma, J), T, log=True)
        exact = mp.log(rr.coherence(n, omega_a, gamma, J, T, digits=120))
        deviation(found / float(exact), 1.0)
        deviation((found - log) * T / -energy, 1.0)
    n, omega_a, gamma, J, T = 8, 0.5, 0.2, -1.0, 0.05
    energy = 4 * abs(J) - omega_a - (rc.splitting(2, gamma) - 1) / 2
    log = np.log(n**2 / 8 * rc.aligned(2, gamma))
    found = (log - ring.coherence(SourceRing(n, omega_a, gamma, J), T, log=True)) * T
    levels = rr.levels(n, omega_a, gamma, J)
    gap = levels[levels > levels[0] + 1e-9][0] - levels[0]
    deviation.evidence(found)
    # The target's own gap, which brings no coherence.
    deviation(gap, 1.0)
    assert found > 3 * gap
    # Next to the line the aligned ring lies lower.
    near = -(omega_a + (rc.splitting(n, gamma) - 1) / n) / 4 - 0.01
    cold = ring.coherence(SourceRing(n, omega_a, gamma, near), 0.004, log=True)
    energy = 4 * abs(near) - omega_a - (rc.splitting(2, gamma) - 1) / 2
    deviation.broken(energy, (log - cold) * 0.004)


def closed_equation(n, x):
    """1/x - 1 -+ N/sum t^(2k-N+1): zero at the extrema of F_N."""
    t = mp.tanh(x)
    total = mp.fsum(t ** (2 * k - n + 1) for k in range(n))
    return 1 / x - 1 + (n / total if n % 2 else -n / total)


def tail_of(n, x):
    return x**2 / 2 * second_moment(n, -x)


@claim("ours-rings-15", "reproduces")
def test_best_temperature_of_a_strong_antiferromagnet(deviation):
    J = -1e4
    for n in (2, 4, 6, 20):
        x = float(mp.findroot(lambda x, n=n: closed_equation(n, x), 0.8))
        best = transition.optimal_temperature(SourceRing(n, 0.5, 0.2, J))
        deviation(best.temperature / abs(J) * x, 1.0)
        deviation(best.coherence * J**2 / 0.1 / tail_of(n, x), 1.0)
    n = 10**4
    best = transition.optimal_temperature(SourceRing(n, 0.5, 0.2, -1e4))
    deviation(best.temperature / 1e4, 1.0)
    deviation(best.coherence * 1e8 / 0.1 / n * 2 * np.e**2, 1.0)


@claim("ours-rings-16", "reproduces")
def test_odd_rings_keep_their_dip_from_twenty_one_on(deviation):
    J = -1e4
    for n, starts in ((19, ()), (21, (1.19, 1.08)), (31, (1.55, 1.0))):
        found = transition.extrema(SourceRing(n, 0.5, 0.2, J))
        assert len(found) == len(starts)
        for one, start in zip(found, starts, strict=True):
            x = float(mp.findroot(lambda x, n=n: closed_equation(n, x), start))
            deviation(one.temperature / abs(J) * x, 1.0)
            deviation(one.coherence * J**2 / 0.1 / tail_of(n, x), 1.0)
        if n == 21:
            deviation.evidence(found[1].coherence / found[0].coherence)


# --- shapes ---------------------------------------------------------------------------------------


def code(kinds):
    """A list of extrema as a number, a digit each."""
    return float(sum(3**k * (1 + (kind[:3] == "max")) for k, kind in enumerate(kinds)))


@claim("ours-rings-17", "reproduces")
def test_shapes_beside_the_line_follow_from_that_on_it(deviation):
    T = np.geomspace(1e-5, 30, 1200)
    seen = {}
    for n, gamma, omega_a in (
        (3, 0.2, 0.5),
        (4, 0.962242, 0.047053),
        (6, 0.2, 0.5),
        (7, 0.073364, 0.007787),
        (7, 0.242891, 0.061423),
        (9, 0.391185, 0.052428),
    ):
        least = n % 2
        J = -(omega_a + (rc.splitting(n, gamma) - rc.splitting(least, gamma)) / (n - least)) / 4
        on = [kind for kind, _ in rc.turns(rc.curve(n, omega_a, gamma, J, T))]
        rises = bool(on) and on[0] == "max"
        above = ["min", *on] if rises else on
        below = on if rises else ["max", *on]
        for shift, rule in ((1e-7, above), (-1e-7, below)):
            r = SourceRing(n, omega_a, gamma, J + shift * abs(J))
            found = [one.kind for one in transition.extrema(r)]
            deviation(code(found), code(rule))
            cold = np.geomspace(1e-10, 30, 4000)
            listed = [kind for kind, _ in rc.turns(rc.curve(n, omega_a, gamma, r.J, cold))]
            deviation(code(listed), code(rule))
            seen[n, shift] = max(len(rule), seen.get((n, shift), 0))
    assert (seen[4, -1e-7], seen[7, 1e-7]) == (3, 4)
