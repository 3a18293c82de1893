import pytest

from tegashiki.synthesis.embedded import generate
from tegashiki.synthesis.spans import find_groups


def groups_of(latex: str) -> list[tuple[str, str, list[str]]]:
    tokens = latex.split()
    return [
        (
            group.slot,
            " ".join(tokens[group.start : group.stop]),
            [" ".join(tokens[i.start : i.stop]) for i in group.items],
        )
        for group in find_groups(tokens)
    ]


@pytest.mark.parametrize(
    ("latex", "expected"),
    [
        ("a + b", [("row", "a + b", ["a", "+", "b"])]),
        (
            "x _ { 1 } ^ { 2 } y",
            [("sub", "1", ["1"]), ("sup", "2", ["2"]), ("row", "x _ { 1 } ^ { 2 } y", ["x _ { 1 } ^ { 2 }", "y"])],
        ),
        (
            r"\frac { a } { b c } ^ { 2 }",
            [
                ("numerator", "a", ["a"]),
                ("denominator", "b c", ["b", "c"]),
                ("sup", "2", ["2"]),
                ("row", r"\frac { a } { b c } ^ { 2 }", [r"\frac { a } { b c } ^ { 2 }"]),
            ],
        ),
        (
            r"\sqrt [ 3 ] { x } [ 1 ]",
            [
                ("index", "3", ["3"]),
                ("radicand", "x", ["x"]),
                ("row", r"\sqrt [ 3 ] { x } [ 1 ]", [r"\sqrt [ 3 ] { x }", "[", "1", "]"]),
            ],
        ),
        (
            r"\hat { x } _ { 0 }",
            [("body", "x", ["x"]), ("sub", "0", ["0"]), ("row", r"\hat { x } _ { 0 }", [r"\hat { x } _ { 0 }"])],
        ),
        (
            r"a \begin{matrix} 1 & 2 \\ 3 & 4 \end{matrix} b",
            [
                (
                    "row",
                    r"a \begin{matrix} 1 & 2 \\ 3 & 4 \end{matrix} b",
                    ["a", r"\begin{matrix} 1 & 2 \\ 3 & 4 \end{matrix}", "b"],
                )
            ],
        ),
    ],
)
def test_find_groups_returns_slots_contents_and_items(latex, expected):
    assert groups_of(latex) == expected


def test_items_cover_every_group_without_gaps():
    for example in generate("train", 200, dialect="wide"):
        for group in find_groups(example.tokens):
            edges = [group.start, *[item.stop for item in group.items]]
            assert [item.start for item in group.items] == edges[:-1]
            assert edges[-1] == group.stop
