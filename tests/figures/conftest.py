"""References of figures and of arrays, written where a test asks for it and nowhere else."""

import matplotlib.style
import pytest

from coherence_lib.figures import Reference
from coherence_lib.figures.reference import WRITE_VARIABLE


@pytest.fixture(autouse=True)
def _nothing_is_written_unless_asked(monkeypatch):
    monkeypatch.delenv(WRITE_VARIABLE, raising=False)


@pytest.fixture(autouse=True)
def _figures_are_drawn_in_matplotlib_s_own_style():
    with matplotlib.style.context("default"):
        yield


@pytest.fixture
def written(tmp_path, monkeypatch):
    """A function that stores one entry, by `Reference` or `Reference.values`."""

    def write(name="fig-a", *figure, tolerance=1e-6, **arrays):
        numbers = Reference(tmp_path / "chapter.json", tolerance)
        with monkeypatch.context() as patch:
            patch.setenv(WRITE_VARIABLE, "1")
            (numbers if figure else numbers.values)(name, *figure, **arrays)
        return numbers

    return write
