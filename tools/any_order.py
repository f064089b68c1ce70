"""Run the unit tests and doctests with their files in reverse, and in a random order.

A file must not need what another one, before it, has imported or left behind. The order is that of
pytest's arguments, so files are imported in it too, and not only run.
"""

import argparse
import random
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# What needs a site or a server is asked for by name, and stays where it is.
APART = ("tests/book", "tests/live")


def files(root):
    """Every file with tests or doctests, relative to the root, in alphabetical order."""
    found = [*root.glob("tests/**/test_*.py"), *root.glob("coherence_lib/**/*.py")]
    names = sorted(path.relative_to(root).as_posix() for path in found)
    return [name for name in names if not name.startswith(APART)]


def orders(names, seed):
    """The names in reverse, and in a random order, by what to call it."""
    shuffled = random.Random(seed).sample(names, len(names))
    return {"reverse": names[::-1], f"random, --seed {seed}": shuffled}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--root", type=Path, default=ROOT)
    parser.add_argument("arguments", nargs="*", help="more for pytest, after --")
    args = parser.parse_args()
    failed = []
    for name, ordered in orders(files(args.root), args.seed).items():
        print(f"==> Files in order: {name}", flush=True)
        command = [sys.executable, "-m", "pytest", "-q", *args.arguments, *ordered]
        if subprocess.run(command, cwd=args.root).returncode:
            failed.append(name)
    if failed:
        print(f"The tests depend on the order of their files: {'; '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
