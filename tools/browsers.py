"""Which browser the tests drive, and how it is started."""

import os
import shutil
from pathlib import Path

SYSTEM_BROWSERS = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
PLAYWRIGHT_BROWSERS = [
    os.environ.get("PLAYWRIGHT_BROWSERS_PATH", ""),
    Path.home() / ".cache" / "ms-playwright",
    Path.home() / "Library" / "Caches" / "ms-playwright",
    Path.home() / "AppData" / "Local" / "ms-playwright",
]


def system_browser():
    """Path of the system's Chromium or Chrome, or None."""
    return next(filter(None, map(shutil.which, SYSTEM_BROWSERS)), None)


def browser_is_installed():
    own = (Path(folder).glob("chromium*") for folder in PLAYWRIGHT_BROWSERS if str(folder))
    return system_browser() is not None or any(any(found) for found in own)


def launch_args():
    # What a container's superuser needs, and no conversation with the browser's maker.
    flags = "--no-sandbox --disable-gpu --disable-background-networking --disable-component-update"
    args = {"args": [*flags.split(), "--disable-sync", "--no-first-run"], "headless": True}
    if system_browser():
        args["executable_path"] = system_browser()
    return args
