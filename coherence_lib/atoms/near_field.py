r"""Real geometry in the near field: what turns fast follows what turns slowly.

Close atoms exchange excitations at :math:`f\sim\gamma_0/(k_0r)^3`, far quicker than they decay. In
the eigenbasis of the hopping, block by block, an element turns at a difference of energies,

.. math:: \dot X_{ab} = -i(E_a - E_b)X_{ab} + S(X)_{ab}

with the dissipator S, which is real and symmetric once the blocks are scaled. Populations, and the
few coherences of nearly equal energies, are kept: y. All other elements follow them. The lift T
of what is kept to what follows solves :math:`\mathcal L(1+T) = (1+T)B`, by two orders of

.. math:: i(\omega_q-\omega_k)T_{qk} = [S_{QK} + S_{QQ}T - T(S_{KK}+S_{KQ}T)]_{qk}.

It is found for the directions only that y(t) takes, a dozen or two. A start that does not lie on
this manifold is off it by coherences of first order, which turn freely: those few that carry it,
and what is in resonance with them, are a small exponential of their own.

Nothing bounds the error of such an expansion. Two of them, of different orders or with different
elements kept, are compared at times among those that are asked for: where they differ by more than
what is promised, the route gives way to an exact one.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from coherence_lib._types import Bools, Complexes, Floats, Integers, Matrices, Matrix
from coherence_lib.atoms import algebra, blocks, krylov, scaled
from coherence_lib.atoms.basis import ground_state
from coherence_lib.atoms.cluster import AtomCluster
from coherence_lib.atoms.routes import Route

if TYPE_CHECKING:
    import scipy.sparse as sp

# Promised error, of the largest coherence at the times that are asked for.
PROMISE = 1e-6
# Directions of y(t) that are shorter than this are not lifted: lifts are small themselves.
_DIRECTION = 1e-8
# A lift by more than this is no small correction.
_RESONANT = 0.1
# Free coherences that a small exponential holds at the most.
_MOST_FREE = 400
# Elements that are left out.
_NEGLIGIBLE = 1e-13
# Not zero, and next to nothing.
_TINY = float(np.finfo(float).tiny)
# So few numbers need no expansion, up to this ||L|| t: floats lose 1e-16 of it.
_WHOLE_UP_TO, _WHOLE_REACH = 300, 1e9
# At so many of the times two expansions are compared.
_COMPARED = 17
# The hopping's energies spread so many times wider than the fastest decay: where the expansion
# is tried at all, and where it was seen to be trusted.
_NEAR, _SURELY_NEAR = 60.0, 400.0
# A difference by so many promises is not mended by the next expansion.
_HOPELESS = 100.0
# Numbers that are held at once.
_PIECE = 2**21


@dataclass(frozen=True)
class Depth:
    """How far an expansion goes.

    Attributes
    ----------
    pairs : int
        Pairs of levels that are kept, for each atom.
    order : int
        Order of the lift.
    weakest, resonance : float
        What is left out of the free coherences, relative to the strongest: in the start, and
        by resonance with another.
    agreement : float
        What part of the promise it may differ by from the expansion before it.
    """

    pairs: int
    order: int
    weakest: float
    resonance: float
    agreement: float


# Errors may be common to two depths: in lines and clouds of four and five atoms an expansion
# erred by up to five times what it changed. The bounds were set by these: of 108 that they let
# pass none erred by more than half of the promise. This is no proof.
DEPTHS = (
    Depth(2, 1, 1e-2, 1e-2, 0.0),
    Depth(2, 2, 1e-3, 1e-3, 1.0),
    Depth(4, 2, 1e-4, 1e-4, 0.25),
)


@dataclass(frozen=True)
class Frame:
    """The blocks in the eigenbasis of the hopping: elements as complex numbers, row by row."""

    cluster: AtomCluster
    nbar: float
    layout: scaled.Layout

    @cached_property
    def _matrices(self) -> list[tuple[Floats, Floats]]:
        return [scaled.matrices(self.cluster, self.nbar, k) for k in range(self.layout.n_atoms + 1)]

    @cached_property
    def _levels(self) -> list[tuple[Floats, Floats]]:
        return [np.linalg.eigh(hopping) for hopping, _ in self._matrices]

    @cached_property
    def _dissipator(self) -> sp.csr_array:
        still = AtomCluster(np.zeros_like(self.cluster.f), self.cluster.gamma)
        matrix = scaled.assembled(still, self.nbar, self.layout)
        matrix.eliminate_zeros()
        return matrix

    @cached_property
    def omega(self) -> Floats:
        """E_a - E_b of each element."""
        return np.concatenate([np.subtract.outer(e, e).ravel() for e, _ in self._levels])

    @cached_property
    def mirror(self) -> Integers:
        """Where the transpose of each element stands."""
        places = zip(self.layout.sizes, self.layout.offsets, strict=False)
        return np.concatenate(
            [begin + np.arange(d * d).reshape(d, d).T.ravel() for d, begin in places]
        )

    @cached_property
    def populations(self) -> Integers:
        """Where the populations stand."""
        places = zip(self.layout.sizes, self.layout.offsets, strict=False)
        return np.concatenate([begin + np.arange(d) * (d + 1) for d, begin in places])

    @cached_property
    def upper(self) -> Bools:
        """Which elements are above the diagonal."""
        return np.arange(self.layout.size) < self.mirror

    def turned(self, numbers: Floats, back: bool = False) -> Floats:
        """Real numbers, shape (m, size), from the atoms' basis to the eigenbasis, or back."""
        result = np.empty_like(numbers)
        parts = zip(
            self.layout.blocks(numbers), self.layout.blocks(result), self._levels, strict=True
        )
        for block, target, (_, vectors) in parts:
            u = vectors.T if back else vectors
            np.matmul(u.T @ block, u, out=target)
        return result

    def dissipated(self, numbers: Floats, transposed: bool = False) -> Floats:
        """S of real elements, shape (m, size), or its transpose."""
        matrix = self._dissipator.T if transposed else self._dissipator
        there = self.turned(numbers, back=True)
        return self.turned(np.ascontiguousarray((matrix @ there.T).T))

    def hermitian(self, elements: Complexes) -> Complexes:
        """S of Hermitian matrices: real and imaginary parts share one product."""
        return self.unfolded(self.dissipated(elements.real + elements.imag))

    def unfolded(self, numbers: Floats) -> Complexes:
        """The Hermitian matrices of the real numbers Re X + Im X."""
        other = numbers[:, self.mirror]
        elements = np.empty(numbers.shape, np.complex128)
        elements.real, elements.imag = 0.5 * (numbers + other), 0.5 * (numbers - other)
        return elements

    @cached_property
    def _losses(self) -> list[Floats]:
        parts = zip(self._matrices, self._levels, strict=True)
        return [np.sum(u * (decay @ u), axis=0) for (_, decay), (_, u) in parts]

    @cached_property
    def damping(self) -> Floats:
        """S of each element on itself."""
        return np.concatenate([np.add.outer(loss, loss).ravel() for loss in self._losses])

    @cached_property
    def rates(self) -> Floats:
        """S between the populations."""
        matrix = np.diag(2 * np.concatenate(self._losses))
        ends = np.cumsum(self.layout.sizes)
        for k in self.layout.lower:
            lower, upper = self._levels[k][1], self._levels[k + 1][1]
            jumped = np.sum((lower.T @ scaled.channels(self.cluster, k) @ upper) ** 2, axis=0)
            here, above = slice(ends[k] - len(lower), ends[k]), slice(ends[k], ends[k + 1])
            matrix[here, above] = (self.nbar + 1) * self.layout.scale * jumped
            matrix[above, here] = self.nbar / self.layout.scale * jumped.T
        return matrix

    def adjoint(self, elements: Complexes) -> Complexes:
        """Conjugate transposes."""
        return elements[..., self.mirror].conj()


class Slow:
    """What is kept and what follows it, from a start at all times.

    Kept are the populations, and real and imaginary parts of pairs of nearly equal levels.

    Parameters
    ----------
    frame : Frame
    start : ndarray, shape (size,)
        Hermitian elements in the eigenbasis.
    times : ndarray, shape (T,)
    depth : Depth
    """

    def __init__(self, frame: Frame, start: Complexes, times: Floats, depth: Depth) -> None:
        self._frame, self._times, self._order = frame, times, depth.order
        self._pairs = _nearly_equal(frame, depth.pairs * frame.layout.n_atoms)
        self._count = len(frame.populations)
        self.outside = np.ones(frame.layout.size, bool)
        for inside in (frame.populations, self._pairs, frame.mirror[self._pairs]):
            self.outside[inside] = False
        fed, direct = self._direct()
        kept = self.read(start[None])[0]
        # From zero, for what a start is off the manifold.
        first = algebra.propagate(direct, kept, np.concatenate([[0.0], times]))
        _, lengths, rows = np.linalg.svd(first[:, : self._count], full_matrices=False)
        self._directions = rows[lengths > _DIRECTION * lengths[0]]
        self._lift, change = self._followed(fed)
        self._matrix = direct + change
        self.fits = algebra.one_norm(self._matrix) * float(times[-1]) <= _WHOLE_REACH

    def read(self, elements: Complexes) -> Floats:
        """What is kept of Hermitian elements, shape (m, kept)."""
        pairs = elements[:, self._pairs]
        populations = elements[:, self._frame.populations].real
        return np.concatenate([populations, pairs.real, pairs.imag], axis=1)

    def written(self, kept: Floats) -> Complexes:
        """Hermitian elements of what is kept."""
        frame, n = self._frame, len(self._pairs)
        elements = np.zeros((len(kept), frame.layout.size), np.complex128)
        elements[:, frame.populations] = kept[:, : self._count]
        pairs = kept[:, self._count : self._count + n] + 1j * kept[:, self._count + n :]
        elements[:, self._pairs], elements[:, frame.mirror[self._pairs]] = pairs, pairs.conj()
        return elements

    def follow(self, kept: Floats) -> Complexes:
        """All elements that what is kept brings with it."""
        along = kept[:, : self._count] @ self._directions.T
        return self.written(kept) + np.hstack([along, kept[:, self._count :]]) @ self._lift

    def propagated(self, kept: Floats) -> Floats:
        """What is kept at all times, shape (T, kept)."""
        return algebra.propagate(self._matrix, kept, self._times)

    def _direct(self) -> tuple[Complexes, Floats]:
        """What S makes of the pairs' parts, and the generator of what is kept alone."""
        frame, count, n = self._frame, self._count, len(self._pairs)
        size = count + 2 * n
        fed = frame.hermitian(self.written(np.eye(size)[count:]))
        matrix = np.zeros((size, size))
        matrix[:count, :count] = frame.rates
        matrix[:, count:] = self.read(fed).T
        real, imaginary = np.arange(count, count + n), np.arange(count + n, size)
        halves = 0.5 * self.written(np.eye(size)[real]).real
        matrix[real, :count] = frame.dissipated(halves, transposed=True)[:, frame.populations]
        omega = frame.omega[self._pairs]
        matrix[real, imaginary] += omega
        matrix[imaginary, real] -= omega
        return fed, matrix

    def _followed(self, by_pairs: Complexes) -> tuple[Complexes, Floats]:
        """The lift of the directions and of the pairs, to second order, and what it changes."""
        frame, count = self._frame, self._count
        single = np.zeros((len(self._directions), count + 2 * len(self._pairs)))
        single[:, :count] = self._directions
        fed = np.concatenate([frame.hermitian(self.written(single)), by_pairs])
        lift = self._divided(fed)
        for _ in range(self._order - 1):
            again = frame.hermitian(lift)
            drift = self.read(fed) + self.read(again)
            along = drift[:, :count] @ self._directions.T
            followed = np.hstack([along, drift[:, count:]]) @ lift
            # Beside the directions the first order suffices.
            beside = np.zeros_like(drift)
            beside[:, :count] = drift[:, :count] - along @ self._directions
            followed += self._over(frame.hermitian(self.written(beside)))
            lift = self._divided(fed + again - followed)
        columns = self.read(frame.hermitian(lift)).T
        by_populations = columns[:, : len(single)] @ self._directions
        return lift, np.hstack([by_populations, columns[:, len(single) :]])

    def _over(self, sources: Complexes) -> Complexes:
        """What follows a source that does not turn."""
        followed = np.zeros_like(sources)
        there = self.outside
        followed[:, there] = sources[:, there] / (1j * self._frame.omega[there])
        return followed

    def _divided(self, sources: Complexes) -> Complexes:
        """What follows, where the last rows are of the pairs' two parts and turn with them."""
        frame, n = self._frame, len(self._pairs)
        single = len(sources) - 2 * n
        real, imaginary = sources[single : single + n], sources[single + n :]
        turning = np.zeros_like(real)
        distance = frame.omega[self.outside] - frame.omega[self._pairs, None]
        turning[:, self.outside] = (0.5 * (real - 1j * imaginary))[:, self.outside] / (
            1j * distance
        )
        other = frame.adjoint(turning)
        return np.concatenate(
            [self._over(sources[:single]), turning + other, 1j * (turning - other)]
        )


def _nearly_equal(frame: Frame, wanted: int) -> Integers:
    """Pairs of levels with the least differences, up to the widest step between these."""
    upper = np.flatnonzero(frame.upper)
    gaps = np.abs(frame.omega[upper])
    order = np.argsort(gaps)
    fewest, most = wanted // 2, min(wanted + wanted // 2, len(order) - 1)
    if fewest >= most:
        return upper[order[:wanted]]
    around = gaps[order[fewest : most + 1]]
    widest = int(np.argmax(around[1:] / np.maximum(around[:-1], _TINY)))
    return upper[order[: fewest + widest + 1]]


class Free:
    """Elements off the manifold, which turn by themselves.

    Parameters
    ----------
    frame : Frame
    off : ndarray, shape (size,)
        What a start is off the manifold: Hermitian elements.
    outside : ndarray of bool, shape (size,)
        The elements that are not kept.
    times : ndarray, shape (T,)
    depth : Depth
    """

    def __init__(
        self, frame: Frame, off: Complexes, outside: Bools, times: Floats, depth: Depth
    ) -> None:
        self._frame, self._times = frame, times
        start: Complexes = np.where(frame.upper, off, 0)
        fed = self._chosen(np.abs(start), outside, depth)
        self.fits = len(self._places) <= _MOST_FREE
        if not self.fits:
            return
        self._lift = self._followed(fed.astype(np.complex128))
        for _ in range(depth.order - 1):
            drift = self._fed_again(fed)
            drifting = drift[:, self._places] @ self._lift
            self._lift = self._followed(drift - drifting)
        matrix: Complexes = self._fed_again(fed)[:, self._places].T
        matrix[np.diag_indices_from(matrix)] -= 1j * frame.omega[self._places]
        inside: Complexes = start[self._places]
        self._strong = algebra.propagate(matrix, inside, times)
        self.kept = inside @ self._lift
        rest = start - self.kept
        rest[self._places] = 0
        self._weak = np.flatnonzero(outside & (np.abs(rest) > _NEGLIGIBLE))
        self._rest = rest[self._weak]

    def _chosen(self, sizes: Floats, outside: Bools, depth: Depth) -> Floats:
        """Choose the elements that start large, then those in resonance with any; S of them."""
        frame, strongest = self._frame, sizes.max()
        self._places = np.flatnonzero(sizes > depth.weakest * strongest)
        fed = self._fed(self._places)
        while len(self._places) <= _MOST_FREE:
            apart = np.abs(frame.omega - frame.omega[self._places, None]) + np.abs(frame.damping)
            reached = np.abs(fed) * sizes[self._places, None] / np.maximum(apart, _TINY)
            largest = np.where(outside, reached.max(axis=0, initial=0.0), 0.0)
            # None outgrows what it comes from: those that are chosen already may grow too.
            sizes = np.maximum(sizes, np.minimum(largest, strongest))
            strong = largest > depth.resonance * strongest
            new = np.setdiff1d(np.flatnonzero(strong), self._places)
            if len(new) == 0:
                break
            self._places = np.concatenate([self._places, new])
            fed = np.concatenate([fed, self._fed(new)])
        return fed

    def _fed(self, places: Integers) -> Floats:
        units = np.zeros((len(places), self._frame.layout.size))
        units[np.arange(len(places)), places] = 1
        return self._frame.dissipated(units)

    def _fed_again(self, fed: Floats) -> Complexes:
        lift, frame = self._lift, self._frame
        return fed + frame.dissipated(lift.real) + 1j * frame.dissipated(lift.imag)

    def _followed(self, fed: Complexes) -> Complexes:
        omega = self._frame.omega
        with np.errstate(divide="ignore", invalid="ignore"):
            lift = fed / (1j * (omega - omega[self._places, None]))
            lift[~(np.abs(lift) < _RESONANT)] = 0
        lift[:, self._places] = 0
        return lift

    def at(self, here: slice | Integers) -> Complexes:
        """Hermitian elements at some of the times, shape (t, size)."""
        strong = self._strong[here]
        elements = strong @ self._lift
        elements[:, self._places] = strong
        rates = self._frame.damping[self._weak] - 1j * self._frame.omega[self._weak]
        elements[:, self._weak] += np.exp(self._times[here][:, None] * rates) * self._rest
        return elements + self._frame.adjoint(elements)


class Expansion:
    """The numbers of a start at all times, with so much kept.

    Parameters
    ----------
    frame : Frame
    start : ndarray, shape (size,)
        Hermitian elements in the eigenbasis.
    times : ndarray, shape (T,)
    depth : Depth
    """

    def __init__(self, frame: Frame, start: Complexes, times: Floats, depth: Depth) -> None:
        self._frame = frame
        self._slow = Slow(frame, start, times, depth)
        kept = self._slow.read(start[None])
        off = np.where(self._slow.outside, start - self._slow.follow(kept)[0], 0)
        self._free = Free(frame, off, self._slow.outside, times, depth)
        self.fits = self._slow.fits and self._free.fits
        if self.fits:
            brought = self._free.kept
            brought = brought + frame.adjoint(brought)
            self._kept = self._slow.propagated((kept - self._slow.read(brought[None]))[0])

    def at(self, here: slice | Integers) -> Floats:
        """Numbers of the layout at some of the times, shape (t, size)."""
        elements = self._slow.follow(self._kept[here]) + self._free.at(here)
        return self._frame.turned(elements.real + elements.imag, back=True)


# --- the route -------------------------------------------------------------------


def nearness(cluster: AtomCluster, nbar: float) -> float:
    """How many times wider the hopping's energies spread than a block decays at the most.

    Examples
    --------
    >>> from coherence_lib.atoms import AtomCluster
    >>> positions = np.arange(4)[:, None] * [1.0, 0.0, 0.0]
    >>> far, near = (AtomCluster.from_positions(d * positions, [0, 0, 1]) for d in (0.5, 0.02))
    >>> nearness(far, nbar=1.0) < 1 < 1000 < nearness(near, nbar=1.0)
    True
    """
    energies, decays = scaled.widths(cluster, nbar, cluster.n_atoms // 2)
    return energies / max(decays, _TINY)


class NotNearError(Exception):
    """Two expansions differ by more than what is promised."""


def trusted(frame: Frame, start: Complexes, times: Floats) -> Expansion:
    """The first expansion that agrees with the one before it, at some of the times."""
    if nearness(frame.cluster, frame.nbar) < _NEAR:
        raise NotNearError
    last = len(times) - 1
    # What is free dies out early: there the times are close.
    grids = np.linspace(0, last, _COMPARED), np.geomspace(1, last + 1, _COMPARED) - 1
    asked = np.unique(np.concatenate(grids).round().astype(int))
    before: Floats | None = None
    for depth in DEPTHS:
        found = Expansion(frame, start, times, depth)
        if not found.fits:
            break
        numbers = found.at(asked)
        if before is not None:
            apart = _apart(frame.layout, before, numbers)
            if apart <= depth.agreement * PROMISE:
                return found
            if not apart <= _HOPELESS * PROMISE:
                break
        before = numbers
    raise NotNearError


def _apart(layout: scaled.Layout, one: Floats, other: Floats) -> float:
    """How far two answers differ: in their states, and in the coherence beside the largest."""
    coherence = layout.coherence(other)
    change = np.abs(layout.coherence(one) - coherence).max()
    parts = zip(layout.blocks(one - other), layout.factors, strict=True)
    moved = max(float(factor * np.abs(block).max()) for block, factor in parts)
    # Rounding alone, where nothing is coherent.
    return max(float(change / max(coherence.max(), _TINY)) if change > 1e-14 else 0.0, moved)


def _answers(
    cluster: AtomCluster, rho0: Matrix | None, times: Floats, nbar: float
) -> tuple[scaled.Layout, Iterator[tuple[slice, Floats]]]:
    """The layout, and pairs of a slice of the times and numbers."""
    layout = krylov.layout(cluster, nbar, rho0)
    early = int(np.searchsorted(times, krylov.relaxed_after(cluster, nbar), "right"))
    room = max(1, _PIECE // layout.size)
    if layout.size <= _WHOLE_UP_TO:
        if blocks.reach(cluster, nbar, float(times[-1])) > _WHOLE_REACH:
            raise NotNearError
        return layout, krylov.whole(
            scaled.assembled(cluster, nbar, layout), layout.read(rho0), times
        )
    expansion: Expansion | None = None
    if early:
        frame = Frame(cluster, nbar, layout)
        start = frame.unfolded(frame.turned(layout.read(rho0)[None]))[0]
        expansion = trusted(frame, start, times[:early])

    def walk() -> Iterator[tuple[slice, Floats]]:
        for begin in range(0, early, room):
            here = slice(begin, min(begin + room, early))
            # There is one wherever there are early times.
            if expansion is not None:  # pragma: no branch
                yield here, expansion.at(here)
        for begin in range(early, len(times), room):
            here = slice(begin, min(begin + room, len(times)))
            yield here, np.repeat(layout.thermal(nbar)[None], here.stop - begin, axis=0)

    return layout, walk()


def exact(cluster: AtomCluster, nbar: float, times: Floats) -> Route:
    """The quickest route without an expansion."""
    others = (blocks.ROUTE, krylov.ROUTE)
    return min(others, key=lambda route: route.seconds(cluster, nbar, times))


def _evolve(
    cluster: AtomCluster, rho0: Matrix | None, times: Floats, nbar: float, progress: bool
) -> Matrices:
    try:
        layout, walk = _answers(cluster, rho0, times, nbar)
    except NotNearError:
        start = ground_state(cluster.n_atoms) if rho0 is None else rho0
        return exact(cluster, nbar, times).evolve(cluster, start, times, nbar, progress)
    d = 2**cluster.n_atoms
    states = np.zeros((len(times), d, d), np.complex128)
    for here, numbers in walk:
        layout.write(numbers, states[here])
    return states


def _coherence(
    cluster: AtomCluster, rho0: Matrix | None, times: Floats, nbar: float, progress: bool
) -> Floats:
    try:
        layout, walk = _answers(cluster, rho0, times, nbar)
    except NotNearError:
        return exact(cluster, nbar, times).coherence(cluster, rho0, times, nbar, progress)
    result = np.empty(len(times))
    for here, numbers in walk:
        result[here] = layout.coherence(numbers)
    return result


def _fits(cluster: AtomCluster, rho0: Matrix | None) -> bool:
    return rho0 is None or blocks.fits(rho0)


def _numbers(n_atoms: int) -> float:
    size = float(math.comb(2 * n_atoms, n_atoms))
    # Five arrays with a row for each free element, the dissipator, and pieces of answers.
    return size * (2000.0 + 1.5 * n_atoms**2) + 6.0 * max(_PIECE, size)


def _seconds(cluster: AtomCluster, nbar: float, times: Floats) -> float:
    size = float(math.comb(2 * cluster.n_atoms, cluster.n_atoms))
    if size <= _WHOLE_UP_TO:
        far = blocks.reach(cluster, nbar, float(times[-1]))
        if far <= _WHOLE_REACH:
            return 3e-3 + 2e-9 * size**3
        return exact(cluster, nbar, times).seconds(cluster, nbar, times)
    near = nearness(cluster, nbar)
    own = 0.02 + size * (4e-5 + 1e-7 * len(times)) if near >= _NEAR else 0.0
    if near >= _SURELY_NEAR:
        return own
    return own + exact(cluster, nbar, times).seconds(cluster, nbar, times)


ROUTE = Route(
    name="near_field",
    needs="an initial state without coherence between different numbers of excitations, "
    "and errs by up to 1e-6 of the largest coherence",
    fits=_fits,
    numbers=_numbers,
    evolve=_evolve,
    coherence=_coherence,
    seconds=_seconds,
    promise=PROMISE,
)
