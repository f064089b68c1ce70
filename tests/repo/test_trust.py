"""What is counted for the page on trust, and when a part of it is measured anew."""

import pytest

from tools import trust


@pytest.fixture
def root(tmp_path):
    """A repository with a module and two folders of tests."""
    for name in ("coherence_lib/thermal.py", "tests/ring/test_free.py", "tests/atoms/test_pair.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("", encoding="utf-8")
    for name in ("conftest.py", "pyproject.toml", "tests/states.py", "tests/test_thermal.py"):
        (tmp_path / name).write_text("", encoding="utf-8")
    return tmp_path


def test_the_parts_are_all_unit_tests():
    found = trust.unit_tests(trust.ROOT)
    assert len(found) == len(set(found))
    assert {"tests/ring", "coherence_lib", "tests/test_thermal.py"} < set(found)
    assert not any(path.startswith("tests/repo") for path in found)


@pytest.mark.parametrize(
    "changed, is_new",
    [
        ("coherence_lib/thermal.py", True),
        ("tests/ring/test_free.py", True),
        ("tests/states.py", True),
        ("pyproject.toml", True),
        ("tests/atoms/test_pair.py", False),
        ("tests/test_thermal.py", False),
    ],
)
def test_a_part_is_measured_anew_if_it_or_the_library_changed(root, changed, is_new):
    before = trust.key(root, ["tests/ring"])
    assert trust.key(root, ["tests/ring"]) == before
    (root / changed).write_text("1", encoding="utf-8")
    assert (trust.key(root, ["tests/ring"]) != before) == is_new


def test_lines_and_branches_of_all_parts_are_told_together(root):
    (root / "coherence_lib" / "__init__.py").write_text("", encoding="utf-8")
    (root / "coherence_lib" / "thermal.py").write_text(
        "def sign(x):\n    if x > 0:\n        return 1\n    if x < 0:\n        return -1\n"
        "    return 0\n",
        encoding="utf-8",
    )
    (root / "pyproject.toml").write_text(
        '[tool.coverage.run]\nsource = ["coherence_lib"]\n'
        '[tool.pytest.ini_options]\npythonpath = ["."]\naddopts = "--import-mode=importlib"\n',
        encoding="utf-8",
    )
    for name, x in (("ring/test_free.py", 1), ("atoms/test_pair.py", -1)):
        (root / "tests" / name).write_text(
            f"from coherence_lib import thermal\n\n\ndef test_sign():\n    thermal.sign({x})\n",
            encoding="utf-8",
        )
    folders = {"ring": ["tests/ring"], "atoms": ["tests/atoms"]}
    found = trust.coverage(root, 1, folders)
    assert found["lines"] - found["lines run"] == 1
    assert found["missed"] == {"coherence_lib/thermal.py": ["6", "4->6"]}
    first = {path.name for path in (root / trust.MEASURED).iterdir()}
    (root / "tests" / "atoms" / "test_pair.py").write_text(
        "from coherence_lib import thermal\n\n\ndef test_sign():\n    thermal.sign(0)\n",
        encoding="utf-8",
    )
    found = trust.coverage(root, 1, folders)
    assert found["missed"] == {"coherence_lib/thermal.py": ["5", "4->5"]}
    second = {path.name for path in (root / trust.MEASURED).iterdir()}
    assert len(first) == len(second)
    assert [name for name in first - second if name.startswith("ring")] == []


def test_red_tests_are_no_measurement(root):
    (root / "tests" / "ring" / "test_free.py").write_text(
        "def test_red():\n    assert False\n", encoding="utf-8"
    )
    with pytest.raises(SystemExit, match="`pytest -q` of new-ring-.* fails"):
        trust.coverage(root, 1, {"ring": ["tests/ring"]})
    assert not list((root / trust.MEASURED).glob("ring-*"))
