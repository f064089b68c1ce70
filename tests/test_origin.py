"""How functions and their arguments are told: the same for the same, another for another."""

import dataclasses
import functools
import math
import os
import subprocess
import sys
import types

import numpy as np
import pytest
import qutip

from coherence_lib import _origin


@dataclasses.dataclass(frozen=True)
class Beam:
    rate: float
    state: tuple


class Plain:
    """Neither a dataclass nor a function, and two of them differ."""

    def __init__(self, number):
        self.number = number

    def twice(self):
        return 2 * self.number


def told(value):
    return _origin.described(value, "x")


@pytest.mark.parametrize(
    "value, words",
    [
        (None, None),
        (True, True),
        (3, 3),
        ("a", "a"),
        (0.5, 0.5),
        (math.inf, "inf"),
        (1 + 2j, "(1+2j)"),
        (np.float64(2.5), 2.5),
        (np.int64(7), 7),
        (np.complex128(1j), "1j"),
        (np.float64(-np.inf), "-inf"),
        (np.float32(0.5), 0.5),
        (np.bool_(True), True),
        (np.array([1.5, 2.0]), [1.5, 2.0]),
        (np.array([1.5, np.nan]), ["1.5", "nan"]),
        (np.array([1j]), ["1j"]),
        (np.array(["e", "g"]), ["e", "g"]),
        ((1, [2.0, None]), [1, [2.0, None]]),
        ({"a": (1,), 2: 1j}, {"a": [1], "2": "1j"}),
        (math, "math"),
        (np.ndarray, "numpy.ndarray"),
        (
            qutip.basis(2, 0),
            {"class": "Qobj", "dims": "[[2], [1]]", "data": [["(1+0j)"], ["0j"]]},
        ),
        (
            Beam(2.0, (1, 2)),
            {"class": f"{__name__}.Beam", "rate": 2.0, "state": [1, 2]},
        ),
    ],
)
def test_a_value_in_plain_words(value, words):
    assert told(value) == words
    assert type(told(value)) is type(words)


def test_a_large_array_is_known_by_its_numbers_not_by_their_place():
    array = np.arange(100.0)
    words = told(array)
    assert words["shape"] == [100]
    assert words["dtype"] == "<f8"
    assert told(array.astype(">f8")) == words
    assert told(np.arange(200.0)[::2] / 2) == words
    other = array.copy()
    other[99] = np.nextafter(99, 100)
    assert told(other) != words
    assert told(array.reshape(10, 10)) != words


def test_partials_and_methods_are_told_with_what_they_hold():
    words = told(functools.partial(math.pow, 2.0, exp=3))
    assert words["args"] == [2.0]
    assert words["exp"] == 3
    assert words["partial"] == told(math.pow)
    one, same, other = (told(Plain(number).twice) for number in (1, 1, 2))
    assert one == same != other
    assert one["method"] == f"{__name__}.Plain.twice"
    assert one["self"]["class"] == f"{__name__}.Plain"


def test_what_cannot_be_sent_has_no_words():
    with pytest.raises(TypeError) as raised:
        told(x for x in "ab")
    assert str(raised.value).startswith("`x` must be what another process can be given, but got <g")


def test_a_function_without_a_file_has_no_commit():
    place = {}
    exec("def nowhere(x):\n    return x", place)
    assert _origin._commit(place["nowhere"]) is None
    assert _origin._commit(math.sin) is None


def test_a_commit_that_git_does_not_tell_is_unknown(monkeypatch):
    def slow(command, **options):
        raise subprocess.TimeoutExpired(command, 5)

    monkeypatch.setattr(_origin, "subprocess", types.SimpleNamespace(**vars(subprocess)))
    monkeypatch.setattr(_origin.subprocess, "run", slow)
    assert _origin._commit(told) is None


def test_a_method_of_what_cannot_be_sent_is_told_as_the_function():
    method = Plain(k for k in "ab").twice
    with pytest.raises(TypeError, match="^`func` must be what another process can be given"):
        _origin.origin(method, {})


def test_a_set_within_a_function_has_the_same_words_in_every_process():
    source = (
        "from coherence_lib import _origin;"
        "chosen = lambda x: x in {'alpha', 'beta', 'gamma', 'delta', 'epsilon'};"
        "print(_origin._code(chosen.__code__))"
    )
    texts = {
        subprocess.run(
            [sys.executable, "-c", source],
            env={**os.environ, "PYTHONHASHSEED": str(seed)},
            capture_output=True,
            encoding="utf-8",
            check=True,
        ).stdout
        for seed in range(1, 5)
    }
    assert len(texts) == 1
