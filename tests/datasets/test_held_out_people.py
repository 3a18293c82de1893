import json
from collections import Counter

import pytest

from tegashiki.datasets.builder import find_source
from tegashiki.datasets.held_out_people import VALIDATION_ONLY, check_training, is_held_out, person_of
from tegashiki.datasets.symbols import FILES, read_writers
from tegashiki.errors import UserError
from tegashiki.safe_files import iterate_lines

from .sources import DATA, needs_data


@pytest.mark.parametrize(
    ("writer", "other"),
    [("unipen-apb-Chris_Hess", "unipen-apd-Chris_Hess"), ("unipen-apa-IanFelix", "unipen-apb-Ian_Felix")],
)
def test_the_same_name_is_one_person_for_all_contributors(writer, other):
    assert person_of(writer) == person_of(other)
    assert is_held_out(writer) == is_held_out(other)


def test_the_choice_of_held_out_people_is_fixed():
    """Existing models were trained on the people in training and evaluated on the held-out people."""
    names = ("Chris_Hess", "MWBK4038", "hc0715", "BNGM-227")
    assert [is_held_out(f"unipen-x-{name}") for name in names] == [False, False, False, True]


@pytest.mark.parametrize("writer", ["", "unipen", "unipen-apa", "unipen-apa-", "digilets-001"])
def test_a_writer_without_a_name_is_refused(writer):
    with pytest.raises(ValueError, match="is not a writer of UNIPEN"):
        is_held_out(writer)


@pytest.mark.parametrize(
    ("dataset", "split"),
    [
        ("symbols", "chars74k"),
        ("symbols/limit_9", "unipen_people[:50%]"),
        ("lines", "validation"),
        ("people", "validation"),
    ],
)
def test_training_refuses_splits_for_validation_only(dataset, split):
    with pytest.raises(UserError, match="for validation only"):
        check_training(dataset, ["train", split])


def test_training_accepts_all_other_splits():
    check_training("symbols", ["unipen[:85%]", "unipen_train", "digilets", "omniglot", "detexify"])
    check_training("lines", ["train"])
    check_training("crohme", ["train", "validation"])


@needs_data
def test_no_person_is_both_held_out_and_in_training():
    writers = read_writers(DATA)
    files = {"unipen-isolated": list(writers.values())}
    for name, folder in (("unipen-isolated-rest", "symbols"), ("unipen-lines", "lines")):
        path = find_source(DATA, f"{name}.jsonl", ("", ".xz"), folder)
        files[name] = [json.loads(line)["writer"] for line in iterate_lines(path)]
    sides = [{person_of(w) for of_file in files.values() for w in of_file if is_held_out(w) == side} for side in (0, 1)]
    assert not sides[0] & sides[1]
    assert (len(sides[0]), len(sides[1])) == (284, 47)
    for of_file in files.values():
        people = Counter(map(person_of, of_file))
        held = [person for person in people if person in sides[1]]
        assert 0.14 < len(held) / len(people) < 0.16
        assert 0.13 < sum(people[person] for person in held) / len(of_file) < 0.17


def test_all_splits_for_validation_only_exist():
    assert VALIDATION_ONLY["symbols"] <= FILES.keys()
