"""What was measured for the book: one file, the chapter's copy of it, and what was asked."""

import json
import shutil

import numpy as np
import pytest
import scaling


def cells(path):
    return {c["id"]: "".join(c["source"]) for c in json.loads(path.read_text("utf-8"))["cells"]}


def measured():
    return json.loads(scaling.MEASURED.read_text(encoding="utf-8"))


def test_the_chapter_holds_what_was_measured():
    assert cells(scaling.CHAPTER)[scaling.CELL] == scaling.cell(measured())


def test_it_was_measured_as_it_is_asked_now_and_on_no_machine_by_name():
    found = measured()
    assert {route: tuple(c["N"]) for route, c in found["routes"].items()} == {
        route: sizes for route, (_, sizes) in scaling.ROUTES.items()
    }
    assert set(found["machine"]) == {"processor", "cores"}


def test_a_new_measurement_changes_its_cell_and_no_other(tmp_path):
    path = shutil.copy(scaling.CHAPTER, tmp_path / "numerics.ipynb")
    before, other = cells(path), measured()
    other["routes"]["sum"]["seconds"][0] = 12.3
    scaling.put(other, path)
    after = cells(path)
    assert "12.3" in after[scaling.CELL]
    assert {name for name in before if before[name] != after[name]} == {scaling.CELL}


def asked(route, n):
    return scaling.ROUTES[route][0](n)


def test_the_routes_of_the_ring_answer_one_question():
    by_levels = asked("table of levels", 100)
    assert np.exp(asked("sum", 100)[0]) == pytest.approx(by_levels, rel=1e-10)
    assert np.exp(asked("integral", 100).coherence[0]) == pytest.approx(by_levels, rel=1e-10)
    dense = 2 * abs(asked("dense state", 6)[0, 1])
    assert dense == pytest.approx(asked("table of levels", 6), rel=1e-10)


def test_the_routes_of_the_atoms_answer_one_question():
    np.testing.assert_allclose(asked("full", 4), asked("blocks", 4), atol=1e-8)
