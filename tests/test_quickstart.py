import json
import subprocess
import sys
from pathlib import Path

import pytest

from tegashiki.commands import quickstart
from tegashiki.errors import UserError
from tegashiki.evaluation.metrics import score
from tegashiki.recognizer import recognizer
from tests.recognizer.fake_recognizer import fake_recognizer

ROOT = Path(__file__).parent.parent


def test_a_failing_command_is_named(capfd):
    with pytest.raises(UserError, match="tegashiki train ended with status 2"):
        quickstart._tegashiki("train", "no/config.py")
    printed = capfd.readouterr()
    assert "$ tegashiki train no/config.py" in printed.out
    assert "no config file no/config.py" in printed.err


def test_a_missing_shipped_model_is_reported(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(recognizer, "DEFAULT_MODEL", tmp_path / "default.tflite")
    assert quickstart._read_real(ROOT / "tests" / "fixtures" / "crohme") == []
    assert f"skipped real ink: there is no {tmp_path / 'default.tflite'}" in capsys.readouterr().out


def test_missing_real_ink_is_reported(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(recognizer, "DEFAULT_MODEL", tmp_path)
    assert quickstart._read_real(tmp_path / "nothing") == []
    assert f"there is no {tmp_path / 'nothing'}" in capsys.readouterr().out


def test_the_shipped_model_recognises_the_fixtures():
    if not recognizer.DEFAULT_MODEL.is_file():
        pytest.skip("no shipped model in this checkout")
    assert len(quickstart._read_real(ROOT / "tests" / "fixtures" / "crohme")) == 4


def test_unreadable_real_ink_does_not_hide_the_rest(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(recognizer, "DEFAULT_MODEL", tmp_path)
    monkeypatch.setattr(recognizer.Recognizer, "load", fake_recognizer)
    strokes = [[[0, 0], [1, 1]]]
    inks = {"a": strokes, "long": 9 * strokes, "none": []}
    for name, each in inks.items():
        (tmp_path / f"{name}.json").write_text(json.dumps({"strokes": each, "label": "x ^ {"}))
    (entry,) = quickstart._read_real(tmp_path)
    assert entry.truth == "x ^ {"
    printed = capsys.readouterr().out
    assert "  not recognised: long.json: the ink has 9 strokes" in printed
    assert "  not recognised: none.json: strokes: no strokes" in printed
    (tmp_path / "t.tar").write_text("no tar")
    assert quickstart._read_real(tmp_path / "t.tar") == []
    assert "cannot be read as a tar" in capsys.readouterr().out


def test_the_table_is_aligned():
    right, wrong = score([("x",)], [("x",)]), score([("y",)], [("x",)])
    lines = quickstart._table([("blind", 0.4, wrong), ("file", None, right)]).splitlines()
    assert len({len(line) for line in lines}) == 1
    assert lines[1].split() == ["blind", "40.0", "%", "0.0", "%", "100.0", "%", "100.0", "%", "1.000"]
    assert lines[2].split() == ["file", "100.0", "%", "100.0", "%", "100.0", "%", "0.000"]


@pytest.mark.slow
def test_the_quickstart(tmp_path):
    command = [sys.executable, "-m", "tegashiki.cli", "quickstart", "--workdir", tmp_path]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    blind, seeing, file = (line.split() for line in run.stdout.splitlines()[-3:])
    assert blind[0] == "blind" and file[-2] == "%" and (tmp_path / "inks.png").stat().st_size > 10_000
    assert float(seeing[2]) > float(blind[4]) + 30  # token accuracy in percent
