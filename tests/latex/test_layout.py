import os
from pathlib import Path

import pytest
from hypothesis import given, settings

from tegashiki.latex.errors import LatexError
from tegashiki.latex.layout import labelled_paths, layout, paths, same, structure
from tegashiki.latex.normalize import normalize, slots, tree_tokens
from tegashiki.latex.places import items, parts, tree_of
from tests.latex.walks import formulas


def drawn(latex):
    """Return the label and the path of each symbol."""
    tree = layout(normalize(latex))
    return [(node.label, path) for node, path in zip(tree, paths(tree), strict=True)]


@pytest.mark.parametrize(
    ("latex", "expected"),
    [
        ("x^2+1", [("x", "O"), ("2", "OSup"), ("+", "ORight"), ("1", "ORightRight")]),
        ("F_z x", [("F", "O"), ("z", "OSub"), ("x", "ORight")]),  # the example of CROHME's organisers
        (r"\frac{a}{b}", [("-", "O"), ("a", "OAbove"), ("b", "OBelow")]),
        (r"\sqrt[3]{xy}", [(r"\sqrt", "O"), ("3", "OAbove"), ("x", "OInside"), ("y", "OInsideRight")]),
        (r"\sum_i^n i", [(r"\sum", "O"), ("i", "OBelow"), ("n", "OAbove"), ("i", "ORight")]),
        (r"\int_0^1 x", [(r"\int", "O"), ("0", "OSub"), ("1", "OSup"), ("x", "ORight")]),
        (r"{}_n C", [("", "O"), ("n", "OSub"), ("C", "ORight")]),
        (r"\hat{a}b", [(r"\hat", "O"), ("a", "OInside"), ("b", "ORight")]),
        (r"\overset{!}{a b}c", [("a", "O"), ("b", "ORight"), ("!", "OAbove"), ("c", "ORightRight")]),
        (
            r"\begin{matrix}a&b\\c\end{matrix}d",
            [
                (r"\begin{matrix}", "O"),
                *[("a", "OCell0,0"), ("b", "OCell0,1"), ("c", "OCell1,0"), ("d", "ORight")],
            ],
        ),
    ],
)
def test_trees_by_hand(latex, expected):
    assert drawn(latex) == expected


def test_structure_ignores_only_the_symbols():
    x, y, below = (layout(normalize(latex)) for latex in ("x^2", "y^3", "x_2"))
    assert structure(x) == structure(y) != structure(below)
    assert not same(x, y)
    assert same(x, layout(normalize("{x}^{2}")))


def test_layout_refuses_tokens_that_are_not_canonical():
    with pytest.raises(LatexError, match="not canonical"):
        layout(["x", "^", "2"])


@settings(max_examples=200, deadline=None)
@given(formulas)
def test_part_starts_match_the_tokens(tokens):
    def check(row, start):
        assert tokens[start : start + len(tree_tokens(row))] == tree_tokens(row)
        for item, place in items(row, start):
            found = parts(item, place)
            for part in found:
                if part.name != "base":
                    check(part.row, part.start)
                elif part.row.items:
                    check(part.row, place)

    check(tree_of(tokens), 0)


@settings(max_examples=200, deadline=None)
@given(formulas)
def test_every_visible_token_is_one_node(tokens):
    tree = layout(tokens)
    visible = [i for i, slot in enumerate(slots(tokens)) if slot is not None]
    unseen = ("", r"\begin{matrix}")  # nodes that are not drawn but have children
    assert sorted(node.token for node in tree if node.label not in unseen) == visible
    assert all(node.parent < i for i, node in enumerate(tree))
    for node in tree:
        assert tokens[node.token] in (node.label, r"\frac", "{")


@pytest.mark.skipif("TEGASHIKI_DATA" not in os.environ, reason="TEGASHIKI_DATA does not name the shared ink")
@pytest.mark.parametrize(("name", "count"), [("test-2014", 973), ("test-2016", 1140), ("train-2014", 4822)])
def test_labels_have_equal_trees_exactly_if_their_tokens_are_equal(name, count):
    text = (Path(os.environ["TEGASHIKI_DATA"]) / "labels" / f"crohme-{name}.tsv").read_text("utf-8")
    labels = {normalize(line.split("\t")[1]) for line in text.splitlines()}
    trees = {labelled_paths(layout(tokens)) for tokens in labels}
    assert len(trees) == len(labels) == count


def test_different_tokens_with_equal_trees():
    # the two cases in docs/evaluation.md
    below, limit = (layout(normalize(latex)) for latex in (r"\underset{n}{\lim}", r"\lim_n"))
    assert same(below, limit)
    assert same(*(layout(normalize(latex)) for latex in (r"\overset{!}{a b}", r"\overset{!}{a}b")))
