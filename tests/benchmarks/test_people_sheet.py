"""The contact sheet of made-up people."""

from benchmarks.figures.people import DRAWINGS, SIGNS, drawings, formula
from tegashiki.datasets.people import KINDS, people_of
from tegashiki.latex.symbols import DIGITS, LATIN


def test_a_made_up_person_draws_every_class_and_writes_every_kind():
    drawn = list(drawings(3000))
    assert len(drawn) == DRAWINGS * len((*DIGITS, *LATIN, *SIGNS))
    (person,) = people_of(drawn)
    assert person.name == "embedded-0-3000"
    for kind in KINDS:
        written = formula(kind, person, [], 0)
        assert written.strokes and written.borrowed == 0
