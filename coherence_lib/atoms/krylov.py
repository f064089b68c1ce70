r"""Real geometry by Krylov spaces of the scaled blocks, each answer with a bound of its error.

From a state x the numbers at all later times are

.. math:: x(t) = x + \int_0^t e^{Ls} Lx\,ds \approx x + V y(t), \qquad \dot y = By + \beta e_1

with products of L that are made orthogonal to the last few before them only: whatever the angles,
:math:`LV = VB + h\,v_{m+1}e_m^T` holds, and what is left out obeys the same equation with the
source :math:`h\,y_m(t)\,v_{m+1}`. No evolution of Eq. (I.1) lets the trace norm of anything grow,
so that

.. math:: \|\delta\rho(t)\|_1 \le h\,\|v_{m+1}\|_1\int_0^t |y_m(s)|\,ds

and the coherence errs by the size of the largest block times that. The space grows until this is
small enough; where it may not grow further, the time is walked in steps. The increment starts
from Lx and not from x: what few photons bring about keeps its relative digits.

Where gamma has a lowest eigenvalue above zero, late times need no walk. Take it from each atom as
a bath of its own: what is left of the dissipator still has no positive eigenvalue, and the hopping
changes no length, so that in the scaled numbers

.. math:: \|x(t) - x_{th}\| \le e^{-\gamma_{min}(2\bar n+1)t}\,\|x(0) - x_{th}\|

for any hopping. Once this is below the promise, the answer is the product of thermal atoms.
Mostly a walk meets it long before, hopping mixes the channels, and this is seen: no distance of
two states grows in the trace norm, so that one which is below the promise stays so for ever.

Of six atoms and fewer all numbers together are the space where the hopping asks for more products:
a contraction keeps its digits when it is squared, some 1e-16 times the hopping's phase.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from coherence_lib import _checks
from coherence_lib._progress import steps_of
from coherence_lib._types import Bools, Floats, Matrices, Matrix
from coherence_lib.atoms import algebra, blocks, scaled
from coherence_lib.atoms.routes import Route

if TYPE_CHECKING:
    import scipy.sparse as sp

    from coherence_lib.atoms.cluster import AtomCluster

# Allowed error of the coherence by what is left out, and of what a short time brings about.
TOLERANCE = 1e-9
# New vectors are made orthogonal to so many before them, of few numbers to more or even all.
_WINDOW, _IN_WINDOW, _TO_ALL_UP_TO = 12, 30_000, 300
# Largest space that reaches the end at once: its own exponential must not take longer than it.
_MOST, _SMALLEST, _ROWS_FOR_ONE_MORE = 400, 200, 20
# The space of a step where the end is not reached at once, ...
_IN_STEPS = 100
# ... and how many numbers a space may hold, but for the largest clusters.
_HELD, _AT_LEAST = 2**26, 36
# Numbers that are held at once where only the coherence is wanted.
_PIECE = 2**22
# What is this much shorter than the longest product is a rounding of zero.
_ROUNDING = 1e-14
# Roundings of the eigenvalues of gamma, for a largest of one.
_UNCERTAIN = 1e-13
# Coefficients whose sum exceeds the length of what they make by this much have lost digits.
_CANCELLED = 1e4
# Scaled numbers of a start may exceed unity by this much.
_LARGEST_START = 100.0
# So many numbers may all be the space, up to this ||L|| t, at this many operations a second.
_WHOLE_UP_TO, _WHOLE_REACH, _SPEED = 1000, 1e7, 3e10
# Seconds of what does not depend on the size.
_OVERHEAD = 5e-3
# In units of the fastest single decay: over so long a time the allowed error is spread at least,
# and by then a walk has mostly met the thermal state, of many photons.
_SPREAD, _MET = 30.0, 100.0
# Halvings of the time in which a step is looked for.
_HALVINGS = 60


def layout(cluster: AtomCluster, nbar: float, rho0: Matrix | None) -> scaled.Layout:
    """Blocks scaled by detailed balance, or by less where a start would grow large."""
    ratio, n = math.sqrt(nbar / (nbar + 1)), cluster.n_atoms
    if rho0 is not None:
        unscaled = scaled.Layout(n, 1.0)
        start = unscaled.read(rho0)
        highest = max(k for k, block in enumerate(unscaled.blocks(start)) if np.any(block))
        if highest:
            ratio = max(ratio, _LARGEST_START ** (-1.0 / highest))
    return scaled.Layout(n, ratio or 1.0)


def relaxed_after(cluster: AtomCluster, nbar: float) -> float:
    """A time from which on any start is the thermal state, to within what is promised.

    Infinite without photons, and where a channel does not decay.

    Examples
    --------
    >>> from coherence_lib.atoms import AtomCluster
    >>> relaxed_after(AtomCluster.collective(2), nbar=1.0)
    inf
    >>> relaxed_after(AtomCluster([[0, 0], [0, 0]], [[1, 0], [0, 1]]), nbar=1.0) < 10
    True
    """
    levels = np.linalg.eigvalsh(cluster.gamma)
    slowest = float(levels[0]) - _UNCERTAIN * float(levels[-1])
    if nbar == 0 or slowest <= 0:
        return math.inf
    # No state is longer than (nbar/(nbar+1))^(-N/2) when scaled, and its coherence exceeds its
    # length by less than 2^N.
    longest = 0.5 * cluster.n_atoms * math.log(4 * (1 + 1 / nbar))
    return (longest - math.log(TOLERANCE * min(1.0, nbar))) / (slowest * (2 * nbar + 1))


def met_by(nbar: float) -> float:
    """When a walk is about to meet the thermal state, for a fastest single decay of one.

    Seen in random clouds. More photons do not make it quicker, since they hold up the hopping
    that mixes the channels; without photons there is no such time.
    """
    return _MET * (1 + 1 / nbar) if nbar > 1e-300 else math.inf


@dataclass(frozen=True)
class End:
    """Where a walk ends.

    Attributes
    ----------
    numbers : ndarray, shape (size,)
        A state that stays.
    by : float
        When it is likely to be met.
    late : callable
        What is called, once, with the time, where it is not met by then.
    """

    numbers: Floats
    by: float
    late: Callable[[float], None]


def expected(cluster: AtomCluster, nbar: float, time: float) -> float:
    """About how many products of the generator an evolution takes.

    As many as phases turn by the widest spread of the hopping's energies, and the root of what
    decays: seen in random clouds, in the far field and in the near.
    """
    n = cluster.n_atoms
    energies, decays = scaled.widths(cluster, nbar, n // 2)
    turned, decayed = energies * time, decays * time
    return 2 + 0.81 * turned + 2.5 * math.sqrt(turned) + 4.6 * math.sqrt(decayed)


def pieces(
    product: scaled.Product,
    layout: scaled.Layout,
    start: Floats,
    times: Floats,
    hint: float = 20.0,
    progress: bool = False,
    goal: End | None = None,
) -> Iterator[tuple[slice, Floats]]:
    """Scaled numbers at non-decreasing times, as pairs of a slice and an array.

    Parameters
    ----------
    product : callable
        The generator, of `scaled.product`.
    layout : scaled.Layout
    start : ndarray, shape (size,)
    times : ndarray, shape (T,)
    hint : float, optional
        About how many products it takes; the errors are bounded whatever it is.
    progress : bool, optional
        Whether to show a bar.
    goal : End, optional
        A state that ends the walk where it is met.
    """
    done = int(np.searchsorted(times, 0.0, "right"))
    yield from _still(start, 0, done)
    reached, end = 0.0, float(times[-1])
    near = 0.0
    if goal is not None:
        near = TOLERANCE * min(1.0, layout.trace_norm(start - goal.numbers)) / layout.sizes.max()
    most = _largest_space(layout.size)
    if hint > most:
        most = min(most, _IN_STEPS)
    with steps_of(end, progress) as walked:
        while done < len(times):
            slope = product(start)
            if not np.any(slope):
                yield from _still(start, done, len(times))
                return
            if goal is not None and layout.trace_norm(start - goal.numbers) <= near:
                yield from _still(goal.numbers, done, len(times))
                return
            if goal is not None and reached > goal.by:
                goal.late(reached)
                goal = replace(goal, by=math.inf)
            space = Space(product, layout, slope, most)
            # What happens is no larger than the trace norm of its slope, times the time.
            spread = min(end, max(_SPREAD, 2 * reached))
            allowed = TOLERANCE * min(1.0 / spread, layout.trace_norm(slope))
            step = space.grow(times[done:] - reached, allowed, int(min(hint, most)))
            walked(step)
            last = step >= end - reached
            until = len(times) if last else int(np.searchsorted(times, reached + step, "right"))
            room = max(1, _PIECE // layout.size)
            for begin in range(done, until, room):
                here = slice(begin, min(begin + room, until))
                yield here, start + space.at(times[here] - reached)
            if not last:
                start = start + space.at(np.array([step]))[0]
            reached, done = reached + step, until


def _still(numbers: Floats, begin: int, end: int) -> Iterator[tuple[slice, Floats]]:
    """The same numbers at many times, piece by piece."""
    room = max(1, _PIECE // len(numbers))
    for first in range(begin, end, room):
        here = slice(first, min(first + room, end))
        yield here, np.repeat(numbers[None], here.stop - first, axis=0)


def whole(generator: sp.csr_array, start: Floats, times: Floats) -> Iterator[tuple[slice, Floats]]:
    """The same pairs as `pieces`, with all numbers as the space.

    Parameters
    ----------
    generator : scipy.sparse.csr_array
        Of `scaled.assembled`.
    start : ndarray, shape (size,)
    times : ndarray, shape (T,)
    """
    size = len(start)
    grown = np.zeros((size + 1, size + 1))
    grown[:size, :size] = generator.toarray()
    grown[:size, size] = generator @ start
    source = np.zeros(size + 1)
    source[size] = 1
    room = max(1, _PIECE // size)
    for begin in range(0, len(times), room):
        here = slice(begin, min(begin + room, len(times)))
        yield here, start + algebra.propagate(grown, source, times[here])[:, :size]


def _largest_space(size: int) -> int:
    quick = min(_MOST, _SMALLEST + size // _ROWS_FOR_ONE_MORE)
    return min(quick, max(_AT_LEAST, _HELD // size))


class Space:
    """Products of the generator with one slope, and what they say of all times.

    Parameters
    ----------
    product : callable
    layout : scaled.Layout
    slope : ndarray, shape (size,)
        The generator times the start, not zero.
    most : int
        How many products are allowed.
    """

    def __init__(
        self, product: scaled.Product, layout: scaled.Layout, slope: Floats, most: int
    ) -> None:
        self._product, self._layout, self._most = product, layout, most
        self._length = float(np.linalg.norm(slope))
        self._few = layout.size <= _TO_ALL_UP_TO
        self._window = most + 1 if self._few else max(_WINDOW, _IN_WINDOW // layout.size)
        # Rows that are not written yet take no memory.
        self._vectors = np.empty((most + 1, layout.size))
        self._vectors[0] = slope / self._length
        self._small = np.zeros((most + 1, most + 1))
        self._count, self._closed, self._longest_product = 0, False, 0.0
        self._known: tuple[int, Floats, Floats] = (0, np.zeros(0), np.zeros((0, 0)))

    def grow(self, times: Floats, allowed: float, goal: int) -> float:
        """Grow until the error is below `allowed` times the time; return a time where it is.

        At best it is the last of the `times`; whether it is small is asked at eighths of it too.
        """
        last = float(times[-1])
        asked = np.concatenate([last * np.linspace(0.125, 1, 8), times])
        asked.sort()
        while True:
            while self._count < goal and not self._closed:
                self._add()
            if self._is_small_at(asked, allowed)[-1]:
                return last
            if self._count == self._most:
                return self._longest(last, allowed)
            goal = min(self._count + max(4, self._count // 10), self._most)

    def _longest(self, time: float, allowed: float) -> float:
        """A time, close to the longest, up to which the error is small."""
        halves = np.ldexp(time, np.arange(-_HALVINGS, 1))
        good = self._is_small_at(halves, allowed)
        if not good[0]:
            raise ValueError(
                "`times` must be smaller with these couplings, but got "
                f"{_checks.shown(float(time))}."
            )
        between: Floats = halves[np.flatnonzero(good)[-1]] * np.linspace(1, 1.875, 8)
        return float(between[np.flatnonzero(self._is_small_at(between, allowed))[-1]])

    def _is_small_at(self, times: Floats, allowed: float) -> Bools:
        """Whether the error is below `allowed` times the time, up to each of the times."""
        if self._closed:
            return np.ones(len(times), bool)
        with np.errstate(over="ignore", invalid="ignore"):
            moduli = np.abs(self._coefficients(times))
            # NaN is not below anything.
            good = self._left_out() * moduli[:, -1] <= allowed
            good &= moduli.sum(axis=1) <= _CANCELLED * self._length * times
        return np.logical_and.accumulate(good)

    def at(self, times: Floats) -> Floats:
        """What the slope brings about in the given times, shape (T, size)."""
        return self._coefficients(times) @ self._vectors[: self._count]

    def _left_out(self) -> float:
        """Error of the coherence, in a unit of time, for a last coefficient of one."""
        spread = self._layout.trace_norm(self._vectors[self._count])
        return float(self._small[self._count, self._count - 1] * spread * self._layout.sizes.max())

    def _add(self) -> None:
        m = self._count
        first = max(0, m + 1 - self._window)
        before = self._vectors[first : m + 1]
        new = self._product(self._vectors[m])
        self._longest_product = max(self._longest_product, math.sqrt(new @ new))
        parts = before @ new
        new = new - parts @ before
        if self._few:
            again = before @ new
            parts, new = parts + again, new - again @ before
        length = math.sqrt(new @ new)
        self._small[first : m + 1, m] = parts
        self._count = m + 1
        complete = self._few and self._count == self._layout.size
        if complete or length <= _ROUNDING * self._longest_product:
            self._closed = True
            return
        self._small[m + 1, m] = length
        np.divide(new, length, out=self._vectors[m + 1])

    def _coefficients(self, times: Floats) -> Floats:
        """y(t), shape (T, m)."""
        m, (count, asked, known) = self._count, self._known
        if count == m and np.isin(times, asked).all():
            return known[np.searchsorted(asked, times)]
        grown = np.zeros((m + 1, m + 1))
        grown[:m, :m] = self._small[:m, :m]
        grown[0, m] = self._length
        source = np.zeros(m + 1)
        source[m] = 1
        found = algebra.propagate(grown, source, times)[:, :m]
        self._known = m, times, found
        return found


# --- the route -------------------------------------------------------------------


def _walk(
    cluster: AtomCluster, rho0: Matrix | None, times: Floats, nbar: float, progress: bool
) -> tuple[scaled.Layout, Iterator[tuple[slice, Floats]]]:
    place, still = layout(cluster, nbar, rho0), rho0 is None and nbar == 0
    if not still:
        _check_work(cluster, times, _seconds(cluster, nbar, times))
    thermal = place.thermal(nbar)
    walked = _early(cluster, nbar, times)
    early = len(walked)

    def late(reached: float) -> None:
        left = (walked[-1] - reached) / reached
        _check_work(cluster, times, left * _seconds_of(cluster, nbar, np.array([reached])))

    def walk() -> Iterator[tuple[slice, Floats]]:
        if early and _whole_seconds(cluster, nbar, walked) < _seconds_of(cluster, nbar, walked):
            yield from whole(scaled.assembled(cluster, nbar, place), place.read(rho0), walked)
        elif early:
            product = scaled.product(cluster, nbar, place)
            hint = expected(cluster, nbar, float(walked[-1]))
            goal = End(thermal, met_by(nbar), late)
            yield from pieces(product, place, place.read(rho0), walked, hint, progress, goal)
        yield from _still(thermal, early, len(times))

    return place, walk()


def _check_work(cluster: AtomCluster, times: Floats, seconds: float) -> None:
    _checks.work(
        seconds,
        "times",
        f"the evolution of {cluster.n_atoms} atoms to {_checks.shown(float(times[-1]))} with these "
        "couplings",
        "Where only the end is wanted, `steady_state` has it.",
        shown=True,
    )


def _looked_at(place: scaled.Layout, numbers: Floats, times: Floats) -> Floats:
    """The same numbers, if they still are a state's."""
    kept = np.abs(place.traces(numbers) - 1) <= _checks.STATE_TOLERANCE
    if not np.all(kept):
        raise ValueError(
            "`times` must be smaller with these couplings, but at "
            f"{float(times[np.argmin(kept)])!r} the trace is lost."
        )
    return numbers


def _evolve(
    cluster: AtomCluster, rho0: Matrix | None, times: Floats, nbar: float, progress: bool
) -> Matrices:
    d = 2**cluster.n_atoms
    states = np.zeros((len(times), d, d), np.complex128)
    place, walk = _walk(cluster, rho0, times, nbar, progress)
    for here, numbers in walk:
        place.write(_looked_at(place, numbers, times[here]), states[here])
    return states


def _coherence(
    cluster: AtomCluster, rho0: Matrix | None, times: Floats, nbar: float, progress: bool
) -> Floats:
    result = np.empty(len(times))
    place, walk = _walk(cluster, rho0, times, nbar, progress)
    for here, numbers in walk:
        result[here] = place.coherence(_looked_at(place, numbers, times[here]))
    return result


def _fits(cluster: AtomCluster, rho0: Matrix | None) -> bool:
    return rho0 is None or blocks.fits(rho0)


def _numbers(n_atoms: int) -> float:
    size = math.comb(2 * n_atoms, n_atoms)
    # Half a complex number each: the space, what a piece of the answers takes, and the generator.
    held = _largest_space(size) + scaled.numbers_a_row(n_atoms)
    return 0.5 * (held * size + 6.0 * max(_PIECE, size))


def _early(cluster: AtomCluster, nbar: float, times: Floats) -> Floats:
    """The times that need a walk."""
    return times[: np.searchsorted(times, relaxed_after(cluster, nbar), "right")]


def _seconds(cluster: AtomCluster, nbar: float, times: Floats) -> float:
    early = _early(cluster, nbar, times)
    if len(early) == 0:
        return _OVERHEAD
    return min(_seconds_of(cluster, nbar, early), _whole_seconds(cluster, nbar, early))


def _seconds_of(cluster: AtomCluster, nbar: float, times: Floats) -> float:
    """By products, until the thermal state is likely to be met."""
    n = cluster.n_atoms
    size = float(math.comb(2 * n, n))
    with np.errstate(over="ignore"):
        products = expected(cluster, nbar, min(float(times[-1]), met_by(nbar)))
    # A space that is orthogonal to a dozen, and the few dozen elements of a row.
    return _OVERHEAD + products * (1e-4 + size * (2e-8 + 1e-9 * n**2))


def _whole_seconds(cluster: AtomCluster, nbar: float, times: Floats) -> float:
    """By all numbers; infinite where there are more than products, or too fast ones for floats."""
    n, last = cluster.n_atoms, float(times[-1])
    size, far = float(math.comb(2 * n, n)), blocks.reach(cluster, nbar, last)
    if size > _WHOLE_UP_TO or far > _WHOLE_REACH or size >= expected(cluster, nbar, last):
        return math.inf
    squarings = math.log2(2 + far) + 12
    pieces = math.ceil(len(times) * size / _PIECE)
    return _OVERHEAD + pieces * squarings * (2 * size**3 / _SPEED + 2e-9 * size**2)


ROUTE = Route(
    name="krylov",
    needs="an initial state without coherence between different numbers of excitations",
    fits=_fits,
    numbers=_numbers,
    evolve=_evolve,
    coherence=_coherence,
    seconds=_seconds,
)
