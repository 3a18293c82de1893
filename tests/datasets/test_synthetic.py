from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import tensorflow_datasets as tfds

from tegashiki.cli import main
from tegashiki.datasets.builder import DatasetError
from tegashiki.datasets.prepared import load_examples
from tegashiki.datasets.synthetic import FEWEST, Recipe, Synthetic
from tegashiki.errors import UserError
from tegashiki.ink.example import from_features, to_features
from tegashiki.input_pipeline.batching import decode_example
from tegashiki.latex.vocabulary import DEFAULT_VOCABULARY
from tegashiki.synthesis.embedded import Drawn, generate
from tegashiki.synthesis.habits import HabitsConfig
from tegashiki.synthesis.recombine import RecombineConfig
from tegashiki.training.config import Config, DataConfig
from tegashiki.training.feed import open_feed, open_recombination
from tegashiki.training.synthetic_recipe import recipe
from tests.input_pipeline.encoding import encode_example

# The check against the `rdp` package raises these warnings, because rdp computes cross products of 2-vectors.
pytestmark = pytest.mark.filterwarnings("ignore:Arrays of 2-dimensional vectors", "ignore:invalid value:RuntimeWarning")

CONFIG = Config(
    name="odd",
    data=DataConfig(dataset="embedded", train_inks=40, validation_inks=10, buckets=2, inks_per_step=8),
    recombine=RecombineConfig(typeset=0.2, prefix=0.2),
    habits=HabitsConfig(spacing=0.3, placing=0.3, order=0.3, reversed=0.1, lifted=0.1, joined=0.1, device=0.3),
)
READY = replace(CONFIG, data=replace(CONFIG.data, dataset="synthetic", train_inks=0))
INKS = FEWEST + 20  # two shards


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory):
    directory = tmp_path_factory.mktemp("data")
    made = recipe(CONFIG, INKS, directory)
    Synthetic(data_dir=directory, recipe=replace(made, validation=generate("validation", 10))).download_and_prepare()
    return directory


def plain(start, count):
    """Make embedded ink in the arrays for a model, without recombination."""
    for number in range(start, start + count):
        yield decode_example(encoded(number % 7), DEFAULT_VOCABULARY, f"plain/{number}")


@cache
def encoded(number):
    return encode_example(Drawn("train")[number], DEFAULT_VOCABULARY)


class Interrupted:
    """Makes inks, records the requested ranges and is interrupted at ink number `stop`."""

    def __init__(self, stop):
        self.stop, self.asked = stop, []

    def __call__(self, start, count):
        self.asked.append(start)
        for example in plain(start, count):
            if example.ink.source == f"plain/{self.stop}":
                raise KeyboardInterrupt
            yield example


def prepare(place, make=plain, workers=0, **changes):
    made = Recipe(make, INKS, {"a": 1}, ("embedded/1.0.0",), "free", generate("validation", 5))
    builder = Synthetic(data_dir=place, recipe=replace(made, **changes), workers=workers)
    builder.download_and_prepare()
    return builder


def content(builder):
    """Return file names, metadata and rows. Records cannot be compared as bytes, because features may be reordered."""
    names = sorted(path.name for path in builder.data_path.iterdir())
    rows = [sorted(row.items()) for split in builder.info.splits for row in builder.as_data_source(split)]
    return names, builder.info.metadata, [[(name, np.asarray(value).tolist()) for name, value in row] for row in rows]


def test_the_inks_are_those_that_training_makes_on_the_fly(data_dir):
    prepared = load_examples("synthetic", "train", data_dir)
    on_the_fly = open_recombination(CONFIG, DEFAULT_VOCABULARY, None, []).inks(0, INKS)
    assert len(prepared) == INKS
    for number, (example, wanted) in enumerate(zip(prepared, on_the_fly, strict=True)):
        ink = encode_example(example, DEFAULT_VOCABULARY)
        assert example.ink.source == f"odd/{number}"
        for name in ("boxes", "tokens", "stroke_tokens", "slots"):
            assert np.array_equal(getattr(ink, name), getattr(wanted, name)), name
        # The stored points were rounded once to float32 in the coordinates of the ink. The tolerance is this rounding
        # error in units of the size of the stroke.
        reach = np.abs(wanted.boxes[:, :2]).max(axis=1) + wanted.boxes[:, 2]
        step = np.finfo(np.float32).eps * (1 + reach / np.where(wanted.boxes[:, 2] > 0, wanted.boxes[:, 2], np.inf))
        assert (np.abs(ink.points - wanted.points).max(axis=(1, 2)) <= step).all()


def test_only_recombined_inks_store_framed_strokes():
    (example,) = plain(0, 1)
    assert from_features(to_features(example)).framed.boxes_S3.tolist() == example.framed.boxes_S3.tolist()
    (written,) = generate("train", 1)
    assert from_features({**to_features(written), "boxes": np.zeros((0, 3), np.float32)}).framed is None


def test_validation_has_the_original_inks(data_dir):
    validation = {example.ink.source: example for example in load_examples("synthetic", "validation", data_dir)}
    for example in generate("validation", 10):
        assert validation[example.ink.source].framed is None
        np.testing.assert_allclose(validation[example.ink.source].ink.strokes[0], example.ink.strokes[0], rtol=1e-6)


def test_training_does_not_recombine_prepared_inks_again(data_dir):
    feed = open_feed(READY, DEFAULT_VOCABULARY, str(data_dir), 1)
    assert feed.recombination is None and len(feed.train) == INKS and len(feed.validation) == 10
    assert feed.made_from == ("embedded",)
    assert any("in advance from embedded" in note for note in feed.notes)


def test_training_with_another_recombination_is_refused(data_dir):
    other = replace(READY, habits=replace(READY.habits, order=0.5))
    with pytest.raises(UserError, match=r"habits\.order: 0\.3 -> 0\.5"):
        open_feed(other, DEFAULT_VOCABULARY, str(data_dir), 1)
    nothing = replace(other, recombine=RecombineConfig.none())
    assert len(open_feed(nothing, DEFAULT_VOCABULARY, str(data_dir), 1).train) == INKS


def test_an_interrupted_preparation_continues_with_the_missing_shards(tmp_path):
    first, again = Interrupted(FEWEST + 7), Interrupted(-1)
    with pytest.raises(KeyboardInterrupt):
        prepare(tmp_path / "killed", first)
    assert not list((tmp_path / "killed").rglob("dataset_info.json")), "an incomplete dataset must not exist"
    builder = prepare(tmp_path / "killed", again)
    assert (first.asked, again.asked) == ([0, FEWEST], [FEWEST])
    assert content(builder) == content(prepare(tmp_path / "straight"))
    assert [path.name for path in (tmp_path / "killed" / "synthetic").iterdir()] == ["1.0.0"], "nothing is left over"


def test_shards_of_another_recipe_are_not_reused(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        prepare(tmp_path, Interrupted(FEWEST + 7))
    other = Interrupted(-1)
    prepare(tmp_path, other, settings={"a": 2})
    assert other.asked == [0, FEWEST]


def test_worker_processes_make_the_same_dataset(tmp_path):
    assert content(prepare(tmp_path / "two", workers=2)) == content(prepare(tmp_path / "one"))


def test_beam_makes_the_same_dataset(tmp_path):
    options = pytest.importorskip("apache_beam.options.pipeline_options", reason="the extra `beam`")
    made = Recipe(plain, INKS, {"a": 1}, ("embedded/1.0.0",), "free", generate("validation", 5))
    builder = Synthetic(data_dir=tmp_path / "beam", recipe=made)
    here = options.PipelineOptions(["--runner=DirectRunner"])
    builder.download_and_prepare(download_config=tfds.download.DownloadConfig(beam_options=here))
    assert content(builder) == content(prepare(tmp_path / "one"))


def test_another_recipe_for_an_existing_dataset_is_refused(tmp_path):
    prepare(tmp_path).check_recipe()
    made = Recipe(plain, INKS + 1, {"a": 2}, ("embedded/1.0.0",), "free", ())
    with pytest.raises(DatasetError, match=r"other inks and settings.*--force.*--name"):
        Synthetic(data_dir=tmp_path, recipe=made).check_recipe()


def test_the_terms_are_those_of_the_source(data_dir, tmp_path):
    assert recipe(CONFIG, 5, tmp_path).terms.startswith("embedded: Apache-2.0")
    info = Synthetic(data_dir=data_dir, recipe=recipe(CONFIG, INKS, data_dir)).info
    assert info.redistribution_info.license.startswith("embedded: Apache-2.0")
    assert info.metadata["made_from"] == ["embedded"]


def test_configs_without_recombination_and_recombined_sources_are_refused(tmp_path):
    with pytest.raises(UserError, match="odd does not recombine"):
        recipe(replace(CONFIG, recombine=RecombineConfig.none()), 5, tmp_path)
    with pytest.raises(UserError, match="recombined already"):
        recipe(READY, 5, tmp_path)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["synthetic", "--inks", "5"], "needs --config"),
        (["synthetic", "--config", "c.py"], "and --inks"),
        (["synthetic", "--config", "c.py", "--inks", "5", "--limit", "3"], "neither --source nor --limit"),
        (["embedded", "--workers", "2"], "--workers belong to `tegashiki prepare synthetic`, not to embedded"),
    ],
)
def test_incompatible_arguments_are_refused(arguments, message, tmp_path, capsys):
    assert main(["prepare", *arguments, "--data-dir", str(tmp_path)]) != 0
    assert message in capsys.readouterr().err
