"""Finished parts of a sweep in a folder: what is there is whole, and belongs to one question."""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from coherence_lib import _checks, _writing
from coherence_lib._writing import PART

MANIFEST = "sweep.json"


@dataclass(frozen=True)
class Chunk:
    """The answers at the points from `start` on: NaN, and a text in `errors`, where there is none.

    If all have failed, the shape of an answer is not known, and `values` has one dimension.
    """

    start: int
    values: NDArray[Any]
    errors: dict[int, str]
    seconds: float

    @property
    def stop(self) -> int:
        return self.start + len(self.values)


@dataclass(frozen=True)
class Folder:
    """A folder of chunks that answer the question with the hash `digest`."""

    path: Path
    digest: str

    @classmethod
    def opened(cls, store: object, question: dict[str, object]) -> Folder:
        """Return the folder `store`, new or with what is finished of the same question."""
        path = _path(store)
        # As it will be read.
        question = json.loads(json.dumps(question))
        manifest = path / MANIFEST
        try:
            path.mkdir(parents=True, exist_ok=True)
            others = [p.name for p in path.iterdir() if p.suffix != PART]
            if not others:
                content = json.dumps({"question": question}, indent=1)
                _writing.write_text(manifest, content)
        except (OSError, ValueError) as error:
            raise ValueError(
                f"`store` must be a folder that can be written, but got {_checks.shown(store)}: "
                f"{error}."
            ) from None
        if others and MANIFEST not in others:
            raise ValueError(
                f"`store` must be a new folder or a sweep's, but got one with other files, such as "
                f"{min(others)!r}."
            )
        _check_question(manifest, question)
        return cls(path, hashlib.sha256(json.dumps(question).encode()).hexdigest())

    def keep(self, chunk: Chunk) -> None:
        """Store a chunk: the file has its name only when it is whole and on the disk."""

        def save(file: IO[bytes]) -> None:
            errors = np.array(json.dumps(chunk.errors))
            np.savez(file, digest=np.array(self.digest), values=chunk.values, errors=errors)

        _writing.write(self.path / f"{chunk.start:012d}-{chunk.stop:012d}.npz", save)

    def chunks(self, n: int) -> Iterator[Chunk]:
        """The chunks that are whole, of `n` points; a damaged one counts as not there."""
        for path in sorted(self.path.glob("*.npz")):
            chunk = self._read(path)
            if chunk is not None and chunk.stop <= n:
                yield chunk

    def _read(self, path: Path) -> Chunk | None:
        try:
            start, stop = map(int, path.stem.split("-"))
            # The archive holds a checksum of each array.
            with path.open("rb") as file, np.load(file) as archive:
                values, digest = archive["values"], str(archive["digest"])
                errors = {int(k): text for k, text in json.loads(str(archive["errors"])).items()}
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error,
                NotImplementedError, RuntimeError):  # fmt: skip
            return None
        sound = digest == self.digest and values.ndim > 0 and len(values) == stop - start > 0
        return Chunk(start, values, errors, 0.0) if sound and values.dtype.kind in "fc" else None


def _path(store: object) -> Path:
    if not isinstance(store, (str, os.PathLike)):
        raise TypeError(f"`store` must be a path, but got {_checks.shown(store)}.")
    if not os.fspath(store):
        raise ValueError("`store` must be a path, but got an empty text.")
    return Path(store)


def _check_question(manifest: Path, question: dict[str, Any]) -> None:
    try:
        stored = json.loads(manifest.read_text(encoding="utf-8"))["question"]
        differing = [name for name in question if stored[name] != question[name]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ValueError(
            f"`store` must be a sweep's folder, but its {MANIFEST} cannot be read ({error!r}). "
            "Nothing in it was changed."
        ) from None
    if differing:
        raise ValueError(
            f"`store` must belong to this sweep, but got one of another {' and '.join(differing)}. "
            "Nothing in it was changed."
        )
