"""A Jupyter server of the tests' own, that knows nothing of the user's and asks nobody."""

import json
import os
import secrets
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from sliders import ROOT

from tools import browsers, kernels

PATIENCE = 60  # seconds
# What would ask other hosts for news, newer versions and extensions.
CURIOUS = ["@jupyterlab/apputils-extension:announcements", "@jupyterlab/extensionmanager-extension"]


@pytest.fixture(scope="session")
def browser_type_launch_args():
    return browsers.launch_args()


@dataclass
class Server:
    application: str
    url: str
    token: str

    def notebooks(self):
        """Where notebooks open; in JupyterLab in a new workspace, without the tabs of others."""
        if self.application == "notebook":
            return f"{self.url}notebooks"
        return f"{self.url}lab/workspaces/{secrets.token_hex(4)}/tree"


@contextmanager
def running(application, folder, chapters):
    """Start `python -m <application>` on copies of some chapters; its URL and token."""
    home, top, log = folder / "home", folder / "notebooks", folder / "server.log"
    config = home / "config"
    kernels.prepare(home)
    (config / "labconfig").mkdir(parents=True)
    disabled = {"disabledExtensions": dict.fromkeys(CURIOUS, True)}
    (config / "labconfig" / "page_config.json").write_text(json.dumps(disabled), encoding="utf-8")
    # JupyterLab draws only the cells in view, unless told otherwise: a slider must be there to be
    # driven wherever "Run All" leaves the page.
    tracker = home / "settings" / "@jupyterlab" / "notebook-extension"
    tracker.mkdir(parents=True)
    (tracker / "tracker.jupyterlab-settings").write_text(
        json.dumps({"windowingMode": "none"}), encoding="utf-8"
    )
    top.mkdir()
    for chapter in chapters:
        for suffix in (".ipynb", ".json"):
            shutil.copy((ROOT / chapter).with_suffix(suffix), top)
    token = secrets.token_hex(16)
    environment = kernels.environment(home, os.environ) | {
        "HOME": str(home),
        "JUPYTER_TOKEN": token,
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
    }
    command = [sys.executable, "-m", application, "--no-browser", "--port=0", "--ip=127.0.0.1"]
    command += [f"--ServerApp.root_dir={top}", "--ServerApp.allow_root=True"]
    with log.open("w", encoding="utf-8") as stream:
        process = subprocess.Popen(
            command, cwd=top, env=environment, stdout=stream, stderr=subprocess.STDOUT
        )
    try:
        yield Server(application, _address(process, home / "runtime", log), token)
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()


def _address(process, runtime, log):
    """Where the server listens: it says so in a file, once it does."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.poll() is None:
        for path in runtime.glob("jpserver-*.json"):
            try:
                return json.loads(path.read_text(encoding="utf-8"))["url"]
            except ValueError:
                pass  # half written
        time.sleep(0.1)
    return pytest.fail(f"The server did not start:\n{log.read_text(encoding='utf-8')}")
