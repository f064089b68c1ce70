"""Thermal sums over rings of up to some thousand sources, by mpmath, and over the levels of small
ones. They share no code with the library; the sums over l are done term by term.
"""

from collections import namedtuple

import mpmath as mp

from routes import ring_routes

Thermal = namedtuple("Thermal", "coherence incoherence excited log_z magnetisation")


def weights(n, beta_J, digits=50):
    """W_M e^(-beta J N) for M = N, N - 2, ..., down to 0 or 1; each a sum over l of Eq. (II.25)."""
    with mp.workdps(digits):
        x, found = mp.exp(-4 * mp.mpf(beta_J)), [mp.mpf(1)]
        for down in range(1, n // 2 + 1):
            up = n - down
            term = total = n * x
            for domains in range(1, down):
                factor = (up - domains) * (down - domains)
                term = term * (x * factor) / (domains * (domains + 1))
                total += term
            found.append(total)
        return found


def weights_by_recurrence(n, beta_J, digits=80):
    """The same for thousands of sources, by the contiguous relation of Eq. (II.30)'s 2F1."""
    with mp.workdps(digits):
        x = mp.exp(-4 * mp.mpf(beta_J))
        found = [mp.mpf(1), n * x]
        for m in range(1, n // 2):
            field = n - 2 * m
            forward = field * (4 * m * (n - m) + 2 * x * (field**2 - 1)) * found[-1]
            back = 2 * (m - 1) * (n - m + 1) * (field - 1) * found[-2]
            found.append((forward - back) / (2 * (m + 1) * (n - m - 1) * (field + 1)))
        return found[: n // 2 + 1]


def thermal(n, omega_a, gamma, J, T, omega=1.0, digits=50, by=weights):
    """C, 1 - C, rho_ee, ln Z and |<M>|, from Eq. (II.28) with the terms of M and -M together."""
    with mp.workdps(digits):
        omega_a, gamma, J, T, omega = (mp.mpf(v) for v in (omega_a, gamma, J, T, omega))
        omega_a, gamma = abs(omega_a), abs(gamma)
        z = off = excited = magnetisation = mp.mpf(0)
        for down, weight in enumerate(by(n, J / T, digits)):
            m = n - 2 * down
            lam = mp.sqrt(omega**2 / 4 + gamma**2 * m**2)
            weight *= 4 if m else 2
            even = weight * mp.cosh(omega_a * m / (2 * T))
            odd = weight * mp.sinh(omega_a * m / (2 * T))
            z += even * mp.cosh(lam / T)
            off += odd * mp.sinh(lam / T) * gamma * m / lam
            magnetisation += odd * mp.cosh(lam / T) * m
            excited += even * (mp.cosh(lam / T) - omega / (2 * lam) * mp.sinh(lam / T)) / 2
        log_z = mp.log(z) + n * J / T
        return Thermal(off / z, (z - off) / z, excited / z, log_z, magnetisation / z)


def levels(n, omega_a, gamma, J, omega=1.0, digits=50):
    """Energy, degeneracy and 2 rho_eg of every (M, l, branch)."""
    with mp.workdps(digits):
        omega_a, gamma, J, omega = (mp.mpf(v) for v in (omega_a, gamma, J, omega))
        found = []
        for m in range(-n, n + 1, 2):
            lam = mp.sqrt(omega**2 / 4 + gamma**2 * m**2)
            for domains in range(n // 2 + 1):
                count = ring_routes.degeneracy(n, m, domains)
                base = omega_a * m / 2 - J * (n - 4 * domains)
                if count:
                    found += [(base - lam, count, -gamma * m / lam)]
                    found += [(base + lam, count, gamma * m / lam)]
        return found


def slope(entries, T, digits=50):
    """d|C|/dT, the covariance of energy and coherence over the levels, with `digits` digits."""
    with mp.workdps(digits):
        T, lowest = mp.mpf(T), min(energy for energy, _, _ in entries)
        p = [count * mp.exp(-(energy - lowest) / T) for energy, count, _ in entries]
        z = mp.fsum(p)
        energy = mp.fsum(w * (e - lowest) for w, (e, _, _) in zip(p, entries, strict=True)) / z
        element = mp.fsum(w * c for w, (_, _, c) in zip(p, entries, strict=True)) / z
        both = mp.fsum(w * (e - lowest) * c for w, (e, _, c) in zip(p, entries, strict=True)) / z
        return mp.sign(element) * (both - energy * element) / T**2
