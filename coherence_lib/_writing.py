"""Files that are whole or not there: written beside, brought to the disk, and only then named."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

# While it is written, a file has this ending, and counts for nothing.
PART = ".part"
# Seconds to wait for another writer of the same file.
_PATIENCE = 60.0
# Set by tests alone: the folder of the locks.
_LOCKS_VARIABLE = "COHERENCE_LIB_LOCKS"


def write(path: Path, fill: Callable[[IO[bytes]], object]) -> None:
    """Write a file by `fill`. What had its name is there until the new one is on the disk."""
    part = path.with_name(f"{path.stem}-{os.getpid()}{PART}")
    try:
        with part.open("wb") as file:
            fill(file)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    if os.name == "posix":
        # The name is on the disk when the folder is.
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def write_text(path: Path, text: str) -> None:
    """Write a text, in UTF-8 and with the same line ends everywhere."""
    write(path, lambda file: file.write(text.encode()))


def _locks() -> Path:
    """The folder of all locks: one of the user's own among what is temporary."""
    chosen = os.environ.get(_LOCKS_VARIABLE)
    if chosen:
        return Path(chosen)
    user = os.getuid() if os.name == "posix" else "own"
    return Path(tempfile.gettempdir()) / f"coherence_lib-locks-{user}"


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Hold other writers of `path` off, from reading its content until the new one is there."""
    # Writers are those who make the book, and have it; readers of the library need none of it.
    from filelock import FileLock, Timeout

    # Not beside the file: a lock stays where it is, since to delete it could let two writers in.
    key = hashlib.sha256(os.fsencode(path.resolve())).hexdigest()[:24]
    folder = _locks()
    folder.mkdir(exist_ok=True)
    try:
        with FileLock(folder / f"{key}.lock", timeout=_PATIENCE):
            yield
    except Timeout:
        raise ValueError(
            f"{path.name} is being written by another run for {_PATIENCE:.0f} s now; wait for it, "
            "or stop it."
        ) from None
