import numpy as np
import pytest

from tegashiki.datasets.embedded import Embedded, generate
from tegashiki.datasets.prepared import DatasetNotReadyError, load_examples

# The check against the `rdp` package raises these warnings, because rdp computes cross products of 2-vectors.
pytestmark = pytest.mark.filterwarnings("ignore:Arrays of 2-dimensional vectors", "ignore:invalid value:RuntimeWarning")


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory):
    directory = tmp_path_factory.mktemp("data")
    Embedded(data_dir=directory, limit=12).download_and_prepare()
    Embedded(data_dir=directory, limit=3, variant="wide").download_and_prepare()
    return directory


@pytest.mark.parametrize("split", ["train", "validation", "test"])
def test_the_prepared_dataset_holds_the_generated_examples(data_dir, split):
    prepared = load_examples("embedded/limit_12", split, data_dir, structure=True)
    drawn = {example.ink.source: example for example in generate(split, 12)}
    assert {example.ink.source for example in prepared} == set(drawn)
    for example in prepared:
        expected = drawn[example.ink.source]
        assert example.tokens == expected.tokens and example.ink.writer == expected.ink.writer
        assert example.stroke_tokens.tolist() == expected.stroke_tokens.tolist()
        assert example.ink.symbols == expected.ink.symbols
        for stroke, wanted in zip(example.ink.strokes, expected.ink.strokes, strict=True):
            assert np.allclose(stroke, wanted, rtol=1e-6)


def test_a_variant_named_like_a_dialect_has_its_formulas(data_dir):
    prepared = {e.ink.source: e.tokens for e in load_examples("embedded/wide_limit_3", "train", data_dir)}
    assert prepared == {e.ink.source: e.tokens for e in generate("train", 3, dialect="wide")}


def test_embedded_needs_no_preparation(tmp_path):
    examples = load_examples("embedded", "train", tmp_path)
    assert len(examples) == 6000 and examples[7].tokens == generate("train", 8)[7].tokens
    assert len(load_examples("embedded", "train[:500]", tmp_path)) == 500
    part = load_examples("embedded/wide", "test[10:12]", tmp_path)
    assert [e.tokens for e in part] == [e.tokens for e in generate("test", 12, dialect="wide")[10:]]


def test_missing_splits_are_user_errors(tmp_path):
    with pytest.raises(DatasetNotReadyError, match="test, train, validation"):
        load_examples("embedded", "dev", tmp_path)
    with pytest.raises(DatasetNotReadyError, match=r"train\[:500\]"):
        load_examples("embedded", "train[5]", tmp_path)
