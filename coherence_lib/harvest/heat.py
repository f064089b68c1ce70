r"""Heat and work of the qubit in the beam, Eqs. (I.22)-(I.28), corrected.

In the interaction picture, where :math:`\lambda` is constant, the qubit's energy is
:math:`E = \langle H_{eff} + \tfrac12\omega\sigma_z\rangle`. Heat is what the dissipators
(the squeezing included) change of it, work what the drive does; both count as positive
into the qubit, and :math:`J + P = \dot E` always, 0 in a steady state.
"""

from __future__ import annotations

import numpy as np

from coherence_lib import _checks
from coherence_lib._types import Number, State
from coherence_lib.harvest.collision import weak_strength
from coherence_lib.harvest.qubit import bloch_vector
from coherence_lib.harvest.reservoir import beam_coefficients, bloch_equations

__all__ = ["heat_current", "power"]


def heat_current(
    rho_pair: State, rho_qubit: State, rate: Number, g_tau: Number, omega: Number = 1.0
) -> float:
    r"""Heat current into the qubit, Eqs. (I.22), (I.26) and (I.27), corrected.

    .. math::
        J = \tfrac12\omega\,[-\Gamma z - \mu(r_d-r_e)]
            + 2pg\tau\operatorname{Re}[\lambda\,\partial_t^{diss}\langle\sigma^+\rangle]

    With N, M and gamma of `squeezed_bath` this is
    :math:`-\tfrac\gamma2\omega[1+(2N+1)z] - \gamma pg\tau\{\lambda^*[\tfrac{2N+1}2
    \langle\sigma^-\rangle + M\langle\sigma^+\rangle] + c.c.\}`; the print has half of it,
    and the first bracket with the sign of 1 reversed. This form also holds for
    r_e >= r_d.

    Parameters
    ----------
    rho_pair : Qobj or array_like, shape (4, 4)
        State of each pair of the beam.
    rho_qubit : Qobj or array_like, shape (2, 2)
        State of the qubit, in the interaction picture.
    rate : float
        Arrivals per time p, > 0.
    g_tau : float
        Coupling times collision time.
    omega : float, optional
        Transition frequency, > 0.

    Returns
    -------
    float
        Energy per time, positive into the qubit, for the second-order generator.

    Raises
    ------
    TypeError, ValueError
        If a state is no density matrix of its size, `rate` or `omega` <= 0, or `g_tau` has
        no finite square.

    Examples
    --------
    A cold qubit takes heat from inverted pairs:

    >>> import numpy as np
    >>> round(heat_current(np.diag([1.0, 0, 0, 0]), np.diag([0.0, 1]), 1.0, 0.1), 6)
    0.02
    """
    c = beam_coefficients(rho_pair)
    omega = _checks.scalar(omega, "omega", above_zero=True)
    matrix, vector = bloch_equations(rho_pair, rate, g_tau)
    bloch = bloch_vector(_checks.state(rho_qubit, "rho_qubit", 2))
    # The drive is the antisymmetric part of the matrix, the dissipators the symmetric one.
    change = 0.5 * (matrix + matrix.T) @ bloch + vector
    # <H_eff> = p g tau (Re(lambda) x - Im(lambda) y).
    with np.errstate(over="ignore", invalid="ignore"):
        drive = np.float64(rate) * g_tau * (c.lam.real * change[0] - c.lam.imag * change[1])
        current = np.float64(omega) * (0.5 * change[2]) + drive
    return float(_checks.outcome(current, "rate", "the heat current"))


def power(
    rho_pair: State, rho_qubit: State, rate: Number, g_tau: Number, omega: Number = 1.0
) -> float:
    r"""Power that a constant drive feeds into the qubit, Eqs. (I.23) and (I.28).

    In the laboratory the drive turns, :math:`\lambda e^{-i\omega t}`, and its change is
    what works:

    .. math::
        P = \omega\,pg\tau\,(\operatorname{Re}\lambda\;y + \operatorname{Im}\lambda\;x)
          = -i\omega\,pg\tau\,(\lambda\langle\sigma^+\rangle - \lambda^*\langle\sigma^-\rangle)

    which is Eq. (I.28) with :math:`\dot\lambda = -i\omega\lambda` and constant
    :math:`\omega_q`; with the :math:`\dot\lambda = 0` of the interaction picture it would
    be zero, and the first law broken.

    Parameters
    ----------
    rho_pair : Qobj or array_like, shape (4, 4)
        State of each pair of the beam.
    rho_qubit : Qobj or array_like, shape (2, 2)
        State of the qubit, in the interaction picture.
    rate : float
        Arrivals per time p, > 0.
    g_tau : float
        Coupling times collision time.
    omega : float, optional
        Transition frequency, > 0.

    Returns
    -------
    float
        Energy per time, positive into the qubit.

    Raises
    ------
    TypeError, ValueError
        If a state is no density matrix of its size, `rate` or `omega` <= 0, or `g_tau` has
        no finite square.

    Examples
    --------
    >>> import numpy as np
    >>> plus = np.full((4, 4), 0.25)   # both atoms in (|e> + |g>)/sqrt 2: lambda = 1
    >>> y_minus = np.array([[0.5, 0.5j], [-0.5j, 0.5]])
    >>> round(power(plus, y_minus, rate=1.0, g_tau=0.1), 6)
    -0.1
    """
    c = beam_coefficients(rho_pair)
    omega = _checks.scalar(omega, "omega", above_zero=True)
    rate = _checks.scalar(rate, "rate", above_zero=True)
    g_tau = weak_strength(g_tau)
    x, y, _ = bloch_vector(_checks.state(rho_qubit, "rho_qubit", 2))
    with np.errstate(over="ignore", invalid="ignore"):
        result = np.float64(omega) * rate * g_tau * (c.lam.real * y + c.lam.imag * x)
    return float(_checks.outcome(result, "rate", "the power"))
