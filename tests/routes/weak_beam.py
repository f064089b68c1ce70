"""Where beams of very weak collisions end, with hundreds of digits: the map itself, and its orders.

The qubit is the last factor, |e> = (1, 0); a Bloch vector is that of full Pauli matrices.
"""

from mpmath import mp

from routes import literal


def exchange(n_atoms):
    """S = J^+ sigma_0^- + J^- sigma_0^+."""
    s = literal.lowering(n_atoms + 1)
    return sum(a.T @ s[-1] + a @ s[-1].T for a in s[:-1])


def end(rho, g_tau, order=None):
    """The Bloch vector that a collision leaves alone, exactly or to some order of g tau."""
    size = len(rho)
    step = mp.matrix(exchange(size.bit_length() - 1).tolist()) * mp.mpc(0, -g_tau)
    cluster = mp.matrix(rho.tolist())
    cluster /= mp.fsum(mp.re(cluster[i, i]) for i in range(size))
    after = _in_orders(step, order) if order else _exactly(step, g_tau)

    def change(q):
        both = mp.matrix(2 * size, 2 * size)
        for i in range(2 * size):
            for j in range(2 * size):
                both[i, j] = cluster[i // 2, j // 2] * q[i % 2, j % 2]
        return bloch(traced(after(both) - both, size))

    x, one = mp.matrix([[0, 1], [1, 0]]), mp.eye(2)
    y, z = mp.matrix([[0, mp.mpc(0, -1)], [mp.mpc(0, 1), 0]]), mp.matrix([[1, 0], [0, -1]])
    matrix = mp.matrix(3, 3)
    for k, pauli in enumerate((x, y, z)):
        matrix[:, k] = change(pauli / 2)
    return mp.lu_solve(matrix, -change(one / 2))


def _exactly(step, g_tau):
    """U . U^+ from the power series of U = e^step."""
    unitary = term = mp.eye(step.rows)
    # What is left out is smaller than what is looked for by thirty digits or more.
    for k in range(1, 50 if abs(g_tau) > 1e-4 else 12):
        term = term * step / k
        unitary = unitary + term
    return lambda both: unitary * both * unitary.H


def _in_orders(step, order):
    """The same to some order, by nested commutators."""

    def after(both):
        total = term = both
        for k in range(1, order + 1):
            term = (step * term - term * step) / k
            total = total + term
        return total

    return after


def traced(both, size):
    """The qubit, with the cluster traced out."""
    low = [
        [mp.fsum(both[2 * i + a, 2 * i + b] for i in range(size)) for b in (0, 1)] for a in (0, 1)
    ]
    return mp.matrix(low)


def bloch(q):
    values = q[0, 1] + q[1, 0], mp.mpc(0, 1) * (q[0, 1] - q[1, 0]), q[0, 0] - q[1, 1]
    return mp.matrix([mp.re(v) for v in values])
