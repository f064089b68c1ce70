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


def is_function(path):
    """Whether "coherence_lib.ring.coherence" names something public that is no module."""
    found = find(path)
    return found is not None and not isinstance(found, types.ModuleType)


def typed(defined):
    """The path that the API page has of what is defined at "coherence_lib.atoms.solve.evolve"."""
    paths = [path for path, value in _offered("coherence_lib", coherence_lib) if value == defined]
    # An error is offered at the top too; the page has it in its package.
    return max(paths, key=len, default=None)


def _offered(path, module):
    """Pairs (public path, defining path) of all that a module and those below it offer."""
    for name in module.__all__:
        value, inner = getattr(module, name), f"{path}.{name}"
        if isinstance(value, types.ModuleType):
            yield from _offered(inner, value)
        else:
            yield inner, f"{value.__module__}.{value.__qualname__}"
