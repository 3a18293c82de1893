"""The vectors of a writer's memory are up to date, agree with Python, and do not depend on rounding."""

import base64
import json

import numpy as np
import pytest

from tegashiki.kit.memory_vectors import memory_vectors, replay
from tegashiki.kit.vectors import as_text
from tegashiki.latex.vocabulary import DEFAULT_VOCABULARY
from tegashiki.memory.neighbours import KEYS_A_TOKEN, LEAST_COSINE, NEIGHBOURS, unit_length
from tegashiki.recognizer.reader import Reader
from tests.recognizer.fake_recognizer import VOCABULARY
from tests.web.golden import MEMORY


def as_read(content):
    """Return content as it is after writing and reading JSON."""
    return json.loads(json.dumps(content))


@pytest.fixture(scope="module")
def vectors():
    return as_read(memory_vectors(DEFAULT_VOCABULARY))


def test_the_committed_vectors_are_up_to_date(vectors):
    if not MEMORY.exists():
        pytest.skip("an installation without the sources of the page")
    assert MEMORY.read_text("utf-8") == as_text(vectors), "run `make web`"


@pytest.mark.parametrize("index", range(8))
def test_a_session_repeats_its_script(vectors, index):
    script = vectors["sessions"][index]
    assert as_read(replay(DEFAULT_VOCABULARY, script)) == script["steps"]


def test_the_scripts_detect_a_recogniser_that_learns_nothing(vectors, monkeypatch):
    monkeypatch.setattr(Reader, "learn", lambda *_: None)
    script = vectors["sessions"][0]
    assert as_read(replay(DEFAULT_VOCABULARY, script)) != script["steps"]


def test_the_memory_changes_readings_in_the_scripts(vectors, monkeypatch):
    monkeypatch.setattr("tegashiki.memory.neighbours.MOST_SHARE", 0)
    same = [as_read(replay(DEFAULT_VOCABULARY, script)) == script["steps"] for script in vectors["sessions"]]
    assert same == [script["name"].startswith("what the model cannot write") for script in vectors["sessions"]]


def test_every_kind_of_refusal_is_recorded(vectors):
    refused = [entry["error"] for entry in vectors["files"] if "error" in entry]
    assert set(refused) == {
        "me.json is damaged, or not a writer's memory",
        "me.json is not a writer's memory: it lacks the kind 'tegashiki writer memory'",
        "me.json has format 2, this version of tegashiki reads up to 1: update tegashiki",
        *("me.json is damaged", "me.json is damaged: formula 0", "me.json is damaged: formula 1"),
    }
    steps = [step for script in vectors["edits"] for step in script["steps"]]
    assert {step["error"]["kind"] for step in steps if "error" in step} == {"learning", "latex", "ink"}


def test_no_neighbour_depends_on_rounding(vectors):
    for entry in vectors["mixtures"]:
        parts = [np.frombuffer(base64.b64decode(each["vectors"]), np.int8) for each in entry["formulas"]]
        ids_N = [token for each in entry["formulas"] for token in each["ids"]]
        if not ids_N:
            continue
        kept = [at for at, token in enumerate(ids_N) if ids_N[at:].count(token) <= KEYS_A_TOKEN]
        unit_ND = unit_length(np.concatenate(parts).reshape(-1, entry["width"])[kept]).astype(np.float64)
        for row_D, near in zip(entry["hidden"], entry["neighbours"], strict=True):
            cosines_N = np.vecdot(unit_ND, unit_length(np.array([row_D]))[0])
            count = min(NEIGHBOURS, int((cosines_N >= LEAST_COSINE).sum()))
            assert len(near) == count
            order = np.argsort(-cosines_N, kind="stable")
            assert np.abs(cosines_N[order[: NEIGHBOURS + 1]] - LEAST_COSINE).min() > 1e-6
            if count == NEIGHBOURS < len(order):
                last, next_one = order[count - 1 : count + 1]
                equal = np.array_equal(unit_ND[last], unit_ND[next_one])
                assert equal or cosines_N[last] - cosines_N[next_one] > 1e-6


@pytest.mark.parametrize("shift", [-1e-6, 1e-6])
def test_no_session_depends_on_rounding(vectors, monkeypatch, shift):
    monkeypatch.setattr("tegashiki.memory.neighbours.LEAST_COSINE", LEAST_COSINE + shift)
    for script in vectors["sessions"]:
        assert as_read(replay(DEFAULT_VOCABULARY, script)) == script["steps"]


def test_the_vectors_work_with_a_small_vocabulary():
    for script in as_read(memory_vectors(VOCABULARY))["sessions"]:
        assert as_read(replay(VOCABULARY, script)) == script["steps"]
