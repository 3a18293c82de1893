import random
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tegashiki.latex.errors import LatexError
from tegashiki.latex.normalize import SLOTS, normalize, slots, visible_tokens
from tegashiki.latex.parser import parse
from tegashiki.latex.symbols import SYMBOLS
from tegashiki.latex.unicode import character

from .walks import formulas, respell


@pytest.mark.parametrize(
    ("latex", "canonical"),
    [
        ("$x^2_1$", "x _ { 1 } ^ { 2 }"),
        (r"\frac12", r"\frac { 1 } { 2 }"),
        (r"\sqrt[3]x", r"\sqrt [ 3 ] { x }"),
        (r"\sum\limits_{i}^n", r"\sum _ { i } ^ { n }"),
        (r"a \le b \ne c \to d \lt e \gt f \ge g", r"a \leq b \neq c \rightarrow d < e > f \geq g"),
        (r"\mbox{tS}\mathrm{d}\mathbf{x}\operatorname{erf}", "t S d x e r f"),
        (r"\Bigg( \frac{1}{4} \Bigg)^2", r"( \frac { 1 } { 4 } ) ^ { 2 }"),
        (r"\left \{ x \right .", r"\{ x"),
        (r"\left< x \right>", r"\langle x \rangle"),
        (r"2 l o g x + s i n^2 x", r"2 \log x + \sin ^ { 2 } x"),
        (r"\max \exp \arcsin x", r"m a x e x p a r c \sin x"),
        (r"1\ldots 2\dots 3\cdots 4 ... \dotsb", r"1 \ldots 2 \ldots 3 \cdots 4 \ldots \cdots"),
        (r"f'(x)=f^{'}(x)=f^\prime(x)", r"f ^ { \prime } ( x ) = f ^ { \prime } ( x ) = f ^ { \prime } ( x )"),
        (r"x\prime", r"x \prime"),
        (r"{{x}_1}^2", "x _ { 1 } ^ { 2 }"),
        (r"{x^a}^b", "x ^ { a } { } ^ { b }"),
        (r"{}_n C_k x^{}", "{ } _ { n } C _ { k } x"),
        (r"\bar x \widehat{x_1} \widehat{xy}", r"\overline { x } \hat { x _ { 1 } } \widehat { x y }"),
        (r"\not= \not\in \not\equiv", r"\neq \notin \not \equiv"),
        (r"\begin{pmatrix}a&b\\c&\\\end{pmatrix}", r"( \begin{matrix} a & b \\ c \end{matrix} )"),
        (r"|x|\,\|y\|\parallel\mid", "| x | | | y | | | | |"),
        (r"\mathbb{R}^n {\cal L} \mathfrak g", r"\mathbb{R} ^ { n } \mathcal{L} \mathfrak{g}"),
        (r"\mathds{R} \mathbbm 1 \Bbb{C}", r"\mathbb{R} \mathbb{1} \mathbb{C}"),
        (r"\mathcal{\frac{A}{B}}", r"\frac { \mathcal{A} } { \mathcal{B} }"),
        (r"\sqrt[{[a]}]{x}", r"\sqrt [ { [ a ] } ] { x }"),
        (
            r"{a \brack b} {c \brace d}",
            r"[ \begin{matrix} a \\ b \end{matrix} ] \{ \begin{matrix} c \\ d \end{matrix} \}",
        ),
        (
            r"\begin{matrix}a\cr b\newline c\tabularnewline d\end{matrix}",
            r"\begin{matrix} a \\ b \\ c \\ d \end{matrix}",
        ),
        (
            r"\buildrel a \over = b \mathrel{\buildrel{def}\over\equiv}",
            r"\overset { a } { = } b \overset { d e f } { \equiv }",
        ),
        (
            r"""\'{e}\`a\^{o}\"u\~n\=y\.{z}""",
            r"\acute { e } \grave { a } \hat { o } \ddot { u } \tilde { n } \overline { y } \dot { z }",
        ),
        (r"\v{c}\u g\r{a}", r"\check { c } \breve { g } \mathring { a }"),
        (r"x \pmod{5}", "x ( m o d 5 )"),
        ("", ""),
    ],
)
def test_canonical_form(latex, canonical):
    assert " ".join(normalize(latex)) == canonical
    assert " ".join(normalize(canonical)) == canonical


@pytest.mark.parametrize(
    ("unicode", "latex"),
    [
        ("x − 1", "x-1"),
        ("x‐1–2－3", "x-1-2-3"),
        ("3×10⁻⁵÷2", r"3\times 10^{-5}\div 2"),
        ("（1）＋［a］＝｛x｜y｝，２５％", r"(1)+[a]=\{x|y\},25\%"),
        ("＿～＼", r"\_\sim\backslash"),
        ("½+⅞+¼x", r"\frac12+\frac78+\frac14x"),
        ("½²", r"{\frac12}^2"),
        ("a₁₂²³", "a_{12}^{23}"),
        ("xⁿ⁺¹ yᵢ₊₁", "x^{n+1} y_{i+1}"),
        ("∑ᵢ₌₁ⁿ i²", r"\sum_{i=1}^n i^2"),
        ("𝑥+𝐱+𝗑+𝚡", "x+x+x+x"),
        ("ℝ𝔻𝟙 𝒜ℒ𝓑 𝔤ℌ𝕬", r"\mathbb{RD1}\mathcal{ALB}\mathfrak{gHA}"),
        (r"\mathbb{ℝ}\mathbf{𝐱}", r"\mathbb{R}x"),
        ("𝛂𝜕𝛁", r"\alpha\partial\nabla"),
        ("Αϕφϵε", r"A\phi\varphi\epsilon\varepsilon"),
        ("µΩ∆K", r"\mu\Omega\Delta K"),
        ("x̂ x\u0307\u0302 α⃗ x̄₁", r"\hat x \hat{\dot x} \vec\alpha \bar{x}_1"),
        ("é Å ǖ", r"\acute e \mathring A \bar{\ddot u}"),
        ("≠ =\u0338 ∉ ∈\u0338 ≢ ≮ ⊄", r"\neq\neq\notin\notin\not\equiv\not<\not\subset"),
        ("f′ f″ f‴ f’ x′² x^′", r"f' f'' f'" + "'' f' x'^2 x'"),
        ("90° 25℃", r"90^\circ 25^\circ C"),
        ("ﬁ Ⅳ ㏒₂x ㎡", r"fi IV \log_2x m^2"),
        ("a·b⋅c•d∗e", r"a\cdot b\cdot c\bullet d*e"),
        ("‖x‖ a∣b a∥b A∖B ≔", r"\|x\| a\mid b a\parallel b A\setminus B \coloneqq"),
        ("〈x〉⟨y⟩", r"\langle x\rangle\langle y\rangle"),
        ("↔\ufe0e x\u200by\u2062z\ufeff", r"\leftrightarrow xyz"),
        ("1…n ⋯", r"1\ldots n\cdots"),
        (r"\frac½3 x^½ \hatα", r"\frac{\frac12}3 x^{\frac12}\hat\alpha"),
        (r"\sin²x", r"\sin^2x"),
    ],
)
def test_unicode_is_converted_to_latex(unicode, latex):
    assert normalize(unicode) == normalize(latex)


def test_the_character_of_a_symbol_is_read_as_the_symbol():
    """Characters may be copied from a report, a page or an editor."""
    one_sign = {r"\leadsto": r"\rightsquigarrow", r"\prime": "^{\\prime}"}  # one character for two commands
    for token in (*SYMBOLS, r"\mathfrak{g}", r"\mathfrak{H}"):
        drawn = character(token)
        if not drawn.isascii() and drawn not in ("√", "⧸"):  # these are ambiguous
            assert normalize(drawn) == normalize(one_sign.get(token, token)), token


@pytest.mark.parametrize(
    ("option", "without"),
    [
        (r"\cfrac[l]{1}{2}", r"\cfrac{1}{2}"),
        (r"\cfrac [ r ] { 1 } { 2 }", r"\cfrac{1}{2}"),
        (r"\begin{pmatrix*}[r] 1 \\ 2 \end{pmatrix*}", r"\begin{pmatrix}1\\2\end{pmatrix}"),
        (r"\begin{smallmatrix*}[c] 1 \end{smallmatrix*}", r"\begin{matrix}1\end{matrix}"),
        (r"\begin{aligned}[t] a \\ b \end{aligned}", r"\begin{aligned}a\\b\end{aligned}"),
        (r"\begin{pmatrix}[cr] 1 & 2 \end{pmatrix}", r"\begin{pmatrix}1&2\end{pmatrix}"),
        (r"\begin{matrix}[r] 1 \end{matrix}", r"\begin{matrix}1\end{matrix}"),
        (r"\begin{split}[t] a \end{split}", r"\begin{split}a\end{split}"),
        (r"\begin{align*} [ c ] a \end{align*}", r"\begin{align}a\end{align}"),
        (r"\begin{cases}[t] a \end{cases}", r"\begin{cases}a\end{cases}"),
        (r"\begin{matrix}a \\ [ 2 p t ] b\end{matrix}", r"\begin{matrix}a\\b\end{matrix}"),
        (r"\begin{gathered} [ b ] a \end{gathered}", r"\begin{gathered}a\end{gathered}"),
        (r"\begin{array}[t]{cc} a&b \end{array}", r"\begin{array}{cc}a&b\end{array}"),
        (r"\begin{matrix}a\\*[2pt]b\end{matrix}", r"\begin{matrix}a\\b\end{matrix}"),
        (r"\smash[b]{x}", "x"),
        (r"\xleftrightarrow[b]{a}", r"\underset{b}{\overset{a}{\leftrightarrow}}"),
        (r"\stackrel[b]{a}{=}", r"\underset{b}{\overset{a}{=}}"),
        (r"\sqrt[\leftroot{-2}\uproot{2}3]{x}", r"\sqrt[3]{x}"),
    ],
)
def test_invisible_options_are_dropped(option, without):
    assert normalize(option) == normalize(without)


@pytest.mark.parametrize(
    "ink",
    [
        r"\begin{pmatrix}[x]\end{pmatrix}",
        r"\begin{pmatrix}{}[r]\end{pmatrix}",
        r"\begin{matrix} [ r ] \end{matrix}",
        r"\begin{aligned}[x]\end{aligned}",
        r"\begin{aligned}{}[t]\end{aligned}",
        r"\begin{matrix}a\\ [2]\end{matrix}",
        r"\begin{cases} [ x ] \end{cases}",
        r"\hat [ x ]",
        r"\mathrm [ x ] + { y }",
    ],
)
def test_brackets_that_are_not_options_stay(ink):
    assert {"[", "]"} <= {*normalize(ink)}


# Each line: formulas that all look different in handwriting.
DIFFERENT = [
    ["x^2", "x_2", "x2", "{}^2x", "{}_2x", "2^x"],
    ["x_1^2", "x_{1^2}", "x^{2_1}", "x_12", "x^21"],
    ["x^{ab}", "x^ab", "x^{a^b}", "{x^a}^b", "x^{a}{}_{b}"],
    [r"\frac{ab}{c}", r"\frac{a}{bc}", r"\frac{a}{b}c", r"a\frac{b}{c}", "ab/c", r"\binom{ab}{c}", r"{ab \atop c}"],
    [r"\frac{\frac{a}{b}}{c}", r"\frac{a}{\frac{b}{c}}"],
    [r"\sqrt{x}y", r"\sqrt{xy}", r"\sqrt[x]{y}", r"x\sqrt{y}", r"\sqrt x^2", r"\sqrt{x^2}"],
    [r"\overline{ab}", r"\overline{a}b", r"a\overline{b}", r"\underline{ab}", r"\overline{a}\overline{b}"],
    [r"\hat{ab}", r"\widehat{ab}", r"\hat{a}b", r"\tilde{ab}", r"\vec{ab}", r"\dot{ab}", r"\ddot{ab}"],
    [r"\hat{a}_1", r"\hat{a_1}"],
    [r"x'", r"x\prime", "x''", "x_{\\prime}", "x|"],
    [r"\phi", r"\varphi", r"\Phi", r"\epsilon", r"\varepsilon", r"\in", r"\theta", r"\vartheta"],
    [r"\leq", r"\leqslant", "<", r"\ll", r"\prec", r"\subset", r"\subseteq", r"\geq"],
    [r"\neq", "=", r"\equiv", r"\not\equiv", r"\approx", r"\sim", r"\simeq", r"\cong"],
    [r"\ldots", r"\cdots", r"\vdots", r"\ddots", "..", r"\cdot\cdot", r"\cdot", "."],
    [r"\emptyset", r"\varnothing", "0", "o", "O", r"\circ"],
    [r"\mathbb{R}", r"\mathcal{R}", r"\mathfrak{R}", r"\mathscr{R}", "R", r"\Re"],
    [r"\mathcal{AB}", r"\mathcal{A}B", r"A\mathcal{B}", r"\mathcal{\sqrt{A}B}"],
    [r"|x|", "||x||", "x", r"\{x\}", "(x)", "[x]", r"\langle x\rangle", r"\lfloor x\rfloor", r"\lceil x \rceil"],
    [r"\left.x\right)", r"\left(x\right.", "(x)", "x"],
    [
        r"\rightarrow",
        r"\longrightarrow",
        r"\Rightarrow",
        r"\mapsto",
        r"\leftarrow",
        r"\xrightarrow{f}",
        r"\overset{f}{=}",
    ],
    [r"\iff", r"\Leftrightarrow", r"\leftrightarrow"],
    [r"\sin x", r"\cos x", r"\sinh x", r"\arcsin x", r"s i_n x"],
    [r"\sum_{i}^{n}", r"\Sigma_{i}^{n}", r"\sum^{i}_{n}", r"\overset{n}{\sum}", r"\int_i^n", r"\prod_i^n"],
    [r"\int", r"\iint", r"\iiint", r"\oint", r"\int\int\int\int"],
    [r"\begin{matrix}a&b\end{matrix}", r"\begin{matrix}a\\b\end{matrix}", "ab", r"\begin{matrix}a\\&b\end{matrix}"],
    [r"\begin{pmatrix}a\\b\end{pmatrix}", r"\begin{bmatrix}a\\b\end{bmatrix}", r"\begin{cases}a\\b\end{cases}"],
    [r"\begin{vmatrix}a\\b\end{vmatrix}", r"\begin{Vmatrix}a\\b\end{Vmatrix}", r"\begin{matrix}a\\b\end{matrix}"],
    [r"\overset{a}{b}", r"\underset{a}{b}", r"\overset{b}{a}", "b^a", "ab", r"\frac{a}{b}"],
    [r"\overbrace{ab}^{n}", r"\underbrace{ab}_{n}", r"\overbrace{a}b^{n}", r"\boxed{ab}", r"\cancel{ab}"],
    [r"\sqrt{x} A B O V E {q}", r"\sqrt[q]{x}", r"\sqrt{x}ABOVE"],
    [r"\foo x", r"\bar x", r"\baz x", "x"],
    [r"5\%", "5", r"5\#"],
    ["x{}^2", "x^2"],
    ["l", "1", "I", "|", "i", r"\imath", r"\ell"],
]


@pytest.mark.parametrize("line", DIFFERENT, ids=lambda line: line[0])
def test_formulas_that_look_different_stay_different(line):
    for first, second in combinations(line, 2):
        assert normalize(first) != normalize(second), (first, second)


@given(formulas, st.integers(0))
@settings(max_examples=300)
def test_any_spelling_of_a_formula_gives_its_canonical_tokens(tokens, seed):
    spelling = respell(parse(tokens), random.Random(seed).choice)
    assert normalize(spelling) == tokens, spelling


@given(formulas)
def test_every_token_has_a_slot_except_structure(tokens):
    found = slots(tokens)
    assert len(found) == len(tokens)
    assert set(found) <= {*SLOTS, None}
    structure = ("{", "}", "_", "^", "&", r"\\", r"\begin{matrix}", r"\end{matrix}", r"\overset", r"\underset")
    for token, slot in zip(tokens, found, strict=True):
        assert (slot is None) == (token in structure) or (token in "[]" and slot is None)


def test_slots_name_the_innermost_group():
    tokens = normalize(r"\sqrt[3]{\frac{a}{b_1^2}} + \hat{c}")
    found = [(tokens[i], slots(tokens)[i]) for i in visible_tokens(tokens)]
    assert found == [
        *[(r"\sqrt", "row"), ("3", "index"), (r"\frac", "radicand"), ("a", "numerator"), ("b", "denominator")],
        *[("1", "sub"), ("2", "sup"), ("+", "row"), (r"\hat", "row"), ("c", "row")],
    ]


def test_slots_of_brackets_that_are_ink():
    assert slots(("[", "x", "]")) == ["row"] * 3


@pytest.mark.parametrize("tokens", [["x", "^", "2"], [r"\le"], ["x", "}"]])
def test_slots_refuse_tokens_that_are_not_canonical(tokens):
    with pytest.raises(LatexError):
        slots(tokens)
