r"""The beam as a reservoir: Table I, squeezed bath and Bloch equations of paper I.

To second order in :math:`g\tau` a beam of pairs with density matrix :math:`a_{ij}` acts on
the qubit like a coherent drive :math:`p g\tau(\lambda\sigma^+ + \lambda^*\sigma^-)` and a
squeezed thermal bath, with :math:`\mu = p(g\tau)^2`:

.. math::
    \dot\rho = -i[H_{eff},\rho]
        + \mu r_e\,\mathcal D[\sigma^+]\rho + \mu r_d\,\mathcal D[\sigma^-]\rho
        + 2\mu(\epsilon\,\sigma^+\rho\sigma^+ + \epsilon^*\sigma^-\rho\sigma^-)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from coherence_lib import _checks
from coherence_lib._types import Floats, Number, State
from coherence_lib.harvest.beam import check_unique
from coherence_lib.harvest.collision import weak_strength
from coherence_lib.harvest.qubit import inside

__all__ = [
    "BeamCoefficients",
    "SqueezedBath",
    "beam_coefficients",
    "bloch_equations",
    "bloch_steady_state",
    "effective_temperature",
    "squeezed_bath",
]

# A determinant below this, in units of its terms, has lost half of its digits.
_EMPTY = 1e-8
# Below this times the larger rate, a difference of rates is a rounding.
_EQUAL = 1e-12


@dataclass(frozen=True)
class BeamCoefficients:
    r"""Table I of paper I for one pair state.

    `r_e` and `r_d` are real and in [0, 4]; `lam` (:math:`\lambda`) and `eps`
    (:math:`\epsilon`) are complex.
    """

    r_e: float
    r_d: float
    lam: complex
    eps: complex


@dataclass(frozen=True)
class SqueezedBath:
    r"""Parameters of the squeezed bath of Eqs. (I.18) and (I.20)-(I.21).

    `M` is complex and stands for the paper's :math:`M e^{i\phi}`. It is
    :math:`-\tfrac12\sinh 2r\,(2N_{th}+1)\,e^{i\phi}`: with the positive sign in front of
    :math:`e^{i\phi}\sigma^+\sinh r` in Eq. (I.21), a positive r belongs to this M.
    """

    N: float
    M: complex
    gamma: float
    N_th: float
    r: float
    phi: float


def beam_coefficients(rho_pair: State) -> BeamCoefficients:
    r"""Coefficients of the qubit's master equation, Table I of paper I.

    .. math::
        r_e &= 2a_{11} + a_{22} + a_{23} + a_{32} + a_{33} = \langle J^+J^-\rangle \\
        r_d &= 2a_{44} + a_{22} + a_{23} + a_{32} + a_{33} = \langle J^-J^+\rangle \\
        \lambda &= a_{12} + a_{13} + a_{24} + a_{34} = \langle J^-\rangle, \qquad
        \epsilon = a_{14} = \tfrac12\langle J^-J^-\rangle

    Parameters
    ----------
    rho_pair : Qobj or array_like, shape (4, 4)
        State of a pair, basis |ee>, |eg>, |ge>, |gg>.

    Returns
    -------
    BeamCoefficients

    Raises
    ------
    TypeError, ValueError
        If `rho_pair` is no density matrix of two atoms.

    Examples
    --------
    >>> import qutip
    >>> triplet = qutip.bell_state("10")   # the symmetric one-excitation state
    >>> round(beam_coefficients(triplet).r_e, 9)
    2.0
    """
    a = _checks.state(rho_pair, "rho_pair", 4)
    middle = (a[1, 1] + a[1, 2] + a[2, 1] + a[2, 2]).real
    # Rounding can push an exact zero below zero.
    return BeamCoefficients(
        r_e=round_off(2 * a[0, 0].real + middle),
        r_d=round_off(2 * a[3, 3].real + middle),
        lam=complex(a[0, 1] + a[0, 2] + a[1, 3] + a[2, 3]),
        eps=complex(a[0, 3]),
    )


def round_off(rate: float) -> float:
    """A rate that is not negative, as a float without the noise around an exact zero."""
    return 0.0 if rate < 1e-15 else float(rate)


def squeezed_bath(rho_pair: State, rate: Number, g_tau: Number) -> SqueezedBath:
    r"""The beam as a squeezed thermal bath, Eqs. (I.17)-(I.21), signs included.

    .. math::
        N = \frac{r_e}{r_d-r_e},\quad \gamma = \mu(r_d-r_e),\quad
        M = -\frac{2\epsilon\mu}{\gamma},\quad
        2N_{th}+1 = \sqrt{(2N+1)^2 - 4|M|^2},\quad \tanh 2r = \frac{2|M|}{2N+1}

    with :math:`\mu = p(g\tau)^2` and :math:`\phi = \arg\epsilon`.

    Parameters
    ----------
    rho_pair : Qobj or array_like, shape (4, 4)
        State of each pair of the beam; needs r_d > r_e.
    rate : float
        Arrivals per time p, > 0.
    g_tau : float
        Coupling times collision time.

    Returns
    -------
    SqueezedBath
        The drive of pairs with lambda != 0 comes on top of it.

    Raises
    ------
    TypeError, ValueError
        If `rho_pair` is no state of two atoms, `rate` <= 0, `g_tau` has no finite square,
        or r_e >= r_d: such pairs heat the qubit beyond
        any temperature (r_e = r_d) or invert it (r_e > r_d), which no bath of harmonic
        oscillators does.

    Examples
    --------
    >>> import numpy as np
    >>> bath = squeezed_bath(np.diag([0.1, 0.2, 0.2, 0.5]), rate=1.0, g_tau=0.1)
    >>> round(bath.N, 6), round(bath.gamma, 6), bath.r
    (0.75, 0.008, 0.0)
    """
    c = beam_coefficients(rho_pair)
    strength = _strength(rate, g_tau)
    if c.r_d - c.r_e <= _EQUAL * max(c.r_d, c.r_e):
        raise ValueError(
            f"`rho_pair` must have r_d > r_e for a bath, but got r_e = {c.r_e:.6g} and "
            f"r_d = {c.r_d:.6g}: such a beam drives the qubit to infinite temperature or inverts "
            "it."
        )
    gap = c.r_d - c.r_e
    # r_e r_d >= 4 |eps|^2 for every state, but for rounding. With it (2 N_th + 1)^2 is
    # 1 + 4 excess/gap^2, and neither a root nor an inverse function leaves its domain.
    excess = max(c.r_e * c.r_d - 4 * abs(c.eps) ** 2, 0.0)
    root = np.hypot(gap, 2 * np.sqrt(excess))
    return SqueezedBath(
        N=c.r_e / gap,
        M=-2 * c.eps / gap,
        gamma=strength * gap,
        N_th=float(2 * excess / (root + gap) / gap),
        r=0.5 * float(np.arcsinh(4 * abs(c.eps) / root)),
        phi=float(np.angle(c.eps)) if c.eps else 0.0,
    )


def bloch_equations(rho_pair: State, rate: Number, g_tau: Number) -> tuple[Floats, Floats]:
    r"""Bloch equations of the qubit in the beam to second order, Eq. (I.19), corrected.

    For full Pauli expectation values x, y, z in the interaction picture, with
    :math:`\mu = p(g\tau)^2`, :math:`\Gamma = \mu(r_e+r_d)`, :math:`\Omega = 2pg\tau`:

    .. math::
        \dot x &= -(\tfrac\Gamma2 - 2\mu\operatorname{Re}\epsilon)\,x
            - 2\mu\operatorname{Im}\epsilon\;y - \Omega\operatorname{Im}\lambda\;z \\
        \dot y &= -2\mu\operatorname{Im}\epsilon\;x
            - (\tfrac\Gamma2 + 2\mu\operatorname{Re}\epsilon)\,y
            - \Omega\operatorname{Re}\lambda\;z \\
        \dot z &= \Omega\operatorname{Im}\lambda\;x + \Omega\operatorname{Re}\lambda\;y
            - \Gamma z - \mu(r_d-r_e)

    The print has the sign of Re epsilon (of M + M*) the same in x and y, and counts x
    and y in halves, z in full.

    Parameters
    ----------
    rho_pair : Qobj or array_like, shape (4, 4)
        State of each pair of the beam.
    rate : float
        Arrivals per time p, > 0.
    g_tau : float
        Coupling times collision time.

    Returns
    -------
    A : ndarray, shape (3, 3)
    b : ndarray, shape (3,)
        With d<sigma>/dt = A <sigma> + b.

    Raises
    ------
    TypeError, ValueError
        If `rho_pair` is no state of two atoms, `rate` <= 0, or `g_tau` has no finite square.

    Examples
    --------
    >>> import numpy as np
    >>> A, b = bloch_equations(np.diag([0.1, 0.2, 0.2, 0.5]), rate=1.0, g_tau=0.1)
    >>> print(np.diag(A).round(4), b.round(4))
    [-0.01 -0.01 -0.02] [ 0.     0.    -0.008]
    """
    c = beam_coefficients(rho_pair)
    mu = _strength(rate, g_tau)
    with np.errstate(over="ignore", invalid="ignore"):
        drive = float(rate) * float(g_tau)
        matrix, vector = _bloch(c, mu, drive)
    return _checks.outcome(matrix, "rate", "all rates"), vector


def _bloch(c: BeamCoefficients, mu: float, k: float) -> tuple[Floats, Floats]:
    """Matrix and vector for mu = p (g tau)^2 and k = p g tau."""
    decay, drive, squeeze = 0.5 * mu * (c.r_e + c.r_d), 2 * k * c.lam, 2 * mu * c.eps
    matrix = np.array(
        [
            [-decay + squeeze.real, -squeeze.imag, -drive.imag],
            [-squeeze.imag, -decay - squeeze.real, -drive.real],
            [drive.imag, drive.real, -2 * decay],
        ]
    )
    return matrix, np.array([0.0, 0.0, -mu * (c.r_d - c.r_e)])


def bloch_steady_state(rho_pair: State, rate: Number, g_tau: Number) -> Floats:
    r"""Steady state of `bloch_equations`, Eqs. (I.C1)-(I.C2), corrected.

    With N, M and gamma of `squeezed_bath`, :math:`Q_\pm = 2N+1 \pm (M+M^*)` and
    :math:`k = pg\tau`:

    .. math::
        x &= \frac{i\gamma k}{2d}\,[Q_-(\lambda-\lambda^*) + (M-M^*)(\lambda+\lambda^*)] \\
        y &= -\frac{\gamma k}{2d}\,[Q_+(\lambda+\lambda^*) - (M-M^*)(\lambda-\lambda^*)] \\
        z &= \frac{\gamma^2}{4d}\,[(2N+1)^2 - 4|M|^2] \\
        d &= k^2\,[(M-M^*)(\lambda^2-\lambda^{*2}) - 2|\lambda|^2(2N+1)
            - (M+M^*)(\lambda^2+\lambda^{*2})]
            - \frac{\gamma^2}{4}(2N+1)[(2N+1)^2 - 4|M|^2]

    The print counts x and y in halves and has :math:`Q_+` in place of :math:`Q_-` too. For
    r_e = r_d, where N is infinite, x = y = z = 0.

    Parameters
    ----------
    rho_pair : Qobj or array_like, shape (4, 4)
        State of each pair of the beam.
    rate : float
        Arrivals per time p, > 0; it cancels.
    g_tau : float
        Coupling times collision time.

    Returns
    -------
    ndarray, shape (3,)
        Full Pauli expectation values.

    Raises
    ------
    TypeError, ValueError
        If `rho_pair` is no state of two atoms, `rate` <= 0, `g_tau` has no finite square,
        or the steady state is not unique (no coupling,
        or pairs that leave part of the qubit untouched, exactly or within 1e-8 of the
        other rates, where its digits are lost).

    Examples
    --------
    >>> import numpy as np
    >>> print(bloch_steady_state(np.diag([0.1, 0.2, 0.2, 0.5]), 1.0, 0.1).round(6) + 0.0)
    [ 0.   0.  -0.4]
    """
    c = beam_coefficients(rho_pair)
    _checks.scalar(rate, "rate", above_zero=True)
    # Over p g tau, so that neither the rate nor the square of a small g tau underflows.
    matrix, vector = _bloch(c, weak_strength(g_tau), 1.0)
    check_unique(_determinant(matrix) > _EMPTY)
    unit = np.abs(matrix).max()
    return inside(np.linalg.solve(matrix / unit, -vector / unit))


def _determinant(matrix: Floats) -> float:
    r"""|det A| in units of its terms, :math:`\det S + w^T S w` for A = S + [w]_x.

    S is the damping, of one sign, and w the drive: the terms do not cancel, however weak the
    damping is beside the drive. What is small here is small by cancellation within S.
    """
    damping, turning = (matrix + matrix.T) / 2, (matrix - matrix.T) / 2
    axis = np.array([turning[2, 1], turning[0, 2], turning[1, 0]])
    largest = np.abs(damping).max()
    if largest == 0:
        return 0.0
    unit = max(largest, np.abs(axis).max())
    damping, axis = damping / largest, axis / unit
    return abs(np.linalg.det(damping) * (largest / unit) ** 2 + axis @ damping @ axis)


def effective_temperature(rho_pair: State, omega: Number = 1.0) -> float:
    r"""Temperature of the qubit's steady state, from Eq. (I.30).

    .. math:: T = \frac{\omega}{\ln(r_d/r_e)}

    The print has the logarithm in the numerator. Negative for r_e > r_d (the qubit
    is inverted), infinite for r_e = r_d, 0 for r_e = 0. It is the temperature of the
    steady populations whenever lambda = 0, whatever epsilon; with lambda != 0 and
    r_e != r_d the qubit is not thermal, and this is the temperature of the beam's dissipative part
    alone. All this is to second order in g tau.

    Parameters
    ----------
    rho_pair : Qobj or array_like, shape (4, 4)
        State of each pair of the beam.
    omega : float, optional
        Transition frequency, > 0.

    Returns
    -------
    float
        In the units of `omega`.

    Raises
    ------
    TypeError, ValueError
        If `rho_pair` is no state of two atoms, `omega` <= 0, or r_e = r_d = 0: pairs
        in the singlet exchange nothing, so they have no temperature.

    Examples
    --------
    Pairs charged by a bath hand over exactly its temperature:

    >>> from coherence_lib import atoms, thermal
    >>> pair = atoms.AtomCluster.collective(2)
    >>> charged = atoms.steady_state(pair, nbar=2.0, rho0=atoms.ground_state(2))
    >>> round(effective_temperature(charged) / thermal.temperature(2.0), 9)
    1.0
    """
    c = beam_coefficients(rho_pair)
    omega = _checks.scalar(omega, "omega", above_zero=True)
    if c.r_e == 0 and c.r_d == 0:
        raise ValueError("`rho_pair` must exchange energy, but got a pair with r_e = r_d = 0.")
    if abs(c.r_d - c.r_e) <= 1e-15 * max(c.r_e, c.r_d):
        return float("inf")
    if c.r_e == 0 or c.r_d == 0:
        return 0.0 if c.r_e == 0 else -0.0
    gap = c.r_d - c.r_e
    # ln(r_d/r_e) near 1 by log1p of the exact difference.
    near = abs(gap) < 0.5 * max(c.r_e, c.r_d)
    logarithm = float(np.log1p(gap / c.r_e) if near else np.log(c.r_d) - np.log(c.r_e))
    with np.errstate(over="ignore"):
        return float(_checks.outcome(np.divide(omega, logarithm), "omega", "the temperature"))


def _strength(rate: Number, g_tau: Number) -> float:
    """mu = p (g tau)^2 of checked arguments."""
    rate = _checks.scalar(rate, "rate", above_zero=True)
    g_tau = weak_strength(g_tau)
    mu = rate * g_tau * g_tau
    return float(_checks.outcome(mu, "rate", "the rate of exchange"))
