import os
from pathlib import Path, PurePosixPath

import pytest

from benchmarks.accuracy.label_problems import KINDS, Problem, read_problems, without
from tegashiki.evaluation.ink_result import InkResult
from tegashiki.evaluation.report import summarize
from tegashiki.ink.files import iterate_inks


def test_what_is_left_out_grows_kind_by_kind():
    readings = [
        InkResult(f"test-2014/{name}.inkml", "x", read, None, None, None)
        for name, read in (("good", "x"), ("wrong", "y"), ("named", "x"), ("odd", "y"))
    ]
    problems = [
        Problem("test_2014", name, kind, "") for name, kind in zip(("wrong", "named", "odd"), KINDS, strict=True)
    ]
    left = list(without(readings, problems))
    assert [len(kept) for _, kept in left] == [4, 3, 2, 1]
    assert [round(summarize(kept).scores.exprate, 2) for _, kept in left] == [50.0, 66.67, 50.0, 100.0]
    assert [name for name, _ in left] == [
        "all",
        "without label",
        "without label, listed",
        "without label, listed, file",
    ]


def test_the_list_names_no_ink_twice_and_gives_each_a_known_kind_and_a_reason():
    problems = read_problems()
    assert len({problem.ink for problem in problems}) == len(problems) > 0
    assert {problem.kind for problem in problems} == set(KINDS)
    assert all(problem.reason for problem in problems)


@pytest.mark.skipif("TEGASHIKI_DATA" not in os.environ, reason="TEGASHIKI_DATA names no folder of real ink")
@pytest.mark.parametrize("split", ["test_2014", "test_2016"])
def test_the_inks_of_the_list_are_in_the_test_sets(split):
    archive = Path(os.environ["TEGASHIKI_DATA"]) / "crohme-inkml" / f"{split.replace('_', '-')}.tar.xz"
    names = {PurePosixPath(name).stem for name, _ in iterate_inks(archive)}
    listed = {problem.ink for problem in read_problems() if problem.split == split}
    assert listed
    assert listed <= names
