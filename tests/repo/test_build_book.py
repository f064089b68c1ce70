"""A build that fails or is interrupted leaves no page that looks finished."""

import importlib.util
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "tools" / "build_book.py"


@pytest.fixture(scope="module")
def build_book():
    spec = importlib.util.spec_from_file_location("build_book", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    # The script imports its neighbour `ledger`, as it may when it is run by its path.
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(SCRIPT.parent)
        spec.loader.exec_module(module)
    return module


@pytest.fixture
def book(tmp_path):
    """A book of one page, with the site of an earlier build in place."""
    (tmp_path / "_config.yml").write_text(
        "title: A book\nonly_build_toc_files: true\nrepository: {url: ''}\n"
    )
    (tmp_path / "_toc.yml").write_text("format: jb-book\nroot: intro\n")
    (tmp_path / "intro.md").write_text("# A book\n")
    (tmp_path / "_build" / "html").mkdir(parents=True)
    (tmp_path / "_build" / "html" / "intro.html").write_text("old")
    return tmp_path


def start(book):
    command = [sys.executable, SCRIPT, "--root", book, "--execute", "off"]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    )


def test_a_finished_build_is_moved_in_place(book):
    process = start(book)
    output, _ = process.communicate(timeout=120)
    assert process.returncode == 0, output
    assert "A book" in (book / "_build" / "html" / "intro.html").read_text()
    assert not (book / "_build" / "new").exists()


def test_a_warning_fails_the_build_and_leaves_no_site(book):
    (book / "intro.md").write_text("# A book\n\n{ref}`nowhere`\n")
    process = start(book)
    output, _ = process.communicate(timeout=120)
    assert process.returncode != 0
    assert "nowhere" in output
    assert not (book / "_build" / "html").exists()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no process groups to kill")
def test_a_killed_build_leaves_no_site(book):
    process = start(book)
    while not (book / "_build" / "new" / "_config.yml").exists():
        assert process.poll() is None
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait(timeout=10)
    assert not (book / "_build" / "html").exists()


def test_pages_that_were_not_written_are_named(build_book, tmp_path):
    toc = {
        "root": "intro",
        "parts": [{"chapters": [{"file": "a", "sections": [{"file": "b"}]}, {"file": "c"}]}],
    }
    for page in ("intro", "a"):
        (tmp_path / f"{page}.html").touch()
    assert build_book.missing_pages(toc, tmp_path) == ["b", "c"]
