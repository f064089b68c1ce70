r"""What one collision does to the qubit, each number with digits of its own.

A cluster's operators stand between the qubit's levels: with :math:`\Omega_<^2 = J^-J^+` and
:math:`\Omega_>^2 = J^+J^-` the collision is

.. math::
    U_{ee} = \cos g\tau\Omega_<, \quad U_{gg} = \cos g\tau\Omega_>, \quad
    U_{eg} = -iD, \quad U_{ge} = -iD^\dagger, \quad
    D = J^-\,\frac{\sin g\tau\Omega_>}{\Omega_>} .
"""

from __future__ import annotations

import math

import numpy as np

from coherence_lib._types import Floats, Matrix, Number, State
from coherence_lib.harvest.collision import (
    Collision,
    blocks_of,
    cluster_state,
    collective_raise,
    strength,
)

__all__ = ["flip_probabilities"]

# Up to here the drive is g tau <J^-> with a small correction.
_WEAK = 0.1


def flip_probabilities(rho_cluster: State, g_tau: Number) -> tuple[float, float]:
    r"""Chances that one collision excites a qubit in :math:`|g\rangle`, or empties one in e.

    .. math::
        P_\uparrow = \operatorname{Tr}\bigl[\rho\,\sin^2 g\tau\sqrt{J^+J^-}\bigr], \qquad
        P_\downarrow = \operatorname{Tr}\bigl[\rho\,\sin^2 g\tau\sqrt{J^-J^+}\bigr]

    Exact for any strength and any state of the cluster. Of a weak collision they are
    :math:`(g\tau)^2 r_e` and :math:`(g\tau)^2 r_d` of Table I. A cold qubit takes the energy
    :math:`\omega_0P_\uparrow` from the cluster. If the cluster has no coherence between
    neighbouring numbers of excitations, a beam of such clusters brings the qubit to
    :math:`\rho_{ee}/\rho_{gg} = P_\uparrow/P_\downarrow` at the rate
    :math:`p\,(P_\uparrow + P_\downarrow)`.

    Parameters
    ----------
    rho_cluster : Qobj or array_like, shape (2**N, 2**N)
        State of the cluster of any N atoms before the collision.
    g_tau : float
        Coupling times collision time, at most 1e300 in modulus.

    Returns
    -------
    up, down : float
        Between 0 and 1.

    Raises
    ------
    TypeError, ValueError
        If the cluster is no state of atoms or does not fit the memory, or `g_tau` is no
        finite number.

    Examples
    --------
    A pair in its symmetric state with one excitation gives it away in one go:

    >>> import numpy as np
    >>> triplet = np.zeros((4, 4))
    >>> triplet[1:3, 1:3] = 0.5
    >>> up, down = flip_probabilities(triplet, np.pi / 8**0.5)
    >>> print(round(up, 9), round(down, 9))
    1.0 1.0
    """
    rho = cluster_state(rho_cluster, "rho_cluster")
    up = blocks_of(len(rho).bit_length() - 1, strength(g_tau)).up
    chances = [_mean(rho, up @ up.T).real, _mean(rho, up.T @ up).real]
    # Roundings may leave the interval by a last digit.
    above, below = np.clip(chances, 0.0, 1.0)
    return float(above), float(below)


def bloch_change(rho: Matrix, g_tau: float) -> tuple[Floats, Floats]:
    r"""A and b of what one collision adds to the Bloch vector, A <sigma> + b, exactly.

    In z and between x and y the change is even in :math:`g\tau`, between z and x, y odd. Each
    number is computed by itself, to its own last digits: the drive does not drown the damping,
    and what it leaves of a mixed qubit, which is of third order, does not come out as a
    difference of two terms of the first.
    """
    parts = blocks_of(len(rho).bit_length() - 1, g_tau)
    lowering, lost_above, lost_below = parts.up.T, parts.lost_above, parts.lost_below
    drive = _drive(rho, g_tau, parts)
    before, after = _mean(rho, lowering @ lost_above), _mean(rho, lost_below @ lowering)
    kept = _mean(rho, lost_below @ lost_above - lost_above - lost_below)
    turned = _mean(rho, lowering @ lowering)
    # What sigma_z, and the mixed qubit, leave of <e|rho|g>; and what a coherence leaves of z.
    tilt, push = 1j * (2 * drive - before - after), 1j * (after - before)
    lift = 2 * (drive - _mean(rho, lost_above @ lowering))
    up, down = _mean(rho, lowering.T @ lowering).real, _mean(rho, lowering @ lowering.T).real
    matrix = np.array(
        [
            [(kept + turned).real, (kept - turned).imag, tilt.real],
            [-(kept + turned).imag, (kept - turned).real, -tilt.imag],
            [lift.imag, lift.real, -up - down],
        ]
    )
    return matrix, np.array([push.real, -push.imag, up - down])


def _drive(rho: Matrix, g_tau: float, parts: Collision) -> complex:
    """Tr rho D. The terms of Tr rho J^- may cancel, so that they are summed without rounding."""
    if abs(g_tau) > _WEAK:
        return _mean(rho, parts.up.T)
    lambdas = rho[collective_raise(len(rho).bit_length() - 1) != 0]
    total = complex(math.fsum(lambdas.real), math.fsum(lambdas.imag))
    return g_tau * total - _mean(rho, parts.bent.T)


def _mean(rho: Matrix, operator: Floats) -> complex:
    return complex(np.einsum("ij,ji->", rho, operator))
