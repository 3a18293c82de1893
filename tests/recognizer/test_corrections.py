"""Run the commands of docs/input-method.md for learning from corrections on inks that a session saved."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tegashiki import Recognizer
from tegashiki.latex.tokenizer import join
from tegashiki.synthesis.embedded import draw

ROOT = Path(__file__).parent.parent.parent
DOCUMENT = (ROOT / "docs" / "input-method.md").read_text("utf-8")
QUICKLY = ["--set", "data.buckets=1", "--set", "train.steps=4", "--set", "train.validate_every=2"]


def commands():
    """Return the documented commands, split into words."""
    block = re.search(r"## From corrections.*?```\n(.*?)```", DOCUMENT, re.DOTALL)[1]
    return [shlex.split(command) for command in block.replace("\\\n", " ").split("&&")]


@pytest.mark.slow
def test_corrections_can_train_a_model(tmp_path):
    session = Recognizer.load().session()
    for index in range(20):
        folder = tmp_path / "corrections" / ("valid" if index % 4 == 0 else "train")
        folder.mkdir(parents=True, exist_ok=True)
        example = draw("train", index)
        for points in example.ink.strokes:
            session.add_stroke(points)
        session.save(folder / f"{index}.inkml", join(example.tokens))
        session.clear()
    prepare, train, export = commands()
    (tmp_path / "configs").symlink_to(ROOT / "configs")
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    for command in (prepare, [*train, *QUICKLY], export):
        if command[0] == "python":
            command = [sys.executable, str(ROOT / "train.py"), *command[2:]]
        else:
            command = [str(Path(sys.executable).with_name("tegashiki")), *command[1:]]
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, f"{command}: {done.stderr[-2000:]}"
    assert "too few inks to calibrate on" in done.stdout + done.stderr, (
        "the document says that fewer than 100 inks are too few to calibrate on"
    )
    assert Recognizer.load(tmp_path / "mine.tflite").recognize(example.ink)[0].latex
