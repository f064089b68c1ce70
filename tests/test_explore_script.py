"""The script of an explorer's page in an engine without a browser: it draws what the library does.

A chapter's stored output carries the script that it ran with, and the site is built from it. So the
source is held to what is stored, and what it does is run here: a script that is wrong is red before
any site is built.
"""

import itertools
import json
import re
from importlib import resources
from pathlib import Path

import nbformat
import numpy as np
import pytest
from py_mini_racer import JSEvalException, MiniRacer

from coherence_lib.explore import Explorer, Panel
from coherence_lib.figures import Reference

ROOT = Path(__file__).parents[1]
CHAPTERS = sorted((ROOT / "book").glob("**/*.ipynb"))
SOURCE = (resources.files("coherence_lib.explore") / "explore.js").read_text(encoding="utf-8")
X = np.linspace(0.0, 1.0, 11)

# As much of a browser as the script asks for. Clocks do not run: no address is written.
BROWSER = """
const heard = {}, drawn = {};
const node = (more) => ({style: {}, dataset: {}, attributes: {},
    addEventListener(name, task) { (this.heard ??= {})[name] = task; },
    setAttribute(name, value) { this.attributes[name] = value; }, ...more});
const inputs = DATA.sliders.map((slider) => node({value: String(slider.start)}));
const outputs = DATA.sliders.map(() => node()), readout = node(), button = node();
const curves = Object.fromEntries(DATA.curves.map((curve) => [curve.id, node()]));
const svg = {querySelector: (text) => curves[/id="([^"]*)"/.exec(text)[1]]};
const image = {src: "data:,", replaceWith() {}};
const root = node({id: "explore-NAME", scrollIntoView() {},
    querySelector: (text) => ({
        'script[type="application/json"]': {textContent: JSON.stringify(DATA)},
        ".explore-readout output": readout, "img": image, ".explore-controls": node(),
        "button": button})[text],
    querySelectorAll: (text) => text.startsWith("input") ? inputs : outputs});
const document = {readyState: "complete", getElementById: (id) => id === root.id ? root : null,
    importNode: (any) => any, fonts: {}};
const window = {addEventListener(name, task) { heard[name] = task; }};
const location = {hash: "HASH", pathname: "/", search: ""};
var setTimeout = () => 0, clearTimeout = () => {}, history = {};
const atob = () => "";
class TextDecoder { decode() { return ""; } }
class DOMParser { parseFromString() { return {documentElement: svg}; } }
function seen() {
    return JSON.stringify({
        paths: Object.fromEntries(DATA.curves.map((c) => [c.id, curves[c.id].attributes.d ?? ""])),
        shown: outputs.map((output) => output.value), readout: readout.value,
        spoken: inputs.map((input) => input.attributes["aria-valuetext"])});
}
function move(k, index) { inputs[k].value = String(index); inputs[k].heard.input(); return seen(); }
function reset() { button.heard.click(); return seen(); }
"""


@pytest.fixture(scope="module")
def explorer(tmp_path_factory):
    """Two sliders, a curve with gaps, and dots."""

    def compute(k, phase):
        y = np.sin(k * X + phase)
        return X, {"wave": np.where(np.abs(y) < 0.1, np.nan, y), "dots": np.cos(k * X)}

    return Explorer(
        "wave",
        compute,
        {"k": [1.0, 2.0, 4.0], "phase": [0.0, 0.5]},
        Panel("x", "y", (0.0, 1.0), (-1.0, 1.0), dots=("dots",)),
        start={"k": 2.0, "phase": 0.0},
        readout=lambda values, curves: f"k = {values['k']:g}",
        reference=Reference(tmp_path_factory.mktemp("explore") / "a.json"),
        alt="A wave and dots.",
    )


def page(explorer, source, address=""):
    """The page of an explorer, in an engine."""
    engine = MiniRacer()
    data = re.search(r'<script type="application/json">(.*?)</script>', explorer.block, re.DOTALL)
    browser = BROWSER.replace("NAME", explorer.name).replace("HASH", address)
    engine.eval(f"const DATA = {data[1]};{browser}")
    engine.eval(source.replace("IDENTITY", f"explore-{explorer.name}"))
    return engine


def expected(explorer, **values):
    texts = [f"{values[name]:g}" for name in explorer.sliders]
    return {
        "paths": explorer.paths(**values),
        "shown": texts,
        "readout": f"k = {values['k']:g}",
        "spoken": texts,
    }


def wrong(explorer, source):
    """What a script draws or says otherwise than the library, of all that it can be asked."""
    try:
        return differences(explorer, source)
    except JSEvalException as error:
        return [str(error)]


def differences(explorer, source):
    engine = page(explorer, source)
    found = (
        [] if json.loads(engine.eval("seen()")) == expected(explorer, k=2, phase=0) else ["start"]
    )
    k, phase = explorer.sliders.values()
    for i, j in itertools.product(range(len(k)), range(len(phase))):
        engine.eval(f"move(0, {i})")
        if json.loads(engine.eval(f"move(1, {j})")) != expected(explorer, k=k[i], phase=phase[j]):
            found.append(f"{k[i]:g}, {phase[j]:g}")
    if json.loads(engine.eval("reset()")) != expected(explorer, k=2, phase=0):
        found.append("reset")
    linked = page(explorer, source, "#wave.k=3.9&wave.phase=0.5")
    if json.loads(linked.eval("seen()")) != expected(explorer, k=4, phase=0.5):
        found.append("link")
    return found


def test_the_script_draws_what_the_library_computes(explorer):
    assert wrong(explorer, SOURCE) == []


@pytest.mark.parametrize(
    "old, new",
    [
        ("last += step", "last -= step"),
        ("y / 10", "y / 10.001"),
        ("curve.x[k]", "curve.x[k + 1]"),
        ("sum * data", "sum + data"),
        ('pen = "M"; return', "return"),
        ('"h0" : ""', '"" : "h0"'),
        ("values[k];", "values[0];"),
        ("texts[frame]", "texts[0]"),
        ("Math.min", "Math.max"),
        ("sliders[i].start; });", "sliders[0].start; });"),
    ],
)
def test_a_script_that_draws_something_else_is_seen(explorer, old, new):
    assert old in SOURCE
    assert wrong(explorer, SOURCE.replace(old, new)) != []


@pytest.mark.parametrize("old, new", [("function draw() {", "function draw( {"), ("})();", "})(")])
def test_a_script_that_is_no_script_is_seen(explorer, old, new):
    assert old in SOURCE
    with pytest.raises(JSEvalException, match="SyntaxError"):
        page(explorer, SOURCE.replace(old, new))


def foreign_scripts(notebook, source=SOURCE):
    """Explorers in a notebook's outputs that carry another script than the source."""
    texts = [
        output.data["text/html"]
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if 'class="explore"' in output.get("data", {}).get("text/html", "")
    ]
    assert texts
    found = []
    for text in texts:
        identity = re.search(r'class="explore" id="([\w-]+)"', text)[1]
        if f"<script>{source.replace('IDENTITY', identity)}</script>" not in text:
            found.append(identity)
    return found


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_what_a_chapter_stores_is_the_script_of_the_library(path):
    notebook = nbformat.read(path, 4)
    assert foreign_scripts(notebook) == []
    assert foreign_scripts(notebook, SOURCE.replace("last += step", "last -= step")) != []
