"""Files are whole or not there, whatever happens: a kill, a full disk, a second run."""

import errno
import itertools
import json
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import time
import types
from functools import partial
from pathlib import Path

import claims
import numpy as np
import pytest

from coherence_lib import _writing, sweep
from coherence_lib.figures.reference import load, store
from tools import build_book, one_run

# A child that shares what is imported starts in milliseconds, so that fifty can be killed.
FORK = multiprocessing.get_context("fork")
KILLS = 50


def storing(path, first):
    for number in range(first, first + 10_000):
        store(path, f"fig-{number}", numbers={"y": {"shape": [3], "values": [1.0, 2.0, number]}})


def measuring(path, first):
    claims.ROOT = path.parent
    names = list(claims.load())
    for number in range(first, first + 10_000):
        claims.write_measured({names[number % len(names)]: 1e-12})


def overwriting(path, first):
    """What a writer without care does: the control."""
    for number in range(first, first + 10_000):
        entries = json.loads(path.read_text("utf-8")) if path.exists() else {}
        entries[f"fig-{number}"] = {"numbers": {"y": [1.0] * 2000}}
        path.write_text(json.dumps(entries), encoding="utf-8")


def killed(work, path, seed):
    """Start the work fifty times and kill it at a random moment; the file's size after each."""
    delays = np.random.default_rng(seed).uniform(0.001, 0.05, KILLS)
    return killed_after(delays, work, path)


def killed_after(delays, work, path):
    """Start the work and kill it after each of some delays; the file's size after each."""
    sizes = []
    for run, delay in enumerate(delays):
        child = FORK.Process(target=work, args=(path, 10_000 * run), daemon=True)
        child.start()
        time.sleep(delay)
        os.kill(child.pid, signal.SIGKILL)
        child.join()
        sizes.append(len(json.loads(path.read_text("utf-8"))) if path.exists() else 0)
    return sizes


def test_figures_numbers_survive_fifty_kills(tmp_path):
    path = tmp_path / "chapter.json"
    sizes = killed(storing, path, seed=1)
    # What was stored before a kill is there after it, and something was.
    assert sizes == sorted(sizes)
    assert len(load(path)) == sizes[-1] > 0


def test_measured_deviations_survive_fifty_kills(tmp_path):
    path = tmp_path / "measured.json"
    _writing.write_text(path, (claims.ROOT / "measured.json").read_text("utf-8"))
    sizes = killed(measuring, path, seed=2)
    assert set(sizes) == {len(claims.load())}


def many_times(work, path):
    for seed in range(20):
        killed(work, path, seed)


def test_a_writer_without_care_does_not_survive(tmp_path):
    with pytest.raises(json.JSONDecodeError):
        many_times(overwriting, tmp_path / "chapter.json")


def half(x):
    time.sleep(2e-3)
    return x / 2


def sweeping(path, first):
    sweep.sweep(half, x=np.arange(400.0), store=path.parent / "store", progress=False)


PAGES = 40


def building(path, first, build=build_book.build):
    """A build of pages that know which build they are of, by a stand-in for Jupyter Book."""

    def stand_in(command, **options):
        html = path.parent / "_build" / "new" / "_build" / "html"
        html.mkdir(parents=True)
        (html.parent / "jupyter_execute").mkdir()
        for number in range(PAGES):
            (html / f"page{number}.html").write_text(str(first), encoding="utf-8")
        return subprocess.CompletedProcess(command, 0)

    build_book.subprocess.run, build_book.kernels.clean = stand_in, dict
    sys.stdout = open(os.devnull, "w", encoding="utf-8")
    for number in itertools.count():
        first += number
        build(path.parent, "off")


def pages_of_one_build(folder):
    """Whether there is no site, or a whole one."""
    texts = [page.read_text("utf-8") for page in folder.glob("*.html")]
    return not folder.exists() or (len(texts) == PAGES and len(set(texts)) == 1)


def killed_builds(folder, build):
    """Whether the site is whole or not there, after each of fifty kills."""
    (folder / "_config.yml").write_text("{}", encoding="utf-8")
    toc = {"root": "page0", "chapters": [{"file": f"page{k}"} for k in range(1, PAGES)]}
    (folder / "_toc.yml").write_text(json.dumps(toc), encoding="utf-8")
    for delay in np.random.default_rng(4).uniform(0.01, 0.06, KILLS):
        killed_after([delay], partial(building, build=build), folder / "x")
        yield pages_of_one_build(folder / "_build" / "html")


def test_a_build_that_is_killed_leaves_a_whole_site_or_none(tmp_path):
    assert all(killed_builds(tmp_path, build_book.build))


def test_a_site_that_is_being_removed_is_none(tmp_path, monkeypatch):
    """No moment of it shows a site that has lost a part of its pages."""
    site, aside = tmp_path / "html", tmp_path / "old"
    site.mkdir()
    (site / "page.html").write_text("page", encoding="utf-8")

    def stopped(path, **options):
        if Path(path).exists():
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("shutil.rmtree", stopped)
        with pytest.raises(KeyboardInterrupt):
            build_book.discard(site, aside)
    assert not site.exists()
    # The next run takes away what was left.
    build_book.discard(site, aside)
    assert not list(tmp_path.iterdir())


def without_care(root, execute):
    """A build that empties the site's folder and fills it: the control."""
    html, staging = root / "_build" / "html", root / "_build" / "new"
    shutil.rmtree(html, ignore_errors=True)
    shutil.rmtree(staging, ignore_errors=True)
    build_book.subprocess.run([])
    (staging / "_build" / "html").rename(html)


def test_a_build_without_care_leaves_half_a_site(tmp_path):
    assert not all(killed_builds(tmp_path, without_care))


def test_a_sweep_that_is_killed_fifty_times_ends_right(tmp_path):
    killed(sweeping, tmp_path / "nothing", seed=3)
    table = sweep.sweep(half, x=np.arange(400.0), store=tmp_path / "store", progress=False)
    assert np.array_equal(table.values, np.arange(400.0) / 2)


def together(path, name):
    for number in range(40):
        store(path, f"fig-{name}-{number}", numbers={})


def test_two_writers_at_once_keep_all(tmp_path):
    path = tmp_path / "chapter.json"
    writers = [FORK.Process(target=together, args=(path, name)) for name in "ab"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
        assert writer.exitcode == 0
    assert len(load(path)) == 80


def test_a_writer_that_never_ends_is_named(tmp_path, monkeypatch):
    path = tmp_path / "chapter.json"
    monkeypatch.setattr(_writing, "_PATIENCE", 0.1)
    with _writing.alone(path):
        child = FORK.Process(target=together, args=(path, "b"))
        child.start()
        child.join()
    assert child.exitcode == 1
    assert not path.exists()


def test_locks_have_a_folder_of_their_own(tmp_path, monkeypatch):
    monkeypatch.delenv("COHERENCE_LIB_LOCKS")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    for name in "ab":
        store(tmp_path / f"{name}.json", "fig-a", numbers={})
    (folder,) = (tmp_path / "temporary").iterdir()
    # Another user of the machine must not meet locks that only this one may open.
    user = os.getuid() if os.name == "posix" else "own"
    assert folder.name == f"coherence_lib-locks-{user}"
    assert len(list(folder.iterdir())) == 2


def test_tests_leave_no_locks_behind(tmp_path):
    folder = Path(os.environ["COHERENCE_LIB_LOCKS"])
    before = len(list(folder.iterdir()))
    store(tmp_path / "a.json", "fig-a", numbers={})
    assert len(list(folder.iterdir())) == before + 1


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_full_disk_leaves_what_was_there(tmp_path, monkeypatch, call):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    path = tmp_path / "chapter.json"
    store(path, "fig-a", numbers={})
    before = path.read_bytes()
    monkeypatch.setattr(f"pathlib.Path.{call}" if call == "replace" else f"os.{call}", full)
    with pytest.raises(OSError, match="No space left"):
        store(path, "fig-b", numbers={})
    assert path.read_bytes() == before
    assert not list(tmp_path.glob("*.part"))


def test_a_second_run_is_told_of_the_first(tmp_path):
    with one_run.one_run(tmp_path, "building the book"):
        message = rf"building the book \(process {os.getpid()} since [\d:]+\); wait for it"
        with pytest.raises(SystemExit, match=message):
            with one_run.one_run(tmp_path, "building the book"):
                pass
        # Another work does not wait for it.
        with one_run.one_run(tmp_path, "running the notebooks"):
            pass
    with one_run.one_run(tmp_path, "building the book"):
        pass


def test_who_waits_too_long_for_another_writer_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(_writing, "_PATIENCE", 0.05)
    path = tmp_path / "measured.json"
    with _writing.alone(path):
        message = r"^measured.json is being written by another run for 0 s now; wait for it, or"
        with pytest.raises(ValueError, match=message), _writing.alone(path):
            pass
        with _writing.alone(tmp_path / "another.json"):
            pass
    with _writing.alone(path):
        pass


def test_where_a_folder_is_no_file_it_is_not_synchronized(tmp_path, monkeypatch):
    folders = []

    def opened(path, flags):
        folders.append(path)
        return os.open(path, flags)

    for system, expected in (("posix", [tmp_path]), ("nt", [])):
        system = types.SimpleNamespace(**{**vars(os), "name": system, "open": opened})
        monkeypatch.setattr(_writing, "os", system)
        folders.clear()
        _writing.write_text(tmp_path / "text", "e")
        assert (tmp_path / "text").read_bytes() == b"e"
        assert folders == expected
