r"""Convert LaTeX to a form for pasting: MathML, Typst, AsciiMath, Unicode text, SymPy, Python, Word, a picture.

    tegashiki convert '\frac{1}{2}' --to typst
    tegashiki convert --file formulas.txt --to mathml
    tegashiki recognize ink.inkml | cut -f3 | tegashiki convert - --to docx --output ink.docx

Each argument is one formula; `-` reads standard input and --file a file, one formula in each line. Before a formula
that begins with a minus sign, write `--`. The forms are:

    latex           LaTeX as one would type it
    latex-inline    LaTeX between $ and $
    latex-display   LaTeX between \[ and \]
    mathml          MathML, for web pages and many programs
    typst           Typst, without its dollar signs
    asciimath       AsciiMath, for wikis and forums
    unicode         Unicode text such as x²+½
    sympy           SymPy source with its imports
    python          Python source that calculates a number
    omml            Office Math Markup Language, the XML of Word's equations
    html            HTML that Word pastes as an equation
    docx            a Word document
    svg, png        a picture (needs the extra `typst`: pip install 'tegashiki[typst]')

Each formula is one line of the output; SymPy and Python have a blank line between two formulas. A .docx file has a
paragraph for each. A formula that cannot be converted is reported on standard error, and the exit status is then 1.
--ink draws an ink file as svg or png in place of a formula. docs/convert.md shows an example of every form.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tegashiki.file_names import expand_home

STANDARD_INPUT = "-"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `tegashiki convert`."""
    parser.add_argument(
        "formulas", nargs="*", metavar="LATEX", help="formulas; - reads standard input, one in each line"
    )
    parser.add_argument("--to", required=True, metavar="FORM", help="the form, see above")
    parser.add_argument("--file", type=expand_home, metavar="FILE", help="a file of formulas, one in each line")
    parser.add_argument("--ink", type=expand_home, metavar="FILE", help="an ink file to draw, for svg and png")
    parser.add_argument(
        "--output", type=expand_home, metavar="FILE", help="the file to write (default: standard output)"
    )


def run(args: argparse.Namespace) -> int:
    """Convert every formula; return the exit status, 1 if one could not be converted."""
    from tegashiki.convert.convert import BINARY, checked
    from tegashiki.convert.errors import ConversionError
    from tegashiki.safe_files import check_output

    checked(args.to)
    if args.output:
        check_output("--output", args.output, args.file, args.ink)
    elif args.to in BINARY and sys.stdout.isatty():
        raise ConversionError(f"{args.to} is not text for a terminal: give --output FILE or redirect it")
    if args.ink:
        _write(args.output, _drawn(args.ink, args.to))
        return 0
    formulas = list(_formulas(args.formulas, args.file))
    if not formulas:
        raise ConversionError("no formula given: give LaTeX, - for standard input, or --file FILE")
    if len(formulas) > 1 and args.to in ("svg", "png"):
        raise ConversionError(f"{len(formulas)} formulas, but a picture shows one: give one formula")
    content, failed = _converted(formulas, args.to)
    if content:
        _write(args.output, content)
    return int(failed)


def _formulas(arguments: list[str], file: Path | None) -> Iterator[str]:
    for argument in arguments:
        yield from sys.stdin if argument == STANDARD_INPUT else [argument]
    if file is not None:
        with file.open(encoding="utf-8", errors="surrogateescape") as lines:
            yield from lines


def _converted(formulas: list[str], to: str) -> tuple[str | bytes, bool]:
    """Return the output and whether a formula could not be converted. Empty lines are left out."""
    from tegashiki.convert.convert import convert
    from tegashiki.convert.decimal_comma import formula_tree
    from tegashiki.convert.word import docx
    from tegashiki.errors import UserError

    found: list[Any] = []
    failed = False
    for formula in filter(None, map(str.strip, formulas)):
        try:
            found.append(formula_tree(formula) if to == "docx" else convert(formula, to))
        except UserError as error:
            failed = True
            print(f"tegashiki convert: {error}", file=sys.stderr)
    if to == "docx":
        return (docx(found) if found else b""), failed
    if to == "png":
        return (found[0] if found else b""), failed
    between = "\n\n" if to in ("sympy", "python") else "\n"
    return (between.join(found) + "\n" if found else ""), failed


def _drawn(path: Path, to: str) -> str | bytes:
    from tegashiki.convert.errors import ConversionError
    from tegashiki.convert.picture import ink_png, ink_svg
    from tegashiki.ink.files import read_ink

    if to not in ("svg", "png"):
        raise ConversionError(f"--ink is drawn as svg or png, not as {to}: `tegashiki recognize` reads it")
    ink = read_ink(path)
    return ink_svg(ink) + "\n" if to == "svg" else ink_png(ink)


def _write(path: Path | None, content: str | bytes) -> None:
    from tegashiki.safe_files import atomic_write

    data = content if isinstance(content, bytes) else content.encode("utf-8")
    if path is None:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        return
    with atomic_write(path) as unfinished:
        unfinished.write_bytes(data)
