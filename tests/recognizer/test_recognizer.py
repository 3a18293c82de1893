import math
import subprocess
import sys

import numpy as np
import pytest

from tegashiki.ink.ink import Ink
from tegashiki.latex.normalize import normalize
from tegashiki.latex.vocabulary import Vocabulary
from tegashiki.recognizer import recognizer as module
from tegashiki.recognizer.candidate import RecognizerError
from tegashiki.recognizer.reader import restriction_mask
from tegashiki.recognizer.recognizer import Recognizer
from tests.recognizer.fake_recognizer import VOCABULARY, fake_recognizer


def ink(strokes, seed=0):
    random = np.random.default_rng(seed)
    return Ink(tuple(random.normal(size=(5, 2)) for _ in range(strokes)))


@pytest.mark.parametrize(("strokes", "size"), [(1, 4), (4, 4), (5, 8), (8, 8)])
def test_strokes_are_padded_to_the_next_size(strokes, size):
    recognizer = fake_recognizer()
    recognizer.recognize(ink(strokes))
    assert recognizer.backend.encoded_sizes == [(size, strokes)]  # the backend checks that the padding is zero


def test_an_ink_that_is_too_long_is_refused_with_both_numbers():
    with pytest.raises(RecognizerError, match=r"9 strokes.*at most 8"):
        fake_recognizer().recognize(ink(9))


def test_an_ink_without_strokes_is_refused():
    with pytest.raises(RecognizerError, match="no strokes"):
        fake_recognizer().recognize(ink(0))


@pytest.mark.parametrize("seed", range(8))
def test_candidates_parse_are_distinct_and_sorted(seed):
    candidates = fake_recognizer(seed=seed).recognize(ink(6, seed), 5)
    assert 1 <= len(candidates) <= 5
    assert len({c.latex for c in candidates}) == len(candidates)
    assert [c.probability for c in candidates] == sorted((c.probability for c in candidates), reverse=True)
    for c in candidates:
        assert c.probability == pytest.approx(math.exp(c.log_probability))
        assert 0 < c.probability <= 1
        assert normalize(c.latex) == c.tokens
        assert len(c.tokens) == len(c.strokes_of_token)
        assert sorted(s for group in c.strokes_of_token for s in group) == list(range(6))


def test_the_beam_is_widened_to_the_number_of_candidates():
    narrow = fake_recognizer(beams=1)
    assert narrow.recognize(ink(3), 5) == fake_recognizer(beams=5).recognize(ink(3), 5)


def test_reading_is_deterministic():
    recognizer = fake_recognizer()
    assert recognizer.recognize(ink(3), 3) == recognizer.recognize(ink(3), 3)


@pytest.mark.parametrize("n", [0, 6])
def test_an_out_of_range_number_of_candidates_is_refused(n):
    with pytest.raises(RecognizerError, match="1 to 5"):
        fake_recognizer().recognize(ink(1), n)


@pytest.mark.parametrize("beams", [0, 6])
def test_an_out_of_range_beam_is_refused(beams):
    with pytest.raises(RecognizerError, match="1 to 5"):
        fake_recognizer(beams=beams)


def test_reading_works_without_the_grammar():
    fake_recognizer(grammar=False).recognize(ink(3), 5)


def test_a_restriction_limits_the_tokens():
    for seed in range(5):
        recognizer = fake_recognizer(seed=seed, restrict=["{", "}", "^", "x", "2"])
        assert recognizer.writable == {"{", "}", "^", "x", "2"}
        for candidate in recognizer.recognize(ink(3), 5):
            assert set(candidate.tokens) <= recognizer.writable


def test_restrictions_have_names():
    assert fake_recognizer().writable == set(VOCABULARY)
    vocabulary = Vocabulary(["x", r"\nabla", r"\sum"])
    np.testing.assert_array_equal(restriction_mask(vocabulary, "crohme"), [True, True, True, True, False, True])
    with pytest.raises(RecognizerError, match=r"'klingon'.*crohme"):
        fake_recognizer(restrict="klingon")


def test_a_vocabulary_of_another_model_is_refused():
    with pytest.raises(RecognizerError, match="4 tokens"):
        Recognizer(fake_recognizer().backend, Vocabulary(["x"]))


def test_a_missing_model_is_refused(tmp_path, monkeypatch):
    with pytest.raises(RecognizerError, match=r"no model file .*none\.tflite"):
        Recognizer.load(tmp_path / "none.tflite")
    monkeypatch.setattr(module, "DEFAULT_MODEL", tmp_path / "default.tflite")
    with pytest.raises(RecognizerError, match="no shipped model"):
        Recognizer.load()


def test_the_recogniser_imports_no_training_library():
    code = (
        "import sys, tegashiki; tegashiki.Recognizer; "
        "sys.exit(sum(name in sys.modules for name in ('jax', 'tensorflow', 'flax', 'rapidfuzz')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_candidates_for_random_scribbles_parse():
    """The shipped model on a few scribbles. benchmarks/accuracy/parsing.py covers more inks."""
    recognizer = Recognizer.load()
    random = np.random.default_rng(0)
    for strokes in (1, 2, 5, 12, 30, 60):
        walks = [random.normal(size=(random.integers(1, 40), 2)).cumsum(axis=0) for _ in range(strokes)]
        candidates = recognizer.recognize(Ink(tuple(walk + 30 * random.normal(size=2) for walk in walks)), 5)
        assert len(candidates) == 5
        for candidate in candidates:
            assert normalize(candidate.latex) == candidate.tokens
