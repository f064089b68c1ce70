"""A sweep answers as a loop would, whoever computes it, whatever fails, and whenever it stops."""

import functools
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import time
import types
from concurrent.futures import (
    BrokenExecutor,
    Executor,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
)

import numpy as np
import pytest
import swept
import xarray

import coherence_lib
from coherence_lib import _folder, atoms, ring
from coherence_lib import sweep as module

TESTS = pathlib.Path(__file__).parent
X, Y = np.array([1.0, 2.0, 4.0]), np.array([0.5, 0.25])
PLANE = 10 * X[:, None] + Y


def sweep(func, /, **arguments):
    return module.sweep(func, progress=False, **arguments)


def failed(result):
    return json.loads(result.attrs["failed"])


@pytest.fixture
def log(tmp_path):
    return str(tmp_path / "log")


# --- what comes back -------------------------------------------------------------


@pytest.mark.parametrize("func", [swept.plane, swept.stepwise])
@pytest.mark.parametrize("vectorized", [None, True, False])
def test_a_sweep_is_a_loop_with_names(func, vectorized):
    result = sweep(func, x=X, y=Y, vectorized=vectorized)
    assert result.name == func.__name__
    assert result.dims == ("x", "y")
    np.testing.assert_array_equal(result, PLANE)
    np.testing.assert_array_equal(result.x, X)
    assert float(result.sel(x=4.0, y=0.25)) == 40.25
    assert failed(result) == []


def test_the_order_of_grids_is_that_of_dimensions():
    result = sweep(swept.plane, y=Y, x=X)
    assert result.dims == ("y", "x")
    np.testing.assert_array_equal(result, PLANE.T)


def test_units_are_kept_and_an_origin_is_told():
    grid = xarray.DataArray(X, dims="anything", attrs={"units": "GHz", "private": object()})
    result = sweep(swept.plane, x=grid, fixed={"y": 0.5})
    assert result.x.attrs == {"units": "GHz"}
    assert result.attrs["function"] == "swept.plane"
    assert json.loads(result.attrs["fixed"]) == {"y": 0.5}
    versions = json.loads(result.attrs["versions"])
    assert versions["coherence_lib"] == coherence_lib.__version__
    assert versions["numpy"] == np.__version__
    assert versions["xarray"] == xarray.__version__
    assert {"python", "scipy"} < versions.keys()
    assert all(isinstance(text, str) for text in result.attrs.values())


@pytest.mark.parametrize("tracked", [True, False])
def test_the_commit_is_that_of_the_function_s_file(tmp_path, monkeypatch, tracked):
    (tmp_path / "mine.py").write_text("def mine(x):\n    return x\n", encoding="utf-8")

    def git(*command):
        who = ["-c", "user.name=A", "-c", "user.email=a@b.c", "-c", "commit.gpgsign=false"]
        done = subprocess.run(["git", *who, *command], cwd=tmp_path, check=True, stdout=-1)
        return done.stdout.decode().strip()

    git("init", "--quiet")
    git(*(["add", "mine.py"] if tracked else ["status"]))
    git("commit", "--quiet", "--allow-empty", "-m", "one")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "mine", raising=False)
    import mine

    head = git("rev-parse", "HEAD")
    assert sweep(mine.mine, x=X).attrs.get("commit") == (head if tracked else None)
    (tmp_path / "mine.py").write_text("", encoding="utf-8")
    assert sweep(mine.mine, x=X).attrs.get("commit") == (f"{head}-dirty" if tracked else None)


def test_whole_numbers_stay_whole_and_words_are_words():
    seen = []

    def kind(n, method, t):
        seen.append((type(n), type(method), type(t)))
        return len(method) + n

    result = sweep(kind, n=[2, 3], method=["full", "closed"], t=[0.5], vectorized=False)
    np.testing.assert_array_equal(result[..., 0], [[6, 8], [7, 9]])
    assert set(seen) == {(int, str, float)}
    assert result.n.dtype == np.int64
    assert float(result.sel({"n": 3, "method": "full", "t": 0.5})) == 7


def test_infinity_is_a_value():
    result = sweep(ring.coherence, fixed={"ring": ring.SourceRing(6, 0.5, 0.2, 0.25)},
                   temperature=[0.0, 1.0, np.inf])  # fmt: skip
    assert float(result.sel(temperature=np.inf)) == 0


@pytest.mark.parametrize("vectorized", [None, True, False])
def test_results_with_a_shape_come_back_with_more_dimensions(vectorized):
    def pair(x, y):
        return np.stack([x + 0 * y, 1j * y + 0 * x], axis=-1)

    result = sweep(pair, x=X, y=Y, vectorized=vectorized)
    assert result.dims == ("x", "y", "result_0")
    np.testing.assert_array_equal(result[..., 0], X[:, None] + 0 * Y)
    np.testing.assert_array_equal(result[..., 1], 1j * Y + 0 * X[:, None])


def test_the_library_s_functions_broadcast_in_a_sweep():
    grids = {"J": np.linspace(-0.3, 0.3, 7), "temperature": np.geomspace(0.1, 5, 5),
             "n_sources": [2, 5]}  # fmt: skip
    fixed = {"omega_a": 0.5, "gamma": 0.2}
    result = sweep(ring.local_coherence, fixed=fixed, **grids)
    expected = ring.local_coherence(
        grids["temperature"][:, None], np.array([2, 5]), 0.5, 0.2, grids["J"][:, None, None]
    )
    np.testing.assert_allclose(result, expected, rtol=1e-12)


def test_partials_and_methods_are_functions():
    part = functools.partial(swept.plane, 2.0)
    result = sweep(part, y=Y)
    np.testing.assert_array_equal(result, 20 + Y)
    assert result.name == "plane"
    assert json.loads(result.attrs["fixed"]) == {"x": 2.0}
    pair = atoms.AtomCluster.collective(2, f0=0.5)
    method = sweep(pair.liouvillian, nbar=[1.0, 2.0])
    assert method.attrs["function"].endswith("AtomCluster.liouvillian")
    assert json.loads(method.attrs["fixed"])["self"]["f"] == [[0.0, 0.5], [0.5, 0.0]]
    # A Qobj is no array of numbers: each point is told.
    assert [row["point"] for row in failed(method)] == [{"nbar": 1.0}, {"nbar": 2.0}]


def test_any_names_go_where_a_function_takes_any():
    result = sweep(lambda **names: sum(names.values()), store_=[1.0], func=[2.0], vectorized=False)
    assert result.dims == ("store_", "func")
    assert float(result[0, 0]) == 3


@pytest.mark.parametrize("bad", [False, True])
def test_netcdf_brings_all_of_it_back(tmp_path, bad):
    grid = xarray.DataArray([1.0, 3.0 if bad else 2.0, np.inf], dims="x", attrs={"units": "K"})
    result = sweep(swept.fragile, x=grid)
    result.to_netcdf(tmp_path / "sweep.nc")
    back = xarray.load_dataarray(tmp_path / "sweep.nc")
    assert back.identical(result)
    assert back.x.attrs == {"units": "K"}
    assert len(failed(back)) == bad


# --- calls with arrays -----------------------------------------------------------


def sizes(func):
    """The function, and a list of how many points it was asked for at each call."""
    asked = []

    @functools.wraps(func)
    def counted(**arguments):
        asked.append(max(np.size(value) for value in arguments.values()))
        return func(**arguments)

    return counted, asked


def test_what_broadcasts_is_asked_with_arrays_that_fit_the_memory():
    counted, asked = sizes(swept.plane)
    x = np.arange(1e5)
    np.testing.assert_array_equal(sweep(counted, x=x, y=[1.0, 2.0]), 10 * x[:, None] + [1, 2])
    assert max(asked) <= module.LARGEST
    # The trial and its two comparisons; three calls a chunk.
    assert len(asked) <= 3 * (1 + 4 + 2e5 / module.LARGEST)


def test_an_answer_that_is_no_number_agrees_with_itself():
    counted, asked = sizes(lambda x: np.where(x > 0, np.nan, x))
    assert np.isnan(sweep(counted, x=np.arange(1.0, 33.0))).all()
    assert max(asked) > 1
    assert len(asked) < 8


def test_what_does_not_broadcast_is_asked_point_by_point():
    counted, asked = sizes(swept.stepwise)
    sweep(counted, x=X, y=Y)
    # One call shows it.
    assert sorted(asked) == [1] * 6 + [3]
    counted, asked = sizes(swept.plane)
    sweep(counted, x=X, y=Y, vectorized=False)
    assert asked == [1] * 6


@pytest.mark.parametrize(
    "liar",
    [
        lambda x: x - np.mean(x),
        lambda x: np.sort(x)[::-1] if np.ndim(x) else x,
        lambda x: np.max(x),
        lambda x: np.ones(np.shape(x)[:1]) if np.all(np.asarray(x) < 9) else 2 * x,
    ],
)
def test_what_only_seems_to_broadcast_is_found_out(liar):
    x = np.array([3.0, 1.0, 2.0, 7.0, 5.0, 11.0, 4.0, 6.0])
    expected = np.array([np.ravel(liar(value))[0] for value in x])
    np.testing.assert_array_equal(np.ravel(sweep(liar, x=x)), expected)
    # And taken at its word it is wrong, or it would be no test.
    assert not np.array_equal(np.ravel(sweep(liar, x=x, vectorized=True))[:8], expected) or (
        liar(x).shape != x.shape
    )


@pytest.mark.parametrize("vectorized", [None, True, False])
def test_one_bad_point_among_many_loses_no_other(vectorized):
    counted, asked = sizes(swept.fragile)
    x = np.arange(1000)
    result = sweep(counted, x=x, vectorized=vectorized)
    bad = {"point": {"x": 3}, "error": "ZeroDivisionError: three is too many"}
    assert failed(result) == [bad]
    assert np.isnan(result[3])
    np.testing.assert_array_equal(result.drop_sel(x=3), 2 * np.delete(x, 3))
    if vectorized is not False:
        assert len(asked) < 100


# --- points that fail ------------------------------------------------------------


def test_each_failed_point_is_named_with_its_error():
    def inverse(x, y):
        return 1 / (int(x) * y)

    result = sweep(inverse, x=[-1.0, 0.0], y=[1.0, 2.0, np.inf])
    assert (
        failed(result)
        == [
            {"point": {"x": 0.0, "y": 1.0}, "error": "ZeroDivisionError: float division by zero"},
            {"point": {"x": 0.0, "y": 2.0}, "error": "ZeroDivisionError: float division by zero"},
        ]
        + failed(result)[2:]
    )
    np.testing.assert_array_equal(np.isnan(result), [[False] * 3, [True] * 3])


def test_results_of_another_shape_or_kind_are_failed_points():
    answers = {1: [1.0, 2.0], 2: [1.0], 3: "one", 4: None, 5: [3.0, 4.0]}
    result = sweep(lambda x: answers[x], x=[1, 2, 3, 4, 5])
    np.testing.assert_array_equal(result.dropna("x"), [[1, 2], [3, 4]])
    texts = [row["error"].partition(":")[0] for row in failed(result)]
    assert texts == ["ValueError", "TypeError", "TypeError"]


def test_all_points_may_fail():
    result = sweep(swept.fragile, x=[3, 3])
    assert np.isnan(result).all()
    assert len(failed(result)) == 2


def test_an_interrupt_is_no_failed_point(tmp_path):
    def interrupted(x):
        if x == 300:
            raise KeyboardInterrupt
        time.sleep(0.001)
        return x

    with pytest.raises(KeyboardInterrupt):
        sweep(interrupted, x=range(400), store=tmp_path / "store", vectorized=False)
    assert list((tmp_path / "store").glob("*.npz"))


# --- a store ---------------------------------------------------------------------


@pytest.mark.parametrize("n", [1, 7, 300])
def test_what_is_finished_is_not_computed_again(tmp_path, log, n):
    def again():
        return sweep(swept.slow, x=np.arange(n), fixed={"log": log}, store=tmp_path / "store",
                     vectorized=False)  # fmt: skip

    first, second = again(), again()
    assert swept.calls(log) == n
    np.testing.assert_array_equal(first, np.arange(n) ** 2.0)
    assert second.identical(first)


def test_failed_points_are_stored_too(tmp_path):
    counted, asked = sizes(swept.fragile)
    for _ in range(2):
        result = sweep(counted, x=[1, 3, 5], store=tmp_path / "store", vectorized=False)
        assert [row["point"] for row in failed(result)] == [{"x": 3}]
        np.testing.assert_array_equal(result, [2, np.nan, 10])
    assert asked == [1, 1, 1]


KILLED = """
import sys, swept
from coherence_lib.sweep import sweep
log, store = sys.argv[1:]
sweep(swept.stuck, x=range(400), fixed={"log": log}, store=store, vectorized=False, progress=False)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such signal")
def test_a_killed_sweep_goes_on_where_it_stopped(tmp_path, log):
    store = tmp_path / "store"
    places = os.pathsep.join([str(TESTS), str(TESTS.parent)])
    child = subprocess.Popen(
        [sys.executable, "-c", KILLED, log, str(store)], env={**os.environ, "PYTHONPATH": places}
    )
    while not os.path.exists(f"{log}.stuck"):
        assert child.poll() is None
        time.sleep(0.01)
    child.send_signal(signal.SIGKILL)
    assert child.wait() == -signal.SIGKILL
    before, stored = swept.calls(log), kept(store)
    assert before == 300
    assert 0 < stored <= 300
    pathlib.Path(f"{log}.free").touch()
    result = sweep(swept.stuck, x=range(400), fixed={"log": log}, store=store, vectorized=False)
    assert swept.calls(log) == before + 400 - stored
    np.testing.assert_array_equal(result, np.arange(400) ** 2.0)
    assert failed(result) == []


def kept(store):
    """How many points are in a store."""
    names = [path.stem.split("-") for path in store.glob("*.npz")]
    return sum(int(stop) - int(start) for start, stop in names)


def tree(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def enclosing(number):
    return lambda x, y: x + y + number


OTHERS = {
    "another function": (swept.stepwise, {}, "function"),
    "another grid": (swept.plane, {"x": [1.0, 2.0, 4.5]}, "grids"),
    "a longer grid": (swept.plane, {"x": [1.0, 2.0, 4.0, 5.0]}, "grids"),
    "another order": (swept.plane, {"y": Y, "x": X}, "grids"),
}


@pytest.mark.parametrize("name", OTHERS)
def test_a_store_of_another_question_is_refused_and_left_alone(tmp_path, name):
    store = tmp_path / "store"
    sweep(swept.plane, x=X, y=Y, store=store)
    before = tree(store)
    func, changed, word = OTHERS[name]
    grids = changed if len(changed) == 2 else {"x": X, "y": Y} | changed
    with pytest.raises(ValueError, match=f"`store` must belong to .* another {word}"):
        sweep(func, store=store, **grids)
    assert tree(store) == before


def test_fixed_arguments_and_what_a_function_encloses_belong_to_the_question(tmp_path):
    sweep(swept.plane, x=X, fixed={"y": 1.0}, store=tmp_path / "a")
    with pytest.raises(ValueError, match="another fixed"):
        sweep(swept.plane, x=X, fixed={"y": 2.0}, store=tmp_path / "a")
    # The same, by a partial.
    sweep(functools.partial(swept.plane, y=1.0), x=X, store=tmp_path / "a")
    sweep(enclosing(1.0), x=X, y=Y, store=tmp_path / "b")
    sweep(enclosing(1.0), x=X, y=Y, store=tmp_path / "b")
    for other in (enclosing(2.0), lambda x, y: x - y):
        with pytest.raises(ValueError, match="another function"):
            sweep(other, x=X, y=Y, store=tmp_path / "b")
    rings = [ring.SourceRing(6, 0.5, 0.2, J) for J in (0.25, 0.26)]
    sweep(ring.coherence, temperature=X, fixed={"ring": rings[0]}, store=tmp_path / "c")
    with pytest.raises(ValueError, match="another fixed"):
        sweep(ring.coherence, temperature=X, fixed={"ring": rings[1]}, store=tmp_path / "c")


def test_a_function_may_enclose_itself_and_what_has_no_value_yet(tmp_path):
    def double(x):
        return 0 if x == 0 else 2 + double(x - 1) if x < 9 else later(x)

    for _ in range(2):
        np.testing.assert_array_equal(sweep(double, x=[1, 2], store=tmp_path / "store"), [2, 4])
    later = None


def test_a_function_is_told_the_same_in_every_process():
    code = """if True:
        import json, sys
        from coherence_lib import _origin
        def word(x, known=frozenset("abc")):
            return x in {"one", "two", "three", "four"}
        print(json.dumps(_origin.described(word, "func")["code"]))
        """
    told = set()
    for seed in "123":
        done = subprocess.run(
            [sys.executable, "-c", code], env={**os.environ, "PYTHONHASHSEED": seed}, check=True,
            stdout=subprocess.PIPE, cwd=TESTS.parent,
        )  # fmt: skip
        told.add(done.stdout)
    assert len(told) == 1


@pytest.mark.parametrize("damage", ["cut", "empty", "garbage", "flipped", "renamed", "foreign"])
def test_a_damaged_chunk_is_computed_again(tmp_path, log, damage):
    arguments = {"x": np.arange(150), "vectorized": False, "store": tmp_path / "store"}
    sweep(swept.slow, fixed={"log": log}, **arguments)
    chunks = sorted((tmp_path / "store").glob("*.npz"))
    chunk = chunks[-1]
    content = chunk.read_bytes()
    start, stop = map(int, chunk.stem.split("-"))
    if damage == "renamed":
        chunk.rename(chunk.with_stem(f"{start:012d}-{stop + 1:012d}"))
    elif damage == "foreign":
        other = _folder.Folder(tmp_path / "store", "the digest of another question")
        other.keep(_folder.Chunk(start, np.zeros(stop - start), {}, 0.0))
    else:
        # Within the values: a bit of the archive's dates damages nothing.
        flipped = bytearray(content)
        flipped[content.index((np.arange(start, stop) ** 2.0).tobytes()) + 3] ^= 1
        damaged = {"cut": content[:-100], "empty": b"", "garbage": b"x" * 99}
        chunk.write_bytes(damaged.get(damage, bytes(flipped)))
    before = swept.calls(log)
    result = sweep(swept.slow, fixed={"log": log}, **arguments)
    np.testing.assert_array_equal(result, np.arange(150) ** 2.0)
    assert swept.calls(log) == before + stop - start
    assert sweep(swept.slow, fixed={"log": log}, **arguments).identical(result)
    assert swept.calls(log) == before + stop - start


def test_no_damage_changes_a_number(tmp_path):
    folder = _folder.Folder.opened(tmp_path / "store", {"question": "why"})
    chunk = _folder.Chunk(4, np.arange(3.0) ** 2, {5: "ValueError: too much"}, 0.1)
    folder.keep(chunk)
    (path,) = (tmp_path / "store").glob("*.npz")
    content, outcomes = path.read_bytes(), []
    flipped = [content[:k] + bytes([content[k] ^ 1 << k % 8]) + content[k + 1 :]
               for k in range(0, len(content), 3)]  # fmt: skip
    for damaged in [content, *flipped, *(content[:k] for k in range(0, len(content), 7))]:
        path.write_bytes(damaged)
        found = list(folder.chunks(9))
        outcomes.append(len(found))
        for one in found:
            np.testing.assert_array_equal(one.values, chunk.values)
            assert (one.start, one.errors) == (4, chunk.errors)
    # Most damage is seen; the rest is where the archive holds nothing of ours.
    assert outcomes[0] == 1
    assert sum(outcomes) < len(outcomes) / 3


def test_a_part_that_was_being_written_counts_for_nothing(tmp_path):
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "sweep-1.part").write_bytes(b"{")
    result = sweep(swept.plane, x=X, y=Y, store=tmp_path / "store")
    np.testing.assert_array_equal(result, PLANE)


def test_what_cannot_be_written_leaves_no_trace(tmp_path, monkeypatch):
    def full(file, **arrays):
        file.write(b"half")
        raise OSError("no space left")

    monkeypatch.setattr(_folder.np, "savez", full)
    with pytest.raises(OSError, match="no space left"):
        sweep(swept.plane, x=X, y=Y, store=tmp_path / "store")
    assert list(tree(tmp_path / "store")) == ["sweep.json"]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"question": 1}', b"\xff"])
def test_a_damaged_manifest_is_told_and_nothing_is_lost(tmp_path, content):
    store = tmp_path / "store"
    sweep(swept.plane, x=X, y=Y, store=store)
    (store / "sweep.json").write_bytes(content)
    before = tree(store)
    with pytest.raises(ValueError, match="`store` must be a sweep's folder, but its sweep.json"):
        sweep(swept.plane, x=X, y=Y, store=store)
    assert tree(store) == before


def test_a_folder_that_is_not_ours_is_left_alone(tmp_path):
    (tmp_path / "thesis.tex").write_text("all of it", encoding="utf-8")
    with pytest.raises(ValueError, match="`store` must be a new folder .* 'thesis.tex'"):
        sweep(swept.plane, x=X, y=Y, store=tmp_path)
    assert list(tree(tmp_path)) == ["thesis.tex"]


# --- executors -------------------------------------------------------------------


@pytest.fixture(scope="module")
def pool():
    with ProcessPoolExecutor(2) as found:
        yield found


@pytest.mark.parametrize("func", [swept.plane, swept.stepwise])
def test_a_pool_of_processes_computes_the_same(pool, func):
    x = np.arange(5000.0)
    result = sweep(func, x=x, y=Y, executor=pool)
    assert result.identical(sweep(func, x=x, y=Y))


def test_work_is_shared_and_stored(pool, tmp_path, log):
    store, x = tmp_path / "store", np.arange(500)
    result = sweep(swept.slow, x=x, fixed={"log": log}, executor=pool, store=store,
                   vectorized=False)  # fmt: skip
    np.testing.assert_array_equal(result, x**2.0)
    assert swept.calls(log) == 500
    assert sweep(swept.slow, x=x, fixed={"log": log}, store=store).identical(result)
    assert swept.calls(log) == 500


def test_what_cannot_be_sent_is_told(pool):
    with pytest.raises(TypeError, match="`func` must be what can be sent to the executor's"):
        sweep(lambda x: x, x=X, executor=pool)
    assert float(sweep(swept.fragile, x=[4], executor=pool)[0]) == 8


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such signal")
def test_a_pool_that_died_keeps_what_is_finished_and_says_how_to_go_on(tmp_path, log):
    arguments = {"x": np.arange(300), "fixed": {"log": log}, "vectorized": False}
    arguments["store"] = tmp_path / "store"
    with ProcessPoolExecutor(2) as mortal:
        with pytest.raises(BrokenExecutor, match="`executor` must live .* goes on from there"):
            sweep(swept.deadly, executor=mortal, **arguments)
        with pytest.raises(BrokenExecutor, match="`executor` must live"):
            sweep(swept.deadly, executor=mortal, **arguments)
    stored = kept(tmp_path / "store")
    assert 0 < stored < 300
    before = swept.calls(log)
    result = sweep(swept.deadly, **arguments)
    assert swept.calls(log) == before + 300 - stored
    np.testing.assert_array_equal(result, np.arange(300) ** 2.0)


def test_an_executor_that_was_shut_down_is_told():
    closed = ThreadPoolExecutor(1)
    closed.shutdown()
    with pytest.raises(BrokenExecutor, match="after 0 of 6 points. With `store=`"):
        sweep(swept.plane, x=X, y=Y, executor=closed)


class Mortal(Executor):
    """Does five tasks, and takes no more."""

    def __init__(self):
        self.tasks = 0

    def submit(self, fn, /, *args, **kwargs):
        self.tasks += 1
        if self.tasks > 5:
            raise BrokenExecutor("gone")
        future = Future()
        future.set_result(fn(*args, **kwargs))
        return future


def test_what_was_finished_before_the_end_is_kept(tmp_path):
    with pytest.raises(BrokenExecutor, match="BrokenExecutor: gone after 5 of 50 points"):
        sweep(swept.fragile, x=range(50), executor=Mortal(), store=tmp_path / "store",
              vectorized=False)  # fmt: skip
    assert kept(tmp_path / "store") == 5


# Seconds that Dask takes for a task.
TASK = 1.5e-3


class Counting(Executor):
    """Counts tasks; each ends before the next begins."""

    tasks = 0

    def submit(self, fn, /, *args, **kwargs):
        self.tasks += 1
        future = Future()
        future.set_result(fn(*args, **kwargs))
        return future


@pytest.mark.parametrize("seconds, n", [(2e-3, 400), (1e-6, 50_000), (1e-4, 50_000)])
def test_scheduling_costs_less_than_a_tenth_of_the_work(monkeypatch, seconds, n):
    now, counting = [0.0], Counting()
    monkeypatch.setattr(module, "time", types.SimpleNamespace(perf_counter=lambda: now[0]))

    def lasting(x):
        now[0] += seconds
        return x

    sweep(lasting, x=np.arange(n), executor=counting, vectorized=False)
    # The first few, of one point each, go out before anything is known.
    assert (counting.tasks - module.FEW) * TASK < 0.1 * n * seconds
    # One task a point would not do.
    assert n * TASK > 0.1 * n * seconds


@pytest.mark.parametrize("seconds", [0.0, 1e-6, 1e-3, 0.1, 30.0])
@pytest.mark.parametrize("points", [1, 100, 10**7])
def test_chunks_are_neither_too_short_nor_too_long(seconds, points):
    last = _folder.Chunk(0, np.zeros(4), {}, 4 * seconds)
    size = module._size(last, points)
    assert 1 <= size <= module.LARGEST
    assert size == 1 or size * seconds <= module.LONGEST
    assert size == module.LARGEST or (size + 1) * seconds >= 0.9 * module.SHORTEST
    large = _folder.Chunk(0, np.zeros((4, 1000)), {}, 4e-9)
    assert module._size(large, points) * 1000 <= module.LARGEST


def test_a_chunk_that_takes_too_long_is_given_back(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(module, "time", types.SimpleNamespace(perf_counter=lambda: now[0]))

    def uneven(x):
        now[0] += 1e-6 if x < 100 else 0.25
        return x

    # What the first points tell is wrong for the others.
    chunk = module._Work(uneven, {"x": np.arange(200)}, together=False, compared=False)(0, 200)
    assert chunk.stop == 100 + 2 * module.LONGEST / 0.25
    assert chunk.seconds < 2 * module.LONGEST + 0.25
    np.testing.assert_array_equal(sweep(uneven, x=range(200)), np.arange(200))


@pytest.fixture(scope="module")
def dask():
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such signal")
def test_every_point_is_right_though_a_worker_of_dask_is_killed(dask, log):
    before = set(dask.scheduler_info()["workers"])
    x = np.arange(400)
    result = sweep(swept.deadly, x=x, fixed={"log": log}, executor=dask.get_executor())
    np.testing.assert_array_equal(result, x**2.0)
    assert failed(result) == []
    # It was.
    assert os.path.exists(f"{log}.died")
    assert set(dask.scheduler_info()["workers"]) != before


def test_dask_takes_any_function_and_points_may_fail_there(dask):
    three = 3
    executor = dask.get_executor()
    result = sweep(lambda x: 1 / (x - three), x=range(5), executor=executor, vectorized=False)
    assert [row["point"] for row in failed(result)] == [{"x": 3}]
    np.testing.assert_array_equal(result.dropna("x"), [-1 / 3, -1 / 2, -1, 1])


def test_a_client_is_told_from_its_executor(dask):
    with pytest.raises(TypeError, match="`executor` must be an Executor, .* `.get_executor"):
        sweep(swept.plane, x=X, y=Y, executor=dask)


# --- what is refused -------------------------------------------------------------


def needs_two(x, y, z=1.0):
    raise AssertionError("nothing may be computed")


def by_place(x, /, y):
    raise AssertionError("nothing may be computed")


REFUSED = {
    "no function": ((3.0,), {"x": X}, TypeError, "`func` must be callable, but got 3.0."),
    "no names": ((len,), {"obj": X}, TypeError, "`func` must take arguments by name, .*`obj`"),
    "by place": ((by_place,), {"x": X, "y": Y}, TypeError, "`x`|`func` must take arguments"),
    "no grid": ((needs_two,), {}, TypeError, "`grids` must name an argument"),
    "an empty grid": ((needs_two,), {"x": [], "y": Y}, ValueError, "`x` must be a non-empty"),
    "a number": ((needs_two,), {"x": 1.0, "y": Y}, ValueError, "`x` must be a non-empty"),
    "a matrix": ((needs_two,), {"x": [X, X], "y": Y}, ValueError, "`x` must be a non-empty"),
    "NaN": ((needs_two,), {"x": [1, np.nan], "y": Y}, ValueError, "`x` must hold numbers"),
    "a mask": ((needs_two,), {"x": np.ma.array(X), "y": Y}, TypeError, "`x` must not be masked"),
    "words and numbers": ((needs_two,), {"x": ["a", 1], "y": Y}, TypeError, "`x` must be real"),
    "another name": (
        (needs_two,),
        {"x": X, "y": Y, "K": X},
        TypeError,
        "`K` must be an argument of needs_two, but got 'K', which is none of x, y, z.",
    ),
    "a missing one": ((needs_two,), {"x": X}, TypeError, "`func` must get all .* none for `y`"),
    "another fixed": (
        (needs_two,),
        {"x": X, "y": Y, "fixed": {"K": 1}},
        TypeError,
        "`fixed` must hold arguments of needs_two, but got 'K'",
    ),
    "fixed without names": (
        (lambda **names: names,),
        {"x": X, "fixed": {1: 2}},
        TypeError,
        "`fixed` must map names",
    ),
    "fixed, no mapping": (
        (needs_two,),
        {"x": X, "y": Y, "fixed": 1},
        TypeError,
        "`fixed` must map",
    ),
    "both": (
        (needs_two,),
        {"x": X, "y": Y, "fixed": {"x": 1}},
        ValueError,
        "`x` must be swept or fixed, but got both.",
    ),
    "both, by a partial": (
        (functools.partial(needs_two, y=1),),
        {"x": X, "y": Y},
        ValueError,
        "`y` must be swept or fixed, but got both.",
    ),
    "fixed that cannot be told": (
        (needs_two,),
        {"x": X, "y": Y, "fixed": {"z": (k for k in ())}},
        TypeError,
        "`z` must be what another process can be given",
    ),
    "a pool that is none": (
        (needs_two,),
        {"x": X, "y": Y, "executor": 4},
        TypeError,
        "`executor` must be an Executor, but got int.",
    ),
    "too much": (
        (needs_two,),
        {"x": np.arange(1e5), "y": np.arange(1e5)},
        ValueError,
        r"`x` must fit the memory, but .* Sweep over a part of the grids\.$",
    ),
    "a file": ((needs_two,), {"x": X, "y": Y, "store": __file__}, ValueError, "`store` must be a"),
    "no path": ((needs_two,), {"x": X, "y": Y, "store": 3}, TypeError, "`store` must be a path"),
    "no name": ((needs_two,), {"x": X, "y": Y, "store": ""}, ValueError, "`store` must be a path"),
    "a null": ((needs_two,), {"x": X, "y": Y, "store": "\0"}, ValueError, "`store` must be a fold"),
    "perhaps": ((needs_two,), {"x": X, "y": Y, "vectorized": 1}, TypeError, "`vectorized` must"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_bad_input_is_told_before_anything_is_computed(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    args, arguments, kind, message = REFUSED[name]
    with pytest.raises(kind, match=message):
        sweep(*args, **{"store": tmp_path / "store"} | arguments)
    assert list(tmp_path.iterdir()) == []


def test_a_bar_is_shown_where_it_is_wanted(capsys):
    module.sweep(swept.plane, x=X, y=Y, progress=True)
    assert re.search(r"plane.* 6/6 ", capsys.readouterr().err)
    module.sweep(swept.plane, x=X, y=Y, progress=False)
    assert capsys.readouterr().err == ""


def test_a_function_that_does_not_tell_its_arguments_is_refused():
    message = r"^`func` must tell its arguments, as a function of Python does, but got .*\.$"
    with pytest.raises(TypeError, match=message):
        sweep(max, x=[1.0, 2.0])


def test_arrays_that_are_answered_in_another_shape_are_asked_point_by_point():
    def shapeless(x):
        return np.stack([x, -x], axis=-1) if np.ndim(x) else x

    np.testing.assert_array_equal(sweep(shapeless, x=range(9)), np.arange(9.0))


def test_what_was_begun_is_given_up_with_the_executor():
    begun = []

    class Gone(Executor):
        def submit(self, function, /, *arguments):
            if len(begun) == 2:
                raise RuntimeError("gone")
            begun.append(Future())
            return begun[-1]

    with pytest.raises(BrokenExecutor, match="RuntimeError: gone after 0 of 9 points"):
        sweep(swept.plane, executor=Gone(), vectorized=False, x=range(9), fixed={"y": 0.0})
    assert [future.cancelled() for future in begun] == [True, True]


def test_a_chunk_of_another_shape_is_of_failed_points_and_complex_numbers_are_kept():
    answers = module._Answers(6, "x")
    answers.add(_folder.Chunk(0, np.array([1.0, 2.0]), {}, 0.0))
    answers.add(_folder.Chunk(2, np.ones((2, 3)), {3: "ValueError: first"}, 0.0))
    answers.add(_folder.Chunk(4, np.array([1j, 2.0]), {}, 0.0))
    np.testing.assert_array_equal(answers.values, [1, 2, np.nan, np.nan, 1j, 2])
    text = "ValueError: the result has shape (3,), but () at another point"
    assert answers.errors == {2: text, 3: "ValueError: first"}
    assert answers.gaps() == []
