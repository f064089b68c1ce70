"""The figure's numbers: green and the same text everywhere, or red and precise."""

import json

import matplotlib as mpl
import matplotlib.figure
import matplotlib.style
import numpy as np
import pytest
from reader import change_everything

from coherence_lib.figures import WRITE_VARIABLE, Reference, style, use_style

X = np.linspace(0, 3, 101)
CURVES = {"x": X, "C": 1 - np.exp(-X), "far from zero": 100 + np.sin(X)}


@pytest.fixture(autouse=True)
def _nothing_is_written_unless_asked(monkeypatch):
    monkeypatch.delenv(WRITE_VARIABLE, raising=False)


@pytest.fixture
def write(tmp_path, monkeypatch):
    """A function that stores the numbers of one figure and returns the reference."""

    def store(name="fig-a", tolerance=1e-6, log=(), **arrays):
        numbers = Reference(tmp_path / "chapter.json", tolerance)
        with monkeypatch.context() as patch:
            patch.setenv(WRITE_VARIABLE, "1")
            numbers(name, log=log, **arrays)
        return numbers

    return store


def test_the_same_numbers_agree(write):
    numbers = write(**CURVES)("fig-a", **CURVES)
    assert numbers.agrees
    assert repr(numbers).startswith("fig-a: 101 points of 3 arrays agree with the reference\n")
    assert "DIFFERS" not in repr(numbers)


def test_text_shows_the_stored_digits_at_five_points(write):
    numbers = write(x=[0, 1, 2], y=[0, 1 / 3, 2e-9])("fig-a", x=[0, 1, 2], y=[0, 1 / 3, 2e-9])
    assert repr(numbers).splitlines()[1:] == ["    x  0  1  2", "    y  0  0.333333  2e-09"]
    sampled = write(x=X)("fig-a", x=X)
    assert repr(sampled).splitlines()[1] == "    x  0  0.75  1.5  2.25  3"


@pytest.mark.parametrize("seed", range(5))
def test_rounding_noise_does_not_change_the_text(write, seed):
    reference, rng = write(**CURVES), np.random.default_rng(seed)
    noisy = {label: y + 1e-9 * rng.uniform(-1, 1, len(y)) for label, y in CURVES.items()}
    assert repr(reference("fig-a", **noisy)) == repr(reference("fig-a", **CURVES))


@pytest.mark.parametrize("amount, agrees", [(0.9e-6, True), (1.1e-6, False), (-1.1e-6, False)])
@pytest.mark.parametrize("label", ["x", "C", "far from zero"])
@pytest.mark.parametrize("point", [0, 37, 100])
def test_every_point_is_compared_in_units_of_its_curves_range(write, label, point, amount, agrees):
    curves = {name: y.copy() for name, y in CURVES.items()}
    curves[label][point] += amount * np.ptp(curves[label])
    numbers = write(**CURVES)("fig-a", **curves)
    assert numbers.agrees is agrees
    if not agrees:
        head, *rows = repr(numbers).splitlines()
        assert head == "fig-a: DIFFERS from the reference; if that is meant, run `make references`"
        (row,) = [row for row in rows if "DIFFERS by" in row]
        assert row.startswith(f"    {label}  ")
        # Where: on the axis, which is the first array, or else the number of the point.
        place = f"point {point}" if label == "x" else f"x = {X[point]:g}"
        assert f"DIFFERS by 1.1e-06 of its range at {place}: " in row
        assert f"{curves[label][point]:.10g} instead of {CURVES[label][point]:.10g}" in row


def test_a_curve_that_differs_shows_its_fresh_digits(write):
    text = repr(write(y=[1.0, 2.0])("fig-a", y=[1.0, 2.5]))
    assert "    y  1  2.5  DIFFERS by 0.5 of its range at point 1: 2.5 instead of 2" in text


def test_the_tolerance_can_be_stated(write):
    loose = write(tolerance=0.01, y=[0.0, 1.0])
    assert loose("fig-a", y=[0.0, 1.009]).agrees
    assert not loose("fig-a", y=[0.0, 1.011]).agrees


@pytest.mark.parametrize("level", [0.123456789012499999, 1 / 3, -7e-5, 1e9, 0.0])
def test_a_constant_curve_is_compared_with_its_modulus(write, level):
    # Its range is rounding noise, and no unit of anything.
    rng = np.random.default_rng(16)
    noise = abs(level) * 1e-14 * rng.uniform(-1, 1, size=(2, 50))
    reference = write(y=level + noise[0])
    assert reference("fig-a", y=level + noise[1]).agrees
    assert not reference("fig-a", y=level + noise[1] + 2e-6 * (abs(level) or 1)).agrees


@pytest.mark.parametrize("size", [1e-4, 1e-6, 1e-8, 1e-10, 1e-13])
def test_a_small_wiggle_on_a_large_constant_agrees_with_itself(write, size):
    wiggle = 1 / 9 + size * np.sin(7 * X)
    assert write(y=wiggle)("fig-a", y=wiggle).agrees


def test_a_logarithmic_axis_compares_logarithms(write):
    decay = np.exp(-20 * X)
    changed = decay.copy()
    changed[-1] *= 2
    # On a linear axis nobody sees it, on a logarithmic one everybody does.
    assert write(C=decay)("fig-a", C=changed).agrees
    numbers = write(C=decay, log=["C"])("fig-a", C=changed, log=["C"])
    assert not numbers.agrees
    assert "at point 100" in repr(numbers)
    assert write(C=decay, log=["C"])("fig-a", C=decay * (1 + 1e-9), log=["C"]).agrees


def test_gaps_are_part_of_a_curve(write):
    gap = np.array([0.0, 1.0, np.nan, 3.0])
    reference = write(y=gap)
    assert reference("fig-a", y=gap).agrees
    assert "y  0  1  gap  3" in repr(reference("fig-a", y=gap))
    for other in ([0.0, np.nan, np.nan, 3.0], [0.0, 1.0, 2.0, 3.0]):
        numbers = reference("fig-a", y=other)
        assert not numbers.agrees
        assert f"DIFFERS by inf of its range at point {1 if np.isnan(other[1]) else 2}" in repr(
            numbers
        )
    # A point behind a gap keeps its number.
    assert "at point 3: 3.5 instead of 3" in repr(reference("fig-a", y=[0, 1, np.nan, 3.5]))
    assert write(y=[np.nan, np.nan])("fig-a", y=[np.nan, np.nan]).agrees


@pytest.mark.parametrize(
    "curves, complaint",
    [
        ({"x": X}, "C is in the reference and not in the figure"),
        ({"x": X, "C": X, "new": X}, "new is not in the reference"),
        ({"x": X, "C": X[:-1]}, "C has shape (100,), the reference has (101,)"),
        ({"x": X, "C": X[None]}, "C has shape (1, 101), the reference has (101,)"),
    ],
)
def test_a_changed_figure_differs(write, curves, complaint):
    numbers = write(x=X, C=X)("fig-a", **curves)
    assert not numbers.agrees
    assert complaint in repr(numbers)


def test_two_dimensional_arrays_are_compared_point_by_point(write):
    surface = np.arange(12.0).reshape(3, 4)
    reference = write(z=surface)
    assert reference("fig-a", z=surface).agrees
    assert "12 points of 1 arrays" in repr(reference("fig-a", z=surface))
    assert not reference("fig-a", z=surface[:, ::-1]).agrees
    assert not reference("fig-a", z=surface.reshape(4, 3)).agrees


def test_a_missing_reference_is_red_and_stays_missing(tmp_path, monkeypatch):
    path = tmp_path / "chapter.json"
    for value in (None, "", "0", "true"):
        if value is not None:
            monkeypatch.setenv(WRITE_VARIABLE, value)
        numbers = Reference(path)("fig-a", **CURVES)
        assert not numbers.agrees
        text = repr(numbers)
        assert "fig-a: NOT COMPARED, since its reference chapter.json was not found beside" in text
        # Who opens a notebook elsewhere has nothing to renew, and the page names no folder.
        assert "make references" not in text
        assert str(tmp_path) not in text
        assert not path.exists()


def test_a_missing_figure_is_red_and_stays_missing(write, tmp_path):
    reference = write(**CURVES)
    before = (tmp_path / "chapter.json").read_bytes()
    numbers = reference("fig-b", **CURVES)
    assert not numbers.agrees
    assert "NOT COMPARED, since chapter.json holds no figure of this name" in repr(numbers)
    assert "DIFFERS" not in repr(numbers)
    # Nor does a figure that differs repair itself.
    assert not reference("fig-a", **{**CURVES, "C": 2 * CURVES["C"]}).agrees
    assert (tmp_path / "chapter.json").read_bytes() == before


def test_writing_keeps_the_other_figures(write, tmp_path):
    write("fig-b", y=[3.0, 4.0])
    reference = write("fig-a", y=[1.0, 2.0])
    write("fig-a", y=[1.0, 2.5])
    stored = json.loads((tmp_path / "chapter.json").read_text(encoding="utf-8"))
    assert list(stored) == ["fig-a", "fig-b"]
    assert reference("fig-b", y=[3.0, 4.0]).agrees
    assert reference("fig-a", y=[1.0, 2.5]).agrees


def test_stored_digits_survive_a_second_writing(write, tmp_path):
    values = np.abs(np.random.default_rng(17).normal(size=200)) * 10.0 ** np.arange(-100, 100)
    write(y=values, log=["y"])
    first = (tmp_path / "chapter.json").read_text(encoding="utf-8")
    stored = json.loads(first)["fig-a"]["y"]["values"]
    np.testing.assert_allclose(stored, values, rtol=6e-12)
    write(y=stored, log=["y"])
    assert (tmp_path / "chapter.json").read_text(encoding="utf-8") == first


def test_what_is_left_of_an_exact_zero_is_stored_as_zero(write):
    # sin(pi) is 1.2e-16 here and something else there, and would be printed.
    numbers = write(y=[1.0, 1.2e-16, -3e-17])("fig-a", y=[1.0, -5e-17, 0.0])
    assert repr(numbers).splitlines()[1] == "    y  1  0  0"
    # On a logarithmic axis nothing is small.
    assert "1.2e-16" in repr(write(y=[1.0, 1.2e-16], log=["y"])("fig-a", y=[1.0, 1.2e-16]))


def test_a_flat_curve_on_a_logarithmic_axis(write):
    flat = 1 + 1e-8 * np.sin(7 * X)
    reference = write(C=flat, log=["C"])
    assert reference("fig-a", C=flat, log=["C"]).agrees
    assert not reference("fig-a", C=flat * (1 + 2e-6), log=["C"]).agrees


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
    ],
)
def test_only_real_numbers_are_plotted(tmp_path, values, error, message):
    with pytest.raises(error, match=message):
        Reference(tmp_path / "chapter.json")("fig-a", y=values)


def test_a_figure_has_numbers(tmp_path):
    with pytest.raises(ValueError, match=r"^`arrays` must hold the plotted numbers, but got none"):
        Reference(tmp_path / "chapter.json")("fig-a")


def test_logarithms_need_positive_numbers_that_are_there(tmp_path):
    reference = Reference(tmp_path / "chapter.json")
    with pytest.raises(ValueError, match=r"^`y` must be > 0 on a logarithmic axis, but got 0\.0"):
        reference("fig-a", y=[0.0, 1.0], log=["y"])
    with pytest.raises(ValueError, match=r"^`log` must name plotted arrays, but got 'z'\.$"):
        reference("fig-a", y=[1.0], log=["z"])


def test_plotted_arrays_are_not_changed(write):
    curves = {label: y.copy() for label, y in CURVES.items()}
    write(log=["far from zero"], **curves)("fig-a", log=["far from zero"], **curves)
    for label in CURVES:
        assert np.array_equal(curves[label], CURVES[label])


def test_the_style_sheet_is_found_and_used():
    with mpl.rc_context():
        mpl.rcdefaults()
        before = dict(mpl.rcParams)
        use_style()
        assert dict(mpl.rcParams) != before


# Windows, servers and folders of programs that show a figure; none changes what is drawn.
NOT_DRAWN = {
    "backend",
    "backend_fallback",
    "docstring.hardcopy",
    "figure.raise_window",
    "interactive",
    "savefig.directory",
    "tk.window_focus",
    "toolbar",
    *(f"webagg.{name}" for name in ("address", "open_in_browser", "port", "port_retries")),
}


def _left_over(style):
    """The parameters by which a reader's settings still differ from the defaults' own."""
    with mpl.rc_context():
        mpl.rcdefaults()
        style()
        expected = dict(mpl.rcParams)
        change_everything()
        style()
        return {name for name, value in mpl.rcParams.items() if value != expected[name]}


def test_figures_start_from_the_defaults_and_not_from_the_reader():
    with mpl.rc_context():
        mpl.rcdefaults()
        # Every number and every switch; what remains is text or colours.
        assert len(change_everything() - NOT_DRAWN) > 140
    assert _left_over(use_style) <= NOT_DRAWN


def test_a_style_on_top_of_the_readers_is_seen():
    def sheet_alone():
        mpl.style.use(style()[1])

    assert {"savefig.bbox", "text.usetex", "axes.xmargin"} <= _left_over(sheet_alone)


def test_every_colour_comes_with_a_line_style_of_its_own():
    with mpl.style.context(style()):
        cycle = mpl.rcParams["axes.prop_cycle"].by_key()
        lines = mpl.figure.Figure().subplots().plot(np.eye(len(cycle["color"])))
    for look in ("color", "linestyle"):
        assert len({str(value) for value in cycle[look]}) == len(cycle[look]) == 7
    patterns = {(str(line.get_color()), str(line._dash_pattern)) for line in lines}
    assert len(patterns) == len(lines)
