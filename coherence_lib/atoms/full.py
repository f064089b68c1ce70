"""The whole space of 4^N numbers, by QuTiP: any cluster and any state.

Floating point ends where the norm of the Liouvillian times the time has eaten the digits.
Beyond, elements whose states differ by the same number of excitations are propagated
together in extended precision, since Eq. (I.1) couples no others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from coherence_lib import _checks, measures
from coherence_lib._types import Complexes, Floats, Integers, Matrices, Matrix
from coherence_lib.atoms import algebra, blocks, extended, real_form
from coherence_lib.atoms.basis import ground_state
from coherence_lib.atoms.cluster import dense_liouvillian
from coherence_lib.atoms.routes import Route

if TYPE_CHECKING:
    import qutip

    from coherence_lib.atoms.cluster import AtomCluster

# Dense exponentials are exact and quick up to this size; beyond it QuTiP integrates.
_LARGEST_EXPONENTIAL = 3
# Up to this ||L|| t the errors of QuTiP's steps stay below the promised 1e-8.
_INTEGRATES_UP_TO = 2e4
# Numbers of states that are held at once where only the coherence is wanted.
_PIECE = 2**22
# Tighter than the promised 1e-8, since the errors of the steps add up.
_OPTIONS = {
    "method": "vern9",
    "atol": 1e-14,
    "rtol": 1e-11,
    "nsteps": 10**7,
    "progress_bar": "",
    "matrix_form": True,
}


def _evolve(
    cluster: AtomCluster, rho0: Matrix | None, times: Floats, nbar: float, progress: bool
) -> Matrices:
    rho0 = ground_state(cluster.n_atoms) if rho0 is None else rho0
    early = _early(cluster, times, nbar)
    states = np.zeros((len(times), *rho0.shape), np.complex128)
    if cluster.n_atoms <= _LARGEST_EXPONENTIAL:
        states[:early] = _exponentials(cluster, rho0, times[:early], nbar)
    elif early:
        result = _integrated(cluster, rho0, times[:early], nbar, progress, [])
        found = np.array([state.full() for state in result.states])
        states[:early] = found[_where(times[:early])]
    states = 0.5 * (states + states.conj().swapaxes(1, 2))
    if early < len(times):
        _late(cluster, rho0, times[early:], nbar, states[early:], progress)
    _look_at(np.trace(states, axis1=1, axis2=2), times)
    return states


def _coherence(
    cluster: AtomCluster, rho0: Matrix | None, times: Floats, nbar: float, progress: bool
) -> Floats:
    """Of many states only one is held where QuTiP integrates."""
    rho0 = ground_state(cluster.n_atoms) if rho0 is None else rho0
    small = cluster.n_atoms <= _LARGEST_EXPONENTIAL
    early = 0 if small else _early(cluster, times, nbar)
    if not early:
        return _coherence_in_pieces(cluster, rho0, times, nbar, progress)
    wanted = [lambda t, rho: measures.sum_of_off_diagonals(rho.full()), lambda t, rho: rho.tr()]
    result = _integrated(cluster, rho0, times[:early], nbar, progress, wanted)
    where = _where(times[:early])
    _look_at(np.asarray(result.expect[1])[where], times)
    found = np.asarray(result.expect[0]).real[where]
    if early < len(times):
        late = _coherence_in_pieces(cluster, rho0, times[early:], nbar, progress)
        found = np.concatenate([found, late])
    return found


def _coherence_in_pieces(
    cluster: AtomCluster, rho0: Matrix, times: Floats, nbar: float, progress: bool
) -> Floats:
    """Of the states only a bounded number is held at once."""
    room = max(1, _PIECE // 4**cluster.n_atoms)
    parts = [times[begin : begin + room] for begin in range(0, len(times), room)]
    states = (_evolve(cluster, rho0, part, nbar, progress) for part in parts)
    return np.concatenate([measures.sum_of_off_diagonals(some) for some in states])


def _early(cluster: AtomCluster, times: Floats, nbar: float) -> int:
    """How many of the times floating point answers."""
    small = cluster.n_atoms <= _LARGEST_EXPONENTIAL
    most = blocks.FLOATS_UP_TO if small else _INTEGRATES_UP_TO
    with np.errstate(over="ignore"):
        # A bound of the norm, by all couplings at once, tells of most questions.
        bound = np.abs(cluster.f).sum() + 2 * (2 * nbar + 1) * np.abs(cluster.gamma).sum()
        if bound * times[-1] <= most:
            return len(times)
        norm = algebra.one_norm(real_form.generator(cluster, nbar).sparse())
        return int(np.searchsorted(norm * times, most, "right"))


def _exponentials(cluster: AtomCluster, rho0: Matrix, times: Floats, nbar: float) -> Complexes:
    """By the real numbers M of `real_form`, on which L = A + iB acts as M -> A M + B M^T."""
    matrix = dense_liouvillian(cluster, nbar)
    d = len(rho0)
    # The transpose of M swaps the two numbers of an element.
    turned = np.arange(d * d).reshape(d, d).ravel(order="F")
    real = matrix.real + matrix.imag[:, turned]
    start = (rho0.real + rho0.imag).ravel(order="F")
    numbers = algebra.propagate(real, start, times).reshape(len(times), d, d).swapaxes(1, 2)
    transposed = numbers.swapaxes(1, 2)
    return 0.5 * (numbers + transposed) + 0.5j * (numbers - transposed)


def _start(times: Floats) -> Floats:
    """The distinct times, with the zero at which QuTiP takes the initial state."""
    return np.unique(np.concatenate([[0.0], times]))


def _where(times: Floats) -> Integers:
    """For each time its place in QuTiP's list."""
    return np.searchsorted(_start(times), times)


def _integrated(
    cluster: AtomCluster,
    rho0: Matrix,
    times: Floats,
    nbar: float,
    progress: bool,
    e_ops: Sequence[Callable[[float, qutip.Qobj], complex]],
) -> qutip.Result:
    import qutip

    dims = [[2] * cluster.n_atoms] * 2
    options = {**_OPTIONS, "store_states": not e_ops}
    if progress:
        options["progress_bar"] = "tqdm"
    return qutip.mesolve(
        cluster.hamiltonian(),
        qutip.Qobj(rho0, dims=dims),
        _start(times),
        cluster.jump_operators(nbar),
        e_ops=e_ops,
        options=options,
    )


def _late(
    cluster: AtomCluster,
    rho0: Matrix,
    times: Floats,
    nbar: float,
    states: Complexes,
    progress: bool,
) -> None:
    """Fill in `states` at late times, order by order of coherence."""
    for order in range(cluster.n_atoms + 1):
        part = real_form.generator(cluster, nbar, order)
        start = part.read(rho0)
        if np.any(start):
            norm = algebra.one_norm(part.sparse())
            part.write(extended.propagate(part, norm, start, times, progress), states)


def _look_at(traces: Complexes, times: Floats) -> None:
    """Refuse states that are none any more."""
    lost = ~(np.abs(traces - 1) <= _checks.STATE_TOLERANCE)
    if np.any(lost):
        raise ValueError(
            "`times` must be smaller with these couplings, but at "
            f"{float(times[np.argmax(lost)])!r} the trace is lost."
        )


def _seconds(cluster: AtomCluster, nbar: float, times: Floats) -> float:
    n = cluster.n_atoms
    evaluations = 30 + 3 * blocks.reach(cluster, nbar, float(times[-1]))
    # An evaluation passes over the state with each jump operator.
    return 0.02 + 1e-8 * n**2 * 4.0**n * evaluations


ROUTE = Route(
    name="full",
    needs="nothing, and takes the whole space",
    fits=lambda cluster, rho0: True,
    # The Liouvillian holds about 4 n^2 numbers a column.
    numbers=lambda n_atoms: 4.0**n_atoms * (1 + 4 * n_atoms**2),
    evolve=_evolve,
    coherence=_coherence,
    seconds=_seconds,
)
