"""Test vectors for converters in other languages: formulas of all kinds in all forms that are text, or the errors."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from random import Random
from typing import Any

from tegashiki.convert.convert import BINARY, FORMS, convert
from tegashiki.errors import UserError
from tegashiki.kit.vectors import walk
from tegashiki.latex import symbols as s
from tegashiki.latex.normalize import normalize
from tegashiki.latex.vocabulary import Vocabulary
from tegashiki.synthesis.formulas import WIDE, compose
from tegashiki.synthesis.numbers import write_number
from tegashiki.synthesis.school import write_algebra, write_calculus, write_sum
from tegashiki.synthesis.tables import write_table

SYMBOLS_AT_ONCE, WALKS, DRAWN = 12, 16, 8
PICTURES = frozenset(("svg", "png"))
# One formula for each rule of grouping, writing and meaning.
RULES = r"""
x^2+\frac{1}{2}
12.5+.5-1.2.3+3^{2}.
\frac{-b+\sqrt{b^2-4ac}}{2a}
\sinh 2x+\ln|x|+\arcsin(x)^2+\sin^{-1}x
\sin^2x+\log_{2}8+\lg 5+\max(a,b)+\gcd(4,6)
x\sin y\cos z+\limsup a_n
|x|+\|y\|+||x|-|y||+a|b
\lfloor x\rfloor+\lceil y\rceil+\langle z\rangle+[0,1)+\{a\}
\not\subset\not x\not=\not[
f'(x)+f''(x)^{2}+g(x,y)+h_{1}(2)+x'
\begin{pmatrix}a&b\\c&d\end{pmatrix}^{T}+\begin{vmatrix}1&2\\3&4\end{vmatrix}
f(x)=\begin{cases}1&x>0\\0&x\leq0\end{cases}
\begin{matrix}[a]&*\\{*}\end{matrix}\begin{bmatrix}1\\2&3\end{bmatrix}
\begin{Vmatrix}1\end{Vmatrix}\begin{Bmatrix}1&,\end{Bmatrix}
\int_{0}^{1}x^2dx+\int\frac{dx}{x}+\int\int xydxdy+\iint xydxdy
\sum_{i=1}^{n}i^2=\prod_{k=0}^{n}k+\sum_{k=0}^{\infty}\frac{1}{k!}
\lim_{x\to0^{+}}\frac{\sin x}{x}
\lim_{x\rightarrow\infty}x
\frac{d}{dx}\sin x+\frac{d^{2}y}{dx^{2}}+y=0
\frac{\partial f}{\partial x}+\frac{d(x^2)}{dx}
2^{-1}+\frac{1+2}{3}+\frac{6}{4}+x^{\frac{1}{2}}-(-3)\cdot4/5\div6
0<x\leq1\neq y
x=1,y=2
10\mod3+\binom{5}{2}+5!+\sqrt[3]{8}+\sqrt[n+1]{y}
\lambda_{max}x_{1,2}\hat{x}_{0}+\vec{v}+e^{x}\pi+30^{\circ}
x_{a+b}
\sqrt[{[a]}]{x}\sqrt[4]{\frac{a}{b}}
{}_{1}^{2}C\overset{a}{b}^{2}\underset{c}{d}\boxed{x}\cancel{y}
\overline{xy}\widehat{ab}\underbrace{abc}\overbrace{d}\dddot{x}\mathring{u}
\frac{f(x,y),2}{3}^{2}\left(\frac{a}{b}\right)^{2}\sqrt{x}^{2}
\alpha x\beta2\mathbb{R}\mathcal{L}\infty\backslash\surd
a_{i,j}^{n+1}+x^{q}+e^{i\pi}+A^{T}+x^{\prime}_{1}
2+3\cdot4=
a\pm b
\int x
\max_{x}f(x)
\sum_{i=1}^{n}x_{i}y_{1}
\sum_{i=1}^{n}x_{i,j}
"""


def conversions(vocabulary: Vocabulary) -> list[dict[str, Any]]:
    """Return formulas over a vocabulary, each with its forms, the errors of the others and a hash of its .docx."""
    formulas = [tokens for tokens in _formulas(vocabulary) if not vocabulary.missing(tokens)]
    return [_converted(tokens) for tokens in dict.fromkeys(formulas)]


def _formulas(vocabulary: Vocabulary) -> Iterator[tuple[str, ...]]:
    yield from (normalize(latex) for latex in RULES.strip().splitlines())
    symbols = [token for token in s.SYMBOLS if token in vocabulary and token not in (*"[]()|", "\\{", "\\}")]
    for start in range(0, len(symbols), SYMBOLS_AT_ONCE):  # each symbol once
        yield normalize(symbols[start : start + SYMBOLS_AT_ONCE])
    for token in (*s.ACCENTS, *s.WIDE_ACCENTS):
        yield normalize([token, "{", "x", "y", "}"])
    for seed in range(WALKS):
        yield vocabulary.decode(walk(vocabulary, seed)["ids"])
    for write in (write_algebra, write_calculus, write_sum, write_number, write_table):
        yield from (normalize(write(Random(seed))) for seed in range(DRAWN))
    yield from (compose(Random(seed), WIDE) for seed in range(2 * DRAWN))


def _converted(tokens: tuple[str, ...]) -> dict[str, Any]:
    forms: dict[str, str] = {}
    errors: dict[str, str] = {}
    for name in FORMS:
        if name in BINARY | PICTURES | {"html", "latex-inline", "latex-display"}:
            continue
        try:
            forms[name] = str(convert(tokens, name))
        except UserError as error:
            errors[name] = str(error)
    digest = hashlib.sha256(convert(tokens, "docx")).hexdigest()  # type: ignore[arg-type]
    return {"tokens": list(tokens), "forms": forms, "errors": errors, "docx_sha256": digest}
