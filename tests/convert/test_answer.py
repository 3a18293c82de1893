import subprocess
import sys

import pytest

from tegashiki.cli import main
from tegashiki.convert import answer_process
from tegashiki.convert.answer import answer, question, says_the_same
from tegashiki.convert.errors import ConversionError
from tegashiki.recognizer.candidate import Candidate
from tests.convert.formulas import tree


@pytest.fixture
def sympy():
    return pytest.importorskip("sympy", reason="needs the package sympy (the extra `answers`)")


@pytest.mark.parametrize(
    "latex", ["x=3", "f(x)=x", "x+y=2", "x>3", "x^2", r"a\pm b=", "2+3", "=", "1=1", r"\int_0^1 x", r"\boxed{2}="]
)
def test_these_expect_no_answer(latex):
    assert question(tree(latex)) is None


@pytest.mark.parametrize(
    ("latex", "expected"),
    [
        (r"2+3\cdot4=", "14"),
        (r"\frac{1}{3}+\frac{1}{6}=", r"\frac{1}{2}"),
        ("0.1+0.2=", "0.3"),
        (r"\sqrt{8}=", r"2 \sqrt{2}\approx 2.8284271"),
        ("2x+3x=", "5 x"),
        ("x^2-5x+6=0", "x=2,x=3"),
        ("2^x=8", "x=3"),
        ("0.5x=2", "x=4"),
        ("(x-1)(x^3-3x+1)=0", None),
        (r"\sin x=\frac{1}{2}", None),
        ("x^5-x-1=0", None),
        (r"\int_0^1 x^2dx", r"\frac{1}{3}"),
        (r"\int x^2dx", r"\frac{x^{3}}{3}"),
        (r"\sum_{k=1}^{\infty}\frac{1}{2^k}", "1"),
        (r"\lim_{x\to0}\frac{\sin x}{x}", "1"),
        (r"\frac{d}{dx}x^2", "2 x"),
        (r"\frac{1}{0}=", None),
        ("x^2=-1", None),
        (r"\int_0^1 x^xdx", None),
        (r"\lim_{x\to0}\frac{1}{x}", None),
    ],
)
def test_answers(sympy, latex, expected):
    asked = question(tree(latex))
    assert asked is not None
    assert answer_process.calculate(*asked) == expected


def test_a_candidate_is_answered_by_a_process_of_its_own(sympy):
    candidate = Candidate("1+1=", ("1", "+", "1", "="), 1.0, 0.0, ((0,), (1,), (2,), (3,)))
    assert candidate.answer(seconds=60) == "2"


def test_an_answer_that_says_nothing_new_is_none(sympy):
    assert answer("12=", seconds=60) is None
    assert says_the_same(r"\sin{\left(x \right)}", tree(r"\sin x="))
    assert not says_the_same(r"2 \sqrt{2}\approx 2.8284271", tree(r"\sqrt{8}="))


def test_a_decimal_comma_is_kept_in_the_answer(sympy):
    assert answer("2{,}5+1=", seconds=60) == "3{,}5"
    assert answer("2{,}5=", seconds=60) is None  # says nothing new


def test_a_calculation_that_takes_too_long_has_no_answer(sympy):
    assert answer("9^{9^{9}}=", seconds=0.5) is None


def test_an_error_in_the_process_is_no_answer():
    command = [sys.executable, "-m", "tegashiki.convert.answer_process"]
    run = subprocess.run(command, input='["value", "1 +"]', capture_output=True, text=True)
    assert run.returncode == 1 and not run.stdout


def test_without_sympy_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ConversionError, match=r"pip install 'tegashiki\[answers\]'"):
        answer("1+1=")


def test_the_command_prints_answers_and_reports_what_has_none(sympy, capsys):
    assert main(["solve", "1+1=", "x", "--seconds", "60"]) == 1
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == ("2\n", "tegashiki solve: no answer to x\n")


def test_a_limit_of_no_time_is_an_error(capsys):
    assert main(["solve", "1+1=", "--seconds", "0"]) == 2
    assert "--seconds is 0.0" in capsys.readouterr().err
