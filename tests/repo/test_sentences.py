"""Every sentence of both papers is marked: the claims that it makes, or why it makes none.

The papers' texts are not here; `sentences.yml` has the first words of each sentence in order.
"""

import copy
from pathlib import Path

import pytest
import yaml

from tools import claims as files

ROOT = Path(__file__).parents[2]
KINDS = {"motivation", "citation", "definition", "outlook", "signpost"}
# Few enough to find a sentence, too few to copy it.
MOST_WORDS = 4
# How many sentences the sections of our copies have.
COUNTS = {
    "p1": {
        **{"abstract": 5, "Sec. I": 39, "Sec. II": 12, "Sec. III": 13, "Sec. III.A": 20},
        **{"Sec. III.B": 15, "Sec. III.C": 45, "Sec. IV": 19, "Sec. V": 25},
        **{"App. A": 5, "App. B": 5, "App. C": 2, "summary": 11},
    },
    "p2": {
        **{"abstract": 7, "Sec. 1": 23, "Sec. 2": 10, "Sec. 3": 22, "Sec. 4": 10, "Sec. 5": 24},
        **{"Sec. 6": 12, "Sec. 6.1": 9, "Sec. 6.2": 15, "Sec. 6.3": 5, "Sec. 6.4": 18},
        **{"Sec. 6.5": 9, "Sec. 7": 21, "Sec. 7.1": 9, "Sec. 7.2": 4, "Sec. 8": 4},
        **{"Sec. 8.1": 6, "Sec. 8.2": 5, "Sec. 9": 36, "App. A": 11, "App. B": 4},
        **{"App. B.1": 16, "App. B.2": 8, "App. B.3": 9},
    },
}
SENTENCES = yaml.safe_load((ROOT / "tests/repo/sentences.yml").read_text(encoding="utf-8"))
CLAIMS = [entry["id"] for entry in files.load(ROOT) if entry["paper"] != "ours"]


def problems(sections, claims, counts=COUNTS):
    """What is wrong with the marks, in words."""
    found, named = [], set()
    expected = [f"{paper} {name}" for paper, names in counts.items() for name in names]
    found += [f"{section} is not marked" for section in expected if section not in sections]
    for section, sentences in sections.items():
        paper, _, name = section.partition(" ")
        wanted = counts.get(paper, {}).get(name, 0)
        if len(sentences) != wanted:
            found.append(f"{section} has {len(sentences)} sentences marked, not {wanted}")
        for number, sentence in enumerate(sentences, 1):
            ((words, mark),) = sentence.items()
            place = f"{section}, sentence {number}"
            if not 1 <= len(words.split()) <= MOST_WORDS:
                found.append(f"{place} is not named by 1 to {MOST_WORDS} words")
            if isinstance(mark, list):
                named.update(mark)
                found += [f"{place} names {i}, which is no claim" for i in mark if i not in claims]
                found += [f"{place} names {i} of another paper" for i in mark if i[:2] != paper]
            if not mark or (not isinstance(mark, list) and mark not in KINDS):
                found.append(f"{place} has the mark {mark!r}")
    return found + [f"no sentence makes {i}" for i in claims if i not in named]


def test_every_sentence_is_marked_and_every_claim_is_made_by_one():
    assert problems(SENTENCES, CLAIMS) == []


def changed(section, number, sentence):
    """The marks with one sentence replaced, or taken away for None."""
    marks = copy.deepcopy(SENTENCES)
    marks[section][number : number + 1] = [sentence] if sentence else []
    return marks


ABSTRACT = "p2 abstract"


@pytest.mark.parametrize(
    "marks, problem",
    [
        (changed(ABSTRACT, 0, None), "p2 abstract has 6 sentences marked, not 7"),
        (changed(ABSTRACT, 0, {"Local": []}), "p2 abstract, sentence 1 has the mark []"),
        (changed(ABSTRACT, 0, {"Local": "other"}), "sentence 1 has the mark 'other'"),
        (changed(ABSTRACT, 0, {"Local": ["p2-x-1"]}), "names p2-x-1, which is no claim"),
        (changed(ABSTRACT, 0, {"Local": ["p1-eq-1"]}), "names p1-eq-1 of another paper"),
        (changed(ABSTRACT, 0, {"one two three four five": "outlook"}), "named by 1 to 4 words"),
        (changed(ABSTRACT, 4, {"We show that the": "outlook"}), "no sentence makes p2-abs-1"),
        ({k: v for k, v in SENTENCES.items() if k != ABSTRACT}, "p2 abstract is not marked"),
    ],
)
def test_a_mark_that_is_wrong_is_found(marks, problem):
    assert any(problem in found for found in problems(marks, CLAIMS))
