"""A build that fails or is interrupted leaves no page that looks finished."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import numpy as np
import pytest
import yaml

from tools import published
from tools.build_book import missing_pages

ROOT = Path(__file__).parents[2]
SCRIPT = Path(__file__).parents[2] / "tools" / "build_book.py"


@pytest.fixture
def book(tmp_path):
    """A book of one page, with the site of an earlier build in place."""
    (tmp_path / "_config.yml").write_text(
        "title: A book\nonly_build_toc_files: true\nrepository: {url: ''}\n", encoding="utf-8"
    )
    (tmp_path / "_toc.yml").write_text("format: jb-book\nroot: intro\n", encoding="utf-8")
    (tmp_path / "intro.md").write_text("# A book\n", encoding="utf-8")
    (tmp_path / "_build" / "html").mkdir(parents=True)
    (tmp_path / "_build" / "html" / "intro.html").write_text("old", encoding="utf-8")
    return tmp_path


def start(book):
    command = [sys.executable, SCRIPT, "--root", book, "--execute", "off"]
    return subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        encoding="utf-8",
    )


def test_a_finished_build_is_moved_in_place(book):
    process = start(book)
    output, _ = process.communicate(timeout=120)
    assert process.returncode == 0, output
    assert "A book" in (book / "_build" / "html" / "intro.html").read_text(encoding="utf-8")
    assert not (book / "_build" / "new").exists()


def test_a_warning_fails_the_build_and_leaves_no_site(book):
    (book / "intro.md").write_text("# A book\n\n{ref}`nowhere`\n", encoding="utf-8")
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


def files_below(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows has no process groups to kill")
def test_a_build_by_jupyter_book_that_is_killed_fifty_times_leaves_a_whole_site_or_none(book):
    page, site = book / "_build" / "html" / "intro.html", book / "_build" / "html"
    began = time.monotonic()
    start(book).communicate(timeout=600)
    seconds, whole = time.monotonic() - began, files_below(site)
    assert len(whole) > 20
    ends = []
    for number, share in enumerate(np.random.default_rng(7).uniform(0.0, 1.1, 50)):
        (book / "intro.md").write_text(f"# Book {number} of all\n", encoding="utf-8")
        process = start(book)
        try:
            process.communicate(timeout=share * seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate(timeout=60)
        ends.append("none" if not site.exists() else "old")
        if site.exists():
            # The site of this build, or the one before it, where it was killed at once.
            assert files_below(site) == whole
            text = page.read_text(encoding="utf-8")
            ends[-1] = "new" if f"Book {number} of all" in text else "old"
            assert text.rstrip().endswith("</html>")
    assert ends.count("none") > 20
    assert set(ends) >= {"none", "new"}
    last = start(book)
    last.communicate(timeout=600)
    assert last.returncode == 0
    assert f"Book {number} of all" in page.read_text(encoding="utf-8")


def test_pages_that_were_not_written_are_named(tmp_path):
    toc = {
        "root": "intro",
        "parts": [{"chapters": [{"file": "a", "sections": [{"file": "b"}]}, {"file": "c"}]}],
    }
    for page in ("intro", "a"):
        (tmp_path / f"{page}.html").touch()
    assert missing_pages(toc, tmp_path) == ["b", "c"]


# --- what the book's own Sphinx extension adds ---------------------------------------------------

FIGURE = {"mystnb": {"figure": {"caption": "A line.", "name": "fig-line"}}}
DRAW = "import matplotlib.pyplot as plt\nplt.plot([0, 1])\nplt.show()"

PAGES = ("line", "ledger", "ledger/ours-line", "errata", "api")
CLAIM = """paper: ours
section: Lines
chapter: line

claims:
- id: ours-line-1
  locus: A line
  title: points in a row
  claim: It is straight.
  verdict: reproduces
  tolerance: 1.0e-9
"""
TEST = """
from coherence_lib import ring

@claim("ours-line-1", "reproduces")
def test_line(deviation):
    deviation(ring.log_weights(2, 0.0), 0.0)
"""
API = """# Library

```{eval-rst}
.. autofunction:: coherence_lib.ring.log_weights
```
"""


@pytest.fixture
def chapter(book):
    """The book with the real extension, a claim of its own, and a notebook with one figure."""
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    extensions = ("book_site", "book_places")
    config["sphinx"]["local_extensions"] = dict.fromkeys(extensions, str(ROOT / "book" / "_ext"))
    # Without the extension that sets formulas: MathJax would be another host's.
    config["sphinx"]["config"] = {"nb_execution_raise_on_error": True, "mathjax_path": "mathjax.js"}
    config["sphinx"]["extra_extensions"] = ["sphinx.ext.autodoc"]
    (book / "_config.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
    toc = {
        "format": "jb-book",
        "root": "intro",
        "chapters": [{"file": f"book/{name}"} for name in PAGES],
    }
    (book / "_toc.yml").write_text(yaml.safe_dump(toc), encoding="utf-8")
    for folder, name, text in (
        ("claims", "ours-line.yml", CLAIM),
        ("tests/ours", "test_line.py", TEST),
    ):
        (book / folder).mkdir(parents=True)
        (book / folder / name).write_text(text, encoding="utf-8")
    (book / "measured.json").write_text("{}", encoding="utf-8")
    (book / "book" / "part1").mkdir(parents=True)
    (book / "book" / "api.md").write_text(API, encoding="utf-8")
    write_cell(book, DRAW)
    return book


def write_cell(book, source):
    heading = nbformat.v4.new_markdown_cell("# A line\n\n{ref}`It is straight <ours-line-1>`.")
    cell = nbformat.v4.new_code_cell(source, metadata=FIGURE)
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    notebook = nbformat.v4.new_notebook(cells=[heading, cell], metadata=kernel)
    nbformat.write(notebook, book / "book" / "line.ipynb")


def run(command, **variables):
    environment = {**os.environ, **variables}
    result = subprocess.run(
        [str(part) for part in command],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )
    return result.returncode, result.stdout


HOSTILE = {
    "MPLBACKEND": "Agg",
    "PYTHONOPTIMIZE": "1",
    "PYTHONSAFEPATH": "1",
    "PYTHONWARNINGS": "error::ResourceWarning",
}


def plain_build(book, **variables):
    """What a reader types who knows Jupyter Book and not this project's tools."""
    script = Path(sys.executable).with_name("jupyter-book")
    return run([script, "build", book], **variables)


def launch_links(page):
    """Addresses of services that open a notebook."""
    return re.findall(r'href="(https://(?:mybinder|colab)[^"]*)"', page)


@pytest.mark.slow
def test_binder_and_colab_open_the_notebook_where_an_address_is_set(chapter):
    config = yaml.safe_load((chapter / "_config.yml").read_text(encoding="utf-8"))
    address = {"url": "https://github.com/someone/heat", "branch": "main", "path_to_book": ""}
    config["repository"] = address
    (chapter / "_config.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
    status, output = plain_build(chapter)
    assert status == 0, output
    page = (chapter / "_build" / "html" / "book" / "line.html").read_text(encoding="utf-8")
    assert sorted(launch_links(page)) == [
        "https://colab.research.google.com/github/someone/heat/blob/main/book/line.ipynb",
        "https://mybinder.org/v2/gh/someone/heat/main?urlpath=lab/tree/book/line.ipynb",
    ]
    assert 'href="https://github.com/someone/heat/issues/new' in page


def test_a_plain_build_has_its_ledger_and_its_figures(chapter):
    status, output = plain_build(chapter, **HOSTILE)
    assert status == 0, output
    assert "[1/1] book/line.ipynb" in output
    html = chapter / "_build" / "html" / "book"
    assert "<img" in (html / "line.html").read_text(encoding="utf-8")
    for page in ("ledger", "errata"):
        assert (html / f"{page}.html").is_file()
    page = (html / "ledger" / "ours-line.html").read_text(encoding="utf-8")
    assert "deviation(ring.log_weights(2, 0.0), 0.0)" in page
    assert 'href="../line.html#at-ours-line-1"' in page
    # The name that people type leads to where the function is defined.
    assert 'href="../api.html#coherence_lib.ring.log_weights"' in page
    back = (html / "line.html").read_text(encoding="utf-8")
    assert 'href="ledger/ours-line.html#ours-line-1"' in back
    # The kernel says at start that it speaks over TCP; nobody else needs to hear it.
    assert "TCP" not in output


@pytest.mark.parametrize(
    "source, complaint",
    [
        ("%matplotlib agg\n" + DRAW, "cell 1 names fig-line, and shows no image"),
        (DRAW + "\nimport warnings; warnings.warn('beware')", "cell 1 writes to stderr"),
        (DRAW + "\nimport sys; print(sys.prefix + '/lib')", "book/line.html tells a path"),
        (
            "from IPython.display import HTML\nimport matplotlib.pyplot as plt\n"
            "plt.plot([0, 1])\nplt.show()\n"
            "HTML('<img loading=lazy alt=x src=https://example.org/x.png>')",
            "book/line.html asks another host: https://example.org/x.png",
        ),
    ],
)
def test_a_build_fails_where_a_page_would_not_be_whole(chapter, source, complaint):
    write_cell(chapter, source)
    status, output = plain_build(chapter)
    assert status != 0
    assert complaint in output


def test_cells_that_are_not_whole_are_seen():
    shown = {"output_type": "display_data", "data": {"image/png": "x"}}
    warned = {"output_type": "stream", "name": "stderr", "text": ["beware"]}
    sound = {"metadata": FIGURE, "outputs": [shown]}
    assert published.cell_problems({"cells": [sound, {"metadata": {}}]}) == []
    assert published.cell_problems({"cells": [sound, {"metadata": FIGURE, "outputs": []}]}) == [
        "cell 1 names fig-line, and shows no image"
    ]
    assert published.cell_problems({"cells": [{**sound, "outputs": [shown, warned]}]}) == [
        "cell 0 writes to stderr: beware"
    ]


@pytest.mark.parametrize(
    "text, told",
    [
        ("in /srv/home/book/x.py", ["/srv/home/book/x.py"]),
        ("see file:///srv/home/x", ["file:///srv/home/x"]),
        ("(/srv/home/)", ["/srv/home/"]),
        ("https://example.org/srv/home/x", []),
        ("/other/srv/home/x", []),
        ("/srv/homes/x", []),
    ],
)
def test_a_path_of_the_machine_is_seen(text, told):
    assert published.paths_told(text, ["/srv/home"]) == told


FOREIGN = "https://example.org/x"
ASKS = {
    "at once": f"<script>fetch('{FOREIGN}')</script>",
    "after three seconds": f"<script>setTimeout(() => fetch('{FOREIGN}'), 3000)</script>",
    "on a click": f"<script>onclick = () => {{ new Image().src = '{FOREIGN}'; }}</script>",
    "a handler": f"<button onclick=\"fetch('{FOREIGN}')\">x</button>",
    "a lazy image": f'<img loading="lazy" alt="" src="{FOREIGN}">',
    "one of several images": f'<img alt="" src="x.png" srcset="x.png 1x, {FOREIGN} 2x">',
    "a frame": f'<iframe src="{FOREIGN}"></iframe>',
    "a style sheet": f'<link rel="stylesheet" href="{FOREIGN}">',
    "a style": f'<p style="background: url({FOREIGN})">x</p>',
    "a rule": f"<style>p {{ background: url({FOREIGN}) }}</style>",
    "a hint": '<link rel="preconnect" href="//example.org">',
    "a form": f'<form action="{FOREIGN}"></form>',
    "a count of clicks": f'<a href="x.html" ping="{FOREIGN}">x</a>',
    "a socket": "<script>new WebSocket('wss://example.org/x')</script>",
    "a module": f"<script type=\"module\">import '{FOREIGN}'</script>",
}
ASKS_NOBODY = {
    "a link": f'<a href="{FOREIGN}">x</a>',
    "its own": '<img alt="" src="../_images/x.png"><script src="x.js"></script>',
    "data": f'<script type="application/json">["{FOREIGN}"]</script>',
    "a name of SVG": "<script>document.createElementNS('http://www.w3.org/2000/svg', 'g')</script>",
    "a picture in itself": '<img alt="" src="data:image/svg+xml,http://www.example.org">',
    "a comment": f"<script>\n// see {FOREIGN}\nx()</script>",
    "a text": f"<p>{FOREIGN}</p><script>x()</script><p>{FOREIGN}</p>",
}


@pytest.mark.parametrize("body", ASKS.values(), ids=ASKS)
def test_a_page_that_may_ask_another_host_stops_the_build(body, tmp_path):
    (tmp_path / "a.html").write_text(f"<html><body>{body}</body></html>", encoding="utf-8")
    (problem,) = published.page_problems(tmp_path, ["/srv/home"])
    assert problem.startswith("a.html asks another host: ")
    assert "//example.org" in problem


@pytest.mark.parametrize("body", ASKS_NOBODY.values(), ids=ASKS_NOBODY)
def test_a_page_that_asks_nobody_passes(body):
    assert published.hosts_asked(body) == []


@pytest.mark.parametrize("safe", [{}, {"PYTHONSAFEPATH": "1"}])
@pytest.mark.parametrize("tool", ["build_book", "notebooks", "any_cpu", "any_order", "claim"])
def test_a_tool_starts_from_any_folder(tmp_path, monkeypatch, tool, safe):
    monkeypatch.chdir(tmp_path)
    status, output = run([sys.executable, ROOT / "tools" / f"{tool}.py", "--help"], **safe)
    assert status == 0, output


@pytest.mark.parametrize("tool", ["build_book", "notebooks", "any_cpu", "any_order", "claim"])
def test_a_tool_starts_as_a_module(monkeypatch, tool):
    monkeypatch.chdir(ROOT)
    status, output = run([sys.executable, "-m", f"tools.{tool}", "--help"])
    assert status == 0, output
