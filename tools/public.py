"""The names that the library offers, as people type them: found from `__all__`."""

import inspect
import types

import coherence_lib


def find(path):
    """The object behind "coherence_lib.ring.SourceRing", or None where the path is not public."""
    top, *names = path.split(".")
    found = coherence_lib if top == "coherence_lib" else None
    for name in names:
        if isinstance(found, types.ModuleType):
            offered = name in getattr(found, "__all__", ())
        else:
            offered = inspect.isclass(found) and not name.startswith("_") and name in vars(found)
        found = getattr(found, name) if offered else None
    return found


def defined(path):
    """The path of a public object in the module that defines it, or None."""
    found = find(path)
    if found is None or isinstance(found, types.ModuleType):
        return None
    return f"{found.__module__}.{found.__qualname__}"
