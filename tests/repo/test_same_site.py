"""Two builds of one commit are compared byte for byte."""

from tools import same_site


def site(folder, **files):
    (folder / "part").mkdir(parents=True)
    for name, text in files.items():
        (folder / "part" / f"{name}.html").write_text(text, encoding="utf-8")
    return folder


def test_sites_that_differ_in_a_byte_or_in_a_file_are_seen(tmp_path):
    one = site(tmp_path / "one", a="text", b="text", c="text")
    other = site(tmp_path / "other", a="text", b="texT", d="text")
    assert same_site.differences(one, other) == [
        "part/c.html is there once",
        "part/d.html is there once",
        "part/b.html differs",
    ]
    assert same_site.differences(one, one) == []


def test_only_what_is_listed_may_differ(tmp_path):
    one, other = site(tmp_path / "one", a="x", b="x"), site(tmp_path / "other", a="y", b="y")
    listed = {"part/a.*": "it tells the time"}
    assert same_site.differences(one, other, listed) == ["part/b.html differs"]


def test_every_file_that_may_differ_says_why():
    assert all(len(reason.split()) >= 5 for reason in same_site.MAY_DIFFER.values())


def test_a_copy_holds_what_git_knows(tmp_path):
    copy = same_site.copied(same_site.ROOT, tmp_path / "copy")
    assert (copy / "_toc.yml").read_bytes() == (same_site.ROOT / "_toc.yml").read_bytes()
    assert (copy / "coherence_lib" / "explore" / "explore.js").is_file()
    assert not (copy / "_build").exists()
