"""One core for everybody: the ratios compare algorithms, not thread pools."""

import os
import sys
from pathlib import Path

for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"

# Benchmarks import the helpers beside this file by name.
sys.path.insert(0, str(Path(__file__).parent))
