"""A recogniser with a random model. It reads nonsense, but always the same nonsense, in every process."""

from typing import Any

from tegashiki.latex.vocabulary import Vocabulary
from tegashiki.recognizer.recognizer import Recognizer
from tests.decoding.fake_backend import FakeBackend

VOCABULARY = Vocabulary(["{", "}", "_", "^", r"\frac", r"\sqrt", "[", "]", *"xy12+-()", r"\alpha"])


def fake_recognizer(max_tokens: int = 12, seed: int = 0, **settings: Any) -> Recognizer:
    return Recognizer(FakeBackend(len(VOCABULARY), max_tokens, seed), VOCABULARY, **settings)
