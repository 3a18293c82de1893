import warnings

import numpy as np
import pytest

from tegashiki.decoding.calibration import Calibration
from tegashiki.latex.vocabulary import EOS_ID
from tegashiki.memory.backend import RememberingBackend
from tegashiki.memory.formula import Keys, LearningError
from tegashiki.memory.memory import WriterMemory
from tegashiki.recognizer.recognizer import Recognizer
from tests.decoding.fake_backend import FakeBackend
from tests.memory.teachable import strokes, teachable
from tests.recognizer.fake_recognizer import VOCABULARY

SHARP = Calibration(0.9, 0.09, 0.5)


def read(recognizer, ink, **rules):
    with recognizer.lock:
        encoded, prepared = recognizer.encode_ink(ink)
        return recognizer.decode(encoded, prepared, **rules)[0].tokens


def ink_of(seed, count=3):
    from tegashiki.ink.ink import Ink

    return Ink(tuple(strokes(count, seed)))


@pytest.mark.parametrize("beams", [1, 5])
@pytest.mark.parametrize("grammar", [True, False])
def test_a_learnt_formula_is_read(beams, grammar):
    plain = teachable(beams=beams, grammar=grammar)
    memory = WriterMemory()
    remembering = plain.remembering(memory)
    other, before = ink_of(9), read(plain, ink_of(0))
    assert before != ("x", "+", "y")
    unlearnt = read(plain, other)
    memory.learn(ink_of(0), "x+y")
    assert read(remembering, ink_of(0)) == ("x", "+", "y")
    assert read(plain, ink_of(0)) == before
    memory.forget("x+y")
    assert read(remembering, ink_of(0)) == before
    assert read(remembering, other) == unlearnt


def test_rules_hold_with_a_memory():
    memory = WriterMemory()
    recognizer = teachable(memory=memory)
    memory.learn(ink_of(0), "x+y")
    mask = np.ones(len(VOCABULARY), bool)
    mask[VOCABULARY.index("+")] = False
    assert "+" not in read(recognizer, ink_of(0), restrict=mask)
    assert read(recognizer, ink_of(0), refused=[tuple(VOCABULARY.encode("x+y"))]) != ("x", "+", "y")
    session = recognizer.session()
    for stroke in ink_of(0).strokes:
        session.add_stroke(stroke)
    session.accept(session.candidates(5)[1])
    held = session.accepted.tokens
    session.add_stroke(strokes(1, 5)[0])
    rest = iter(session.candidates(1)[0].tokens)
    assert all(token in rest for token in held)


def test_alternatives_use_the_memory():
    memory = WriterMemory()
    recognizer = teachable(memory=memory)
    plain = recognizer.remembering(None)
    memory.learn(ink_of(0), "x+y")

    def alternatives(each):
        session = each.session()
        for stroke in ink_of(0).strokes:
            session.add_stroke(stroke)
        candidate = session.candidates(1)[0]
        return candidate.tokens, session.alternatives(0, candidate)

    tokens, found = alternatives(recognizer)
    assert tokens == ("x", "+", "y")
    assert sum(one.probability for one in found) < 0.5
    assert alternatives(plain)[0] != tokens


@pytest.mark.parametrize("beams", [1, 5])
def test_probabilities_with_a_memory_sum_to_at_most_1(beams):
    memory = WriterMemory()
    recognizer = teachable(beams=beams, memory=memory, calibration=SHARP)
    for seed in range(8):
        memory.learn(ink_of(seed), "x+y" if seed % 2 else "1")
    for seed in range(12):
        candidates = recognizer.recognize(ink_of(seed), beams)
        assert 0 < sum(one.probability for one in candidates) <= 1 + 1e-9


def test_keys_are_computed_once_per_model():
    memory = WriterMemory()
    recognizer = teachable(memory=memory)
    memory.learn(ink_of(0), "x+y")
    recognizer.make_keys()
    keys = memory.formulas[0].keys
    assert keys.model == "one"
    assert keys.vectors_ND.shape == (4, 6)
    memory.learn(ink_of(1), "x")
    recognizer.make_keys()
    assert memory.formulas[0].keys is keys
    other = teachable(seed=3, fingerprint="other", memory=memory)
    other.make_keys()
    assert [formula.keys.model for formula in memory.formulas] == ["other", "other"]
    assert read(other, ink_of(0)) == ("x", "+", "y")


def test_keys_of_another_width_are_computed_again():
    memory = WriterMemory()
    recognizer = teachable(memory=memory)
    memory.learn(ink_of(0), "x+y")
    memory.formulas[0].keys = Keys("one", np.ones((4, 5), np.int8), 0)
    memory.learn(ink_of(1), "x")
    assert read(recognizer, ink_of(0)) == ("x", "+", "y")
    assert memory.formulas[0].keys.vectors_ND.shape == (4, 6)


def test_missed_counts_tokens_that_the_model_reads_wrongly():
    memory = WriterMemory()
    plain = teachable(beams=1, grammar=False)
    right = plain.recognize(ink_of(0))[0].tokens
    memory.learn(ink_of(0), right)
    memory.learn(ink_of(1), "x+y")
    remembering = plain.remembering(memory)
    remembering.make_keys()
    assert memory.formulas[1].keys.missed > 0
    if memory.formulas[0].tokens == right:
        assert memory.formulas[0].keys.missed <= 1  # strokes on the grid differ slightly from the original


def test_a_formula_that_the_model_cannot_write_is_kept_without_keys():
    memory = WriterMemory()
    recognizer = teachable(memory=memory, max_tokens=6)
    before = read(recognizer.remembering(None), ink_of(0))
    memory.learn(ink_of(0), r"\beta")  # not in the vocabulary
    memory.learn(ink_of(1), "1+1+1+1")  # too long
    memory.learn(ink_of(2, 9), "x")  # too many strokes
    assert read(recognizer, ink_of(0)) == before
    assert [len(formula.keys.vectors_ND) for formula in memory.formulas] == [0, 0, 0]


def test_a_model_without_hidden_vectors_refuses_a_memory():
    with pytest.raises(LearningError, match="cannot learn: only files of format 2 and newer"):
        Recognizer(FakeBackend(len(VOCABULARY)), VOCABULARY, memory=WriterMemory())
    recognizer = Recognizer(FakeBackend(len(VOCABULARY)), VOCABULARY)
    with pytest.raises(LearningError, match="export it again"):
        recognizer.remembering(WriterMemory())


def test_other_attributes_come_from_the_model():
    recognizer = teachable(memory=WriterMemory())
    assert isinstance(recognizer.backend, RememberingBackend)
    assert recognizer.backend.stroke_sizes == recognizer.model.stroke_sizes
    assert recognizer.backend.metadata is recognizer.model.metadata


# --- sessions


def commit(recognizer, seed=0, restrict=None):
    session = recognizer.session()
    if restrict:
        session.restrict(restrict)
    for stroke in ink_of(seed).strokes:
        session.add_stroke(stroke)
    return session.commit()


def test_commit_learns_and_saves(tmp_path):
    path = tmp_path / "me.json"
    recognizer = teachable(memory=path)
    committed = commit(recognizer)
    assert [formula.tokens for formula in recognizer.memory.formulas] == [committed.tokens]
    again = WriterMemory.open(path)
    assert again.formulas[0].keys.model == "one"
    assert again.formulas[0].allowed is None


def test_commit_learns_the_accepted_correction():
    recognizer = teachable(memory=WriterMemory())
    session = recognizer.session()
    for stroke in ink_of(0).strokes:
        session.add_stroke(stroke)
    first, *others = session.candidates(5)
    corrected = next(one for one in others if one.complete and one.tokens != first.tokens)
    session.accept(corrected)
    assert session.commit().tokens == corrected.tokens
    assert [formula.tokens for formula in recognizer.memory.formulas] == [corrected.tokens]


def test_learning_can_be_switched_off():
    recognizer = teachable(memory=WriterMemory(), learning=False)
    commit(recognizer)
    assert len(recognizer.memory) == 0
    commit(teachable())  # without a memory


def test_a_formula_learnt_under_a_restriction_records_it():
    recognizer = teachable(memory=WriterMemory())
    commit(recognizer, restrict=["1", "2", "+"])
    allowed = recognizer.memory.formulas[0].allowed
    assert {"1", "2", "+"} <= allowed
    assert "x" not in allowed


def test_an_incomplete_reading_is_not_learnt():
    recognizer = teachable(memory=WriterMemory(), max_tokens=2, grammar=False)
    recognizer.model.bias[EOS_ID] = -50
    assert not commit(recognizer).complete
    assert len(recognizer.memory) == 0


def test_commit_succeeds_although_the_file_cannot_be_written(tmp_path):
    folder = tmp_path / "gone"
    folder.mkdir()
    recognizer = teachable(memory=folder / "me.json")
    folder.rmdir()
    with pytest.warns(UserWarning, match="is not remembered: .*gone"):
        assert commit(recognizer).tokens
    assert len(recognizer.memory) == 1


def test_a_damaged_file_is_reported_and_ignored(tmp_path):
    path = tmp_path / "me.json"
    path.write_text("no memory")
    with pytest.warns(UserWarning, match=r"me\.json is damaged.*; reading goes on without it"):
        recognizer = teachable(memory=path)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert commit(recognizer).tokens == commit(teachable()).tokens
    assert path.read_text() == "no memory"
