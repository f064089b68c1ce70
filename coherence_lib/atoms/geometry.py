"""From positions to couplings: the numbers f_ij and gamma_ij of Sec. II of paper I."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import spherical_jn

from coherence_lib import _checks
from coherence_lib._types import Array, Floats, Integers, Number

__all__ = ["dipole_couplings", "missing_decay"]


def dipole_couplings(
    positions: Array, dipole: Array, gamma0: Number = 1.0
) -> tuple[Floats, Floats]:
    r"""Dipole-dipole couplings and collective decay rates of parallel dipoles.

    The two rates of Sec. II of paper I [1]_ are the two halves of one outgoing
    dipole wave, written with spherical Hankel functions
    :math:`h_l = j_l + i y_l` and the Legendre polynomial :math:`P_2`:

    .. math::
        \gamma_{ij} + 2 i f_{ij}
            = \gamma_0\,[h_0(\xi_{ij}) + P_2(\cos\alpha_{ij})\,h_2(\xi_{ij})]

    with :math:`\xi_{ij} = k_0 r_{ij}` and :math:`\alpha_{ij}` the angle between
    dipole and separation. Multiplied out, this is the printed pair of formulas;
    unlike them it loses no digits as :math:`\xi \to 0`.

    Sign: `f` > 0 raises the energy of the symmetric state
    :math:`(|eg\rangle + |ge\rangle)/\sqrt 2`. Dipoles side by side repel
    (f -> +3 gamma0 / 4 xi^3), dipoles in line attract (f -> -3 gamma0 / 2 xi^3).

    Parameters
    ----------
    positions : array_like, shape (N, 3)
        Positions in units of 1/k0 (a wavelength is 2 pi).
    dipole : array_like, shape (3,)
        Direction of the common transition dipole; its length does not matter.
    gamma0 : float, optional
        Decay rate of one atom, > 0.

    Returns
    -------
    f : ndarray, shape (N, N)
        Couplings in the units of `gamma0`; symmetric with a zero diagonal.
        Accurate to 1e-13 of their envelope gamma0 (1/xi + 1/xi^2 + 1/xi^3).
    gamma : ndarray, shape (N, N)
        Rates; symmetric, `gamma0` on the diagonal. Accurate to a relative 1e-13;
        where a platform has no extended precision, to 1e-15 of the envelope
        gamma0 / xi around their zeros at xi > 2.

    Raises
    ------
    TypeError
        If an argument is not made of real numbers.
    ValueError
        If a shape is wrong, an argument is not finite, the dipole vanishes, two
        atoms coincide, or are so close that `f` overflows.

    References
    ----------
    .. [1] B. Cakmak, A. Manatuly and O. E. Mustecaplioglu, Phys. Rev. A 96,
       032117 (2017), after R. H. Lehmberg, Phys. Rev. A 2, 883 (1970).

    Examples
    --------
    Two atoms a twentieth of a wavelength apart, dipoles along the line:

    >>> import numpy as np
    >>> f, gamma = dipole_couplings([[0, 0, 0], [0, 0, 0.1 * np.pi]], [0, 0, 1])
    >>> print(f[0, 1].round(6), gamma[0, 1].round(6))
    -50.706043 0.990165
    """
    gamma0, i, j, xi, p2 = _pairs(positions, dipole, gamma0)
    wave_j, wave_y = _dipole_wave(xi, p2)
    with np.errstate(over="ignore"):
        f_pairs = (0.5 * gamma0 * wave_y).astype(float)
    if not np.all(np.isfinite(f_pairs)):
        raise ValueError(
            "`positions` must be far enough apart for a finite coupling, but got a "
            f"distance of {float(xi.min())!r}."
        )
    gamma_pairs = (gamma0 * wave_j).astype(float)

    n_atoms = len(np.asarray(positions))
    f = np.zeros((n_atoms, n_atoms))
    gamma = gamma0 * np.eye(n_atoms)
    f[i, j] = f[j, i] = f_pairs
    gamma[i, j] = gamma[j, i] = gamma_pairs
    return f, gamma


def missing_decay(positions: Array, dipole: Array, gamma0: Number = 1.0) -> Floats:
    r"""What the shared decay of parallel dipoles lacks, gamma0 - gamma_ij, to all digits.

    .. math::
        \gamma_0 - \gamma_{ij} = \gamma_0\,[1 - j_0(\xi_{ij})
            - P_2(\cos\alpha_{ij})\,j_2(\xi_{ij})]
        \to \tfrac{1}{10}\gamma_0\,\xi_{ij}^2\,(2 - \cos^2\alpha_{ij})

    The dark states of a close cluster live on it. Formed by subtraction it would lose
    all digits below a distance of :math:`10^{-8}/k_0`; here it is a series that loses none.

    Parameters
    ----------
    positions : array_like, shape (N, 3)
        Positions in units of 1/k0, as for `dipole_couplings`.
    dipole : array_like, shape (3,)
        Direction of the common transition dipole; its length does not matter.
    gamma0 : float, optional
        Decay rate of one atom, > 0.

    Returns
    -------
    ndarray, shape (N, N)
        Symmetric with a zero diagonal, accurate to a relative 1e-13.

    Raises
    ------
    TypeError
        If an argument is not made of real numbers.
    ValueError
        If a shape is wrong, an argument is not finite, the dipole vanishes, or two atoms
        coincide.

    Examples
    --------
    Side by side a pair lacks twice as much as in line:

    >>> for dipole in ([1, 0, 0], [0, 0, 1]):
    ...     print(f"{missing_decay([[0, 0, 0], [0, 0, 1e-6]], dipole)[0, 1]:.6g}")
    2e-13
    1e-13
    """
    gamma0, i, j, xi, p2 = _pairs(positions, dipole, gamma0)
    n_atoms = len(np.asarray(positions))
    missing = np.zeros((n_atoms, n_atoms))
    missing[i, j] = missing[j, i] = gamma0 * _missing_wave(xi, p2).astype(float)
    return missing


def _pairs(
    positions: Array, dipole: Array, gamma0: Number
) -> tuple[float, Integers, Integers, NDArray[np.longdouble], NDArray[np.longdouble]]:
    """Of each pair of atoms its numbers i < j, its distance, and P_2 of its angle; gamma0."""
    positions = _checks.real(positions, "positions")
    if positions.ndim != 2 or positions.shape[1] != 3 or len(positions) == 0:
        raise ValueError(f"`positions` must have shape (N, 3), but got {positions.shape}.")
    dipole = _checks.real(dipole, "dipole")
    if dipole.shape != (3,):
        raise ValueError(f"`dipole` must have shape (3,), but got {dipole.shape}.")
    gamma0 = _checks.scalar(gamma0, "gamma0", above_zero=True)
    largest = np.abs(dipole).max()
    if largest == 0:
        raise ValueError("`dipole` must be a direction, but got a zero vector.")

    i, j = np.triu_indices(len(positions), k=1)
    # Extended precision where the platform has it: at a distance of a thousand, the
    # rounding of xi alone would cost three digits of its sine.
    separation = positions.astype(np.longdouble)[i] - positions[j]
    xi = np.sqrt(np.sum(separation**2, axis=1))
    if np.any(xi == 0):
        first = np.argmin(xi)
        raise ValueError(f"`positions` must differ, but atoms {i[first]} and {j[first]} coincide.")
    direction = dipole.astype(np.longdouble) / largest
    cosine_squared = (separation @ direction / xi) ** 2 / np.sum(direction**2)
    return gamma0, i, j, xi, 1.5 * cosine_squared - 0.5


def _dipole_wave(
    xi: NDArray[np.longdouble], p2: NDArray[np.longdouble]
) -> tuple[NDArray[np.longdouble], NDArray[np.longdouble]]:
    """Real and imaginary part of h_0(xi) + p2 h_2(xi)."""
    sine, cosine = np.sin(xi), np.cos(xi)
    with np.errstate(over="ignore"):
        y_wave = -cosine / xi + p2 * ((1 - 3 / xi**2) * cosine / xi - 3 * sine / xi**2)
        j_wave = sine / xi + p2 * ((3 / xi**2 - 1) * sine / xi - 3 * cosine / xi**2)
    # The terms of j_2 cancel below xi = 1; SciPy's spherical Bessel functions do not.
    near = xi < 1
    near_xi = xi[near].astype(float)
    j_wave[near] = spherical_jn(0, near_xi) + p2[near] * spherical_jn(2, near_xi)
    return j_wave, y_wave


def _missing_wave(xi: NDArray[np.longdouble], p2: NDArray[np.longdouble]) -> NDArray[np.longdouble]:
    """1 - j_0(xi) - p2 j_2(xi)."""
    missing = 1 - _dipole_wave(xi, p2)[0]
    near = xi < 1
    square = xi[near] ** 2
    # The powers of both series: of order k, (-1)^k xi^2k over (2k + 1)! and its companion.
    term, series = -square / 6, np.zeros_like(square)
    for k in range(1, 14):
        series -= term * (1 - p2[near] * 2 * k / (2 * k + 3))
        term = -term * square / ((2 * k + 2) * (2 * k + 3))
    missing[near] = series
    return missing
