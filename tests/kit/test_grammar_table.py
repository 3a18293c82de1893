"""The table is the grammar: run over it, random sequences may go where `Grammar` says, and nowhere else."""

import json
import random
import re
from pathlib import Path

import numpy as np
import pytest

from tegashiki.cli import main
from tegashiki.kit.grammar_table import grammar_table
from tegashiki.latex.automaton import as_text
from tegashiki.latex.grammar import Grammar
from tegashiki.latex.normalize import visible_tokens
from tegashiki.latex.vocabulary import CLOSERS, DEFAULT_VOCABULARY, EOS_ID, RESTRICTIONS
from tegashiki.memory import neighbours
from tegashiki.memory.memory import WriterMemory
from tegashiki.recognizer import assignment, session
from tegashiki.recognizer.recognizer import DEFAULT_MODEL

COMMITTED = Path(__file__).parents[2] / "web" / "src" / "recognizer" / "grammar.json"


class Runner:
    """What a reader of the table does."""

    def __init__(self, table):
        self.table = table
        self.kinds = {(group, phase, word): row for group, phase, word, row in table["kinds"]}
        self.groups, self.phase, self.word = list(table["start"]["groups"]), 0, 0
        self.closing = table["start"]["closing_length"]

    def action(self, token):
        row = self.kinds[self.groups[-1], self.phase, self.word]
        index = row[self.table["tokens"][token]] if token in self.table["tokens"] else -1
        if index < 0:
            return None
        action = self.table["actions"][index]
        return None if action[5] and len(self.groups) >= self.table["max_depth"] else action

    def advance(self, token):
        groups, self.phase, self.word, change, visible, _ = self.action(token)
        self.groups[-1:] = groups
        self.closing += change
        return visible


@pytest.fixture(scope="module")
def table():
    return json.loads(as_text(grammar_table(DEFAULT_VOCABULARY)))


@pytest.mark.parametrize("seed", range(12))
def test_random_walks_are_those_of_the_grammar(table, seed):
    chooser, grammar = random.Random(seed), Grammar(DEFAULT_VOCABULARY)
    runner, state, tokens, visible = Runner(table), grammar.start(), [], []
    every = [DEFAULT_VOCABULARY.token(i) for i in range(len(DEFAULT_VOCABULARY))]
    depth = chooser.choice((4, 60))  # some go as deep as it gets
    for _ in range(150):
        allowed = grammar.allowed(state)
        assert [runner.action(token) is not None for token in every] == allowed.tolist()
        assert runner.closing == grammar.closing_length(state)
        if allowed[EOS_ID]:
            assert [i for i, seen in enumerate(visible) if seen] == visible_tokens(tokens)
        openers = [i for i in np.flatnonzero(allowed) if every[i] in ("{", "[", "_", "\\frac", "\\sqrt", "\\hat")]
        closers = [i for i in np.flatnonzero(allowed) if every[i] in ("}", "]", "\\end{matrix}")]
        pool = (openers if len(state.groups) < depth else closers) if chooser.random() < 0.6 else None
        token_id = int(chooser.choice(pool or [i for i in np.flatnonzero(allowed) if i != EOS_ID]))
        visible.append(runner.advance(every[token_id]))
        tokens.append(every[token_id])
        state = grammar.advance(state, token_id)


def test_the_command_writes_the_table_whole_or_not_at_all(table, tmp_path, monkeypatch, capsys):
    path, model = tmp_path / "grammar.json", tmp_path / "model.tflite"
    assert main(["grammar", "--output", str(path)]) == 0
    assert json.loads(path.read_text()) == table

    def half(path, text, *_):
        path.write_bytes(text.encode()[:99])
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr(Path, "write_text", half)
        assert main(["grammar", "--output", str(path)]) == 2
    assert f"No space left on device: '{path}'\n" in capsys.readouterr().err
    assert json.loads(path.read_text()) == table
    model.write_bytes(DEFAULT_MODEL.read_bytes())
    assert main(["grammar", str(model), "--output", str(model)]) == 2
    assert f"--output {model} is another file of this command" in capsys.readouterr().err
    assert model.read_bytes() == DEFAULT_MODEL.read_bytes()


def test_the_page_has_this_grammar():
    if not COMMITTED.exists():
        pytest.skip("an installation without the sources of the page")
    assert COMMITTED.read_text() == as_text(grammar_table(DEFAULT_VOCABULARY)), "run `make web`"


def test_the_table_has_the_constants_of_python(table):
    assert table["constants"]["doubt"] == assignment.DOUBT
    assert table["constants"]["distance_points"] == len(assignment.SAMPLES)
    assert table["constants"]["alternatives_tried"] == session.ALTERNATIVES_TRIED
    assert table["memory"]["least_cosine"] == neighbours.LEAST_COSINE
    assert table["memory"]["most_tokens"] == WriterMemory().most_tokens
    assert set(table["closers"]) == CLOSERS
    assert {name: frozenset(tokens) for name, tokens in table["restrictions"].items()} == RESTRICTIONS


@pytest.mark.parametrize("folder", ["web/src/recognizer", "tegashiki/kit"])
def test_no_other_language_states_a_constant_again(table, folder):
    root = Path(__file__).parents[2] / folder
    if not root.exists():
        pytest.skip("an installation without these sources")
    sources = [path for path in root.rglob("*") if path.suffix in (".ts", ".java")]
    common = {3.0, 0.5, 8.0, 0.1, 0.3, 16.0, 128.0, 200.0}  # too common to tell
    stated = {float(number) for name in ("constants", "memory") for number in table[name].values()} - common
    pattern = re.compile(r"(?<![\w.])\d[\d_]*(?:\.\d+)?(?:e\d+)?(?![\w.])")
    found = [
        f"{path.name}: {line.strip()}"
        for path in sources
        for line in path.read_text("utf-8").splitlines()
        for number in pattern.findall(line.split("//")[0])
        if float(number.replace("_", "")) in stated and not line.lstrip().startswith("*")
    ]
    assert sources and not found
