"""A progress bar for what takes more than a few seconds, in a terminal and in a notebook."""


def bar(iterable, progress, what, total=None):
    """`iterable` itself, or with `progress` under a bar of tqdm that says `what` is done."""
    if not progress:
        return iterable
    from tqdm.auto import tqdm

    return tqdm(iterable, desc=what, total=total)
