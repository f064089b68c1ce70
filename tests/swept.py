"""Functions to sweep, in a module of their own: other processes import them."""

import os
import signal
import time
from pathlib import Path

import numpy as np


def plane(x, y):
    """Broadcasts."""
    return 10.0 * x + y


def stepwise(x, y):
    """The same for single numbers alone."""
    return 10.0 * x + y if x < 1e9 else 0.0


def slow(x, log):
    """Takes 2 ms, and notes each call in a file, of whatever process."""
    note(log)
    time.sleep(0.002)
    return float(x) ** 2


def fragile(x):
    """Has no answer at 3."""
    if np.any(np.asarray(x) == 3):
        raise ZeroDivisionError("three is too many")
    return 2.0 * x


def deadly(x, log):
    """Kills its process at 150, the first time."""
    if x == 150 and not Path(f"{log}.died").exists():
        Path(f"{log}.died").touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return slow(x, log)


def stuck(x, log):
    """Does not come back from 300, until it may."""
    if x == 300 and not Path(f"{log}.free").exists():
        Path(f"{log}.stuck").touch()
        time.sleep(3600)
    return slow(x, log)


def note(log):
    with open(log, "ab") as file:
        file.write(b".")


def calls(log):
    """How many calls are noted."""
    return os.path.getsize(log) if os.path.exists(log) else 0
