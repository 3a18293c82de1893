"""The session scripts agree with Python's session and cover every method."""

import json
import re

import pytest

from tegashiki.kit.sessions import replay, sessions
from tegashiki.kit.vectors import as_text
from tegashiki.latex.vocabulary import DEFAULT_VOCABULARY
from tegashiki.recognizer.session import Session
from tests.recognizer.fake_recognizer import VOCABULARY
from tests.web.golden import ROOT, SESSIONS

METHODS = {name for name in vars(Session) if not name.startswith("_") and not isinstance(vars(Session)[name], property)}


def as_read(content):
    """Return content as it is after writing and reading JSON."""
    return json.loads(json.dumps(content))


@pytest.fixture(scope="module")
def scripts():
    return as_read(sessions(DEFAULT_VOCABULARY))["sessions"]


@pytest.mark.skipif(not SESSIONS.exists(), reason="an installation without the sources of the page")
@pytest.mark.parametrize("index", range(14))
def test_the_session_agrees_with_the_committed_scripts(index):
    script = json.loads(SESSIONS.read_text("utf-8"))["sessions"][index]
    assert as_read(replay(DEFAULT_VOCABULARY, script)) == script["steps"]


@pytest.mark.skipif(not SESSIONS.exists(), reason="an installation without the sources of the page")
def test_the_committed_scripts_are_up_to_date(scripts):
    assert SESSIONS.read_text("utf-8") == as_text({"sessions": scripts}), "run `make web`"


def test_the_scripts_call_every_method_with_and_without_an_error(scripts):
    steps = [step for script in scripts for step in script["steps"]]
    inner = [each for step in steps if "meanwhile" in step for each in step["meanwhile"]["steps"]]
    assert {step["call"] for step in steps if "returns" in step} == METHODS - {"save", "resume"}
    without_error = {"clear", "undo", "redo", "save", "resume", "apply_gesture"}
    assert {step["call"] for step in steps if "error" in step} == METHODS - without_error
    assert {step["error"]["kind"] for step in steps if "error" in step} == {"ink", "recognizer", "search"}
    assert all("state" in each for each in inner)  # each of these steps was made


def test_the_scripts_detect_a_session_that_behaves_differently(scripts, monkeypatch):
    monkeypatch.setattr(
        Session, "clear", lambda session: session._edit(type(session._state)())
    )  # an edit even without strokes
    found = [as_read(replay(DEFAULT_VOCABULARY, script)) == script["steps"] for script in scripts]
    assert not found[1]


def test_the_scripts_work_with_a_small_vocabulary():
    for script in as_read(sessions(VOCABULARY))["sessions"]:
        assert as_read(replay(VOCABULARY, script)) == script["steps"]


def test_the_documentation_has_every_method_and_property():
    text = (ROOT / "docs" / "runtime.md").read_text("utf-8")
    named = set(re.findall(r"`(\w+)(?:`|\()", text))
    assert named >= {name for name in vars(Session) if not name.startswith("_")}
