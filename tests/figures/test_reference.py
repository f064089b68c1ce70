"""A figure's numbers: green and the same text everywhere, or red and precise."""

import json
import re

import numpy as np
import pytest
from matplotlib.figure import Figure

from coherence_lib.figures import Reference, reference
from coherence_lib.figures.reference import WRITE_VARIABLE, load, store

X = np.linspace(0, 3, 101)
CURVES = {"x": X, "C": 1 - np.exp(-X), "far from zero": 100 + np.sin(X)}


def test_the_same_numbers_agree(written):
    numbers = written(**CURVES).values("fig-a", **CURVES)
    assert numbers.agrees
    assert repr(numbers).startswith("fig-a: 303 points of 3 curves agree with the reference\n")
    assert "DIFFERS" not in repr(numbers)


def test_text_shows_the_stored_digits_at_five_points(written):
    numbers = written(x=[0, 1, 2], y=[0, 1 / 3, 2e-9]).values(
        "fig-a", x=[0, 1, 2], y=[0, 1 / 3, 2e-9]
    )
    assert repr(numbers).splitlines()[1:] == ["    x  0  1  2", "    y  0  0.333333  2e-09"]
    sampled = written(x=X).values("fig-a", x=X)
    assert repr(sampled).splitlines()[1] == "    x  0  0.75  1.5  2.25  3"


@pytest.mark.parametrize("seed", range(5))
def test_rounding_noise_does_not_change_the_text(written, seed):
    reference, rng = written(**CURVES), np.random.default_rng(seed)
    noisy = {label: y + 1e-9 * rng.uniform(-1, 1, len(y)) for label, y in CURVES.items()}
    assert repr(reference.values("fig-a", **noisy)) == repr(reference.values("fig-a", **CURVES))


@pytest.mark.parametrize("amount, agrees", [(0.9e-6, True), (1.1e-6, False), (-1.1e-6, False)])
@pytest.mark.parametrize("label", ["x", "C", "far from zero"])
@pytest.mark.parametrize("point", [0, 37, 100])
def test_every_point_is_compared_in_units_of_its_curves_range(
    written, label, point, amount, agrees
):
    curves = {name: y.copy() for name, y in CURVES.items()}
    curves[label][point] += amount * np.ptp(curves[label])
    numbers = written(**CURVES).values("fig-a", **curves)
    assert numbers.agrees is agrees
    if not agrees:
        head, *rows = repr(numbers).splitlines()
        assert head == "fig-a: DIFFERS from the reference; if that is meant, run `make references`"
        (row,) = [row for row in rows if "DIFFERS by" in row]
        assert row.startswith(f"    {label}  ")
        assert f"DIFFERS by 1.1e-06 of its range at point {point}: " in row
        assert f"{curves[label][point]:.10g} instead of {CURVES[label][point]:.10g}" in row


def test_a_curve_that_differs_shows_its_fresh_digits(written):
    text = repr(written(y=[1.0, 2.0]).values("fig-a", y=[1.0, 2.5]))
    assert "    y  1  2.5  DIFFERS by 0.5 of its range at point 1: 2.5 instead of 2" in text


def test_the_tolerance_can_be_stated(written):
    loose = written(tolerance=0.01, y=[0.0, 1.0])
    assert loose.values("fig-a", y=[0.0, 1.009]).agrees
    assert not loose.values("fig-a", y=[0.0, 1.011]).agrees


@pytest.mark.parametrize("level", [0.123456789012499999, 1 / 3, -7e-5, 1e9, 0.0])
def test_a_constant_curve_is_compared_with_its_modulus(written, level):
    # Its range is rounding noise, and no unit of anything.
    rng = np.random.default_rng(16)
    noise = abs(level) * 1e-14 * rng.uniform(-1, 1, size=(2, 50))
    reference = written(y=level + noise[0])
    assert reference.values("fig-a", y=level + noise[1]).agrees
    assert not reference.values("fig-a", y=level + noise[1] + 2e-6 * (abs(level) or 1)).agrees


@pytest.mark.parametrize("size", [1e-4, 1e-6, 1e-8, 1e-10, 1e-13])
def test_a_small_wiggle_on_a_large_constant_agrees_with_itself(written, size):
    wiggle = 1 / 9 + size * np.sin(7 * X)
    assert written(y=wiggle).values("fig-a", y=wiggle).agrees


def test_a_logarithmic_axis_compares_logarithms(written):
    decay = np.exp(-20 * X)
    changed = decay.copy()
    changed[-1] *= 2
    # On a linear axis nobody sees it, on a logarithmic one everybody does.
    assert written(C=decay).values("fig-a", C=changed).agrees
    numbers = written(C=decay, log=["C"]).values("fig-a", C=changed, log=["C"])
    assert not numbers.agrees
    assert "at point 100" in repr(numbers)
    assert written(C=decay, log=["C"]).values("fig-a", C=decay * (1 + 1e-9), log=["C"]).agrees


def test_gaps_are_part_of_a_curve(written):
    gap = np.array([0.0, 1.0, np.nan, 3.0])
    reference = written(y=gap)
    assert reference.values("fig-a", y=gap).agrees
    assert "y  0  1  gap  3" in repr(reference.values("fig-a", y=gap))
    for other in ([0.0, np.nan, np.nan, 3.0], [0.0, 1.0, 2.0, 3.0]):
        numbers = reference.values("fig-a", y=other)
        assert not numbers.agrees
        assert f"DIFFERS by inf of its range at point {1 if np.isnan(other[1]) else 2}" in repr(
            numbers
        )
    # A point behind a gap keeps its number.
    assert "at point 3: 3.5 instead of 3" in repr(reference.values("fig-a", y=[0, 1, np.nan, 3.5]))


@pytest.mark.parametrize(
    "curves, complaint",
    [
        ({"x": X}, "C is in the reference and not in the figure"),
        ({"x": X, "C": X, "new": X}, "new is not in the reference"),
        ({"x": X, "C": X[:-1]}, "C has shape (100,), the reference has (101,)"),
        ({"x": X, "C": X[None]}, "C has shape (1, 101), the reference has (101,)"),
    ],
)
def test_a_changed_figure_differs(written, curves, complaint):
    numbers = written(x=X, C=X).values("fig-a", **curves)
    assert not numbers.agrees
    assert complaint in repr(numbers)


def test_two_dimensional_arrays_are_compared_point_by_point(written):
    surface = np.arange(12.0).reshape(3, 4)
    reference = written(z=surface)
    assert reference.values("fig-a", z=surface).agrees
    assert "12 points of 1 curve agree" in repr(reference.values("fig-a", z=surface))
    assert not reference.values("fig-a", z=surface[:, ::-1]).agrees
    assert not reference.values("fig-a", z=surface.reshape(4, 3)).agrees


def test_a_missing_reference_is_red_and_stays_missing(tmp_path, monkeypatch):
    path = tmp_path / "chapter.json"
    for value in (None, "", "0", "true"):
        if value is not None:
            monkeypatch.setenv(WRITE_VARIABLE, value)
        numbers = Reference(path).values("fig-a", **CURVES)
        assert not numbers.agrees
        text = repr(numbers)
        assert "fig-a: NOT COMPARED, since its reference chapter.json was not found beside" in text
        # Who opens a notebook elsewhere has nothing to renew, and the page names no folder.
        assert "make references" not in text
        assert str(tmp_path) not in text
        assert not path.exists()


def test_a_missing_figure_is_red_and_stays_missing(written, tmp_path):
    reference = written(**CURVES)
    before = (tmp_path / "chapter.json").read_bytes()
    numbers = reference.values("fig-b", **CURVES)
    assert not numbers.agrees
    assert "NOT COMPARED, since chapter.json holds no figure of this name" in repr(numbers)
    assert "DIFFERS" not in repr(numbers)
    # Nor does a figure that differs repair itself.
    assert not reference.values("fig-a", **{**CURVES, "C": 2 * CURVES["C"]}).agrees
    assert (tmp_path / "chapter.json").read_bytes() == before


def test_writing_keeps_the_other_figures(written, tmp_path):
    written("fig-b", y=[3.0, 4.0])
    reference = written("fig-a", y=[1.0, 2.0])
    written("fig-a", y=[1.0, 2.5])
    stored = json.loads((tmp_path / "chapter.json").read_text(encoding="utf-8"))
    assert list(stored) == ["fig-a", "fig-b"]
    assert reference.values("fig-b", y=[3.0, 4.0]).agrees
    assert reference.values("fig-a", y=[1.0, 2.5]).agrees


def test_stored_digits_survive_a_second_writing(written, tmp_path):
    values = np.abs(np.random.default_rng(17).normal(size=200)) * 10.0 ** np.arange(-100, 100)
    written(y=values, log=["y"])
    first = (tmp_path / "chapter.json").read_text(encoding="utf-8")
    stored = json.loads(first)["fig-a"]["numbers"]["y"]["values"]
    np.testing.assert_allclose(stored, values, rtol=6e-12)
    written(y=stored, log=["y"])
    assert (tmp_path / "chapter.json").read_text(encoding="utf-8") == first


def test_what_is_left_of_an_exact_zero_is_stored_as_zero(written):
    # sin(pi) is 1.2e-16 here and something else there, and would be printed.
    numbers = written(y=[1.0, 1.2e-16, -3e-17]).values("fig-a", y=[1.0, -5e-17, 0.0])
    assert repr(numbers).splitlines()[1] == "    y  1  0  0"
    # On a logarithmic axis nothing is small.
    assert "1.2e-16" in repr(written(y=[1.0, 1.2e-16], log=["y"]).values("fig-a", y=[1.0, 1.2e-16]))


def test_a_flat_curve_on_a_logarithmic_axis(written):
    flat = 1 + 1e-8 * np.sin(7 * X)
    reference = written(C=flat, log=["C"])
    assert reference.values("fig-a", C=flat, log=["C"]).agrees
    assert not reference.values("fig-a", C=flat * (1 + 2e-6), log=["C"]).agrees


@pytest.mark.parametrize(
    "values, error, message",
    [
        ([1.0, np.inf], ValueError, r"^`y` must be finite, but got inf\.$"),
        (
            [1.0, None],
            TypeError,
            r"^`y` must be a non-empty array of real numbers, but got dtype obj",
        ),
        ([1.0, 1j], TypeError, r"^`y` must be .*, but got dtype complex128\.$"),
        (["a", "b"], TypeError, r"^`y` must be .*, but got dtype <U1\.$"),
        ([True, False], TypeError, r"^`y` must be .*, but got dtype bool\.$"),
        ([], TypeError, r"^`y` must be a non-empty array"),
        ([np.nan, np.nan], ValueError, r"^`y` must hold numbers, but got only gaps\.$"),
    ],
)
def test_only_real_numbers_are_compared(tmp_path, values, error, message):
    with pytest.raises(error, match=message):
        Reference(tmp_path / "chapter.json").values("fig-a", y=values)


def test_there_are_numbers(tmp_path):
    with pytest.raises(ValueError, match=r"^`arrays` must hold numbers, but got none"):
        Reference(tmp_path / "chapter.json").values("fig-a")


def test_logarithms_need_positive_numbers_that_are_there(tmp_path):
    reference = Reference(tmp_path / "chapter.json")
    with pytest.raises(
        ValueError, match=r"^`y` must be > 0 where logarithms are compared, but got 0\.0"
    ):
        reference.values("fig-a", y=[0.0, 1.0], log=["y"])
    with pytest.raises(ValueError, match=r"^`log` must name arrays, but got 'z'\.$"):
        reference.values("fig-a", y=[1.0], log=["z"])


def test_arrays_are_not_changed(written):
    curves = {label: y.copy() for label, y in CURVES.items()}
    written(log=["far from zero"], **curves).values("fig-a", log=["far from zero"], **curves)
    for label in CURVES:
        assert np.array_equal(curves[label], CURVES[label])


# --- figures -------------------------------------------------------------------------------------


def figure(height=1.0, label="rise"):
    drawn = Figure()
    ax = drawn.subplots()
    ax.plot(X, height * X, label=label)
    ax.set(xlabel="time", ylabel="height", xlim=(0, 3), ylim=(0, 3))
    return drawn


def test_a_figure_says_where_on_which_curve_it_differs(written):
    numbers = written("fig-a", figure())
    assert repr(numbers("fig-a", figure())).splitlines() == [
        "fig-a: 101 points of 1 curve agree with the reference",
        "    time  0  0.75  1.5  2.25  3",
        "    rise  0  0.75  1.5  2.25  3",
    ]
    text = repr(numbers("fig-a", figure(1.1)))
    assert "rise  0  0.825  1.65  2.475  3.3  DIFFERS by 0.1 of its range at time = 3: 3.3" in text


def test_what_a_caption_says_is_compared(written):
    numbers = written("fig-a", figure(), limit=0.5)
    assert "    limit  0.5" in repr(numbers("fig-a", figure(), limit=0.5))
    assert "limit  0.6  DIFFERS" in repr(numbers("fig-a", figure(), limit=0.6))
    assert "limit is in the reference" in repr(numbers("fig-a", figure()))
    for bad, error in (("x", TypeError), (np.inf, ValueError), ([np.nan], ValueError)):
        with pytest.raises(error, match="^`limit` must "):
            numbers("fig-a", figure(), limit=bad)


def test_a_page_shows_the_numbers_in_a_table_or_the_difference_at_once(written):
    numbers = written("fig-a", figure(label=r"$\bar n$ < 1"))
    page = numbers("fig-a", figure(label=r"$\bar n$ < 1"))._repr_html_()
    assert "<summary>101 points of 1 curve agree with the reference</summary>" in page
    assert r"\(\bar n\) &lt; 1</th><td>0</td>" in page
    differs = numbers("fig-a", figure(2))._repr_html_()
    assert differs.startswith('<pre class="numbers-differ">fig-a: DIFFERS from the reference')
    assert "&lt; 1 is in the reference" in differs


def test_two_figures_of_one_name_are_not_written(tmp_path, monkeypatch):
    monkeypatch.setenv(WRITE_VARIABLE, "1")
    numbers = Reference(tmp_path / "chapter.json")
    numbers("fig-a", figure())
    numbers("fig-a", figure())
    with pytest.raises(ValueError, match="^`name` must be of one figure, but got 'fig-a' for two"):
        numbers("fig-a", figure(2))


def test_no_figure_was_shown(tmp_path):
    with pytest.raises(ValueError, match="^`figure` must be given where none was shown, but got n"):
        Reference(tmp_path / "chapter.json")("fig-a")


# --- damaged files -------------------------------------------------------------------------------

GOOD = '{"fig-a": {"words": {}, "numbers": {"y": {"shape": [2], "values": [1.0, 2.0]}}}}'
DAMAGED = {
    "truncated": (GOOD[:60], r"must be JSON, but got: .*line 1 column"),
    "empty": ("", r"must be JSON, but got: .*line 1 column 1"),
    "conflict": (f"<<<<<<< ours\n{GOOD}", r"must be JSON, but got: .*line 1 column 1"),
    "doubled figure": (GOOD[:-1] + ", " + GOOD[1:], "must hold 'fig-a' once, but got it twice"),
    "doubled curve": (
        GOOD.replace("}}}}", '}, "y": {}}}}'),
        "hold 'y' once, but got it twice",
    ),
    "list": (f"[{GOOD}]", "must hold numbers by name, but not in all of it"),
    "list of a figure": ('{"fig-a": [1, 2]}', "must hold numbers by name, but not in fig-a"),
    "list of numbers": ('{"fig-a": {"numbers": [1]}}', "numbers by name, but not in fig-a"),
    "list of words": (
        GOOD.replace('"words": {}', '"words": ["x"]'),
        "words by place, but not in",
    ),
    "number in words": (GOOD.replace("{},", '{"x": 1},'), "words by place, but not in fig-a"),
    "no numbers": ('{"fig-a": {"words": {}}}', "must hold numbers by name, but not in fig-a"),
    "no shape": (GOOD.replace('"shape": [2], ', ""), "shape and values of 'y', but it is damaged"),
    "no values": (GOOD.replace(', "values": [1.0, 2.0]', ""), "shape and values of 'y', but it is"),
    "wrong size": (GOOD.replace("[2]", "[3]"), "shape and values of 'y', but it is damaged there"),
    "text": (GOOD.replace("2.0", '"two"'), "shape and values of 'y', but it is damaged there"),
    "same as nothing": (GOOD.replace("}}}}", '}, "z": "q"}}}'), "shape and values of 'z', but it"),
}


@pytest.mark.parametrize("text, message", DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_file_is_told_with_its_place_and_remedy(tmp_path, text, message):
    path = tmp_path / "chapter.json"
    path.write_text(text, encoding="utf-8")
    # Reading, comparing, and renewing one entry.
    uses = [
        lambda: load(path),
        lambda: Reference(path).values("fig-a", y=[1.0, 2.0]),
        lambda: store(path, "fig-b", numbers={}),
    ]
    for use in uses:
        with pytest.raises(ValueError, match=f"(?s)^chapter.json .*{message}") as caught:
            use()
        assert str(caught.value).endswith(
            "; restore chapter.json from the repository, or delete it and run `make references`."
        )
        assert "/" not in str(caught.value)
    assert path.read_text(encoding="utf-8") == text


def test_a_file_that_is_not_utf_8_is_told(tmp_path):
    path = tmp_path / "chapter.json"
    path.write_bytes(GOOD.replace("y", "é").encode("latin-1"))
    with pytest.raises(ValueError, match="^chapter.json must be JSON, but got: 'utf-8' .* pos"):
        load(path)


def test_the_remedy_helps(written, tmp_path):
    (tmp_path / "chapter.json").write_text("{", encoding="utf-8")
    (tmp_path / "chapter.json").unlink()
    assert written("fig-a", figure())("fig-a", figure()).agrees


def test_storing_keeps_what_it_is_not_given(tmp_path):
    path = tmp_path / "chapter.json"
    store(path, "fig-a", numbers={}, caption="one")
    store(path, "fig-b", numbers={})
    store(path, "fig-a", numbers={"y": {"shape": [1], "values": [None]}})
    assert load(path) == {
        "fig-a": {"caption": "one", "numbers": {"y": {"shape": [1], "values": [None]}}},
        "fig-b": {"numbers": {}},
    }
    assert sorted(file.name for file in tmp_path.iterdir()) == ["chapter.json"]


def test_curves_that_share_their_x_store_it_once(written, tmp_path):
    drawn = figure()
    drawn.axes[0].plot(X, 3 - X, label="fall")
    written("fig-a", drawn)
    rows = load(tmp_path / "chapter.json")["fig-a"]["numbers"]
    assert rows["fall: x"] == "rise: x"
    drawn.axes[0].lines[1].set_xdata(X + 0.1)
    text = repr(Reference(tmp_path / "chapter.json")("fig-a", drawn))
    assert re.search(r"time  0.1 .* DIFFERS by 0.0333 of its range", text)


def test_no_values_are_nothing():
    assert reference.samples(np.array([])) == "nothing"
