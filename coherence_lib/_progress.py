"""A bar for work that takes more than a few seconds, in terminal and notebook."""

from __future__ import annotations

from collections.abc import Iterable
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
