import json
from dataclasses import replace

import pytest

from tegashiki.evaluation.ink_result import Forced, InkResult, ResultCandidate
from tegashiki.evaluation.report import figure_table, part_table, read_json, summarize, table, write_json
from tegashiki.evaluation.samples import EvaluationError
from tests.evaluation.ink_results import ink_result

RESULTS = [
    InkResult("a.inkml", "x ^ { 2 }", "x ^ { 2 }", 0.9, 10.0, None),
    InkResult("b.inkml", "a + b", "a - b", 0.5, 20.0, None),
    InkResult("c.inkml", "1", None, None, None, "empty", comparable=False),
    InkResult("d.inkml", r"\nabla", "v", 0.1, 30.0, r"the truth has \nabla", comparable=True),
]


def test_the_json_has_the_figures_and_an_entry_for_each_ink():
    content = summarize(RESULTS).to_json()
    assert list(content) == [
        *["inks", "exprate", "exprate_le1", "exprate_le2", "cer", "ms_median", "ms_p95"],
        *["figures", "bleu", "breakdown", "per_ink"],
    ]
    assert content["inks"] == 4
    assert (content["exprate"], content["exprate_le1"], content["exprate_le2"]) == (25.0, 75.0, 75.0)
    assert content["cer"] == pytest.approx((0 + 1 + 1 + 1) / 10)
    assert (content["ms_median"], content["ms_p95"]) == (20.0, 29.0)
    assert [list(entry) for entry in content["per_ink"]] == [
        ["file", "truth", "prediction", "probability", "ms", "error", "edits", "candidates"]
    ] * 4
    assert content["figures"]["exprate"]["value"] == 25.0
    assert [entry["edits"] for entry in content["per_ink"]] == [0, 1, None, 1]


def test_a_result_can_be_read_back(tmp_path):
    path = tmp_path / "out.json"
    write_json(path, {"model": "m", **summarize(RESULTS).to_json()})
    content = read_json(path)
    assert content["model"] == "m"
    assert [r.edits for r in content["per_ink"]] == [r.edits for r in RESULTS]
    assert summarize(content["per_ink"]).scores == summarize(RESULTS).scores
    assert content["per_ink"] == RESULTS
    plain = replace(RESULTS[0], plain_truth="x^2")  # a comparison must give the same figures
    assert InkResult.from_entry(plain.entry()) == plain
    forced = replace(RESULTS[0], forced=Forced(4, False))
    assert InkResult.from_entry(forced.entry()) == forced
    assert sum('"file"' in line for line in path.read_text().splitlines()) == len(RESULTS)


@pytest.mark.parametrize("text", ["not JSON", "[]", '{"per_ink": [{"file": "a"}]}'])
def test_a_file_that_is_not_a_result_is_refused(tmp_path, text):
    (tmp_path / "out.json").write_text(text)
    with pytest.raises(EvaluationError, match="not a result of this version"):
        read_json(tmp_path / "out.json")
    with pytest.raises(EvaluationError, match="cannot be read"):
        read_json(tmp_path / "none.json")


ENTRY = replace(
    InkResult("a", "x", "x", 0.5, 1.0, None, candidates=(ResultCandidate(("x",), 0.5, ((0,),)),)),
    forced=Forced(1, True),
).entry()


@pytest.mark.parametrize(
    "wrong",
    [
        *[{"file": None}, {"truth": 5}, {"prediction": 3}, {"probability": "high"}, {"ms": "long"}, {"error": 1}],
        *[{"edits": "0"}, {"plain_truth": 1}, {"candidates": None}, {"candidates": ["x"]}],
        *[
            {"candidates": [{**ENTRY["candidates"][0], **each}]}
            for each in ({"tokens": ["x"]}, {"probability": None}, {"strokes": [["0"]]})
        ],
        *[{"forced": each} for each in (None, {"right": "1", "end": True}, {"right": 1, "end": None})],
    ],
    ids=str,
)
def test_a_part_with_a_wrong_type_is_refused(tmp_path, wrong):
    path = tmp_path / "out.json"
    write_json(path, {"per_ink": [ENTRY]})
    assert [result.entry() for result in read_json(path)["per_ink"]] == [ENTRY]
    write_json(path, {"per_ink": [{**ENTRY, **wrong}]})
    with pytest.raises(EvaluationError, match="not a result of this version"):
        read_json(path)


def test_a_result_without_inks_is_refused(tmp_path):
    write_json(tmp_path / "out.json", {"per_ink": []})
    with pytest.raises(EvaluationError, match="has 0 inks"):
        read_json(tmp_path / "out.json")


def test_every_figure_has_a_line():
    lines = figure_table(summarize(RESULTS)).splitlines()
    assert lines[1].split()[:3] == ["ExpRate", "%", "25.00"]
    assert len(lines) == 14
    asked = figure_table(summarize([replace(each, forced=Forced(0, True)) for each in RESULTS])).splitlines()
    assert len(asked) == 16


def test_without_a_readable_ink_there_are_no_times():
    report = summarize(RESULTS[2:3])
    assert (report.ms_median, report.ms_p95, report.scores.exprate) == (None, None, 0.0)
    assert " - " in table([("m", report)])


def test_the_table_has_one_aligned_line_per_model():
    lines = table([("transformer_cpu", summarize(RESULTS)), ("blind", summarize(RESULTS[1:]))]).splitlines()
    assert len(lines) == 3
    assert len({len(line) for line in lines}) == 1
    assert lines[1].split() == ["transformer_cpu", "4", "25.00", "75.00", "75.00", "0.3000", "20.0", "29.0"]


def test_json_is_written_atomically(tmp_path):
    path = tmp_path / "out.json"
    write_json(path, {"a": 1})
    with pytest.raises(ValueError, match="JSON"):
        write_json(path, {"a": float("nan")})
    assert json.loads(path.read_text()) == {"a": 1}
    assert list(tmp_path.iterdir()) == [path]


def test_the_table_of_parts_has_the_share_of_borrowed_symbols():
    report = summarize([ink_result("x", "x", "unipen/sums/anne/00"), ink_result("y", "z", "lines/numbers/bert/00")])
    known = part_table(report, {"unipen": 12.34, "unipen/sums": 5.0})
    assert [line.split()[0] for line in known.splitlines()] == [
        *["part", "lines", "unipen", "*/numbers", "*/sums", "lines/numbers", "unipen/sums"]
    ]
    assert [line.split()[-1] for line in known.splitlines()[1:3]] == ["-", "12.3"]
    assert "borrowed" not in part_table(report, {})
    assert part_table(summarize([ink_result("x", "x", "A/1.inkml")]), {}) == ""
