r"""The environments in which people write tables, in place of the canonical `\begin{matrix}`.

- Brackets on both sides: `( \begin{matrix} ... \end{matrix} )` is `\begin{pmatrix} ... \end{pmatrix}`, and `bmatrix`,
  `Bmatrix` and `vmatrix` for square brackets, braces and bars.
- A left brace alone: `cases`.
- No bracket on either side, and in every row exactly one relation outside of braces: `aligned` if every row has a `&`,
  `gathered` if none has.
- Every other table stays `matrix`.

`normalize` turns each of them back into the canonical tokens.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tegashiki.latex.symbols import CELL_BREAK, ROW_BREAK, TABLE_BEGIN, TABLE_END
from tegashiki.latex.tokenizer import join

FENCED = {("(", ")"): "pmatrix", ("[", "]"): "bmatrix", ("\\{", "\\}"): "Bmatrix", ("|", "|"): "vmatrix"}
OPENING = frozenset(("(", "[", "\\{", "|", "\\langle", "\\lfloor", "\\lceil"))
CLOSING = frozenset((")", "]", "\\}", "|", "\\rangle", "\\rfloor", "\\rceil"))
ALIGNED_AT = frozenset(("=", "<", ">", "\\in", "\\subset", "\\subseteq", "\\rightarrow", "\\Rightarrow")) | frozenset(
    "\\" + name for name in ("leq", "geq", "leqslant", "geqslant", "neq", "equiv", "sim", "simeq", "approx", "cong")
)


@dataclass
class _Table:
    """A table between two tokens: its relations and column breaks, row by row."""

    begin: int
    end: int
    relations: list[int]
    breaks: list[int]


def to_latex(tokens: Sequence[str]) -> str:
    """Return canonical tokens as LaTeX that one would type, with the environments of this module."""
    return join(name_environments(tokens))


def name_environments(tokens: Sequence[str]) -> list[str]:
    """Return the tokens with the environments of this module. Brackets that belong to an environment are left out."""
    named: dict[int, str] = {}  # index of a token -> what replaces it
    tokens = tuple(tokens)
    for table in _tables(tokens):
        before, after = tokens[table.begin - 1 : table.begin], tokens[table.end + 1 : table.end + 2]
        left, right = (before or ("",))[0], (after or ("",))[0]
        if table.begin - 1 in named or tokens[table.begin - 2 : table.begin - 1] == ("\\sqrt",):
            left = ""  # the bracket belongs to the table before, or begins the index of a root
        name = "matrix"
        fences: tuple[int, ...] = ()
        if (left, right) in FENCED:
            name, fences = FENCED[left, right], (table.begin - 1, table.end + 1)
        elif left == "\\{" and right not in CLOSING:
            name, fences = "cases", (table.begin - 1,)
        elif left not in OPENING and right not in CLOSING and len(table.relations) > 1 and set(table.relations) == {1}:
            if min(table.breaks) > 0:
                name = "aligned"
            elif max(table.breaks) == 0:
                name = "gathered"
        named |= dict.fromkeys(fences, "")
        named |= {table.begin: f"\\begin{{{name}}}", table.end: f"\\end{{{name}}}"}
    return [named.get(index, token) for index, token in enumerate(tokens) if named.get(index, token)]


def _tables(tokens: Sequence[str]) -> Iterator[_Table]:
    """Yield the tables whose end is there, in the order of their ends."""
    open_groups: list[_Table | None] = []  # None is a group of braces
    for index, token in enumerate(tokens):
        group = open_groups[-1] if open_groups else None
        if token == TABLE_BEGIN:
            open_groups.append(_Table(index, index, [0], [0]))
        elif token == "{":
            open_groups.append(None)
        elif token == "}" and open_groups:
            open_groups.pop()
        elif group is None:
            continue
        elif token == TABLE_END:
            open_groups.pop()
            group.end = index
            yield group
        elif token == ROW_BREAK:
            group.relations.append(0)
            group.breaks.append(0)
        else:
            group.relations[-1] += token in ALIGNED_AT
            group.breaks[-1] += token == CELL_BREAK
