"""The tree of a formula."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """Items side by side. As an item of another row it is a plain `{...}` group."""

    items: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Symbol:
    """One visible token."""

    token: str


@dataclass(frozen=True, slots=True)
class Script:
    """A base with a subscript, a superscript or both. A base of None is `{}`, which draws nothing."""

    base: Node | None
    sub: Row | None = None
    sup: Row | None = None


@dataclass(frozen=True, slots=True)
class Fraction:
    """Numerator over denominator, with a bar."""

    numerator: Row
    denominator: Row


@dataclass(frozen=True, slots=True)
class Root:
    """Root sign over a radicand. The index of a square root is None."""

    radicand: Row
    index: Row | None = None


@dataclass(frozen=True, slots=True)
class Accent:
    r"""A mark over, under or around a group: `\hat`, `\overline`, `\underbrace` ..."""

    token: str
    body: Row


@dataclass(frozen=True, slots=True)
class Stack:
    r"""Two groups, one above the other: `\binom` and `\overset` (first above second), `\underset` (first below)."""

    token: str
    first: Row
    second: Row


@dataclass(frozen=True, slots=True)
class Table:
    r"""Rows of cells without fences: `\begin{matrix} a & b \\ c & d \end{matrix}`."""

    rows: tuple[tuple[Row, ...], ...]


Node = Row | Symbol | Script | Fraction | Root | Accent | Stack | Table


def is_blank(node: Node | None) -> bool:
    """Return whether a node draws nothing: it is None, or a row of nothing but blank nodes."""
    return node is None or (isinstance(node, Row) and all(is_blank(item) for item in node.items))
