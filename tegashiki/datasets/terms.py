"""The sources of handwriting and their terms, which are recorded in datasets and exported models."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Terms:
    """The terms of one source of ink.

    Attributes:
        name: Name of the source.
        licence: Its licence, or what is known about it.
        commercial: Whether the source allows the commercial use of weights that were trained on it.
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

SYMBOL_SPLITS = {  # split of the dataset `symbols` -> its source
    "unipen": UNIPEN,
    "unipen_train": UNIPEN,
    "unipen_people": UNIPEN,
    "detexify": DETEXIFY,
    "detypify": DETYPIFY,
    "digilets": DIGILETS,
    "omniglot": OMNIGLOT,
    "chars74k": CHARS74K,
}
BEFORE_SPLITS = (UNIPEN, DETEXIFY)  # the sources of `symbols` for models that do not record the splits


def symbol_terms(splits: tuple[str, ...]) -> tuple[Terms, ...]:
    """Return the distinct sources of splits of `symbols`, or of parts of splits."""
    return tuple(dict.fromkeys(SYMBOL_SPLITS[split.split("[")[0]] for split in splits))


def in_words(sources: tuple[Terms, ...]) -> str:
    """Return the sources with their terms as one phrase."""
    return "; ".join(map(str, sources))
