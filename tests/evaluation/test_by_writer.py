import json

import pytest

from tegashiki.cli import main
from tegashiki.evaluation.by_writer import evaluate_by_writer, in_order, stage_entries, stage_table, stages
from tegashiki.evaluation.ink_result import InkResult
from tegashiki.evaluation.pages.report_page import figure_rows
from tegashiki.evaluation.report import read_json, summarize
from tegashiki.evaluation.samples import Sample
from tegashiki.ink.ink import Ink
from tegashiki.ink.inkml import write_inkml
from tests.memory.teachable import strokes, teachable


def samples():
    """Two writers and an ink without a writer. Writer b wrote one formula twice; one truth does not parse."""
    inks = [
        ("b2", "b", 1, "x+y"),
        ("a1", "a", 0, "x"),
        ("b1", "b", 1.0, "x+y"),
        ("n", "", 2, "1"),
        ("b3", "b", 3, "x^{"),
    ]
    found = [Sample(name, Ink(tuple(strokes(3, int(seed))), "", writer), truth) for name, writer, seed, truth in inks]
    return [*found, Sample("broken", None, "x", "no ink")]


def test_an_ink_is_recognised_with_what_was_learnt_from_earlier_inks_of_its_writer():
    report = evaluate_by_writer(teachable, samples())
    by_file = {result.file: result for result in report.per_ink}
    assert [result.file for result in report.per_ink] == ["b2", "a1", "b1", "n", "b3", "broken"]
    assert {file: result.learnt for file, result in by_file.items()} == {
        "a1": 0, "b1": 0, "b2": 1, "b3": 2, "broken": 0, "n": 0,
    }  # fmt: skip
    assert (by_file["b2"].writer, by_file["n"].writer) == ("b", "")
    assert by_file["b1"].prediction == by_file["b1"].prediction_without != "x + y"
    assert by_file["b2"].prediction == "x + y"
    assert by_file["b2"].prediction_without == by_file["b1"].prediction
    assert by_file["broken"].prediction_without is None


def test_truths_that_cannot_be_learnt_are_skipped():
    inks = [Sample(f"{n}", Ink(tuple(strokes(3, n)), "", "a"), truth) for n, truth in enumerate(["x^{", "", "x", "y"])]
    report = evaluate_by_writer(teachable, inks)
    assert [result.learnt for result in report.per_ink] == [0, 0, 0, 1]


def test_the_order_is_by_file_name_or_random():
    inks = [Sample(f"{n:02}", Ink(tuple(strokes(1, n)), "", "ab"[n % 2]), "x") for n in reversed(range(40))]
    named = {writer: [inks[place].file for place in places] for writer, places in in_order(inks).items()}
    assert named == {"a": [f"{n:02}" for n in range(0, 40, 2)], "b": [f"{n:02}" for n in range(1, 40, 2)]}
    lots = [
        {writer: [inks[place].file for place in places] for writer, places in in_order(inks, seed).items()}
        for seed in (1, 1, 2)
    ]
    assert lots[0] == lots[1] != lots[2]
    assert lots[0] != named
    assert sorted(lots[0]["a"]) == named["a"]


def written_result(writer, learnt, right, right_without):
    tokens = ("x", "y")
    return InkResult(
        f"{writer}{learnt}", "x", tokens[not right], 0.5, 1.0, None,
        writer=writer, learnt=learnt, prediction_without=tokens[not right_without],
    )  # fmt: skip


def test_stages_measure_the_gain_from_the_memory():
    results = [
        written_result(writer, learnt, learnt % 2 == 0, learnt % 4 == 0) for writer in "abc" for learnt in range(25)
    ]
    found = stage_entries(stages(results))
    assert [entry["learnt"] for entry in found] == [[0, 0], [1, 4], [5, 11], [12, 19], [20, None]]
    assert [entry["inks"] for entry in found] == [3, 12, 21, 24, 15]
    assert [entry["exprate"] for entry in found] == pytest.approx([100, 50, 300 / 7, 50, 60])
    assert [entry["exprate_without"] for entry in found] == pytest.approx([100, 25, 100 / 7, 25, 40])
    assert found[3]["gain_low"] == found[3]["gain_high"] == 25  # all writers are alike
    assert "12 to 19" in stage_table(stages(results))
    assert any("20 and more" in row["title"] and row["value"] == "+20.00" for row in figure_rows(summarize(results)))


def test_the_interval_is_over_writers():
    """Only one of four writers gains: the interval is wide over writers, but would be narrow over inks."""
    results = [written_result(writer, 12, writer == "a", False) for writer in "abcd" for _ in range(50)]
    stage = stages(results)[3]
    assert (stage.gain_low, stage.gain_high) == (0, pytest.approx(75))
    assert stage.inks == 200


def test_results_without_a_writer_are_in_no_stage():
    plain = InkResult("a", "x", "x", 0.5, 1.0, None)
    assert [stage.inks for stage in stages([plain])] == [0] * 5
    assert stages([plain])[0].exprate is None
    assert "writer" not in plain.entry()


@pytest.fixture
def written(tmp_path):
    folder = tmp_path / "inks"
    folder.mkdir()
    for number in range(3):
        ink = Ink(tuple(strokes(2, 1)), r"\alpha+1", "me")
        (folder / f"{number}.inkml").write_text(write_inkml(ink), "utf-8")
    return folder


def test_the_command_writes_every_ink_and_the_stages(written, tmp_path, capsys):
    out = tmp_path / "out.json"
    given = ["eval", "default", "--inkml", str(written), "--by-writer", "--seed", "3", "--json", str(out)]
    assert main([*given, "--report", str(tmp_path / "page")]) == 0
    content = json.loads(out.read_text("utf-8"))
    assert [entry["writer"] for entry in content["per_ink"]] == ["me"] * 3
    assert sorted(entry["learnt"] for entry in content["per_ink"]) == [0, 1, 2]
    assert {entry["prediction"] for entry in content["per_ink"] if entry["learnt"]} == {r"\alpha + 1"}
    assert len({entry["prediction_without"] for entry in content["per_ink"]}) == 1
    assert [entry["inks"] for entry in content["by_writer"]] == [1, 2, 0, 0, 0]
    assert content["by_writer"][1]["exprate"] == 100
    assert (
        content["by_writer"][4] | {"learnt": [20, None], "exprate": None, "exprate_without": None}
        == content["by_writer"][4]
    )
    assert "1 to 4" in capsys.readouterr().out
    again = read_json(out)["per_ink"]
    assert [entry.entry() for entry in again] == [
        {**entry, "candidates": again[place].entry()["candidates"]} for place, entry in enumerate(content["per_ink"])
    ]


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["default", "--seed", "1"], "goes with --by-writer"),
        (["--predictions", "x.tsv", "--by-writer"], "--by-writer goes with a MODEL"),
        (["default", "--by-writer", "--processes", "2"], "--by-writer runs in one process"),
    ],
)
def test_contradictory_options_are_refused(written, options, reason, capsys):
    assert main(["eval", *options, "--inkml", str(written)]) == 2
    assert reason in capsys.readouterr().err
