"""AsciiMath, as wikis and forums read it. Reference: http://asciimath.org."""

from __future__ import annotations

from tegashiki.convert.decimal_comma import DECIMAL_COMMA
from tegashiki.convert.target import Grid, Target
from tegashiki.convert.writer import write
from tegashiki.latex import symbols as s
from tegashiki.latex.mathml import ACCENTS_ABOVE
from tegashiki.latex.nodes import Row

# Pairs: a LaTeX command without its backslash, then its name in AsciiMath. Others are written as their character.
_NAMES = r"""
alpha alpha beta beta gamma gamma delta delta varepsilon varepsilon zeta zeta eta eta theta theta vartheta vartheta
iota iota kappa kappa lambda lambda mu mu nu nu xi xi pi pi rho rho sigma sigma tau tau upsilon upsilon phi phi
varphi varphi chi chi psi psi omega omega
Gamma Gamma Delta Delta Theta Theta Lambda Lambda Xi Xi Pi Pi Sigma Sigma Phi Phi Psi Psi Omega Omega
sum sum prod prod int int oint oint bigcap nnn bigcup uuu bigvee vvv bigwedge ^^^
pm +- times xx div -: cdot * star *** circ @ cap nn cup uu vee vv wedge ^^ oplus o+ otimes ox odot o.
leq <= geq >= neq != equiv -= sim ~ approx ~~ cong ~= propto prop prec -< succ >- preceq -<= succeq >-=
subset sub supset sup subseteq sube supseteq supe in in notin !in perp _|_ vdash |-- models |==
rightarrow -> leftarrow larr leftrightarrow harr uparrow uarr downarrow darr Rightarrow => Leftarrow lArr
Leftrightarrow hArr mapsto |->
partial del nabla grad infty oo forall AA exists EE neg not prime ' emptyset O/ angle /_ triangle /_\ therefore :.
because :' aleph aleph square square top TT
ldots ... cdots cdots vdots vdots ddots ddots
"""
_WORDS = _NAMES.split()
_KNOWN_NAMES = (
    "sin cos tan sinh cosh tanh cot sec csc arcsin arccos arctan coth sech csch exp log ln det dim mod gcd lcm min max "
    "lim"
)
# Signs that AsciiMath takes for something else, and the character that looks the same.
_LOOK_ALIKE = {"*": "**", "/": "//", ":": "∶", "|": "∣", "@": '"@"', "\\_": '"_"', "\\backslash": "\\\\"}
_KNOWN_ACCENTS = {
    **dict.fromkeys(("\\overline", "\\bar"), "bar"),
    **dict.fromkeys(("\\hat", "\\widehat"), "hat"),
    **dict.fromkeys(("\\tilde", "\\widetilde"), "tilde"),
    **dict.fromkeys(("\\vec", "\\overrightarrow"), "vec"),
    **{"\\underline": "ul", "\\dot": "dot", "\\ddot": "ddot", "\\overbrace": "obrace", "\\underbrace": "ubrace"},
    "\\cancel": "cancel",
}


def _letters() -> dict[str, str]:
    double = {f"\\mathbb{{{letter}}}": letter * 2 for letter in "CNQRZ"}
    other = {f"\\mathbb{{{letter}}}": f"bbb({letter})" for letter in (*s.LATIN[:26], "1")}
    return other | double | {f"\\mathcal{{{letter}}}": f"cc({letter})" for letter in s.LATIN[:26]}


def _rows(left: str, right: str, row: str = "($1)") -> Grid:
    return Grid(f"{left}$1{right}", row, between_rows=",", between_cells=",", single=f"{left}$1{right}")


ASCIIMATH = Target(
    name="AsciiMath",
    spacing="space",
    classes={
        **dict.fromkeys(("letter", "digit", "operator", "big"), "$1"),
        "bracket": '"$1"',  # a bracket without a partner
    },
    symbols={
        **{"\\" + latex: name for latex, name in zip(_WORDS[::2], _WORDS[1::2], strict=True)},
        **_letters(),
        "-": "-",
        **_LOOK_ALIKE,
        DECIMAL_COMMA: '","',  # a bare one ends a cell of a matrix
    },
    in_arguments={",": '","'},
    names={name: name for name in _KNOWN_NAMES.split()},
    templates={
        "number": "$1",
        "name": '"$1"',
        "fraction": "@1/@2",
        "sqrt": "sqrt($1)",
        "root": "root($2)($1)",
        "single": "$1",
        "group": "($1)",
        "base": "{:$1:}",
        "sub": "$1_@2",
        "sup": "$1^@3",
        "both": "$1_@2^@3",
        "prime": "$1'",
        "empty": '""',
        "blank": '""',
        "fence": "$1$2$3",
        "binom": "(($1),($2))",
        "overset": "overset($1)($2)",
        "underset": "underset($1)($2)",
    },
    accents={
        **{token: f"overset({'`' if mark == '`' else mark})($1)" for token, mark in ACCENTS_ABOVE.items()},
        **{token: f"{name}($1)" for token, name in _KNOWN_ACCENTS.items()},
    },
    fences={
        "| |": "abs($1)",
        "\\| \\|": "norm($1)",
        "\\lfloor \\rfloor": "floor($1)",
        "\\lceil \\rceil": "ceil($1)",
        "\\langle \\rangle": "(: $1 :)",
    },
    grids={
        "": _rows("{:", ":}"),
        "( )": _rows("(", ")"),
        "[ ]": _rows("[", "]", "[$1]"),
        r"\{ \}": _rows("{ {:", ":} }"),  # in braces of its own AsciiMath sees no matrix
        "| |": _rows("|", "|"),
        r"\| \|": _rows("norm({:", ":})"),
        "\\{ ": _rows("{", ":}"),
    },
)


def asciimath(row: Row) -> str:
    """Return the AsciiMath of a tree in normal form."""
    return write(row, ASCIIMATH)
