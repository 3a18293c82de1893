from tegashiki.cli import main
from tegashiki.ink.ink import Ink
from tegashiki.kit.grammar_table import grammar_table
from tegashiki.latex.grammar import Grammar
from tegashiki.latex.vocabulary import DEFAULT_VOCABULARY, EOS_ID
from tegashiki.memory.introduction import SYMBOLS, introduction
from tegashiki.memory.memory import WriterMemory
from tests.memory.teachable import strokes


def test_every_symbol_is_a_formula_by_itself():
    assert len(SYMBOLS) == len(set(SYMBOLS)) == 20
    grammar = Grammar(DEFAULT_VOCABULARY)
    for symbol in SYMBOLS:
        state = grammar.advance(grammar.start(), DEFAULT_VOCABULARY.index(symbol))
        assert grammar.allowed(state)[EOS_ID], symbol


def test_symbols_that_a_memory_holds_are_left_out():
    memory = WriterMemory()
    memory.learn(Ink(tuple(strokes(2))), SYMBOLS[3])
    memory.learn(Ink(tuple(strokes(3))), f"{SYMBOLS[0]} + {SYMBOLS[1]}")  # in a formula, not by themselves
    assert introduction(memory) == SYMBOLS[:3] + SYMBOLS[4:]
    assert introduction() == SYMBOLS
    assert introduction(writable={"7", "0", "q"}) == ("0", "7")


def test_other_languages_find_the_symbols_in_the_grammar_table():
    assert grammar_table(DEFAULT_VOCABULARY)["introduction"] == list(SYMBOLS)


def test_the_command_lists_what_is_missing(tmp_path, capsys):
    path = tmp_path / "me.json"
    assert main(["memory", "introduction", str(path)]) == 0
    assert capsys.readouterr().out.splitlines() == list(SYMBOLS)
    assert not path.exists()
    memory = WriterMemory(path)
    memory.learn(Ink(tuple(strokes(2))), SYMBOLS[4])
    memory.save()
    assert main(["memory", "introduction", str(path), "--restrict", "calculator"]) == 0
    listed = capsys.readouterr().out.splitlines()
    assert "1" in listed
    assert SYMBOLS[4] not in listed
    assert "x" not in listed
    assert main(["memory", "introduction", str(path), "--restrict", "nothing"]) == 2
    assert "no restriction 'nothing'" in capsys.readouterr().err
