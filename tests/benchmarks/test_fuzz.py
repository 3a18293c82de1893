"""Every reader answers or says what is wrong: on the corpus in tests/fixtures/fuzz and on random changes of it.

`benchmarks/reliability/fuzz.py` looks for more, guided by coverage. What it finds goes into the corpus.
"""

import random

import pytest

from benchmarks.reliability.fuzz import CORPUS, TARGETS, check, mutations

MUTATIONS = 6  # of each file


@pytest.mark.parametrize("name", TARGETS)
def test_readers_answer_or_refuse(name):
    reader, rng = TARGETS[name].open(), random.Random(0)
    files = sorted((CORPUS / name).iterdir())
    refused = 0
    for path in files:
        content = path.read_bytes()
        refused += check(reader, content) is not None
        for changed in mutations(content, TARGETS[name].words, rng, MUTATIONS):
            check(reader, changed)
    assert 0 < refused < len(files), "some are whole, and some are not"


def test_the_corpus_stays_small():
    assert sum(path.stat().st_size for path in CORPUS.rglob("*") if path.is_file()) < 400_000


def test_what_is_no_users_error_is_a_finding():
    def reader(data):
        raise KeyError(data)

    with pytest.raises(KeyError):
        check(reader, b"")
