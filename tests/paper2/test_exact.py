"""Paper II, Sec. 4: degeneracies, the target's state and its coherence in closed form."""

import itertools
from fractions import Fraction
from math import comb

import mpmath as mp
import numpy as np
import qutip
import scipy.special
from claims import claim
from routes import ring_routes as routes

from coherence_lib import ring
from coherence_lib.ring import SourceRing


def draw(seed, largest=8, decades=1.5):
    """Number of sources, omega_a, gamma, J of either sign, and a temperature."""
    rng = np.random.default_rng(seed)
    numbers = 10 ** rng.uniform(-decades, decades, 3) * rng.choice([-1, 1], 3)
    return int(rng.integers(1, largest + 1)), *numbers.tolist(), float(10 ** rng.uniform(-1, 2))


SYSTEMS = [(1, 0.7, -0.4, -1.3, 0.5), (2, -0.9, 0.3, 0.6, 2.0), *map(draw, range(14))]
LARGE = [draw(seed, 40, 3.0) for seed in range(16)]


def level(m, gamma):
    return mp.sqrt(mp.mpf(1) / 4 + mp.mpf(gamma) ** 2 * m**2)


def half_sums(n, omega_a, gamma, T, weight):
    """Numerator of Eq. (II.29), signed, and Z of Eq. (II.31), for any weights of M >= 0."""
    top = z = mp.mpf(0)
    for m in range(n % 2, n + 1, 2):
        lam, w = level(m, gamma), weight(m)
        if m == 0:
            z += 2 * w * mp.cosh(lam / T)
            continue
        field = mp.mpf(omega_a) * m / 2 / T
        top += 4 * w * gamma * m / lam * mp.sinh(field) * mp.sinh(lam / T)
        z += 4 * w * mp.cosh(field) * mp.cosh(lam / T)
    return top, z


def ring_weights(n, J, T):
    return lambda m: routes.hypergeometric_weight(n, m, mp.mpf(J) / T, digits=60)


@claim("p2-eq-24", "reproduces")
def test_partition_function_is_the_sum_over_all_eigenstates(deviation):
    for n, omega_a, gamma, J, T in SYSTEMS:
        energies = routes.hamiltonian(n, omega_a, gamma, J).eigenenergies()
        listed = scipy.special.logsumexp(-energies / T)
        made = ring.log_partition_function(SourceRing(n, omega_a, gamma, J), T)
        deviation(made, listed, scale=max(1, abs(listed)))


@claim("p2-eq-25", "reproduces")
def test_degeneracies_count_the_configurations(deviation):
    for n in range(1, 14):
        counted = routes.configurations(n)
        for m, domains in itertools.product(range(-n, n + 1, 2), range(n // 2 + 1)):
            number = counted.get((m, n - 4 * domains), 0)
            deviation(ring.degeneracy(n, m, domains), number)
            deviation(routes.degeneracy(n, m, domains), number)
    for n in (60, 201):
        for m in range(-n, n + 1, 2):
            total = sum(ring.degeneracy(n, m, domains) for domains in range(n // 2 + 1))
            assert total == comb(n, (n + m) // 2)


def naive(n, m, domains, binomial):
    """Eq. (II.25) for l >= 1 with the given binomial coefficient."""
    up, down = (n + m) // 2, (n - m) // 2
    return n / domains * binomial(up - 1, domains - 1) * binomial(down - 1, domains - 1)


@claim("p2-s4-1", "holds under a condition")
def test_binomials_vanish_when_a_kind_has_too_few_spins(deviation):
    def restricted(top, bottom):
        return comb(top, bottom) if top >= 0 else 0

    def usual(top, bottom):
        return comb(top, bottom) if top >= 0 else float(mp.binomial(top, bottom))

    for n in range(1, 14):
        for m, domains in itertools.product(range(-n, n + 1, 2), range(1, n // 2 + 1)):
            few = domains > (n - abs(m)) // 2
            assert (naive(n, m, domains, restricted) == 0) == few
            general = naive(n, m, domains, usual)
            if abs(m) < n:
                deviation(general, naive(n, m, domains, restricted), scale=max(1, general))
                deviation(general if few else 0, 0)
            else:
                assert few
                deviation.broken(0, general)
    # The usual continuation to -1 choose k is (-1)^k and counts two configurations too many.
    pairs = itertools.product(range(-6, 7, 2), range(1, 4))
    total = 2 + sum(naive(6, m, domains, usual) for m, domains in pairs)
    deviation.evidence(total)


@claim("p2-eq-26", "reproduces")
def test_target_is_a_mixture_of_pure_states_one_for_each_eigenvector(deviation):
    for n, omega_a, gamma, J, T in SYSTEMS:
        rho, z = np.zeros((2, 2)), 0.0
        ground = routes.levels(n, omega_a, gamma, J)[0]
        for m, domains in itertools.product(range(-n, n + 1, 2), range(n // 2 + 1)):
            lam = float(level(m, gamma))
            for sign in (1, -1):
                energy = omega_a * m / 2 - J * (n - 4 * domains) + sign * lam
                p = ring.degeneracy(n, m, domains) * np.exp(-(energy - ground) / T)
                c = np.array([gamma * m, sign * lam - 0.5]) if m else np.eye(2)[int(sign < 0)]
                rho += p * np.outer(c, c) / (c @ c)
                z += p
        deviation(rho / z, ring.target_state(SourceRing(n, omega_a, gamma, J), T))
        deviation(rho / z, routes.dense_target(n, omega_a, gamma, J, T))


@claim("p2-eq-27", "reproduces")
def test_matrix_elements_of_the_target(deviation):
    for n, omega_a, gamma, J, T in SYSTEMS:
        excited = off = z = mp.mpf(0)
        for m, domains in itertools.product(range(-n, n + 1, 2), range(n // 2 + 1)):
            lam = level(m, gamma)
            p = ring.degeneracy(n, m, domains)
            p *= mp.exp(-(mp.mpf(omega_a) * m / 2 - J * (n - 4 * domains)) / T)
            z += 2 * p * mp.cosh(lam / T)
            excited += p * (mp.cosh(lam / T) - mp.sinh(lam / T) / (2 * lam))
            off -= p * gamma * m / lam * mp.sinh(lam / T)
        printed = np.array([[excited, off], [off, z - excited]]) / z
        deviation(printed.astype(float), ring.target_state(SourceRing(n, omega_a, gamma, J), T))
        deviation(printed.astype(float), routes.enumerated_target(n, omega_a, gamma, J, T))


@claim("p2-eq-28", "reproduces")
def test_coherence_is_the_double_sum_over_magnetisation_and_domains(deviation):
    for n, omega_a, gamma, J, T in SYSTEMS:
        exact = float(routes.coherence(n, omega_a, gamma, J, T))
        deviation(2 * abs(routes.dense_target(n, omega_a, gamma, J, T)[0, 1]), exact)
    for n, omega_a, gamma, J, T in LARGE:
        exact = float(routes.coherence(n, omega_a, gamma, J, T, digits=80))
        made = ring.coherence(SourceRing(n, omega_a, gamma, J), T)
        deviation(made, exact, scale=max(exact, 1e-300))


@claim("p2-eq-29", "reproduces")
def test_positive_magnetisations_suffice_for_the_coherence(deviation):
    for n, omega_a, gamma, J, T in [*SYSTEMS, *LARGE]:
        with mp.workdps(80):
            top, z = half_sums(n, omega_a, gamma, T, ring_weights(n, J, T))
            signed = routes.double_sum(n, omega_a, gamma, J, T, digits=80)[0]
            deviation(top / z, signed, scale=abs(signed))
            assert (top >= 0) == (omega_a * gamma >= 0)
            exact = float(abs(top / z))
        made = ring.coherence(SourceRing(n, -omega_a, -gamma, J), T)
        deviation(made, exact, scale=max(exact, 1e-300))


def hypergeometric(a, b, c, x):
    """2F1 with a negative integer a or b or zero, exactly."""
    total = term = Fraction(1)
    for k in range(-max(a, b)):
        term *= Fraction((a + k) * (b + k), (c + k) * (k + 1)) * x
        total += term
    return total


@claim("p2-eq-30", "reproduces")
def test_weights_are_hypergeometric_polynomials(deviation):
    for n in range(1, 31):
        x = Fraction(n, 7)
        for m in range(-n, n + 1, 2):
            up, down = (n + m) // 2, (n - m) // 2
            summed = sum(routes.degeneracy(n, m, k) * x**k for k in range(n // 2 + 1))
            closed = n * x * hypergeometric(1 - up, 1 - down, 2, x) if abs(m) < n else 1
            assert closed == summed
    for n, _, _, J, T in LARGE:
        made = ring.log_weights(n, J / T)
        for m, value in zip(range(-n, n + 1, 2), made, strict=True):
            exact = float(mp.log(routes.hypergeometric_weight(n, m, J / T, digits=60)))
            deviation(value, exact, scale=max(1, abs(exact)))


@claim("p2-s4-2", "reproduces")
def test_weight_is_the_conditioned_partition_function_of_the_sources(deviation):
    for n, omega_a, _, J, T in SYSTEMS:
        weights = ring.log_weights(n, J / T)
        for k, m in enumerate(range(-n, n + 1, 2)):
            pairs = routes.configurations(n).items()
            terms = [(count, J * bonds / T) for (found, bonds), count in pairs if found == m]
            # The gap of the sources gives a factor that neither J nor the domains enter.
            counts, exponents = (np.array(column) for column in zip(*terms, strict=True))
            conditioned = scipy.special.logsumexp(exponents - omega_a * m / 2 / T, b=counts)
            expected = weights[k] - omega_a * m / 2 / T
            deviation(conditioned, expected, scale=max(1, abs(expected)))


@claim("p2-eq-31", "reproduces")
def test_positive_magnetisations_suffice_for_the_partition_function(deviation):
    for n, omega_a, gamma, J, T in [*SYSTEMS, *LARGE]:
        with mp.workdps(60):
            _, z = half_sums(n, omega_a, gamma, T, ring_weights(n, J, T))
            exact = routes.double_sum(n, omega_a, gamma, J, T, digits=60)[2]
            deviation(mp.log(z), exact, scale=1 + abs(exact))
        made = ring.log_partition_function(SourceRing(n, omega_a, gamma, J), T)
        deviation(made, float(exact), scale=1 + abs(float(exact)))


def at(operator, sites, n):
    return qutip.tensor([operator if k in sites else qutip.qeye(2) for k in range(n)])


def with_interaction(n, interaction, omega_a, gamma, T):
    """Coherence from the dense state and from Eqs. (II.29), (II.31) with the interaction's W_M."""
    total = sum(at(qutip.sigmaz(), (j,), n) for j in range(n))
    one = qutip.tensor([qutip.qeye(2)] * n)
    h = qutip.tensor(qutip.sigmaz() / 2, one) + gamma * qutip.tensor(qutip.sigmax(), total)
    h += qutip.tensor(qutip.qeye(2), omega_a / 2 * total + interaction)
    dense = 2 * abs((-h / T).expm().unit().ptrace(0).full()[0, 1])
    boltzmann = (-interaction / T).expm().full().diagonal().real
    magnetisation = total.full().diagonal().real
    top, z = half_sums(n, omega_a, gamma, T, lambda m: boltzmann[magnetisation == m].sum())
    return dense, float(abs(top / z))


@claim("p2-s4-3", "holds under a condition")
def test_other_interactions_that_do_not_tell_up_from_down_only_change_the_weights(deviation):
    rng = np.random.default_rng(43)
    sx, sy, sz = qutip.sigmax(), qutip.sigmay(), qutip.sigmaz()
    for n in (2, 3, 4, 5):
        pairs = list(itertools.combinations(range(n), 2))
        far = sum(rng.normal() * at(sz, pair, n) for pair in pairs)
        exchange = sum(rng.normal() * (at(sx, p, n) + at(sy, p, n) + at(sz, p, n)) for p in pairs)
        for interaction in (far, exchange, far + exchange):
            dense, closed = with_interaction(n, interaction, *rng.uniform(0.1, 2, 3))
            deviation(dense, closed)
    # Opposite fields on neighbours are reversed by a step around an even ring.
    staggered = sum(0.8 * (-1) ** j * at(sz, (j,), 4) for j in range(4))
    deviation(*with_interaction(4, staggered, 0.7, 0.4, 0.5))
    # Three-spin terms commute with the magnetisation, but tell up from down.
    triples = sum(-0.5 * at(sz, (j, (j + 1) % 4, (j + 2) % 4), 4) for j in range(4))
    dense, closed = with_interaction(4, triples, 0.0, 0.2, 0.5)
    assert closed == 0
    deviation.broken(closed, dense)
    deviation.evidence(dense)
