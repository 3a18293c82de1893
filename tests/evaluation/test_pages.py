import json
import os
import re
import shutil
import subprocess
from dataclasses import replace

import numpy as np
import pytest

from tegashiki.evaluation.pages import comparison_page, inspection_page, report_page
from tegashiki.evaluation.pages.html import HERE, page
from tegashiki.evaluation.pages.payload import differences, ink_payload, reading_payload
from tegashiki.evaluation.pages.report_page import (
    calibration,
    ink_entry,
    learning_curves,
    speed,
    workdir_of,
    write_report,
)
from tegashiki.evaluation.paired import Difference, compare
from tegashiki.evaluation.report import summarize
from tegashiki.evaluation.samples import EvaluationError, Sample
from tegashiki.ink.ink import Ink, SymbolGroup
from tegashiki.ink.preprocess import simplify_stroke
from tests.evaluation.ink_results import ink_result

INK = Ink(([[0, 0], [10, 0]], [[5, 5], [5, 15]], [[20, 5]]))
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def content(html):
    """Return the data that the scripts of a page get."""
    return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', html, re.DOTALL)[1])


def points(stroke):
    numbers = np.array(stroke.split(), int).reshape(-1, 2)
    return numbers.cumsum(axis=0).tolist()


def test_a_page_fetches_nothing_and_escapes_its_data():
    hostile = {"name": "</script><script>alert(1)</script>", "tokens": "<!-- < & é 𝔸"}
    html = page("a <b> & c", ["ink.js", "charts.js", "report.js"], hostile)
    assert content(html) == hostile
    assert html.count("<script") == 2 + 1  # the data, the code, and the one in the name, which is inside the data
    assert "<title>a &lt;b&gt; &amp; c</title>" in html
    assert set(re.findall(r"https?://[\w./]+", html)) == {"http://www.w3.org/2000/svg"}
    assert not re.search(r"\b(src|href)=\"(?!#)", html)
    with pytest.raises(ValueError, match="JSON"):
        page("t", [], {"x": float("nan")})


def test_an_ink_keeps_its_shape_when_rounded():
    drawn = ink_payload(INK, unit=100)
    assert drawn["size"] == [200, 150]  # the median stroke, 10 long, is 100 units
    assert [points(stroke) for stroke in drawn["strokes"]] == [
        *[[[0, 0], [100, 0]], [[50, 50], [50, 150]], [[200, 50]]],
    ]
    wave = Ink((np.stack([np.arange(50), np.sin(np.arange(50) / 5) * 10], axis=1) * 1e6,))
    every, few = (ink_payload(wave, tolerance=tolerance)["strokes"][0] for tolerance in (0, 1))
    assert len(points(few)) < len(points(every)) <= 50
    assert points(few)[-1] == points(every)[-1]
    assert ink_payload(Ink(([[7, 7]],)))["strokes"] == ["0 0"]


def test_differences_are_indices_in_both_sides_and_pairs():
    wrong, missed, pairs = differences(["x", "_", "{", "2", "}"], ["x", "^", "{", "2", "}", "y"])
    assert (wrong, missed) == ([1], [1, 5])
    assert pairs == [("^", "_"), ("y", "")]


def test_tokens_that_do_not_parse_have_no_mathml():
    assert reading_payload(["x", "^"])["math"] is None
    assert reading_payload([])["math"] is None
    assert 'data-t="0"' in reading_payload(["x"])["math"]


def test_the_page_data_of_an_ink():
    sample = Sample("a.inkml", INK, "x ^ { 2 }", strokes_of_token=((0, 1), (), (), (2,), ()))
    entry = ink_entry(sample, ink_result("x ^ { 2 }", "y ^ { 2 }"))
    assert (entry["edits"], entry["structure"], entry["among"]) == (1, True, False)
    assert entry["truth"]["differs"] == entry["candidates"][0]["differs"] == [0]
    assert entry["truth"]["strokes"] == [[0, 1], [], [], [2], []]
    assert entry["confusions"] == [("x", "y")]
    unread = ink_entry(Sample("a.inkml", None, "x"), ink_result("x", None))
    assert (unread["candidates"], unread["edits"], "strokes" in unread) == ([], None, False)


def looking(tokens, attention):
    one = ink_result(tokens, tokens, "a.inkml")
    return replace(one, candidates=(replace(one.candidates[0], attention=attention),))


def test_attention_is_on_the_page_if_it_is_known():
    entry = ink_entry(Sample("a.inkml", INK, "x y"), looking("x y", ((0, 97, 1, 3), ())))
    assert entry["candidates"][0]["attention"] == "0 97 1 3,"
    assert "attention" not in entry["truth"]
    assert "attention" not in ink_entry(Sample("a.inkml", INK, "x"), ink_result("x", "x"))["candidates"][0]


def test_calibration_agrees_with_a_calculation_by_hand():
    results = [ink_result("x", "x" if i < 3 else "y", f"{i}", probability=0.9) for i in range(4)]
    results += [ink_result("x", "y", f"low{i}", probability=0.2) for i in range(4)]
    found = calibration(results)
    assert [(each["predicted"], each["right"], each["inks"]) for each in found["bins"]] == [
        (pytest.approx(20), 0, 4),
        (pytest.approx(90), 75, 4),
    ]
    assert found["error"] == pytest.approx((20 + 15) / 2)
    assert calibration([ink_result("x", None)]) == {"bins": [], "error": 0.0}


def test_the_histogram_of_times_includes_every_ink():
    assert sum(bar["count"] for bar in speed([ink_result("x", "x", f"{i}") for i in range(200)])) == 200
    assert speed([ink_result("x", None)]) == []


def test_learning_curves_of_a_work_directory(tmp_path):
    assert learning_curves(tmp_path) is None
    lines = [{"kind": "train", "step": i, "loss_tokens": 1.0 + i % 2} for i in range(1, 1001)]
    rates = {"exprate": 1.0, "exprate_le1": 2.0, "exprate_le2": 3.0}
    lines.append({"kind": "validation", "step": 1000, "loss_tokens": 0.5, "cer": 0.1, **rates})
    (tmp_path / "metrics.jsonl").write_text("\n".join(map(json.dumps, lines)))
    curves = learning_curves(tmp_path)
    assert 300 < len(curves["train"]) <= 400
    assert curves["train"][-1]["step"] == 1000
    assert np.mean([line["loss_tokens"] for line in curves["train"]]) == pytest.approx(1.5, abs=0.02)
    assert curves["validation"] == [{"step": 1000, "loss_tokens": 0.5, **rates}]
    (tmp_path / "checkpoints" / "best").mkdir(parents=True)
    for model in (tmp_path, tmp_path / "checkpoints", tmp_path / "checkpoints" / "best"):
        assert workdir_of(str(model)) == tmp_path
    assert workdir_of("default") is workdir_of(None) is None


@pytest.mark.parametrize("scripts", [report_page.SCRIPTS, comparison_page.SCRIPTS, inspection_page.SCRIPTS])
def test_no_name_is_declared_twice_in_a_page(scripts):
    # All scripts of a page are inlined in one element, where a second declaration would be a syntax error.
    declared = [
        re.findall(r"^(?:const|let|function) (\w+)", (HERE / name).read_text("utf-8"), re.MULTILINE) for name in scripts
    ]
    names = [name for of_script in declared for name in of_script]
    assert len(names) == len(set(names)) > 20


@pytest.fixture
def browser(tmp_path):
    """Return a function that renders a page in a browser and returns its HTML without the data and the scripts."""
    if CHROMIUM is None:
        report = pytest.fail if os.environ.get("CI") else pytest.skip
        report("Chromium is not installed on this machine")

    def dom(path, part=""):
        command = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path}/profile"]
        command += ["--dump-dom", f"file://{path}{part}"]
        html = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        return html.partition('id="data"')[0]

    return dom


def test_the_report_draws_itself_in_a_browser(tmp_path, browser):
    results = [ink_result("x ^ { 2 }", "x _ { 2 }", f"folder/{i}.inkml") for i in range(300)]
    samples = [Sample(each.file, INK, each.truth) for each in results]
    path = write_report(tmp_path, "model", "set", summarize(results), samples)
    drawn = browser(path)
    cards = drawn.count("<article")
    assert 3 < cards < 100  # only cards close to the window are drawn
    assert drawn.count("<msup>") == drawn.count("<msub>") == cards
    assert "300 of 300" in drawn
    pinned = browser(path, "#ink=folder%2F7.inkml")
    assert '<article class="card large">' in pinned
    assert "0 of 300" in browser(path, "#show=right")


HOVER = """
for (const token of [0, 2, 3]) {
  const over = new MouseEvent("mouseover", { bubbles: true });
  document.querySelectorAll(".tokens span")[token].dispatchEvent(over);
  page.append(document.querySelector("svg.ink").cloneNode(true));
}
"""


def test_hovering_over_a_token_highlights_its_strokes_and_attention(tmp_path, browser):
    one = looking("x y", ((0, 97, 1, 3), (2, 100)))
    sample = Sample(one.file, INK, "x y", strokes_of_token=((0,), ()))
    path = write_report(tmp_path, "model", "set", summarize([one]), [sample])
    html = path.read_text("utf-8")
    assert html.count("\nupdate();\n") == 1
    path.write_text(html.replace("\nupdate();\n", f"\nupdate();\n{HOVER}"), encoding="utf-8")
    pictures = re.findall(r'<svg class="(ink[^"]*)"[^>]*>(.*?)</svg>', browser(path), re.DOTALL)[1:]
    assert [classes for classes, _ in pictures] == ["ink some", "ink some tinted", "ink some tinted"]
    strokes = [re.findall(r"<path[^>]*>", picture) for _, picture in pictures]
    assert [['class="on"' in stroke for stroke in of_token] for of_token in strokes] == [
        [True, False, False],  # the truth's x
        [True, False, False],  # the x that was read
        [False, True, False],  # the y: its stroke is the second, but the model paid attention to the third
    ]
    looks = [[re.search(r"--look: (\d+%)", stroke)[1] for stroke in of_token] for of_token in strokes]
    assert looks == [["0%", "0%", "0%"], ["98%", "17%", "0%"], ["0%", "0%", "100%"]]


FIRST = [ink_result("x", "x", "1"), ink_result("x", "y", "2"), ink_result("x", "y", "3"), ink_result("x", "y", "4")]
SECOND = [ink_result("x", "z", "1"), ink_result("x", "x", "2"), ink_result("x", "y", "3"), ink_result("x", None, "4")]


def test_inks_are_classified_by_both_results():
    kinds = [comparison_page.kind_of(a, b) for a, b in zip(FIRST, SECOND, strict=True)]
    assert kinds == ["broken", "fixed", "same", "changed"]
    assert comparison_page.kind_of(FIRST[0], FIRST[0]) == "right"


def test_a_comparison_has_a_verdict_a_table_and_a_page(tmp_path, browser):
    found = compare(FIRST, SECOND)
    assert "Of 4 inks, only B recognises 1 exactly, and only A 1." in comparison_page.verdict(found)
    lines = comparison_page.difference_table(found).splitlines()
    assert lines[1].split()[:7] == ["ExpRate", "%", "25.00", "25.00", "+0.00", "-75.00", "+75.00"]
    sure = comparison_page._row(Difference(1.0, 0.5, -0.5, -0.7, -0.2, 0.0), 2, False)
    assert (sure["sure"], sure["better"], sure["difference"]) == (True, True, "-0.50")
    path = comparison_page.write_comparison(
        tmp_path, ("a", "b"), found, FIRST, SECOND, [Sample("1", INK), Sample("9", INK)]
    )
    entries = {entry["name"]: entry for entry in content(path.read_text("utf-8"))["inks"]}
    assert "strokes" in entries["1"]
    assert "strokes" not in entries["2"]
    assert entries["1"]["truth"]["differs"] == [0]
    drawn = browser(path)
    assert [each in drawn for each in ("fixed: only B is right", "4 of 4")] == [True, True]
    assert drawn.index("fixed: only B is right</span>") < drawn.index("broken: only A is right</span>")


def scribble(seed, strokes=6):
    random = np.random.default_rng(seed)
    walks = (random.normal(size=(40, 2)).cumsum(axis=0).cumsum(axis=0) for _ in range(strokes))
    return Ink(tuple(walks), label="$x^2$", symbols=(SymbolGroup("x", (0, 1)), SymbolGroup("2", (2,))))


def test_an_inspected_ink_has_all_points_its_symbols_and_its_error():
    entry = inspection_page.inspected(Sample("a", scribble(0), "x ^ {"))
    assert "does not parse" in entry["problem"]
    assert [len(points(stroke)) for stroke in entry["strokes"]] == [40] * 6
    assert entry["groups"] == [{"label": "x", "strokes": [0, 1]}, {"label": "2", "strokes": [2]}]
    broken = inspection_page.inspected(Sample("b", None, "", "empty file"))
    assert (broken["problem"], "strokes" in broken) == ("empty file", False)


def test_the_page_simplifies_strokes_like_the_preprocessing(tmp_path, browser):
    ink = scribble(1)
    path = tmp_path / "inks.html"
    assert inspection_page.write_inspection(path, "one", [Sample("a", ink, "x ^ { 2 }")]) == 1
    expected = sum(len(simplify_stroke(stroke)[0]) for stroke in ink.strokes)
    html = path.read_text("utf-8").replace("update();\nredraw();", "update();\nview.value = 'rdp';\nredraw();")
    path.write_text(html, encoding="utf-8")
    assert 12 < expected < 240
    assert f"6 strokes, 240 points in the file, {expected} shown" in browser(path)
    with pytest.raises(EvaluationError, match="no inks to show: none has none"):
        inspection_page.write_inspection(path, "none", [])
