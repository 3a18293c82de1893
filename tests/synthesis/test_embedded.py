import numpy as np
import pytest

from tegashiki.ink.preprocess import preprocess
from tegashiki.latex.normalize import slots
from tegashiki.synthesis.embedded import SIZES, Drawn, EmbeddedError, draw, generate, split_of
from tegashiki.synthesis.formulas import DIALECTS, WIDE


def same(a, b) -> bool:
    return a.tokens == b.tokens and all(np.array_equal(p, q) for p, q in zip(a.ink.strokes, b.ink.strokes, strict=True))


def test_an_example_depends_only_on_its_number_and_the_seed():
    many = generate("train", 5)
    assert same(many[4], draw("train", 4)) and same(many[3], generate("train", 4)[3])
    assert not same(many[4], draw("train", 4, seed=1))


def test_the_first_example_is_the_same_everywhere():
    """Update the values here if glyphs, layout or dialect were changed on purpose."""
    example = draw("train", 0)
    assert " ".join(example.tokens) == r"4 k = \frac { 3 } { 7 8 }"
    low, high = np.concatenate(example.ink.strokes).min(axis=0), np.concatenate(example.ink.strokes).max(axis=0)
    assert np.round([*low, *high], 2).tolist() == [6056.0, -420.0, 7797.0, 695.0]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_stroke_is_linked_to_a_visible_token_and_every_visible_token_to_strokes(dialect):
    for example in generate("train", 150, dialect=dialect):
        visible = {i for i, slot in enumerate(slots(example.tokens)) if slot is not None}
        assert set(example.stroke_tokens.tolist()) == visible
        groups = example.ink.symbols
        assert sorted(stroke for group in groups for stroke in group.strokes) == list(range(len(example.ink.strokes)))
        assert [group.label for group in groups] == [example.tokens[i] for i in sorted(visible)]
        assert example.ink.label == " ".join(example.tokens)


def test_all_examples_can_be_preprocessed():
    for example in generate("test", 50, dialect="wide"):
        strokes = preprocess(example.ink)
        assert np.isfinite(strokes.points_SP2).all() and np.isfinite(strokes.boxes_S3).all()


def test_splits_share_neither_formulas_nor_writers():
    parts = {split: generate(split, 200) for split in SIZES}
    for split, examples in parts.items():
        assert all(split_of(example.tokens) == split for example in examples)
    writers = [{example.ink.writer for example in examples} for examples in parts.values()]
    assert not writers[0] & writers[1] and not writers[0] & writers[2] and not writers[1] & writers[2]
    assert len(writers[0]) > 100


def test_formulas_rarely_repeat():
    examples = generate("train", 1000)
    assert len({example.tokens for example in examples}) > 900


def test_drawn_is_a_lazy_sequence():
    drawn = Drawn("train")
    assert len(drawn) == SIZES["train"]
    part = drawn[100:110]
    assert len(part) == 10 and same(part[2], draw("train", 102)) and same(drawn[-1], draw("train", SIZES["train"] - 1))
    assert sum(Drawn("test", range(3)).count_tokens().values()) == sum(len(e.tokens) for e in generate("test", 3))


def test_errors_name_the_existing_splits_and_dialects():
    with pytest.raises(EmbeddedError, match="train, validation, test"):
        generate("dev")
    with pytest.raises(EmbeddedError, match="easy, wide"):
        generate("train", dialect="hard")


def test_the_wide_dialect_has_longer_formulas():
    assert max(len(draw("train", i, dialect=WIDE).tokens) for i in range(100)) > 40
