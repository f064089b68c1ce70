"""The qubit: |e> = (1, 0), its Pauli matrices and its Bloch vector."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from coherence_lib._types import Complexes, Floats

LOWER = np.array([[0.0, 0.0], [1.0, 0.0]])  # |g><e|
PAULI: Complexes = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])


def bloch_vector(rho: Complexes) -> Floats:
    """Full Pauli expectation values of a state."""
    return np.einsum("kij,...ji->...k", PAULI, rho).real


def bloch_form(generator: Complexes) -> tuple[Floats, Floats]:
    """A and b of d<sigma>/dt = A <sigma> + b for a superoperator on stacked columns."""
    images = [(generator @ m.ravel(order="F")).reshape(2, 2, order="F") for m in PAULI / 2]
    center = (generator @ (np.eye(2) / 2).ravel(order="F")).reshape(2, 2, order="F")
    return np.array([bloch_vector(image) for image in images]).T, bloch_vector(center)


def states(bloch: Floats) -> Complexes:
    """Density matrices of Bloch vectors, shape (..., 3) -> (..., 2, 2)."""
    return 0.5 * (np.eye(2) + np.einsum("...k,kij->...ij", bloch, PAULI))


def inside(bloch: Floats) -> Floats:
    """Bloch vectors of pure states may be a rounding outside of the sphere."""
    return bloch / np.maximum(1.0, np.linalg.norm(bloch, axis=-1, keepdims=True))


def sandwich(left: NDArray[np.inexact], right: NDArray[np.inexact]) -> NDArray[Any]:
    """rho -> left rho right^dagger on stacked columns."""
    return np.kron(right.conj(), left)
