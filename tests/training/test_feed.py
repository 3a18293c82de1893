import json
from dataclasses import replace

import numpy as np
import pytest

from tegashiki.datasets.lines import Lines
from tegashiki.errors import UserError
from tegashiki.input_pipeline.batching import BatchSource, Limits
from tegashiki.input_pipeline.buckets import assign_buckets
from tegashiki.latex.vocabulary import DEFAULT_VOCABULARY, Vocabulary
from tegashiki.synthesis.habits import HabitsConfig
from tegashiki.synthesis.recombine import RecombineConfig
from tegashiki.training.checkpoint import Checkpoint
from tegashiki.training.config import Config, DataConfig, TrainConfig
from tegashiki.training.feed import open_feed, prefetch
from tests.models.tiny import BUCKET, random_inks, tiny_config

CONFIG = Config(
    model=tiny_config("transformer"),
    data=DataConfig(dataset="embedded", train_inks=60, validation_inks=20, buckets=3, inks_per_step=8),
    train=TrainConfig(steps=20),
)


def test_feed_has_all_inks_and_shapes_that_hold_them():
    feed = open_feed(CONFIG, DEFAULT_VOCABULARY, None, 2)
    assert (len(feed.train), len(feed.validation)) == (60, 20)
    assert len(feed.buckets) <= 3
    assert all(rows % 2 == 0 for rows in feed.rows)
    lengths = np.array([(len(ink.boxes), len(ink.tokens)) for ink in feed.train]).T
    assert assign_buckets(*lengths, feed.buckets, feed.cost).min() >= 0
    assert any("60 inks" in note for note in feed.notes)
    assert any("padding costs" in note for note in feed.notes)
    seen = [index for members, _ in feed.validation_batches() for index in members]
    assert sorted(seen) == list(range(20))
    assert len(feed.source(CONFIG)) == 20


def test_habits_without_recombination_make_new_ink():
    habits = HabitsConfig(reversed=1.0)
    plain, other = (
        open_feed(config, DEFAULT_VOCABULARY, None, 1) for config in (CONFIG, replace(CONFIG, habits=habits))
    )
    assert plain.recombination is None and other.recombination is not None
    inks = {ink.points.shape[0]: ink for ink in other.recombination.inks(0, 60)}
    assert any(
        np.allclose(ink.points[:, ::-1], inks[len(ink.points)].points, atol=1e-3)
        for ink in plain.train
        if len(ink.points) in inks
    )


def test_notes_count_the_inks_left_out():
    limits = Limits(strokes=8, tokens=10)
    feed = open_feed(replace(CONFIG, data=replace(CONFIG.data, limits=limits)), DEFAULT_VOCABULARY, None, 1)
    assert 0 < len(feed.train) < 60
    assert any("left out: too many" in note for note in feed.notes)


def test_error_without_usable_ink_gives_the_reason():
    with pytest.raises(UserError, match="60 left out: token outside the vocabulary"):
        open_feed(CONFIG, Vocabulary(["\\Omega"]), None, 1)


@pytest.mark.parametrize("start", [0, 7, 19, 20])
def test_prefetching_keeps_the_order_from_any_start(start):
    """A resumed run sees the same batches as a run without interruption; after the last step there are none."""
    source = BatchSource(random_inks(30), [BUCKET], [4], lambda s, t: s * t, 0, 20)
    batches = list(prefetch(source, start))
    assert len(batches) == 20 - start
    for t, batch in enumerate(batches, start):
        np.testing.assert_array_equal(batch["inputs"], source[t]["inputs"])
        np.testing.assert_array_equal(batch["points"], source[t]["points"])


@pytest.mark.parametrize(
    "data",
    [
        {"symbols": ("unipen_train", "chars74k[:50%]")},
        {"dataset": "people", "train": ("validation",)},
        {"lines": ("train", "validation")},
    ],
)
def test_splits_for_validation_only_are_refused_before_they_are_read(data, tmp_path):
    config = Config(data=DataConfig(**data), recombine=RecombineConfig())
    with pytest.raises(UserError, match="for validation only"):
        open_feed(config, Vocabulary(["x"]), tmp_path, 1)


def test_lines_of_writing_are_added_to_the_training_inks(tmp_path):
    (tmp_path / "unipen-lines.jsonl").write_text(
        "\n".join(
            json.dumps({"text": text, "label": None, "lines": 1, "writer": writer, "strokes": [[[0, 0], [5, 9]]] * 3})
            for text, writer in (
                ("1+2", "unipen-x-MWBK4038"),
                ("3.14", "unipen-x-MWBK4038"),
                ("7", "unipen-x-BNGM-227"),
            )
        )
    )
    Lines(data_dir=tmp_path / "data", source=tmp_path).download_and_prepare()
    config = replace(CONFIG, data=replace(CONFIG.data, lines=("train",)))
    feed = open_feed(config, DEFAULT_VOCABULARY, tmp_path / "data", 1)
    assert len(feed.train) == 62 and "lines/train: 2 inks" in feed.notes
    assert "lines" in Checkpoint(None, config, DEFAULT_VOCABULARY, {}).datasets
