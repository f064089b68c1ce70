"""The floors of the house: imports run down, private names stay in, public ones are on the page.

The map stands in CONTRIBUTING.md, where people look for it, and is read from there. Each checker
returns what is wrong; a doctored tree shows that it finds it.
"""

import ast
import importlib
import re
from pathlib import Path

import public_api
import pytest

ROOT = Path(__file__).parents[2]
LIBRARY = "coherence_lib"
# Private names that another module takes today. The list only becomes shorter.
KNOWN = ()


# --- reading ---------------------------------------------------------------------


def floors(text):
    """The map as {module: floor}, counted from the lowest; `atoms` stands above `atoms.solve`."""
    block = re.search(r"^## The house\n.*?^```text\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    found, package, floor = {}, None, 0
    for line in block.group(1).splitlines():
        names, indented = line.partition("#")[0].split(), line.startswith(" ")
        if package and not indented:
            found[package], package, floor = floor, None, floor + 1
        if names and names[0].endswith("/"):
            package = names[0].rstrip("/")
        else:
            found |= {f"{package}.{name}" if indented else name: floor for name in names}
        floor += 1
    return found | ({package: floor} if package else {})


def modules(root):
    """Every module below `root`, {name: syntax tree}; a package is named like its folder."""
    found = {}
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        name = ".".join(part for part in parts if part != "__init__")
        found[name] = ast.parse(path.read_text(encoding="utf-8"))
    return found


def imports(trees):
    """Triples (module, module that it imports, name or None), functions' own imports included.

    Those for type hints alone are left out: they are not run.
    """
    found = []
    for module, tree in trees.items():
        for node in _run(tree):
            if isinstance(node, ast.ImportFrom) and _is_ours(node.module, node.level):
                source = _below(_absolute(node, module, trees))
                for alias in node.names:
                    inner = ".".join(filter(None, [source, alias.name]))
                    row = (inner, None) if inner in trees else (source, alias.name)
                    found.append((module, *row))
            elif isinstance(node, ast.Import):
                ours = [alias.name for alias in node.names if _is_ours(alias.name, 0)]
                found += [(module, _below(name), None) for name in ours]
    return found


def _run(node):
    """All nodes but those under `if TYPE_CHECKING:`."""
    yield node
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
            for other in child.orelse:
                yield from _run(other)
        else:
            yield from _run(child)


def _is_ours(name, level):
    return level > 0 or (name or "").split(".")[0] == LIBRARY


def _absolute(node, module, trees):
    if not node.level:
        return node.module
    is_package = any(name.startswith(f"{module}.") for name in trees) or not module
    parts = [LIBRARY, *filter(None, module.split("."))]
    parts = parts[: len(parts) - node.level + is_package]
    return ".".join([*parts, *filter(None, [node.module])])


def _below(name):
    return name.removeprefix(LIBRARY).lstrip(".")


# --- checkers --------------------------------------------------------------------


def floor_problems(trees, places):
    """Modules without a floor or floors without a module, and imports that do not run down."""
    # The top of the library offers everything, and is imported by nothing below it.
    inner = [name for name in trees if name]
    found = [f"{name} has no floor" for name in inner if name not in places]
    found += [f"{name} has a floor and is no module" for name in places if name not in trees]
    for module, source, _ in imports(trees):
        if source == module or not module:
            continue
        if not source:
            found.append(f"{module} imports the whole library")
        elif places.get(source, -1) >= places.get(module, len(places)):
            found.append(f"{module} imports {source}, which does not stand below it")
    return list(dict.fromkeys(found))


def circles(trees):
    """Modules that import each other, over whatever way."""
    wanted = {}
    for module, source, _ in imports(trees):
        wanted.setdefault(module, set()).add(source)
    found = []
    for start in wanted:
        reached, ahead = set(), list(wanted[start] - {start})
        while ahead:
            module = ahead.pop()
            if module not in reached:
                reached.add(module)
                ahead += wanted.get(module, ())
        if start in reached:
            found.append(f"{start or LIBRARY} imports itself over others")
    return found


def private_names(trees):
    """Pairs (module, private name of another module that it takes)."""
    found = set()
    for module, tree in trees.items():
        aliases = {}
        for node in ast.walk(tree):
            if not isinstance(node, ast.ImportFrom) or not _is_ours(node.module, node.level):
                continue
            source = _below(_absolute(node, module, trees))
            for alias in node.names:
                inner = ".".join(filter(None, [source, alias.name]))
                if inner in trees:
                    aliases[alias.asname or alias.name] = inner
                elif _is_private(alias.name):
                    found.add((module, inner))
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and _is_private(node.attr):
                source = aliases.get(ast.unparse(node.value))
                found |= {(module, f"{source}.{node.attr}")} if source else set()
    return sorted(found)


def _is_private(name):
    return name.startswith("_") and not name.endswith("__")


def private_problems(trees, known):
    """Private names that are taken and not known, or known and not taken any more."""
    taken = private_names(trees)
    found = [f"{module} takes {name}" for module, name in taken if (module, name) not in known]
    gone = [f"{module} no longer takes {name}" for module, name in known]
    return found + [text for text, pair in zip(gone, known, strict=True) if pair not in taken]


def shown(page):
    """The paths that the API page describes."""
    found = set()
    for kind, path, options in re.findall(
        r"^\.\. auto(\w+):: ([\w.]+)\n((?:   :.*\n?)*)", page, re.MULTILINE
    ):
        members = re.search(r":members:(.*)", options)
        if kind != "module":
            found.add(path)
        elif members and members.group(1).strip():
            found |= {f"{path}.{name.strip()}" for name in members.group(1).split(",")}
        elif members:
            module = importlib.import_module(path)
            own = [n for n, v in vars(module).items() if getattr(v, "__module__", None) == path]
            found |= {f"{path}.{name}" for name in getattr(module, "__all__", own)}
    return found


def page_problems(page, names):
    """Public names without an entry on the page under a path that people type."""
    there = shown(page)
    found = []
    for label, value in names.items():
        # The same object may be offered twice, as an error is at the top too.
        typed = {f"{LIBRARY}.{other}" for other, same in names.items() if same is value}
        if not typed & there:
            found.append(f"{label} has no entry on the API page")
    return found


# --- the house as it is ----------------------------------------------------------

TREES = modules(ROOT / LIBRARY)
PLACES = floors((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"))
PAGE = (ROOT / "book" / "api.rst").read_text(encoding="utf-8")


def test_every_module_has_a_floor_and_imports_run_down():
    assert floor_problems(TREES, PLACES) == []


def test_no_imports_run_in_a_circle():
    assert circles(TREES) == []


def test_private_names_stay_in_their_module():
    assert private_problems(TREES, KNOWN) == []


def test_every_public_name_is_on_the_api_page():
    assert page_problems(PAGE, public_api.names()) == []


# --- the checkers find what is wrong ---------------------------------------------

MAP = """# Contributing

## The house

```text
_checks  thermal  # tools
atoms/
    basis  pair  # labels
    solve
ring/
    model
figures
```
"""
SOUND = {
    "__init__.py": "from coherence_lib import atoms, ring",
    "_checks.py": "",
    "thermal.py": "",
    "atoms/__init__.py": "from coherence_lib.atoms.solve import evolve",
    "atoms/basis.py": "from coherence_lib import _checks\n_checks.times(1)",
    "atoms/pair.py": "from coherence_lib._checks import times",
    "atoms/solve.py": "from coherence_lib.atoms import basis, pair",
    "ring/__init__.py": "",
    "ring/model.py": "from coherence_lib.atoms import evolve\nself._inner",
    "figures.py": "import coherence_lib.ring\nimport numpy._core",
}


@pytest.fixture
def tree(tmp_path):
    """A function that writes a sound library but for some files, and reads it."""

    def write(**changes):
        for name, text in {**SOUND, **changes}.items():
            path = tmp_path / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return modules(tmp_path)

    return write


def test_the_map_is_read_from_below():
    assert floors(MAP) == {
        "_checks": 0, "thermal": 0,
        "atoms.basis": 2, "atoms.pair": 2, "atoms.solve": 3, "atoms": 4,
        "ring.model": 6, "ring": 7,
        "figures": 8,
    }  # fmt: skip


def test_a_sound_tree_has_no_problem(tree):
    assert floor_problems(tree(), floors(MAP)) == []
    assert circles(tree()) == []
    assert private_problems(tree(), ()) == []


@pytest.mark.parametrize(
    "file, text, problem",
    [
        ("thermal.py", "from coherence_lib.ring import model", "thermal imports ring.model, which"),
        (
            "thermal.py",
            "def f():\n    from coherence_lib import ring",
            "thermal imports ring, which",
        ),
        ("thermal.py", "import coherence_lib.figures", "thermal imports figures, which"),
        ("thermal.py", "from . import figures", "thermal imports figures, which"),
        ("atoms/basis.py", "from .solve import evolve", "atoms.basis imports atoms.solve, which"),
        ("atoms/basis.py", "from ..ring import model", "atoms.basis imports ring.model, which"),
        (
            "atoms/basis.py",
            "from coherence_lib.atoms import pair",
            "atoms.basis imports atoms.pair",
        ),
        ("atoms/basis.py", "from coherence_lib.atoms import evolve", "atoms.basis imports atoms,"),
        ("thermal.py", "import coherence_lib", "thermal imports the whole library"),
        ("sweep.py", "", "sweep has no floor"),
    ],
)
def test_an_import_that_does_not_run_down_is_found(tree, file, text, problem):
    assert any(problem in found for found in floor_problems(tree(**{file: text}), floors(MAP)))


def test_an_import_for_type_hints_may_run_up(tree):
    text = "if TYPE_CHECKING:\n    from coherence_lib import figures"
    assert floor_problems(tree(**{"thermal.py": text}), floors(MAP)) == []
    text += "\nelse:\n    from coherence_lib import ring"
    found = floor_problems(tree(**{"thermal.py": text}), floors(MAP))
    assert found == ["thermal imports ring, which does not stand below it"]


def test_a_floor_without_a_module_is_found(tree):
    places = floors(MAP.replace("figures", "figures  sweep"))
    assert floor_problems(tree(), places) == ["sweep has a floor and is no module"]


def test_a_circle_is_found(tree):
    there = {"atoms/basis.py": "from coherence_lib.atoms.pair import evolve"}
    back = {"atoms/pair.py": "def f():\n    import coherence_lib.atoms.basis"}
    assert circles(tree(**there)) == []
    assert circles(tree(**there, **back)) == [
        "atoms.basis imports itself over others",
        "atoms.pair imports itself over others",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "from coherence_lib.atoms.solve import _inner",
        "from coherence_lib.atoms import solve\nsolve._inner(1)",
        "from coherence_lib.atoms import solve as s\ns._inner",
        "from ..atoms.solve import _inner as inner",
    ],
)
def test_a_private_name_of_another_module_is_found(tree, text):
    trees = tree(**{"ring/model.py": text})
    assert private_problems(trees, ()) == ["ring.model takes atoms.solve._inner"]
    assert private_problems(trees, [("ring.model", "atoms.solve._inner")]) == []


def test_a_known_private_name_that_is_gone_is_found(tree):
    known = [("ring.model", "atoms.solve._inner")]
    assert private_problems(tree(), known) == ["ring.model no longer takes atoms.solve._inner"]


def test_a_public_name_without_an_entry_is_found():
    names = public_api.names()
    listed = ".. automodule:: coherence_lib.thermal\n   :members: photon_number\n"
    listed += "\n.. autofunction:: coherence_lib.ring.coherence\n"
    missing = page_problems(listed, names)
    assert "thermal.temperature has no entry on the API page" in missing
    assert "ring.SourceRing has no entry on the API page" in missing
    assert "thermal.photon_number has no entry on the API page" not in missing
    assert "ring.coherence has no entry on the API page" not in missing
    without = PAGE.replace("automodule:: coherence_lib.measures\n   :members:", "")
    assert "measures.l1_coherence has no entry on the API page" in page_problems(without, names)
