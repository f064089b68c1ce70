"""Bars for long work: shown where they are asked for, and counted towards the whole."""

import pytest

from coherence_lib import _progress


def test_no_bar_is_shown_unless_it_is_asked_for(capsys):
    assert _progress.bar("abc", False, "letters") == "abc"
    with _progress.steps_of(2.0, False) as step:
        step(1.0)
    assert capsys.readouterr().err == ""


def test_a_bar_counts_towards_the_whole(capsys):
    assert list(_progress.bar(iter("abc"), True, "letters", 6)) == ["a", "b", "c"]
    assert "letters:  50%" in capsys.readouterr().err


def test_a_bar_knows_the_length_of_a_list_by_itself(capsys):
    assert list(_progress.bar(["a", "b"], True, "letters")) == ["a", "b"]
    assert "letters: 100%" in capsys.readouterr().err


def test_steps_are_added_up(capsys):
    with _progress.steps_of(4.0, True) as step:
        step(1.0)
        step(2.0)
    assert "evolving:  75%" in capsys.readouterr().err


@pytest.mark.parametrize("asked", [1, "yes", None])
def test_whether_it_is_asked_for_is_true_or_false(asked):
    with pytest.raises(TypeError, match="^`progress` must be"):
        _progress.bar("abc", asked, "letters")
    with pytest.raises(TypeError, match="^`progress` must be"):
        _progress.steps_of(1.0, asked).__enter__()
