import multiprocessing
import os
import signal
from pathlib import Path

import numpy as np
import pytest

from tegashiki.evaluation.evaluate import evaluate, force_truth, read
from tegashiki.evaluation.figures import ratios
from tegashiki.evaluation.ink_result import Forced
from tegashiki.evaluation.samples import EvaluationError, Sample, dataset_samples, example_sample, ink_samples
from tegashiki.ink.example import Example
from tegashiki.ink.ink import Ink
from tegashiki.ink.labels import read_labels
from tegashiki.latex.normalize import normalize
from tegashiki.open_model import ModelError, is_checkpoint, looks_like_model, open_model, origin
from tegashiki.recognizer.metadata import read_metadata
from tegashiki.recognizer.recognizer import DEFAULT_MODEL
from tests.recognizer.fake_recognizer import fake_recognizer

NAMES = ["empty", "good", "long", "nested/unnamed", "outside", "unparsable"]


def test_every_ink_has_a_result(inks):
    report = evaluate(fake_recognizer, ink_samples(inks))
    by_file = {result.file: result for result in report.per_ink}
    assert sorted(by_file) == [f"{name}.inkml" for name in NAMES]
    assert report.scores.inks == len(NAMES)
    assert by_file["good.inkml"].error is None
    assert by_file["good.inkml"].truth == "x ^ { 2 }"
    expected = {
        "empty": "empty",
        "long": "9 strokes.*at most 8",
        "nested/unnamed": "no truth",
        "outside": r"\\nabla",
        "unparsable": "does not parse",
    }
    for name, text in expected.items():
        with pytest.raises(AssertionError, match=text):
            raise AssertionError(by_file[f"{name}.inkml"].error)
    for name in ("empty", "long"):
        result = by_file[f"{name}.inkml"]
        assert (result.prediction, result.probability, result.ms) == (None, None, None)
    for name in ("good", "nested/unnamed", "outside", "unparsable"):
        assert by_file[f"{name}.inkml"].prediction is not None
        assert by_file[f"{name}.inkml"].ms > 0


def test_a_prediction_counts_as_right_only_with_a_known_truth(inks):
    prediction = evaluate(fake_recognizer, ink_samples(inks / "good.inkml")).per_ink[0].prediction
    scores = evaluate(fake_recognizer, ink_samples(inks / "good.inkml", {"good": prediction})).scores
    assert (scores.exprate, scores.cer) == (100.0, 0.0)
    assert not read(fake_recognizer(), next(ink_samples(inks / "good.inkml", {"other": prediction}))).comparable


def test_an_evaluation_without_any_truth_is_refused(inks):
    """0 edits / 0 tokens would look like a perfect CER."""
    with pytest.raises(EvaluationError, match=r"none of the 1 inks has a truth.*--labels"):
        evaluate(fake_recognizer, ink_samples(inks / "good.inkml", {"other": "x"}))


def test_all_tokens_of_the_plain_truth_of_an_unread_ink_are_wrong(inks):
    """MathWriting counts the tokens of the label as written, including the braces of needless groups."""
    unread = read(fake_recognizer(), Sample("a", None, "x^2", "damaged", plain_truth="{x}^{2}"))
    assert ratios([unread])["cer_mathwriting"].denominators_N == 7


def test_labels_replace_the_truths_in_the_files(inks):
    samples = {sample.file: sample for sample in ink_samples(inks, {"good": "y", "unnamed": "2"})}
    assert samples["good.inkml"].truth == "y"
    assert samples["nested/unnamed.inkml"].truth == "2"
    assert samples["outside.inkml"].truth == ""
    assert [s.truth for s in ink_samples(inks, {"nested/unnamed": "3", "unnamed": "2"})][3] == "3"


def test_an_example_has_the_strokes_of_its_tokens_if_they_are_known():
    ink = Ink(([[0, 0], [1, 1]], [[2, 0], [3, 1]], [[4, 0], [5, 0]]))
    tokens = ("x", "^", "{", "2", "}")
    sample = example_sample(Example(ink, tokens, np.array([0, 0, 3], np.int32)), "a")
    assert (sample.file, sample.ink, sample.truth) == ("a", ink, "x ^ { 2 }")
    assert sample.strokes_of_token == ((0, 1), (), (), (2,), ())
    assert example_sample(Example(ink, tokens, np.full(3, -1, np.int32)), "a").strokes_of_token is None


def test_truth_and_prediction_are_compared_as_canonical_tokens(inks):
    recognizer = fake_recognizer()
    sample = next(iter(ink_samples(inks / "good.inkml")))
    prediction = read(recognizer, sample).prediction
    respelled = prediction.replace("x ^ { 2 }", "x^2").replace(" ", "  ")
    result = read(recognizer, Sample("f", sample.ink, respelled))
    assert result.truth == result.prediction == " ".join(normalize(respelled))


def test_teacher_forcing_predicts_each_token_of_a_truth(inks):
    sample = next(iter(ink_samples(inks / "good.inkml")))
    free = fake_recognizer(seed=25, beams=1, grammar=False)  # greedy: fed with its own output it predicts it again
    own = free.recognize(sample.ink)[0].tokens
    encoded, _ = free.encode_ink(sample.ink)
    assert len(own) == 10 and free.recognize(sample.ink)[0].complete
    assert force_truth(free, encoded, own) == Forced(len(own), True)
    assert force_truth(free, encoded, own[:-1]) == Forced(len(own) - 1, False)
    other = next(token for token in free.writable if token != own[0])
    assert force_truth(free, encoded, (other, *own[1:])).right < len(own)
    unknown = (*own[:2], r"\nabla", *own[2:])
    assert force_truth(free, encoded, unknown) == Forced(2, False)  # tokens after an unknown one count as wrong
    assert force_truth(free, encoded, (*own, *"xxx")).right == len(own)  # longer than the longest output
    assert force_truth(free, encoded, (*own, r"\nabla")) == Forced(len(own), False)
    assert force_truth(free, encoded, ()) == Forced(0, False)


def test_teacher_forcing_runs_only_on_comparable_truths(inks):
    forced = {result.file: result.forced for result in evaluate(fake_recognizer, ink_samples(inks)).per_ink}
    assert {file for file, each in forced.items() if each} == {"good.inkml", "outside.inkml"}


def test_attention_is_kept_in_whole_percent(inks):
    sample = next(iter(ink_samples(inks / "good.inkml")))
    recognizer = fake_recognizer()
    attention_LS = recognizer.recognize(sample.ink, recognizer.beams)[0].attention_LS
    best = read(recognizer, sample).candidates[0]
    assert attention_LS.shape == (len(best.tokens), len(sample.ink.strokes))
    for looks, attention_S in zip(best.attention, attention_LS, strict=True):
        kept = dict(zip(looks[::2], looks[1::2], strict=True))
        assert kept == {s: round(100 * float(a)) for s, a in enumerate(attention_S) if round(100 * float(a)) >= 2}


def test_two_processes_give_the_same_results_as_one(inks):
    one = evaluate(fake_recognizer, ink_samples(inks))
    two = evaluate(fake_recognizer, ink_samples(inks), processes=2)
    assert one.scores == two.scores
    without_ms = [
        [(r.file, r.truth, r.prediction, r.probability, r.error) for r in report.per_ink] for report in (one, two)
    ]
    assert without_ms[0] == without_ms[1]


def killed_recognizer():
    """Return a recogniser, or kill the process if it is a worker process."""
    if multiprocessing.parent_process():
        os.kill(os.getpid(), signal.SIGKILL)
    return fake_recognizer()


def test_a_killed_process_is_reported(inks):
    said = (
        "one of --processes 3 was killed, probably because the system ran out of memory: "
        "give fewer, such as --processes 1$"
    )
    with pytest.raises(EvaluationError, match=said):
        evaluate(killed_recognizer, ink_samples(inks), processes=3)


def test_no_ink_is_an_error(tmp_path):
    with pytest.raises(EvaluationError, match="no inks"):
        evaluate(fake_recognizer, ink_samples(tmp_path))
    with pytest.raises(EvaluationError, match="nowhere"):
        list(ink_samples(tmp_path / "nowhere"))


def test_models_are_distinguished_from_inks(tmp_path):
    (tmp_path / "run" / "checkpoints" / "best").mkdir(parents=True)
    (tmp_path / "inks").mkdir()
    assert all(map(looks_like_model, ["default", "some.tflite", f"{tmp_path}/run", f"{tmp_path}/run/checkpoints/best"]))
    assert looks_like_model("gs://bucket/run") and is_checkpoint("gs://bucket/run")
    assert not any(map(looks_like_model, ["some.inkml", f"{tmp_path}/inks", f"{tmp_path}/nowhere"]))
    with pytest.raises(ModelError, match=r"no model .*nowhere: give a work directory"):
        open_model(f"{tmp_path}/nowhere")


def test_a_checkpoint_without_the_training_extra_names_the_extra(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "tegashiki.training.checkpoint_backend", None)
    with pytest.raises(ModelError, match=r"tegashiki\[train\]"):
        open_model(str(tmp_path))
    monkeypatch.setitem(__import__("sys").modules, "tegashiki.datasets.prepared", None)
    with pytest.raises(EvaluationError, match=r"tegashiki\[train\]"):
        list(dataset_samples("crohme", "test_2014", None))


@pytest.mark.skipif("TEGASHIKI_DATA" not in os.environ, reason="TEGASHIKI_DATA does not name the shared ink")
def test_the_shared_labels_name_every_ink_of_their_archive():
    data = Path(os.environ["TEGASHIKI_DATA"])
    labels = read_labels(data / "labels" / "crohme-test-2014.tsv")
    samples = list(ink_samples(data / "crohme-inkml" / "test-2014.tar.xz", labels))
    assert len(samples) == len(labels) == 986
    assert all(sample.truth and sample.ink is not None for sample in samples)


def test_the_recorded_training_seed_is_that_of_the_model():
    seed = read_metadata(DEFAULT_MODEL)["seed"]
    assert isinstance(seed, int)
    for shipped in ("default", str(DEFAULT_MODEL.with_suffix(".npz"))):
        assert origin(shipped, bootstrap=0)["seeds"] == {"bootstrap": 0, "training": seed}
    assert origin(None)["seeds"] == {"training": None}
