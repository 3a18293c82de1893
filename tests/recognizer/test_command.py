import io
import json
import sys
import zipfile

import numpy as np
import pytest

from tegashiki.cli import main
from tegashiki.decoding.search import NoReadingError
from tegashiki.ink.ink import Ink
from tegashiki.ink.inkml import MAX_BYTES, write_inkml
from tegashiki.ink.json_ink import write_json
from tegashiki.recognizer.recognizer import Recognizer
from tests.recognizer.fake_recognizer import fake_recognizer


@pytest.fixture
def path(tmp_path, monkeypatch):
    monkeypatch.setattr(Recognizer, "load", classmethod(lambda cls, path=None, **settings: fake_recognizer(**settings)))
    path = tmp_path / "ink.inkml"
    path.write_text(write_inkml(Ink(tuple(np.random.default_rng(0).normal(size=(3, 5, 2))))))
    return path


def probabilities(path, capsys, *arguments):
    status = main(["recognize", str(path), "-n", "5", "--jsonl", *arguments])
    line = json.loads(capsys.readouterr().out)
    return status, [candidate["probability"] for candidate in line["candidates"]], line["error"]


def test_candidates_below_the_threshold_are_left_out(path, capsys):
    _, every, _ = probabilities(path, capsys)
    assert len(every) == 5
    threshold = (every[1] + every[2]) / 2
    assert probabilities(path, capsys, "--reject-below", str(threshold)) == (0, every[:2], None)


def test_a_rejected_ink_is_reported(path, capsys):
    status, left, error = probabilities(path, capsys, "--reject-below", "0.999")
    assert (status, left) == (1, [])
    assert error.startswith("rejected: its best candidate has probability 0.")


@pytest.mark.parametrize("value", ["-0.1", "1.5", "nan"])
def test_a_threshold_outside_0_to_1_is_refused(path, value, capsys):
    assert main(["recognize", str(path), "--reject-below", value]) == 2
    assert "give a probability, 0 to 1" in capsys.readouterr().err


@pytest.mark.parametrize("paths", [[""], ["default", ""], ["", "ink.inkml"]])
def test_an_empty_path_is_not_the_current_directory(path, paths, monkeypatch, capsys):
    monkeypatch.chdir(path.parent)
    assert main(["recognize", *paths]) == 2
    assert "one of the paths is empty" in capsys.readouterr().err


@pytest.mark.parametrize(("bias", "complete"), [(-30, False), (30, True)])
def test_complete_is_part_of_the_output(path, capsys, monkeypatch, bias, complete):
    recognizer = fake_recognizer()
    recognizer.backend.bias[2] = bias  # of the end token
    monkeypatch.setattr(Recognizer, "load", classmethod(lambda cls, path=None, **settings: recognizer))
    assert main(["recognize", str(path), "--jsonl"]) == 0
    assert json.loads(capsys.readouterr().out)["candidates"][0]["complete"] is complete


def test_inks_of_several_paths_have_distinct_names(path, tmp_path, capsys):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / path.name).write_bytes(path.read_bytes())
    assert main(["recognize", *(str(tmp_path / each) for each in ("a", "b", path.name)), "--jsonl"]) == 0
    files = [json.loads(line)["file"] for line in capsys.readouterr().out.splitlines()]
    assert files == [str(tmp_path / each) for each in ("a/ink.inkml", "b/ink.inkml", "ink.inkml")]


def test_an_ink_without_a_reading_is_reported_and_the_others_are_read(path, capsys, monkeypatch):
    recognizer = fake_recognizer()
    read = recognizer.recognize

    def recognize(ink, n):
        if len(ink.strokes) == 1:
            raise NoReadingError("no reading obeys the rules")
        return read(ink, n)

    recognizer.recognize = recognize
    monkeypatch.setattr(Recognizer, "load", classmethod(lambda cls, path=None, **settings: recognizer))
    (path.parent / "a.json").write_text(write_json(Ink([[(0, 0), (1, 1)]])))
    assert main(["recognize", str(path.parent)]) == 1
    said = capsys.readouterr()
    assert said.out.startswith("ink.inkml\t")
    assert said.err == "a.json: no reading obeys the rules\n"


@pytest.fixture
def standard_input(monkeypatch):
    def give(data):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))

    return give


INK = Ink(([(0, 0), (9, 9)], [(0, 9), (9, 0)]))
DOCUMENT = write_inkml(INK)


@pytest.mark.parametrize(
    "data",
    [
        DOCUMENT.encode(),
        b"\xef\xbb\xbf" + DOCUMENT.encode(),
        ('<?xml version="1.0" encoding="UTF-16"?>' + DOCUMENT).encode("utf-16"),
        b"\n  " + write_json(INK).encode(),
        b"\n" * 100 + write_json(INK).encode(),
        b" " * 100 + DOCUMENT.encode(),
    ],
)
@pytest.mark.parametrize("model", [[], ["default"]])
def test_ink_is_read_from_standard_input(path, data, model, standard_input, capsys):
    standard_input(data)
    assert main(["recognize", *model, "-", "--jsonl"]) == 0
    line = json.loads(capsys.readouterr().out)
    assert (line["file"], line["error"]) == ("-", None)
    assert main(["recognize", str(path), "-"]) == 1  # stdin is now empty
    assert "-: standard input is empty: expected InkML or JSON" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "standard input is empty"),
        (b"hello", "standard input is neither InkML nor JSON"),
        (b"PK\x03\x04", "neither InkML nor JSON: give an archive as a file"),
        (b"<ink>", "-: line 1"),
        (b"[1]", "is not a JSON object"),
        (b"<" * (MAX_BYTES + 1), f"more than {MAX_BYTES} bytes, the limit"),
    ],
)
def test_invalid_standard_input_is_reported(path, data, said, standard_input, capsys):
    standard_input(data)
    assert main(["recognize", "-"]) == 1
    error = capsys.readouterr().err
    assert said in error and error.count("-: ") == 1


def test_standard_input_can_be_given_only_once(path, standard_input, capsys):
    standard_input(b"")
    assert main(["recognize", "-", "-"]) == 2
    assert "- is there more than once" in capsys.readouterr().err


def test_errors_name_the_ink_once(path, capsys):
    (path.parent / "bad.json").write_text("{")
    assert main(["recognize", str(path.parent)]) == 1
    assert capsys.readouterr().err.startswith("bad.json: line 1, column 2: not JSON")
    assert main(["recognize", str(path.parent / "bad.json"), str(path.parent)]) == 1
    errors = capsys.readouterr().err.splitlines()
    assert [error.split(": ")[1] for error in errors] == ["line 1, column 2"] * 2
    assert main(["recognize", str(path.parent / "bad.json"), "--jsonl"]) == 1
    line = json.loads(capsys.readouterr().out)
    assert line["file"] == "bad.json" and line["error"].startswith("line 1, column 2")


@pytest.mark.parametrize(
    ("name", "shown"), [("a\nb\tc", r"a\nb\tc"), ("\x1b[2Jé", r"\x1b[2Jé"), ("a\u2028b\x85", r"a\u2028b\x85")]
)
def test_a_file_name_cannot_break_the_lines_of_the_output(path, name, shown, capsys):
    with zipfile.ZipFile(path.parent / "inks.zip", "w") as archive:
        archive.write(path, f"{name}/1.inkml")
        archive.writestr(f"{name}/2.json", "{}")
    assert main(["recognize", str(path.parent / "inks.zip")]) == 1
    said = capsys.readouterr()
    assert said.out.split("\t")[0] == f"{shown}/1.inkml"
    assert said.out.count("\n") == 1
    assert said.err.startswith(f"{shown}/2.json: ")
    assert said.err.count("\n") == 1
    assert main(["recognize", str(path.parent / "inks.zip"), "--jsonl"]) == 1
    assert json.loads(capsys.readouterr().out.split("\n")[0])["file"] == f"{name}/1.inkml"


def test_a_zip_is_read_like_a_folder(path, capsys):
    with zipfile.ZipFile(path.parent / "inks.zip", "w") as archive:
        archive.write(path, "sub/a.inkml")
    assert main(["recognize", str(path.parent / "inks.zip")]) == 0
    assert capsys.readouterr().out.startswith("sub/a.inkml\t")


def test_the_lines_of_an_ink_are_read_apart(path, tmp_path, capsys):
    symbol = np.array([[0, 0], [3, 10], [8, 2]], float)
    strokes = tuple(symbol + np.array([12 * x, y]) for y in (0, 40) for x in range(3))
    path.write_text(write_inkml(Ink(strokes)))
    results = tmp_path / "out.jsonl"
    for arguments, names in ([], ["ink.inkml"]), (["--lines"], ["ink.inkml:1", "ink.inkml:2"]):
        assert main(["recognize", str(path), *arguments]) == 0
        assert [line.split("\t")[0] for line in capsys.readouterr().out.splitlines()] == names
    for _ in range(2):  # the second run continues and finds nothing to do
        assert main(["recognize", str(path), "--lines", "--results", str(results), "--resume"]) == 0
        written = [json.loads(line) for line in results.read_text("utf-8").splitlines()][1:]
        assert [line["file"] for line in written] == ["ink.inkml:1", "ink.inkml:2"]
    assert [line["candidates"][0]["latex"] for line in written] == [
        reading.latex for reading in fake_recognizer().read_lines(Ink(strokes)).lines
    ]
