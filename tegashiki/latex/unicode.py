"""The character that draws each symbol."""

from __future__ import annotations

from tegashiki.latex import symbols as s

_DRAWN = """
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
_WORDS = _DRAWN.split()
CHARACTERS: dict[str, str] = {"\\" + name: drawn for name, drawn in zip(_WORDS[::2], _WORDS[1::2], strict=True)}
# The first capital, small letter and digit of an alphabet in Unicode's plane 1, and the letters that were there before.
_ALPHABETS = {
    "\\mathbb": ("𝔸", "𝕒", "𝟘", dict(zip("CHNPQRZ", "ℂℍℕℙℚℝℤ", strict=True))),
    "\\mathcal": ("𝒜", "𝒶", "", dict(zip("BEFHILMRego", "ℬℰℱℋℐℒℳℛℯℊℴ", strict=True))),
    "\\mathscr": ("𝒜", "𝒶", "", dict(zip("BEFHILMRego", "ℬℰℱℋℐℒℳℛℯℊℴ", strict=True))),
    "\\mathfrak": ("𝔄", "𝔞", "", dict(zip("CHIRZ", "ℭℌℑℜℨ", strict=True))),
}


def character(token: str) -> str:
    r"""The characters that draw a symbol: `α` for `\alpha`, `sin` for `\sin`; of a command nobody knows its name."""
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
