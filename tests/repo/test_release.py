"""Workflows that cannot be changed from outside, and a release that is tried before it is made."""

import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import yaml

import coherence_lib
from tools import release

ROOT = Path(__file__).parents[2]
WORKFLOWS = {p.name: p.read_text("utf-8") for p in (ROOT / ".github/workflows").glob("*.yml")}
# Jobs that may write, and what.
WRITERS = {
    ("publish.yml", "deploy"): {"pages", "id-token"},
    ("release.yml", "build"): {"id-token", "attestations"},
    ("release.yml", "publish"): {"id-token"},
    ("scheduled.yml", "report"): {"issues"},
}


def problems(workflows):
    """Actions that are not pinned by a hash, tokens that may write, texts that reach a shell."""
    found = []
    for name, text in workflows.items():
        for line in re.findall(r"uses: (.*)", text):
            if not re.fullmatch(r"\./\S+|\S+@[0-9a-f]{40} # v[\d.]+", line):
                found.append(f"{name} uses {line}")
        content = yaml.safe_load(text)
        if content.get("permissions") != {"contents": "read"}:
            found.append(f"{name} has a token that may write")
        for job, settings in content["jobs"].items():
            rights = settings.get("permissions", {})
            writes = {right for right, level in rights.items() if level != "read"}
            if writes - WRITERS.get((name, job), set()):
                found.append(f"{name}: {job} may write {', '.join(sorted(writes))}")
            for step in settings.get("steps", []):
                if "checkout@" in step.get("uses", "") and (
                    step.get("with", {}).get("persist-credentials") is not False
                ):
                    found.append(f"{name}: {job} keeps the token on the disk")
                # What a stranger may name, such as a branch, must not be read by a shell.
                if re.search(r"\$\{\{ *github\.(?!token)", step.get("run", "")):
                    found.append(f"{name}: {job} puts a name into a script")
    return found


def test_workflows_are_pinned_and_may_only_read():
    assert problems(WORKFLOWS) == []


@pytest.mark.parametrize(
    "right, wrong, complaint",
    [
        (r"checkout@[0-9a-f]{40}", "checkout@v4", "uses actions/checkout@v4"),
        (r"checkout@[0-9a-f]{39}", "checkout@", "uses actions/checkout@"),
        ("contents: read", "contents: write", "has a token that may write"),
        ("persist-credentials: false", "fetch-depth: 1", "keeps the token on the disk"),
        (r"run: \.ci/run", "run: echo ${{ github.head_ref }}", "puts a name into a script"),
        ("timeout-minutes: 40", "permissions: {contents: write}", "test may write contents"),
    ],
)
def test_a_doctored_workflow_is_seen(right, wrong, complaint):
    text = re.sub(right, lambda _: wrong, WORKFLOWS["test.yml"], count=1)
    assert text != WORKFLOWS["test.yml"]
    assert any(complaint in problem for problem in problems({"test.yml": text}))


@pytest.fixture(scope="module")
def dist(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dist")
    release.build(ROOT, folder, "wheel", "sdist")
    release.write_bill(ROOT, folder)
    return folder


@pytest.mark.slow
def test_a_release_holds_wheel_source_and_bill(dist):
    version = coherence_lib.__version__
    assert sorted(path.name for path in dist.iterdir()) == [
        f"coherence_lib-{version}-py3-none-any.whl",
        f"coherence_lib-{version}.tar.gz",
        release.BILL,
    ]
    with zipfile.ZipFile(next(dist.glob("*.whl"))) as wheel:
        names = wheel.namelist()
    assert {"coherence_lib/py.typed", "coherence_lib/ring/integral.py"} <= set(names)
    assert not [name for name in names if not name.startswith("coherence_lib")]


@pytest.mark.slow
def test_the_bill_lists_every_package_of_the_lock(dist):
    bill = json.loads((dist / release.BILL).read_text("utf-8"))
    listed = {(part["name"].lower(), part["version"]) for part in bill["components"]}
    lock = re.findall(
        r"(?m)^([\w.-]+)(?:\[[^\]]*\])?==(\S+)",
        (ROOT / "requirements.txt").read_text(encoding="utf-8"),
    )
    assert {(name.lower(), version) for name, version in lock} <= listed
    assert len(lock) > 50
    assert bill["metadata"]["component"]["name"] == "coherence_lib"


@pytest.mark.slow
def test_archives_are_the_same_whenever_they_are_built(dist, tmp_path):
    release.build(ROOT, tmp_path, "wheel")
    (again,) = tmp_path.glob("*.whl")
    assert again.read_bytes() == (dist / again.name).read_bytes()


@pytest.mark.slow
def test_the_wheel_works_without_the_repository(dist, tmp_path):
    (wheel,) = dist.glob("*.whl")
    code = (
        "import coherence_lib as cl;"
        f"assert cl.__file__.startswith({str(wheel)!r}), cl.__file__;"
        "print(round(cl.atoms.ladder.long_time_coherence(7, nbar=10.0), 6))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={"PYTHONPATH": str(wheel)},
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert done.stdout == "14.749442\n", done.stderr


def test_a_tag_must_fit_the_version_and_the_changelog(tmp_path):
    version = coherence_lib.__version__
    (tmp_path / "CHANGELOG.md").write_text("# Changelog\n\n## [Unreleased]\n", encoding="utf-8")
    assert release.problems(tmp_path, "v9.9.9") == [
        f"the tag is v9.9.9, the library's version {version}",
        f"CHANGELOG.md has no dated section for {version}",
    ]
    text = f"# Changelog\n\n## [{version}] - 2030-01-31\n"
    (tmp_path / "CHANGELOG.md").write_text(text, encoding="utf-8")
    assert release.problems(tmp_path, f"v{version}") == []
