"""One question, the cheapest valid route: the doors to dynamics and long times of a cluster."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import TypeVar, overload

import numpy as np

from coherence_lib import _checks, _labels, measures
from coherence_lib._types import (
    Array,
    Floats,
    Labelled,
    Matrices,
    Matrix,
    Method,
    Number,
    Real,
    State,
    Times,
    Value,
)
from coherence_lib.atoms import asymptotics, blocks, full, krylov, ladder, modes, near_field, pair
from coherence_lib.atoms.basis import ground_state
from coherence_lib.atoms.cluster import AtomCluster, check_rates
from coherence_lib.atoms.routes import Choice, Route

__all__ = [
    "DegenerateSteadyStateError",
    "coherence",
    "evolve",
    "long_time_coherence",
    "route",
    "steady_state",
]

# Dimensions that a labelled evolution adds to those of its times.
_STATE = {"row": None, "column": None}
_BYTES = 16  # of a complex number
# What takes less is not compared with other routes.
_INSTANT = 1e-2
# Seconds for the projection onto what a block of a thousand rows conserves.
_SECONDS = 2.0

# "auto" is the one that takes the least time of those that fit and keep what it promises.
ROUTES = (
    pair.ROUTE,
    ladder.ROUTE,
    blocks.ROUTE,
    krylov.ROUTE,
    modes.ROUTE,
    full.ROUTE,
    near_field.ROUTE,
)
_EXACT = tuple(route for route in ROUTES if route.promise <= 1e-8)


class DegenerateSteadyStateError(ValueError):
    """The steady state is not unique, and no initial state was given to choose one.

    Atoms with gamma_ij = gamma0 for all pairs never forget how much of the initial
    state was symmetric. Pass `rho0`, the state at t = 0, and the steady state that
    it reaches (at nbar = 0 with f != 0: its time average) is returned.
    """


Documented = TypeVar("Documented", bound=Callable[..., object])


def _listing_methods(function: Documented) -> Documented:
    """Put the table of routes into a docstring."""
    lines = [f'* "{route.name}" needs {route.needs}.' for route in ROUTES]
    if function.__doc__:
        function.__doc__ = function.__doc__.replace("<methods>", "\n        ".join(lines))
    return function


@overload
def evolve(
    cluster: AtomCluster,
    rho0: State,
    times: Times,
    nbar: Number,
    method: Method = ...,
    progress: bool = ...,
) -> Matrices: ...
@overload
def evolve(
    cluster: AtomCluster,
    rho0: State,
    times: Labelled,
    nbar: Number,
    method: Method = ...,
    progress: bool = ...,
) -> Labelled: ...
@_listing_methods
def evolve(
    cluster: AtomCluster,
    rho0: State,
    times: Times | Labelled,
    nbar: Number,
    method: Method = "auto",
    progress: bool = False,
) -> Matrices | Labelled:
    r"""Density matrices at the given times, the solution of Eq. (I.1).

    Parameters
    ----------
    cluster : AtomCluster
        The atoms and their couplings.
    rho0 : Qobj or array_like, shape (2**N, 2**N)
        State at t = 0, whatever ``times[0]`` is (QuTiP takes it at ``times[0]``).
    times : array_like, shape (T,)
        Absolute times >= 0, non-decreasing, in the units of 1/`cluster.gamma`.
    nbar : float
        Mean number of thermal photons, >= 0.
    method : str, optional
        "auto" is the quickest of these that fits the question; `route` tells which.

        <methods>
    progress : bool, optional
        Show a bar while a long evolution runs.

    Returns
    -------
    ndarray, shape (T, 2**N, 2**N)
        Complex, accurate to 1e-8; by "near_field", which "auto" never takes, to 1e-6.

    Raises
    ------
    TypeError
        If `cluster` is no AtomCluster or another argument has the wrong type.
    ValueError
        If a time is negative or decreasing, `nbar` < 0, `rho0` is not a state of N
        atoms, the method is unknown or not valid for this input, the states are too
        large for memory (nothing is allocated then), or so strong a coupling for so
        long a time and so many atoms is out of reach.

    Examples
    --------
    >>> import numpy as np
    >>> from coherence_lib import atoms
    >>> one = atoms.AtomCluster.collective(1)
    >>> rho = atoms.evolve(one, np.diag([1, 0]), [0, np.log(2)], nbar=0.0)
    >>> print(rho[1].real.round(6))
    [[0.5 0. ]
     [0.  0.5]]
    """
    if _labels.among(times):
        whole = partial(evolve, cluster, rho0, nbar=nbar, method=method, progress=progress)
        return _labels.apply(whole, grids=("times",), output=_STATE, times=times)
    _checks.instance(cluster, AtomCluster, "cluster")
    rho0 = _checks.state(rho0, "rho0", 2**cluster.n_atoms)
    progress = _checks.flag(progress, "progress")
    cluster, rho0, times, nbar, route = _question(cluster, rho0, times, nbar, method)
    _check_memory(cluster, route, len(times))
    return route.evolve(cluster, rho0, times, nbar, progress)


@overload
def coherence(
    cluster: AtomCluster,
    times: Times,
    nbar: Number,
    rho0: State | None = ...,
    method: Method = ...,
    progress: bool = ...,
) -> Floats: ...
@overload
def coherence(
    cluster: AtomCluster,
    times: Labelled,
    nbar: Number,
    rho0: State | None = ...,
    method: Method = ...,
    progress: bool = ...,
) -> Labelled: ...
def coherence(
    cluster: AtomCluster,
    times: Times | Labelled,
    nbar: Number,
    rho0: State | None = None,
    method: Method = "auto",
    progress: bool = False,
) -> Floats | Labelled:
    r"""l1 norm of coherence, Eq. (I.4), at the given times.

    Parameters
    ----------
    cluster : AtomCluster
        The atoms and their couplings.
    times : array_like, shape (T,)
        Absolute times >= 0, non-decreasing, in the units of 1/`cluster.gamma`.
    nbar : float
        Mean number of thermal photons, >= 0.
    rho0 : Qobj or array_like, shape (2**N, 2**N), optional
        State at t = 0; by default all atoms are in their ground state.
    method : str, optional
        As for `evolve`.
    progress : bool, optional
        Show a bar while a long evolution runs.

    Returns
    -------
    ndarray, shape (T,)

    Raises
    ------
    TypeError, ValueError
        As `evolve`.

    Examples
    --------
    >>> from coherence_lib import atoms
    >>> pair = atoms.AtomCluster.collective(2, f0=1.0)
    >>> print(atoms.coherence(pair, [0.0, 0.05, 10.0], nbar=10.0).round(6))
    [0.       0.311281 0.332326]
    """
    if _labels.among(times):
        whole = partial(coherence, cluster, nbar=nbar, rho0=rho0, method=method, progress=progress)
        return _labels.apply(whole, grids=("times",), times=times)
    progress = _checks.flag(progress, "progress")
    cluster, rho0, times, nbar, route = _question(cluster, rho0, times, nbar, method)
    return route.coherence(cluster, rho0, times, nbar, progress)


def steady_state(cluster: AtomCluster, nbar: Number, rho0: State | None = None) -> Matrix:
    r"""State in which an initial state ends, exact where many steady states exist.

    The projection of `rho0` onto the kernel of the Liouvillian,
    :math:`\rho_\infty = R\,(L^\dagger R)^{-1}L^\dagger\rho_0` with the right and left
    null vectors R and L, which are constructed and not searched for: see the module
    `coherence_lib.atoms.asymptotics`. Where coherences rotate for ever (nbar = 0 and
    f != 0) this is the time average.

    Parameters
    ----------
    cluster : AtomCluster
        The atoms and their couplings.
    nbar : float
        Mean number of thermal photons, >= 0.
    rho0 : Qobj or array_like, shape (2**N, 2**N), optional
        State at t = 0. Without it the steady state must be unique.

    Returns
    -------
    ndarray, shape (2**N, 2**N)

    Raises
    ------
    DegenerateSteadyStateError
        A ValueError: if there are several steady states and `rho0` is not given.
    TypeError, ValueError
        If `cluster` is no AtomCluster, `nbar` is negative or not finite, `rho0` is no
        state of N atoms, the projection of so many does not fit the memory, or couplings
        are so nearly equal that roundings decide where the atoms end.

    Examples
    --------
    >>> import numpy as np
    >>> from coherence_lib import atoms
    >>> pair = atoms.AtomCluster.collective(2)
    >>> rho = atoms.steady_state(pair, nbar=1.0, rho0=np.diag([0, 0, 0, 1]))
    >>> print(rho.real.round(6))
    [[0.142857 0.       0.       0.      ]
     [0.       0.142857 0.142857 0.      ]
     [0.       0.142857 0.142857 0.      ]
     [0.       0.       0.       0.571429]]
    """
    _checks.instance(cluster, AtomCluster, "cluster")
    nbar = _checks.scalar(nbar, "nbar", minimum=0)
    _check_projection_size(cluster)
    if rho0 is None:
        if not asymptotics.is_unique(cluster, nbar):
            raise DegenerateSteadyStateError(
                "`rho0` must be given, but got None: this cluster has several steady states, and "
                "the initial state decides between them."
            )
        rho0 = ground_state(cluster.n_atoms)
    else:
        rho0 = _checks.state(rho0, "rho0", 2**cluster.n_atoms)
    return asymptotics.orbit(cluster, nbar, rho0).average


@overload
def long_time_coherence(cluster: AtomCluster, nbar: Number, rho0: State | None = ...) -> float: ...
@overload
def long_time_coherence(cluster: AtomCluster, nbar: Array, rho0: State | None = ...) -> Floats: ...
@overload
def long_time_coherence(
    cluster: AtomCluster, nbar: Labelled, rho0: State | None = ...
) -> Labelled: ...
def long_time_coherence(cluster: AtomCluster, nbar: Real, rho0: State | None = None) -> Value:
    r"""Limit of the l1 norm of coherence for t -> infinity, where it exists.

    Parameters
    ----------
    cluster : AtomCluster
        The atoms and their couplings.
    nbar : array_like, shape (...)
        Mean number of thermal photons, >= 0.
    rho0 : Qobj or array_like, shape (2**N, 2**N), optional
        State at t = 0; by default all atoms are in their ground state.

    Returns
    -------
    float or ndarray, shape (...)

    Raises
    ------
    TypeError
        If `cluster` is no AtomCluster, or another argument is not made of numbers.
    ValueError
        If `nbar` is negative or not finite, `rho0` is no state of N atoms, the
        projection of so many does not fit the memory (identical ones from the ground state may
        be any number), couplings are so nearly equal that roundings decide where the atoms
        end, or the coherence oscillates for ever and has no limit.

    Examples
    --------
    >>> from coherence_lib import atoms
    >>> pair = atoms.AtomCluster.collective(2, f0=1.0)
    >>> round(atoms.long_time_coherence(pair, nbar=10.0), 6)
    0.332326
    """
    _checks.instance(cluster, AtomCluster, "cluster")
    if _labels.among(nbar):
        return _labels.apply(partial(long_time_coherence, cluster, rho0=rho0), nbar=nbar)
    nbar = _checks.at_least(nbar, 0, "nbar")
    if rho0 is None and cluster.is_identical:
        return ladder.long_time_coherence(cluster.n_atoms, nbar)
    _check_projection_size(cluster)
    if rho0 is None:
        rho0 = ground_state(cluster.n_atoms)
    else:
        rho0 = _checks.state(rho0, "rho0", 2**cluster.n_atoms)
    if cluster.n_atoms == 2 and cluster.is_identical:
        return pair.long_time_coherence(rho0, nbar)
    limits = [_limit_of_coherence(asymptotics.orbit(cluster, n, rho0)) for n in nbar.ravel()]
    return _checks.plain(np.array(limits).reshape(nbar.shape))


def route(
    cluster: AtomCluster,
    rho0: State | None = None,
    *,
    nbar: Number | None = None,
    times: Times | Labelled | None = None,
) -> Choice:
    """The route that `coherence` and `evolve` take by themselves, and what it costs.

    Parameters
    ----------
    cluster : AtomCluster
        The atoms and their couplings.
    rho0 : Qobj or array_like, shape (2**N, 2**N), optional
        State at t = 0; by default all atoms are in their ground state.
    nbar : float, optional
        Mean number of thermal photons, >= 0; one, if none is given.
    times : array_like, shape (T,), optional
        Absolute times >= 0, non-decreasing; without them up to one lifetime of an atom.

    Returns
    -------
    Choice
        With `name`, `needs`, `bytes`, `seconds` and `reason`.

    Raises
    ------
    TypeError, ValueError
        If `cluster` is no AtomCluster, `rho0` is no state of its atoms, `nbar` is negative
        or not finite, or a time is negative or decreasing.

    Examples
    --------
    >>> from coherence_lib import atoms
    >>> route(atoms.AtomCluster.collective(40)).name
    'ladder'
    >>> apart = atoms.AtomCluster.from_positions([[0, 0, 0], [0.5, 0, 0]], [0, 0, 1])
    >>> choice = route(apart)
    >>> choice.name, choice.reason
    ('blocks', "'closed' needs two atoms with gamma_12 = gamma0; \
'ladder' needs atoms with identical couplings that start in the ground state")

    Eight atoms take longer the closer they are, and this is known before they are asked:

    >>> positions = np.arange(8)[:, None] * [0.0, 0.0, 1.0]
    >>> line = [atoms.AtomCluster.from_positions(d * positions, [0, 0, 1]) for d in (1, 0.1)]
    >>> [route(cluster).name for cluster in line]
    ['krylov', 'krylov']
    >>> route(line[1]).seconds > 10 * route(line[0]).seconds
    True
    """
    _checks.instance(cluster, AtomCluster, "cluster")
    nbar = 1.0 if nbar is None else _checks.scalar(nbar, "nbar", minimum=0)
    largest = np.abs(cluster.gamma).max() or np.abs(cluster.f).max() or 1.0
    grid: Floats = np.array([1 / largest]) if times is None else _checks.time_grid(times)
    rho0 = _state(cluster, rho0)
    cluster, grid = _in_own_units(cluster, grid)
    check_rates(cluster, nbar)
    grid = _until_it_rests(grid, rho0, nbar)
    chosen, seconds = _quickest(cluster, rho0, nbar, grid)
    passed = _EXACT[: _EXACT.index(chosen)]
    reasons = [
        f"{route.name!r} takes longer"
        if route.fits(cluster, rho0)
        else f"{route.name!r} needs {route.needs}"
        for route in passed
    ]
    reasons += _quicker_by_name(cluster, rho0, nbar, grid, seconds)
    return Choice(
        chosen.name,
        chosen.needs,
        _bytes(chosen, cluster.n_atoms),
        seconds,
        "; ".join(reasons) or "the cheapest",
    )


# --- what the doors share ----------------------------------------------------------


def _question(
    cluster: AtomCluster, rho0: State | None, times: object, nbar: Number, method: Method
) -> tuple[AtomCluster, Matrix | None, Floats, float, Route]:
    """Checked arguments, in units in which rates are of order one, and the route."""
    _checks.instance(cluster, AtomCluster, "cluster")
    _checks.choice(method, ["auto", *(route.name for route in ROUTES)], "method")
    nbar = _checks.scalar(nbar, "nbar", minimum=0)
    times = _checks.time_grid(times)
    rho0 = _state(cluster, rho0)
    own, own_times = _in_own_units(cluster, times)
    check_rates(own, nbar)
    own_times = _until_it_rests(own_times, rho0, nbar)
    route = _chosen(own, rho0, method, nbar, own_times)
    _check_memory(cluster, route, 0)
    return own, rho0, own_times, nbar, route


def _until_it_rests(times: Floats, rho0: Matrix | None, nbar: float) -> Floats:
    """The times at which the same states are met first: the ground state needs photons to leave."""
    return 0 * times if rho0 is None and nbar == 0 else times


def _state(cluster: AtomCluster, rho0: State | None) -> Matrix | None:
    """A checked state, None for the ground state: of many atoms it need not be written down."""
    return None if rho0 is None else _checks.state(rho0, "rho0", 2**cluster.n_atoms)


def _quickest(
    cluster: AtomCluster, rho0: Matrix | None, nbar: float, times: Floats
) -> tuple[Route, float]:
    """Of the routes that fit the one that takes the least time, and about how much."""
    best, least = _EXACT[-1], math.inf
    for route in _EXACT:
        held = _bytes(route, cluster.n_atoms) <= _checks.LARGEST_MEMORY
        if held and least > _INSTANT and route.fits(cluster, rho0):
            seconds = float(route.seconds(cluster, nbar, times))
            if seconds < least:
                best, least = route, seconds
    return best, least


def _chosen(
    cluster: AtomCluster, rho0: Matrix | None, method: Method, nbar: float, times: Floats
) -> Route:
    """The quickest route that fits, or the one that is asked for."""
    if method == "auto":
        return _quickest(cluster, rho0, nbar, times)[0]
    route = next(route for route in ROUTES if route.name == method)
    if not route.fits(cluster, rho0):
        raise ValueError(
            f"`method` must be valid for the input, but {route.name!r} needs {route.needs}."
        )
    return route


def _quicker_by_name(
    cluster: AtomCluster, rho0: Matrix | None, nbar: float, times: Floats, seconds: float
) -> list[str]:
    """What is told of a route that promises less, where it takes less than half of the time."""
    route = near_field.ROUTE
    held = _bytes(route, cluster.n_atoms) <= _checks.LARGEST_MEMORY
    if seconds <= _INSTANT or not held or not route.fits(cluster, rho0):
        return []
    told = route.seconds(cluster, nbar, times)
    if told > 0.5 * seconds:
        return []
    return [
        f"{route.name!r} takes about {told:.1g} seconds, and errs by up to {route.promise:g} of "
        "the largest coherence"
    ]


def _bytes(route: Route, n_atoms: int, n_times: int = 0) -> float:
    """What the solver and the states at `n_times` times take; beyond 400 atoms as for 400."""
    n = min(n_atoms, 400)
    return _BYTES * (route.numbers(n) + n_times * 4.0**n)


def _check_memory(cluster: AtomCluster, route: Route, n_times: int) -> None:
    """Refuse what cannot be held: the solver, and the states at `n_times` times."""
    n = cluster.n_atoms
    _checks.memory(
        _bytes(route, n, n_times),
        "cluster",
        f"the route {route.name!r} for {n} atoms at {n_times or 'any'} times",
        "The coherence of identical atoms from the ground state has a route to larger N: `ladder`.",
    )


def _in_own_units(cluster: AtomCluster, times: Floats) -> tuple[AtomCluster, Floats]:
    """The same question with rates of order one, so that no route meets extreme numbers.

    The unit is a power of two: no digit of a coupling or a time is rounded.
    """
    largest = np.abs(cluster.gamma).max() or np.abs(cluster.f).max()
    exponent = int(np.frexp(largest)[1]) - 1 if largest > 0 else 0
    if exponent == 0:
        return cluster, times
    with np.errstate(over="ignore"):
        scaled = np.ldexp(times, exponent)
        f, gamma = np.ldexp(cluster.f, -exponent), np.ldexp(cluster.gamma, -exponent)
    if not np.all(np.isfinite(scaled)):
        raise ValueError(f"`times` must leave gamma0 t finite, but got {float(times[-1])!r}.")
    if not np.all(np.isfinite(f)):
        raise ValueError("`cluster` must leave f/gamma finite, but its hopping is too large.")
    return AtomCluster(f, gamma), scaled


def _limit_of_coherence(orbit: asymptotics.Orbit) -> float:
    constant = float(measures.sum_of_off_diagonals(orbit.average))
    moving = np.abs(orbit.amplitudes).max(axis=(1, 2)) > 1e-12
    moving[np.argmin(np.abs(orbit.frequencies))] = True
    frequencies, amplitudes = orbit.frequencies[moving], orbit.amplitudes[moving]
    if len(frequencies) == 1:
        return constant
    # An oscillating sum of moduli shows itself at almost every set of times.
    phases = np.random.default_rng(3).uniform(1, 1000, size=64) / np.abs(frequencies).max()
    turning = np.exp(-1j * np.outer(phases, frequencies))
    values = np.asarray(measures.sum_of_off_diagonals(np.tensordot(turning, amplitudes, axes=1)))
    if np.ptp(values) > 1e-9:
        raise ValueError(
            "`rho0` must have a coherence that settles, but here it oscillates for "
            f"ever, between {values.min():.6g} and {values.max():.6g} at the times "
            "tried."
        )
    return float(values.mean())


def _check_projection_size(cluster: AtomCluster) -> None:
    """Refuse a projection that does not fit; its largest block has binom(2N, N) rows."""
    n = cluster.n_atoms
    rows = float(math.comb(2 * min(n, 400), min(n, 400)))
    what = f"the projection of {n} atoms"
    more = "Identical atoms from the ground state have `ladder.long_time_coherence`."
    # A symmetric matrix, its eigenvectors, and what they take to be found.
    _checks.memory(40 * rows**2, "cluster", what, more)
    _checks.work(_SECONDS * (rows / 1000) ** 3, "cluster", what, more)
