"""Curves C(T) of the ring of sources in plain floating point, and what the claims ask of them.

The levels are listed by (M, l) with the degeneracies of `ring_routes`, the sum is over all of them.
"""

import functools

import numpy as np

from routes import ring_routes


@functools.cache
def classes(n):
    """Rows M, sum_j s_j s_(j+1) and degeneracy of the source configurations."""
    found = [
        (m, n - 4 * domains, ring_routes.degeneracy(n, m, domains))
        for m in range(-n, n + 1, 2)
        for domains in range(n // 2 + 1)
    ]
    return np.array([entry for entry in found if entry[2]], dtype=float).T


def spectrum(n, omega_a, gamma, J, omega=1.0):
    """Rows energy, degeneracy, -2 rho_eg and M of all levels, by ascending energy."""
    m, bonds, count = classes(n)
    lam = np.hypot(omega / 2, gamma * m)
    base = omega_a * m / 2 - J * bonds
    energy = np.concatenate([base - lam, base + lam])
    signed = np.concatenate([-gamma * m / lam, gamma * m / lam])
    rows = np.array([energy, np.tile(count, 2), signed, np.tile(m, 2)])
    return rows[:, np.argsort(energy, kind="stable")]


def mean(levels, values, temperatures):
    """Thermal mean at every temperature > 0."""
    gaps = (levels[0] - levels[0, 0]) / np.asarray(temperatures, dtype=float)[..., None]
    weights = levels[1] * np.exp(-gaps)
    return weights @ values / weights.sum(axis=-1)


def curve(n, omega_a, gamma, J, temperatures, omega=1.0):
    """C at every temperature > 0; exact to some 1e-15 absolute."""
    levels = spectrum(n, omega_a, gamma, J, omega)
    return np.abs(mean(levels, levels[2], temperatures))


def magnetisation(n, omega_a, gamma, J, temperatures, omega=1.0):
    """-<M> in the equilibrium of target and sources."""
    levels = spectrum(n, omega_a, gamma, J, omega)
    return mean(levels, -levels[3], temperatures)


def ground(n, omega_a, gamma, J, omega=1.0):
    """Energy, degeneracy and coherence of the ground level."""
    energy, count, signed, _ = spectrum(n, omega_a, gamma, J, omega)
    lowest = energy - energy[0] < 1e-10 * max(1.0, abs(energy[0]))
    degeneracy = count[lowest].sum()
    return energy[0], degeneracy, abs(count[lowest] @ signed[lowest]) / degeneracy


def aligned(m, gamma, omega=1.0):
    """2 M gamma / Omega_M, the coherence that M aligned sources induce at T = 0."""
    return m * gamma / np.hypot(omega / 2, m * gamma)


def splitting(m, gamma, omega=1.0):
    """Omega_M."""
    return np.hypot(omega, 2 * m * gamma)


def line(n, gamma, J, omega=1.0):
    """omega_a at which the aligned and the most antialigned level cross, Eqs. (II.48), (II.54)."""
    least = n % 2
    return -4 * J - (splitting(n, gamma, omega) - splitting(least, gamma, omega)) / (n - least)


def turns(values, floor=1e-9):
    """Kind and position of every interior extremum that stands out by more than `floor`."""
    found, rising, high, low = [], None, 0, 0
    for i, value in enumerate(values):
        high = i if value > values[high] else high
        low = i if value < values[low] else low
        if rising is not False and values[high] - value > floor:
            found += [("max", high)] if rising else []
            rising, low = False, i
        elif rising is not True and value - values[low] > floor:
            found += [("min", low)] if rising is False else []
            rising, high = True, i
    return found


def shape(values, floor=1e-9):
    """The interior extrema in a word, such as "min max"."""
    return " ".join(kind for kind, _ in turns(values, floor))


def samples(seed, count, sign=0, sizes=(1, 12), decades=2):
    """Random (n, omega_a, gamma, J) over some decades around 1, J of one sign or of both."""
    rng = np.random.default_rng(seed)
    for _ in range(count):
        omega_a, gamma, J = 10 ** rng.uniform(-decades, decades, 3)
        n = int(rng.integers(sizes[0], sizes[1] + 1))
        yield n, omega_a, gamma, J * (sign or rng.choice([-1, 1]))


def rise(values):
    """How far a sequence climbs from one entry to the next; 0 where it falls."""
    return np.maximum(np.diff(values, axis=0), 0.0)


def climb(logs):
    """The same for logarithms, in relation to them where they are large: so do they round."""
    return rise(logs) / np.maximum(1.0, np.abs(np.asarray(logs)[1:]))
