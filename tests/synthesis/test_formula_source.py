from collections import Counter
from random import Random

import pytest

from tegashiki.errors import UserError
from tegashiki.latex.normalize import normalize
from tegashiki.latex.vocabulary import DEFAULT_VOCABULARY, Vocabulary
from tegashiki.synthesis.formula_source import FormulaSource, read_lines, training_lines, validation_lines

LABELS = [tuple("a+b=c"), ("x", "^", "{", "2", "}")]


def test_every_formula_is_in_the_vocabulary():
    vocabulary = Vocabulary([*"0123456789+-=abcxy()", "^", "_", "{", "}", r"\frac"])
    source = FormulaSource(
        LABELS, [r"\frac{a}{b} + \gamma", "x + y"], vocabulary, grammar_formulas=0.4, paper_formulas=0.3
    )
    drawn = [source.draw(Random(seed)) for seed in range(100)]
    assert not any(vocabulary.missing(tokens) for tokens in drawn)
    assert drawn == [source.draw(Random(seed)) for seed in range(100)] and len(set(drawn)) > 20


def test_symbol_rows_have_all_standalone_classes_with_equal_probability():
    classes = ["x", "+", r"\Rightarrow", r"\frac", "{", r"\hat", r"\unknown"]
    source = FormulaSource(
        LABELS, [], DEFAULT_VOCABULARY, grammar_formulas=0.0, paper_formulas=0.0, symbol_rows=1.0, classes=classes
    )
    drawn = [source.draw(Random(seed)) for seed in range(600)]
    counts = Counter(token for tokens in drawn for token in tokens)
    assert counts.keys() == {"x", "+", r"\Rightarrow", "{", "}", "_", "^"}
    assert max(counts[token] for token in classes[:3]) < 1.2 * min(counts[token] for token in classes[:3])
    assert {sum(token in classes[:3] for token in tokens) for tokens in drawn} == set(range(1, 9))
    assert all(normalize(tokens) == tokens for tokens in drawn)


def test_symbol_rows_without_usable_classes_are_never_drawn():
    shares = {"grammar_formulas": 0.0, "paper_formulas": 0.0}
    plain = FormulaSource(LABELS, [], DEFAULT_VOCABULARY, **shares)
    empty = FormulaSource(LABELS, [], DEFAULT_VOCABULARY, **shares, symbol_rows=1.0, classes=[r"\frac"])
    assert [empty.draw(Random(seed)) for seed in range(5)] == [plain.draw(Random(seed)) for seed in range(5)]


@pytest.mark.parametrize("line", [r"\begin{equation} x \end{equation}", r"\frac{a}", ""])
def test_no_usable_line_is_an_error(line):
    source = FormulaSource(LABELS, [line] * 3, DEFAULT_VOCABULARY, grammar_formulas=0.0, paper_formulas=1.0)
    with pytest.raises(UserError, match=r"none of 1,000 lines .*set recombine\.paper_formulas=0"):
        source.draw(Random(0))


@pytest.mark.parametrize("papers", [0.0, 1.0])
def test_a_vocabulary_that_is_too_narrow_is_an_error(papers):
    source = FormulaSource(LABELS, ["x + y"], Vocabulary([r"\Omega"]), grammar_formulas=0.0, paper_formulas=papers)
    with pytest.raises(UserError, match="vocabulary"):
        source.draw(Random(0))


def test_read_lines_reads_a_file_or_names_it_in_the_error(tmp_path):
    path = tmp_path / "formulas.txt"
    path.write_bytes(b"x + y\n\n  a \n")
    assert read_lines(path) == ["x + y", "a"]
    path.write_bytes(b"x + \xe9\n")
    with pytest.raises(UserError, match=r"formulas\.txt cannot be read"):
        read_lines(path)
    with pytest.raises(UserError, match="no file of formulas"):
        read_lines(tmp_path / "nothing.txt")


def test_every_line_is_for_training_or_validation(tmp_path):
    path = tmp_path / "formulas.txt"
    path.write_text("\n".join(f"x + {number} = y" for number in range(400)))
    training, validation = training_lines(path), validation_lines(path)
    assert sorted(training + validation) == sorted(read_lines(path))
    assert 20 < len(validation) < 60
    spaced = [line.replace(" ", "  ") for line in validation]
    path.write_text("\n".join(spaced))
    assert validation_lines(path) == spaced and not training_lines(path)
