"""Text is read and written as UTF-8 on every machine, whatever its own encoding."""

import ast
import json
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ("benchmarks", "book", "coherence_lib", "tests", "tools")
OPENERS = {"open", "read_text", "write_text"}


def sources(root):
    """{place: code} of all Python files and notebooks."""
    paths = [root / "conftest.py", *(p for name in FOLDERS for p in (root / name).rglob("*.py"))]
    found = {path.relative_to(root).as_posix(): path.read_text("utf-8") for path in paths}
    for path in (root / "book").rglob("*.ipynb"):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        code = ("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
        found[path.relative_to(root).as_posix()] = "\n".join(code)
    return found


def _is_binary(call):
    texts = [a.value for a in call.args if isinstance(a, ast.Constant)]
    texts += [k.value.value for k in call.keywords if k.arg == "mode"]
    return any(isinstance(text, str) and "b" in text and len(text) <= 3 for text in texts)


def missing_encodings(code):
    """Calls that read or write text in the machine's own encoding, as (line, name)."""
    found = []
    for call in ast.walk(ast.parse(code)):
        if not isinstance(call, ast.Call):
            continue
        name = getattr(call.func, "attr", getattr(call.func, "id", ""))
        given = {keyword.arg for keyword in call.keywords}
        # The first argument of `read_text` and the second of `write_text` are the encoding.
        by_place = {"read_text": 1, "write_text": 2}.get(name, 4)
        # A picture, whatever it is given, and a descriptor, which knows no text.
        other = ast.unparse(call.func) in ("Image.open", "os.open")
        reads = name in OPENERS and not other and not _is_binary(call) and len(call.args) < by_place
        runs = any(k.arg in ("text", "universal_newlines") for k in call.keywords) and (
            name in ("run", "Popen", "check_output")
        )
        if (reads or runs) and "encoding" not in given:
            found.append((call.lineno, name))
    return found


def test_every_file_is_opened_with_an_encoding():
    missing = {place: missing_encodings(code) for place, code in sources(ROOT).items()}
    assert {place: calls for place, calls in missing.items() if calls} == {}


@pytest.mark.parametrize(
    "code, seen",
    [
        ("open('a')", 1),
        ("open('a', 'w')", 1),
        ("path.open('w')", 1),
        ("path.read_text()", 1),
        ("path.write_text('x')", 1),
        ("subprocess.run([], text=True)", 1),
        ("open('a', 'rb')", 0),
        ("path.open('wb')", 0),
        ("Image.open(file)", 0),
        ("os.open('a', os.O_RDONLY)", 0),
        ("open('a', encoding='utf-8')", 0),
        ("path.read_text('utf-8')", 0),
        ("path.write_text('x', encoding='utf-8')", 0),
        ("subprocess.run([], text=True, encoding='utf-8')", 0),
    ],
)
def test_a_call_without_encoding_is_seen(code, seen):
    assert len(missing_encodings(code)) == seen
