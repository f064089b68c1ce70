"""Every slider of the built site, moved in a browser and compared with the library.

A page has no kernel: what it draws was stored when its notebook ran. Here the function behind a
slider runs once more, and each point of each curve on the page must lie where this function and
the axes put it, to less than a pixel.
"""

import itertools
import json
import re
from dataclasses import dataclass

import numpy as np
import pytest
from playwright.sync_api import expect
from sliders import CHAPTERS, STORY, code_cells, drawn_differences, load_explorer

from coherence_lib.explore import Explorer, shown

from . import test_site
from .conftest import PATIENCE, SITE, Visit, ground_and_ink, open_page
from .test_site import EVERYWHERE, PHONE, problems, sideways_scroll

pytestmark = test_site.pytestmark

# Answer to the question that the page of the story asks.
PHOTONS_FOR_99_PERCENT = 5.27

# One worker runs a chapter's cells and opens its page, for all of its tests.
GROUPED = [pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in CHAPTERS]
every_chapter = pytest.mark.parametrize("chapter", GROUPED)
# What is the same script's on every page is tried on the others by `make readers` alone.
SOME = (STORY, "book/part1/harvesting", "book/part2/transition", "book/part3/other_sources")
some_chapters = pytest.mark.parametrize(
    "chapter",
    [
        pytest.param(
            name,
            marks=[pytest.mark.xdist_group(name), *([] if name in SOME else [pytest.mark.readers])],
        )
        for name in CHAPTERS
    ],
)


READ_TEXTS = """root => {
    const texts = selector => [...root.querySelectorAll(selector)].map(node => node.textContent);
    return {
        shown: texts('.explore-slider output'),
        spoken: [...root.querySelectorAll('input')].map(i => i.getAttribute('aria-valuetext')),
        readout: texts('.explore-readout output')[0],
    };
}"""


def differences(root, explorer, values):
    """What an explorer on a page shows otherwise than the library at these values, in words."""
    x, curves = explorer.compute(**values)
    found = drawn_differences(root, explorer, x, curves)
    page = root.evaluate(READ_TEXTS)
    texts = [shown(values[name]) for name in explorer.sliders]
    readout = explorer.readout(values, curves) if explorer.readout else ""
    for what, text in (("shown", texts), ("spoken", texts), ("readout", readout)):
        if page[what] != text:
            found.append(f"{what}: {page[what]!r}, not {text!r}")
    return found


def root_of(page, explorer):
    return page.locator(f"#explore-{explorer.name}")


def input_of(page, explorer, name):
    return page.locator(f"#explore-{explorer.name}-{name}")


def values_at(explorer, indices):
    """The values at given places of the grids, and the start of the sliders not given."""
    return {
        name: grid[indices.get(name, grid.index(explorer.start[name]))]
        for name, grid in explorer.sliders.items()
    } | {name: explorer.start[name] for name in explorer.more}


def move(page, explorer, name, index):
    input_of(page, explorer, name).fill(str(index))


def link_of(explorer, values):
    return "#" + "&".join(f"{explorer.name}.{name}={shown(v)}" for name, v in values.items())


def far_end(grid, value):
    """The end of a grid that is farther from a value of it."""
    return 0 if grid.index(value) > (len(grid) - 1) / 2 else len(grid) - 1


@dataclass
class Desk:
    """A chapter's page with its explorer."""

    chapter: str
    explorer: Explorer
    visit: Visit

    @property
    def page(self):
        return self.visit.page

    @property
    def root(self):
        return root_of(self.page, self.explorer)

    def differences(self, **indices):
        return differences(self.root, self.explorer, values_at(self.explorer, indices))

    def move(self, name, index):
        input_of(self.page, self.explorer, name).fill(str(index))

    def reset(self):
        self.root.get_by_role("button", name="reset").click()


@pytest.fixture(scope="module", params=GROUPED)
def open_desk(request, browser, site):
    """A page is opened once for all tests that do no more than move its sliders."""
    visit = open_page(browser, f"{site}{request.param}.html")
    yield Desk(request.param, load_explorer(request.param), visit)
    visit.page.context.close()


@pytest.fixture
def desk(open_desk):
    open_desk.reset()
    yield open_desk
    assert problems(open_desk.visit, EVERYWHERE) == []


# --- the curves ----------------------------------------------------------------------------------


@every_chapter
def test_chapter_has_an_explorer(chapter):
    assert {"explore-compute", "explore-show"} <= set(code_cells(chapter))
    assert isinstance(load_explorer(chapter), Explorer)


def test_page_shows_it_with_its_start_values(desk):
    expect(desk.root).to_have_count(1)
    expect(desk.root.locator("svg")).to_be_visible()
    expect(desk.root.locator('input[type="range"]')).to_have_count(len(desk.explorer.sliders))
    assert desk.differences() == []


def moves(explorer, slider):
    """(what to do, index it leads to) for one slider: by keys, then by values."""
    last = len(explorer.sliders[slider]) - 1
    keys = [("Home", 0), ("ArrowRight", 1), ("ArrowUp", min(2, last)), ("End", last)]
    keys += [("ArrowLeft", last - 1), ("ArrowDown", max(0, last - 2))]
    return keys + [(None, index) for index in (last // 3, 0, (2 * last) // 3, last)]


def test_each_slider_draws_what_the_library_computes(desk):
    wrong = {}
    for name, other in itertools.product(desk.explorer.sliders, repeat=2):
        desk.reset()
        grid, start = desk.explorer.sliders[other], desk.explorer.start[other]
        # The pair of a slider with itself leaves the other one where it starts.
        at = {} if other == name else {other: far_end(grid, start)}
        for slider, index in at.items():
            desk.move(slider, index)
        for key, index in moves(desk.explorer, name):
            if key:
                input_of(desk.page, desk.explorer, name).press(key)
            else:
                desk.move(name, index)
            if found := desk.differences(**at, **{name: index}):
                wrong[f"{at} {name}: {key} {index}"] = found
    assert wrong == {}


def doctor_a_curve(data, frame):
    """One difference that is 30 tenths too large: all points after it sink by 3 units."""
    steps = data["pool"][data["frames"][frame][0]]
    places = [i for i, step in enumerate(steps) if isinstance(step, int)]
    steps[places[len(places) // 2]] += 30


def doctor_a_gap(data, frame):
    steps = data["pool"][data["frames"][frame][0]]
    steps[5:7] = [[1], steps[5] + steps[6]]


def doctor_a_length(data, frame):
    data["pool"][data["frames"][frame][0]].append(0)


def doctor_a_column(data, frame):
    data["curves"][-1]["x"][7] += 30


def doctor_a_value(data, frame):
    data["sliders"][0]["values"][data["sliders"][0]["start"]] += "1"


def doctor_a_readout(data, frame):
    data["texts"][frame] = "all is well"


@pytest.mark.parametrize(
    ("doctor", "seen"),
    [
        (doctor_a_curve, [r"explore-two-atoms-curve-0: [34]\.\d+ pixels off"]),
        (doctor_a_gap, ["explore-two-atoms-curve-0: 2 stretches"]),
        (doctor_a_length, ["explore-two-atoms-curve-0: not a path of points: LNaN"]),
        (doctor_a_column, [r"explore-two-atoms-curve-1: [34]\.\d+ pixels off"]),
        (doctor_a_value, ["shown: ", "spoken: "]),
        (doctor_a_readout, ["readout: 'all is well'"]),
    ],
)
def test_one_wrong_number_in_a_page_is_seen(site, browser, doctor, seen):
    explorer = load_explorer(STORY)
    start = values_at(explorer, {})
    frame = explorer.combinations.index(start)
    pattern = rf'(id="explore-{explorer.name}".*?<script type="application/json">)(.*?)(</script>)'

    def change(match):
        data = json.loads(match[2])
        doctor(data, frame)
        return match[1] + json.dumps(data) + match[3]

    def serve_copy(route):
        response = route.fetch()
        body, count = re.subn(pattern, change, response.text(), flags=re.DOTALL)
        assert count == 1
        route.fulfill(response=response, body=body)

    with browser.new_context(bypass_csp=True) as context:
        page = context.new_page()
        page.route("**/*.html", serve_copy)
        page.goto(f"{site}{STORY}.html")
        found = differences(root_of(page, explorer), explorer, start)
    assert len(found) == len(seen)
    for pattern, problem in zip(seen, found, strict=True):
        assert re.match(pattern, problem)


# --- the link ------------------------------------------------------------------------------------


def scene(explorer):
    """Places of the grids that are not the start, and the values there."""
    at = {name: len(grid) - 2 for name, grid in explorer.sliders.items()}
    return at, values_at(explorer, at)


@some_chapters
def test_link_brings_a_reader_to_the_same_curves(site, visit, chapter):
    explorer, address = load_explorer(chapter), f"{site}{chapter}.html"
    desk = Desk(chapter, explorer, visit(address))
    at, values = scene(explorer)
    for name, index in at.items():
        desk.move(name, index)
    fragment = link_of(explorer, {name: values[name] for name in at})
    expect(desk.page).to_have_url(address + fragment)
    friend = Desk(desk.chapter, explorer, visit(desk.page.url))
    expect(friend.root.locator("svg")).to_be_in_viewport(ratio=0.9)
    assert friend.differences(**at) == []
    friend.reset()
    expect(friend.page).to_have_url(address)
    assert friend.differences() == []


@pytest.fixture(scope="module")
def open_story(browser, site):
    visit = open_page(browser, f"{site}{STORY}.html")
    yield Desk(STORY, load_explorer(STORY), visit)
    visit.page.context.close()


@pytest.fixture
def story(open_story):
    """The page of the story, once for all tests that need it only."""
    open_story.reset()
    open_story.page.evaluate("location.hash = ''")
    yield open_story
    assert problems(open_story.visit, EVERYWHERE) == []


def follow(desk, fragment):
    """What a click on a link to another place of the same page does."""
    desk.page.evaluate("hash => { location.hash = hash; }", fragment)


def test_many_moves_make_one_link(story):
    slider = input_of(story.page, story.explorer, "nbar")
    before = story.page.evaluate("history.length")
    slider.evaluate(
        """input => {
            const replace = history.replaceState;
            window.written = 0;
            history.replaceState = (...args) => { written++; replace.apply(history, args); };
            for (let k = 1; k <= 20; k++) {
                input.value = k;
                input.dispatchEvent(new Event('input', {bubbles: true}));
            }
        }"""
    )
    value = shown(story.explorer.sliders["nbar"][20])
    expect(story.page).to_have_url(re.compile(rf"#two-atoms\.nbar={value}&two-atoms\.f0=0$"))
    assert story.page.evaluate("written") == 1
    # The button "back" leads to the page before, not through every position.
    assert story.page.evaluate("history.length") == before


def test_explorers_of_one_page_keep_each_others_entries(site, visit):
    explorer = load_explorer(STORY)
    at, values = scene(explorer)
    foreign = "two.nbar=1&other.x=1"
    opened = visit(f"{site}{STORY}.html#{foreign}&{link_of(explorer, values)[1:]}")
    root = root_of(opened.page, explorer)
    assert differences(root, explorer, values) == []
    input_of(opened.page, explorer, "nbar").press("Home")
    moved = values_at(explorer, {**at, "nbar": 0})
    expect(opened.page).to_have_url(
        f"{site}{STORY}.html#{foreign}&{link_of(explorer, moved)[1:]}",
    )
    root.get_by_role("button", name="reset").click()
    expect(opened.page).to_have_url(f"{site}{STORY}.html#{foreign}")


def test_link_that_is_clicked_on_its_own_page_moves_the_sliders(story):
    at, values = scene(story.explorer)
    story.page.evaluate("scrollTo({top: 0, behavior: 'instant'})")
    follow(story, link_of(story.explorer, values))
    expect(story.root.locator("output").first).to_have_text(shown(values["nbar"]))
    expect(story.root.locator("svg")).to_be_in_viewport(ratio=0.9)
    assert story.differences(**at) == []


@pytest.mark.parametrize("before", ["input", "reset"])
def test_link_that_is_clicked_while_an_address_waits_to_be_written_counts(story, before):
    """A busy page: the write is due when the link has been followed and not yet been read."""
    at, values = scene(story.explorer)
    address, fragment = story.page.url.partition("#")[0], link_of(story.explorer, values)
    story.root.evaluate(
        """(root, [before, hash]) => {
            const input = root.querySelector('input');
            if (before === 'input') input.value = 3;
            if (before === 'input') input.dispatchEvent(new Event('input', {bubbles: true}));
            else root.querySelector('button').click();
            for (const end = performance.now() + 500; performance.now() < end;);
            location.hash = hash;
        }""",
        [before, fragment],
    )
    expect(story.root.locator("output").first).to_have_text(shown(values["nbar"]))
    # Longer than any write waits.
    story.page.wait_for_timeout(500)
    assert story.differences(**at) == []
    assert story.page.url == address + fragment


def test_link_works_with_its_signs_rewritten(story):
    at, values = scene(story.explorer)
    written = link_of(story.explorer, values)[1:].replace("=", "%3D").replace("&", "%26")
    follow(story, written.replace(".", "%2E"))
    expect(story.root.locator("output").first).to_have_text(shown(values["nbar"]))
    assert story.differences(**at) == []


def test_way_back_from_a_link_leads_to_the_start(story):
    before = story.page.url
    _, values = scene(story.explorer)
    follow(story, link_of(story.explorer, values))
    expect(story.root.locator("output").first).to_have_text(shown(values["nbar"]))
    story.page.go_back()
    expect(story.page).to_have_url(before)
    expect(story.root.locator("output").first).to_have_text(shown(story.explorer.start["nbar"]))
    assert story.differences() == []


def test_value_between_those_of_the_grid_goes_to_the_nearest(story):
    grid = np.array(story.explorer.sliders["nbar"])
    follow(story, f"two-atoms.nbar={PHOTONS_FOR_99_PERCENT}")
    nearest = int(np.argmin(np.abs(grid - PHOTONS_FOR_99_PERCENT)))
    expect(story.root.locator("output").first).to_have_text(shown(grid[nearest]))
    assert story.differences(nbar=nearest) == []


def test_link_to_a_section_still_works(story):
    heading = story.page.locator("#explore > h2")
    story.move("nbar", 3)
    story.page.evaluate("scrollTo({top: 0, behavior: 'instant'})")
    follow(story, "explore")
    expect(heading).to_be_in_viewport()
    # The sliders stay where they are.
    assert story.differences(nbar=3) == []


MALFORMED = [
    "two-atoms.nbar=",
    "two-atoms.nbar=%",
    "two-atoms.nbar=%E0%A4%A",
    "two-atoms.nbar=many",
    "two-atoms.nbar=Infinity",
    "two-atoms.nbar",
    "two-atoms.=3",
    "two-atoms.mass=3",
    "two-atoms.__proto__=1",
    "two-atoms",
    "=&&=&",
    "<script>alert(1)</script>=1",
]


def test_malformed_links_are_ignored_when_followed(story):
    for fragment in MALFORMED:
        follow(story, fragment)
        assert story.differences() == [], fragment


def test_malformed_links_are_ignored_when_opened(site, visit):
    opened = visit(f"{site}{STORY}.html#{'&'.join(MALFORMED)}")
    page = Desk(STORY, load_explorer(STORY), opened)
    assert page.differences() == []
    last = len(page.explorer.sliders["nbar"]) - 1
    page.move("nbar", last)
    assert page.differences(nbar=last) == []
    assert problems(opened, EVERYWHERE) == []


def test_link_to_a_section_opens_there(site, visit):
    opened = visit(f"{site}{STORY}.html#explore")
    expect(opened.page.locator("#explore > h2")).to_be_in_viewport()


def test_links_lead_to_their_places_while_most_of_a_page_is_not_laid_out(site, browser):
    explorer = load_explorer(STORY)
    _, values = scene(explorer)
    for fragment, place in (
        ("#take-away", "#take-away > h2"),
        ("#at-p1-s5-11", "#at-p1-s5-11"),
        (link_of(explorer, values), f"#explore-{explorer.name} svg"),
    ):
        for opened_there in (True, False):
            with browser.new_context() as context:
                page = context.new_page()
                page.goto(f"{site}{STORY}.html{fragment if opened_there else ''}")
                last = "getComputedStyle(document.querySelector('#check')).contentVisibility"
                assert page.evaluate(last) == ("visible" if opened_there else "auto")
                if not opened_there:
                    page.evaluate("hash => { location.hash = hash; }", fragment)
                expect(page.locator(place).first).to_be_in_viewport()
                # Nothing moves afterwards.
                page.wait_for_timeout(500)
                expect(page.locator(place).first).to_be_in_viewport()
                assert page.evaluate(last) == "visible"


# --- every reader --------------------------------------------------------------------------------


@every_chapter
def test_without_script_the_first_frame_stands(site, browser, chapter):
    explorer = load_explorer(chapter)
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{site}{chapter}.html")
        root = root_of(page, explorer)
        image = root.get_by_role("img", name=explorer.alt)
        expect(image).to_be_visible()
        assert image.evaluate("node => node.tagName") == "IMG"
        expect(root.locator(".explore-controls")).to_be_hidden()
        # An image that is broken has no size of its own.
        assert image.evaluate("node => node.complete && node.naturalWidth") > 300


NAMES = """root => ({
    role: root.getAttribute('role'),
    name: root.getAttribute('aria-label'),
    svg: [...root.querySelectorAll('svg')].filter(node => !node.parentElement.closest('svg'))
        .map(node => [node.getAttribute('role'), node.getAttribute('aria-label')]),
    labels: [...root.querySelectorAll('input')].map(i => [...i.labels].map(l => l.textContent)),
    outputs: [...root.querySelectorAll('.explore-slider output')].map(o => o.htmlFor.value),
    inputs: [...root.querySelectorAll('input')].map(i => i.id),
    live: [...root.querySelectorAll('.explore-readout output')].map(o => o.ariaLive),
    buttons: [...root.querySelectorAll('button')].map(b => [b.type, b.textContent]),
    twice: [...document.querySelectorAll('[id]')].map(node => node.id)
        .filter((id, k, all) => all.indexOf(id) !== k),
})"""


def test_everything_has_a_name(desk):
    explorer = desk.explorer
    inputs = [f"explore-{explorer.name}-{name}" for name in explorer.sliders]
    assert desk.root.evaluate(NAMES) == {
        "role": "group",
        "name": "Figure with sliders",
        "svg": [["img", explorer.alt]],
        "labels": [[explorer.labels.get(name, name)] for name in explorer.sliders],
        "outputs": inputs,
        "inputs": inputs,
        "live": ["polite"],
        "buttons": [["button", "reset"]],
        "twice": [],
    }


def test_keyboard_reaches_everything_and_the_focus_is_seen(desk):
    keyboard = desk.page.keyboard
    # A click on what takes no focus is where the next Tab starts from.
    desk.root.locator("svg").click()
    for stop in [*desk.root.locator("input").all(), desk.root.get_by_role("button")]:
        keyboard.press("Tab")
        expect(stop).to_be_focused()
        style, width = stop.evaluate(
            "node => { const s = getComputedStyle(node); return [s.outlineStyle, s.outlineWidth]; }"
        )
        assert style != "none"
        assert float(width.removesuffix("px")) >= 2
    first, *others = desk.explorer.sliders
    keyboard.press("Shift+Tab")
    for _ in others:
        keyboard.press("Shift+Tab")
    keyboard.press("End")
    assert desk.differences(**{first: len(desk.explorer.sliders[first]) - 1}) == []
    for _ in desk.explorer.sliders:
        keyboard.press("Tab")
    keyboard.press("Enter")
    assert desk.differences() == []


# Colour of a text and of what is behind it: the first ancestor that is not transparent.
COLOURS = """root => {
    const texts = [...root.querySelectorAll('label, output, button')].filter(n => n.textContent);
    const behind = node => {
        for (; node; node = node.parentElement) {
            const colour = getComputedStyle(node).backgroundColor;
            if (!/^rgba\\(.*, 0\\)$/.test(colour)) return colour;
        }
        return 'rgb(255, 255, 255)';
    };
    return texts.map(node => [node.textContent, getComputedStyle(node).color, behind(node)]);
}"""


def luminance(colour):
    """Relative luminance as WCAG defines it."""
    assert re.fullmatch(r"rgb\(\d+, \d+, \d+\)", colour), f"not opaque: {colour}"
    share = np.array([int(part) for part in re.findall(r"\d+", colour)]) / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    return linear @ [0.2126, 0.7152, 0.0722]


def contrast(one, other):
    lower, higher = sorted([luminance(one), luminance(other)])
    return (higher + 0.05) / (lower + 0.05)


def faint_texts(root):
    found = root.evaluate(COLOURS)
    assert found
    return [row for row in found if contrast(*row[1:]) < 4.5]


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_colours_are_readable(desk, theme):
    desk.page.emulate_media(color_scheme=theme)
    expect(desk.page.locator("html")).to_have_attribute("data-theme", theme)
    ground, ink = ground_and_ink(desk.root.locator("> svg"))
    assert (ground < 60 and ink > 150) if theme == "dark" else ground > 240
    assert faint_texts(desk.root) == []


def test_faint_text_is_seen(browser):
    with browser.new_context(bypass_csp=True) as context:
        page = context.new_page()
        page.set_content('<p style="color: #999">x <output>readout</output></p>')
        assert faint_texts(page.locator("p")) == [
            ["readout", "rgb(153, 153, 153)", "rgb(255, 255, 255)"]
        ]


def test_page_weighs_little_and_moves_fast(desk, tell):
    weight = (SITE / f"{desk.chapter}.html").stat().st_size
    times = desk.root.evaluate(
        """root => {
            const inputs = [...root.querySelectorAll('input')], times = [];
            for (let k = 0; k < 50; k++) {
                const input = inputs[k % inputs.length];
                input.value = (7 * k) % (Number(input.max) + 1);
                const begin = performance.now();
                input.dispatchEvent(new Event('input', {bubbles: true}));
                root.querySelector('svg').getBoundingClientRect();  // lays the page out
                times.push(performance.now() - begin);
            }
            return times;
        }"""
    )
    moved = f"{np.median(times):.2f} ms a move, at most {max(times):.2f} ms"
    tell(f"{desk.chapter}: {weight / 1000:.0f} kB, {moved}")
    assert weight < 1_000_000
    # Not the slowest: it shows how busy the machine is elsewhere.
    assert np.quantile(times, 0.8) < 100


# --- a phone -------------------------------------------------------------------------------------


def tap(page, slider, share):
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    page.touchscreen.tap(box["x"] + share * box["width"], box["y"] + box["height"] / 2)


def test_sliders_stay_long_when_a_reader_enlarges_the_text(story):
    story.page.evaluate("document.documentElement.style.fontSize = '200%'")
    for name in story.explorer.sliders:
        box = input_of(story.page, story.explorer, name).bounding_box()
        assert box["width"] >= 200


@some_chapters
def test_sliders_are_for_fingers(site, visit, chapter):
    opened = visit(f"{site}{chapter}.html", **PHONE, is_mobile=True)
    phone = Desk(chapter, load_explorer(chapter), opened)
    assert sideways_scroll(opened) == []
    reset = phone.root.get_by_role("button", name="reset")
    for name, grid in phone.explorer.sliders.items():
        slider = input_of(opened.page, phone.explorer, name)
        box = slider.bounding_box()
        assert box["height"] >= 24
        # On a shorter one a finger finds no value.
        assert box["width"] >= 200
        for share in (0.9, 0.1):
            tap(opened.page, slider, share)
            near = [share * (len(grid) - 1) + shift * (0.05 * len(grid) + 1) for shift in (-1, 1)]
            value = f"document.getElementById('{slider.get_attribute('id')}').valueAsNumber"
            assert opened.wait(f"{near[0]} <= {value} && {value} <= {near[1]}")
            assert phone.differences(**{name: int(slider.input_value())}) == []
        tap(opened.page, reset, 0.5)
        expect(slider).to_have_js_property("value", str(grid.index(phone.explorer.start[name])))
        assert phone.differences() == []
    assert reset.bounding_box()["height"] >= 24
    assert sideways_scroll(opened) == []


def search(page):
    """Step through the photons until the readout says 99%; the value before and that one."""
    explorer = load_explorer(STORY)
    slider, root = input_of(page, explorer, "nbar"), root_of(page, explorer)
    seen = []
    slider.press("Home")
    for _ in explorer.sliders["nbar"]:
        seen.append(float(root.locator("output").first.inner_text()))
        text = root.locator(".explore-readout output").inner_text()
        if float(re.search(r"([\d.]+)% of 1/3", text)[1]) >= 99.0:
            return seen
        slider.press("ArrowRight")
    return pytest.fail("no number of photons is enough")


def answers(seen):
    """Whether the first value that is enough, and the last that is not, enclose the answer."""
    assert all(a < b for a, b in itertools.pairwise(seen))
    assert seen[-1] - seen[-2] < 0.7
    return seen[-2] < PHOTONS_FOR_99_PERCENT <= seen[-1]


def passed_on(page, found):
    expect(page).to_have_url(re.compile(rf"#two-atoms\.nbar={shown(found)}&two-atoms\.f0=0$"))
    return page.url


def arrived(page, found):
    explorer = load_explorer(STORY)
    root = root_of(page, explorer)
    expect(root.locator("svg")).to_be_in_viewport(ratio=0.9)
    expect(root.locator("output").first).to_have_text(shown(found))
    index = explorer.sliders["nbar"].index(found)
    return differences(root, explorer, values_at(explorer, {"nbar": index})) == []


def test_story_of_the_two_atoms_on_a_phone_in_a_tunnel(site, visit):
    """How many photons does 99% of 1/3 take? Without a network, and the answer is a link."""
    opened = visit(f"{site}{STORY}.html", **PHONE, is_mobile=True)
    opened.page.context.set_offline(True)
    seen = search(opened.page)
    assert answers(seen)
    link = passed_on(opened.page, seen[-1])
    assert problems(opened, EVERYWHERE) == []
    friend = visit(link, **PHONE, is_mobile=True)
    assert arrived(friend.page, seen[-1])


def test_story_of_the_two_atoms_from_a_file(browser):
    """The site on a disk: no server at all."""
    with browser.new_context(**PHONE, offline=True, bypass_csp=True) as context:
        context.set_default_timeout(PATIENCE)
        asked, errors = [], []
        context.on("request", lambda request: asked.append(request.url))
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto((SITE / f"{STORY}.html").as_uri())
        seen = search(page)
        assert answers(seen)
        friend = context.new_page()
        friend.goto(passed_on(page, seen[-1]))
        assert arrived(friend, seen[-1])
        explorer = load_explorer(STORY)
        root_of(page, explorer).get_by_role("button", name="reset").click()
        expect(page).to_have_url((SITE / f"{STORY}.html").as_uri())
        assert errors == []
        assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
