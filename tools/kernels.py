"""The environment of every kernel that the project starts: nothing of the reader's own.

A reader's settings reach a notebook through variables: another backend or style of matplotlib, an
IPython profile, a kernel of the same name, optimisation that removes assertions. The numbers of
the book must not depend on them, so each kernel starts with the environment of this module.
"""

import json
import os
import subprocess
import sys
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

# What begins so belongs to Python, Jupyter, IPython, matplotlib, QuTiP, tqdm or this project. The
# rest stays, among it what chooses the code for a processor (NPY_, OPENBLAS_).
FOREIGN = (
    "COHERENCE_LIB_",
    "IPYKERNEL",
    "IPYTHON",
    "JPY_",
    "JUPYTER",
    "MATPLOTLIB",
    "MPL",
    "PYTHON",
    "QUTIP_",
    "TQDM_",
)
# The width of the reader's terminal, by which some programs wrap their lines.
TERMINAL = ("COLUMNS", "LINES")

# Matrices are small here: on a busy machine, threads of one kernel only wait for each other.
ONE_THREAD = dict.fromkeys(("MKL_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")

# IPython's settings for a whole machine or a Python, such as /etc/ipython, follow no variable: they
# are taken from the list of places before the kernel starts. Its folder is not one to import from
# until it has.
START = """
import sys
sys.path.pop(0)
from IPython.core import application
application.SYSTEM_CONFIG_DIRS.clear()
application.ENV_CONFIG_DIRS.clear()
from ipykernel.kernelapp import launch_new_instance
launch_new_instance()
"""
# Of what the kernel's application says only errors are news: at start it warns that it speaks
# over TCP, which nobody but this machine hears.
KERNEL = ["-c", START, "-f", "{connection_file}", "--IPKernelApp.log_level=ERROR"]


def environment(folder, inherited):
    """The variables of a clean kernel, made from inherited ones.

    Parameters
    ----------
    folder : Path
        Where settings are looked for; see `prepare`.
    inherited : mapping of str to str
        The variables of the process that starts the kernel.
    """
    kept = {
        name: value
        for name, value in inherited.items()
        if not name.upper().startswith(FOREIGN) and name.upper() not in TERMINAL
    }
    own = {
        "IPYTHONDIR": str(folder / "ipython"),
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTER_DATA_DIR": str(folder / "data"),
        "JUPYTER_NO_CONFIG": "1",
        # The kernels of this path come before those of the reader, the system and Python's own.
        "JUPYTER_PATH": str(folder / "jupyter"),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        # An empty file: with it no other one is looked for. The folder holds the list of fonts.
        "MATPLOTLIBRC": str(folder / "matplotlib" / "matplotlibrc"),
        "MPLCONFIGDIR": str(folder / "matplotlib"),
    }
    return kept | ONE_THREAD | own


def prepare(folder):
    """Put into `folder` what `environment` names: a kernel, and empty settings."""
    for name in ("ipython", "config", "data", "matplotlib", "runtime"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "matplotlib" / "matplotlibrc").write_text("", encoding="utf-8")
    kernel = folder / "jupyter" / "kernels" / "python3"
    kernel.mkdir(parents=True, exist_ok=True)
    specification = {
        "argv": [sys.executable, *KERNEL],
        "display_name": "Python 3",
        "language": "python",
        "metadata": {"debugger": True},
    }
    (kernel / "kernel.json").write_text(json.dumps(specification), encoding="utf-8")
    # Where it takes long, matplotlib says that it lists the fonts, and a cell would have said so.
    command = [sys.executable, "-c", "import matplotlib.font_manager"]
    subprocess.run(
        command, env=environment(folder, os.environ), check=True, stderr=subprocess.DEVNULL
    )


@cache
def _own_folder():
    """A folder of this process, removed when it ends."""
    folder = TemporaryDirectory(prefix="kernels-", ignore_cleanup_errors=True)
    prepare(Path(folder.name))
    return folder


def clean():
    """The variables of a clean kernel, for a process to start."""
    return environment(Path(_own_folder().name), os.environ)


def become_clean():
    """Give this process a clean kernel's variables, for good."""
    _become(clean())


@contextmanager
def isolated(**more):
    """While this lasts, the process has a clean kernel's variables, and so have its kernels.

    Where a kernel is, and which, is found by the process that starts it: it is not enough to hand
    variables to the kernel.
    """
    before = dict(os.environ)
    variables = clean() | more
    try:
        _become(variables)
        yield
    finally:
        _become(before)


def _become(variables):
    for name in set(os.environ) - set(variables):
        del os.environ[name]
    os.environ.update(variables)
