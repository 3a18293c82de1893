import numpy as np
import pytest

from tegashiki.datasets.alignment import stroke_tokens
from tegashiki.datasets.builder import label_ink
from tegashiki.datasets.crohme import read_labels
from tegashiki.ink.files import iterate_inks
from tegashiki.ink.ink import Ink, SymbolGroup
from tegashiki.latex.normalize import normalize

from .sources import DATA, ink, leaf, needs_data, row, strokes


def aligned(one, label):
    """Return the token that each stroke draws, None if unknown."""
    tokens = normalize(label)
    return [tokens[index] if index >= 0 else None for index in stroke_tokens(one, tokens)]


def test_a_fraction_bar_draws_the_frac_token():
    tree = leaf(0, tag="mfrac", children=(leaf(1, "a", "mn"), leaf(2, "b", "mn")))
    one = ink("", "- a b", tree)
    assert stroke_tokens(one, normalize(r"\frac{a}{b}")).tolist() == [0, 2, 5]
    assert aligned(one, r"\frac{a}{b}") == [r"\frac", "a", "b"]


def test_the_index_of_a_root_is_reordered_from_mathml_to_latex():
    tree = leaf(0, tag="mroot", children=(leaf(1, "x"), leaf(2, "3", "mn")))
    assert aligned(ink("", r"\sqrt x 3", tree), r"\sqrt[3]{x}") == [r"\sqrt", "x", "3"]


def test_equal_symbols_are_distinguished_by_position():
    one = ink("", "x 2 + x")
    assert stroke_tokens(one, normalize("x^2+x")).tolist() == [0, 3, 5, 6]


def test_scripts_are_put_into_the_order_of_the_label():
    tree = row(leaf(0, r"\int"), leaf(1, "b"), leaf(2, "a"), leaf(3, "x"))
    assert aligned(ink("", r"\int b a x", tree), r"\int_{a}^{b} x") == [r"\int", "b", "a", "x"]


def test_a_fraction_bar_after_its_numerator_is_found():
    tree = row(*(leaf(index, text) for index, text in enumerate("1+1-3")))
    assert aligned(ink("", "1 + 1 - 3", tree), r"\frac{1+1}{3}") == ["1", "+", "1", r"\frac", "3"]


@pytest.mark.parametrize(
    ("names", "label", "expected"),
    [
        ("1 . . . n", r"1 \cdots n", ["1", r"\cdots", r"\cdots", r"\cdots", "n"]),
        ("l o g x", r"\log x", [r"\log", r"\log", r"\log", "x"]),
        ("a COMMA b", "a,b", ["a", ",", "b"]),
        ("f '", "f'", ["f", r"\prime"]),
        ("a . b", r"a \cdot b", ["a", r"\cdot", "b"]),
        ("a − β ≤ ′", r"a-\beta\leq\prime", ["a", "-", r"\beta", r"\leq", r"\prime"]),
    ],
)
def test_other_spellings_of_names_in_files(names, label, expected):
    assert aligned(ink("", names), label) == expected


def test_symbols_of_several_strokes_and_groups():
    groups = (SymbolGroup("=", (0, 2), "s0"), SymbolGroup("x", (1,), "s1"), SymbolGroup("x", (3,), "s1"))
    one = Ink(strokes(4), symbols=groups, truth=row(leaf(0, "="), leaf(1, "x")))
    assert stroke_tokens(one, ("=", "x")).tolist() == [0, 1, 0, 1]


def test_strokes_without_a_symbol_stay_unknown():
    assert stroke_tokens(ink("", "x + 1", stray=2), ("x", "+", "1")).tolist() == [0, 1, 2, -1, -1]


@pytest.mark.parametrize("label", ["x+12", "x", "y-1", "1+x+1"])
def test_symbols_that_do_not_match_the_label_stay_unknown(label):
    assert (stroke_tokens(ink("", "x + 1"), normalize(label)) == -1).all()


def test_one_wrong_name_in_seven_is_tolerated_and_in_six_is_not():
    assert (stroke_tokens(ink("", "a b c d e f g"), normalize("abcdefh")) >= 0).all()
    assert (stroke_tokens(ink("", "a b c d e f"), normalize("abcdeh")) == -1).all()


def test_an_ink_without_symbols_is_unknown():
    tokens = stroke_tokens(Ink(strokes(3)), ("x",))
    assert tokens.tolist() == [-1, -1, -1]
    assert tokens.dtype == np.int32


@needs_data
@pytest.mark.parametrize(
    ("name", "inks", "expected"),
    [("test-2014", 986, 979), pytest.param("test-2016", 1147, 1144, marks=pytest.mark.slow)],
)
def test_nearly_all_inks_of_the_archives_are_aligned(name, inks, expected):
    labels = read_labels(DATA)
    examples = [
        label_ink(one, labels.of(one), strict=True)[0]
        for _, one in iterate_inks(DATA / "crohme-inkml" / f"{name}.tar.xz")
        if isinstance(one, Ink)
    ]
    assert len(examples) == inks
    assert sum(bool((example.stroke_tokens >= 0).any()) for example in examples) >= expected
    for example in examples:  # no stroke draws a token of structure
        drawn = set(example.stroke_tokens.tolist()) - {-1}
        structure = {index for index, token in enumerate(example.tokens) if token in "{}_^"}
        assert not drawn & structure, example.ink.source
