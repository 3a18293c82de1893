"""Conversion between Unicode and LaTeX: the character that shows a symbol, and the LaTeX of a character."""

from __future__ import annotations

import unicodedata
from functools import cache

from tegashiki.latex import symbols as s

# Pairs: a LaTeX command without its backslash, then the character that shows it.
_CHARACTER_OF_COMMAND = """
alpha α beta β gamma γ delta δ epsilon ϵ zeta ζ eta η theta θ iota ι kappa κ lambda λ mu μ nu ν xi ξ pi π rho ρ sigma σ
tau τ upsilon υ phi ϕ chi χ psi ψ omega ω varepsilon ε vartheta ϑ varkappa ϰ varpi ϖ varrho ϱ varsigma ς varphi φ
digamma ϝ Gamma Γ Delta Δ Theta Θ Lambda Λ Xi Ξ Pi Π Sigma Σ Upsilon Υ Phi Φ Psi Ψ Omega Ω
sum ∑ prod ∏ coprod ∐ int ∫ iint ∬ iiint ∭ oint ∮ bigcap ⋂ bigcup ⋃ bigvee ⋁ bigwedge ⋀ bigoplus ⨁ bigotimes ⨂
bigodot ⨀ bigsqcup ⨆ biguplus ⨄
pm ± mp ∓ times × div ÷ cdot ⋅ star ⋆ circ ∘ bullet • cap ∩ cup ∪ uplus ⊎ sqcap ⊓ sqcup ⊔ vee ∨ wedge ∧ oplus ⊕
ominus ⊖ otimes ⊗ oslash ⊘ odot ⊙ bigcirc ◯ dagger † ddagger ‡ amalg ⨿ wr ≀ diamond ⋄ triangleleft ◁ triangleright ▷
ltimes ⋉ rtimes ⋊ boxplus ⊞ boxtimes ⊠ barwedge ⊼
leq ≤ geq ≥ leqslant ⩽ geqslant ⩾ leqq ≦ geqq ≧ neq ≠ equiv ≡ sim ∼ simeq ≃ approx ≈ cong ≅ propto ∝ doteq ≐
triangleq ≜ asymp ≍ ll ≪ gg ≫ lll ⋘ ggg ⋙ prec ≺ succ ≻ preceq ⪯ succeq ⪰ preccurlyeq ≼ succcurlyeq ≽ lesssim ≲
gtrsim ≳ lessgtr ≶ subset ⊂ supset ⊃ subseteq ⊆ supseteq ⊇ subsetneq ⊊ supsetneq ⊋ sqsubset ⊏ sqsupset ⊐ sqsubseteq ⊑
sqsupseteq ⊒ in ∈ ni ∋ notin ∉ nmid ∤ nparallel ∦ perp ⊥ vdash ⊢ dashv ⊣ models ⊧ Vdash ⊩ vDash ⊨ bowtie ⋈ frown ⌢
smile ⌣ trianglelefteq ⊴ trianglerighteq ⊵
rightarrow → leftarrow ← uparrow ↑ downarrow ↓ leftrightarrow ↔ updownarrow ↕ Rightarrow ⇒ Leftarrow ⇐ Uparrow ⇑
Downarrow ⇓ Leftrightarrow ⇔ longrightarrow ⟶ longleftarrow ⟵ longleftrightarrow ⟷ Longrightarrow ⟹ Longleftarrow ⟸
iff ⟺ mapsto ↦ longmapsto ⟼ hookrightarrow ↪ hookleftarrow ↩ nearrow ↗ searrow ↘ swarrow ↙ nwarrow ↖ rightharpoonup ⇀
rightharpoondown ⇁ leftharpoonup ↼ leftharpoondown ↽ rightleftharpoons ⇌ leftrightharpoons ⇋ rightsquigarrow ⇝
twoheadrightarrow ↠ leadsto ⇝ circlearrowleft ↺ circlearrowright ↻
partial ∂ nabla ∇ infty ∞ forall ∀ exists ∃ nexists ∄ neg ¬ top ⊤ hbar ℏ ell ℓ Re ℜ Im ℑ aleph ℵ beth ℶ wp ℘ imath ı
jmath ȷ prime ′ emptyset ∅ varnothing ⌀ angle ∠ measuredangle ∡ triangle △ square □ blacksquare ■ Diamond ◇ backslash \\
not ⧸ surd √ flat ♭ natural ♮ sharp ♯ clubsuit ♣ diamondsuit ♢ heartsuit ♡ spadesuit ♠ therefore ∴ because ∵
complement ∁ checkmark ✓ S § P ¶ eth ð mho ℧
ldots … cdots ⋯ vdots ⋮ ddots ⋱
langle ⟨ rangle ⟩ lfloor ⌊ rfloor ⌋ lceil ⌈ rceil ⌉ ulcorner ⌜ urcorner ⌝ llcorner ⌞ lrcorner ⌟
"""
_WORDS = _CHARACTER_OF_COMMAND.split()
CHARACTERS: dict[str, str] = {"\\" + name: drawn for name, drawn in zip(_WORDS[::2], _WORDS[1::2], strict=True)}
# The first capital, small letter and digit of an alphabet in Unicode's plane 1, and its letters outside of that plane.
_ALPHABETS = {
    "\\mathbb": ("𝔸", "𝕒", "𝟘", dict(zip("CHNPQRZ", "ℂℍℕℙℚℝℤ", strict=True))),
    "\\mathcal": ("𝒜", "𝒶", "", dict(zip("BEFHILMRego", "ℬℰℱℋℐℒℳℛℯℊℴ", strict=True))),
    "\\mathscr": ("𝒜", "𝒶", "", dict(zip("BEFHILMRego", "ℬℰℱℋℐℒℳℛℯℊℴ", strict=True))),
    "\\mathfrak": ("𝔄", "𝔞", "", dict(zip("CHIRZ", "ℭℌℑℜℨ", strict=True))),
}


def character(token: str) -> str:
    r"""Return the characters that show a symbol: `α` for `\alpha`, `sin` for `\sin`. Unknown commands are kept."""
    if token in CHARACTERS:
        return CHARACTERS[token]
    if token in s.ESCAPED:
        return token[1:]
    if token in s.FUNCTIONS:
        return token[1:]
    alphabet, brace, letter = token.partition("{")
    if brace and alphabet in _ALPHABETS:
        return _letter(alphabet, letter.rstrip("}"))
    return {"-": "−", "*": "∗"}.get(token, token)


def _letter(alphabet: str, letter: str) -> str:
    capital, small, digit, before = _ALPHABETS[alphabet]
    if letter in before:
        return before[letter]
    if letter.isdigit():
        return chr(ord(digit) + int(letter)) if digit else letter
    first, origin = (capital, "A") if letter.isupper() else (small, "a")
    return chr(ord(first) + ord(letter) - ord(origin))


# --- from characters in a label to LaTeX

# Pairs: a character in a label, then its LaTeX.
_LATEX_OF_CHARACTER = """
− - ‐ - ‑ - ‒ - – - ∗ * ⁎ * ∕ / ∶ : ′ ' ’ ' · \\cdot ∙ \\bullet ⟂ \\perp ∥ \\parallel ‖ \\| ∣ | ∖ \\setminus
〈 \\langle 〉 \\rangle ～ \\sim ∆ \\Delta ◻ \\square ◊ \\Diamond ◦ \\circ ⁃ - ⨯ \\times ⧵ \\backslash 〜 \\sim ≔
\\coloneqq Α A Β B Ε E Ζ Z Η H Ι I Κ K Μ M Ν N Ο O
Ρ P Τ T Χ X ο o
"""
_PAIRS = _LATEX_OF_CHARACTER.split()
_SHOWN_ONLY = "⧸"  # shows `\not` on a page; in a label it is a long slash
LATEX_OF: dict[str, str] = {
    **{drawn: token for token, drawn in reversed(CHARACTERS.items()) if not drawn.isascii() and drawn != _SHOWN_ONLY},
    **dict(zip(_PAIRS[::2], _PAIRS[1::2], strict=True)),
    "°": "^{\\circ}",
    "℃": "^{\\circ}C",
    "℉": "^{\\circ}F",
    "⇝": "\\rightsquigarrow",
}
# Characters that are refused, with a hint: they are ambiguous, or their compatibility form looks different by hand.
_AMBIGUOUS = {
    "√": "write \\sqrt{...}, which says how far the root reaches",
    "∛": "write \\sqrt[3]{...}, which says how far the root reaches",
    "∜": "write \\sqrt[4]{...}, which says how far the root reaches",
    "∯": "",
    "∰": "",
    "⨌": "",
    "⁄": "write \\frac{...}{...} or /",
    "⅟": "write \\frac{1}{...}",
}
# Combining mark -> the command that it applies to the symbol before it.
NEGATION = "\u0338"
MARKS = {
    **{"\u0300": "\\grave", "\u0301": "\\acute", "\u0302": "\\hat", "\u0303": "\\tilde", "\u0304": "\\bar"},
    **{"\u0305": "\\overline", "\u0306": "\\breve", "\u0307": "\\dot", "\u0308": "\\ddot", "\u030a": "\\mathring"},
    **{"\u030c": "\\check", "\u0331": "\\underline", "\u0332": "\\underline", "\u20d6": "\\overleftarrow"},
    **{"\u20d7": "\\vec", "\u20db": "\\dddot", "\u20de": "\\boxed", NEGATION: "\\not"},
}
# Invisible characters: joiners, text directions, invisible operators, variation selectors.
INVISIBLE = "\u00ad\u200b-\u200f\u2060-\u2064\ufe0e\ufe0f\ufeff"
# A full-width sign is the sign itself and never TeX markup.
_SIGNS = {**{sign: "\\" + sign for sign in "{}#%&$_"}, "\\": "\\backslash", "~": "\\sim", "|": "|"}
_SCRIPTS = {"<super>": "^", "<sub>": "_"}
_SAME_DRAWING = frozenset(("", "<font>", "<compat>", "<wide>", "<narrow>", "<small>", "<square>", "<noBreak>"))
_STYLES = {"DOUBLE-STRUCK": "\\mathbb", "SCRIPT": "\\mathcal", "FRAKTUR": "\\mathfrak", "BLACK-LETTER": "\\mathfrak"}


def script_of(character: str) -> tuple[str, str] | None:
    r"""Return the mark and the LaTeX of a raised or lowered character: `("^", "2")` for `²`, `("_", "1")` for `₁`."""
    kind, decomposed = _decomposition(character)
    inner = latex_of(decomposed) if kind in _SCRIPTS else None
    return None if inner is None else (_SCRIPTS[kind], inner)


@cache
def latex_of(text: str) -> str | None:
    r"""Return the LaTeX that looks like a character in handwriting, `\frac{1}{2}` for `½`; None if none is known.

    A text of several characters, as from a decomposition, is converted one by one. Compatibility forms are those of
    Unicode (NFKC) if they look the same in handwriting.
    """
    if len(text) != 1:
        spelled = [latex_of(each) for each in text]
        return None if None in spelled else "{" + " ".join(filter(None, spelled)) + "}"
    if text.isascii():
        return None if text in "^`" or not text.isprintable() else _SIGNS.get(text, text)
    if text in _AMBIGUOUS:
        return None
    if text in LATEX_OF:
        return LATEX_OF[text]
    if found := script_of(text):
        return f"{found[0]}{{{found[1]}}}"
    return _decomposed_latex(text)


def _decomposed_latex(character: str) -> str | None:
    kind, decomposed = _decomposition(character)
    boxed = unicodedata.name(character, "").startswith("SQUARED ")
    if not decomposed or decomposed.startswith(" ") or boxed:  # a space means an accent without a letter
        return None
    if decomposed[-1] in MARKS:
        return marked(latex_of(decomposed[:-1]), decomposed[-1])
    if kind == "<fraction>":
        numerator, _, denominator = decomposed.partition("⁄")
        return f"\\frac{{{numerator}}}{{{denominator}}}"
    if kind == "<font>" and len(decomposed) == 1 and (alphabet := _alphabet(character)):
        return f"{alphabet}{{{decomposed}}}" if decomposed.isascii() and decomposed.isalnum() else None
    if set(decomposed) == {"′"}:
        return "'" * len(decomposed)
    return latex_of(decomposed) if kind in _SAME_DRAWING else None


def marked(latex: str | None, mark: str) -> str | None:
    r"""Return the LaTeX of a symbol with a combining mark: `\hat{x}`, for the solidus `\not =`. None stays None."""
    if latex is None:
        return None
    return f"\\not {latex}" if mark == NEGATION else f"{MARKS[mark]}{{{latex}}}"


def _decomposition(character: str) -> tuple[str, str]:
    """Return the kind of a character's decomposition (such as `<super>`, "" for a canonical one) and its characters."""
    fields = unicodedata.decomposition(character).split()
    kind = fields.pop(0) if fields and fields[0].startswith("<") else ""
    return kind, "".join(chr(int(code, 16)) for code in fields)


def _alphabet(character: str) -> str | None:
    name = unicodedata.name(character, "")
    return next((alphabet for style, alphabet in _STYLES.items() if style in name), None)


def refusal(character: str) -> str:
    """Return the error text for a character that cannot be read: its name and, if known, what to write instead."""
    name = unicodedata.name(character[-1], "no character")
    hint = _AMBIGUOUS.get(character) or "write it in LaTeX, or leave it out"
    return f"{character!r} ({name}) cannot be read as LaTeX: {hint}"
