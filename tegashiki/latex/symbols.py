"""Tables of LaTeX commands: the known ones, what they draw, and which are only other spellings.

The parser, the normaliser, the grammar and the vocabulary take all their knowledge about single commands from here.
A command that is in none of the tables is an opaque symbol (see `tegashiki.latex.parser`).
"""

from __future__ import annotations

# --- visible symbols -----------------------------------------------------------------------------------------------

DIGITS = tuple("0123456789")
LATIN = tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
PUNCTUATION = ("!", "(", ")", "*", "+", ",", "-", ".", "/", ":", ";", "<", "=", ">", "?", "@", "[", "]", "|")
ESCAPED = ("\\{", "\\}", "\\#", "\\%", "\\&", "\\$", "\\_")


def _commands(names: str) -> tuple[str, ...]:
    return tuple("\\" + name for name in names.split())


GREEK = _commands(
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi chi psi "
    "omega varepsilon vartheta varkappa varpi varrho varsigma varphi digamma "
    "Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega"
)
# The functions that are one token in CROHME's label lists. All others are spelled out in letters, as in those lists,
# because "max" and `\max` look the same on paper.
FUNCTIONS = _commands("cos lim log sin tan")
BIG_OPERATORS = _commands(
    "sum prod coprod int iint iiint oint bigcap bigcup bigvee bigwedge bigoplus bigotimes bigodot bigsqcup biguplus"
)
INTEGRALS = frozenset(_commands("int iint iiint oint"))  # the big operators with limits beside them
BINARY = _commands(
    "pm mp times div cdot star circ bullet cap cup uplus sqcap sqcup vee wedge oplus ominus otimes oslash odot "
    "bigcirc dagger ddagger amalg wr diamond triangleleft triangleright ltimes rtimes boxplus boxtimes barwedge"
)
RELATIONS = _commands(
    "leq geq leqslant geqslant leqq geqq neq equiv sim simeq approx cong propto doteq triangleq asymp "
    "ll gg lll ggg prec succ preceq succeq preccurlyeq succcurlyeq lesssim gtrsim lessgtr subset supset subseteq "
    "supseteq subsetneq supsetneq sqsubset sqsupset sqsubseteq sqsupseteq in ni notin nmid nparallel perp vdash dashv "
    "models Vdash vDash bowtie frown smile trianglelefteq trianglerighteq"
)
ARROWS = _commands(
    "rightarrow leftarrow uparrow downarrow leftrightarrow updownarrow Rightarrow Leftarrow Uparrow Downarrow "
    "Leftrightarrow longrightarrow longleftarrow longleftrightarrow Longrightarrow Longleftarrow iff mapsto longmapsto "
    "hookrightarrow hookleftarrow nearrow searrow swarrow nwarrow rightharpoonup rightharpoondown leftharpoonup "
    "leftharpoondown rightleftharpoons leftrightharpoons rightsquigarrow twoheadrightarrow leadsto circlearrowleft "
    "circlearrowright"
)
ORDINARY = _commands(
    "partial nabla infty forall exists nexists neg top hbar ell Re Im aleph beth wp imath jmath prime emptyset "
    "varnothing angle measuredangle triangle square blacksquare Diamond backslash not surd flat natural sharp clubsuit "
    "diamondsuit heartsuit spadesuit therefore because complement checkmark S P eth mho"
)
DOTS = _commands("ldots cdots vdots ddots")
DELIMITERS = _commands("langle rangle lfloor rfloor lceil rceil ulcorner urcorner llcorner lrcorner")
# Opening bracket -> closing bracket. `|` can be either.
BRACKETS = {"(": ")", "[": "]", "\\{": "\\}", "\\langle": "\\rangle", "\\lfloor": "\\rfloor", "\\lceil": "\\rceil"}
# Alphabets that look different from plain letters in handwriting; `\mathbb{R}` is ONE token, as in MathWriting.
ALPHABETS = ("\\mathbb", "\\mathcal", "\\mathfrak", "\\mathscr")
ALPHABET_SYNONYMS = dict.fromkeys(_commands("Bbb mathds mathbbm"), "\\mathbb")
BLACKBOARD = (*(f"\\mathbb{{{letter}}}" for letter in LATIN[:26]), "\\mathbb{1}")
CALLIGRAPHIC = tuple(f"\\mathcal{{{letter}}}" for letter in LATIN[:26])

COMMAND_SYMBOLS = (
    GREEK
    + FUNCTIONS
    + BIG_OPERATORS
    + BINARY
    + RELATIONS
    + ARROWS
    + ORDINARY
    + DOTS
    + DELIMITERS
    + BLACKBOARD
    + CALLIGRAPHIC
)
SYMBOLS = DIGITS + LATIN + PUNCTUATION + ESCAPED + COMMAND_SYMBOLS

# --- structure -----------------------------------------------------------------------------------------------------

# Marks over, under or around one group. WIDE_ACCENTS: token -> the token that looks the same over a single symbol.
ACCENTS = _commands(
    "overline underline hat tilde vec dot ddot dddot check breve acute grave mathring overleftarrow "
    "overbrace underbrace boxed cancel"
)
WIDE_ACCENTS = {
    "\\bar": "\\overline",
    "\\widehat": "\\hat",
    "\\widetilde": "\\tilde",
    "\\overrightarrow": "\\vec",
    "\\widecheck": "\\check",
}
STACKS = ("\\binom", "\\overset", "\\underset")
TABLE_BEGIN, TABLE_END, CELL_BREAK, ROW_BREAK = "\\begin{matrix}", "\\end{matrix}", "&", "\\\\"
STRUCTURE = ("{", "}", "_", "^", "\\frac", "\\sqrt", *STACKS, TABLE_BEGIN, TABLE_END, CELL_BREAK, ROW_BREAK)

FRACTIONS = frozenset(_commands("frac dfrac tfrac cfrac"))
BINOMIALS = frozenset(_commands("binom dbinom tbinom"))
INFIX = frozenset(_commands("over atop choose brack brace"))
# Environments and the fences that they draw around their table.
ENVIRONMENTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    **dict.fromkeys(("matrix", "smallmatrix", "array", "aligned", "align", "gathered", "split"), ((), ())),
    "pmatrix": (("(",), (")",)),
    "bmatrix": (("[",), ("]",)),
    "Bmatrix": (("\\{",), ("\\}",)),
    "vmatrix": (("|",), ("|",)),
    "Vmatrix": (("|", "|"), ("|", "|")),
    "cases": (("\\{",), ()),
}

# --- spellings -----------------------------------------------------------------------------------------------------

# Other spellings of structure, which are replaced before parsing.
LEXICAL_SYNONYMS = {"\\sp": "^", "\\sb": "_", "\\cr": "\\\\", "\\tabularnewline": "\\\\", "\\newline": "\\\\"} | {
    # The accents of text: `\"{o}` is `\ddot{o}`.
    "\\'": "\\acute",
    "\\`": "\\grave",
    "\\^": "\\hat",
    '\\"': "\\ddot",
    "\\~": "\\tilde",
    "\\=": "\\bar",
    "\\.": "\\dot",
    "\\v": "\\check",
    "\\u": "\\breve",
    "\\r": "\\mathring",
}
_SPELLED_OUT = (
    "arccos arcsin arctan arg cosh cot coth csc deg det dim exp gcd hom inf ker lg liminf limsup ln max min Pr sec "
    "sinh sup tanh sgn bmod mod arcsec arccsc arccot sech csch lcm tr"
)
SYNONYMS: dict[str, tuple[str, ...]] = {
    "\\" + name: (tuple(new.split()) if new else ())
    for name, new in {
        "le": r"\leq",
        "ge": r"\geq",
        "ne": r"\neq",
        "lt": "<",
        "gt": ">",
        "to": r"\rightarrow",
        "gets": r"\leftarrow",
        "implies": r"\Longrightarrow",
        "impliedby": r"\Longleftarrow",
        "Longleftrightarrow": r"\iff",
        "owns": r"\ni",
        "land": r"\wedge",
        "lor": r"\vee",
        "lnot": r"\neg",
        "dag": r"\dagger",
        "ddag": r"\ddagger",
        "ast": "*",
        "colon": ":",
        "bot": r"\perp",
        "Box": r"\square",
        "setminus": r"\backslash",
        "lbrack": "[",
        "rbrack": "]",
        "lbrace": r"\{",
        "rbrace": r"\}",
        "vert": "|",
        "lvert": "|",
        "rvert": "|",
        "mid": "|",
        "Vert": "| |",
        "lVert": "| |",
        "rVert": "| |",
        "|": "| |",
        "parallel": "| |",
        "dots": r"\ldots",
        "dotsc": r"\ldots",
        "dotso": r"\ldots",
        "dotsb": r"\cdots",
        "dotsi": r"\cdots",
        "dotsm": r"\cdots",
        "empty": r"\emptyset",
        "slash": "/",
        "bigtriangleup": r"\triangle",
        "coloneqq": ": =",
        "i": r"\imath",
        "j": r"\jmath",
    }.items()
} | {"\\" + name: tuple(name) for name in _SPELLED_OUT.split()}
# In a one-line label these are the sign itself and not TeX's comment or parameter character.
SYNONYMS |= {"%": ("\\%",), "#": ("\\#",)}

# Sequences of symbols that look like one canonical symbol. Some sources spell out what the label lists write as one.
WORDS: dict[tuple[str, ...], str] = {tuple(name[1:]): name for name in FUNCTIONS} | {
    (".", ".", "."): "\\ldots",
    ("\\cdot", "\\cdot", "\\cdot"): "\\cdots",
    ("\\not", "="): "\\neq",
    ("\\not", "\\in"): "\\notin",
}

# --- dropped -------------------------------------------------------------------------------------------------------

# Commands that cannot be seen on paper: spaces, sizes, the position of limits, numbering.
DROPPED = frozenset(
    (
        *("\\,", "\\;", "\\:", "\\!", "\\ ", "\\>", "\\/", "~", "$", "\\(", "\\)", "\\[", "\\]"),
        *_commands(
            "quad qquad enspace enskip thinspace medspace thickspace negthinspace negmedspace negthickspace hfill "
            "limits nolimits displaylimits displaystyle textstyle scriptstyle scriptscriptstyle nonumber notag strut "
            "mathstrut relax allowbreak null noindent protect tiny scriptsize footnotesize small normalsize large "
            "Large LARGE huge Huge rm bf it sl tt sf em mit boldmath unboldmath"
        ),
    )
)
# Dropped together with a null delimiter `.` after them.
FENCES = frozenset(
    _commands("left right middle big Big bigg Bigg bigl Bigl biggl Biggl bigr Bigr biggr Biggr bigm Bigm biggm Biggm")
)
# Font and class commands, which are replaced by their argument.
WRAPPERS = frozenset(
    _commands(
        "mathrm mathbf mathit mathsf mathtt mathnormal boldsymbol bm pmb text textrm textbf textit textsf texttt "
        "textnormal textup mbox hbox emph operatorname operatorname* mathop mathrel mathbin mathord mathopen "
        "mathclose mathpunct mathinner ensuremath smash"
    )
)
LABELLED_ARROWS = {
    "\\x" + arrow[1:]: arrow
    for arrow in _commands(
        "rightarrow leftarrow leftrightarrow Rightarrow Leftarrow Leftrightarrow mapsto hookrightarrow hookleftarrow "
        "rightharpoonup rightharpoondown leftharpoonup leftharpoondown rightleftharpoons leftrightharpoons"
    )
}
# Commands with an option in brackets that affects the layout and draws nothing -> the letters of which it may consist.
OPTIONS = {
    "\\cfrac": frozenset("lcr"),
    "\\smash": frozenset("tb"),
    "\\begin{aligned}": frozenset("tcb"),
    "\\begin{gathered}": frozenset("tcb"),
    "\\begin{align}": frozenset("tcb"),
    "\\begin{split}": frozenset("tcb"),
    "\\begin{cases}": frozenset("tcb"),
}
# Commands with an argument that have no token. They are also refused if their argument is not in braces. The commands
# for lengths are here for the case that no length follows; `tegashiki.latex.tokenizer` reads the others.
UNREADABLE = frozenset(
    _commands(
        "textcircled circled xlongequal xtofrom xtwoheadrightarrow xtwoheadleftarrow xcancel bcancel sout uline fbox "
        "framebox overparen underparen overbracket underbracket overleftrightarrow underleftarrow underrightarrow "
        "underleftrightarrow overarc wideparen sideset substack genfrac tag "
        "above abovewithdelims overwithdelims atopwithdelims char symbol verb cancelto arc textcolor color colorbox "
        "multicolumn multirow longdiv ddddot mathchoice mathaccent mathchar raise lower moveleft moveright raisebox "
        "rlap llap clap mathrlap mathllap mathclap hskip vskip mskip kern mkern hspace vspace mspace c b d k H t"
    )
)
INVISIBLE = frozenset(_commands("phantom hphantom vphantom"))
SWITCHES = {"\\cal": "\\mathcal", "\\frak": "\\mathfrak", "\\scr": "\\mathscr"}

KNOWN_COMMANDS = frozenset(
    (
        *COMMAND_SYMBOLS,
        *STRUCTURE,
        *ACCENTS,
        *WIDE_ACCENTS,
        *FRACTIONS,
        *BINOMIALS,
        *INFIX,
        *SYNONYMS,
        *DROPPED,
        *FENCES,
        *WRAPPERS,
        *INVISIBLE,
        *LABELLED_ARROWS,
        *LEXICAL_SYNONYMS,
        "\\pmod",
        "\\stackrel",
        "\\buildrel",
        *SWITCHES,
        *ALPHABETS,
        *ALPHABET_SYNONYMS,
    )
)
