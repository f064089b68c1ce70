"""Explorers: what they store, what they refuse, and that the two faces draw the same paths."""

import base64
import json
import re
from xml.etree import ElementTree

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from reader import change_everything

from coherence_lib import figures
from coherence_lib.explore import Explorer, Panel, checks, live
from coherence_lib.figures import Reference
from coherence_lib.figures.reference import WRITE_VARIABLE

X = np.linspace(0.0, 1.0, 21)
PANEL = Panel("x", "y", (0.0, 1.0), (-1.0, 1.0))


def wave(k, phase=0.0):
    return X, {"sine": np.sin(k * X + phase), "cosine": np.cos(k * X + phase)}


def build(tmp_path, compute=wave, **changes):
    arguments = {
        "name": "wave",
        "compute": compute,
        "sliders": {"k": [1.0, 2.0, 4.0], "phase": [0.0, 0.5]},
        "panels": PANEL,
        "start": {"k": 1.0, "phase": 0.0},
        "reference": Reference(tmp_path / "reference.json"),
        "alt": "Two waves.",
        **changes,
    }
    return Explorer(**arguments)


def stored(explorer):
    text = re.search(r'<script type="application/json">(.*?)</script>', explorer.block, re.DOTALL)
    return json.loads(text[1])


def summed(steps):
    """What the page's script does with stored differences."""
    last, values = 0, []
    for step in steps:
        if isinstance(step, list):
            values += [None] * step[0]
        else:
            last += step
            values.append(last)
    return values


# --- what is stored ------------------------------------------------------------------------------


def test_every_frame_is_stored_to_a_tenth_of_a_unit(tmp_path):
    explorer = build(tmp_path)
    data = stored(explorer)
    assert [s["values"] for s in data["sliders"]] == [["1", "2", "4"], ["0", "0.5"]]
    for k, values in enumerate([(a, b) for a in (1.0, 2.0, 4.0) for b in (0.0, 0.5)]):
        for i, (label, y) in enumerate(wave(*values)[1].items()):
            expected = explorer.places[label].points(X, y)
            assert (
                np.abs(np.array(summed(data["curves"][i]["x"])) / 10 - expected[:, 0]).max() < 0.051
            )
            row = np.array(summed(data["pool"][data["frames"][k][i]])) / 10
            assert np.abs(row - expected[:, 1]).max() < 0.051


def test_transformation_is_that_of_the_drawn_axes(tmp_path):
    """The corners of the axes in the SVG are where the stored curves put the limits."""
    explorer = build(
        tmp_path,
        compute=lambda k: (X, {"line": k * (2 * X - 1)}),
        sliders={"k": [0.5, 1.0]},
        start={"k": 1.0},
    )
    svg = explorer.svg(explorer.frame())
    frame = re.search(r'id="explore-wave-frame-0">\s*<path d="([^"]*)"', svg)[1]
    corners = np.array(re.findall(r"(-?[\d.]+) (-?[\d.]+)", frame), dtype=float)
    curve = re.search(r'id="explore-wave-curve-0">\s*<path d="([^"]*)"', svg)[1]
    points = np.array(re.findall(r"(-?[\d.]+) (-?[\d.]+)", curve), dtype=float)
    assert np.abs(points[0] - [corners[:, 0].min(), corners[:, 1].max()]).max() < 0.06
    assert np.abs(points[-1] - [corners[:, 0].max(), corners[:, 1].min()]).max() < 0.06


def test_paths_are_what_both_faces_draw(tmp_path):
    explorer = build(tmp_path)
    data = stored(explorer)
    for k, values in enumerate(explorer.combinations):
        svg, paths = explorer.svg(explorer.frame(**values)), explorer.paths(**values)
        assert list(paths) == [place.id for place in explorer.places.values()]
        for curve, path in paths.items():
            assert re.search(rf'<g id="{curve}">\s*<path d="([^"]*)"', svg)[1] == path
            i = list(paths).index(curve)
            points = zip(
                summed(data["curves"][i]["x"]),
                summed(data["pool"][data["frames"][k][i]]),
                strict=True,
            )
            assert path == "M" + "L".join(f"{x / 10:g} {y / 10:g}" for x, y in points)
    assert explorer.paths(k=2.0) != explorer.paths(k=2.001)


def test_drawing_does_not_depend_on_the_readers_settings(tmp_path):
    plain = build(tmp_path).block
    with mpl.rc_context():
        assert {"savefig.bbox", "text.usetex", "figure.autolayout"} <= change_everything()
        assert build(tmp_path).block == plain


def test_drawing_that_depends_on_the_readers_settings_is_seen(tmp_path, monkeypatch):
    plain = build(tmp_path).block
    sheet_alone = figures.style()[1:]
    monkeypatch.setattr(
        figures, "style", lambda **svg: [*sheet_alone, {**svg, "text.usetex": False}]
    )
    for name, value in {
        "savefig.bbox": "tight",
        "axes.linewidth": 3,
        "path.sketch": (1, 9, 2),
    }.items():
        with mpl.rc_context({name: value}):
            assert build(tmp_path).block != plain, name


def test_drawing_opens_no_window(tmp_path):
    before = plt.get_fignums()
    build(tmp_path)
    assert plt.get_fignums() == before


def test_equal_curves_are_stored_once(tmp_path):
    flat = build(tmp_path, compute=lambda k, phase: (X, {"a": k * X / 4, "b": 0 * X}))
    assert len(stored(flat)["pool"]) == 4


def test_gap_is_a_gap_in_both_faces(tmp_path):
    def broken(k):
        return X, {"y": np.where(abs(X - 0.5) < 0.12, np.nan, X / k)}

    explorer = build(tmp_path, compute=broken, sliders={"k": [1.0, 2.0]}, start={"k": 1.0})
    steps = stored(explorer)["pool"][0]
    assert [step for step in steps if isinstance(step, list)] == [[5]]
    path = explorer.paths()["explore-wave-curve-0"]
    assert path.count("M") == 2


def test_dots_are_lines_of_no_length(tmp_path):
    explorer = build(tmp_path, panels=Panel("x", "y", (0, 1), (-1, 1), dots=("cosine",)))
    path = explorer.paths()["explore-wave-curve-1"]
    assert path.count("M") == path.count("h0") == len(X)
    assert "L" not in path


def test_curves_far_outside_do_not_leave_the_paper(tmp_path):
    explorer = build(
        tmp_path,
        compute=lambda k: (X, {"y": 1e9 * k * (X - 0.5)}),
        sliders={"k": [1.0, 2.0]},
        start={"k": 1.0},
    )
    rows = np.array(summed(stored(explorer)["pool"][0])) / 10
    assert np.abs(rows).max() < 1000


def test_logarithmic_axis_leaves_a_gap_where_it_has_no_place(tmp_path):
    explorer = build(
        tmp_path,
        compute=lambda k: (X, {"y": k * (X - 0.26)}),
        sliders={"k": [1.0, 2.0]},
        start={"k": 1.0},
        panels=Panel("x", "y", (0, 1), (0.01, 1), yscale="log"),
    )
    assert stored(explorer)["pool"][0][0] == [6]


def test_compute_may_fill_the_same_arrays_again(tmp_path):
    buffer = np.empty(21)

    def lazy(k):
        buffer[:] = k * X
        return X, {"y": buffer}

    explorer = build(tmp_path, compute=lazy, sliders={"k": [0.5, 1.0]}, start={"k": 0.5})
    assert len(stored(explorer)["pool"]) == 2


def test_panels_share_curves_out_and_scales_are_theirs(tmp_path):
    panels = (
        Panel("x", "y", (0, 1), (-1, 1), curves=("sine",)),
        Panel("x", "y", (0.01, 1), (0.01, 1), xscale="log", yscale="log"),
    )
    explorer = build(
        tmp_path,
        compute=lambda k: (
            {"sine": X, "power": X + 0.01},
            {"sine": np.sin(k * X), "power": (X + 0.01) ** k},
        ),
        sliders={"k": [1.0, 2.0]},
        start={"k": 1.0},
        panels=panels,
    )
    columns = [np.array(summed(c["x"])) / 10 for c in stored(explorer)["curves"]]
    assert columns[0].max() < columns[1].max()
    assert np.diff(columns[1])[0] > 5 * np.diff(columns[1])[-1]


def test_block_is_the_same_in_every_run(tmp_path):
    assert build(tmp_path).block == build(tmp_path).block


def test_svg_is_well_formed_and_leaks_nothing(tmp_path):
    svg = build(tmp_path).svg(wave(1.0)[1])
    root = ElementTree.fromstring(svg)
    ids = [e.get("id") for e in root.iter() if e.get("id")]
    assert ids
    assert all(i.startswith("explore-wave-") for i in ids)
    assert len(ids) == len(set(ids))
    assert "<style" not in svg
    assert "<metadata" not in svg
    targets = re.findall(r'href="#([^"]+)"', svg) + re.findall(r"url\(#([^)]+)\)", svg)
    assert targets
    assert set(targets) <= set(ids)


def groups(svg, name):
    """Elements of a picture whose id ends so."""
    return [e for e in ElementTree.fromstring(svg).iter() if re.search(name, e.get("id", ""))]


def test_legend_shows_a_dot_for_dots_and_a_line_for_a_line(tmp_path):
    frame, plain = wave(1.0)[1], Panel("x", "y", (0, 1), (-1, 1), dots=("cosine",))
    assert groups(build(tmp_path, panels=plain).svg(frame), "legend_1$") == []
    named = Panel("x", "y", (0, 1), (-1, 1), dots=("cosine",), legend="upper left")
    (legend,) = groups(build(tmp_path, panels=named).svg(frame), "legend_1$")
    entries = [e for e in legend.iter() if "line2d" in e.get("id", "")]
    marked = [any(part.tag.endswith("use") for part in entry.iter()) for entry in entries]
    # The sine is a line, the cosine a marker.
    assert marked == [False, True]


def test_what_decorates_a_panel_is_drawn_in_it(tmp_path):
    decorated, panels = [], Panel("x", "y", (0, 1), (-1, 1))
    plain = groups(build(tmp_path, panels=panels).svg(wave(1.0)[1]), r"line2d_\d+$")

    def decorate(ax):
        decorated.append(ax.get_xlabel())
        ax.axhline(0.25)

    panels = Panel("x", "y", (0, 1), (-1, 1), decorate=decorate)
    found = groups(build(tmp_path, panels=panels).svg(wave(1.0)[1]), r"line2d_\d+$")
    assert len(found) == len(plain) + 1
    assert set(decorated) == {"x"}


def test_first_frame_is_an_image_for_pages_without_script(tmp_path):
    block = build(tmp_path).block
    image = re.search(r'<img alt="Two waves." src="data:image/svg\+xml;base64,([^"]+)"', block)[1]
    assert base64.b64decode(image).decode() == build(tmp_path).svg(wave(1.0)[1])
    assert '<div class="explore-controls" style="display: none">' in block


def test_text_of_the_author_cannot_break_the_page(tmp_path):
    explorer = build(
        tmp_path,
        alt='<b>"x"</b>',
        labels={"k": "<i>k</i>"},
        readout=lambda values, curves: "<!--<script></script><b>",
    )
    assert "<b>" not in explorer.block
    assert "<!--<script>" not in explorer.block
    assert stored(explorer)["texts"][0] == "<!--<script></script><b>"


# --- the digest ----------------------------------------------------------------------------------


def test_digest_is_snapped_to_the_reference_and_finds_one_wrong_frame(tmp_path, monkeypatch):
    monkeypatch.setenv(WRITE_VARIABLE, "1")
    assert "agree with the reference" in repr(build(tmp_path))
    monkeypatch.delenv(WRITE_VARIABLE)
    assert repr(build(tmp_path, compute=lambda k, phase: wave(k * (1 + 1e-9), phase))) == repr(
        build(tmp_path)
    )
    bent = repr(build(tmp_path, compute=lambda k, phase: wave(k + (k == 4.0) * 1e-4, phase)))
    assert "DIFFERS" in bent


def test_bundle_has_three_faces(tmp_path):
    bundle = build(tmp_path)._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "text/html", "application/vnd.jupyter.widget-view+json"}
    assert bundle["text/plain"].startswith("wave: ")


# --- in Jupyter ----------------------------------------------------------------------------------


def test_live_sliders_take_values_between_those_of_the_grid(tmp_path):
    explorer = build(
        tmp_path,
        more={"shift": [0, 1]},
        start={"k": 1.0, "phase": 0.0, "shift": 0},
        compute=lambda k, phase, shift: wave(k, phase + shift),
        readout=lambda values, curves: f"k = {values['k']:.3f}",
    )
    picture, k, phase, shift, text = explorer.widget().children
    assert k.continuous_update
    k.value, shift.value = 1.7, 1
    assert picture.value == explorer.svg(wave(k.value, 1)[1])
    assert text.value == f"k = {k.value:.3f}"


def test_error_between_the_grid_s_values_is_shown_to_the_reader(tmp_path):
    def picky(k):
        return X, {"y": X if k in (1.0, 2.0) else np.full(21, np.inf)}

    explorer = build(tmp_path, compute=picky, sliders={"k": [1.0, 2.0]}, start={"k": 1.0})
    picture, k, text = explorer.widget().children
    before = picture.value
    k.value = 1.5
    assert "ValueError: `compute` must return finite numbers" in text.value
    assert picture.value == before


def test_more_sliders_are_not_on_the_page(tmp_path):
    explorer = build(
        tmp_path,
        more={"shift": [0, 1]},
        start={"k": 1.0, "phase": 0.0, "shift": 1},
        compute=lambda k, phase, shift: wave(k, phase + shift),
        readout=lambda values, curves: f"shift = {values['shift']}",
    )
    assert [s["name"] for s in stored(explorer)["sliders"]] == ["k", "phase"]
    assert set(stored(explorer)["texts"]) == {"shift = 1"}
    assert explorer.svg(wave(1.0, 1.0)[1]) == explorer.svg(explorer.frame())


@pytest.mark.parametrize(
    ("grid", "kind"),
    [
        ([0.0, 0.5, 1.0], "FloatSlider"),
        (np.geomspace(0.1, 10, 7).round(3), "FloatLogSlider"),
        (np.arange(2, 9), "IntSlider"),
        # Rounded to three digits, the first steps are uneven.
        (np.geomspace(0.05, 50, 81).round(3), "FloatLogSlider"),
        (np.linspace(0.2, 12, 40), "FloatSlider"),
        ([0.0, 1.0, 3.0, 10.0], "FloatSlider"),
        ([1, 2, 4, 8], "SelectionSlider"),
    ],
)
def test_control_fits_its_grid(grid, kind):
    values = checks.slider_grid("k", grid)
    for start in values:
        control = live.control("k", values, start)
        assert type(control).__name__ == kind
        assert np.isclose(control.value, start, rtol=1e-12)
        if kind.startswith("Float"):
            # A browser moves a slider to its nearest step: the start must be one.
            place = np.log10(start) if kind == "FloatLogSlider" else start
            steps = (place - control.min) / control.step
            assert abs(steps - round(steps)) < 1e-9
            assert (control.max - control.min) / control.step > 150


def test_masked_point_is_a_gap(tmp_path):
    def masked(k):
        return X, {"y": np.ma.masked_greater(k * X, 0.5)}

    explorer = build(tmp_path, compute=masked, sliders={"k": [1.0, 2.0]}, start={"k": 1.0})
    assert np.isnan(explorer.frame()["y"]).tolist() == (X > 0.5).tolist()


def test_error_of_the_author_s_function_tells_where(tmp_path):
    def picky(k, phase):
        return X, {"y": X * (1 // (k < 4))}

    with pytest.raises(ZeroDivisionError) as caught:
        build(tmp_path, compute=picky)
    assert caught.value.__notes__ == ["This was at k = 4, phase = 0."]
    with pytest.raises(KeyError) as caught:
        build(tmp_path, readout=lambda values, curves: curves["tangent"])
    assert caught.value.__notes__ == ["This was at k = 1, phase = 0."]


def test_refused_explorer_leaves_no_figure_open(tmp_path):
    before = plt.get_fignums()
    with pytest.raises(ValueError, match="name every curve"):
        build(tmp_path, panels=Panel("x", "y", (0, 1), (0, 1), curves=("sine",)))
    assert plt.get_fignums() == before


def test_frame_takes_sliders_only(tmp_path):
    with pytest.raises(ValueError, match="`values` must name sliders, but got 'q'"):
        build(tmp_path).frame(q=1.0)


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"xscale": "symlog"}, ValueError, "`xscale` must be 'linear' or 'log', but got 'symlog'"),
        ({"xlim": (0, 0)}, ValueError, "`xlim` must be two different numbers"),
        ({"ylim": (0, np.nan)}, ValueError, "`ylim` must be finite, but got nan"),
        ({"ylim": (0, 1), "yscale": "log"}, ValueError, "`ylim` must be > 0, but got 0.0"),
    ],
)
def test_panel_refuses(changes, error, message):
    with pytest.raises(error, match=message):
        Panel(**{"xlabel": "x", "ylabel": "y", "xlim": (0, 1), "ylim": (0, 1), **changes})


# --- what is refused -----------------------------------------------------------------------------


def another_x(k, phase):
    return (X if k < 4 else X + 1e-3), wave(k, phase)[1]


def another_label(k, phase):
    return X, {"sine" if phase == 0 else "sinus": X, "cosine": X}


def infinite(k, phase):
    return X, {"y": np.full(21, np.inf if (k, phase) == (2.0, 0.5) else 0.0)}


def shorter(k, phase):
    return X, {"y": X if k < 2 else X[1:]}


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        (
            {"compute": another_x},
            ValueError,
            "the same x .* another one for 'sine' at k = 4, phase = 0",
        ),
        ({"compute": another_label}, ValueError, r"curves \['sine', 'cosine'\] .* phase = 0.5"),
        ({"compute": infinite}, ValueError, "got infinity for 'y' at k = 2, phase = 0.5"),
        ({"compute": shorter}, ValueError, "got 20 for 'y' at k = 2, phase = 0"),
        ({"compute": lambda k, phase: (X, {"y": "no"})}, TypeError, "real numbers, .* k = 1"),
        ({"sliders": {"k": [1.0], "phase": [0.0, 1.0]}}, ValueError, "two or more ascending"),
        ({"sliders": {"k": [2.0, 1.0], "phase": [0.0, 1.0]}}, ValueError, "ascending values"),
        ({"sliders": {}}, ValueError, "one or two sliders for the page, but got 0"),
        ({"sliders": {c: [0, 1] for c in "abc"}}, ValueError, "but got 3; `more` takes"),
        ({"start": {"k": 3.0}}, ValueError, r"`start\['k'\]` must be a value of its grid"),
        ({"name": "Two Waves"}, ValueError, "lower-case words joined by hyphens"),
        ({"name": 3.5}, ValueError, "lower-case words joined by hyphens"),
        ({"name": 3}, ValueError, "lower-case words joined by hyphens"),
        ({"compute": 3}, TypeError, "`compute` must be a function, but got 3"),
        ({"readout": "C"}, TypeError, "`readout` must be a function or None, but got 'C'"),
        ({"readout": lambda v, c: None}, TypeError, "`readout` must be text at k = 1, phase = 0"),
        ({"alt": None}, TypeError, "`alt` must be text, but got None"),
        ({"labels": {"k": 3}}, TypeError, r"`labels\['k'\]` must be text, but got 3"),
        ({"reference": "r.json"}, TypeError, "`reference` must be a figures.Reference"),
        ({"panels": ()}, TypeError, "`panels` must be a Panel or a sequence of them"),
        ({"panels": "x"}, TypeError, "`panels` must be a Panel or a sequence of them"),
        ({"start": {"k": np.array([1.0, 2.0])}}, ValueError, "must be a value of its grid"),
        ({"compute": lambda k, phase: (X, {})}, ValueError, "at least one curve, but got none"),
        (
            {"compute": lambda k, phase: (X[:0], {"y": X[:0]})},
            ValueError,
            "`compute` must return points, but got none for 'y'",
        ),
        ({"more": {"q": [1.0]}}, ValueError, r"`more\['q'\]` must be two or more ascending"),
        ({"sliders": {"ω": [1.0, 2.0]}, "start": {}}, ValueError, "named as arguments"),
        ({"sliders": [1.0, 2.0]}, TypeError, "`sliders` must be a mapping by slider"),
        ({"sliders": {"k>": [1.0, 2.0]}, "start": {}}, ValueError, "named as arguments"),
        ({"sliders": {"k": [1.0, 1.00001]}, "start": {}}, ValueError, "1.0 and 1.00001"),
        ({"more": {"k": [1.0, 2.0]}}, ValueError, "further sliders, but got 'k' again"),
        ({"start": {"q": 1.0}}, ValueError, "`start` must name sliders, but got 'q'"),
        ({"labels": {"q": "Q"}}, ValueError, "`labels` must name sliders, but got 'q'"),
        ({"compute": lambda k, phase: X}, TypeError, "x and a mapping of curves, .* k = 1"),
        ({"compute": lambda k, phase: ({}, {"y": X})}, ValueError, "an x for every curve"),
        ({"compute": lambda k, phase: (X / 0 * 0, {"y": X})}, ValueError, "without gaps"),
        (
            {"panels": Panel("x", "y", (0.1, 1), (0, 1), xscale="log")},
            ValueError,
            "x > 0 for a logarithmic axis, but got 0.0 for 'sine'",
        ),
        (
            {"panels": Panel("x", "y", (0, 1), (0, 1), dots=("sinus",))},
            ValueError,
            "`panels` must name curves of `compute`, but got 'sinus'",
        ),
        (
            {"panels": (Panel("x", "y", (0, 1), (0, 1), curves=("sine", "cosine")),) * 2},
            ValueError,
            "name each curve once, but got 'sine' twice",
        ),
        (
            {"panels": Panel("x", "y", (0, 1), (0, 1), curves=("sine",))},
            ValueError,
            "`panels` must name every curve, but got none for 'cosine'",
        ),
        (
            {
                "panels": (
                    Panel("x", "y", (0, 1), (0, 1), curves=("sine",), dots=("cosine",)),
                    Panel("x", "y", (0, 1), (0, 1)),
                )
            },
            ValueError,
            "`dots` must name curves of their panel, but got 'cosine'",
        ),
    ],
)
@pytest.mark.filterwarnings("ignore:invalid value encountered")
@pytest.mark.filterwarnings("ignore:divide by zero encountered")
def test_errors_say_what_and_where(tmp_path, changes, error, message):
    with pytest.raises(error, match=message):
        build(tmp_path, **changes)


def test_heavy_page_is_refused_with_the_grid_to_thin_out(tmp_path):
    noise = np.random.default_rng(1).normal(size=(60, 2000))
    with pytest.raises(ValueError, match="60 frames of 2000 points. Thin out `k`, which has 60"):
        build(
            tmp_path,
            compute=lambda k: (np.linspace(0, 1, 2000), {"y": noise[int(k)]}),
            sliders={"k": np.arange(60)},
            start={"k": 0},
        )
