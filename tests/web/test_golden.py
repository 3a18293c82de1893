"""The committed vectors of the TypeScript recogniser are those that Python writes."""

import json

import pytest

from tegashiki.kit.vectors import as_text

from .answers import FORMULAS, entry
from .golden import ANSWERS, CONVERSION_TABLE, CONVERSIONS, GOLDEN, conversion_tables, conversion_vectors, golden


def test_the_committed_vectors_are_what_python_gives():
    if not GOLDEN.exists():
        pytest.skip("this installation does not have the sources of the page")
    committed, now = json.loads(GOLDEN.read_text()), json.loads(as_text(golden()))
    for part, entries in now.items():
        assert committed[part] == entries, f"{part} differ: run `make web`"


@pytest.mark.parametrize(
    ("path", "now"),
    [(CONVERSIONS, conversion_vectors), (CONVERSION_TABLE, conversion_tables)],
    ids=["vectors", "tables"],
)
def test_the_committed_conversions_are_those_of_python(path, now):
    if not path.exists():
        pytest.skip("this installation does not have the sources of the page")
    committed, written = json.loads(path.read_text("utf-8")), json.loads(now())
    for name in written:
        assert committed[name] == written[name], f"{name} differ: run `make web`"


def test_the_committed_answers_are_those_of_sympy():
    pytest.importorskip("sympy", reason="needs the package sympy (the extra `answers`)")
    if not ANSWERS.exists():
        pytest.skip("this installation does not have the sources of the page")
    committed = json.loads(ANSWERS.read_text("utf-8"))["answers"]
    assert [one["latex"] for one in committed] == FORMULAS.strip().split("\n"), "the formulas differ: run `make web`"
    for one in committed[::7]:  # all of them take some seconds
        assert one == json.loads(json.dumps(entry(one["latex"]))), "the answers differ: run `make web`"
