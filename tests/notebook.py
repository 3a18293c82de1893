"""Run a notebook without Jupyter. `python -m tests.notebook FILE --write` stores the outputs in the file.

The output of a cell is its printed text and the value of its last expression, as SVG if the value supports it.
"""

import argparse
import ast
import contextlib
import io
import json
from pathlib import Path
from typing import Any


def run(notebook: dict[str, Any]) -> None:
    """Run the code cells in order in one namespace, and replace their outputs."""
    namespace: dict[str, Any] = {"__name__": "__main__"}
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    for number, cell in enumerate(cells, start=1):
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            value = run_cell("".join(cell["source"]), f"<cell {number}>", namespace)
        cell["execution_count"] = number
        cell["outputs"] = outputs(printed.getvalue(), value, number)


def run_cell(source: str, name: str, namespace: dict[str, Any]) -> Any:
    """Run a cell. Return the value of its last statement if that is an expression, otherwise None."""
    tree = ast.parse(source, name)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, name, "exec"), namespace)
    return eval(compile(ast.Expression(last.value), name, "eval"), namespace) if isinstance(last, ast.Expr) else None


def outputs(printed: str, value: Any, number: int) -> list[dict[str, Any]]:
    """Return a cell's outputs in the notebook format, version 4."""
    found: list[dict[str, Any]] = []
    printed = "\n".join(line.rpartition("\r")[2] for line in printed.split("\n"))  # last state of a progress bar
    if printed:
        found.append({"name": "stdout", "output_type": "stream", "text": printed.splitlines(keepends=True)})
    if value is not None:
        drawn = hasattr(value, "_repr_svg_")
        data = {"image/svg+xml": value._repr_svg_()} if drawn else {"text/plain": repr(value)}
        data = {kind: text.splitlines(keepends=True) for kind, text in data.items()}
        found.append({"data": data, "execution_count": number, "metadata": {}, "output_type": "execute_result"})
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, help="the notebook, an .ipynb file")
    parser.add_argument("--write", action="store_true", help="write the outputs to FILE (default: print them)")
    args = parser.parse_args()
    notebook = json.loads(args.file.read_text("utf-8"))
    run(notebook)
    if args.write:
        args.file.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    else:
        print(json.dumps(notebook))


if __name__ == "__main__":
    main()
