"""What `import coherence_lib as cl` gives, and what it does not load."""

import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest

import coherence_lib

ROOT = Path(__file__).parents[1]


def run(code):
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, encoding="utf-8", check=True
    )
    return done.stdout.strip()


def test_qutip_matplotlib_and_widgets_are_loaded_when_they_are_needed():
    heavy = "('qutip', 'matplotlib', 'ipywidgets', 'xarray', 'tqdm', 'dask')"
    used = "cl.atoms, cl.harvest, cl.measures, cl.ring, cl.sweep, cl.thermal"
    code = (
        f"import sys, coherence_lib as cl; {used}; print([m for m in {heavy} if m in sys.modules])"
    )
    assert run(code) == "[]"
    assert "'qutip'" in run(
        code.replace("; print", "; cl.ring.SourceRing(2, 1, 1, 1).hamiltonian(); print")
    )


def test_a_subpackage_is_loaded_when_it_is_used():
    code = "import sys, coherence_lib as cl; {}; print('numpy' in sys.modules)"
    assert run(code.format("0")) == "False"
    assert run(code.format("cl.measures")) == "True"
    assert run(
        "from coherence_lib import *; print(issubclass(DegenerateSteadyStateError, ValueError))"
    )


def test_the_numbers_need_no_qutip():
    code = (
        "import sys, coherence_lib as cl;"
        "pair = cl.atoms.AtomCluster.collective(2);"
        "cl.atoms.coherence(pair, [1.0], 1.0);"
        "cl.atoms.steady_state(pair, 1.0, cl.atoms.ground_state(2));"
        "cl.ring.coherence(cl.ring.SourceRing(6, 0.5, 0.2, 0.25), 1.0);"
        "print('qutip' in sys.modules)"
    )
    assert run(code) == "False"


@pytest.mark.parametrize("name", ["drawings", "explore", "figures"])
def test_figures_drawings_and_sliders_are_there_after_the_import(name):
    assert run(f"import coherence_lib as cl; print(cl.{name}.__name__)") == f"coherence_lib.{name}"
    assert name in dir(coherence_lib)


def test_an_unknown_name_is_none():
    with pytest.raises(AttributeError, match="no attribute 'sources'"):
        coherence_lib.sources  # noqa: B018


def test_the_version_stands_in_one_place():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert "version" not in project["project"]
    assert "version:" not in (ROOT / "CITATION.cff").read_text(encoding="utf-8").replace(
        "cff-version:", ""
    )
    assert metadata.version("coherence_lib") == coherence_lib.__version__
