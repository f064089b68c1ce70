"""The set-up and the commands of a fresh clone, in a reader's environment."""

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# A package whose "build" needs nothing: what is tested is whether pip is willing.
BACKEND = """
import zipfile

def build_editable(folder, config_settings=None, metadata_directory=None):
    name = "coherence_lib-0-py3-none-any.whl"
    info = "coherence_lib-0.dist-info"
    with zipfile.ZipFile(f"{folder}/{name}", "w") as wheel:
        head = "Metadata-Version: 2.1\\nName: coherence_lib\\nVersion: 0\\n"
        wheel.writestr(f"{info}/METADATA", head)
        tags = "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"
        wheel.writestr(f"{info}/WHEEL", tags)
        wheel.writestr(f"{info}/RECORD", "")
    return name
"""


@pytest.fixture
def clone(tmp_path):
    """The Makefile, with nothing to install but the library, which is a toy."""
    folder = tmp_path / "clone"
    folder.mkdir()
    shutil.copy(ROOT / "Makefile", folder)
    (folder / "requirements.txt").write_text("", encoding="utf-8")
    (folder / "backend.py").write_text(BACKEND, encoding="utf-8")
    (folder / "pyproject.toml").write_text(
        '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
        '[project]\nname = "coherence_lib"\nversion = "0"\n',
        encoding="utf-8",
    )
    return folder


def set_up(clone, **variables):
    # The `make` that runs these tests has settled pip's user folder already.
    inherited = {k: v for k, v in os.environ.items() if k not in ("PIP_USER", "MAKEFLAGS")}
    return subprocess.run(
        ["make", f"PYTHON={sys.executable}", ".venv/.ready"],
        cwd=clone,
        env={**inherited, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )


def reader(folder):
    """Settings of pip and Python that a reader may have, and that would stop a set-up."""
    settings = folder / "pip.conf"
    settings.write_text("[install]\nuser = true\n", encoding="utf-8")
    return {
        "PIP_CONFIG_FILE": str(settings),
        "PIP_TARGET": str(folder / "target"),
        "PYTHONSAFEPATH": "1",
        "PYTHONOPTIMIZE": "1",
    }


@pytest.mark.slow
def test_a_set_up_does_as_usual_in_a_readers_environment(clone, tmp_path):
    done = set_up(clone, **reader(tmp_path))
    assert done.returncode == 0, done.stdout
    assert list((clone / ".venv").rglob("coherence_lib-0.dist-info"))
    assert not (tmp_path / "target").exists()
    # As a variable it counts more than any file.
    (clone / ".venv" / ".ready").unlink()
    done = set_up(clone, PIP_USER="1")
    assert done.returncode == 0, done.stdout


def test_a_makefile_that_leaves_pip_to_the_reader_is_seen(clone, tmp_path):
    makefile = clone / "Makefile"
    text = makefile.read_text(encoding="utf-8")
    assert "export PIP_USER := 0\n" in text
    makefile.write_text(text.replace("export PIP_USER := 0\n", ""), encoding="utf-8")
    variables = reader(tmp_path)
    del variables["PIP_TARGET"]
    done = set_up(clone, **variables)
    assert done.returncode != 0
    assert "--user" in done.stdout


def git(folder, *arguments):
    identity = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
    return subprocess.run(
        ["git", *identity, *arguments], cwd=folder, check=True, capture_output=True
    ).stdout


def checked_out(folder, attributes):
    """`.ci/run` as Git for Windows checks it out by default, with the given attributes."""
    origin = folder / "origin"
    (origin / ".ci").mkdir(parents=True)
    shutil.copy(ROOT / ".ci" / "run", origin / ".ci" / "run")
    (origin / ".gitattributes").write_text(attributes, encoding="utf-8")
    git(origin, "init", "--quiet")
    git(origin, "add", "-A")
    git(origin, "commit", "--quiet", "-m", "x")
    git(folder, "clone", "--quiet", "--config", "core.autocrlf=true", "origin", "copy")
    return (folder / "copy" / ".ci" / "run").read_bytes()


def test_scripts_start_where_git_writes_the_line_ends_of_windows(tmp_path):
    attributes = (ROOT / ".gitattributes").read_text(encoding="utf-8")
    assert checked_out(tmp_path, attributes) == (ROOT / ".ci" / "run").read_bytes()
    assert b"\r" not in (ROOT / ".ci" / "run").read_bytes()
    (tmp_path / "without").mkdir()
    assert b"\r\n" in checked_out(tmp_path / "without", "")


@pytest.mark.slow
def test_the_notebooks_cells_stay_on_one_worker(tmp_path):
    """Two workers, and cells that need the one before: `-n 2` alone would spread them."""
    import nbformat

    cells = [nbformat.v4.new_code_cell(source) for source in ["x = 1", *["x += 1"] * 5]]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "count.ipynb")
    command = [sys.executable, "-m", "pytest", "--nbval", "-q", "-n", "2", "-p", "no:cacheprovider"]
    alone = subprocess.run([*command, str(tmp_path)], cwd=tmp_path, capture_output=True)
    assert alone.returncode == 1
    for name in ("conftest.py", "tools"):
        (tmp_path / name).symlink_to(ROOT / name)
    together = subprocess.run([*command, str(tmp_path)], cwd=tmp_path, capture_output=True)
    assert together.returncode == 0, together.stdout.decode()


def test_two_set_ups_at_once_become_one(clone):
    with ThreadPoolExecutor() as pool:
        runs = [pool.submit(set_up, clone) for _ in range(2)]
        done = [run.result() for run in runs]
    assert [run.returncode for run in done] == [0, 0], [run.stdout for run in done]
    assert sum("Setting up .venv" in run.stdout for run in done) == 1
    assert sum("Waiting for another make" in run.stdout for run in done) == 1
    assert not (clone / ".venv.lock").exists()


@pytest.mark.slow
def test_a_set_up_that_was_killed_holds_nobody_up(clone):
    (clone / ".venv.lock").mkdir()
    # The number of a process that is gone.
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    (clone / ".venv.lock" / "make").write_text(f"{gone.pid}\n", encoding="utf-8")
    done = set_up(clone)
    assert done.returncode == 0, done.stdout
    assert list((clone / ".venv").rglob("coherence_lib-0.dist-info"))
