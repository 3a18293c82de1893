"""The vectors of pages agree with Python's pages and cover every method."""

import json
import re

import pytest

from tegashiki.kit.page_vectors import page_vectors, replay
from tegashiki.kit.vectors import as_text
from tegashiki.latex.vocabulary import DEFAULT_VOCABULARY
from tegashiki.recognizer.page_session import PageSession
from tests.web.golden import PAGES, ROOT

METHODS = {
    name for name in vars(PageSession) if not name.startswith("_") and not isinstance(vars(PageSession)[name], property)
}


@pytest.fixture(scope="module")
def vectors():
    return json.loads(json.dumps(page_vectors(DEFAULT_VOCABULARY)))


@pytest.mark.skipif(not PAGES.exists(), reason="an installation without the sources of the page")
def test_the_committed_vectors_are_up_to_date(vectors):
    assert PAGES.read_text("utf-8") == as_text(vectors), "run `make web`"


def test_the_scripts_call_every_method(vectors):
    assert {step["call"] for script in vectors["pages"] for step in script["steps"]} >= METHODS


def test_the_places_cover_every_case(vectors):
    places = [entry["place"] for entry in vectors["places"]]
    assert any(place["new"] and not place["moved"] for place in places)
    assert any(place["moved"] for place in places)
    assert any(place["joined"] for place in places)
    assert any(not place["new"] and not place["joined"] for place in places)


def test_the_scripts_detect_a_page_that_behaves_differently(vectors, monkeypatch):
    monkeypatch.setattr(PageSession, "begin_line", lambda page: None)
    script = vectors["pages"][1]
    assert json.loads(json.dumps(replay(DEFAULT_VOCABULARY, script))) != script["steps"]


def test_the_documentation_has_every_method_and_property():
    text = (ROOT / "docs" / "runtime.md").read_text("utf-8")
    named = set(re.findall(r"`(\w+)(?:`|\()", text))
    assert named >= {name for name in vars(PageSession) if not name.startswith("_")}
