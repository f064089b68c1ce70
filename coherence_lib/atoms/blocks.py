r"""Any geometry by excitation-number blocks: C(2N, N) numbers instead of 4^N.

Neither emission nor absorption nor hopping creates a coherence between states with
different numbers of excitations. A state without any stays without, and only its
diagonal blocks, of sizes C(N, 0), C(N, 1), .., C(N, N), evolve:

.. math::
    \dot\rho_k = \mathcal K_k\rho_k + \rho_k\mathcal K_k^\dagger
        + (\bar n+1)\sum_c g_c\,J_c\,\rho_{k+1}J_c^\dagger
        + \bar n\sum_c g_c\,J_c^\dagger\rho_{k-1}J_c

with :math:`\mathcal K = -iH_d - \frac12\sum_c g_c[(\bar n+1)J_c^\dagger J_c
+ \bar n\,J_cJ_c^\dagger]` and the decay channels of `AtomCluster.decay_channels`.
"""

import numpy as np
import scipy.linalg
import scipy.sparse as sp
from scipy.sparse.linalg import expm_multiply

__all__ = ["evolve", "fits", "generator"]

# Up to this many numbers a dense exponential is quicker than repeated products.
_DENSE_UP_TO = 300


def sectors(n_atoms):
    """Basis labels by the number of excitations, a list of N + 1 index arrays."""
    excitations = excitation_numbers(n_atoms)
    return [np.flatnonzero(excitations == k) for k in range(n_atoms + 1)]


def excitation_numbers(n_atoms):
    """Number of excited atoms of each basis label: its bits that are not set."""
    labels = np.arange(2**n_atoms)
    return n_atoms - sum((labels >> bit) & 1 for bit in range(n_atoms))


def fits(rho0):
    """Whether a state has no coherence between different numbers of excitations."""
    excitations = excitation_numbers(len(rho0).bit_length() - 1)
    return not np.any(rho0[excitations[:, None] != excitations])


def positions(n_atoms):
    """Rows and columns of the elements of all blocks, block after block."""
    pairs = [np.meshgrid(s, s, indexing="ij") for s in sectors(n_atoms)]
    rows = np.concatenate([row.ravel() for row, _ in pairs])
    columns = np.concatenate([column.ravel() for _, column in pairs])
    return rows, columns


def generator(cluster, nbar):
    """Sparse generator of the blocks, each stacked row by row, in order of k.

    Parameters
    ----------
    cluster : AtomCluster
        The atoms and their couplings.
    nbar : float
        Mean number of thermal photons, >= 0.

    Returns
    -------
    scipy.sparse.csr_array, shape (C(2N, N), C(2N, N))

    Examples
    --------
    >>> from coherence_lib.atoms import AtomCluster
    >>> generator(AtomCluster.collective(4), nbar=1.0).shape
    (70, 70)
    """
    rates, vectors = cluster.decay_channels()
    lower = [s.full().real for s in cluster.lowering_operators()]
    jumps = [
        np.sqrt(g) * sum(v * s for v, s in zip(vector, lower, strict=True))
        for g, vector in zip(rates, vectors.T, strict=True)
    ]
    losses = sum(((nbar + 1) * j.T @ j + nbar * j @ j.T for j in jumps), 0 * lower[0])
    damped = -1j * cluster.hamiltonian().full() - 0.5 * losses
    labels = sectors(cluster.n_atoms)
    size = len(labels)
    grid = [[None] * size for _ in range(size)]
    for k, here in enumerate(labels):
        own = sp.csr_array(damped[np.ix_(here, here)])
        one = sp.eye_array(len(here))
        grid[k][k] = sp.kron(own, one) + sp.kron(one, own.conj())
        for step, photons in ((1, nbar + 1), (-1, nbar)):
            if 0 <= k + step < size and photons > 0 and jumps:
                there = labels[k + step]
                maps = [(j if step > 0 else j.T)[np.ix_(here, there)] for j in jumps]
                grid[k][k + step] = photons * sum(
                    (sp.kron(sp.csr_array(m), sp.csr_array(m)) for m in maps[1:]),
                    sp.kron(sp.csr_array(maps[0]), sp.csr_array(maps[0])),
                )
    return sp.csr_array(sp.block_array(grid))


def evolve(cluster, rho0, times, nbar):
    """Density matrices at checked times from a checked state for which `fits` holds."""
    rows, columns = positions(cluster.n_atoms)
    numbers = propagate(generator(cluster, nbar), rho0[rows, columns], times)
    states = np.zeros((len(times), *rho0.shape), complex)
    states[:, rows, columns] = numbers
    return states


def coherence(cluster, rho0, times, nbar):
    """l1 norm of coherence at checked times, without unfolding the blocks."""
    rows, columns = positions(cluster.n_atoms)
    numbers = propagate(generator(cluster, nbar), rho0[rows, columns], times)
    return np.sum(np.abs(numbers[:, rows != columns]), axis=1)


def propagate(matrix, vector, times):
    """exp(matrix t) vector at non-decreasing times; equal steps share their work."""
    unit = 8 * np.finfo(float).eps * max(times[-1], np.finfo(float).tiny)
    dense = matrix.shape[0] <= _DENSE_UP_TO
    if dense and sp.issparse(matrix):
        matrix = matrix.toarray()
    propagators, results = {}, []
    for step in np.diff(times, prepend=0.0):
        if step > unit:
            if dense:
                key = round(step / unit)
                if key not in propagators:
                    propagators[key] = scipy.linalg.expm(matrix * step)
                vector = propagators[key] @ vector
            else:
                vector = expm_multiply(matrix * step, vector)
        results.append(vector)
    return np.array(results)
