import numpy as np
import pytest

from tegashiki.decoding.calibration import UNCALIBRATED, Calibration
from tegashiki.decoding.search import search
from tegashiki.export import export as export_module
from tegashiki.export.calibrate import calibrate
from tegashiki.export.export import export
from tegashiki.export.parity import encode
from tegashiki.ink.example import Example
from tegashiki.ink.ink import Ink
from tegashiki.latex.grammar import Grammar
from tegashiki.latex.visible import different_symbols, visible_mask
from tegashiki.recognizer.metadata import read_metadata
from tegashiki.recognizer.recognizer import Recognizer
from tests.input_pipeline.encoding import encode_example
from tests.recognizer.fake_recognizer import VOCABULARY, fake_recognizer


def inks_of(backend, count, right):
    """Random inks, of which a share `right` is labelled with the reading of the model and the others differently."""
    random, inks = np.random.default_rng(0), {}
    for index in range(count):
        strokes = tuple(random.normal(size=(5, 2)) for _ in range(3))
        example = Example(Ink(strokes), ("x",), np.zeros(3, np.int32))
        encoded = encode(backend, encode_example(example, VOCABULARY), 4)
        (read,) = search(backend, encoded, beams=5, grammar=Grammar(VOCABULARY))
        tokens = VOCABULARY.decode(read.ids) if index < right * count else ("y", "y", "y")
        inks[str(index)] = encode_example(Example(Ink(strokes), tokens, np.zeros(3, np.int32)), VOCABULARY)
    return inks


@pytest.mark.parametrize("right", [0.2, 0.5])
def test_calibrated_probabilities_match_the_share_of_right_readings(right):
    recognizer = fake_recognizer()
    inks = inks_of(recognizer.backend, 120, right)
    calibration = calibrate(recognizer.backend, VOCABULARY, inks)
    said = []
    for ink in inks.values():
        encoded = encode(recognizer.backend, ink, 4)
        rules = {"beams": 5, "grammar": Grammar(VOCABULARY), "calibration": calibration}
        said.append(np.exp(search(recognizer.backend, encoded, **rules)[0].log_probability))
    assert np.mean(said) == pytest.approx(right, abs=0.1)


def test_too_few_inks_give_no_calibration():
    recognizer = fake_recognizer()
    inks = inks_of(recognizer.backend, 20, 0.5)
    assert calibrate(recognizer.backend, VOCABULARY, inks) == UNCALIBRATED


def test_symbol_cost_is_higher_for_labels_that_repeat_symbols():
    """Labels are the candidate with the fewest distinct symbols, or the first one regardless of its symbols."""
    recognizer = fake_recognizer()
    visible, fitted = visible_mask(VOCABULARY), {}
    for way in ("fewest", "first"):
        inks, random = {}, np.random.default_rng(1)
        for index in range(120):
            strokes = tuple(random.normal(size=(5, 2)) for _ in range(3))
            example = Example(Ink(strokes), ("x",), np.zeros(3, np.int32))
            encoded = encode(recognizer.backend, encode_example(example, VOCABULARY), 4)
            found = search(recognizer.backend, encoded, beams=5, results=5, grammar=Grammar(VOCABULARY))
            fewest = min(found, key=lambda one: different_symbols(one.ids, visible))
            tokens = VOCABULARY.decode((fewest if way == "fewest" else found[0]).ids)
            inks[str(index)] = encode_example(Example(Ink(strokes), tokens, np.zeros(3, np.int32)), VOCABULARY)
        fitted[way] = calibrate(recognizer.backend, VOCABULARY, inks).symbol_cost
    assert fitted["fewest"] > fitted["first"]


def test_calibration_is_stored_in_the_file(transformer, converted, tmp_path, monkeypatch):
    converted(transformer)
    paths = [tmp_path / "plain.tflite", tmp_path / "calibrated.tflite"]
    export(transformer.checkpoint, paths[0], "none", transformer.inks, transformer.sizes, lambda line: None)
    found = Calibration(0.8, 0.1, 0.5)
    monkeypatch.setattr(export_module, "calibrate", lambda *_: found)
    result = export(transformer.checkpoint, paths[1], "none", transformer.inks, transformer.sizes, lambda line: None)
    assert "calibration" not in read_metadata(paths[0])  # as in files of older versions
    assert read_metadata(paths[1])["calibration"] == {"temperature": 0.8, "bonus": 0.1, "symbol_cost": 0.5}
    assert result.size == paths[1].stat().st_size
    assert result.metadata == read_metadata(paths[1])
    plain, calibrated = (Recognizer.load(path, beams=1) for path in paths)
    assert (plain.calibration, calibrated.calibration) == (UNCALIBRATED, found)
    ink = Ink(([[0, 0], [3, 5]], [[4, 4], [9, 1]]))
    one, other = plain.recognize(ink)[0], calibrated.recognize(ink)[0]
    assert one.tokens == other.tokens
    assert one.probability != other.probability
    assert Recognizer.load(paths[1], beams=1, calibration=UNCALIBRATED).recognize(ink)[0] == one
    assert sorted(path.name for path in tmp_path.iterdir()) == ["calibrated.tflite", "plain.tflite"]
