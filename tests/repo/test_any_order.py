"""The suite in another order of its files: what depends on the order is found."""

import subprocess
import sys
from pathlib import Path

import pytest

from tools import any_order

ROOT = Path(__file__).parents[2]


def test_orders_hold_every_file_once():
    names = any_order.files(ROOT)
    assert "tests/repo/test_any_order.py" in names
    assert "coherence_lib/atoms/pair.py" in names
    assert not any(name.startswith("tests/book") for name in names)
    found = any_order.orders(names, 7)
    assert [sorted(ordered) for ordered in found.values()] == [names, names]
    assert found["reverse"] == names[::-1]
    assert found["random, --seed 7"] == any_order.orders(names, 7)["random, --seed 7"]
    assert found["random, --seed 7"] not in (names, names[::-1])


USES = "import json\n\ndef test_two():\n    assert hasattr(json, 'left_behind')\n"


@pytest.mark.slow
@pytest.mark.parametrize("alone, status", [(True, 0), (False, 1)])
def test_what_depends_on_the_order_is_found(tmp_path, alone, status):
    """The second file takes care of itself, or needs what the first one leaves behind."""
    first = "import json\n\ndef test_one():\n    json.left_behind = True\n"
    second = USES.replace("\n\n", "\njson.left_behind = True\n\n") if alone else USES
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_one.py").write_text(first, encoding="utf-8")
    (tmp_path / "tests" / "test_two.py").write_text(second, encoding="utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    command = [sys.executable, ROOT / "tools" / "any_order.py", "--seed", "1", "--root", tmp_path]
    done = subprocess.run(command, capture_output=True, encoding="utf-8")
    assert done.returncode == status, done.stdout + done.stderr
    assert ("depend on the order of their files: reverse" in done.stderr) == bool(status)
