import json

import pytest

from tegashiki.cli import main
from tegashiki.ink.ink import Ink
from tegashiki.ink.inkml import write_inkml
from tegashiki.memory.memory import WriterMemory
from tests.memory.teachable import strokes


@pytest.fixture
def inks(tmp_path):
    folder = tmp_path / "inks"
    folder.mkdir()
    for seed, label in enumerate(["x^2", r"\frac{a}{b}", "y"]):
        (folder / f"{seed}.inkml").write_text(write_inkml(Ink(tuple(strokes(2, seed)), label)), "utf-8")
    return folder


@pytest.fixture
def memory(tmp_path, inks):
    path = tmp_path / "me.json"
    assert main(["memory", "learn", str(path), str(inks)]) == 0
    return path


def labels(path):
    return [formula.latex for formula in WriterMemory.open(path).formulas]


def test_learn_creates_a_file_with_keys_and_show_lists_it(memory, capsys):
    assert labels(memory) == ["x^{2}", r"\frac{a}{b}", "y"]
    assert all(formula.keys is not None for formula in WriterMemory.open(memory).formulas)
    capsys.readouterr()
    assert main(["memory", "show", str(memory), "--last", "2"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("\t")[0] for line in lines[:2]] == ["1", "2"]
    assert lines[0].endswith(r"\frac{a}{b}")
    assert lines[2].startswith("3 formulas, 16 of at most 4000 tokens")


def test_learn_by_labels_and_by_latex(tmp_path, inks, memory, capsys):
    table = tmp_path / "labels.tsv"
    table.write_text("0\tz\n1\tx^{\n", "utf-8")
    assert main(["memory", "learn", str(memory), str(inks), "--labels", str(table)]) == 1
    assert labels(memory) == [r"\frac{a}{b}", "y", "z"]
    said = capsys.readouterr().err
    assert "1.inkml: LaTeX" in said
    assert "2.inkml: the LaTeX is empty" in said
    assert main(["memory", "learn", str(memory), str(inks / "1.inkml"), "--latex", "{a} b"]) == 0
    assert labels(memory) == ["y", "z", "ab"]


def test_forget(memory):
    assert main(["memory", "forget", str(memory), "0", "y"]) == 0
    assert labels(memory) == [r"\frac{a}{b}"]
    assert main(["memory", "forget", str(memory), "--all"]) == 0
    assert labels(memory) == []


@pytest.mark.parametrize("choices", [["0", "0"], ["x^2", "x ^ {2}"], ["0", "x^2"], ["x^2", "000000"]])
def test_a_formula_that_is_chosen_twice_is_forgotten_once(memory, choices, capsys):
    assert main(["memory", "forget", str(memory), *choices]) == 0
    assert "1 formulas forgotten" in capsys.readouterr().out
    assert labels(memory) == [r"\frac{a}{b}", "y"]


def test_merge_and_export(tmp_path, memory):
    new = tmp_path / "all.json"
    assert main(["memory", "merge", str(new), str(memory)]) == 0
    assert labels(new) == labels(memory)
    assert main(["memory", "export", str(new), str(tmp_path / "out"), "--writer", "me"]) == 0
    assert len(list((tmp_path / "out").glob("*.inkml"))) == 3


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["show", "gone.json"], "no memory gone.json"),
        (["forget", "ME"], "give the formulas to forget"),
        (["forget", "ME", "1", "--all"], "give the formulas to forget"),
        (["forget", "ME", "3"], "no formula 3: the memory has 3"),
        (["forget", "ME", "9" * 5000], f"no formula {'9' * 20}...: the memory has 3"),
        (["forget", "ME", "0", "q"], "no formula 'q'"),
        (["merge", "ME", "gone.json"], "no memory gone.json"),
        (["merge", "ME", "INKS/0.inkml"], "0.inkml is damaged, or not a writer's memory"),
        (["learn", "ME", "INKS", "--latex", "x"], "--latex is the label of one ink, and there are 3"),
        (["learn", "ME", "gone"], "no ink gone"),
        (["learn", "ME", "EMPTY"], "no ink in"),
        (["learn", "INKS/0.inkml", "INKS"], "0.inkml is damaged, or not a writer's memory"),
        (["show", "ME", "--last", "0"], "--last 0: give 1 or more"),
    ],
)
def test_errors_are_one_line_and_change_nothing(tmp_path, memory, inks, arguments, reason, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    places = {"ME": str(memory), "INKS": str(inks), "EMPTY": "empty"}
    arguments = [places.get(each, each.replace("INKS", str(inks))) for each in arguments]
    before = memory.read_bytes()
    capsys.readouterr()
    assert main(["memory", *arguments]) == 2
    said = capsys.readouterr().err
    assert reason in said
    assert said.count("\n") == 1
    assert memory.read_bytes() == before


def test_recognize_uses_a_memory(tmp_path, inks, capsys):
    ink, memory = str(inks / "0.inkml"), tmp_path / "me.json"
    assert main(["memory", "learn", str(memory), ink, "--latex", "x"]) == 0
    capsys.readouterr()
    before = memory.read_bytes()
    found = {}
    for given in ([], ["--memory", str(memory)]):
        assert main(["recognize", ink, "--jsonl", *given]) == 0
        found[bool(given)] = json.loads(capsys.readouterr().out)["candidates"][0]["latex"]
    assert found[True] == "x" != found[False]
    assert memory.read_bytes() == before


def test_recognize_ignores_a_damaged_memory(tmp_path, inks, capsys):
    path = tmp_path / "me.json"
    path.write_text("{}")
    assert main(["recognize", str(inks / "0.inkml"), "--memory", str(path)]) == 0
    said = capsys.readouterr()
    assert f"{path} is not a writer's memory" in said.err
    assert said.err.rstrip().endswith("reading goes on without it")
    assert said.out
    assert main(["recognize", str(inks / "0.inkml"), "--memory", str(tmp_path / "gone.json")]) == 2
