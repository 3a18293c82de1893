"""Whose handwriting a model may have learnt from, and under which terms: datasets and exported models say so."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Terms:
    """The terms of one source of ink.

    name: what the source is called. licence: its licence, or what is known of it. commercial: whether weights trained
    on it may be used for commercial purposes, as far as the source is concerned.
    """

    name: str
    licence: str
    commercial: bool = True

    def __str__(self) -> str:
        return f"{self.name} ({self.licence})"


UNIPEN = Terms("UNIPEN", "CC BY 4.0")
DETEXIFY = Terms("Detexify", "ODbL 1.0")
DETYPIFY = Terms("Detypify", "MIT")
DIGILETS = Terms("DigiLeTs", "no licence stated: cite it, do not redistribute its ink", commercial=False)
OMNIGLOT = Terms("Omniglot", "MIT")
CHARS74K = Terms("Chars74K", "for research: cite it, for validation only", commercial=False)

SYMBOL_SPLITS = {  # of the dataset `symbols`
    "unipen": UNIPEN,
    "unipen_train": UNIPEN,
    "unipen_people": UNIPEN,
    "detexify": DETEXIFY,
    "detypify": DETYPIFY,
    "digilets": DIGILETS,
    "omniglot": OMNIGLOT,
    "chars74k": CHARS74K,
}
BEFORE_SPLITS = (UNIPEN, DETEXIFY)  # of "symbols" in models that do not say which splits they learnt from


def symbol_terms(splits: tuple[str, ...]) -> tuple[Terms, ...]:
    """Return the sources of some splits of `symbols`, or of parts of them, each once."""
    return tuple(dict.fromkeys(SYMBOL_SPLITS[split.split("[")[0]] for split in splits))


def in_words(sources: tuple[Terms, ...]) -> str:
    """Return the sources with their terms as one phrase."""
    return "; ".join(map(str, sources))
