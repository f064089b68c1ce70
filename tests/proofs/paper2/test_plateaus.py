"""Paper II: cold rings. What the levels above the ground level can add, in e^(-gap/T).

C is the modulus of a mean of c over the 2^(N+1) states, with the weights exp(-E/T) and
|c| = r_|M| < 1; states of one configuration and of its two levels have c = -+r_M. So it differs
from its value at T = 0 by no more than twice the share of the states above the ground level, and
that share is below (2^(N+1)/g - 1) exp(-gap/T), with g states in the ground level.
"""

import pytest
import sympy as sp
from flint import arb, ctx
from proofs import ring_algebra as ra
from proofs import ring_balls as balls
from proving import proves

BETA, OMEGA, OMEGA_A, GAMMA, M, N = sp.symbols("beta omega omega_a gamma M N", positive=True)
LAM = sp.sqrt(OMEGA**2 / 4 + GAMMA**2 * M**2)
EXAMPLE = ("0.5", "0.2", "-1")


@pytest.fixture(autouse=True)
def enough_bits():
    """Differences of cold curves need more than the 53 of a float."""
    with ctx.workprec(balls.BITS):
        yield


def states(n, omega_a, gamma, J):
    """Energy and signed coherence of all 2^(n+1) states, as balls."""
    for (m, bonds), count in ra.counted(n).items():
        lam = (arb(1) / 4 + (gamma * m) ** 2).sqrt()
        for sign in (1, -1):
            energy = omega_a * m / 2 - J * bonds + sign * lam
            yield energy, sign * gamma * m / lam, m, count


def direct(n, omega_a, gamma, J, T):
    """C as the modulus of a mean over the states."""
    listed = list(states(n, omega_a, gamma, J))
    lowest = min((energy for energy, *_ in listed), key=lambda e: float(e.mid()))
    weights = [(-(energy - lowest) / T).exp() * count for energy, *_, count in listed]
    mean = sum(w * c for w, (_, c, *_) in zip(weights, listed, strict=True))
    return abs(mean / sum(weights))


def read(ring):
    return [balls.exact(text) for text in ring]


def antialigned(n, omega_a, gamma, J):
    """Distance of the lowest level with M != 0 from the ground level, which has M = 0."""
    listed = list(states(n, omega_a, gamma, J))
    ground = -J * -n - arb(1) / 2
    assert all(energy > ground or energy.overlaps(ground) for energy, *_ in listed)
    return min((e - ground for e, _, m, _ in listed if m), key=lambda e: float(e.mid()))


def excess(m):
    """E_min(m) - E_min(0) of (II.51) and (II.52), for an even ring."""
    return -OMEGA_A * m / 2 - 2 * sp.Symbol("J") * m - LAM.subs(M, m) + OMEGA / 2


@pytest.mark.parametrize("n", range(1, 8))
def test_coherence_is_a_mean_over_states(n):
    ring = read(("0.4", "0.3", "-0.2"))
    one, other = direct(n, *ring, arb("0.3")), balls.coherence(n, *ring, arb("0.3"))
    assert one.overlaps(other)
    assert other.rad() < 1e-12
    assert sum(count for *_, count in states(n, *ring)) == 2 ** (n + 1)


def test_mean_moves_by_no_more_than_twice_the_share_of_the_others():
    """(1 - s) c_0 + s c_1 - c_0 = s (c_1 - c_0), at most 2 s for |c| <= 1; r_M < 1."""
    s, first, other = sp.symbols("s c_0 c_1")
    assert sp.expand((1 - s) * first + s * other - first - s * (other - first)) == 0
    assert sp.simplify(1 - (GAMMA * M / LAM) ** 2 - OMEGA**2 / 4 / LAM**2) == 0


@proves("p2-s82-2", "proof")
@pytest.mark.parametrize("n", (3, 5, 7))
def test_odd_antiferromagnet_has_a_plateau(n):
    """The module's bound, with g = N states of M = -1, all of them with the same c."""
    assert ra.degeneracy(n, -1, (n - 1) // 2) == n
    omega_a, gamma, J = read(("0.1", "0.2", "-0.35"))
    listed = list(states(n, omega_a, gamma, J))
    ground = -omega_a / 2 + J * (n - 2) - (arb(1) / 4 + gamma**2).sqrt()
    above = [energy - ground for energy, *_ in listed if energy > ground]
    assert sum(count for energy, *_, count in listed if not energy > ground) == n
    gap = min(above, key=lambda e: float(e.mid()))
    start = gamma / (arb(1) / 4 + gamma**2).sqrt()
    for share in (5, 20, 50):
        T = gap / share
        moved = abs(balls.coherence(n, omega_a, gamma, J, T) - start)
        assert moved < 2 * (arb(2) ** (n + 1) / n - 1) * (-gap / T).exp()
        assert moved > (-gap / T).exp() / 100  # the count of states is needed


@proves("p2-s9-12", "proof")
def test_even_antiferromagnet_is_activated_by_the_lowest_level_with_a_magnetisation():
    """States with M = 0 have c = 0, so C is below the share of the others over the 2 ground states.

    That is (2^N - binom(N, N/2)) e^(-D/T), and C -> (g/2) r_M e^(-D/T) as T -> 0, where D is the
    distance of the lowest level with M != 0 and g counts its configurations. E_min of (II.51) is
    concave, so its |M| is 2 or N. It need not be the first excited level.
    """
    curvature = sp.simplify(excess(M).diff(M, 2))
    assert (-curvature).is_positive
    for n in (2, 4, 6, 8):
        unmagnetised = sum(count for (m, _), count in ra.counted(n).items() if m == 0)
        assert unmagnetised == sp.binomial(n, n // 2)
        assert ra.degeneracy(n, 0, n // 2) == 2
    ring = read(EXAMPLE)
    gap = antialigned(6, *ring)
    for T in (arb("0.5"), arb("0.1"), arb("0.03")):
        assert balls.coherence(6, *ring, T) < (2**6 - 20) * (-gap / T).exp()
    # M = -2 with 2 domains: 6 configurations. Both sides of the law.
    size = arb(ra.degeneracy(6, 2, 2)) / 2 * (2 * ring[1] / (arb(1) / 4 + 4 * ring[1] ** 2).sqrt())
    found = balls.coherence(6, *ring, arb("0.03")) / (size * (-gap / arb("0.03")).exp())
    assert abs(found - 1) < 1e-12
    # The first excited level is the target's upper one, at distance omega = 1.
    assert gap > balls.exact("3.359")
    assert balls.coherence(6, *ring, arb("0.03")) < (-3 / arb("0.03")).exp()


@proves("p2-abs-2", "proof")
def test_cold_ring_is_a_step_between_two_levels():
    """The mean over the aligned state and the g antialigned ones; the others add little.

    The bound is the module's, with the share of all but those two levels: 2 (2^(N+1) - 1 - g)
    e^(-d/T), d being their distance from the lower of the two.
    """
    for n, J, omega_a in ((6, "-0.25", "0.738"), (6, "-0.25", "0.728"), (7, "-0.3", "0.85")):
        least, count = n % 2, n if n % 2 else 2
        w, gamma, j = read((omega_a, "0.2", J))
        T = arb("0.003")
        bonds = {n: n, least: 2 * least - n}
        half = {m: (arb(1) / 4 + (gamma * m) ** 2).sqrt() for m in bonds}
        level = {m: -w * m / 2 - j * b - half[m] for m, b in bonds.items()}
        part = {m: gamma * m / half[m] for m in bonds}
        odds = count * (-(level[least] - level[n]) / T).exp()
        step = (part[n] + odds * part[least]) / (1 + odds)
        lower = min(level.values(), key=lambda e: float(e.mid()))
        others = [e - lower for e, *_ in states(n, w, gamma, j)]
        others = [e for e in others if not any(e.overlaps(x - lower) for x in level.values())]
        nearest = min(others, key=lambda e: float(e.mid()))
        off = abs(balls.coherence(n, w, gamma, j, T) - step)
        assert off < 2 * (2 ** (n + 1) - 1 - count) * (-nearest / T).exp()
        assert not abs(balls.coherence(n, w, gamma, j, T) - part[n]) < 1e-9


@proves("p2-s5-6", "proof")
def test_cold_antiferromagnet_loses_its_coherence_only_beyond_the_crossing():
    """For T -> 0 the ratio to J = 0 is 0 or Omega_N/(N Omega_1) beyond the line, and 1 before it.

    By (II.49), (II.56) and (II.57), which the module's bound approaches; J = 0 is ferromagnetic.
    """
    ratio = [balls.coherence(6, *read(("5", "0.2", J)), arb("0.1")) for J in ("-1", "0")]
    assert abs(ratio[0] / ratio[1] - 1) < 1e-6
    beyond = [balls.coherence(6, *read(("0.5", "0.2", J)), arb("0.1")) for J in ("-1", "0")]
    assert beyond[0] < 1e-6 * beyond[1]
    odd = [balls.coherence(5, *read(("0.5", "20", J)), arb("0.01")) for J in ("-50", "0")]
    stated = (1 + arb(4) * 100**2).sqrt() / (5 * (1 + arb(4) * 20**2).sqrt())
    assert abs(odd[0] / odd[1] - stated) < 1e-12
    assert odd[0] / odd[1] > balls.exact("0.999")


def tilted(n):
    """-<M> of free spins, from all configurations: e = exp(beta omega_a/2)."""
    e = sp.Symbol("e", positive=True)
    weights = {m: sp.binomial(n, (n + m) // 2) * e**-m for m in range(-n, n + 1, 2)}
    mean = sum(-m * w for m, w in weights.items()) / sum(weights.values())
    return sp.cancel(mean - n * (e - 1 / e) / (e + 1 / e))


@proves("p2-s64-6", "proof")
def test_sources_with_a_large_gap_are_in_their_ground_state():
    """-<M>/N >= tanh(beta omega_a/2) for J >= 0: J and the target add weight at large |M|.

    -<M> is the mean of M tanh(beta omega_a M/2), which grows with M (p2-s64-7). From free spins the
    weights gain W_M/binom, which moves up by (II.76), and cosh(beta lambda_M), which grows with M.
    For J < 0 the ground level beyond the line is M = -N, and all other M are e^(-gap/T) below.
    """
    assert all(tilted(n) == 0 for n in range(1, 9))
    slope = sp.log(sp.cosh(BETA * LAM)).diff(M)
    assert sp.simplify(slope - BETA * GAMMA**2 * M / LAM * sp.tanh(BETA * LAM)) == 0
    # Beyond the line free spins would be aligned, and these are not: (II.48), the control.
    found = magnetisation(6, *read(("1", "0.2", "-0.5")), arb("0.1")) / 6
    assert found < balls.exact("0.0003")
    free = magnetisation(6, *read(("1", "0.2", "0")), arb("0.1")) / 6
    assert free > (arb(5)).tanh()


def magnetisation(n, omega_a, gamma, J, T):
    """-<M> over all states."""
    listed = list(states(n, omega_a, gamma, J))
    weights = [(-energy / T).exp() * count for energy, *_, count in listed]
    return -sum(w * m for w, (_, _, m, _) in zip(weights, listed, strict=True)) / sum(weights)
