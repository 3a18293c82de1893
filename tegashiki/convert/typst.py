"""Typst's mathematics, for between two dollar signs. Reference: https://typst.app/docs/reference/math/."""

from __future__ import annotations

from tegashiki.convert.decimal_comma import DECIMAL_COMMA
from tegashiki.convert.grouping import NAMES
from tegashiki.convert.target import Grid, Target
from tegashiki.convert.writer import write
from tegashiki.latex import symbols as s
from tegashiki.latex.nodes import Row

# Pairs: a LaTeX command without its backslash, then its name in Typst. Other symbols are written as their character.
_NAMES = """
alpha alpha beta beta gamma gamma delta delta epsilon epsilon.alt varepsilon epsilon zeta zeta eta eta theta theta
vartheta theta.alt iota iota kappa kappa lambda lambda mu mu nu nu xi xi pi pi varpi pi.alt rho rho varrho rho.alt
sigma sigma varsigma sigma.alt tau tau upsilon upsilon phi phi.alt varphi phi chi chi psi psi omega omega
Gamma Gamma Delta Delta Theta Theta Lambda Lambda Xi Xi Pi Pi Sigma Sigma Upsilon Upsilon Phi Phi Psi Psi Omega Omega
sum sum prod product coprod product.co int integral iint integral.double iiint integral.triple oint integral.cont
bigcap inter.big bigcup union.big bigvee or.big bigwedge and.big
pm plus.minus mp minus.plus times times div div cdot dot.op star star.op circ compose cap inter cup union vee or
wedge and oplus plus.o otimes times.o
leq <= geq >= neq != equiv equiv sim tilde.op simeq tilde.eq approx approx propto prop ll << gg >>
prec prec succ succ subset subset supset supset subseteq subset.eq supseteq supset.eq in in ni in.rev notin in.not
perp perp
rightarrow -> leftarrow <- leftrightarrow <-> Rightarrow => Leftrightarrow <=> longrightarrow --> Longrightarrow ==>
iff <==> mapsto |-> uparrow arrow.t downarrow arrow.b
partial partial nabla nabla infty infinity forall forall exists exists nexists exists.not neg not prime prime
emptyset emptyset angle angle therefore therefore because because backslash backslash
ldots ... cdots dots.c vdots dots.v ddots dots.down
"""
_WORDS = _NAMES.split()
_ESCAPED = ("(", ")", "[", "]", "/", "@", *s.ESCAPED)


def _letters() -> dict[str, str]:
    named = {f"\\mathbb{{{letter}}}": letter * 2 for letter in s.LATIN[:26]}
    named["\\mathbb{1}"] = "bb(1)"
    return named | {f"\\mathcal{{{letter}}}": f"cal({letter})" for letter in s.LATIN[:26]}


def _matrix(options: str = "") -> Grid:
    return Grid(f"mat({options}$1)", between_rows="; ", between_cells=", ")


TYPST = Target(
    name="Typst",
    spacing="space",
    classes={
        **dict.fromkeys(("letter", "digit", "operator", "big"), "$1"),
        "bracket": "\\$1",  # a bracket without a partner
    },
    symbols={
        **{"\\" + latex: name for latex, name in zip(_WORDS[::2], _WORDS[1::2], strict=True)},
        **{token: "\\" + token[-1] for token in _ESCAPED},
        **_letters(),
        "*": "*",
        "-": "-",
        "|": "|",
        "\\surd": "\\√",  # a bare one takes what follows as its radicand
        DECIMAL_COMMA: 'class("normal", ",")',  # a bare one has a space after it
    },
    in_arguments={",": "\\,", ";": "\\;"},
    names={name: name for name in NAMES if name != "sgn"},
    templates={
        "number": "$1",
        "name": 'op("$1")',
        "fraction": "frac($1, $2)",
        "sqrt": "sqrt($1)",
        "root": "root($2, $1)",
        "single": "$1",
        "group": "($1)",
        "sub": "$1_@2",
        "sup": "$1^@3",
        "both": "$1_@2^@3",
        "prime": "$1'",
        "empty": '""',
        "blank": '""',
        "fence": "$1$2$3",
        "binom": "binom($1, $2)",
        "overset": "attach(limits($2), t: $1)",
        "underset": "attach(limits($2), b: $1)",
    },
    accents={
        **dict.fromkeys(("\\overline", "\\bar"), "overline($1)"),
        "\\underline": "underline($1)",
        **dict.fromkeys(("\\hat", "\\widehat"), "hat($1)"),
        **dict.fromkeys(("\\tilde", "\\widetilde"), "tilde($1)"),
        **dict.fromkeys(("\\vec", "\\overrightarrow"), "arrow($1)"),
        **dict.fromkeys(("\\check", "\\widecheck"), "caron($1)"),
        "\\overleftarrow": "arrow.l($1)",
        "\\dot": "dot($1)",
        "\\ddot": "dot.double($1)",
        "\\dddot": "dot.triple($1)",
        "\\breve": "breve($1)",
        "\\acute": "acute($1)",
        "\\grave": "grave($1)",
        "\\mathring": "circle($1)",
        "\\overbrace": "overbrace($1)",
        "\\underbrace": "underbrace($1)",
        "\\boxed": "#box(stroke: 0.5pt, inset: 3pt, $$1$)",
        "\\cancel": "cancel($1)",
    },
    fences={
        "| |": "abs($1)",
        "\\| \\|": "norm($1)",
        "\\lfloor \\rfloor": "floor($1)",
        "\\lceil \\rceil": "ceil($1)",
        "\\langle \\rangle": "⟨ $1 ⟩",
    },
    grids={
        "": _matrix("delim: #none, "),
        "( )": _matrix(),
        "[ ]": _matrix('delim: "[", '),
        r"\{ \}": _matrix('delim: "{", '),
        "| |": _matrix('delim: "|", '),
        r"\| \|": _matrix('delim: "||", '),
        "\\{ ": Grid("cases($1)", between_rows=", ", between_cells=" & "),
    },
)


def typst(row: Row) -> str:
    """Return the Typst of a tree in normal form."""
    return write(row, TYPST)
