"""What coherence is and what it is worth: measures of one density matrix, in the papers' basis.

Coherence is a property of a state *and* a basis. The basis here is the excitation
basis: one atom has |e> = (1, 0) and |g> = (0, 1), and N atoms are ordered
lexicographically with e before g, as QuTiP orders a tensor product.
"""

from __future__ import annotations

from functools import partial
from typing import overload

import numpy as np
from numpy.typing import NDArray

from coherence_lib import _checks, _labels
from coherence_lib._types import (
    Complexes,
    Floats,
    Labelled,
    ManyStates,
    Number,
    OneState,
    States,
    Value,
)

__all__ = [
    "ergotropy",
    "flip_flop_coherence",
    "l1_coherence",
    "quantum_fisher_information",
    "relative_entropy_of_coherence",
]

# Of a state whose 1 - r^2 is below this all digits of it are rounding.
_PURE = 1e-15


@overload
def l1_coherence(rho: Labelled) -> Labelled: ...
@overload
def l1_coherence(rho: OneState) -> float: ...
@overload
def l1_coherence(rho: ManyStates) -> Floats: ...
def l1_coherence(rho: States) -> Value:
    r"""l1 norm of coherence, Eq. (I.4) [1]_.

    .. math:: C_{l_1}(\rho) = \sum_{i \neq j} |\rho_{ij}|

    It lies between 0 (a diagonal state) and d - 1 (an equal superposition of all
    d basis states).

    Parameters
    ----------
    rho : Qobj, list of Qobj or array_like, shape (..., d, d)
        Density matrices; trace, Hermiticity and positivity must hold to 1e-9.

    Returns
    -------
    float or ndarray, shape (...)
        The dimensionless measure, a scalar for one state.

    Raises
    ------
    TypeError
        If `rho` is not an operator or an array of numbers.
    ValueError
        If `rho` is not a density matrix.

    References
    ----------
    .. [1] B. Cakmak, A. Manatuly and O. E. Mustecaplioglu, Phys. Rev. A 96,
       032117 (2017); the measure is from T. Baumgratz, M. Cramer and
       M. B. Plenio, Phys. Rev. Lett. 113, 140401 (2014).

    Examples
    --------
    >>> l1_coherence([[0.5, 0.25j], [-0.25j, 0.5]])
    0.5
    """
    if _labels.among(rho):
        return _labels.apply(l1_coherence, matrices=("rho",), rho=rho)
    return sum_of_off_diagonals(_checks.states(rho))


def sum_of_off_diagonals(array: Complexes) -> float | Floats:
    """The same sum for arrays that are known to be states, without the checks."""
    off_diagonal = ~np.eye(array.shape[-1], dtype=bool)
    return _checks.plain(np.sum(np.abs(array), axis=(-2, -1), where=off_diagonal))


@overload
def relative_entropy_of_coherence(rho: Labelled) -> Labelled: ...
@overload
def relative_entropy_of_coherence(rho: OneState) -> float: ...
@overload
def relative_entropy_of_coherence(rho: ManyStates) -> Floats: ...
def relative_entropy_of_coherence(rho: States) -> Value:
    r"""Relative entropy of coherence, in nats.

    .. math:: C_r(\rho) = S(\operatorname{diag}\rho) - S(\rho),
              \quad S(\rho) = -\operatorname{Tr}\rho\ln\rho

    The entropy that a state gains when its off-diagonal elements are erased [1]_.

    Parameters
    ----------
    rho : Qobj, list of Qobj or array_like, shape (..., d, d)
        Density matrices; trace, Hermiticity and positivity must hold to 1e-9.

    Returns
    -------
    float or ndarray, shape (...)
        Between 0 and ln d, in nats.

    Raises
    ------
    TypeError
        If `rho` is not an operator or an array of numbers.
    ValueError
        If `rho` is not a density matrix.

    References
    ----------
    .. [1] T. Baumgratz, M. Cramer and M. B. Plenio, Phys. Rev. Lett. 113, 140401
       (2014).

    Examples
    --------
    An equal superposition has one bit, ln 2 = 0.693147 nats.

    >>> round(relative_entropy_of_coherence([[0.5, 0.5], [0.5, 0.5]]), 6)
    0.693147
    """
    if _labels.among(rho):
        return _labels.apply(relative_entropy_of_coherence, matrices=("rho",), rho=rho)
    rho = _checks.states(rho)
    populations = np.diagonal(rho, axis1=-2, axis2=-1).real
    gain = _entropy(populations) - _entropy(np.linalg.eigvalsh(rho))
    # The gain is never negative; rounding can make an exact zero so.
    return _checks.plain(np.maximum(gain, 0.0))


@overload
def flip_flop_coherence(rho: Labelled) -> Labelled: ...
@overload
def flip_flop_coherence(rho: OneState) -> float: ...
@overload
def flip_flop_coherence(rho: ManyStates) -> Floats: ...
def flip_flop_coherence(rho: States) -> Value:
    r"""Flip-flop (caloric, heat-exchange) coherence of N two-level atoms.

    .. math:: C_{\mathrm{ff}}(\rho) = \sum_{i\neq j}\langle\sigma_i^+\sigma_j^-\rangle

    The part of the coherence that exchanges heat: it connects states of equal
    excitation number, and adds to the rates at which a collectively coupled
    partner is excited and de-excited. Real, and of either sign: +1 for the
    symmetric Bell state of two atoms, -1 for the singlet.

    Parameters
    ----------
    rho : Qobj, list of Qobj or array_like, shape (..., 2**N, 2**N)
        Density matrices of N >= 1 atoms; trace, Hermiticity and positivity must
        hold to 1e-9.

    Returns
    -------
    float or ndarray, shape (...)
        Dimensionless; 0 for a single atom.

    Raises
    ------
    TypeError
        If `rho` is not an operator or an array of numbers.
    ValueError
        If `rho` is not a density matrix, or its dimension is not a power of two.

    Examples
    --------
    >>> import qutip
    >>> triplet, singlet = qutip.bell_state("10"), qutip.bell_state("11")
    >>> [round(flip_flop_coherence(psi.proj()), 12) for psi in (triplet, singlet)]
    [1.0, -1.0]
    """
    if _labels.among(rho):
        return _labels.apply(flip_flop_coherence, matrices=("rho",), rho=rho)
    rho = _checks.states(rho)
    d = rho.shape[-1]
    n_atoms = d.bit_length() - 1
    if d < 2 or d != 1 << n_atoms:
        raise ValueError(f"`rho` must have dimension 2**N with N >= 1, but got {d}.")
    labels = np.arange(d)
    total = np.zeros(rho.shape[:-2])
    for i in range(n_atoms):
        for j in range(i + 1, n_atoms):
            # In a label a set bit is |g>; the first atom is the highest bit.
            bit_i, bit_j = 1 << (n_atoms - 1 - i), 1 << (n_atoms - 1 - j)
            swapped = labels[(labels & bit_i != 0) & (labels & bit_j == 0)]
            total = total + 2 * rho[..., swapped, swapped ^ bit_i ^ bit_j].real.sum(axis=-1)
    return _checks.plain(total)


@overload
def ergotropy(rho: Labelled, omega: Number = ...) -> Labelled: ...
@overload
def ergotropy(rho: OneState, omega: Number = ...) -> float: ...
@overload
def ergotropy(rho: ManyStates, omega: Number = ...) -> Floats: ...
def ergotropy(rho: States, omega: Number = 1.0) -> Value:
    r"""Ergotropy of one qubit: the most work that a unitary takes out of it.

    .. math:: W = \tfrac\omega2\,(|\vec r| + r_z), \qquad r_z = \rho_{ee} - \rho_{gg}

    with the Bloch vector r of the state, for the Hamiltonian
    :math:`\frac\omega2\sigma^z` [1]_. Without inversion, :math:`r_z \le 0`, all of it is due to
    coherence.

    Parameters
    ----------
    rho : Qobj, list of Qobj or array_like, shape (..., 2, 2)
        Density matrices; trace, Hermiticity and positivity must hold to 1e-9.
    omega : float, optional
        Energy gap of the qubit, > 0.

    Returns
    -------
    float or ndarray, shape (...)
        Between 0 and omega; small values keep their digits.

    Raises
    ------
    TypeError, ValueError
        If `rho` is not a density matrix of one qubit, or `omega` not one number > 0.

    References
    ----------
    .. [1] A. E. Allahverdyan, R. Balian and T. M. Nieuwenhuizen, Europhys. Lett. 67, 565
       (2004).

    Examples
    --------
    >>> ergotropy([[0.5, 0.5], [0.5, 0.5]])
    0.5
    """
    if _labels.among(rho):
        return _labels.apply(partial(ergotropy, omega=omega), matrices=("rho",), rho=rho)
    rho = _checks.states(rho, dimension=2)
    omega = _checks.scalar(omega, "omega", above_zero=True)
    across, z = 2 * np.abs(rho[..., 0, 1]), (rho[..., 0, 0] - rho[..., 1, 1]).real
    length = np.hypot(across, z)
    # |r| - |z| without cancellation.
    passive = across * (across / np.where(length > 0, length + np.abs(z), 1.0))
    return _checks.plain(omega / 2 * np.where(z > 0, length + z, passive))


@overload
def quantum_fisher_information(rho: Labelled, derivative: States) -> Labelled: ...
@overload
def quantum_fisher_information(rho: OneState, derivative: OneState) -> float: ...
@overload
def quantum_fisher_information(rho: ManyStates, derivative: ManyStates) -> Floats: ...
def quantum_fisher_information(rho: States, derivative: States) -> Value:
    r"""Quantum Fisher information of one qubit about a parameter of its state.

    .. math::
        F = |\dot{\vec r}|^2 + \frac{(\vec r\cdot\dot{\vec r})^2}{1 - |\vec r|^2}

    with the Bloch vector r and its derivative by the parameter [1]_. No measurement estimates
    the parameter with a variance below 1/F a copy. For a phase,
    :math:`\dot\rho = -\tfrac i2[\sigma^z, \rho]`, it is the square of the coherence
    :math:`2|\rho_{eg}|`; for a temperature T, :math:`T^2F` is the square of the best relative
    precision.

    Parameters
    ----------
    rho : Qobj, list of Qobj or array_like, shape (..., 2, 2)
        Density matrices; trace, Hermiticity and positivity must hold to 1e-9.
    derivative : Qobj, list of Qobj or array_like, shape (..., 2, 2)
        Derivatives of `rho` by the parameter: Hermitian and without trace to 1e-9 of the
        largest element of all. Of the shape of `rho`.

    Returns
    -------
    float or ndarray, shape (...)
        In the inverse square of the parameter's unit. Of a pure state, whose derivative keeps
        it on the sphere, the first term alone.

    Raises
    ------
    TypeError, ValueError
        If `rho` is not a density matrix of one qubit, or `derivative` is not one of it.

    References
    ----------
    .. [1] W. Zhong, Z. Sun, J. Ma, X. Wang and F. Nori, Phys. Rev. A 87, 022337 (2013).

    Examples
    --------
    >>> rho, sz = np.array([[0.4, 0.3], [0.3, 0.6]]), np.diag([1, -1])
    >>> round(quantum_fisher_information(rho, -0.5j * (sz @ rho - rho @ sz)), 12)
    0.36
    """
    if _labels.among(rho, derivative):
        return _labels.apply(
            quantum_fisher_information,
            matrices=("rho", "derivative"),
            rho=rho,
            derivative=derivative,
        )
    rho = _checks.states(rho, dimension=2)
    change = _checks.traceless(derivative, "derivative", rho.shape)
    across, along = change[..., 0, 1], (change[..., 0, 0] - change[..., 1, 1]).real / 2
    speed = 4 * (np.abs(across) ** 2 + along**2)
    z = (rho[..., 0, 0] - rho[..., 1, 1]).real
    # r r' = 4 Re(rho_eg* rho_eg') + 2 z rho_ee', and 1 - r^2 is four times the determinant.
    radial = 4 * (rho[..., 0, 1].conj() * across).real + 2 * z * along
    mixed = 4 * (rho[..., 0, 0].real * rho[..., 1, 1].real - np.abs(rho[..., 0, 1]) ** 2)
    pure = mixed <= _PURE
    return _checks.plain(speed + np.where(pure, 0.0, radial**2 / np.where(pure, 1.0, mixed)))


def _entropy(probabilities: NDArray[np.floating]) -> Floats:
    """-sum p ln p over the last axis; rounding below zero counts as zero."""
    p = np.clip(probabilities, 0.0, None)
    return -np.sum(p * np.log(np.where(p > 0, p, 1.0)), axis=-1)
