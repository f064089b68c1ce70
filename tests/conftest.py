"""Settings that all tests share."""

import os
import sys
from pathlib import Path

from hypothesis import settings

# Matrices are small here: workers that each start a thread per core only wait for each other.
for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

# Tests import the helpers beside this file by name: `from analytic import SYSTEMS`.
sys.path.insert(0, str(Path(__file__).parent))

# The same examples everywhere and every time: a red test is red on every machine.
settings.register_profile("unit", deadline=None, max_examples=25, derandomize=True, database=None)
settings.load_profile("unit")
