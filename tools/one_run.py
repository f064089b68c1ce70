"""One run at a time of what writes the site or the notebooks; the next is told of the first."""

import os
import time
from contextlib import contextmanager

from filelock import FileLock, Timeout


@contextmanager
def one_run(root, work):
    """Hold the lock of this work in the checkout `root`, or stop and name the run that has it."""
    folder = root / "_build"
    folder.mkdir(exist_ok=True)
    name = work.replace(" ", "-")
    # Its system lets go of the lock of a run that was killed.
    lock, holder = FileLock(folder / f"{name}.lock"), folder / f"{name}.run"
    try:
        lock.acquire(timeout=0)
    except Timeout:
        said = holder.read_text(encoding="utf-8") if holder.exists() else "it has just begun"
        raise SystemExit(f"Another run is {work} ({said}); wait for it, or stop it.") from None
    try:
        holder.write_text(f"process {os.getpid()} since {time.strftime('%H:%M:%S')}", "utf-8")
        yield
    finally:
        holder.unlink(missing_ok=True)
        lock.release()
