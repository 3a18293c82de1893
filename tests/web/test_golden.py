"""The committed vectors of the TypeScript recogniser are those that Python writes."""

import json

import pytest

from tegashiki.kit.vectors import as_text

from .golden import GOLDEN, golden


def test_the_committed_vectors_are_what_python_gives():
    if not GOLDEN.exists():
        pytest.skip("this installation does not have the sources of the page")
    committed, now = json.loads(GOLDEN.read_text()), json.loads(as_text(golden()))
    for part, entries in now.items():
        assert committed[part] == entries, f"{part} differ: run `make web`"
