r"""A function over the outer product of grids: labelled, resumable, on one core or a cluster.

The module has no engine of its own. One process computes where nothing else is given, and else any
executor of ``concurrent.futures`` does: a ``ProcessPoolExecutor``, Dask's
``Client(...).get_executor()`` on one machine or, by dask-jobqueue, under SLURM, an MPI pool. More
processes pay off where a point takes more than half a millisecond; threads do not.
"""

from __future__ import annotations

import functools
import inspect
import itertools
import json
import os
import pickle
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from coherence_lib import _checks, _labels, _origin, _progress
from coherence_lib._folder import Chunk, Folder
from coherence_lib._types import Grid, Integers, Labelled

if TYPE_CHECKING:
    from xarray import Variable

__all__ = ["sweep"]

# Seconds of a chunk. Dask takes 1.5 ms for a task, and a file some 5 ms to reach the disk: both
# stay below a tenth of the shortest. What is killed has lost no more than some of the longest.
SHORTEST, LONGEST = 0.1, 1.0
# Chunks that the work is cut into where they are not shorter or longer than that.
CHUNKS = 64
# Points of a call with arrays at the first try, and numbers of its result at most: they bound its
# memory.
FIRST, LARGEST = 2**8, 2**16
# Chunks under way, while they are short or nothing is known of them, and later.
FEW, MANY = 64, 1024
# An answer to an array and one to a number are the same if they differ by less than this.
AGREEMENT = 1e-9
# Letters of an error that are kept.
LONGEST_ERROR = 300


def sweep(
    func: Callable[..., object],
    /,
    *,
    executor: Executor | None = None,
    progress: bool = True,
    store: str | os.PathLike[str] | None = None,
    vectorized: bool | None = None,
    fixed: Mapping[str, object] | None = None,
    **grids: Grid,
) -> Labelled:
    r"""Evaluate ``func`` at every point of the outer product of grids.

    .. math::
        R_{ij\ldots} = f(x_i, y_j, \ldots;\ \text{fixed})

    Parameters
    ----------
    func : callable
        Takes its arguments by name, one number each, and returns a number or an array of always
        the same shape. A `functools.partial` is a function with fixed arguments. Other processes
        must be able to import it; Dask takes any function.
    executor : concurrent.futures.Executor, optional
        Where it is computed; by default here.
    progress : bool, optional
        Whether to show a bar.
    store : path, optional
        Folder for finished parts. The same call goes on from there after it was stopped or killed,
        and a failed point counts as finished. It is the same call if function, fixed arguments and
        grids are, under one version of Python and of this library: the function's own code and
        what it encloses are looked at, and not what it calls or reads from its module.
    vectorized : bool, optional
        Whether `func` broadcasts. By default it is tried, and each call with arrays is compared
        with calls for single points; where they differ, or where a call fails, points are
        computed one by one. True does without the comparison, False without the trial.
    fixed : mapping, optional
        Other arguments of `func`, the same at every point. Those that are called as one of the
        options above can only be given here.
    **grids : array_like, shape (n,)
        The values of each argument: numbers or words, plain or labelled. Those of a labelled one
        keep its ``units`` and ``long_name``.

    Returns
    -------
    DataArray
        One dimension a grid, in the order in which they are given, and ``result_0``, ... for those
        of `func`'s own results. A point where `func` raised an error is NaN. The attributes are
        texts, which netCDF keeps, as it does real results: ``function``; ``fixed``, ``versions``
        (those of the last call) and ``failed`` as JSON, the last a list of
        ``{"point": {...}, "error": "..."}``; and ``commit``, if the function stands in a file that
        git knows.

    Raises
    ------
    TypeError, ValueError
        If an argument is not valid or `store` belongs to another sweep, before anything is
        computed; or if `func` cannot be sent to the executor's workers.
    RuntimeError
        ``concurrent.futures.BrokenExecutor``, if the executor died. What was finished is in the
        store.

    Examples
    --------
    >>> from coherence_lib import ring
    >>> fixed = {"n_sources": 6, "omega_a": 0.5, "gamma": 0.2}
    >>> table = sweep(ring.local_coherence, J=[-0.25, 0.25], temperature=[0.5, 1.0], fixed=fixed)
    >>> print(table.dims, table.values.round(3).tolist())
    ('J', 'temperature') [[0.34, 0.167], [0.866, 0.392]]
    >>> print(table.attrs["function"], table.attrs["failed"])
    coherence_lib.ring.coherence.local_coherence []
    """
    progress = _checks.flag(progress, "progress")
    if vectorized is not None:
        vectorized = _checks.flag(vectorized, "vectorized")
    _check_executor(executor)
    fixed = _check_call(func, grids, fixed)
    axes = {name: _axis(grid, name) for name, grid in grids.items()}
    work = _Work(
        functools.partial(func, **fixed),
        {name: axis.to_numpy() for name, axis in axes.items()},
        together=vectorized is not False,
        compared=vectorized is None,
    )
    answers = _Answers(work.size, next(iter(grids)))
    origin = _origin.origin(func, fixed)
    folder = None
    if store is not None:
        folder = Folder.opened(store, _origin.question(func, fixed, work.grids))
        for chunk in folder.chunks(work.size):
            answers.add(chunk)
    if answers.values is not None:
        work = replace(work, usual=answers.values.shape[1:])
    try:
        left = answers.gaps()
        points = _points(work, left, executor, folder, answers)
        total = sum(stop - start for start, stop in left)
        for _ in _progress.bar(points, progress, _origin.name_of(func), total):
            pass
    except _LostError as lost:
        raise _told(lost, answers, folder) from lost.__cause__
    failed = [{"point": work.point(k), "error": text} for k, text in sorted(answers.errors.items())]
    return _labelled(answers, axes, func).assign_attrs(
        origin, failed=json.dumps(_origin.described(failed, "failed"))
    )


# --- what is asked ---------------------------------------------------------------


def _check_executor(executor: object) -> None:
    if hasattr(executor, "get_executor"):
        raise TypeError("`executor` must be an Executor, but got a client: use `.get_executor()`.")
    if executor is not None:
        _checks.instance(executor, Executor, "executor")


def _check_call(func: object, grids: Mapping[str, object], fixed: object) -> Mapping[str, object]:
    """Return the fixed arguments, if `func` can be called with them and those of the grids."""
    if not callable(func):
        raise TypeError(f"`func` must be callable, but got {_checks.shown(func)}.")
    fixed = {} if fixed is None else fixed
    if not isinstance(fixed, Mapping) or not all(isinstance(name, str) for name in fixed):
        raise TypeError(f"`fixed` must map names to values, but got {_checks.shown(fixed)}.")
    if not grids:
        raise TypeError("`grids` must name an argument and its values, but got none.")
    try:
        parameters = list(inspect.signature(func).parameters.values())
        bound = _origin.unwound(func)[1]
    except (TypeError, ValueError) as error:
        raise TypeError(
            f"`func` must tell its arguments, as a function of Python does, but got {error}."
        ) from None
    for given in grids:
        if given in fixed or given in bound:
            raise ValueError(f"`{given}` must be swept or fixed, but got both.")
    _check_names(_origin.name_of(func), parameters, grids, fixed)
    return fixed


def _check_names(
    func: str,
    parameters: Sequence[inspect.Parameter],
    grids: Mapping[str, object],
    fixed: Mapping[str, object],
) -> None:
    """Refuse arguments that the function does not take, and those that it lacks."""
    for p in parameters:
        if p.kind is p.POSITIONAL_ONLY and p.default is p.empty:
            raise TypeError(f"`func` must take arguments by name, but got {func} with `{p.name}`.")
    named = [p for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
    taken = [p.name for p in named]
    if not any(p.kind is p.VAR_KEYWORD for p in parameters):
        those = f"which is none of {', '.join(taken)}" if taken else "and it takes none"
        for given in grids:
            if given not in taken:
                raise TypeError(
                    f"`{given}` must be an argument of {func}, but got {given!r}, {those}."
                )
        for given in fixed:
            if given not in taken:
                raise TypeError(
                    f"`fixed` must hold arguments of {func}, but got {given!r}, {those}."
                )
    for p in named:
        if p.default is p.empty and p.name not in {*grids, *fixed}:
            raise TypeError(f"`func` must get all of its arguments, but got none for `{p.name}`.")


def _axis(grid: object, name: str) -> Variable:
    """A grid as a dimension of the result, with its unit if it has one."""
    import xarray

    kept: dict[str, str] = {}
    if _labels.among(grid):
        assert isinstance(grid, xarray.DataArray)
        kept = {key: str(grid.attrs[key]) for key in ("units", "long_name") if key in grid.attrs}
        grid = grid.to_numpy()
    return xarray.Variable(name, _checks.sweep_grid(grid, name), kept)


# --- what a worker does ----------------------------------------------------------


@dataclass(frozen=True)
class _Work:
    """Answers at points, which are numbered as in the flattened result.

    `together` says whether it may be asked with arrays, and `compared` whether such answers are
    compared with those to numbers. `usual` is the shape of an answer, once there is one.
    """

    func: Callable[..., object]
    grids: dict[str, NDArray[Any]]
    together: bool
    compared: bool
    usual: tuple[int, ...] | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(len(values) for values in self.grids.values())

    @property
    def size(self) -> int:
        # Of any size: how many points are too many is said later.
        return functools.reduce(lambda n, m: n * m, self.shape, 1)

    def point(self, point: int) -> dict[str, object]:
        """The arguments at a point, as numbers of Python."""
        return {name: values.item() for name, values in self._arguments(point).items()}

    def _arguments(self, points: int | Integers) -> dict[str, Any]:
        places = np.unravel_index(points, self.shape)
        named = zip(self.grids.items(), places, strict=True)
        return {name: values[place] for (name, values), place in named}

    def __call__(self, start: int, stop: int) -> Chunk:
        """Answer at the points from `start`, until `stop` or until it has taken long enough."""
        began = time.perf_counter()
        answers = self._answers(np.arange(start, stop), began + 2 * LONGEST)
        return _chunk(start, answers, self.usual, time.perf_counter() - began)

    def broadcasts(self) -> bool:
        """Whether the function can be asked with arrays."""
        if self.size < 3:
            return False
        n = self.size
        return self._many(np.array([n // 5, n // 2, 4 * n // 5])) is not None

    def _answers(self, points: Integers, end: float) -> list[NDArray[Any] | str]:
        if not self.together or len(points) == 1:
            first = points[0]
            now = itertools.takewhile(lambda k: k == first or time.perf_counter() < end, points)
            return [self._one(int(point)) for point in now]
        together = self._many(points)
        if together is not None:
            return together
        # One bad point spoils the call: it is cornered.
        half = len(points) // 2
        return self._answers(points[:half], end) + self._answers(points[half:], end)

    def _one(self, point: int) -> NDArray[Any] | str:
        try:
            return _numeric(self.func(**self.point(point)))
        except Exception as error:
            return f"{type(error).__name__}: {error}"[:LONGEST_ERROR]

    def _many(self, points: Integers) -> list[NDArray[Any] | str] | None:
        """The answers to arrays, if there are any and, where `compared`, two of them are right."""
        try:
            values = _numeric(self.func(**self._arguments(points)))
        except Exception:
            return None
        if values.shape[:1] != points.shape:
            return None
        for k in (0, 5 * len(points) // 8) if self.compared else ():
            one = self._one(int(points[k]))
            if isinstance(one, str) or not _agree(values[k], one):
                return None
        return list(values)


def _numeric(value: object) -> NDArray[Any]:
    array = np.asarray(value)
    if array.dtype.kind not in "biufc":
        raise TypeError(f"{_checks.shown(value)} is neither a number nor an array of numbers")
    return array.astype(np.complex128 if array.dtype.kind == "c" else np.float64)


def _agree(one: NDArray[Any], other: NDArray[Any]) -> bool:
    if one.shape != other.shape:
        return False
    return np.allclose(one, other, rtol=AGREEMENT, atol=0.0, equal_nan=True)


def _chunk(
    start: int, answers: list[NDArray[Any] | str], usual: tuple[int, ...] | None, seconds: float
) -> Chunk:
    """Answers in one array, of the usual shape or of that of the first that is one."""
    errors = {start + k: text for k, text in enumerate(answers) if isinstance(text, str)}
    good = [answer for answer in answers if not isinstance(answer, str)]
    shape = good[0].shape if good and usual is None else usual or ()
    kind = np.result_type(np.float64, *{answer.dtype for answer in good})
    values = np.full((len(answers), *shape), np.nan, kind)
    for k, answer in enumerate(answers):
        if isinstance(answer, str):
            continue
        if answer.shape == shape:
            values[k] = answer
        else:
            errors[start + k] = _odd(answer.shape, shape)
    return Chunk(start, values, errors, seconds)


def _odd(shape: tuple[int, ...], usual: tuple[int, ...]) -> str:
    return f"ValueError: the result has shape {shape}, but {usual} at another point"


# --- who does it -----------------------------------------------------------------


class _Here(Executor):
    """This very process."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


class _LostError(Exception):
    """What an executor raised, as the cause: no error of the function's own comes that way."""


def _points(
    work: _Work,
    left: list[tuple[int, int]],
    executor: Executor | None,
    folder: Folder | None,
    answers: _Answers,
) -> Iterator[int]:
    """Yield the points that are answered, from chunks that were kept."""
    here = executor or _Here()
    if left and work.together:
        work = replace(work, together=_result(_submitted(here, work.broadcasts)))
    for chunk in _chunks(work, left, here):
        if folder:
            folder.keep(chunk)
        answers.add(chunk)
        yield from range(chunk.start, chunk.stop)


def _chunks(work: _Work, left: list[tuple[int, int]], executor: Executor) -> Iterator[Chunk]:
    """Yield the chunks that an executor finishes, in sizes that follow from the time they take."""
    gaps = deque(left)
    size, few, many = (FIRST if work.together else 1), FEW, MANY
    if isinstance(executor, _Here):
        few = many = 1
    under_way: dict[Future[Chunk], int] = {}
    most, lost = few, None
    try:
        while gaps or under_way:
            while gaps and len(under_way) < most and not lost:
                start, stop = gaps.popleft()
                end = min(start + size, stop)
                if end < stop:
                    gaps.appendleft((end, stop))
                try:
                    under_way[_submitted(executor, work, start, end)] = end
                except _LostError as error:
                    lost = error
            # What has been finished is taken, whatever became of the others.
            done, _ = wait(under_way, 0 if lost else None, FIRST_COMPLETED)
            for future in done:
                end = under_way.pop(future)
                try:
                    chunk = _result(future)
                except _LostError as error:
                    lost = error
                    continue
                if chunk.stop < end:
                    gaps.appendleft((chunk.stop, end))
                size = _size(chunk, sum(b - a for a, b in gaps))
                most = many if chunk.seconds > SHORTEST / 2 else few
                if work.usual is None and len(chunk.errors) < len(chunk.values):
                    work = replace(work, usual=chunk.values.shape[1:])
                yield chunk
            if lost:
                raise lost
    finally:
        for future in under_way:
            future.cancel()


def _submitted(executor: Executor, call: Callable[..., Any], *arguments: int) -> Future[Any]:
    if isinstance(executor, _Here):
        return executor.submit(call, *arguments)
    try:
        return executor.submit(call, *arguments)
    except Exception as error:
        raise _LostError from error


def _result(future: Future[Any]) -> Any:
    try:
        return future.result()
    except Exception as error:
        raise _LostError from error


def _size(last: Chunk, points: int) -> int:
    """How many points make a chunk, as the last one tells, where `points` are left."""
    each = max(last.seconds / len(last.values), 1e-9)
    share = min(max(each * points / CHUNKS, SHORTEST), LONGEST)
    return max(1, min(int(share / each), LARGEST // max(last.values[0].size, 1)))


def _told(lost: _LostError, answers: _Answers, folder: Folder | None) -> Exception:
    """What to say of an executor's error."""
    error = lost.__cause__
    reason = f"{type(error).__name__}: {error}".rstrip(".")[:LONGEST_ERROR]
    if isinstance(error, (pickle.PicklingError, AttributeError, TypeError)):
        return TypeError(
            f"`func` must be what can be sent to the executor's workers, but got {reason}. "
            "A function of a module can; Dask's executor takes any."
        )
    advice = "With `store=`, a sweep goes on from what is finished."
    if folder:
        advice = "What is finished is kept: the same call with a new executor goes on from there."
    n, done = len(answers.done), int(answers.done.sum())
    return BrokenExecutor(
        f"`executor` must live until the sweep ends, but got {reason} after {done} of {n} points. "
        f"{advice}"
    )


# --- what comes back -------------------------------------------------------------


class _Answers:
    """The result as it fills."""

    def __init__(self, n: int, name: str) -> None:
        self.name = name
        self._allow(n)
        self.done = np.zeros(n, dtype=bool)
        self.errors: dict[int, str] = {}
        self.values: NDArray[Any] | None = None

    def _allow(self, numbers: int) -> None:
        _checks.memory(
            16.0 * numbers, self.name, f"{numbers} numbers", "Sweep over a part of the grids."
        )

    def add(self, chunk: Chunk) -> None:
        here = slice(chunk.start, chunk.stop)
        self.done[here] = True
        self.errors |= chunk.errors
        if len(chunk.errors) == len(chunk.values):
            return
        if self.values is None:
            shape = (len(self.done), *chunk.values.shape[1:])
            self._allow(functools.reduce(lambda n, m: n * m, shape))
            self.values = np.full(shape, np.nan, chunk.values.dtype)
        usual, shape = self.values.shape[1:], chunk.values.shape[1:]
        if shape != usual:
            odd = {point: _odd(shape, usual) for point in range(chunk.start, chunk.stop)}
            self.errors |= odd | chunk.errors
            return
        if np.iscomplexobj(chunk.values) and not np.iscomplexobj(self.values):
            self.values = self.values.astype(np.complex128)
        self.values[here] = chunk.values

    def gaps(self) -> list[tuple[int, int]]:
        """The stretches of points that nothing is known of."""
        edges = np.flatnonzero(np.diff(np.concatenate([[True], self.done, [True]])))
        return [(int(a), int(b)) for a, b in edges.reshape(-1, 2)]


def _labelled(
    answers: _Answers, axes: Mapping[str, Variable], func: Callable[..., object]
) -> Labelled:
    import xarray

    values = np.full(len(answers.done), np.nan) if answers.values is None else answers.values
    inner = values.shape[1:]
    free = (name for name in map("result_{}".format, itertools.count()) if name not in axes)
    dims = (*axes, *itertools.islice(free, len(inner)))
    shape = (*(axis.size for axis in axes.values()), *inner)
    return xarray.DataArray(values.reshape(shape), dict(axes), dims, name=_origin.name_of(func))
