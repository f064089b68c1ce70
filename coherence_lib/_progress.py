"""A bar for work that takes more than a few seconds, in terminal and notebook."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from coherence_lib import _checks

Item = TypeVar("Item")


def bar(
    iterable: Iterable[Item], progress: object, what: str, total: int | None = None
) -> Iterable[Item]:
    """Return `iterable`, with a bar that names `what` is counted if `progress` is True.

    tqdm is imported only where a bar is wanted.
    """
    if not _checks.flag(progress, "progress"):
        return iterable
    from tqdm.auto import tqdm

    return tqdm(iterable, desc=what, total=total)


@contextmanager
def steps_of(total: float, progress: object) -> Iterator[Callable[[float], object]]:
    """A function that is told of each step towards `total`, with a bar if `progress` is True."""
    if not _checks.flag(progress, "progress"):
        yield lambda step: None
        return
    from tqdm.auto import tqdm

    with tqdm(total=total, desc="evolving") as shown:
        yield shown.update
