"""Everything that the library offers by name, found from `__all__`: tables are held against it."""

import inspect
import types

import coherence_lib

# Parts of the library with doors of their own, beside what `coherence_lib` names.
MODULES = {name: getattr(coherence_lib, name) for name in coherence_lib.__all__}


def names():
    """Every public name but modules, results and errors included, as "ring.SourceRing" -> value."""
    found = {}

    def collect(prefix, module):
        for name in module.__all__:
            value = getattr(module, name)
            if isinstance(value, types.ModuleType):
                collect(f"{prefix}{name}.", value)
            else:
                found[f"{prefix}{name}"] = value

    collect("", coherence_lib)
    return found


def functions(only=None):
    """Public functions, classes and their methods, as "ring.SourceRing.levels" -> callable."""
    found = {}
    for name, value in MODULES.items():
        if isinstance(value, types.ModuleType) and only in (None, name):
            _collect(name, value, found)
    return found


def _collect(prefix, module, found):
    for name in module.__all__:
        value, label = getattr(module, name), f"{prefix}.{name}"
        if isinstance(value, types.ModuleType):
            _collect(label, value, found)
        elif inspect.isclass(value) and not is_result(value):
            found[label] = value
            for method in vars(value):
                # A classmethod is callable once it is bound.
                if not method.startswith("_") and callable(getattr(value, method)):
                    found[f"{label}.{method}"] = getattr(value, method)
        elif not inspect.isclass(value):
            found[label] = value


def is_result(kind):
    """Exceptions, and dataclasses that hold a result: nothing that a reader calls."""
    return issubclass(kind, Exception) or "__post_init__" not in vars(kind)


def parameters(function):
    """Names of a function's parameters, `self` left out."""
    names = list(inspect.signature(function).parameters)
    return [name for name in names if name != "self"]
