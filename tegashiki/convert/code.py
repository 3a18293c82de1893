"""Write a calculation as source code, by the tables of a language."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from tegashiki.convert.errors import ConversionError
from tegashiki.convert.meaning import Term

_HOLE = re.compile(r"\$(\d)")
# How tightly an operator binds, the loosest first.
RELATION, ADD, MULTIPLY, NEGATE, POWER, ATOM = range(6)
KEYWORDS = frozenset(("lambda", "in", "is", "as", "if", "or"))


@dataclass(frozen=True)
class Language:
    """The tables of a language.

    Attributes:
        name: Its name in errors.
        calls: Templates of functions and of the heads that are written like functions, by name and number of parts
            (`log 2`), or by name alone. What is missing the language cannot say.
        constants: The constants.
        relations: Templates of relations.
        exact: Whether a quotient of whole numbers must be kept from becoming a float.
        way_out: What to do with a part that the language cannot say, for the error.
    """

    name: str
    calls: dict[str, str] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)
    relations: dict[str, str] = field(default_factory=dict)
    exact: bool = False
    way_out: str = "write it as LaTeX"


class CodeWriter:
    """Writes terms and collects the names that they use.

    Attributes:
        symbols: The identifiers of variables with their names, in order of appearance.
        functions: The same for functions without a definition.
        sequences: The same for sequences, which have an index.
        used: The templates that were filled in.
    """

    def __init__(self, language: Language) -> None:
        self.language = language
        self.symbols: dict[str, str] = {}
        self.functions: dict[str, str] = {}
        self.sequences: dict[str, str] = {}
        self.used: list[str] = []

    def write(self, term: Term, loosest: int = RELATION) -> str:
        """Return the code of a term, in parentheses if it binds more loosely than `loosest`."""
        text, level = self.code(term)
        return text if level >= loosest else f"({text})"

    def code(self, term: Term) -> tuple[str, int]:
        """Return the code of a term and how tightly it binds."""
        parts = term.parts
        match term.head:
            case "number":
                return self.number(term.text), ATOM
            case "symbol":
                return self.symbol(term.text), ATOM
            case "constant":
                return self.template("constant", self.language.constants.get(term.text), term.text), ATOM
            case "add":
                return self.sum(term), ADD
            case "neg":
                return "-" + self.write(parts[0], MULTIPLY), NEGATE
            case "mul":
                return self.product(term), MULTIPLY
            case "div":
                return self.quotient(*parts)
            case "pow":
                return self.power(*parts)
            case "relation":
                text = self.template("relation", self.language.relations.get(term.text), term.text)
                loosest = RELATION if "(" in text else ADD
                return _filled(text, [self.write(part, loosest) for part in parts]), ATOM if "(" in text else RELATION
            case "list":
                return f"({', '.join(map(self.write, parts))})", ATOM
            case "matrix":
                rows = ", ".join(f"[{', '.join(map(self.write, row.parts))}]" for row in parts)
                return self.call("matrix", [f"[{rows}]"])
            case "element":
                self.sequences[identifier(term.text)] = term.text
                return f"{identifier(term.text)}[{self.write(parts[0])}]", ATOM
            case "apply":
                name = identifier(term.text)
                self.functions[name] = term.text
                return f"{name}({', '.join(map(self.write, parts))})", ATOM
        return self.call(term.text if term.head == "call" else term.head + term.text, [self.write(p) for p in parts])

    def number(self, text: str) -> str:
        """Return a number. Python takes no zeros before an integer."""
        whole, point, digits = text.partition(".")
        return (whole.lstrip("0") or "0") + point + digits

    def symbol(self, name: str) -> str:
        """Return a variable and remember it."""
        self.symbols[identifier(name)] = name
        return identifier(name)

    def sum(self, term: Term) -> str:
        """Return a sum."""
        text = self.write(term.parts[0], ADD)
        for part in term.parts[1:]:
            negative = part.head == "neg"
            text += " - " + self.write(part.parts[0], MULTIPLY) if negative else " + " + self.write(part, MULTIPLY)
        return text

    def product(self, term: Term) -> str:
        """Return a product."""
        return "*".join([self.write(term.parts[0], MULTIPLY), *(self.write(part, POWER) for part in term.parts[1:])])

    def quotient(self, above: Term, below: Term) -> tuple[str, int]:
        """Return a quotient; of whole numbers an exact one if the language needs it."""
        if self.language.exact and is_whole(above) and is_whole(below):
            if above.head == below.head == "number":
                return self.call("rational", [self.write(above), self.write(below)])
            return f"{self.write(above, MULTIPLY)}/{self.whole(below)}", MULTIPLY
        return f"{self.write(above, MULTIPLY)}/{self.write(below, POWER)}", MULTIPLY

    def power(self, base: Term, exponent: Term) -> tuple[str, int]:
        """Return a power; of whole numbers an exact one if the language needs it."""
        whole = self.language.exact and is_whole(base) and exponent.head != "number"
        text = self.whole(base) if whole else self.write(base, ATOM)
        return f"{text}**{self.write(exponent, POWER)}", POWER

    def whole(self, term: Term) -> str:
        """Return a term that stays a whole number."""
        return self.call("integer", [self.write(term)])[0]

    def call(self, name: str, parts: list[str]) -> tuple[str, int]:
        """Return the call of a function."""
        calls = self.language.calls
        template = calls.get(f"{name} {len(parts)}", calls.get(name))
        text = self.template("call", template, name)
        if "..." in text:
            return text.replace("...", ", ".join(parts)), ATOM
        if text.count("$") != len(parts) and f"{name} {len(parts)}" not in calls:
            raise self.cannot(f"{name} of {len(parts)} values")
        return _filled(text, parts), ATOM

    def template(self, kind: str, text: str | None, name: str) -> str:
        """Return a template and remember it, or raise the error that there is none."""
        if text is None:
            raise self.cannot(name)
        self.used.append(text)
        return text

    def cannot(self, what: str) -> ConversionError:
        """Return the error of a part that the language cannot say."""
        return ConversionError(f"{self.language.name} cannot say {what}: {self.language.way_out}")


def is_whole(term: Term) -> bool:
    """Return whether the code of a term is a calculation of whole numbers alone."""
    if term.head == "number":
        return term.text.isdigit()
    return term.head in ("add", "neg", "mul") and all(map(is_whole, term.parts))


def identifier(name: str) -> str:
    """Return the name of a variable as a Python identifier."""
    name = re.sub(r"\W", "_", name)
    return name + "_" if name in KEYWORDS else name


def _filled(template: str, parts: Sequence[str]) -> str:
    return _HOLE.sub(lambda hole: parts[int(hole[1]) - 1], template)
