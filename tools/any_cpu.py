"""Run the tests as other processors would: no test, digest or figure's number may differ.

NumPy and OpenBLAS choose their code by what the processor can do, and the last digits follow.
Both can be told to do without: NumPy's levels are switched off one after the other, from the
newest, and OpenBLAS computes for older processors of the same family.
"""

import argparse
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NUMPY, BLAS = "NPY_DISABLE_CPU_FEATURES", "OPENBLAS_CORETYPE"

# Kernels of OpenBLAS that differ most, and the feature that each needs, in NumPy's words: an
# older NumPy has no name for the levels.
KERNELS = {
    "x86": (
        ("SkylakeX", ("AVX512_SKX", "X86_V4")),
        ("Haswell", ("AVX2", "X86_V3")),
        ("Prescott", ("SSE3", "X86_V2")),
    ),
    "arm": (
        ("NEOVERSEN1", ("ASIMDHP",)),
        ("CORTEXA57", ("NEON", "ASIMD")),
        ("ARMV8", ("NEON", "ASIMD")),
    ),
}

# OpenBLAS has the kernels of some processors in common, and names the first that it knows.
SAME = {"katmai": "prescott"}

# What the processor can do, and the kernels in use: asked in a process of its own, since both are
# chosen once, at import.
ASK = """
import json, platform
import numpy, scipy.linalg
from threadpoolctl import threadpool_info
try:
    from numpy._core import _multiarray_umath as umath
except ImportError:
    from numpy.core import _multiarray_umath as umath
blas = [row for row in threadpool_info() if row["internal_api"] == "openblas"]
print(json.dumps({
    "machine": platform.machine(),
    "dispatch": umath.__cpu_dispatch__,
    "features": [name for name, there in umath.__cpu_features__.items() if there],
    "blas": [row["architecture"] for row in blas],
}))
"""

# A quarter of the suite's kinds, in the time that `make test` has for it.
PART = (
    "tests/ring/test_window.py",
    "tests/ring/test_weights.py",
    "tests/atoms/test_ladder.py",
    "tests/atoms/test_pair.py",
    "book/part1/two_atoms.ipynb",
)


@dataclass(frozen=True)
class Processor:
    """A processor to compute as: levels of NumPy that it lacks, and a kernel of OpenBLAS."""

    without: str = ""
    kernel: str = ""

    def variables(self, inherited):
        """The environment of a process that computes as this processor."""
        kept = {k: v for k, v in inherited.items() if k not in (NUMPY, BLAS)}
        chosen = {NUMPY: self.without, BLAS: self.kernel}
        return kept | {name: value for name, value in chosen.items() if value}

    def __str__(self):
        numpy = f"NumPy without {self.without}" if self.without else "NumPy as it is"
        return f"{numpy}, OpenBLAS {'for ' + self.kernel if self.kernel else 'as it is'}"


def levels(dispatch, features):
    """What to switch off, level by level: the newest that is there, the two newest, and so on."""
    there = [name for name in dispatch if name in features]
    return [" ".join(there[k:]) for k in reversed(range(len(there)))]


def kernels(machine, features):
    """The kernels of OpenBLAS that this machine can run, the newest first."""
    family = "arm" if machine.lower().startswith(("arm", "aarch")) else "x86"
    return [name for name, needs in KERNELS[family] if set(needs) & set(features)]


def processors(facts):
    """All processors that this machine can compute as, the most different one last."""
    off = levels(facts["dispatch"], facts["features"])
    blas = kernels(facts["machine"], facts["features"]) if facts["blas"] else []
    alone = [*(Processor(without=names) for names in off), *(Processor(kernel=k) for k in blas)]
    together = Processor(off[-1] if off else "", blas[-1] if blas else "")
    return [*(p for p in alone if p != together), together]


def ask(processor):
    """What NumPy and OpenBLAS do on a processor: `ASK`, answered there."""
    done = subprocess.run(
        [sys.executable, "-c", ASK],
        env=processor.variables(os.environ),
        check=True,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    return json.loads(done.stdout)


def pretence(processor, facts):
    """What is not as asked for: a level still on, or another kernel in use; "" if all is well."""
    on = sorted(set(processor.without.split()) & set(facts["features"]))
    if on:
        return f"NumPy still uses {', '.join(on)}"
    # NumPy's copy and SciPy's are two.
    used = {name: SAME.get(name.lower(), name.lower()) for name in facts["blas"]}
    others = sorted(name for name, known in used.items() if known != processor.kernel.lower())
    if processor.kernel and others:
        return f"OpenBLAS computes for {', '.join(others)}"
    return ""


def failures(chosen, command):
    """Run a command as each processor; those as which it failed, with a reason."""
    failed = []
    for number, processor in enumerate(chosen, 1):
        print(f"==> [{number}/{len(chosen)}] {processor}", flush=True)
        reason = pretence(processor, ask(processor))
        if not reason:
            status = subprocess.run(
                command, cwd=ROOT, env=processor.variables(os.environ)
            ).returncode
            reason = f"exit status {status}" if status else ""
        if reason:
            failed.append(f"{processor}: {reason}")
    return failed


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", action="store_true", help="a few tests on one processor")
    parser.add_argument("tests", nargs="*", help="for pytest; default: all, notebooks included")
    args = parser.parse_args()
    chosen = processors(ask(Processor()))
    if args.part:
        chosen = chosen[-1:]
    tests = args.tests or (PART if args.part else ())
    options = ["--nbval", "-q", "-n", "2", "--dist", "loadfile"]
    failed = failures(chosen, [sys.executable, "-m", "pytest", *options, *tests])
    for line in failed:
        print(f"Differs: {line}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
