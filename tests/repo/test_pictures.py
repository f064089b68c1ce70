"""A stored picture is the one that is drawn: only letters may be set in another way."""

import base64
import copy
import io
import json
import re

import matplotlib as mpl
import matplotlib.style
import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from PIL import Image

from coherence_lib.explore import Explorer, Panel
from coherence_lib.figures import Reference, style
from tools import pictures

X = np.linspace(0, 3, 61)
PNG, SVG = "image/png", "image/svg+xml"


def nothing(ax):
    pass


def outputs(change=nothing, size=(4.8, 3.3), **settings):
    """The outputs of a cell that shows a figure, drawn as a notebook draws it."""
    with mpl.style.context(style(**settings)):
        figure = Figure(figsize=size)
        ax = figure.subplots()
        for k in (1, 2, 3):
            ax.plot(X, np.sin(k * X), label=rf"$\bar n$ = {k}")
        ax.plot(X[::10], np.cos(X[::10]), "o", ms=4)
        ax.axhline(0.5, ls=":", c="gray")
        ax.set(xlabel=r"time $\gamma_0 t$", ylabel="coherence $C_{l_1}$ of two atoms")
        ax.set_title("A long title of many letters")
        ax.legend()
        change(ax)
        return [{"data": {kind: saved(figure, kind) for kind in (PNG, SVG)}}]


def saved(figure, kind):
    file = io.BytesIO()
    if kind == PNG:
        figure.savefig(file, format="png", dpi=figure.dpi, bbox_inches="tight")
        return base64.b64encode(file.getvalue()).decode()
    figure.savefig(file, format="svg", bbox_inches="tight", metadata={"Date": None})
    return file.getvalue().decode()


@pytest.fixture(scope="module")
def plain():
    return outputs()


def test_a_picture_agrees_with_itself(plain):
    assert pictures.output_problems(outputs(), plain) == []


@pytest.mark.parametrize(
    "settings",
    [
        {"text.hinting": "none"},
        {"text.hinting": "force_autohint"},
        {"text.hinting": "native"},
        {"text.antialiased": False},
        {"path.snap": False},
    ],
    ids=str,
)
def test_letters_may_be_set_in_another_way(plain, settings):
    other = outputs(**settings)
    assert pictures.output_problems(other, plain) == []
    assert pictures.output_problems(plain, other) == []


def test_another_way_of_setting_letters_is_another_picture(plain):
    assert outputs(**{"text.hinting": "none"})[0]["data"][PNG] != plain[0]["data"][PNG]


# --- what is seen --------------------------------------------------------------------------------


def moved_marker(ax):
    heights = ax.lines[3].get_ydata().copy()
    heights[2] += 0.02 * np.ptp(ax.get_ylim())
    ax.lines[3].set_ydata(heights)


def moved_curve(ax):
    ax.lines[1].set_ydata(ax.lines[1].get_ydata() + 0.02 * np.ptp(ax.get_ylim()))


def swapped_legend(ax):
    handles, labels = ax.get_legend_handles_labels()
    ax.legend(handles[::-1], labels[::-1])


def swapped_colours(ax):
    colours = [line.get_color() for line in ax.lines[:2]]
    ax.lines[0].set_color(colours[1])
    ax.lines[1].set_color(colours[0])


def another_colour(ax):
    ax.lines[0].set_color("C2")


def without_a_curve(ax):
    ax.lines[2].remove()


def cover(ax):
    ax.add_patch(Rectangle((1, -0.5), 0.2, 0.2, color="white", zorder=9))


def empty(ax):
    for line in list(ax.lines):
        line.remove()


def another_word(ax):
    ax.set_xlabel(r"length $\xi_0 t$")


CHANGES = [moved_marker, moved_curve, swapped_legend, swapped_colours, another_colour]
CHANGES += [without_a_curve, cover, empty, another_word]


@pytest.mark.parametrize("kind", [PNG, SVG])
@pytest.mark.parametrize("change", CHANGES)
def test_what_a_reader_sees_is_red(plain, change, kind):
    stored = copy.deepcopy(plain)
    stored[0]["data"][kind] = outputs(change)[0]["data"][kind]
    difference, remedy = pictures.output_problems(plain, stored)
    assert re.match(
        rf"{re.escape(kind)}: differs by \d+ shades of 255 at pixel \(\d+, \d", difference
    )
    assert remedy.startswith("The stored picture is not the one that the code draws: run `make exe")


def test_the_place_that_differs_is_named(plain):
    stored = outputs(moved_marker)
    text = pictures.output_problems(plain, stored)[0]
    place = np.array(re.search(r"pixel \((\d+), (\d+)\) of \((\d+), (\d+)\)", text).groups(), int)
    # The third of seven markers: at a third of the axes' width.
    assert place[0] / place[2] == pytest.approx(0.45, abs=0.05)


BROKEN = {
    "random bytes": base64.b64encode(np.random.default_rng(1).bytes(5000)).decode(),
    "empty": "",
    "no picture": "no picture",
    "a picture's first half": None,
}


@pytest.mark.parametrize("kind", [PNG, SVG])
@pytest.mark.parametrize("broken", BROKEN)
def test_what_is_no_picture_is_red(plain, broken, kind):
    stored = copy.deepcopy(plain)
    whole = stored[0]["data"][kind]
    stored[0]["data"][kind] = (
        BROKEN[broken] if BROKEN[broken] is not None else whole[: len(whole) // 2]
    )
    assert pictures.output_problems(plain, stored)[0].startswith(
        f"{kind}: what is stored is no pic"
    )


@pytest.mark.parametrize("cut", range(20, 4000, 397))
def test_a_damaged_png_is_red_wherever_the_damage_is(plain, cut):
    stored = copy.deepcopy(plain)
    data = bytearray(base64.b64decode(stored[0]["data"][PNG]))
    data[cut] ^= 255
    stored[0]["data"][PNG] = base64.b64encode(bytes(data)).decode()
    found = pictures.output_problems(plain, stored)
    assert not found or found[0].startswith(f"{PNG}: ")


def test_a_png_of_one_colour_is_red(plain):
    file = io.BytesIO()
    Image.new("RGB", pictures.from_png(plain[0]["data"][PNG]).size, "white").save(file, "png")
    stored = copy.deepcopy(plain)
    stored[0]["data"][PNG] = base64.b64encode(file.getvalue()).decode()
    assert "shades of 255" in pictures.output_problems(plain, stored)[0]


def test_another_size_is_red(plain):
    found = pictures.output_problems(plain, outputs(size=(4.8, 3.4)))
    assert re.match(r"image/png: \(\d+, \d+\) pixels are stored and \(\d+, \d+\) drawn", found[0])
    assert re.match(r"image/svg\+xml: \(\d+, \d+\) pixels are stored", found[1])


@pytest.mark.parametrize("kind", [PNG, SVG])
def test_a_picture_that_is_not_there_is_red(plain, kind):
    without = copy.deepcopy(plain)
    del without[0]["data"][kind]
    assert f"{kind} is not stored" in pictures.output_problems(plain, without)
    assert f"{kind} is stored and not drawn" in pictures.output_problems(without, plain)


# --- explorers -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def block(tmp_path_factory):
    """A function that makes an explorer's block, with changes."""

    def make(height=1.0, word="height", colour="C0"):
        def wave(k):
            y = height * np.sin(k * X)
            return X, {"sine": np.where(abs(X - 1) < 0.2, np.nan, y), "cosine": np.cos(k * X)}

        return Explorer(
            "wave",
            wave,
            {"k": [1.0, 1.5, 2.0]},
            Panel("x", word, (0, 3), (-1, 1), decorate=lambda ax: ax.axhline(0.5, color=colour)),
            Reference(tmp_path_factory.mktemp("wave") / "none.json"),
            "Two waves.",
            readout=lambda values, curves: f"k is {values['k']:g}",
        ).block

    return make


def with_data(text, change):
    """A block whose data are changed in place."""

    def changed(match):
        data = json.loads(match[1])
        change(data)
        return f'<script type="application/json">{json.dumps(data)}</script>'

    return re.sub(r'(?s)<script type="application/json">(.*?)</script>', changed, text)


def explorer_problems(fresh, stored):
    return pictures.output_problems(
        [{"data": {"text/html": fresh}}], [{"data": {"text/html": stored}}]
    )


def shift(data):
    data["pool"][0][0] += 3


def shift_x(data):
    data["curves"][1]["x"][0] += 3


def longer_gap(data):
    (gap,) = [step for step in data["pool"][0] if isinstance(step, list)]
    gap[0] += 1


def rounding(data):
    data["pool"][0][0] += 1


def stored_twice(data):
    data["pool"].append(data["pool"][1])
    data["frames"][0][1] = len(data["pool"]) - 1


def another_picture(text):
    return re.sub(r'(?<=base64,)[^"]*', base64.b64encode(b"<svg/>").decode(), text)


DATA = {
    shift: "explore-wave: the stored curves lie elsewhere",
    shift_x: "explore-wave: the stored curves lie elsewhere",
    longer_gap: "explore-wave: the stored curves are others",
    lambda data: data["pool"].pop(): "explore-wave: the stored data are damaged",
    lambda data: data["frames"].reverse(): "explore-wave: the stored curves lie elsewhere",
    lambda data: data[
        "texts"
    ].reverse(): "explore-wave: the stored texts differ from the fresh ones",
    lambda data: data["sliders"][0].update(start=0): "explore-wave: the stored sliders differ",
    lambda data: data["curves"][0].update(dots=True): "explore-wave: the stored curves are others",
    lambda data: data.pop("texts"): "explore-wave: the stored data are damaged",
    lambda data: data["pool"][0].append("x"): "explore-wave: the stored curves are others",
}


def test_an_explorer_agrees_with_itself_and_with_its_rounding(block):
    fresh = block()
    assert explorer_problems(fresh, block()) == []
    assert explorer_problems(fresh, with_data(fresh, rounding)) == []
    assert explorer_problems(fresh, with_data(fresh, stored_twice)) == []


@pytest.mark.parametrize("change, message", DATA.items())
def test_changed_data_of_an_explorer_are_red(block, change, message):
    fresh = block()
    assert explorer_problems(fresh, with_data(fresh, change))[0].startswith(message)


TEXT = {
    "script": (
        ("getElementById", "getElement"),
        "explore-wave: the stored script differs from the",
    ),
    "controls": (
        ('max="2"', 'max="1"'),
        "explore-wave: the stored controls differs from the fresh on",
    ),
    "alternative text": (
        ("Two waves.", "Three waves."),
        "explore-wave: the stored text differs from",
    ),
    "no data": (('{"sliders', '{"sliders]'), "explore-wave: the stored data are damaged"),
    "a list": (
        ('application/json">{', 'application/json">['),
        "explore-wave: the stored data are dam",
    ),
    "cut": (("</script>", ""), "the stored block is no explorer"),
}


@pytest.mark.parametrize("change, message", TEXT.values(), ids=TEXT)
def test_a_changed_text_of_an_explorer_is_red(block, change, message):
    fresh = block()
    assert change[0] in fresh
    assert explorer_problems(fresh, fresh.replace(*change))[0].startswith(message)


@pytest.mark.parametrize(
    "picture", ["", "no picture", base64.b64encode(bytes(range(256))).decode()]
)
def test_what_is_no_picture_of_an_explorer_is_red(block, picture):
    fresh = block()
    stored = re.sub(r'(?<=base64,)[^"]*', picture, fresh)
    assert explorer_problems(fresh, stored)[0].startswith(
        "explore-wave: picture: what is stored is no p"
    )


@pytest.mark.parametrize("change", [{"height": 0.8}, {"word": "depth"}, {"colour": "C3"}], ids=str)
def test_a_foreign_picture_of_an_explorer_is_red(block, change):
    fresh = block()
    (picture,) = re.findall(r'base64,([^"]*)', block(**change))
    stored = re.sub(r'(?<=base64,)[^"]*', picture, fresh)
    assert explorer_problems(fresh, stored)[0].startswith("explore-wave: picture: differs by")


def test_an_explorer_that_is_not_there_is_red(block):
    assert explorer_problems(block(), "<p>none</p>")[0] == "the stored block is no explorer"
    assert explorer_problems("<p>none</p>", block())[0] == "no explorer is drawn"
