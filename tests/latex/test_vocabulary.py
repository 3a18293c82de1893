import pytest

from tegashiki.latex.errors import VocabularyError
from tegashiki.latex.normalize import normalize
from tegashiki.latex.symbols import ACCENTS, STRUCTURE, WIDE_ACCENTS
from tegashiki.latex.vocabulary import (
    BOS_ID,
    CROHME_TOKENS,
    DEFAULT_VOCABULARY,
    EOS_ID,
    PAD_ID,
    RESTRICTIONS,
    Vocabulary,
)


def test_ids_round_trip_and_decoding_stops_at_the_end_token():
    vocabulary = Vocabulary(["a", r"\frac"])
    assert (len(vocabulary), vocabulary.encode([r"\frac", "a"])) == (5, [4, 3])
    assert vocabulary.decode([BOS_ID, 4, PAD_ID, 3, EOS_ID, 3]) == (r"\frac", "a")
    assert [vocabulary.index(vocabulary.token(i)) for i in (3, 4)] == [3, 4]
    assert Vocabulary.from_json(vocabulary.to_json()) == vocabulary
    assert Vocabulary.from_json(vocabulary.to_json().encode()) == vocabulary


def test_an_unknown_token_is_named():
    with pytest.raises(VocabularyError, match=r"'\\\\foo' is not among the 1 "):
        Vocabulary(["a"]).encode(["a", r"\foo"])
    assert Vocabulary(["a"]).missing("axay") == ["x", "y"]


@pytest.mark.parametrize("tokens", [["a", "a"], [""], ["a b"], ["<eos>"]])
def test_invalid_tokens_are_refused(tokens):
    with pytest.raises(VocabularyError):
        Vocabulary(tokens)


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"tokens": 3}', '{"tokens": [3]}', "null", b"[]", b"PK\x03\x04\xff\xfe"]
)
def test_other_json_is_refused(text):
    with pytest.raises(VocabularyError, match="not a vocabulary"):
        Vocabulary.from_json(text)


def test_the_default_vocabulary_is_wide_and_canonical():
    assert len(DEFAULT_VOCABULARY) > 400
    assert set(DEFAULT_VOCABULARY) >= CROHME_TOKENS
    assert RESTRICTIONS["crohme"] is CROHME_TOKENS
    assert not any(DEFAULT_VOCABULARY.missing(tokens) for tokens in RESTRICTIONS.values())
    assert not set(normalize(r"\sqrt[3]{2^{-1.5} \times \frac{\pi}{4}} = 50\%")) - RESTRICTIONS["calculator"]
    wanted = (
        r"D K O Q U W Z j \partial \omega \delta \nabla \mathbb{R} \overline \hat \vec \tilde \dot \underline \iint"
    )
    assert DEFAULT_VOCABULARY.missing(wanted.split()) == []
    structure = {*STRUCTURE, *ACCENTS, *WIDE_ACCENTS}
    assert [token for token in DEFAULT_VOCABULARY if token not in structure and normalize(token) != (token,)] == []
    assert len(CROHME_TOKENS) == 108
