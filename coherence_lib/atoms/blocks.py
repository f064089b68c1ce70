r"""Any geometry by excitation-number blocks: C(2N, N) numbers instead of 4^N.

Neither emission nor absorption nor hopping creates a coherence between states with
different numbers of excitations. A state without any stays without, and only its
diagonal blocks, of sizes C(N, 0), C(N, 1), .., C(N, N), evolve:

.. math::
    \dot\rho_k = \mathcal K_k\rho_k + \rho_k\mathcal K_k^\dagger
        + (\bar n+1)\sum_c g_c\,J_c\,\rho_{k+1}J_c^\dagger
        + \bar n\sum_c g_c\,J_c^\dagger\rho_{k-1}J_c

with :math:`\mathcal K = -iH_d - \frac12\sum_c g_c[(\bar n+1)J_c^\dagger J_c
+ \bar n\,J_cJ_c^\dagger]` and the decay channels of `AtomCluster.decay_channels`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from coherence_lib import _checks
from coherence_lib._types import Floats, Matrices, Matrix
from coherence_lib.atoms import algebra, extended, real_form, scaled
from coherence_lib.atoms.basis import excitation_numbers, ground_state
from coherence_lib.atoms.routes import Route

if TYPE_CHECKING:
    import scipy.sparse as sp

    from coherence_lib.atoms.cluster import AtomCluster

# Rounding costs some 1e-16 ||L|| t: up to here floats keep their digits, beyond it is `extended`.
FLOATS_UP_TO = 4e4
# Up to this many numbers dense matrices are quicker than repeated sparse products ...
_DENSE_UP_TO = 300
# ... beyond, only from this ||L|| t on ...
_SPARSE_UP_TO = 300.0
# ... and beyond this many never.
_LARGEST_DENSE = 1000
# ||L|| t beyond which sparse products take hours and their rounding shows.
_SPARSE_AT_MOST = 1e6
# Numbers that are held at once where only the coherence is wanted.
_PIECE = 2**22


def fits(rho0: Matrix) -> bool:
    """Whether a state has no coherence between different numbers of excitations."""
    excitations = excitation_numbers(len(rho0).bit_length() - 1)
    return not np.any(rho0[excitations[:, None] != excitations])


def generator(cluster: AtomCluster, nbar: float) -> sp.csr_array:
    """Sparse generator of the blocks, each stacked row by row, in order of k.

    It acts on the real numbers Re rho + Im rho, see the module `real_form`.

    Parameters
    ----------
    cluster : AtomCluster
        The atoms and their couplings.
    nbar : float
        Mean number of thermal photons, >= 0.

    Returns
    -------
    scipy.sparse.csr_array, shape (C(2N, N), C(2N, N))

    Examples
    --------
    >>> from coherence_lib.atoms import AtomCluster
    >>> generator(AtomCluster.collective(4), nbar=1.0).shape
    (70, 70)
    """
    return real_form.generator(cluster, nbar).sparse()


def pieces(
    generator: real_form.Generator, start: Floats, times: Floats, progress: bool = False
) -> Iterator[tuple[slice, Floats]]:
    """The numbers of `real_form` at non-decreasing times, as pairs of a slice and an array."""
    sparse = generator.sparse()
    norm = algebra.one_norm(sparse)
    sparse_to, floats_to = _switches(generator.size, norm, times)
    room = max(1, _PIECE // generator.size)
    begin = 0
    if sparse_to:
        walk = algebra.multiply(sparse, start, times[:sparse_to], progress)
        for k, numbers in enumerate(walk):
            yield slice(k, k + 1), _looked_at(generator, numbers[None], times[k : k + 1])
        begin = sparse_to
    dense = generator.dense() if begin < floats_to else np.empty((0, 0))
    while begin < len(times):
        end = min(begin + room, floats_to if begin < floats_to else len(times))
        here = slice(begin, end)
        if begin < floats_to:
            numbers = algebra.propagate(dense, start, times[here])
        else:
            numbers = extended.propagate(generator, norm, start, times[here], progress)
        yield here, _looked_at(generator, numbers, times[here])
        begin = end


def _switches(size: int, norm: float, times: Floats) -> tuple[int, int]:
    """How many times sparse products answer, and how many floats do at all."""
    with np.errstate(over="ignore"):
        reach = norm * times
    if size <= _DENSE_UP_TO:
        return 0, int(np.searchsorted(reach, FLOATS_UP_TO, "right"))
    if size > _LARGEST_DENSE:
        if reach[-1] > _SPARSE_AT_MOST:
            raise ValueError(
                f"`times` must be <= {_SPARSE_AT_MOST / norm:.3g} with these couplings, of so many "
                f"atoms and so strong, but got {_checks.shown(float(times[-1]))}. Where only the "
                "end is wanted, `steady_state` has it."
            )
        return len(times), len(times)
    ends = (_SPARSE_UP_TO, FLOATS_UP_TO)
    sparse_to, floats_to = (int(np.searchsorted(reach, end, "right")) for end in ends)
    return sparse_to, floats_to


def _looked_at(generator: real_form.Generator, numbers: Floats, times: Floats) -> Floats:
    """The same numbers, if they still are a state's."""
    if not np.any(generator.rows == generator.columns):
        kept = np.all(np.isfinite(numbers), axis=1)
    else:
        trace = numbers[:, generator.rows == generator.columns].sum(axis=1)
        kept = np.abs(trace - 1) <= _checks.STATE_TOLERANCE
    if not np.all(kept):
        worst = float(times[np.argmin(kept)])
        raise ValueError(
            f"`times` must be smaller with these couplings, but at {worst!r} the trace is lost."
        )
    return numbers


# --- the route -------------------------------------------------------------------


def _fits(cluster: AtomCluster, rho0: Matrix | None) -> bool:
    return rho0 is None or fits(rho0)


def _evolve(
    cluster: AtomCluster, rho0: Matrix | None, times: Floats, nbar: float, progress: bool
) -> Matrices:
    rho0 = ground_state(cluster.n_atoms) if rho0 is None else rho0
    states = np.zeros((len(times), *rho0.shape), np.complex128)
    blocks = real_form.generator(cluster, nbar)
    for here, numbers in pieces(blocks, blocks.read(rho0), times, progress):
        blocks.write(numbers, states[here])
    return states


def _coherence(
    cluster: AtomCluster, rho0: Matrix | None, times: Floats, nbar: float, progress: bool
) -> Floats:
    """The blocks are not unfolded, and of many times only some are held at once."""
    rho0 = ground_state(cluster.n_atoms) if rho0 is None else rho0
    result = np.empty(len(times))
    blocks = real_form.generator(cluster, nbar)
    for here, numbers in pieces(blocks, blocks.read(rho0), times, progress):
        result[here] = blocks.coherence(numbers)
    return result


def _numbers(n_atoms: int) -> float:
    # The initial state, and the generator with about 30 numbers in each of C(2N, N) rows.
    return 4.0**n_atoms + 60.0 * math.comb(2 * n_atoms, n_atoms)


def reach(cluster: AtomCluster, nbar: float, time: float) -> float:
    """About ||L|| t."""
    energies, decays = scaled.widths(cluster, nbar, cluster.n_atoms // 2)
    with np.errstate(over="ignore"):
        return 2 * (energies + decays) * time


def _seconds(cluster: AtomCluster, nbar: float, times: Floats) -> float:
    n = cluster.n_atoms
    size, far = float(math.comb(2 * n, n)), reach(cluster, nbar, float(times[-1]))
    doublings = math.log2(2 + far)
    if size > _LARGEST_DENSE or (size > _DENSE_UP_TO and far <= _SPARSE_UP_TO):
        return math.inf if far > _SPARSE_AT_MOST else 2e-9 * size * n**2 * (20 + 6 * far)
    cube = size**3
    extended = 60 * (doublings + 20) / 3e10 if far > FLOATS_UP_TO else 0.0
    return 1e-3 * n + cube * ((20 + doublings) * 1e-10 + extended)


ROUTE = Route(
    name="blocks",
    needs="an initial state without coherence between different numbers of excitations",
    fits=_fits,
    numbers=_numbers,
    evolve=_evolve,
    coherence=_coherence,
    seconds=_seconds,
)
