"""Steady states the hard way: a dense Liouvillian and its numerical null vectors."""

from functools import cache

import numpy as np


@cache
def kernel(cluster, nbar):
    """Right and left null vectors of the Liouvillian, from an SVD, as columns."""
    liouvillian = cluster.liouvillian(nbar).full()
    u, values, v = np.linalg.svd(liouvillian)
    null = values < 1e-11 * values[0] if values[0] > 0 else np.ones(len(values), bool)
    # A gap, or the number of null vectors would be a guess.
    assert np.all(values[~null] > 1e-8 * values[0])
    return v[null].conj().T, u[:, null]


def projected(cluster, nbar, rho0):
    """R (L^+ R)^-1 L^+ rho0."""
    right, left = kernel(cluster, nbar)
    overlap = left.conj().T @ rho0.ravel(order="F")
    vector = right @ np.linalg.solve(left.conj().T @ right, overlap)
    return vector.reshape(rho0.shape, order="F")
