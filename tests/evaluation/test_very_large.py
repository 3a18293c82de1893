"""Sets of any size: results in a file that can be continued, figures that are added up, several processes."""

import json
import re
import zipfile

import pytest

from tegashiki.cli import main
from tegashiki.evaluation import parallel
from tegashiki.evaluation.evaluate import evaluate, read
from tegashiki.evaluation.parallel import map_inks
from tegashiki.evaluation.result_lines import ResultLines
from tegashiki.evaluation.running import RunningFigures
from tegashiki.evaluation.samples import EvaluationError, ink_samples
from tegashiki.ink.inkml import write_inkml
from tegashiki.kit.vectors import inks
from tegashiki.open_model import recognizer_opener


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    """A zip of embedded inks with their labels; one is broken."""
    path = tmp_path_factory.mktemp("inks") / "inks.zip"
    with zipfile.ZipFile(path, "w") as file:
        for number, ink in enumerate(inks().values()):
            file.writestr(f"{number:02}.inkml", write_inkml(ink))
            if number == 2:
                file.writestr("broken.inkml", "<ink")
    return path


def evaluated(archive, output, capsys, *more):
    assert main(["eval", "default", "--inkml", str(archive), "--results", str(output), *more]) == 0
    return capsys.readouterr().out


def without_times(text):
    return re.sub(r'"ms": [\d.]+|, [\d.]+ ms an ink.*', "", text)


def test_the_figures_are_those_of_an_ordinary_evaluation(archive):
    opener = recognizer_opener("default", beams=1)
    report = evaluate(opener, ink_samples(archive))
    running = RunningFigures()
    for result in report.per_ink:
        running.add(result)
    assert (running.inks, running.failed) == (len(report.per_ink), 1)
    assert running.ms((50, 95)) == [report.ms_median, report.ms_p95]
    found = running.figures()
    assert list(found) == list(report.figures)
    for name, figure in report.figures.items():
        assert found[name].value == figure.value
        assert found[name].low <= figure.value <= found[name].high


def test_intervals_are_close_to_those_of_the_ordinary_bootstrap(archive):
    results = evaluate(recognizer_opener("default", beams=1), ink_samples(archive)).per_ink * 200
    running = RunningFigures()
    for result in results:
        running.add(result)
    from tegashiki.evaluation.figures import figures

    for name, figure in figures(results).items():
        width = figure.high - figure.low
        assert abs(running.figures()[name].low - figure.low) <= 0.2 * width
        assert abs(running.figures()[name].high - figure.high) <= 0.2 * width


@pytest.mark.parametrize("cut", [10, -20, -1, None], ids=["settings", "line", "newline", "complete"])
def test_an_interrupted_evaluation_continues_to_the_same_results(archive, tmp_path, capsys, cut):
    whole, part = tmp_path / "whole.jsonl", tmp_path / "part.jsonl"
    wanted = evaluated(archive, whole, capsys, "--processes", "1")
    lines = whole.read_bytes().splitlines(keepends=True)
    kept = lines[0][:cut] if cut == 10 else b"".join(lines[:5])[:cut]
    part.write_bytes(kept)
    found = evaluated(archive, part, capsys, "--resume", "--processes", "1").replace(str(part), str(whole))
    assert without_times(found) == without_times(wanted)
    assert without_times(part.read_text()) == without_times(whole.read_text())
    complete = kept.count(b"\n")
    assert part.read_bytes().splitlines()[:complete] == kept.splitlines()[:complete]  # not read again


def test_several_processes_write_the_same_lines(archive, tmp_path, capsys):
    for processes in "12":
        evaluated(archive, tmp_path / processes, capsys, "--processes", processes)
    assert without_times((tmp_path / "1").read_text()) == without_times((tmp_path / "2").read_text())


def test_a_file_of_other_settings_or_inks_is_not_continued(archive, tmp_path, capsys):
    output = tmp_path / "out.jsonl"
    command = ["eval", "default", "--inkml", str(archive), "--results", str(output), "--processes", "1"]
    evaluated(archive, output, capsys, "--processes", "1")
    before = output.read_bytes()
    assert main(command) == 2
    assert "exists: give --resume" in capsys.readouterr().err
    assert main([*command, "--resume", "--beam", "2"]) == 2
    assert "was made with beams 1, not 2" in capsys.readouterr().err
    lines = before.splitlines(keepends=True)
    output.write_bytes(b"".join([lines[0], lines[2], *lines[3:]]))
    assert main([*command, "--resume"]) == 2
    assert "as ink 1, and the inks to read have '00.inkml'" in capsys.readouterr().err
    output.write_text("hello\n")
    assert main([*command, "--resume"]) == 2
    assert "line 1 is not a line of results" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--resume"], "--resume continues the file of --results"),
        (["--results", "o", "--json", "j", "--report", "r"], "--json and --report cannot be made with --results"),
        (["--results", "/none/o"], "--results /none/o cannot be written"),
    ],
)
def test_options_that_contradict_each_other(archive, arguments, reason, capsys):
    assert main(["eval", "default", "--inkml", str(archive), *arguments]) == 2
    assert reason in capsys.readouterr().err


def test_no_more_inks_than_the_limit_are_in_memory(archive, monkeypatch):
    monkeypatch.setattr(parallel, "IN_FLIGHT", 4)
    taken = 0

    def counted():
        nonlocal taken
        for sample in ink_samples(archive):
            taken += 1
            yield sample

    for done, _ in enumerate(map_inks(recognizer_opener("default", beams=1), read, counted(), 2), 1):
        assert taken - done < 4
    assert done == taken


def test_readings_are_written_like_printed_ones_and_continue(archive, tmp_path, capsys):
    output = tmp_path / "out.jsonl"
    assert main(["recognize", str(archive), "-n", "2", "--jsonl"]) == 1
    printed = without_times(capsys.readouterr().out)
    command = ["recognize", str(archive), "-n", "2", "--results", str(output)]
    assert main([*command, "--processes", "2"]) == 1
    settings, *lines = output.read_text().splitlines(keepends=True)
    assert json.loads(settings)["settings"]["n"] == 2
    assert without_times("".join(lines)) == printed
    output.write_text("".join([settings, *lines[:3], lines[3][:9]]))
    assert main([*command, "--resume"]) == 1
    assert without_times("".join(output.read_text().splitlines(keepends=True)[1:])) == printed
    assert main(["recognize", str(archive), "-n", "1", "--results", str(output), "--resume"]) == 2
    assert "was made with n 2, not 1" in capsys.readouterr().err


def test_readings_of_several_folders_continue(archive, tmp_path, capsys):
    output, folder = tmp_path / "out.jsonl", tmp_path / "ink"
    folder.mkdir()
    (folder / "a.inkml").write_text(write_inkml(next(iter(inks().values()))))
    command = ["recognize", str(folder), str(archive), "--results", str(output)]
    assert main(command) == 1
    whole = output.read_text()
    output.write_text("".join(whole.splitlines(keepends=True)[:4]))
    assert main([*command, "--resume"]) == 1
    assert without_times(output.read_text()) == without_times(whole)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--processes", "0"], "--processes 0: give 1 or more"),
        (["--resume"], "--resume continues the file of --results"),
        (["--results", "out", "--jsonl"], "leave out --jsonl"),
        (["-", "--results", "out"], "- cannot be read again"),
    ],
)
def test_wrong_settings_of_recognize(archive, arguments, reason, capsys):
    assert main(["recognize", str(archive), *arguments]) == 2
    assert reason in capsys.readouterr().err


def test_lines_that_are_not_read_yet_stay(tmp_path):
    path = tmp_path / "out.jsonl"
    with ResultLines(path, {"n": 1}, False) as lines:
        lines.append({"file": "a"})
    seen = []
    with ResultLines(path, {"n": 1}, True, seen.append) as lines:
        assert not lines.is_new("a")
        assert lines.is_new("b")
        lines.append({"file": "b"})
        assert lines.count == 2
    assert seen == [{"file": "a"}]
    assert [json.loads(line).get("file") for line in path.read_text().splitlines()] == [None, "a", "b"]
    with pytest.raises(EvaluationError, match="'a' as ink 1"):
        ResultLines(path, {"n": 1}, True).is_new("c")
