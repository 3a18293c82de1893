"""Measure again what README's result table states about the shipped model. The exit status is 1 if a figure differs.

    python -m benchmarks.accuracy.results --data-dir data            # `make results`
    python -m benchmarks.accuracy.results --data-dir data --write    # and write the new figures into README

The table stands between the two marks `BEGIN` and `END`. Measured are the rows whose first cell has `default` in a code
span, and the rows below such a row that begin with "the same with" and give options of `tegashiki eval` in a code span.
A column belongs to the split that its title, or the nearest title to its left, names.
"""

import argparse
import json
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tegashiki.cli import run_command
from tegashiki.recognizer.recognizer import DEFAULT_MODEL

README = Path(__file__).parents[2] / "README.md"
BEGIN, END = "<!-- make results -->", "<!-- end of make results -->"
FIGURES = {"ExpRate": "exprate", "<=1": "exprate_le1", "<=2": "exprate_le2", "CER": "cer"}
SIZE = "size"
ALWAYS = ["--dataset", "crohme", "--restrict", "crohme"]

Measure = Callable[[list[str], str], dict[str, float]]  # (options of eval, split) -> figures by name


@dataclass(frozen=True)
class Row:
    """A row of the table that can be measured: its line number from 0, the options of eval, its cells."""

    line: int
    options: list[str]
    cells: list[str]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", default="data", metavar="DIR", help="where datasets are prepared (default: data)")
    parser.add_argument("--write", action="store_true", help="write figures that differ into README")
    args = parser.parse_args()
    text = README.read_text("utf-8")
    measured, differences = rebuild(text, lambda options, split: measure(options, split, args.data_dir))
    print("\n".join(line for line in measured.splitlines() if line not in text.splitlines()))
    print("\n".join(differences) or f"{README.name} states what was measured")
    if differences and args.write:
        README.write_text(measured, encoding="utf-8")
    return 1 if differences and not args.write else 0


def measure(options: list[str], split: str, data_dir: str) -> dict[str, float]:
    """Run `tegashiki eval default` and return its JSON."""
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "result.json"
        command = ["default", *ALWAYS, "--split", split, "--data-dir", data_dir, *options, "--json", str(result)]
        print("tegashiki eval", *command[:-2], flush=True)
        if run_command("eval", command):
            raise SystemExit("the evaluation failed, see above")
        return json.loads(result.read_text("utf-8"))


def rebuild(text: str, measure: Measure) -> tuple[str, list[str]]:
    """Return README's text with the measured figures, and a line for each figure that differs.

    A figure is rounded to as many digits as README gives before it is compared.
    """
    lines = text.splitlines()
    columns, rows = parse(lines)
    differences = []
    for row in rows:
        cells = list(row.cells)
        found: dict[str, dict[str, float]] = {}
        for place, (split, name) in enumerate(columns):
            stated = cells[place].strip(" *")
            if name == SIZE:
                measured = f"{DEFAULT_MODEL.stat().st_size / 1e6:.2f} MB"
            elif name in FIGURES and split:
                found[split] = found.get(split) or measure(row.options, split)
                digits = len(stated.partition(".")[2])
                measured = f"{found[split][FIGURES[name]]:.{digits}f}"
            else:
                continue
            if measured != stated:
                what = " ".join(["default", *row.options, split, name])
                differences.append(f"{what}: {README.name} states {stated}, measured {measured}")
                cells[place] = cells[place].replace(stated, measured)
        lines[row.line] = f"|{'|'.join(cells)}|"
    return "\n".join(lines) + "\n", differences


def parse(lines: list[str]) -> tuple[list[tuple[str, str]], list[Row]]:
    """Return (split, name) of every column, and the rows that can be measured. Raises SystemExit if there are none."""
    if BEGIN not in lines or END not in lines:
        raise SystemExit(f"{README.name} lacks the lines {BEGIN} and {END} around its table of results")
    start, end = lines.index(BEGIN), lines.index(END)
    table = [i for i in range(start, end) if lines[i].startswith("|")]
    if len(table) < 3:
        raise SystemExit(f"there is no table between {BEGIN} and {END} in {README.name}")
    columns = list(_columns(_cells(lines[table[0]])))
    rows: list[Row] = []
    shipped = False  # whether the last named model is the shipped one
    for line in table[2:]:
        cells = _cells(lines[line])
        if len(cells) != len(columns):
            raise SystemExit(f"{README.name}:{line + 1} has {len(cells)} cells, its table {len(columns)}")
        spans = re.findall(r"`([^`]+)`", cells[0])
        same = cells[0].strip(" *").startswith("the same with")
        shipped = (shipped and same) or "default" in spans
        if shipped:
            rows.append(Row(line, " ".join(span for span in spans if same and span.startswith("-")).split(), cells))
    if not rows:
        raise SystemExit(f"no row of the table in {README.name} is of the model `default`")
    return columns, rows


def _cells(line: str) -> list[str]:
    return line.strip().strip("|").split("|")


def _columns(titles: list[str]) -> Iterator[tuple[str, str]]:
    split = ""
    for title in titles:
        *named, name = title.split()
        split = named[0] if named else split
        yield split, name


if __name__ == "__main__":
    sys.exit(main())
