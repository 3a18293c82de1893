from random import Random

import numpy as np
import pytest

from tegashiki.latex.normalize import normalize, slots
from tegashiki.synthesis.typeset import Layout, TypesetError, typeset


def boxes(latex: str, **layout) -> dict[str, tuple[float, float, float, float]]:
    """Return left, right, top and bottom of the marks of each token, over all tokens of the same name."""
    tokens = normalize(latex)
    result = {}
    for mark in typeset(tokens, Layout(**layout)):
        points = mark.glyph.points * [mark.across, mark.up] + [mark.left, mark.base]
        (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
        old = result.get(tokens[mark.token], (left, right, top, bottom))
        result[tokens[mark.token]] = (
            min(left, old[0]),
            max(right, old[1]),
            min(top, old[2]),
            max(bottom, old[3]),
        )
    return result


FORMULAS = [
    r"x^2+y_1^2=z",
    r"\frac{a+b}{\sqrt[3]{x}}",
    r"\sum_{i=1}^{n} \frac{1}{i}",
    r"\int_0^1 f(x) dx",
    r"\lim_{x\to 0}\frac{\sin x}{x}",
    r"\left(\begin{matrix}a&b\\c&d\end{matrix}\right)^{-1}",
    r"\hat{x}+\overline{AB}+\underline{c}+\underbrace{a+b}",
    r"\binom{n}{k}\overset{!}{=}\underset{x}{y}",
    r"\boxed{x+1}\cancel{y}",
    r"{}_1^2 X",
    r"f'(x)\in\mathbb{R}",
    r"|\frac{a}{b}|+\|x\|",
    r"x^{y^{z^{w}}}",
    r"]a,b[",
]


@pytest.mark.parametrize("latex", FORMULAS)
@pytest.mark.parametrize("random", [None, Random(3)])
def test_every_visible_token_is_drawn_and_nothing_else(latex, random):
    tokens = normalize(latex)
    visible = {i for i, slot in enumerate(slots(tokens)) if slot is not None}
    marks = typeset(tokens, random=random)
    assert {mark.token for mark in marks} == visible
    assert all(np.isfinite([m.left, m.base, m.across, m.up]).all() and m.across > 0 and m.up > 0 for m in marks)


def test_a_row_is_set_from_left_to_right():
    box = boxes("a+b=c")
    assert box["a"][1] < box["+"][0] < box["+"][1] < box["b"][0] < box["b"][1] < box["="][0] < box["="][1] < box["c"][0]


def test_scripts_stand_to_the_right_above_and_below():
    box = boxes("x_1^2")
    assert box["x"][1] < box["1"][0] and box["x"][1] < box["2"][0]
    assert box["2"][3] < box["1"][2]
    assert box["2"][2] < box["x"][2] and box["1"][3] > box["x"][3]


def test_scripts_get_smaller():
    marks = typeset(normalize("x^{x^x}"))
    sizes = [mark.up for mark in marks]
    assert sizes[0] > sizes[1] > sizes[2]


def test_a_fraction_has_its_parts_above_and_below_its_bar():
    box = boxes(r"\frac{1}{2}")
    bar = box[r"\frac"]
    assert box["1"][3] < bar[2] and bar[3] < box["2"][2]
    assert bar[0] < min(box["1"][0], box["2"][0]) and bar[1] > max(box["1"][1], box["2"][1])


def test_bar_first_draws_the_bar_before_the_numerator():
    tokens = normalize(r"\frac{1}{2}")
    assert [mark.token for mark in typeset(tokens)] == [2, 0, 5]
    assert [mark.token for mark in typeset(tokens, Layout(bar_first=True))] == [0, 2, 5]


def test_a_root_covers_its_radicand_and_carries_its_index():
    box = boxes(r"\sqrt[3]{\frac{x}{y}}")
    sign, index = box[r"\sqrt"], box["3"]
    assert sign[2] < box["x"][2] and sign[3] >= box["y"][3] and sign[1] > box["x"][1]
    assert index[1] < box["x"][0] and index[3] < sign[3]


def test_limits_stand_above_and_below_or_beside():
    box = boxes(r"\sum_a^b x")
    assert box["b"][3] < box[r"\sum"][2] and box["a"][2] > box[r"\sum"][3]
    box = boxes(r"\sum_a^b x", limits_beside=True)
    assert box["b"][0] > box[r"\sum"][1]
    box = boxes(r"\int_a^b x")
    assert box["b"][0] > box[r"\int"][0] and box["b"][3] < box["x"][2] and box["a"][2] > box["x"][3]


def test_delimiters_enclose_tall_content():
    low, high = boxes("(x)"), boxes(r"(\frac{x}{y})")
    assert high["("][2] < high["x"][2] and high["("][3] > high["y"][3]
    assert high["("][3] - high["("][2] > 1.5 * (low["("][3] - low["("][2])
    assert high[")"][3] - high[")"][2] == pytest.approx(high["("][3] - high["("][2])


def test_accents_span_their_base():
    box = boxes(r"\overline{xy}+\underline{z}")
    assert box[r"\overline"][3] < box["x"][2] and box[r"\overline"][0] <= box["x"][0]
    assert box[r"\overline"][1] >= box["y"][1] and box[r"\underline"][2] > box["z"][3]


def test_a_table_has_rows_and_columns():
    box = boxes(r"\begin{matrix}a&b\\c&d\end{matrix}")
    assert box["a"][1] < box["b"][0] and box["c"][1] < box["d"][0]
    assert box["a"][3] < box["c"][2] and box["b"][3] < box["d"][2]


def test_all_letters_of_a_function_name_draw_one_token():
    tokens = normalize(r"\sin x")
    assert [mark.token for mark in typeset(tokens)] == [0, 0, 0, 1]


def test_a_leading_minus_has_less_space_than_a_binary_minus():
    sign, operation = boxes("-x"), boxes("a-x")
    assert sign["x"][0] - sign["-"][1] < operation["x"][0] - operation["-"][1]


@pytest.mark.parametrize(
    ("tokens", "message"),
    [
        (r"\frac { 1 }", "expected '{'"),
        ("x ^ { 2", "expected '}'"),
        ("x }", "closes nothing"),
        (r"x \nosuch", r"cannot draw '\\\\nosuch'"),
        (r"\begin{matrix} a & b", "expected a token"),
    ],
)
def test_errors_name_the_token(tokens, message):
    with pytest.raises(TypesetError, match=message):
        typeset(tokens.split())
