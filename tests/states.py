"""States that tests start from, and what every state that comes back must satisfy."""

from functools import reduce

import numpy as np
from hypothesis import strategies as st

# One number from which a test draws all that it needs, so that a failure can be repeated.
seeds = st.integers(0, 2**32 - 1)


def assert_physical(rho, tolerance=1e-9):
    """Trace one, Hermitian, positive: for one state or an array of them."""
    rho = np.asarray(rho)
    np.testing.assert_allclose(np.trace(rho, axis1=-2, axis2=-1), 1, rtol=0, atol=tolerance)
    np.testing.assert_allclose(rho, rho.conj().swapaxes(-1, -2), rtol=0, atol=tolerance)
    assert np.linalg.eigvalsh(rho).min() >= -tolerance


def random_state(rng, dimension, rank=None):
    """A density matrix with complex coherences everywhere; of full rank unless told."""
    shape = (dimension, rank or dimension)
    root = rng.normal(size=shape) + 1j * rng.normal(size=shape)
    rho = root @ root.conj().T
    return rho / np.trace(rho).real


def any_state(rng, n_atoms):
    """A state of any kind: of full or of lower rank, a product of pure states, or incoherent."""
    kind, dimension = rng.integers(4), 2**n_atoms
    if kind == 0:
        return random_state(rng, dimension)
    if kind == 1:
        return random_state(rng, dimension, rank=rng.integers(1, dimension))
    if kind == 2:
        return reduce(np.kron, [random_state(rng, 2, rank=1) for _ in range(n_atoms)])
    # On the boundary: some levels are empty.
    weights = rng.dirichlet(np.ones(dimension)) * (rng.permutation(dimension) > dimension // 3)
    return np.diag(weights / weights.sum()).astype(complex)


def projector(*amplitudes):
    """|psi><psi| of a ket that need not be normalised."""
    psi = np.array(amplitudes, complex)
    psi /= np.linalg.norm(psi)
    return np.outer(psi, psi.conj())


def random_couplings(rng, n_atoms, rank=None):
    """A symmetric f with zero diagonal and a positive semidefinite gamma of the given rank."""
    f = rng.normal(size=(n_atoms, n_atoms))
    f = f + f.T
    np.fill_diagonal(f, 0)
    # Small integers: gamma is exact in floats, and so is its rank.
    root = rng.integers(-3, 4, size=(n_atoms, n_atoms if rank is None else rank))
    return f, (root @ root.T).astype(float)
