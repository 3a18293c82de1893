import io
import sys
import zipfile
from pathlib import Path

import pytest

from tegashiki.cli import main
from tegashiki.commands import convert as command
from tegashiki.convert.convert import FORMS

INK = Path(__file__).parents[1] / "fixtures" / "crohme" / "512_em_286.inkml"


def test_each_argument_is_a_line(capsys):
    assert main(["convert", r"\frac{1}{2}", "x^2", "--to", "typst"]) == 0
    assert capsys.readouterr().out == "frac(1, 2)\nx^2\n"


def test_a_file_and_standard_input_have_a_formula_in_each_line(capsys, monkeypatch, tmp_path):
    (tmp_path / "formulas.txt").write_text("a_1\n\n\\alpha\n")
    monkeypatch.setattr(sys, "stdin", io.StringIO("x^2\n"))
    assert main(["convert", "-", "--file", str(tmp_path / "formulas.txt"), "--to", "unicode"]) == 0
    assert capsys.readouterr().out == "x²\na₁\nα\n"


def test_what_cannot_be_converted_is_reported_and_the_rest_is_written(capsys):
    assert main(["convert", r"\boxed{x}", "{", "y", "--to", "asciimath"]) == 1
    printed = capsys.readouterr()
    assert printed.out == "y\n"
    assert printed.err.startswith("tegashiki convert: AsciiMath cannot say \\boxed: write it as LaTeX or MathML\n")
    assert printed.err.count("\n") == 2


def test_a_document_has_a_paragraph_for_each_formula(tmp_path):
    path = tmp_path / "f.docx"
    assert main(["convert", "x", "y", "--to", "docx", "--output", str(path)]) == 0
    with zipfile.ZipFile(path) as archive:
        assert archive.read("word/document.xml").count(b"<w:p>") == 2


def test_ink_is_drawn(capsys):
    assert main(["convert", "--ink", str(INK), "--to", "svg"]) == 0
    assert capsys.readouterr().out.count("<polyline") > 5


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["x", "--to", "excel"], "'excel' is no form of a formula"),
        (["--to", "typst"], "no formula given: give LaTeX"),
        (["x", "y", "--to", "svg"], "2 formulas, but a picture shows one"),
        (["--ink", str(INK), "--to", "typst"], "--ink is drawn as svg or png, not as typst"),
        (["--file", "nowhere.txt", "--to", "typst"], "nowhere.txt"),
    ],
)
def test_bad_arguments_are_errors_of_one_line(capsys, arguments, message):
    assert main(["convert", *arguments]) == 2
    error = capsys.readouterr().err
    assert message in error and error.count("\n") == 1


def test_bytes_are_not_printed_on_a_terminal(capsys, monkeypatch):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert main(["convert", "x", "--to", "docx"]) == 2
    assert "give --output FILE" in capsys.readouterr().err


def test_the_help_lists_every_form():
    listed = {name.strip(",") for line in (command.__doc__ or "").splitlines() for name in line[:19].split()}
    assert set(FORMS) <= listed
