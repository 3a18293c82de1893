import json

import numpy as np
import pytest

from tegashiki.cli import main
from tegashiki.ink.ink import Ink
from tegashiki.ink.inkml import write_inkml
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


def test_candidates_under_a_threshold_are_left_out(path, capsys):
    _, every, _ = probabilities(path, capsys)
    assert len(every) == 5
    threshold = (every[1] + every[2]) / 2
    assert probabilities(path, capsys, "--reject-below", str(threshold)) == (0, every[:2], None)


def test_an_ink_that_is_rejected_is_named(path, capsys):
    status, left, error = probabilities(path, capsys, "--reject-below", "0.999")
    assert (status, left) == (1, [])
    assert error.startswith("rejected: its likeliest reading has probability 0.")


@pytest.mark.parametrize("value", ["-0.1", "1.5", "nan"])
def test_a_threshold_that_is_no_probability_is_refused(path, value, capsys):
    assert main(["recognize", str(path), "--reject-below", value]) == 2
    assert "give a probability, 0 to 1" in capsys.readouterr().err


@pytest.mark.parametrize("paths", [[""], ["default", ""], ["", "ink.inkml"]])
def test_an_empty_path_is_not_the_current_directory(path, paths, monkeypatch, capsys):
    monkeypatch.chdir(path.parent)
    assert main(["recognize", *paths]) == 2
    assert "one of the paths is empty" in capsys.readouterr().err


@pytest.mark.parametrize(("bias", "complete"), [(-30, False), (30, True)])
def test_whether_a_reading_is_whole_is_told(path, capsys, monkeypatch, bias, complete):
    recognizer = fake_recognizer()
    recognizer.backend.bias[2] = bias  # of the end token
    monkeypatch.setattr(Recognizer, "load", classmethod(lambda cls, path=None, **settings: recognizer))
    assert main(["recognize", str(path), "--jsonl"]) == 0
    assert json.loads(capsys.readouterr().out)["candidates"][0]["complete"] is complete


def test_inks_of_several_places_are_told_apart(path, tmp_path, capsys):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / path.name).write_bytes(path.read_bytes())
    assert main(["recognize", *(str(tmp_path / each) for each in ("a", "b", path.name)), "--jsonl"]) == 0
    files = [json.loads(line)["file"] for line in capsys.readouterr().out.splitlines()]
    assert files == [str(tmp_path / each) for each in ("a/ink.inkml", "b/ink.inkml", "ink.inkml")]
