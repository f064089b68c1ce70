"""One question, the cheapest valid route: dynamics and long times of an AtomCluster."""

import math

import numpy as np

from coherence_lib import _checks, measures
from coherence_lib.atoms import asymptotics, blocks, full, ladder, pair
from coherence_lib.atoms.basis import ground_state
from coherence_lib.atoms.cluster import AtomCluster

__all__ = [
    "DegenerateSteadyStateError",
    "coherence",
    "evolve",
    "long_time_coherence",
    "steady_state",
]

METHODS = ("auto", "closed", "ladder", "blocks", "full")

_LARGEST_MEMORY = 6 * 2**30


class DegenerateSteadyStateError(ValueError):
    """The steady state is not unique, and no initial state was given to choose one.

    Atoms with gamma_ij = gamma0 for all pairs never forget how much of the initial
    state was symmetric. Pass `rho0`, the state at t = 0, and the steady state that
    it reaches (at nbar = 0 with f != 0: its time average) is returned.
    """


def evolve(cluster, rho0, times, nbar, method="auto", progress=False):
    r"""Density matrices at the given times, the solution of Eq. (1) of paper I.

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
    method : {"auto", "closed", "ladder", "blocks", "full"}, optional
        "closed": N = 2, gamma_12 = gamma0, from the ground state; "ladder": identical
        couplings, from the ground state; "blocks": no coherence in `rho0` between
        different numbers of excitations; "full": QuTiP's Liouvillian on the whole
        space; "auto": the first of these that is valid.
    progress : bool, optional
        Show a bar while a long evolution runs.

    Returns
    -------
    ndarray, shape (T, 2**N, 2**N)
        Complex, accurate to 1e-8.

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
    _check_cluster(cluster)
    nbar = _checks.scalar(nbar, "nbar", minimum=0)
    times = _checks.time_grid(times)
    rho0 = _checks.state(rho0, "rho0", 2**cluster.n_atoms)
    route = _route(cluster, rho0, method)
    _check_memory(cluster, len(times), route)
    cluster, times = _in_own_units(cluster, times)
    cluster.check_rates(nbar)
    if route == "closed":
        return _closed(times, nbar, cluster.gamma[0, 0])
    if route == "ladder":
        return _ladder(cluster, times, nbar)
    solver = blocks if route == "blocks" else full
    return solver.evolve(cluster, rho0, times, nbar, progress)


def coherence(cluster, times, nbar, rho0=None, method="auto", progress=False):
    r"""l1 norm of coherence, Eq. (4) of paper I, at the given times.

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
    method : {"auto", "closed", "ladder", "blocks", "full"}, optional
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
    _check_cluster(cluster)
    nbar = _checks.scalar(nbar, "nbar", minimum=0)
    times = _checks.time_grid(times)
    if rho0 is None and method in ("auto", "ladder") and _is_identical(cluster):
        # No state is written down: this goes to any N that the ladder holds.
        cluster, times = _in_own_units(cluster, times)
        return ladder.coherence(times, cluster.n_atoms, nbar, cluster.gamma[0, 0])
    _check_memory(cluster, 1, method)
    rho0 = _initial(cluster, rho0)
    route = _route(cluster, rho0, method)
    _check_memory(cluster, 1, route)
    cluster, times = _in_own_units(cluster, times)
    cluster.check_rates(nbar)
    if route == "closed":
        return pair.coherence_from_ground(times, nbar, cluster.gamma[0, 0])
    if route == "ladder":
        return ladder.coherence(times, cluster.n_atoms, nbar, cluster.gamma[0, 0])
    solver = blocks if route == "blocks" else full
    return solver.coherence(cluster, rho0, times, nbar, progress)


def steady_state(cluster, nbar, rho0=None):
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
        If an argument is not valid, or N is too large (more than 7 atoms).

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
    _check_cluster(cluster)
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


def long_time_coherence(cluster, nbar, rho0=None):
    r"""Limit of the l1 norm of coherence for t -> infinity, where it exists.

    Parameters
    ----------
    cluster : AtomCluster
        The atoms and their couplings.
    nbar : float
        Mean number of thermal photons, >= 0.
    rho0 : Qobj or array_like, shape (2**N, 2**N), optional
        State at t = 0; by default all atoms are in their ground state.

    Returns
    -------
    float

    Raises
    ------
    TypeError, ValueError
        If an argument is not valid, N is too large (more than 7 atoms), or the
        coherence oscillates for ever and has no limit.

    Examples
    --------
    >>> from coherence_lib import atoms
    >>> pair = atoms.AtomCluster.collective(2, f0=1.0)
    >>> round(atoms.long_time_coherence(pair, nbar=10.0), 6)
    0.332326
    """
    _check_cluster(cluster)
    nbar = _checks.scalar(nbar, "nbar", minimum=0)
    if rho0 is None and _is_identical(cluster):
        return ladder.long_time_coherence(cluster.n_atoms, nbar)
    _check_projection_size(cluster)
    rho0 = _initial(cluster, rho0)
    if cluster.n_atoms == 2 and _is_identical(cluster):
        return pair.long_time_coherence(rho0, nbar)
    return _limit_of_coherence(asymptotics.orbit(cluster, nbar, rho0))


# --- routes ----------------------------------------------------------------------


def _route(cluster, rho0, method):
    if method not in METHODS:
        raise ValueError(
            f"`method` must be one of {', '.join(map(repr, METHODS))}, but got {method!r}."
        )
    from_ground = _is_identical(cluster) and _is_ground(rho0)
    valid = {
        "closed": from_ground and cluster.n_atoms == 2,
        "ladder": from_ground,
        "blocks": blocks.fits(rho0),
        "full": True,
    }
    if method == "auto":
        return next(route for route, is_valid in valid.items() if is_valid)
    if not valid[method]:
        raise ValueError(
            f"`method` must be valid for the input, but {method!r} needs {_NEEDS[method]}."
        )
    return method


_NEEDS = {
    "closed": "two atoms with gamma_12 = gamma0 that start in the ground state",
    "ladder": "atoms with identical couplings that start in the ground state",
    "blocks": "an initial state without coherence between different numbers of excitations",
}


def _is_identical(cluster):
    """Whether all gamma_ij are one positive number and all f_ij (i != j) another."""
    hopping = cluster.f[~np.eye(cluster.n_atoms, dtype=bool)]
    rate = cluster.gamma[0, 0]
    return bool(rate > 0 and np.all(cluster.gamma == rate) and np.all(hopping == hopping[:1]))


def _is_ground(rho0):
    return np.array_equal(rho0, ground_state(len(rho0).bit_length() - 1))


def _closed(times, nbar, gamma0):
    p_gg, p_t, p_ee = np.moveaxis(pair.populations_from_ground(times, nbar, gamma0), -1, 0)
    rho = np.zeros((len(times), 4, 4), complex)
    rho[:, 0, 0], rho[:, 3, 3] = p_ee, p_gg
    rho[:, 1:3, 1:3] = 0.5 * p_t[:, None, None]
    return rho


def _ladder(cluster, times, nbar):
    n = cluster.n_atoms
    populations = ladder.populations(times, n, nbar, cluster.gamma[0, 0])
    rho = np.zeros((len(times), 2**n, 2**n), complex)
    for k, labels in enumerate(blocks.sectors(n)):
        rho[:, labels[:, None], labels] = populations[:, k, None, None] / len(labels)
    return rho


def _in_own_units(cluster, times):
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


def _limit_of_coherence(orbit):
    constant = measures.sum_of_off_diagonals(orbit.average)
    moving = np.abs(orbit.amplitudes).max(axis=(1, 2)) > 1e-12
    moving[np.argmin(np.abs(orbit.frequencies))] = True
    frequencies, amplitudes = orbit.frequencies[moving], orbit.amplitudes[moving]
    if len(frequencies) == 1:
        return constant
    # An oscillating sum of moduli shows itself at almost every set of times.
    phases = np.random.default_rng(3).uniform(1, 1000, size=64) / np.abs(frequencies).max()
    turning = np.exp(-1j * np.outer(phases, frequencies))
    values = measures.sum_of_off_diagonals(np.tensordot(turning, amplitudes, axes=1))
    if np.ptp(values) > 1e-9:
        raise ValueError(
            "`rho0` must have a coherence that settles, but here it oscillates for "
            f"ever, between {values.min():.6g} and {values.max():.6g} at the times "
            "tried."
        )
    return float(values.mean())


# --- checks ----------------------------------------------------------------------


def _check_cluster(cluster):
    if not isinstance(cluster, AtomCluster):
        raise TypeError(f"`cluster` must be an AtomCluster, but got {type(cluster).__name__}.")


def _initial(cluster, rho0):
    if rho0 is None:
        return ground_state(cluster.n_atoms)
    return _checks.state(rho0, "rho0", 2**cluster.n_atoms)


def _check_memory(cluster, n_times, route):
    """Refuse what cannot be held, before anything is allocated."""
    n = cluster.n_atoms
    numbers = {
        "closed": 0.0,
        "ladder": n_times * 4.0**n,
        "blocks": n_times * 4.0**n + 60.0 * math.comb(2 * n, n),
        # The Liouvillian holds about 4 n^2 numbers a column.
        "full": n_times * 4.0**n + 4.0**n * 4 * n**2,
    }
    memory = 16 * numbers.get(route, numbers["blocks"])
    if memory > _LARGEST_MEMORY:
        raise ValueError(
            f"`cluster` must be small enough for the route {route!r}, but {n} atoms at {n_times} "
            f"times take {memory / 2**30:.3g} GiB. The coherence of identical atoms from the "
            "ground state has a route to larger N: `ladder`."
        )


def _check_projection_size(cluster):
    n = cluster.n_atoms
    if n > 7:
        # The largest dense matrix acts on one block of the operators, binom(2N, N) of them.
        memory = 8 * math.comb(2 * n, n) ** 2
        raise ValueError(
            f"`cluster` must have at most 7 atoms for the projection, which takes "
            f"{memory / 2**30:.3g} GiB here, but got {n}. Identical atoms from the ground state "
            "have a route to any number: `ladder.long_time_coherence`."
        )
