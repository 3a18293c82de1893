r"""Formulas of school and first-year mathematics: algebra, calculus, sums and series.

They are composed of a few forms with random numbers, letters and short expressions.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from tegashiki.latex.normalize import normalize

LETTERS = "xxxxyyzabcnkmtuvpqrs"
FUNCTIONS = (r"\sin ", r"\cos ", r"\tan ", r"\log ", r"\ln ")


def write_algebra(random: Random) -> tuple[str, ...]:
    """Draw a formula of algebra as canonical tokens."""
    return normalize(random.choice(ALGEBRA)(random))


def write_calculus(random: Random) -> tuple[str, ...]:
    """Draw a formula with a derivative, an integral or a limit as canonical tokens."""
    return normalize(random.choice(CALCULUS)(random))


def write_sum(random: Random) -> tuple[str, ...]:
    """Draw a formula with a sum, a product or a series as canonical tokens."""
    return normalize(random.choice(SUMS)(random))


def _letter(random: Random) -> str:
    return random.choice(LETTERS)


def _number(random: Random) -> str:
    return str(random.choice((random.randint(1, 9), random.randint(1, 9), random.randint(10, 99))))


def _factor(random: Random) -> str:
    return random.choice(("", "", _number(random), random.choice("abck")))


def _polynomial(random: Random, x: str) -> str:
    """Draw up to three powers of a letter, the highest first."""
    power = random.choice(("", "^2", "^2", "^3", "^n"))
    text = f"{_factor(random)}{x}{power}"
    if power and random.random() < 0.6:
        text += f"{random.choice('+-')}{_factor(random)}{x}"
    return f"{text}{random.choice('+-')}{_number(random)}" if random.random() < 0.7 else text


def _expression(random: Random, x: str) -> str:
    """Draw a short expression in one letter."""
    forms: tuple[Callable[[], str], ...] = (
        lambda: _polynomial(random, x),
        lambda: _polynomial(random, x),
        lambda: rf"\frac{{{_polynomial(random, x)}}}{{{_polynomial(random, x)}}}",
        lambda: rf"\frac{{{_number(random)}}}{{{x}}}",
        lambda: rf"\sqrt{{{_polynomial(random, x)}}}",
        lambda: f"{random.choice(FUNCTIONS)}{x}",
        lambda: f"{random.choice(FUNCTIONS)}({_polynomial(random, x)})",
        lambda: f"e^{{{random.choice(('', '-', '2', '-a'))}{x}}}",
        lambda: f"({x}{random.choice('+-')}{_number(random)})^{random.randint(2, 5)}",
        lambda: f"{x}^{{{random.choice(('n', 'n-1', 'n+1', '-1', '-2'))}}}",
    )
    return random.choice(forms)()


def _equation(random: Random) -> str:
    x = _letter(random)
    return f"{_expression(random, x)}={_expression(random, x)}"


def _solved(random: Random) -> str:
    x, sign = _letter(random), random.choice(("=", "=", "<", ">", r" \leq ", r" \neq ", r" \approx "))
    return f"{x}{sign}{_expression(random, random.choice([each for each in LETTERS if each != x]))}"


def _quadratic(random: Random) -> str:
    b, a, c = random.choice((("b", "a", "c"), ("p", "2", "q"), *[tuple(_number(random) for _ in range(3))] * 2))
    x = random.choice(("x", "x", "x_{1,2}", "t", "y"))
    return rf"{x}=\frac{{-{b} \pm \sqrt{{{b}^2-4{a}{c}}}}}{{2{a}}}"


def _product(random: Random) -> str:
    a, b, sign = _letter(random), _letter(random), random.choice("+-")
    forms = (
        f"({a}{sign}{b})^2={a}^2{sign}2{a}{b}+{b}^2",
        f"({a}+{b})({a}-{b})={a}^2-{b}^2",
        f"({a}{sign}{_number(random)})({a}+{_number(random)})=0",
        f"{_factor(random)}({a}+{b})={_factor(random)}{a}+{_factor(random)}{b}",
    )
    return random.choice(forms)


def _sequence(random: Random) -> str:
    a, n = random.choice("aaubst"), random.choice("nnkim")
    forms = (
        rf"{a}_{{{n}+1}}={_factor(random)}{a}_{n}{random.choice('+-')}{_number(random)}",
        rf"{a}_{n}={a}_1+({n}-1)d",
        rf"{a}_{n}={a}_0 q^{n}",
        rf"{a}_{{{n}}}=\frac{{{n}}}{{{n}+{_number(random)}}}",
        rf"{a}_{{{n}}}={a}_{{{n}-1}}+{a}_{{{n}-2}}",
    )
    return random.choice(forms)


def _function(random: Random) -> str:
    x = random.choice("xxxtsu")
    return f"{random.choice('fghyFVP')}({x})={_expression(random, x)}"


def _geometry(random: Random) -> str:
    angle, other = random.choice((r"\alpha", r"\theta", "x")), random.choice((r"\alpha", r"\theta", "x"))
    forms = (
        r"a^2+b^2=c^2",
        rf"A=\pi {random.choice('rRd')}^2",
        rf"V=\frac{{4}}{{3}} \pi r^{random.choice('23')}",
        rf"\sin^2 {angle}+\cos^2 {other}=1",
        rf"d=\sqrt{{(x_2-x_1)^2+(y_2-y_1)^{random.choice('22n')}}}",
        rf"m=\frac{{y_2-y_1}}{{x_{random.randint(2, 4)}-x_1}}",
        rf"y-{_number(random)}={_number(random)}(x-{_number(random)})",
        rf"\log_{{{random.randint(2, 10)}}} {_letter(random)}={_number(random)}",
        rf"{_letter(random)}^{{\frac{{{random.randint(1, 9)}}}{{{random.randint(2, 9)}}}}}={_number(random)}",
        rf"\frac{{{_letter(random)}}}{{{_letter(random)}}}=\frac{{{_letter(random)}}}{{{_letter(random)}}}",
    )
    return random.choice(forms)


def _derivative(random: Random) -> str:
    x, f = random.choice("xxxtyu"), random.choice("fgyuh")
    forms = (
        rf"\frac{{d}}{{d{x}}} ({_expression(random, x)})={_expression(random, x)}",
        rf"\frac{{d{f}}}{{d{x}}}={_expression(random, x)}",
        rf"{f}'({x})={_expression(random, x)}",
        rf"{f}''+{_factor(random)}{f}'+{_factor(random)}{f}={random.choice(('0', _expression(random, x)))}",
        rf"\frac{{\partial {f}}}{{\partial {x}}}={_expression(random, x)}",
        rf"\frac{{d^2 {f}}}{{d{x}^2}}=-{_factor(random)}{f}",
        rf"({f}v)'={f}'v+{f}v'",
    )
    return random.choice(forms)


def _integral(random: Random) -> str:
    x = random.choice("xxxxtsu")
    ends = (("0", "1"), ("0", r"\infty"), ("a", "b"), ("-1", "1"), ("0", r"\pi"), (_number(random), "x"))
    low, high = random.choice(ends)
    limits = random.choice(("", rf"_{{{low}}}^{{{high}}}", rf"_{{{low}}}^{{{high}}}"))
    result = random.choice(("", f"={_expression(random, x)}", f"={_expression(random, x)}+C", f"={_number(random)}"))
    if limits and result.endswith("+C"):
        result = result.removesuffix("+C")
    return rf"\int{limits} {_expression(random, x)} d{x}{result}"


def _limit(random: Random) -> str:
    x = random.choice("xxxhnt")
    goal = random.choice(("0", r"\infty", r"\infty", "a", _number(random)))
    result = random.choice(("", "=0", "=1", f"={_number(random)}", r"=\infty"))
    quotient = rf"\frac{{f(x+{x})-f(x)}}{{{x}}}" if x == "h" else _expression(random, x)
    return rf"\lim_{{{x} \rightarrow {goal}}} {quotient}{result}"


def _big(random: Random) -> str:
    k, n = random.choice("kkiijnm"), random.choice(("n", "n", "N", r"\infty", r"\infty", _number(random)))
    start = random.choice(("0", "1", "1", "2"))
    sign = random.choice((r"\sum", r"\sum", r"\sum", r"\sum", r"\prod"))
    body = random.choice(
        (
            _expression(random, k),
            f"a_{k}",
            f"a_{k} x^{k}",
            rf"\frac{{1}}{{{k}^{random.randint(2, 4)}}}",
            rf"\frac{{x^{k}}}{{{k}!}}",
            f"x_{k} y_{k}",
            f"({k}+1)",
            f"2^{{-{k}}}",
            f"q^{k}",
        )
    )
    total = (rf"=\frac{{{k}({k}+1)}}{{2}}", "=S", f"={_number(random)}", r"=\frac{1}{1-q}", r"<\infty")
    result = random.choice(("", "", *total))
    return rf"{sign}_{{{k}={start}}}^{{{n}}} {body}{result}"


def _series(random: Random) -> str:
    a, n = random.choice("axbs"), random.choice("nmkN")
    sign, dots = random.choice((("+", r"\cdots"), ("+", r"\ldots"), (",", r"\ldots")))
    forms = (
        f"{a}_1{sign}{a}_2{sign}{dots}{sign}{a}_{n}",
        f"1{sign}2{sign}3{sign}{dots}{sign}{n}",
        f"S_{n}={a}_1+{a}_2+{dots}+{a}_{n}",
        rf"1+\frac{{1}}{{{_number(random)}}}+\frac{{1}}{{{_number(random)}}}+{dots}",
        f"f(x)=a_0+a_1 x+a_2 x^2+{dots}",
    )
    return random.choice(forms).replace(r"+\ldots", r"+\cdots")


def _mean(random: Random) -> str:
    x, n = random.choice("xyab"), random.choice("nNm")
    return rf"\overline{{{x}}}=\frac{{1}}{{{n}}} \sum_{{i=1}}^{{{n}}} {x}_i"


ALGEBRA = (
    *(_equation, _equation, _solved, _solved, _product, _product, _geometry, _geometry),
    *(_quadratic, _sequence, _function),
)
CALCULUS = (_derivative, _derivative, _integral, _integral, _integral, _limit)
SUMS = (_big, _big, _big, _big, _series, _mean)
