import pickle
import shutil
from dataclasses import fields
from functools import partial

import numpy as np
import pytest

from tegashiki.datasets.embedded import Embedded
from tegashiki.datasets.prepared import load_examples
from tegashiki.ink.example import Example
from tegashiki.ink.ink import Ink
from tegashiki.input_pipeline import packed
from tegashiki.input_pipeline.batching import BatchSource, Limits, decode_example, lengths
from tegashiki.input_pipeline.buckets import choose_buckets
from tegashiki.input_pipeline.packed import PackedFramedInks, PackedInks, open_packed, open_store, pack, select_packed
from tegashiki.input_pipeline.recombined import Recombination
from tegashiki.latex.vocabulary import DEFAULT_VOCABULARY, Vocabulary
from tegashiki.models.multiply_adds import ink_multiply_adds
from tegashiki.models.seq2seq import ModelConfig
from tegashiki.synthesis.embedded import generate
from tegashiki.synthesis.framed_ink import FramedInk
from tegashiki.synthesis.habits import HabitsConfig
from tegashiki.synthesis.recombine import RecombineConfig
from tests.input_pipeline.encoding import encode_example, fits

# The check against the `rdp` package raises these warnings, because rdp computes cross products of 2-vectors.
pytestmark = pytest.mark.filterwarnings("ignore:Arrays of 2-dimensional vectors", "ignore:invalid value:RuntimeWarning")

COST = partial(ink_multiply_adds, ModelConfig(), len(DEFAULT_VOCABULARY))
EVERYTHING = RecombineConfig(typeset=0.3, prefix=0.1, swap_case=0.1, external_symbols=0.3)


@pytest.fixture(scope="module")
def examples() -> list[Example]:
    return generate("train", 40, seed=5)


@pytest.fixture(scope="module")
def folder(examples, tmp_path_factory):
    return pack(examples, tmp_path_factory.mktemp("data") / "packed" / "store").folder


def packed_inks(store, chosen=None, vocabulary=DEFAULT_VOCABULARY):
    return PackedInks([(store, np.arange(len(store)) if chosen is None else chosen)], vocabulary)


def assert_same(one, other):
    for field in fields(one):
        left, right = getattr(one, field.name), getattr(other, field.name)
        assert np.array_equal(left, right), field.name
        if isinstance(left, np.ndarray):
            assert left.dtype == right.dtype, field.name


def same_batches(one, other):
    return all(np.array_equal(one[name], other[name]) and one[name].dtype == other[name].dtype for name in one)


@pytest.mark.parametrize("place", ["files", "memory"])
def test_packed_inks_equal_encoded_inks(examples, folder, place):
    store = open_packed(folder) if place == "files" else pack(examples)
    inks, framed_inks = packed_inks(store), PackedFramedInks(packed_inks(store))
    for example, ink, framed in zip(examples, inks, framed_inks, strict=True):
        assert_same(ink, encode_example(example, DEFAULT_VOCABULARY))
        assert_same(framed, FramedInk.of_example(example))
    assert_same(inks[-1], inks[len(examples) - 1])
    assert [len(ink.boxes) for ink in inks[3:5]] == lengths(inks)[0][3:5].tolist()
    with pytest.raises(IndexError, match="ink 40 of 40"):
        inks[40]


def test_recombined_ink_keeps_its_boxes(examples):
    """Normalising the normalised boxes of recombined ink again would change their last bits."""
    ready = [
        decode_example(encode_example(example, DEFAULT_VOCABULARY), DEFAULT_VOCABULARY, "") for example in examples
    ]
    for ink, example in zip(packed_inks(pack(ready)), ready, strict=True):
        assert_same(ink, encode_example(example, DEFAULT_VOCABULARY))


def test_batches_equal_those_of_inks_in_memory(examples, folder):
    plain, mapped = [encode_example(e, DEFAULT_VOCABULARY) for e in examples], packed_inks(open_packed(folder))
    assert all(np.array_equal(*pair) for pair in zip(lengths(plain), lengths(mapped), strict=True))
    buckets = choose_buckets(*lengths(plain), COST, 2)
    one, other = (BatchSource(inks, buckets, [8] * len(buckets), COST, 3, 20) for inks in (plain, mapped))
    assert all(same_batches(one[t], other[t]) for t in range(20))


def test_recombined_inks_equal_those_of_inks_in_memory(examples, folder):
    letters = generate("train", 6, seed=9)
    drawings = [
        FramedInk.of_example(e).cut(0, 1) for e in letters if FramedInk.of_example(e).cut(0, 1).tokens[0] != "\\frac"
    ]

    def made(framed_inks):
        habits = HabitsConfig(spacing=0.3, placing=0.3, device=0.3)
        return Recombination(framed_inks, DEFAULT_VOCABULARY, Limits(), EVERYTHING, 7, habits, drawings).inks(0, 60)

    mapped = made(PackedFramedInks(packed_inks(open_packed(folder))))
    for one, other in zip(mapped, made([FramedInk.of_example(example) for example in examples]), strict=True):
        assert_same(one, other)


def test_inks_that_do_not_fit_are_left_out(examples):
    limits, vocabulary = Limits(strokes=7, tokens=9), Vocabulary([*"0123456789+-=abcxyn()", "^", "_", "{", "}"])
    kept = [example for example in examples if fits(example, vocabulary, limits)]
    chosen, reasons = select_packed(pack(examples), vocabulary, limits)
    assert [examples[number] for number in chosen] == kept and 0 < len(kept) < len(examples)
    assert sum(reasons.values()) == len(examples) - len(kept) and len(reasons) == 3


def test_an_ink_that_is_left_out_is_counted_under_its_first_reason():
    def scribble(strokes, tokens):
        return Example(Ink(([[0, 0], [1, 1]],) * strokes), tuple(tokens), np.full(strokes, -1, np.int32))

    good, many, long, odd = scribble(1, "x"), scribble(3, "z"), scribble(1, "xxxz"), scribble(1, "z")
    limits, vocabulary = Limits(strokes=2, tokens=4), Vocabulary("x")
    chosen, reasons = select_packed(pack([many, good, long, odd, long]), vocabulary, limits)
    assert chosen.tolist() == [1]
    assert reasons == {"too many strokes": 1, "too many tokens": 2, "token outside the vocabulary": 1}
    assert select_packed(pack([good]), vocabulary, limits)[1] == {}


def test_several_stores_form_one_sequence(examples):
    parts = [(pack(examples[:10]), np.array([2, 3])), (pack([]), np.arange(0)), (pack(examples[10:]), np.array([0]))]
    inks = PackedInks(parts, DEFAULT_VOCABULARY)
    for ink, number in zip(inks, (2, 3, 10), strict=True):
        assert_same(ink, encode_example(examples[number], DEFAULT_VOCABULARY))
    assert lengths(inks)[1].tolist() == [len(examples[number].tokens) + 1 for number in (2, 3, 10)]


def test_an_invalid_label_has_no_slots():
    ink = Ink((np.array([[0.0, 0.0], [1.0, 1.0]]),))
    odd = Example(ink, ("x", "}"), np.zeros(1, np.int32))
    assert packed_inks(pack([odd]))[0].slots.tolist() == [-1]


def test_pickled_inks_contain_no_arrays(folder):
    """The size of pickled inks hardly depends on the amount of ink: eight bytes per symbol and group, no arrays."""
    inks = packed_inks(open_packed(folder))
    assert len(pickle.dumps(inks)) < 10_000  # most of it the vocabulary
    assert_same(pickle.loads(pickle.dumps(inks))[7], inks[7])
    made = Recombination(PackedFramedInks(inks), DEFAULT_VOCABULARY, Limits(), RecombineConfig(), 7)
    strokes = int(lengths(inks)[0].sum())
    assert len(pickle.dumps(made)) < 40_000 < 256 * strokes


def test_an_interrupted_store_leaves_no_files(examples, tmp_path):
    def broken():
        yield from examples[:5]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pack(broken(), tmp_path / "packed" / "store")
    assert not list((tmp_path / "packed").iterdir())


def test_the_store_of_the_faster_process_is_used(examples, tmp_path):
    def late():
        yield from examples[:5]
        pack(examples[:9], tmp_path / "store")

    assert len(pack(late(), tmp_path / "store")) == 9
    assert [path.name for path in tmp_path.iterdir()] == ["store"]


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory):
    directory = tmp_path_factory.mktemp("prepared")
    Embedded(data_dir=directory, limit=12).download_and_prepare()
    return directory


@pytest.fixture
def prepared(data_dir, tmp_path):
    return shutil.copytree(data_dir, tmp_path / "data")


def test_a_split_is_encoded_once(prepared, monkeypatch):
    store = open_store("embedded/limit_12", "train", 0, prepared)
    expected = load_examples("embedded/limit_12", "train", prepared)
    for ink, example in zip(packed_inks(store), expected, strict=True):
        assert_same(ink, encode_example(example, DEFAULT_VOCABULARY))
    monkeypatch.setattr(packed, "pack", lambda *_: pytest.fail("encoded again"))
    assert len(open_store("embedded/limit_12", "train", 0, prepared)) == 12
    monkeypatch.undo()
    assert len(open_store("embedded/limit_12", "train", 5, prepared)) == 5
    assert len(open_store("embedded/limit_12", "train[:3]", 0, prepared)) == 3


def test_inks_stay_in_memory_if_the_store_cannot_be_written(prepared, capsys):
    (prepared / "embedded/limit_12/1.0.0/packed").write_text("in the way")
    store = open_store("embedded/limit_12", "train", 0, prepared)
    assert store.folder is None and len(store) == 12
    assert "keeping embedded/limit_12/train in memory" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["about.json", "points", "slots"])
def test_a_damaged_store_is_made_again(prepared, name, capsys):
    whole = open_store("embedded/limit_12", "train", 0, prepared)
    expected = {array: rows.copy() for array, rows in whole.arrays.items()}
    path = whole.folder / name
    path.write_bytes(path.read_bytes()[:-8])
    again = open_store("embedded/limit_12", "train", 0, prepared)
    assert f"{whole.folder} is damaged" in capsys.readouterr().err
    for array, rows in expected.items():
        np.testing.assert_array_equal(again.arrays[array], rows)
    path.unlink()
    assert len(open_store("embedded/limit_12", "train", 0, prepared)) == len(again)
    assert again.folder == whole.folder
