"""LaTeX in and out: tokenizer, parser, the one normaliser, vocabulary and decoding grammar."""

from tegashiki.latex.errors import LatexError, VocabularyError
from tegashiki.latex.normalize import SLOTS, normalize, slots, visible_tokens
from tegashiki.latex.parser import parse
from tegashiki.latex.tokenizer import join, tokenize
from tegashiki.latex.vocabulary import (
    BOS_ID,
    CROHME_TOKENS,
    DEFAULT_VOCABULARY,
    EOS_ID,
    PAD_ID,
    RESTRICTIONS,
    Vocabulary,
)

__all__ = [
    "BOS_ID",
    "CROHME_TOKENS",
    "DEFAULT_VOCABULARY",
    "EOS_ID",
    "PAD_ID",
    "RESTRICTIONS",
    "SLOTS",
    "LatexError",
    "Vocabulary",
    "VocabularyError",
    "join",
    "normalize",
    "parse",
    "slots",
    "tokenize",
    "visible_tokens",
]
