import json

import numpy as np
import pytest

from tegashiki.cli import main
from tegashiki.datasets import people
from tegashiki.datasets.builder import DatasetError
from tegashiki.datasets.crohme import Crohme
from tegashiki.datasets.lines import Lines
from tegashiki.datasets.people import People, Place, kind_of, people_of, places_of
from tegashiki.datasets.prepared import load_examples, open_builder
from tegashiki.datasets.symbols import Symbols
from tegashiki.ink.ink import Ink
from tegashiki.latex.symbols import DIGITS, LATIN
from tegashiki.synthesis.embedded import generate
from tegashiki.synthesis.held_out_formulas import is_held_out_formula

HELD_OUT = "unipen-x-BNGM-227"
SIGNS = "+-=()[]|{<>/.,:*%$!@"


def stroke(seed):
    return np.random.default_rng(seed).integers(0, 100, (5, 2)).tolist()


@pytest.fixture
def data_dir(crohme_source, tmp_path, monkeypatch):
    """Return artificial datasets for `people`. In each source a person drew either all needed classes or hardly any."""
    monkeypatch.setattr(people, "INKS", dict.fromkeys(people.INKS, (2, 1, 1, 1, 1)))
    monkeypatch.setattr(people, "FEWEST_CLASSES", 2)
    monkeypatch.setattr(people, "ATTEMPTS", 30)
    source, data_dir = tmp_path / "ink", tmp_path / "data"
    source.mkdir()
    rows = {
        "chars74k.jsonl": [(label, "chars74k-01") for label in (*DIGITS, *LATIN)],
        "unipen-isolated-rest.jsonl": [(label, HELD_OUT) for label in (*DIGITS, *LATIN, *SIGNS)]
        + [("a", "unipen-x-MWBK4038")],
    }
    for name, drawn in rows.items():
        lines = (
            {"id": f"{number}", "label": label, "writer": writer, "strokes": [stroke(number)]}
            for number, (label, writer) in enumerate(drawn)
        )
        (source / name).write_text("\n".join(map(json.dumps, lines)))
    (source / "unipen-isolated-writers.tsv").write_text("x\tunipen-x-y\n")
    written = [
        {"text": "1+2=3", "label": None, "lines": 1, "writer": writer, "strokes": [stroke(1)]}
        for writer in (HELD_OUT, "unipen-x-MWBK4038")
    ]
    (source / "unipen-lines.jsonl").write_text("\n".join(map(json.dumps, written)))
    for builder, place in ((Symbols, source), (Lines, source), (Crohme, crohme_source)):
        builder(data_dir=data_dir, source=place).download_and_prepare()
    (data_dir / "formulas").mkdir()
    papers = "\n".join(f"a = b + {number} - c" for number in range(200))
    (data_dir / people.FORMULAS.removesuffix(".xz")).write_text(papers)
    monkeypatch.setattr(people, "FORMULAS", people.FORMULAS.removesuffix(".xz"))
    return data_dir


def test_every_person_writes_formulas_that_are_kept_out_of_training(data_dir, capsys, tmp_path):
    assert main(["prepare", "people", "--data-dir", str(data_dir)]) == 0
    assert "drew too few classes" in capsys.readouterr().out
    examples = {example.ink.source: example for example in load_examples("people", "validation", data_dir)}
    assert f"lines/numbers/{HELD_OUT}/0001" in examples and not any("MWBK" in name for name in examples)
    made = {name: example for name, example in examples.items() if not name.startswith("lines/")}
    assert {name.split("/")[0] for name in made} >= {"chars74k", "unipen"}
    assert {"numbers", "algebra"} <= {name.split("/")[1] for name in made}
    assert all(example.ink.writer == name.split("/")[2] for name, example in made.items())
    assert all(is_held_out_formula(example.tokens) for example in made.values())
    assert len({example.tokens for example in made.values()}) == len(made)
    assert all((example.stroke_tokens >= 0).all() for example in made.values())
    about = open_builder("people", data_dir).info
    assert about.metadata["borrowed"]["unipen/numbers"] == 0.0 < about.metadata["borrowed"]["chars74k"]
    assert about.metadata["made_from"] == ["crohme/1.0.0", "symbols/2.0.0", "lines/1.0.0"]
    assert all(part in about.redistribution_info.license for part in ("CROHME", "UNIPEN", "Chars74K"))
    again = tmp_path / "again"
    again.symlink_to(data_dir)
    assert main(["prepare", "people", "--data-dir", str(again), "--name", "again"]) == 0
    for example in load_examples("people/again", "validation", again):
        same = examples[example.ink.source]
        assert example.tokens == same.tokens
        np.testing.assert_array_equal(np.concatenate(example.ink.strokes), np.concatenate(same.ink.strokes))


def test_missing_sources_are_errors(data_dir, tmp_path, capsys):
    (data_dir / people.FORMULAS).unlink()
    with pytest.raises(DatasetError, match="no file of formulas"):
        People(data_dir=data_dir).download_and_prepare()
    with pytest.raises(DatasetError, match="leave out --source"):
        People(data_dir=data_dir, source=tmp_path).download_and_prepare()
    assert main(["prepare", "people", "--data-dir", str(tmp_path / "empty")]) == 2
    assert "symbols is not prepared" in capsys.readouterr().err


def test_symbols_are_cut_out_of_linked_inks_by_writer():
    examples = generate("train", 40)
    found = people_of(examples)
    assert [person.name for person in found] == sorted({example.ink.writer for example in examples})
    assert set().union(*(person.classes for person in found)) == {
        example.tokens[token] for example in examples for token in set(example.stroke_tokens.tolist())
    }
    one = examples[0]
    unlinked = type(one)(one.ink, one.tokens, np.full_like(one.stroke_tokens, -1))
    nameless = type(one)(Ink(one.ink.strokes), one.tokens, one.stroke_tokens)
    assert people_of([unlinked, nameless]) == []


def test_places_and_kinds_of_formulas():
    places = list(places_of("chars74k", "p"))
    assert len(places) == 12 and len(set(map(str, places))) == 12
    assert str(Place("unipen", "sums", "p", 3)) == "unipen/sums/p/03"
    assert kind_of((r"\int", "x", "=", r"\sum", "y")) == "sums"
    assert kind_of((r"\int", "x", "=", "y")) == "calculus"
    assert kind_of(("x", "=", "y")) == "algebra" and kind_of(("x",)) == ""
