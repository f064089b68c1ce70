"""Where numbers come from: a function and its fixed arguments, told in texts."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import inspect
import json
import pickle
import platform
import subprocess
import sys
from collections.abc import Callable, Mapping
from importlib import metadata
from pathlib import Path
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coherence_lib import _checks

# An array of no more elements is written out; a larger one is known by its hash.
WRITTEN = 64


def unwound(func: Callable[..., object]) -> tuple[Callable[..., object], dict[str, object]]:
    """Return the function within a `functools.partial`, and the arguments that it fixes."""
    if not isinstance(func, functools.partial):
        return func, {}
    bound = inspect.signature(func.func).bind_partial(*func.args, **func.keywords)
    others = [p.name for p in bound.signature.parameters.values() if p.kind is p.VAR_KEYWORD]
    fixed = {name: value for name, value in bound.arguments.items() if name not in others}
    return func.func, fixed | bound.kwargs


def name_of(func: Callable[..., object]) -> str:
    """The plain name of a function."""
    inner = unwound(func)[0]
    return getattr(inner, "__name__", type(inner).__name__)


def origin(func: Callable[..., object], fixed: Mapping[str, object]) -> dict[str, str]:
    """Texts that say which function in which versions gave a result."""
    inner, bound = unwound(func)
    arguments = {name: described(value, name) for name, value in {**bound, **fixed}.items()}
    if isinstance(inner, MethodType):
        arguments["self"] = described(inner.__self__, "func")
    versions = {"python": platform.python_version(), "coherence_lib": _version()}
    versions |= {name: metadata.version(name) for name in ("numpy", "scipy", "xarray")}
    texts = {
        "function": _qualified(inner),
        "fixed": json.dumps(arguments),
        "versions": json.dumps(versions),
    }
    commit = _commit(inner)
    return texts | ({"commit": commit} if commit else {})


def question(
    func: Callable[..., object], fixed: Mapping[str, object], grids: Mapping[str, NDArray[Any]]
) -> dict[str, object]:
    """What tells one sweep from another, for JSON."""
    inner, bound = unwound(func)
    return {
        "function": described(inner, "func"),
        "fixed": {name: described(value, name) for name, value in {**bound, **fixed}.items()},
        # Their order is that of the result's dimensions.
        "grids": [[name, described(values, name)] for name, values in grids.items()],
        "coherence_lib": _version(),
    }


def described(value: Any, name: str, within: tuple[object, ...] = ()) -> Any:
    """A value in the words of JSON: the same for the same value, and in every process.

    `within` are the functions on the way to it, which may enclose themselves.
    """
    inner = functools.partial(described, name=name, within=within)
    if isinstance(value, np.generic):
        # First: NumPy's floats and complex numbers are Python's too, and have other texts.
        value = value.item()
    if value is None or isinstance(value, (bool, str, int)):
        return value
    if isinstance(value, float):
        return value if np.isfinite(value) else repr(value)
    if isinstance(value, complex):
        return repr(value)
    if isinstance(value, np.ndarray) and value.dtype.kind in "biufcUS":
        return _array(value)
    if _checks.is_qobj(value):
        return {"class": "Qobj", "dims": str(value.dims), "data": _array(value.full())}
    if isinstance(value, Mapping):
        return {str(key): inner(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [inner(item) for item in value]
    if isinstance(value, (type, ModuleType)):
        return _qualified(value)
    if isinstance(value, functools.partial):
        return {"partial": inner(value.func), "args": inner(value.args), **inner(value.keywords)}
    if isinstance(value, MethodType):
        return {"method": _qualified(value), "self": inner(value.__self__)}
    if isinstance(value, FunctionType):
        return _function(value, name, within)
    if dataclasses.is_dataclass(value):
        fields = {f.name: inner(getattr(value, f.name)) for f in dataclasses.fields(value)}
        return {"class": _qualified(type(value)), **fields}
    try:
        content = pickle.dumps(value)
    except Exception:
        raise TypeError(
            f"`{name}` must be what another process can be given, but got {_checks.shown(value)}."
        ) from None
    return {"class": _qualified(type(value)), "sha256": hashlib.sha256(content).hexdigest()}


def _version() -> str:
    """The library's version, whether it is installed or only on the path."""
    version: str = sys.modules[__name__.partition(".")[0]].__version__
    return version


def _array(array: NDArray[Any]) -> Any:
    if array.size <= WRITTEN:
        # NaN and infinity are no JSON.
        plain = array.dtype.kind in "biuUS" or array.dtype.kind == "f" and np.isfinite(array).all()
        return array.astype(str).tolist() if not plain else array.tolist()
    content = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
    digest = hashlib.sha256(content.tobytes()).hexdigest()
    return {"shape": list(array.shape), "dtype": content.dtype.str, "sha256": digest}


def _function(func: FunctionType, name: str, within: tuple[object, ...]) -> dict[str, object]:
    """A function by its code and by what it encloses, since many are called <lambda>."""
    inner = inspect.unwrap(func)
    found: dict[str, object] = {"function": _qualified(func)}
    if isinstance(inner, FunctionType) and inner not in within:
        rest = (_enclosed(inner), inner.__defaults__, inner.__kwdefaults__)
        found["code"] = hashlib.sha256(_code(inner.__code__).encode()).hexdigest()
        found["encloses"] = described(rest, name, (*within, inner))
    return found


def _enclosed(func: FunctionType) -> dict[str, object]:
    """The variables of a function that are those of the function around it."""
    found: dict[str, object] = {}
    for name, cell in zip(func.__code__.co_freevars, func.__closure__ or (), strict=True):
        try:
            found[name] = cell.cell_contents
        except ValueError:
            # It has no value yet.
            found[name] = None
    return found


def _code(code: CodeType) -> str:
    """What a function does, wherever it stands and whatever is around it."""
    constants = [
        _code(constant)
        if isinstance(constant, CodeType)
        # The order of a set differs from process to process.
        else str(sorted(map(repr, constant)))
        if isinstance(constant, frozenset)
        else repr(constant)
        for constant in code.co_consts
    ]
    return repr((code.co_code, code.co_names, code.co_varnames, constants))


def _qualified(value: Any) -> str:
    """The name of a function, class or module with its module, and for others their class's."""
    if isinstance(value, ModuleType):
        return value.__name__
    named = value if hasattr(value, "__qualname__") else type(value)
    return f"{named.__module__}.{named.__qualname__}"


def _commit(func: Callable[..., object]) -> str | None:
    """The commit that the function's file is of, "-dirty" if there are changes; None if unknown."""
    try:
        file = inspect.getsourcefile(inspect.unwrap(func))
        if file is None:
            return None
        path = Path(file).resolve()
        git = ["git", "-C", str(path.parent)]
        # An installed library may lie within a repository that is not its own.
        for command in (
            ["ls-files", "--error-unmatch", path.name],
            ["describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"],
        ):
            done = subprocess.run(
                [*git, *command], capture_output=True, encoding="utf-8", timeout=5, check=True
            )
    except (TypeError, OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip() or None
