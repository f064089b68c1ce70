"""Nothing of the reader's machine reaches a kernel, whoever starts it.

Each case is a setting that a reader may have. It is shown twice: it changes what a kernel says of
itself where nothing is done about it, and changes nothing in a kernel of the project.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from tools import kernels
from tools.notebooks import execute

ROOT = Path(__file__).parents[2]

# What a kernel says of itself: all that the settings below are after.
PROBE = """
import colorsys, json, os, sys, warnings
import matplotlib
import matplotlib.pyplot
from jupyter_core.paths import jupyter_config_path
print(json.dumps({
    "asserts": __debug__,
    "backend": matplotlib.get_backend(),
    "bbox": matplotlib.rcParams["savefig.bbox"],
    "config": [path for path in jupyter_config_path() if "of_the_reader" in path],
    "shown": get_ipython().ast_node_interactivity,
    "safe": sys.flags.safe_path,
    "startup": "of_the_reader" in globals(),
    "stranger": hasattr(colorsys, "of_the_reader"),
    "warnings": [rule[0] for rule in warnings.filters if rule[0] == "error"],
    "writes": "COHERENCE_LIB_WRITE_REFERENCES" in os.environ,
    "width": os.environ.get("COLUMNS"),
}, sort_keys=True))
""".strip()


# A setting of IPython's that changes what a cell shows.
SHOW_ALL = 'get_config().InteractiveShell.ast_node_interactivity = "all"'


def profile(folder):
    (folder / "profile_default").mkdir()
    (folder / "profile_default" / "ipython_config.py").write_text(SHOW_ALL, encoding="utf-8")
    return {"IPYTHONDIR": str(folder)}


def style(folder):
    (folder / "matplotlibrc").write_text("savefig.bbox: tight\n", encoding="utf-8")
    return {"MPLCONFIGDIR": str(folder)}


def style_file(folder):
    style(folder)
    return {"MATPLOTLIBRC": str(folder / "matplotlibrc")}


def unwritable(folder):
    # Not even the superuser can make a folder where a file is.
    (folder / "file").touch()
    return {"MPLCONFIGDIR": str(folder / "file")}


def kernel(variable, under):
    def case(folder):
        place = folder / under / "kernels" / "python3"
        place.mkdir(parents=True)
        argv = [sys.executable, "-O", "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        own = {"argv": argv, "display_name": "Python 3", "language": "python"}
        (place / "kernel.json").write_text(json.dumps(own), encoding="utf-8")
        return {variable: str(folder), "JUPYTER_PREFER_ENV_PATH": "0"}

    return case


def startup(folder):
    (folder / "startup.py").write_text("of_the_reader = True", encoding="utf-8")
    return {"PYTHONSTARTUP": str(folder / "startup.py")}


def stranger(folder):
    (folder / "colorsys.py").write_text("of_the_reader = True", encoding="utf-8")
    return {"PYTHONPATH": str(folder)}


def config(variable):
    return lambda folder: {variable: str(folder / "of_the_reader")}


def plain(name, value):
    return lambda folder: {name: value}


CASES = {
    "IPYTHONDIR": profile,
    "JUPYTER_CONFIG_DIR": config("JUPYTER_CONFIG_DIR"),
    "JUPYTER_CONFIG_PATH": config("JUPYTER_CONFIG_PATH"),
    "JUPYTER_DATA_DIR": kernel("JUPYTER_DATA_DIR", ""),
    "JUPYTER_PATH": kernel("JUPYTER_PATH", ""),
    "MATPLOTLIBRC": style_file,
    "MPLBACKEND": plain("MPLBACKEND", "Agg"),
    "MPLCONFIGDIR": style,
    "MPLCONFIGDIR that cannot be written": unwritable,
    "PYTHONOPTIMIZE": plain("PYTHONOPTIMIZE", "1"),
    "PYTHONPATH": stranger,
    "PYTHONSAFEPATH": plain("PYTHONSAFEPATH", "1"),
    "PYTHONSTARTUP": startup,
    "PYTHONWARNINGS": plain("PYTHONWARNINGS", "error::ResourceWarning"),
    "COHERENCE_LIB_WRITE_REFERENCES": plain("COHERENCE_LIB_WRITE_REFERENCES", "1"),
    "COLUMNS": plain("COLUMNS", "40"),
}


@pytest.fixture
def notebook(tmp_path):
    cell = nbformat.v4.new_code_cell(PROBE)
    path = tmp_path / "book" / "probe.ipynb"
    path.parent.mkdir()
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path)
    return path


def said(notebook):
    return [output.get("text", output.get("evalue")) for output in notebook.cells[0].outputs]


@pytest.fixture(scope="module")
def ordinary(tmp_path_factory):
    """What a kernel says where a reader has set nothing."""
    path = tmp_path_factory.mktemp("ordinary") / "probe.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(PROBE)]), path)
    text = said(execute(path))
    assert len(text) == 1
    facts = json.loads(text[0])
    assert facts["asserts"]
    assert facts["backend"] in ("inline", "module://matplotlib_inline.backend_inline")
    return text


@pytest.fixture
def hostile(request, tmp_path, monkeypatch):
    (tmp_path / "reader").mkdir()
    for name, value in CASES[request.param](tmp_path / "reader").items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize("hostile", CASES, indirect=True)
def test_a_readers_setting_stays_outside(hostile, notebook, ordinary):
    assert said(execute(notebook)) == ordinary
    # The same kernel without the project's environment: the setting is one that matters.
    stored = nbformat.read(notebook, 4)
    NotebookClient(stored, kernel_name="python3", timeout=60).execute(
        cwd=str(notebook.parent), cleanup_kc=True
    )
    assert said(stored) != ordinary


def test_settings_of_a_whole_machine_stay_outside(notebook, ordinary, tmp_path, monkeypatch):
    machine = tmp_path / "etc" / "ipython"
    machine.mkdir(parents=True)
    (machine / "ipython_config.py").write_text(SHOW_ALL, encoding="utf-8")
    # As if this were one of the machine's places, which no test may write to.
    place = (
        f"from IPython.core.application import SYSTEM_CONFIG_DIRS as d; d.append({str(machine)!r})"
    )
    usual = "from ipykernel.kernelapp import launch_new_instance as start; start()"
    for start, stays_outside in ((kernels.START, True), (usual, False)):
        argv = ["-c", f"{place}\n{start}", *kernels.KERNEL[2:]]
        monkeypatch.setattr(kernels, "KERNEL", argv)
        folder = tmp_path / str(stays_outside)
        kernels.prepare(folder)
        stored = nbformat.read(notebook, 4)
        client = NotebookClient(stored, kernel_name="python3", timeout=60)
        with kernels.isolated(JUPYTER_PATH=str(folder / "jupyter")):
            client.execute(cwd=str(notebook.parent), cleanup_kc=True)
        assert (said(stored) == ordinary) is stays_outside


def test_the_process_keeps_its_own_variables(monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "Agg")
    before = dict(os.environ)
    with kernels.isolated(ONE_MORE="1"):
        assert "MPLBACKEND" not in os.environ
        assert os.environ["ONE_MORE"] == "1"
    assert dict(os.environ) == before


def test_what_chooses_the_code_for_a_processor_reaches_a_kernel(tmp_path):
    chosen = {"NPY_DISABLE_CPU_FEATURES": "X86_V4", "OPENBLAS_CORETYPE": "Haswell", "HOME": "/h"}
    made = kernels.environment(tmp_path, {**chosen, "mplbackend": "Agg", "PYTHONPATH": "x"})
    assert chosen.items() <= made.items()
    assert "mplbackend" not in made
    assert "PYTHONPATH" not in made


def all_at_once(folder):
    """Every case that does not keep pytest itself from starting."""
    variables = {}
    for number, (name, case) in enumerate(CASES.items()):
        if "cannot" not in name and name != "PYTHONPATH":
            (folder / str(number)).mkdir()
            variables |= case(folder / str(number))
    return {**os.environ, **variables}


@pytest.mark.slow
@pytest.mark.parametrize("isolated", [True, False])
def test_a_bare_nbval_starts_clean_kernels(notebook, tmp_path, ordinary, isolated):
    stored = nbformat.read(notebook, 4)
    stored.cells[0].outputs = [nbformat.v4.new_output("stream", text=ordinary[0])]
    stored.cells[0].execution_count = 1
    nbformat.write(stored, notebook)
    if isolated:
        for name in ("conftest.py", "tools"):
            (notebook.parent / name).symlink_to(ROOT / name)
    result = subprocess.run(
        [sys.executable, "-m", "pytest", "--nbval", "-q", "-p", "no:cacheprovider", "."],
        cwd=notebook.parent,
        env=all_at_once(tmp_path),
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert result.returncode == (0 if isolated else 1), result.stdout
