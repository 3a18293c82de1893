r"""Join the readings of lines that stand under each other into one formula.

- A line alone stays what it is.
- If the first line begins with a left brace that nothing closes: `cases`.
- If every line has exactly one relation outside of groups: `aligned` at it.
- Everything else: `gathered`, the lines under each other.

`normalize` turns the LaTeX of `rows_to_latex` into the tokens of `join_rows`.
"""

from collections.abc import Sequence

from tegashiki.latex.environments import ALIGNED_AT, name_environments
from tegashiki.latex.symbols import CELL_BREAK, ROW_BREAK, TABLE_BEGIN, TABLE_END
from tegashiki.latex.tokenizer import join

_OPENS = {"{": 1, TABLE_BEGIN: 1, "}": -1, TABLE_END: -1}


def join_rows(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the canonical tokens of lines, each given by its canonical tokens. Empty lines are left out."""
    name, written = _arranged(rows)
    if not name:
        return written[0] if written else []
    table = [TABLE_BEGIN, *_broken(written), TABLE_END]
    return ["\\{", *table] if name == "cases" else table


def rows_to_latex(rows: Sequence[Sequence[str]]) -> str:
    """Return the same formula as LaTeX that one would type, with the environments of this module."""
    name, written = _arranged(rows)
    named = [name_environments(row) for row in written]
    if not name:
        return join(named[0]) if named else ""
    return join([f"\\begin{{{name}}}", *_broken(named), f"\\end{{{name}}}"])


def _arranged(rows: Sequence[Sequence[str]]) -> tuple[str, list[list[str]]]:
    """Return the environment of lines and its rows; a line alone, or none, has no environment."""
    written = [list(row) for row in rows if row]
    if len(written) < 2:
        return "", written
    if _has_open_brace(written[0]):
        return "cases", [written[0][1:], *written[1:]]
    relations = [_relations(row) for row in written]
    if any(len(places) != 1 for places in relations):
        return "gathered", written
    return "aligned", [
        [*row[:place], CELL_BREAK, *row[place:]] for row, (place,) in zip(written, relations, strict=True)
    ]


def _broken(rows: Sequence[list[str]]) -> list[str]:
    return [token for row in rows for token in (ROW_BREAK, *row)][1:]


def _has_open_brace(row: Sequence[str]) -> bool:
    return row[0] == "\\{" and row.count("\\{") > row.count("\\}")


def _relations(row: Sequence[str]) -> list[int]:
    """Return the indices of the relations outside of groups."""
    depth, found = 0, []
    for index, token in enumerate(row):
        depth += _OPENS.get(token, 0)
        if depth == 0 and token in ALIGNED_AT:
            found.append(index)
    return found
