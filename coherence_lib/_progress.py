"""A bar for work that takes more than a few seconds, in terminal and notebook."""

from coherence_lib import _checks


def bar(iterable, progress, what, total=None):
    """Return `iterable`, with a bar that names `what` is counted if `progress` is True.

    tqdm is imported only where a bar is wanted.
    """
    if not _checks.flag(progress, "progress"):
        return iterable
    from tqdm.auto import tqdm

    return tqdm(iterable, desc=what, total=total)
