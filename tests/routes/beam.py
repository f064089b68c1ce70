"""The beam of pairs and its qubit, by second routes: collisions written with QuTiP and traced out.

The qubit is the last factor, |e> = (1, 0), and the rate of arrivals is p = 1. What is printed in
Sec. III.C and Apps. B and C of paper I stands beside what follows from the collision.
"""

import numpy as np
import qutip

from routes import literal

SM, SP, SZ, ONE = (
    f().full() for f in (qutip.sigmam, qutip.sigmap, qutip.sigmaz, lambda: qutip.qeye(2))
)
SX, SY = SP + SM, -1j * (SP - SM)
UP = np.kron(SP, ONE) + np.kron(ONE, SP)  # sum of sigma_i^+ of the pair
EXCHANGE = np.kron(UP, SM) + np.kron(UP.T, SP)


def unitary(g_tau):
    return (-1j * g_tau * qutip.Qobj(EXCHANGE)).expm().full()


def collided(a, q, g_tau):
    """The qubit after one collision, traced out element by element."""
    u = unitary(g_tau)
    after = (u @ np.kron(a, q) @ u.conj().T).reshape(4, 2, 4, 2)
    return np.einsum("aiaj->ij", after)


def expansion(a, q):
    """First and second order of the collision in g tau, by exact traces of commutators."""
    both = np.kron(a, q)

    def trace(m):
        return np.einsum("aiaj->ij", m.reshape(4, 2, 4, 2))

    s = EXCHANGE
    first = -1j * trace(s @ both - both @ s)
    return first, trace(s @ both @ s - 0.5 * (s @ s @ both + both @ s @ s))


def superoperator(change):
    """A linear map of qubit operators as a matrix on stacked rows."""
    return np.array([change(e).ravel() for e in np.eye(4).reshape(4, 2, 2)]).T


def second_order_generator(a, g_tau):
    """The beam's Liouvillian to second order, for p = 1."""

    def change(q):
        first, second = expansion(a, q)
        return g_tau * first + g_tau**2 * second

    return superoperator(change)


def exact_generator(a, g_tau):
    """The same for exact collisions."""
    return superoperator(lambda q: collided(a, q, g_tau) - q)


def settled(generator):
    """The state that a Liouvillian leaves alone, from its null vector."""
    _, strength, v = np.linalg.svd(generator)
    # A gap, or the null vector would be a guess.
    assert strength[-1] < 1e-13 < 1e-6 < strength[-2]
    rho = v[-1].conj().reshape(2, 2)
    return rho / np.trace(rho)


def dissipator(jump, q):
    return jump @ q @ jump.conj().T - 0.5 * (jump.conj().T @ jump @ q + q @ jump.conj().T @ jump)


def table(a):
    """Table I as printed."""
    middle = a[1, 1] + a[1, 2] + a[2, 1] + a[2, 2]
    return (
        (2 * a[0, 0] + middle).real,
        (2 * a[3, 3] + middle).real,
        a[0, 1] + a[0, 2] + a[1, 3] + a[2, 3],
        a[0, 3],
    )


def squeezing(a, q):
    eps = table(a)[3]
    return 2 * (eps * SP @ q @ SP + np.conj(eps) * SM @ q @ SM)


def exchange(a, q):
    r_e, r_d, _, _ = table(a)
    return r_e * dissipator(SP, q) + r_d * dissipator(SM, q)


def bath_numbers(a, g_tau):
    r_e, r_d, lam, eps = table(a)
    gamma = g_tau**2 * (r_d - r_e)
    return r_e / (r_d - r_e), gamma, -2 * eps * g_tau**2 / gamma, lam


def vector(q):
    return np.array([np.trace(s @ q).real for s in (SX, SY, SZ)])


def printed_bloch(a, g_tau):
    """Eq. (I.19) as printed, for p = 1: x and y in halves, z in full."""
    n, gamma, m, lam = bath_numbers(a, g_tau)
    mc, lc = np.conj(m), np.conj(lam)
    k = 2 * n + m + mc + 1
    matrix = np.array(
        [
            [-gamma / 2 * k, -0.5j * gamma * (m - mc), 0.5j * g_tau * (lam - lc)],
            [-0.5j * gamma * (m - mc), -gamma / 2 * k, -0.5 * g_tau * (lam + lc)],
            [-2j * g_tau * (lam - lc), 2 * g_tau * (lam + lc), -gamma * (2 * n + 1)],
        ]
    )
    return matrix.real, np.array([0, 0, -gamma])


def true_bloch(a, g_tau, halves=True):
    """A and b from the literal expansion of the collision, for p = 1."""
    columns = []
    for s in (SX, SY, SZ):
        first, second = expansion(a, s / 2)
        columns.append(vector(g_tau * first + g_tau**2 * second))
    first, second = expansion(a, ONE / 2)
    matrix, constant = np.array(columns).T, vector(g_tau * first + g_tau**2 * second)
    unit = np.diag([0.5, 0.5, 1.0]) if halves else np.eye(3)
    return unit @ matrix @ np.linalg.inv(unit), unit @ constant


def charged(nbar, start=None):
    generator = literal.together(2, nbar, 0.0, 1.0)
    return literal.end(generator, literal.ground(2) if start is None else start)


def lindblad_operators(a, g_tau, turned=0.0):
    n, gamma, m, _ = bath_numbers(a, g_tau)
    n_th = 0.5 * (np.sqrt((2 * n + 1) ** 2 - 4 * abs(m) ** 2) - 1)
    r = 0.5 * np.arctanh(2 * abs(m) / (2 * n + 1))
    squeezed = np.cosh(r) * SM + np.exp(1j * (np.angle(-m) - turned)) * np.sinh(r) * SP
    return [
        np.sqrt(gamma * (n_th + 1) / 2) * squeezed,
        np.sqrt(gamma * n_th / 2) * squeezed.conj().T,
    ]


def heat_and_work(a, q, g_tau, omega):
    """Heat and work for p = 1 from the expansion itself: dissipators on H, drive on H."""
    lam = table(a)[2]
    drive = g_tau * (lam * SP + np.conj(lam) * SM)
    energy = drive + 0.5 * omega * SZ
    first, second = expansion(a, q)
    return (np.trace(energy @ second).real * g_tau**2, np.trace(energy @ first).real * g_tau)


def steady(a, g_tau):
    matrix, constant = true_bloch(a, g_tau, halves=False)
    x, y, z = np.linalg.solve(matrix, -constant)
    return 0.5 * (ONE + x * SX + y * SY + z * SZ)


def printed_heat(a, q, g_tau, omega):
    n, gamma, m, lam = bath_numbers(a, g_tau)
    z, up = np.trace(SZ @ q).real, q[1, 0]
    down = np.conj(up)
    k = (2 * n + 1) / 2
    drive = np.conj(lam) * (k * down + up * m) + lam * (down * np.conj(m) + k * up)
    first = gamma / 4 * omega * (1 - (2 * n + 1) * z)
    return first - gamma / 2 * g_tau * drive.real, first


def second_order(g):
    return np.eye(8) - 1j * g * EXCHANGE - 0.5 * g**2 * EXCHANGE @ EXCHANGE


def operators(rows):
    """A 4 x 4 array of qubit operators as one 8 x 8 matrix, pair first."""
    return np.block([[np.asarray(entry, complex) for entry in row] for row in rows])


def printed_steady(a, g_tau):
    """(I.C1) and (I.C2) as printed, for p = 1."""
    n, gamma, m, lam = bath_numbers(a, g_tau)
    mc, lc = np.conj(m), np.conj(lam)
    k, i = 2 * n + m + mc + 1, m - mc
    d = g_tau**2 * (i * (lam**2 - lc**2) - 2 * abs(lam) ** 2 * k)
    d -= gamma**2 * (2 * n + 1) / 4 * (k**2 + i**2)
    x = 0.25j * gamma * g_tau * (k * (lam - lc) + i * (lam + lc))
    y = -0.25 * gamma * g_tau * (k * (lam + lc) - i * (lam - lc))
    return np.real([x / d, y / d, gamma**2 / 4 * (k**2 + i**2) / d]), d


def corrected_steady(a, g_tau):
    """(I.C1) and (I.C2) with both quadratures, for p = 1, in the print's halves."""
    n, gamma, m, lam = bath_numbers(a, g_tau)
    mc, lc = np.conj(m), np.conj(lam)
    weight, i = 2 * n + 1, m - mc
    plus, minus = weight + m + mc, weight - m - mc
    area = weight**2 - 4 * abs(m) ** 2
    d = i * (lam**2 - lc**2) - 2 * abs(lam) ** 2 * weight - (m + mc) * (lam**2 + lc**2)
    d = g_tau**2 * d - gamma**2 / 4 * weight * area
    x = 0.25j * gamma * g_tau * (minus * (lam - lc) + i * (lam + lc))
    y = -0.25 * gamma * g_tau * (plus * (lam + lc) - i * (lam - lc))
    return np.array([x / d, y / d, gamma**2 / 4 * area / d]), d


def rates(generator):
    """Rates of the decay channels: the Choi matrix away from the identity, sorted."""
    choi = sum(
        np.kron(e, (generator @ e.ravel()).reshape(2, 2)) for e in np.eye(4).reshape(4, 2, 2)
    )
    identity = np.eye(2).ravel() / np.sqrt(2)
    away = np.eye(4) - np.outer(identity, identity)
    return np.linalg.eigvalsh(away @ choi @ away)
