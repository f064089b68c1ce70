"""Numbers at the ends of what floats are, against as many digits as it takes.

Temperatures from the smallest float to 1e300, photon numbers from none to 1e308, couplings of a
million temperatures, a million sources, negative zero and subnormal numbers; and each switch of an
algorithm with both of its neighbours. The references are the definitions, summed by mpmath.
"""

import itertools

import mpmath
import numpy as np
import pytest

from coherence_lib import atoms, ring, thermal
from coherence_lib.ring import SourceRing, bounds, transition

# Of all floats, and of those that have all of their digits.
SMALLEST, TINY = 5e-324, float(np.finfo(float).tiny)
MILLION = 10**6


def around(*switches):
    """Each switch between its neighbours."""
    return [x for s in switches for x in (np.nextafter(s, -np.inf), s, np.nextafter(s, np.inf))]


def assert_equal(found, exact, digits):
    """To so many digits, and the few smallest floats, where there are no more."""
    off = abs(mpmath.mpf(found) - exact) / (abs(exact) + 4 * SMALLEST * 10.0**digits)
    assert float(off) < 10.0**-digits


def assert_log(found, exact, digits):
    """A logarithm: so many digits of what it is the logarithm of, or its own if it is large."""
    if exact < -1.7e308:
        assert found == -np.inf
    else:
        assert float(abs(found - exact) / max(1, abs(exact))) <= 10.0**-digits


# --- photons and temperatures ------------------------------------------------------------------


@pytest.mark.parametrize("nbar", [SMALLEST, 1e-300, *around(1.0), 1e12, 1e300])
@pytest.mark.parametrize("omega", [1e-300, 1.0, 1e6])
def test_temperature_of_any_number_of_photons(nbar, omega):
    with mpmath.workdps(700):
        exact = mpmath.mpf(omega) / mpmath.log1p(1 / mpmath.mpf(nbar))
    if exact < 1.7e308:
        assert_equal(thermal.temperature(nbar, omega), exact, 14)


@pytest.mark.parametrize(
    "p", [SMALLEST, 1e-300, 1e-17, *around(0.25, 0.75), 0.4999999, *around(1.0)[:1]]
)
def test_temperature_of_a_qubit(p):
    with mpmath.workdps(400):
        exact = 1 / mpmath.log((1 - mpmath.mpf(p)) / mpmath.mpf(p))
    assert_equal(thermal.qubit_temperature(p), exact, 14)


@pytest.mark.parametrize("temperature", [SMALLEST, 1e-300, 1 / 700, 1.0, 1e12, 1e300])
def test_photons_of_any_temperature(temperature):
    with mpmath.workdps(700):
        exponent = 1 / mpmath.mpf(temperature)
        exact = 1 / mpmath.expm1(exponent) if exponent < 1e6 else mpmath.mpf(0)
    # The exponent is rounded once, and multiplies its error.
    assert_equal(thermal.photon_number(1.0, temperature), exact, 13 if exponent > 10 else 14)


def test_no_photon_is_none_whatever_its_sign():
    for zero in (0.0, -0.0):
        assert thermal.temperature(zero) == 0
        assert thermal.photon_number(1.0, zero) == 0
        assert atoms.ladder.long_time_coherence(3, zero) == 0
        assert atoms.pair.coherence_from_ground(1.0, zero) == 0


# --- identical atoms ---------------------------------------------------------------------------


def climbed(n_atoms, nbar, time):
    """Populations of the ladder, by its rates, from the ground state."""
    n, rates = mpmath.mpf(nbar), mpmath.zeros(n_atoms + 1)
    for k in range(n_atoms):
        up, down = n * (k + 1) * (n_atoms - k), (n + 1) * (k + 1) * (n_atoms - k)
        rates[k + 1, k] += up
        rates[k, k] -= up
        rates[k, k + 1] += down
        rates[k + 1, k + 1] -= down
    return list(mpmath.expm(rates * mpmath.mpf(time))[:, 0])


@pytest.mark.parametrize("nbar", [0.0, SMALLEST, 1e-300, 1.0, 1e12])
@pytest.mark.parametrize("n_atoms", [1, 2, 3])
def test_the_ladder_at_its_ends(n_atoms, nbar):
    times = np.array([0.0, 1e-300, 0.3, 30.0]) / (1 + nbar)
    found = atoms.ladder.coherence(times, n_atoms, nbar)
    populations = atoms.ladder.populations(times, n_atoms, nbar)
    for time, c, p in zip(times, found, populations, strict=True):
        with mpmath.workdps(660 if nbar < 1 else 330):
            exact = climbed(n_atoms, nbar, time)
            coherence = mpmath.fsum(
                x * (mpmath.binomial(n_atoms, k) - 1) for k, x in enumerate(exact)
            )
        assert_equal(c, coherence, 12)
        assert_equal(p[1], exact[1], 12)
        if n_atoms == 2:
            assert_equal(atoms.pair.coherence_from_ground(time, nbar), coherence, 12)


@pytest.mark.parametrize("nbar", [SMALLEST, 1e-300, *around(1.0), 1e12, 1e300, 1e308])
@pytest.mark.parametrize("n_atoms", [1, 2, 3, MILLION])
def test_what_identical_atoms_keep(n_atoms, nbar):
    with mpmath.workdps(700):
        n = mpmath.mpf(nbar)
        r = n / (n + 1)
        whole = (1 - r ** (n_atoms + 1)) / (1 - r)
        exact = (1 + r) ** n_atoms / whole - 1
        log = mpmath.log(exact) if exact > 0 else -mpmath.inf
    found = atoms.ladder.long_time_coherence(n_atoms, nbar, log=True)
    if n_atoms == 1:
        assert found == -np.inf
    else:
        assert_log(found, log, 13)
    if n_atoms < MILLION:
        assert_equal(atoms.ladder.long_time_coherence(n_atoms, nbar), exact, 13)


@pytest.mark.parametrize("nbar", [1e308, 1.7e308])
def test_the_ladder_refuses_what_no_float_holds_at_once(nbar):
    with pytest.raises(ValueError, match=r"^`nbar` must leave all rates finite, but got"):
        atoms.ladder.coherence([1.0], 50, nbar)


# --- few sources -------------------------------------------------------------------------------


def target(r, temperature):
    """C and 1 - C of a ring's target, from all of its configurations."""
    omega, gap, gamma, J = (mpmath.mpf(x) for x in (r.omega, r.omega_a, r.gamma, r.J))
    rows = []
    for s in itertools.product((1, -1), repeat=r.n_sources):
        m, bonds = sum(s), sum(a * b for a, b in zip(s, s[1:] + s[:1], strict=True))
        length = mpmath.sqrt(omega**2 / 4 + (gamma * m) ** 2)
        for sign in (1, -1):
            rows.append((gap * m / 2 - J * bonds + sign * length, sign * gamma * m / length))
    lowest, beta = min(energy for energy, _ in rows), 1 / mpmath.mpf(temperature)
    weights = [mpmath.exp(-beta * (energy - lowest)) for energy, _ in rows]
    z = mpmath.fsum(weights)
    c = abs(mpmath.fsum(w * tilt for w, (_, tilt) in zip(weights, rows, strict=True))) / z
    return c, 1 - c


COLD_AND_HOT = [SMALLEST, 1e-300, 0.01, 1.0, 1e6, 1e300]
ENDS = {
    "usual": (0.5, 0.2, 0.25),
    "signs": (-0.5, -0.2, -0.25),
    "ferromagnet": (0.5, 0.2, 1e6),
    "antiferromagnet": (0.5, 0.2, -1e6),
    "strong": (0.5, 1e12, 0.25),
    "weak": (0.5, 1e-300, 0.25),
    "smallest": (TINY, 0.2, -TINY),
    "gap": (1e12, 0.2, -0.25),
}


@pytest.mark.parametrize("temperature", COLD_AND_HOT)
@pytest.mark.parametrize("n_sources", [1, 2, 3])
@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_few_sources_at_any_temperature(end, n_sources, temperature):
    r = SourceRing(n_sources, *end)
    # What cancels: beta twice, and a weak coupling.
    with mpmath.workdps(1000 if temperature > 1e100 else 400):
        c, rest = target(r, temperature)
        log = mpmath.log(c)
    assert_log(ring.coherence(r, temperature, log=True), log, 10)
    assert_equal(ring.coherence(r, temperature), c, 10)
    assert_equal(ring.incoherence(r, temperature), rest, 10)
    assert_equal(ring.local_coherence(temperature, n_sources, *end), c, 10)


@pytest.mark.parametrize("temperature", COLD_AND_HOT)
@pytest.mark.parametrize("n_sources", [1, 2, 3])
def test_a_subnormal_gap_lies_between_none_and_the_smallest(n_sources, temperature):
    """It has a few bits only, and halving it may leave none: of C no digit is promised."""
    none, subnormal, least = (
        ring.coherence(SourceRing(n_sources, gap, 0.2, 0.25), temperature)
        for gap in (0.0, SMALLEST, TINY)
    )
    assert none <= subnormal <= least


@pytest.mark.parametrize("place", range(3))
@pytest.mark.parametrize("temperature", COLD_AND_HOT)
def test_negative_zero_is_zero(place, temperature):
    values = [0.5, 0.2, 0.25]
    pair = []
    for zero in (0.0, -0.0):
        values[place] = zero
        pair.append(SourceRing(3, *values))
    for ask in (ring.coherence, ring.incoherence):
        assert ask(pair[0], temperature) == ask(pair[1], temperature)
    assert bounds.ground_state_coherence(pair[0]) == bounds.ground_state_coherence(pair[1])


# --- a million sources -------------------------------------------------------------------------


def test_a_million_free_sources():
    """Without J the weights are binomials, and 12 standard deviations carry the sum."""
    n, gap, gamma, temperature = MILLION, 1e-3, 2e-4, 0.5
    with mpmath.workdps(40):
        beta, top, z = 1 / mpmath.mpf(temperature), mpmath.mpf(0), mpmath.mpf(0)
        middle = int(-n * np.tanh(gap / (2 * temperature)) / 2) * 2
        weight = mpmath.mpf(1)
        start = middle - 12_000
        for m in range(start, middle + 12_002, 2):
            length = mpmath.hypot(0.5, mpmath.mpf(gamma) * m)
            cosh = (mpmath.exp(beta * length) + mpmath.exp(-beta * length)) / 2
            tilt = mpmath.mpf(gamma) * m / length
            z += weight * cosh
            top += weight * tilt * (cosh - mpmath.exp(-beta * length))
            # binom(n, up + 1)/binom(n, up), and one more source up.
            up = (n + m) // 2
            weight *= mpmath.mpf(n - up) / (up + 1) * mpmath.exp(-beta * mpmath.mpf(gap))
        exact = abs(top) / z
    assert_equal(ring.coherence(SourceRing(n, gap, gamma, 0.0), temperature), exact, 10)


@pytest.mark.parametrize("temperature", [0.5, 1.0])
def test_a_million_sources_that_are_one_or_alternate(temperature):
    n, gap, gamma, scale = MILLION, 1e-6, 2e-7, 1e6 * temperature
    with mpmath.workdps(60):
        beta, w, g = (mpmath.mpf(x) for x in (1 / temperature, gap, gamma))
        # All alike: (II.36). Alternating, and four walls fewer with |M| = 2 from n^2/4 places.
        length = mpmath.sqrt(0.25 + (g * n) ** 2)
        alike = g * n / length * mpmath.tanh(beta * n * w / 2) * mpmath.tanh(beta * length)
        two = mpmath.sqrt(0.25 + (2 * g) ** 2)
        few = mpmath.log(2 * g / two * mpmath.sinh(beta * w) * mpmath.sinh(beta * two))
        few += mpmath.log(mpmath.mpf(n) ** 2 / 4 / mpmath.cosh(beta / 2)) - 4 * mpmath.mpf(1e6)
    assert_equal(ring.coherence(SourceRing(n, gap, gamma, scale), temperature), alike, 10)
    found = ring.coherence(SourceRing(n, gap, gamma, -scale), temperature, log=True)
    assert_log(found, few, 13)


# --- bounds and the crossing -------------------------------------------------------------------


@pytest.mark.parametrize("temperature", COLD_AND_HOT)
@pytest.mark.parametrize("n_sources", [1, 2, 3, MILLION])
@pytest.mark.parametrize("gap, gamma", [(0.5, 0.2), (1e-3, 1e-300), (1e12, 1e12), (1.0, 1e-8)])
def test_limits_at_their_ends(gap, gamma, n_sources, temperature):
    r, n = SourceRing(n_sources, gap, gamma, 0.25), n_sources
    with mpmath.workdps(50):
        beta, w, g = 1 / mpmath.mpf(temperature), mpmath.mpf(gap), mpmath.mpf(gamma)

        def tanh(x):
            return mpmath.mpf(1) if x > 1e6 else mpmath.tanh(x)

        length = mpmath.sqrt(mpmath.mpf(0.25) + (g * n) ** 2)
        cold, warm = n * g / length, tanh(beta * length)
        field = tanh(beta * n * w / 2)
        assert_equal(bounds.ground_state_coherence(r), cold, 14)
        assert_equal(bounds.large_gap_limit(r, temperature), cold * warm, 13)
        assert_equal(bounds.upper_bound(r, temperature), cold * field * warm, 13)
        assert_equal(bounds.strong_coupling_limit(r, temperature), field, 13)


@pytest.mark.parametrize("gamma", [SMALLEST, 1e-300, 1e-8, 0.2, 1e12])
@pytest.mark.parametrize("n_sources", [2, 3, MILLION, MILLION + 1])
def test_the_crossing_at_its_ends(n_sources, gamma):
    n = n_sources
    with mpmath.workdps(700):
        g = mpmath.mpf(gamma)
        high = mpmath.sqrt(1 + (2 * g * n) ** 2)
        low = mpmath.mpf(1) if n % 2 == 0 else mpmath.sqrt(1 + (2 * g) ** 2)
        pull = (high - low) / (n - n % 2)
        for gap in (SMALLEST, 0.5, 1e12):
            exact = -(mpmath.mpf(gap) + pull) / 4
            assert_equal(transition.critical_coupling(n, gamma, gap), exact, 13)
