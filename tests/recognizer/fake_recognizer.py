"""A recogniser with a random model. It reads nonsense, but always the same nonsense, in every process."""

from tegashiki.latex.vocabulary import Vocabulary
from tegashiki.recognizer.recognizer import Recognizer
from tests.decoding.fake_backend import FakeBackend

VOCABULARY = Vocabulary(["{", "}", "_", "^", r"\frac", r"\sqrt", "[", "]", *"xy12+-()", r"\alpha"])


def fake_recognizer(max_tokens=12, seed=0, **settings):
    return Recognizer(FakeBackend(len(VOCABULARY), max_tokens, seed), VOCABULARY, **settings)
