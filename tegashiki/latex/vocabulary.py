"""Tokens and their ids.

There is no token for "unknown". A formula outside the vocabulary is an error that names the token, and a model never
outputs an unknown symbol.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from tegashiki.latex import symbols as s
from tegashiki.latex.errors import VocabularyError

PAD_ID, BOS_ID, EOS_ID = 0, 1, 2
SPECIAL_TOKENS = ("<pad>", "<bos>", "<eos>")


class Vocabulary:
    """An ordered set of tokens after the three special ones.

    Args:
        tokens: Distinct canonical tokens. Token i has the id i + 3.

    Raises:
        VocabularyError: A token is empty, has a space, occurs twice or is a special token.
    """

    def __init__(self, tokens: Iterable[str]):
        self.tokens: tuple[str, ...] = tuple(tokens)
        self._ids: dict[str, int] = {}
        for i, token in enumerate(self.tokens, len(SPECIAL_TOKENS)):
            if not token or token.split() != [token] or token in SPECIAL_TOKENS or token in self._ids:
                raise VocabularyError(f"vocabulary: token {token!r} is empty, has a space, is reserved or occurs twice")
            self._ids[token] = i

    def __len__(self) -> int:
        """Return the number of ids, including those of the special tokens."""
        return len(SPECIAL_TOKENS) + len(self.tokens)

    def __contains__(self, token: object) -> bool:
        return token in self._ids

    def __iter__(self) -> Iterator[str]:
        return iter(self.tokens)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Vocabulary) and self.tokens == other.tokens

    def __hash__(self) -> int:
        return hash(self.tokens)

    def __repr__(self) -> str:
        return f"Vocabulary({len(self.tokens)} tokens)"

    def index(self, token: str) -> int:
        """Return the id of a token.

        Raises:
            VocabularyError: The token is not in the vocabulary.
        """
        try:
            return self._ids[token]
        except KeyError:
            raise VocabularyError(
                f"token {token!r} is not among the {len(self.tokens)} tokens of the vocabulary; "
                "leave the formula out or build a larger vocabulary (`tegashiki vocabulary`)"
            ) from None

    def token(self, token_id: int) -> str:
        """Return the token (or special token) of an id."""
        return (SPECIAL_TOKENS + self.tokens)[token_id]

    def encode(self, tokens: Iterable[str]) -> list[int]:
        """Return the ids of tokens, without BOS and EOS.

        Raises:
            VocabularyError: A token is not in the vocabulary; the error names the first one.
        """
        return [self.index(token) for token in tokens]

    def decode(self, ids: Iterable[int]) -> tuple[str, ...]:
        """Return the tokens of ids up to the first EOS. PAD and BOS are skipped."""
        tokens = []
        for token_id in ids:
            if token_id == EOS_ID:
                break
            if token_id not in (PAD_ID, BOS_ID):
                tokens.append(self.tokens[int(token_id) - len(SPECIAL_TOKENS)])
        return tuple(tokens)

    def missing(self, tokens: Iterable[str]) -> list[str]:
        """Return the distinct tokens that are not in the vocabulary, in order of appearance."""
        return list(dict.fromkeys(token for token in tokens if token not in self._ids))

    def to_json(self) -> str:
        """Return the vocabulary as a JSON object for `from_json`."""
        return json.dumps({"tokens": self.tokens})

    @classmethod
    def from_json(cls, text: str | bytes) -> Vocabulary:
        """Return the vocabulary of a JSON object that `to_json` wrote.

        Raises:
            VocabularyError: The text is not such an object, or the bytes are not text.
        """
        try:
            tokens = json.loads(text)["tokens"]
            if not isinstance(tokens, list) or not all(isinstance(token, str) for token in tokens):
                raise TypeError
        except (ValueError, KeyError, TypeError, RecursionError):
            shown = text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
            raise VocabularyError(f"not a vocabulary: {shown[:80]!r}") from None
        return cls(tokens)


# The tokens of CROHME's training list in canonical form: `\limits` is dropped and `'` is `\prime`.
_CROHME = r"""
    { } _ ^ \frac \sqrt [ ] ( ) \{ \} | ! + - = < > / , . 0 1 2 3 4 5 6 7 8 9
    a b c d e f g h i j k l m n o p q r s t u v w x y z A B C E F G H I L M N P R S T V X Y
    \alpha \beta \gamma \theta \lambda \mu \pi \sigma \phi \Delta \infty \prime \sin \cos \tan \log \lim
    \sum \int \times \div \pm \cdot \cdots \ldots \rightarrow \leq \geq \neq \in \forall \exists
"""
CROHME_TOKENS = frozenset(_CROHME.split())
# Formulas that can be calculated: numbers, arithmetic, powers, roots, elementary functions.
_CALCULATOR = r"""
    { } ^ \frac \sqrt [ ] ( ) | ! + - = / , . \times \cdot \div \pm \% 0 1 2 3 4 5 6 7 8 9 e \pi \sin \cos \tan \log
"""
# Invisible tokens that only close what another token opened. Every restriction allows them.
CLOSERS = frozenset(("{", "}", s.TABLE_END))
RESTRICTIONS: dict[str, frozenset[str]] = {"crohme": CROHME_TOKENS, "calculator": frozenset(_CALCULATOR.split())}


def _default_tokens() -> tuple[str, ...]:
    spelled_otherwise = {token for token in s.SYNONYMS if s.SYNONYMS[token] != (token,)}
    every = (*s.STRUCTURE, *s.ACCENTS, *s.WIDE_ACCENTS, *s.SYMBOLS)
    return tuple(dict.fromkeys(token for token in every if token not in spelled_otherwise))


DEFAULT_VOCABULARY = Vocabulary(_default_tokens())
