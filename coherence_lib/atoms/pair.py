"""Two atoms in closed form: Eq. (I.5), where any initial state ends, and how long it lives.

For gamma_12 = gamma0 exactly the three symmetric states |gg>, |T> = (|eg> + |ge>)/sqrt 2,
|ee> form a ladder, and the singlet |S> = (|eg> - |ge>)/sqrt 2 neither emits nor absorbs. What
gamma_12 lacks of gamma0 ends that: `rates`, `slow_rate` and `time_integral` say when.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, overload

import numpy as np

from coherence_lib import _checks, _labels, measures
from coherence_lib._types import (
    Complexes,
    Floats,
    Labelled,
    ManyStates,
    Matrices,
    Matrix,
    Number,
    Numbers,
    OneState,
    Real,
    State,
    States,
    Times,
    Value,
)
from coherence_lib.atoms import ladder
from coherence_lib.atoms.basis import is_ground
from coherence_lib.atoms.phase import phase
from coherence_lib.atoms.routes import Route

if TYPE_CHECKING:
    from coherence_lib.atoms.cluster import AtomCluster

__all__ = [
    "coherence_from_ground",
    "evolve",
    "long_time_coherence",
    "populations_from_ground",
    "rates",
    "slow_rate",
    "time_integral",
    "unitary_elements",
]


# Dimensions that a labelled evolution adds to those of its times.
_STATE = {"row": None, "column": None}


@overload
def populations_from_ground(times: Numbers, nbar: Numbers, gamma0: Number = ...) -> Floats: ...
@overload
def populations_from_ground(times: Labelled, nbar: Real, gamma0: Number = ...) -> Labelled: ...
@overload
def populations_from_ground(times: Real, nbar: Labelled, gamma0: Number = ...) -> Labelled: ...
def populations_from_ground(times: Real, nbar: Real, gamma0: Number = 1.0) -> Floats | Labelled:
    r"""Populations of |gg>, |T>, |ee> for two atoms that start in |gg>.

    The ladder climbs at :math:`2\gamma_0\bar n` and falls at
    :math:`2\gamma_0(\bar n+1)`. With :math:`r = \bar n/(\bar n+1)` and the decay
    rates :math:`\lambda_\pm = 2\gamma_0(\bar n+1)[1 + r \pm \sqrt r]`,

    .. math::
        p_T &= \frac{r}{2(1+r+r^2)}\Bigl[(1-r^{3/2})(1-e^{-\lambda_- t})
               + (1+r^{3/2})(1-e^{-\lambda_+ t})\Bigr] \\
        p_{ee} &= \frac{r^{3/2}}{2(1+r+r^2)}\Bigl[(1+r+\sqrt r)(1-e^{-\lambda_- t})
               - (1+r-\sqrt r)(1-e^{-\lambda_+ t})\Bigr]

    :math:`p_T` is a sum of positive terms and keeps every digit, however short the
    time; the other two are accurate to rounding of 1.

    Parameters
    ----------
    times : array_like, shape (...)
        Times >= 0, in units of ``1/gamma0`` when `gamma0` is left at 1.
    nbar : array_like, shape (...)
        Mean number of thermal photons, >= 0. Broadcasts with `times`.
    gamma0 : float, optional
        Decay rate of one atom, > 0.

    Returns
    -------
    ndarray, shape (..., 3)
        Populations by the number of excitations 0, 1, 2.

    Raises
    ------
    TypeError, ValueError
        If an argument is not made of finite real numbers, a time or `nbar` is
        negative, or `gamma0` <= 0.

    Examples
    --------
    >>> print(populations_from_ground(100.0, nbar=1.0).round(6))   # 4/7, 2/7, 1/7
    [0.571429 0.285714 0.142857]
    """
    if _labels.among(times, nbar):
        rungs = {"excitations": np.arange(3)}
        whole = partial(populations_from_ground, gamma0=gamma0)
        return _labels.apply(whole, output=rungs, times=times, nbar=nbar)
    times = _checks.times(times)
    nbar = _checks.at_least(nbar, 0, "nbar")
    gamma0 = _checks.scalar(gamma0, "gamma0", above_zero=True)
    times, nbar = _checks.broadcast(times=times, nbar=nbar)

    half, root, slow, fast = _ladder_terms(times, nbar, gamma0)
    p_t = _symmetric_population(half, root, slow, fast)
    r = root**2
    p_ee = half * root * ((1 + r + root) * slow - (1 + r - root) * fast)
    return np.stack([1 - p_t - p_ee, p_t, p_ee], axis=-1)


@overload
def coherence_from_ground(times: Number, nbar: Number, gamma0: Number = ...) -> float: ...
@overload
def coherence_from_ground(times: Numbers, nbar: Numbers, gamma0: Number = ...) -> Floats: ...
@overload
def coherence_from_ground(times: Labelled, nbar: Real, gamma0: Number = ...) -> Labelled: ...
@overload
def coherence_from_ground(times: Real, nbar: Labelled, gamma0: Number = ...) -> Labelled: ...
def coherence_from_ground(times: Real, nbar: Real, gamma0: Number = 1.0) -> Value:
    r"""Coherence of two atoms that start in their ground state, Eq. (I.5) [1]_.

    .. math::
        C_{l_1}(t) = \frac{\bar n(\bar n+1)}{D}
            - \frac{\bar n\,e^{-at}}{D}\Bigl[(\bar n+1)\cosh bt
            - \frac{\bar n^2}{\sqrt{\bar n(\bar n+1)}}\sinh bt\Bigr],
        \quad D = 3\bar n(\bar n+1)+1

    with :math:`a = 2\gamma_0(2\bar n+1)` and :math:`b = 2\gamma_0\sqrt{\bar n(\bar n+1)}`.
    It equals the population of the symmetric state, see `populations_from_ground`
    for the form without cancellation that is evaluated.

    Exact for gamma_12 = gamma0 and any dipole coupling. For a pair at a finite
    distance gamma_12 < gamma0, and the value reached is a plateau that decays.

    Parameters
    ----------
    times : array_like, shape (...)
        Times >= 0, in units of ``1/gamma0`` when `gamma0` is left at 1.
    nbar : array_like, shape (...)
        Mean number of thermal photons, >= 0. Broadcasts with `times`.
    gamma0 : float, optional
        Decay rate of one atom, > 0.

    Returns
    -------
    float or ndarray, shape (...)
        Between 0 and 1/3.

    Raises
    ------
    TypeError, ValueError
        If an argument is not made of finite real numbers, a time or `nbar` is
        negative, or `gamma0` <= 0.

    References
    ----------
    .. [1] B. Cakmak, A. Manatuly and O. E. Mustecaplioglu, Phys. Rev. A 96,
       032117 (2017).

    Examples
    --------
    >>> round(coherence_from_ground(0.05, nbar=10.0), 6)
    0.311281
    """
    if _labels.among(times, nbar):
        whole = partial(coherence_from_ground, gamma0=gamma0)
        return _labels.apply(whole, times=times, nbar=nbar)
    times = _checks.times(times)
    nbar = _checks.at_least(nbar, 0, "nbar")
    gamma0 = _checks.scalar(gamma0, "gamma0", above_zero=True)
    times, nbar = _checks.broadcast(times=times, nbar=nbar)
    return _checks.plain(_symmetric_population(*_ladder_terms(times, nbar, gamma0)))


def _ladder_terms(
    times: Floats, nbar: Floats, gamma0: float
) -> tuple[Floats, Floats, Floats, Floats]:
    """r / 2(1 + r + r^2), sqrt(r), and 1 - exp(-lambda t) for the slow and the fast rate."""
    r = nbar / (nbar + 1)
    root = np.sqrt(r)
    with np.errstate(over="ignore"):
        scaled_time = (gamma0 * times) * (nbar + 1) * 2
        slow = -np.expm1(-scaled_time * (1 + r - root))
        fast = -np.expm1(-scaled_time * (1 + r + root))
    return r / (2 * (1 + r + r**2)), root, slow, fast


def _symmetric_population(half: Floats, root: Floats, slow: Floats, fast: Floats) -> Floats:
    return half * ((1 - root**3) * slow + (1 + root**3) * fast)


@overload
def evolve(
    rho0: State, times: Times, nbar: Number, f0: Number = ..., gamma0: Number = ...
) -> Matrices: ...
@overload
def evolve(
    rho0: State, times: Labelled, nbar: Number, f0: Number = ..., gamma0: Number = ...
) -> Labelled: ...
def evolve(
    rho0: State, times: Times | Labelled, nbar: Number, f0: Number = 0.0, gamma0: Number = 1.0
) -> Matrices | Labelled:
    r"""Exact evolution of any two-atom state, Eq. (I.1) with gamma_12 = gamma0.

    In the basis |ee>, |T>, |S>, |gg> the master equation falls apart into pieces of at
    most three numbers (rates in units of gamma0, n = nbar):

    * the populations of |gg>, |T>, |ee>: a ladder, up at 2n and down at 2(n + 1);
    * the population of |S>: constant;
    * :math:`\rho_{ST} \propto e^{-(2n+1)t + 2if_0t}`,
      :math:`\rho_{Sg} \propto e^{-nt + if_0t}`,
      :math:`\rho_{Se} \propto e^{-(n+1)t + if_0t}`;
    * :math:`\rho_{eg} \propto e^{-(2n+1)t}` between |ee> and |gg>;
    * :math:`\rho_{Tg}` and :math:`\rho_{eT}`, which feed each other:
      :math:`\dot\rho_{Tg} = -(3n+1+if_0)\rho_{Tg} + 2(n+1)\rho_{eT}`,
      :math:`\dot\rho_{eT} = -(3n+2-if_0)\rho_{eT} + 2n\rho_{Tg}`.

    What the dipole coupling does to a pair is all in these rates.

    Parameters
    ----------
    rho0 : Qobj or array_like, shape (4, 4)
        State at t = 0 in the basis |ee>, |eg>, |ge>, |gg>.
    times : array_like, shape (T,)
        Absolute times >= 0, non-decreasing.
    nbar : float
        Mean number of thermal photons, >= 0.
    f0 : float, optional
        Dipole coupling; positive raises |T>.
    gamma0 : float, optional
        Decay rate of one atom, > 0.

    Returns
    -------
    ndarray, shape (T, 4, 4)
        In the basis of `rho0`.

    Raises
    ------
    TypeError, ValueError
        If `rho0` is not a two-atom density matrix, a time is negative or decreasing,
        `nbar` is negative, `gamma0` <= 0, or f0/gamma0 or a rate overflows.

    Examples
    --------
    >>> import numpy as np
    >>> rho = evolve(np.diag([0, 1, 0, 0]), [0.0, 50.0], nbar=10.0, f0=100.0)
    >>> print(rho[1].real.round(4)[1:3, 1:3])
    [[ 0.3331 -0.1669]
     [-0.1669  0.3331]]
    """
    if _labels.among(times):
        whole = partial(evolve, rho0, nbar=nbar, f0=f0, gamma0=gamma0)
        return _labels.apply(whole, grids=("times",), output=_STATE, times=times)
    rho0 = _checks.state(rho0, "rho0", 4)
    times = _checks.time_grid(times)
    n = _checks.scalar(nbar, "nbar", minimum=0)
    f = _checks.scalar(f0, "f0")
    gamma0 = _checks.scalar(gamma0, "gamma0", above_zero=True)
    with np.errstate(over="ignore"):
        if not np.isfinite(8 * np.divide(f, gamma0)):
            raise ValueError(f"`f0` must leave f0/gamma0 finite, but got {f!r}.")
    return _evolved(rho0, times, n, f, gamma0)


def _evolved(rho0: Matrix, times: Floats, n: float, f: float, gamma0: float) -> Matrices:
    """`evolve` of checked arguments."""
    # A rotation is a matter of f0 t alone, and needs all of its digits.
    t, rates = ladder.scaled(times, 2, n, gamma0)
    turn = np.exp(1j * phase(f, times))
    turned = _TO_DICKE @ rho0 @ _TO_DICKE

    rho = np.zeros((len(times), 4, 4), np.complex128)
    start = np.clip(turned[_RUNGS, _RUNGS].real, 0, None)
    rho[:, _RUNGS, _RUNGS] = ladder.exponential_of_rates(rates, t, start)
    rho[:, _S, _S] = turned[_S, _S]
    rho[:, _S, _T] = turned[_S, _T] * np.exp(-(2 * n + 1) * t) * turn**2
    rho[:, _S, _G] = turned[_S, _G] * np.exp(-n * t) * turn
    rho[:, _S, _E] = turned[_S, _E] * np.exp(-(n + 1) * t) * turn
    rho[:, _E, _G] = turned[_E, _G] * np.exp(-(2 * n + 1) * t)
    rho[:, _T, _G], rho[:, _E, _T] = _two_steps(
        turned[_T, _G], turned[_E, _T], n, f / gamma0, t, turn
    )
    for i, j in [(_S, _T), (_S, _G), (_S, _E), (_E, _G), (_T, _G), (_E, _T)]:
        rho[:, j, i] = rho[:, i, j].conj()
    return _TO_DICKE @ rho @ _TO_DICKE


def _two_steps(
    x: complex, y: complex, n: float, f: float, t: Floats, turn: Complexes
) -> tuple[Complexes, Complexes]:
    r"""Solution of x' = -(3n+1+if) x + 2(n+1) y, y' = -(3n+2-if) y + 2n x.

    The eigenvalues are :math:`-(3n+\tfrac32) \pm s` with :math:`s^2 = \delta^2 + 4n(n+1)`,
    :math:`\delta = \tfrac12 - if`. For a fast hopping s is close to -if: their difference
    is computed without cancellation, and `turn` = exp(i f t) does the rest.
    """
    delta, root = 0.5 - 1j * f, 2 * np.sqrt(n) * np.sqrt(n + 1)
    # Roots of numbers with a positive real part: that of s is too, and its imaginary part has the
    # sign of that of s^2, which is -f.
    s = np.sqrt(delta + 1j * root) * np.sqrt(delta - 1j * root)
    rest = (0.25 - 1j * f) / (s - 1j * f) + root * (root / (s - 1j * f))
    one = np.exp((rest - 3 * n - 1.5) * t) / turn
    other = np.exp((-rest - 3 * n - 1.5) * t) * turn
    even, odd = (one + other) / 2, (one - other) / (2 * s)
    return (
        even * x + odd * (delta * x + 2 * (n + 1) * y),
        even * y + odd * (2 * n * x - delta * y),
    )


# |ee>, |T>, |S>, |gg> from |ee>, |eg>, |ge>, |gg>; the matrix is its own inverse.
_E, _T, _S, _G = range(4)
_RUNGS = np.array([_G, _T, _E])  # by excitations
_TO_DICKE = np.eye(4)
_TO_DICKE[1:3, 1:3] = np.array([[1, 1], [1, -1]]) / np.sqrt(2)
# |T> has the energy f and |S> -f: differences of energies, in units of f.
_TURNS = np.subtract.outer([0, 1, -1, 0], [0, 1, -1, 0])
_NUMBERS = np.arange(-2, 3)


@overload
def long_time_coherence(rho0: OneState, nbar: Number) -> float: ...
@overload
def long_time_coherence(rho0: OneState | ManyStates, nbar: Numbers) -> Floats: ...
@overload
def long_time_coherence(rho0: Labelled, nbar: Real) -> Labelled: ...
@overload
def long_time_coherence(rho0: States, nbar: Labelled) -> Labelled: ...
def long_time_coherence(rho0: States, nbar: Real) -> Value:
    r"""C_l1 in the long-time limit for any initial state of two atoms.

    With :math:`s = \langle S|\rho(0)|S\rangle` the conserved weight of the singlet,

    .. math::
        C_{l_1}(\infty) = |p_T - s|,\qquad
        p_T = (1-s)\,\frac{\bar n(\bar n+1)}{3\bar n(\bar n+1)+1}
        \qquad (\bar n > 0)

    Without photons the rest ends in |gg>, and its coherence with the singlet
    survives: :math:`C_{l_1}(\infty) = s + 2\sqrt2\,|\langle S|\rho(0)|gg\rangle|`.
    The limit is not continuous at nbar = 0: any photon kills that coherence.

    Holds for gamma_12 = gamma0 and any dipole coupling.

    Parameters
    ----------
    rho0 : Qobj or array_like, shape (..., 4, 4)
        Initial states in the basis |ee>, |eg>, |ge>, |gg>.
    nbar : array_like, shape (...)
        Mean number of thermal photons, >= 0. Broadcasts with the states.

    Returns
    -------
    float or ndarray, shape (...)

    Raises
    ------
    TypeError, ValueError
        If `rho0` is not a two-atom density matrix, or `nbar` is negative or not
        finite.

    Examples
    --------
    From |eg> half of the weight is locked in the singlet:

    >>> import numpy as np
    >>> round(long_time_coherence(np.diag([0, 1, 0, 0]), nbar=10.0), 6)
    0.333837
    """
    if _labels.among(rho0, nbar):
        return _labels.apply(long_time_coherence, matrices=("rho0",), rho0=rho0, nbar=nbar)
    rho0 = _checks.states(rho0, "rho0", 4)
    nbar = _checks.at_least(nbar, 0, "nbar")
    singlet = np.array([0, 1, -1, 0]) / np.sqrt(2)
    weight = (singlet @ rho0 @ singlet).real
    dark = np.abs(rho0[..., :, 3] @ singlet)
    _checks.broadcast(rho0=weight, nbar=nbar)
    r = nbar / (nbar + 1)
    with_photons = np.abs((1 - weight) * r / (1 + r + r**2) - weight)
    return _checks.plain(np.where(nbar > 0, with_photons, weight + 2 * np.sqrt(2) * dark))


@overload
def unitary_elements(rho0: State, f: Number, times: Times) -> Matrices: ...
@overload
def unitary_elements(rho0: State, f: Number, times: Labelled) -> Labelled: ...
def unitary_elements(rho0: State, f: Number, times: Times | Labelled) -> Matrices | Labelled:
    r"""Density matrix under the dipole coupling alone, Eq. (I.A1), corrected.

    With :math:`H_d = f(\sigma_1^+\sigma_2^- + \sigma_2^+\sigma_1^-)` and gamma = 0 the
    inner block mixes and the outer elements stay. In the basis |ee>, |eg>, |ge>, |gg>
    numbered 1..4, for example,

    .. math::
        \rho_{12}(t) &= \rho_{12}\cos ft + i\rho_{13}\sin ft \\
        \rho_{22}(t) &= \tfrac12[\rho_{22}+\rho_{33} + (\rho_{22}-\rho_{33})\cos 2ft
            - 2\operatorname{Im}\rho_{23}\,\sin 2ft] \\
        \rho_{23}(t) &= \operatorname{Re}\rho_{23} + i[\operatorname{Im}\rho_{23}\cos 2ft
            + \tfrac12(\rho_{22}-\rho_{33})\sin 2ft]

    In our copy of the paper :math:`\rho_{22}` and :math:`\rho_{33}` carry
    :math:`\pm 2i\operatorname{Im}\rho_{23}` (a complex population) and
    :math:`\rho_{23}` half of its real part.

    Parameters
    ----------
    rho0 : Qobj or array_like, shape (4, 4)
        State at t = 0.
    f : float
        Dipole coupling f_12, of either sign.
    times : array_like, shape (T,)
        Absolute times >= 0, non-decreasing, in units of 1/f's.

    Returns
    -------
    ndarray, shape (T, 4, 4)

    Raises
    ------
    TypeError, ValueError
        If `rho0` is not a two-atom density matrix, `f` is not finite, or a time is
        negative or decreasing.

    Examples
    --------
    An excitation hops to the other atom and is half way at f t = pi/4:

    >>> import numpy as np
    >>> rho = unitary_elements(np.diag([0, 1, 0, 0]), f=1.0, times=[np.pi / 4])
    >>> print(rho[0][1:3, 1:3].round(6))
    [[0.5+0.j  0. +0.5j]
     [0. -0.5j 0.5+0.j ]]
    """
    if _labels.among(times):
        whole = partial(unitary_elements, rho0, f)
        return _labels.apply(whole, grids=("times",), output=_STATE, times=times)
    rho0 = _checks.state(rho0, "rho0", 4)
    f = _checks.scalar(f, "f")
    turn = np.exp(-1j * phase(f, _checks.time_grid(times)))
    # In the Dicke basis each element turns by a whole number of f t, from -2 to 2.
    turned = _TO_DICKE @ rho0 @ _TO_DICKE
    chosen: Complexes = np.where(_TURNS == _NUMBERS[:, None, None], turned, 0)
    parts = _TO_DICKE @ chosen @ _TO_DICKE
    back = turn.conj()
    turns = np.stack([back**2, back, np.ones(len(turn)), turn, turn**2], axis=1)
    return (turns @ parts.reshape(5, 16)).reshape(-1, 4, 4)


# --- at a finite distance --------------------------------------------------------


def rates(missing: Number, nbar: Number, f: Number = 0.0, gamma0: Number = 1.0) -> Floats:
    r"""All sixteen decay rates of a pair, each to a relative accuracy.

    In the basis |ee>, |T>, |S>, |gg> the master equation falls apart for any gamma_12, and
    only the coherences between different numbers of excitations feel the hopping. With
    :math:`k = 2\bar n + 1`, :math:`m = 1 - \gamma_{12}/\gamma_0` and rates in units of
    gamma0 there are

    * the zero and the three rates of the populations, roots of the cubic of `slow_rate`;
    * k, four times: of :math:`\rho_{ST}`, and of :math:`\rho_{eg}` between |ee> and |gg>;
    * :math:`\operatorname{Re}[\bar n + \tfrac12(1 + mk) \pm s]` with
      :math:`s^2 = (\tfrac12 + if)^2 + m^2\bar n(\bar n+1)`, twice each: of
      :math:`\rho_{Sg}` and :math:`\rho_{eS}`;
    * the same with :math:`2 - m` for m, of :math:`\rho_{Tg}` and :math:`\rho_{eT}`.

    Parameters
    ----------
    missing : float
        gamma0 - gamma_12, from 0 to 2 gamma0; `missing_decay` has it of a geometry.
    nbar : float
        Mean number of thermal photons, >= 0.
    f : float, optional
        Dipole coupling f_12, of either sign.
    gamma0 : float, optional
        Decay rate of one atom, > 0.

    Returns
    -------
    ndarray, shape (16,)
        Ascending, in the units of `gamma0`, each accurate to a relative 1e-13.

    Raises
    ------
    TypeError, ValueError
        If an argument is not a finite real number, `missing` is not between 0 and
        2 `gamma0`, `nbar` < 0, `gamma0` <= 0, or a rate or f/gamma0 overflows.

    Examples
    --------
    >>> print(rates(1e-12, nbar=1.0, f=1e15)[:3])
    [0.00000000e+00 3.85714286e-12 1.00000000e+00]
    """
    gamma0 = _checks.scalar(gamma0, "gamma0", above_zero=True)
    m = float(_missing(_checks.scalar(missing, "missing"), gamma0))
    n = _checks.scalar(nbar, "nbar", minimum=0)
    f = _checks.scalar(f, "f")
    with np.errstate(over="ignore"):
        if not np.isfinite(8 * np.divide(f, gamma0)):
            raise ValueError(f"`f` must leave f/gamma0 finite, but got {f!r}.")
        if not np.isfinite(np.multiply(8 * max(gamma0, 1.0), n + 1)):
            raise ValueError(f"`nbar` must leave all rates finite, but got {n!r}.")
    f, k = f / gamma0, 2 * n + 1
    found = [np.zeros(1), _population_rates(np.array(m), np.array(n)), np.full(4, k)]
    for lacking in (m, 2 - m):
        fed, own = lacking * np.sqrt(n) * np.sqrt(n + 1), 0.5 + 1j * f
        root = np.sqrt(own + 1j * fed) * np.sqrt(own - 1j * fed)
        # What the root has beyond 1/2, without a difference of the two.
        over = (fed * (fed / (root + own))).real
        middle = n + 0.5 * lacking * k
        found.append(np.repeat([middle - over, middle + 1 + over], 2))
    return np.sort(gamma0 * np.concatenate(found))


@overload
def slow_rate(missing: Number, nbar: Number, gamma0: Number = ...) -> float: ...
@overload
def slow_rate(missing: Numbers, nbar: Numbers, gamma0: Number = ...) -> Floats: ...
@overload
def slow_rate(missing: Labelled, nbar: Real, gamma0: Number = ...) -> Labelled: ...
@overload
def slow_rate(missing: Real, nbar: Labelled, gamma0: Number = ...) -> Labelled: ...
def slow_rate(missing: Real, nbar: Real, gamma0: Number = 1.0) -> Value:
    r"""Rate at which a pair of atoms at a finite distance loses its plateau.

    The smallest root of a cubic that does not contain the hopping. With
    :math:`k = 2\bar n + 1`, :math:`m = 1 - \gamma_{12}/\gamma_0` and
    :math:`\epsilon = m(2 - m)` it is, in units of gamma0,

    .. math::
        \kappa^3 - 4k\kappa^2 + [3k^2 + 1 + \epsilon(2k^2 - 1)]\kappa - 2k^3\epsilon = 0,
        \qquad \kappa \to \frac{4k^3}{3k^2+1}\,m \quad (m \to 0)

    Parameters
    ----------
    missing : array_like, shape (...)
        gamma0 - gamma_12, from 0 to 2 gamma0; `missing_decay` has it of a geometry.
    nbar : array_like, shape (...)
        Mean number of thermal photons, >= 0. Broadcasts with `missing`.
    gamma0 : float, optional
        Decay rate of one atom, > 0.

    Returns
    -------
    float or ndarray, shape (...)
        In the units of `gamma0`, accurate to a relative 1e-13.

    Raises
    ------
    TypeError, ValueError
        If an argument is not made of finite real numbers, `missing` is not between 0 and
        2 `gamma0`, `nbar` < 0, `gamma0` <= 0, or a rate overflows.

    Examples
    --------
    Side by side at k0 r = 0.001, with one photon:

    >>> from coherence_lib import atoms
    >>> close = atoms.missing_decay([[0, 0, 0], [1e-3, 0, 0]], [0, 0, 1])[0, 1]
    >>> print(f"{slow_rate(close, nbar=1.0):.6e}")
    7.714285e-07
    """
    if _labels.among(missing, nbar):
        return _labels.apply(partial(slow_rate, gamma0=gamma0), missing=missing, nbar=nbar)
    gamma0 = _checks.scalar(gamma0, "gamma0", above_zero=True)
    m = _missing(_checks.real(missing, "missing"), gamma0)
    nbar = _checks.at_least(nbar, 0, "nbar")
    m, nbar = _checks.broadcast(missing=m, nbar=nbar)
    with np.errstate(over="ignore"):
        slow = gamma0 * _population_rates(m, nbar)[..., 0]
    return _checks.plain(_checks.outcome(slow, "nbar", "all rates"))


@overload
def time_integral(missing: Number, nbar: Number, gamma0: Number = ...) -> float: ...
@overload
def time_integral(missing: Numbers, nbar: Numbers, gamma0: Number = ...) -> Floats: ...
@overload
def time_integral(missing: Labelled, nbar: Real, gamma0: Number = ...) -> Labelled: ...
@overload
def time_integral(missing: Real, nbar: Labelled, gamma0: Number = ...) -> Labelled: ...
def time_integral(missing: Real, nbar: Real, gamma0: Number = 1.0) -> Value:
    r"""Coherence of a pair from the ground state, added up over all times.

    .. math::
        \int_0^\infty C_{l_1}(t)\,dt
            = \frac{2|\gamma_{12}|}{\gamma_0^2 - \gamma_{12}^2}\,
              \frac{\bar n(\bar n+1)}{(2\bar n+1)^3}

    Exact at any distance and for any hopping. Photons and distance are factors of their
    own, and the best bath is :math:`\bar n = (\sqrt3 - 1)/2` for every pair.

    Parameters
    ----------
    missing : array_like, shape (...)
        gamma0 - gamma_12, above 0 and below 2 gamma0.
    nbar : array_like, shape (...)
        Mean number of thermal photons, >= 0. Broadcasts with `missing`.
    gamma0 : float, optional
        Decay rate of one atom, > 0.

    Returns
    -------
    float or ndarray, shape (...)
        In the units of 1/`gamma0`.

    Raises
    ------
    TypeError, ValueError
        If an argument is not made of finite real numbers, `missing` is not above 0 and below
        2 `gamma0`, `nbar` < 0, `gamma0` <= 0, or the integral overflows.

    Examples
    --------
    >>> round(time_integral(0.01, nbar=(3**0.5 - 1) / 2), 4)
    9.5742
    """
    if _labels.among(missing, nbar):
        return _labels.apply(partial(time_integral, gamma0=gamma0), missing=missing, nbar=nbar)
    gamma0 = _checks.scalar(gamma0, "gamma0", above_zero=True)
    m = _missing(_checks.real(missing, "missing"), gamma0)
    if np.any((m == 0) | (m == 2)):
        worst = float(np.ravel(np.asarray(missing)[(m == 0) | (m == 2)])[0])
        raise ValueError(f"`missing` must be > 0 and < 2 gamma0, but got {worst!r}.")
    nbar = _checks.at_least(nbar, 0, "nbar")
    m, nbar = _checks.broadcast(missing=m, nbar=nbar)
    with np.errstate(over="ignore"):
        k = 2 * nbar + 1
        photons = (nbar / k) * ((nbar + 1) / k) / k
        integral = photons * (2 * np.abs(1 - m) / (2 - m)) / m / gamma0
    return _checks.plain(_checks.outcome(integral, "missing", "the integral"))


def _missing(missing: float | Floats, gamma0: float) -> Floats:
    """`missing` in units of gamma0, checked to be from 0 to 2."""
    with np.errstate(over="ignore"):
        m = np.asarray(np.divide(missing, gamma0))
    outside = (m < 0) | (m > 2)
    if np.any(outside):
        worst = float(np.ravel(np.asarray(missing)[outside])[0])
        raise ValueError(f"`missing` must be >= 0 and <= 2 gamma0, but got {worst!r}.")
    return m


def _population_rates(m: Floats, n: Floats) -> Floats:
    """The three rates of the populations in units of gamma0, shape (..., 3), ascending.

    The two fast ones by the eigenvalues of the balanced rate matrix, which are as large as
    its norm; the slow one by the product of all three, which is known to all digits.
    """
    k, up = 2 * n + 1, np.sqrt(n) * np.sqrt(n + 1)
    matrix = np.zeros((*m.shape, 4, 4))
    # |gg>, |T>, |S>, |ee>, over k.
    matrix[..., 0, 0], matrix[..., 3, 3] = 2 * (n / k), 2 * ((n + 1) / k)
    for rung, rate in ((1, 2 - m), (2, m)):
        matrix[..., rung, rung] = rate
        for other in (0, 3):
            matrix[..., rung, other] = matrix[..., other, rung] = -rate * (up / k)
    fast = np.linalg.eigvalsh(matrix)[..., 2:]
    slow = 2 * m * (2 - m) / (fast[..., 0] * fast[..., 1])
    with np.errstate(over="ignore"):
        found = k[..., None] * np.concatenate([slow[..., None], fast], axis=-1)
    return np.sort(found, axis=-1)


# --- the route -------------------------------------------------------------------


def _fits(cluster: AtomCluster, rho0: Matrix | None) -> bool:
    return cluster.n_atoms == 2 and cluster.is_identical


def _evolve_route(
    cluster: AtomCluster, rho0: Matrix | None, times: Floats, nbar: float, progress: bool
) -> Matrices:
    gamma0 = float(cluster.gamma[0, 0])
    if rho0 is not None and not is_ground(rho0):
        return _evolved(rho0, times, nbar, float(cluster.f[0, 1]), gamma0)
    populations = populations_from_ground(times, nbar, gamma0)
    p_gg, p_t, p_ee = np.moveaxis(populations, -1, 0)
    rho = np.zeros((len(times), 4, 4), np.complex128)
    rho[:, 0, 0], rho[:, 3, 3] = p_ee, p_gg
    rho[:, 1:3, 1:3] = 0.5 * p_t[:, None, None]
    return rho


def _coherence_route(
    cluster: AtomCluster, rho0: Matrix | None, times: Floats, nbar: float, progress: bool
) -> Floats:
    if is_ground(rho0):
        return coherence_from_ground(times, nbar, cluster.gamma[0, 0])
    states = _evolve_route(cluster, rho0, times, nbar, progress)
    return np.asarray(measures.sum_of_off_diagonals(states))


ROUTE = Route(
    name="closed",
    needs="two atoms with gamma_12 = gamma0",
    fits=_fits,
    numbers=lambda n_atoms: 0.0,
    evolve=_evolve_route,
    coherence=_coherence_route,
    seconds=lambda cluster, nbar, times: 0.0,
)
