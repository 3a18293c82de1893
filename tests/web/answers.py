"""Test vectors for the page's answers: formulas and what SymPy answers."""

from __future__ import annotations

from tegashiki.convert.answer import question, says_the_same
from tegashiki.convert.answer_process import calculate
from tegashiki.latex.normalize import canonical_tree, normalize

# Formulas of all kinds, also those that expect no answer or have none.
FORMULAS = r"""
2+3\cdot4=
100-37\cdot2=
-3+1=
12\div4+2^3=
\frac{1}{3}+\frac{1}{6}=
1-\frac{3}{2}=
\frac{7}{3}\cdot\frac{6}{5}=
\frac{1}{0}=
0.1+0.2=
\frac{0.5}{3}=
\sqrt{8}=
\sqrt{12}+\sqrt{27}=
\sqrt{2}\sqrt{3}=
\frac{1}{\sqrt{2}}=
\sqrt[3]{2}+1=
\pi+1=
e^2=
2^{100}=
9^{9^{9}}=
20!=
\binom{5}{2}=
\log_28=
\lg1000=
|3-5|=
\sin30^{\circ}=
\cos\frac{\pi}{4}=
\sin\frac{\pi}{6}+\cos\frac{\pi}{3}=
\begin{vmatrix}1&2\\3&4\end{vmatrix}=
12=
\sin x=
x+1=
1+x=
2x+3x=
\frac{x}{2}+\frac{x}{3}=
x\cdot x^2=
(x+1)^2-x^2=
(a+b)^2-(a-b)^2=
\frac{x^2-1}{x-1}=
\frac{a}{b}+\frac{a}{b}=
3(x-2)=2x+5
x^2-5x+6=0
x^2-4x+4=0
2x^2+3x-5=0
x^2+x-1=0
x^2=2
x^2=x
x^2=-1
x^3=8
x^4-5x^2+4=0
(x-1)(x^3-3x+1)=0
x^5-x-1=0
\frac{1}{x}=4
\sqrt{x}=3
2^x=8
0.5x=2
\sin x=\frac{1}{2}
x=3
ax=b
\int_0^1x^2dx
\int_0^1\sqrt{x}dx
\int_0^{\pi}\sin xdx
\int_0^{\pi}\sin^2xdx
\int_1^e\frac{1}{x}dx
\int_0^{\infty}e^{-x}dx
\int_0^1x^xdx
\int_{-1}^{1}\frac{1}{x^2}dx
\int x^2dx
\int\frac{1}{x}dx
\int\cos xdx
\int\frac{1}{1+x^2}dx
\frac{d}{dx}x^2
\frac{d}{dx}\ln x
\frac{d}{dx}x\sin x
\frac{d}{dx}\sin x^2
\frac{d}{dx}e^{2x}
\frac{d^2}{dx^2}x^4
\lim_{x\to0}\frac{\sin x}{x}
\lim_{x\to2}\frac{x^2-4}{x-2}
\lim_{x\to\infty}\frac{2x+1}{x-3}
\lim_{x\to0}\frac{1}{x^2}
\lim_{x\to2}x\tan x
\lim_{x\to-\infty}3x^2
\lim_{x\to0}\frac{1}{x}
\sum_{k=1}^{10}k^2
\sum_{k=1}^{\infty}\frac{1}{2^k}
\prod_{k=1}^{5}k
a\pm b=
"""
_TOO_LARGE = "9^{9^{9}}="  # SymPy does not come back


def answers() -> list[dict[str, object]]:
    """Return each formula with its tokens and its answer, which is None if there is none."""
    return [entry(latex) for latex in FORMULAS.split("\n") if latex]


def entry(latex: str) -> dict[str, object]:
    """Return one formula with its tokens and its answer."""
    tokens = normalize(latex)
    row = canonical_tree(latex)
    asked = question(row) if latex != _TOO_LARGE else None
    try:
        found = calculate(*asked) if asked else None
    except Exception:  # as in the process of `answer`, whatever stops SymPy, there is no answer
        found = None
    said = found is not None and says_the_same(found, row)
    return {"latex": latex, "tokens": tokens, "answer": None if said else found}
