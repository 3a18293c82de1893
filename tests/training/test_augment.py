"""Augmentation places strokes on the page, distorts them, and frames them as a phone does."""

from dataclasses import astuple, replace

import jax
import numpy as np
import pytest

from tegashiki.ink.preprocess import normalize_boxes
from tegashiki.input_pipeline.batching import pad_batch
from tegashiki.input_pipeline.buckets import Bucket
from tegashiki.latex.vocabulary import DEFAULT_VOCABULARY, EOS_ID
from tegashiki.synthesis.embedded import generate
from tegashiki.training.augment import AugmentConfig, augment, frame, masked_median
from tests.input_pipeline.encoding import encode_example

ROWS = 12
NOTHING = AugmentConfig(*[0.0] * len(astuple(AugmentConfig())))

# One compilation for every choice of magnitudes.
_augment = jax.jit(lambda key, batch, magnitudes: augment(key, batch, AugmentConfig(*magnitudes)))
_frame = jax.jit(frame)


@pytest.fixture(scope="module")
def batch():
    """Generated inks with dots, straight strokes and corners, and one empty row; every row is padded."""
    inks = [encode_example(example, DEFAULT_VOCABULARY) for example in generate("train", ROWS - 1)]
    strokes = max(len(ink.boxes) for ink in inks)
    padded = pad_batch(inks, Bucket(strokes + 2, 40), ROWS)
    padded["points"][0, 0], padded["boxes"][0, 0, 2] = 0, 0  # a dot
    padded["boxes"][0][padded["mask"][0]] = normalize_boxes(padded["boxes"][0][padded["mask"][0]])
    return padded


def augmented(batch, seed=0, **magnitudes):
    moved = _augment(jax.random.key(seed), batch, astuple(replace(NOTHING, **magnitudes)))
    return {name: np.asarray(value) for name, value in moved.items()}


def page(batch):
    """Points on the page, (B, S, P, 2)."""
    return batch["points"] * batch["boxes"][:, :, None, 2:] + batch["boxes"][:, :, None, :2]


def test_masked_median_equals_numpys():
    rng = np.random.default_rng(0)
    values = rng.lognormal(size=(60, 9)).astype(np.float32)
    mask = np.arange(9) < rng.integers(1, 10, (60, 1))
    mask[:20] = rng.uniform(size=(20, 9)) < 0.5  # real strokes need not come first
    mask[:20, 3] = True
    found = jax.jit(masked_median)(np.where(mask, values, -1e3), mask)
    np.testing.assert_allclose(found, [np.median(v[m]) for v, m in zip(values, mask, strict=True)], rtol=1e-6)


def test_masked_median_of_an_empty_row_is_zero():
    assert masked_median(np.full((1, 3), 7.0, np.float32), np.zeros((1, 3), bool)).tolist() == [0]


def test_zero_magnitudes_are_the_identity(batch):
    same = augmented(batch)
    for name in batch:
        np.testing.assert_allclose(same[name], batch[name], atol=1e-4, err_msg=name)


@pytest.mark.parametrize(("scale", "shift"), [(37.0, (900.0, -50.0)), (0.01, (0.0, 0.3))])
def test_frame_gives_the_same_boxes_as_preprocessing(batch, scale, shift):
    """Ink anywhere on a page with any unit gets the boxes that `normalize_boxes` makes of its raw boxes."""
    mask = batch["mask"]
    raw = batch["boxes"] * scale + np.array([*shift, 0], np.float32)
    points, boxes = _frame(page(batch | {"boxes": raw}), mask, batch["points"])
    for row, real in enumerate(mask):
        expected = normalize_boxes(raw[row, real].astype(np.float64))
        np.testing.assert_allclose(np.asarray(boxes)[row, real], expected, atol=2e-4)
    np.testing.assert_allclose(np.asarray(points)[mask], batch["points"][mask], atol=2e-4)
    assert not np.asarray(points)[~mask].any()
    assert not np.asarray(boxes)[~mask].any()


def test_frame_of_dots_has_the_same_unit_as_preprocessing(batch):
    """If most strokes are dots, the unit is the size of the largest stroke; if all are, it is their distance."""
    for sizes in ([0, 0, 0, 2.0], [0, 0, 0, 0]):
        raw = np.zeros_like(batch["boxes"])
        raw[0, :4] = np.stack([[1, 4, 2, 8], [3, 1, 2, 2], sizes], axis=-1)
        mask = np.zeros_like(batch["mask"])
        mask[0, :4] = True
        points = np.where((raw[..., 2] > 0)[..., None, None], batch["points"][1, 0], 0).astype(np.float32)
        boxes = _frame(page({"points": points, "boxes": raw}), mask, points)[1]
        np.testing.assert_allclose(np.asarray(boxes)[0, :4], normalize_boxes(raw[0, :4]), atol=1e-4)


def test_all_magnitudes_together_give_finite_framed_ink(batch):
    moved = _augment(jax.random.key(3), batch, tuple(3 * value for value in astuple(AugmentConfig())))
    points, boxes, mask = (np.asarray(moved[name]) for name in ("points", "boxes", "mask"))
    assert np.isfinite(points).all()
    assert np.isfinite(boxes).all()
    assert not points[~mask].any()
    assert not boxes[~mask].any()
    assert np.abs(points[mask]).max() < 0.8
    real = mask.any(axis=1)
    np.testing.assert_allclose(np.where(mask, boxes[..., 0], np.inf).min(axis=1)[real], 0, atol=1e-5)
    sizes = [np.median(row[on, 2]) for row, on in zip(boxes, mask, strict=True) if on.any()]
    np.testing.assert_allclose(sizes, 1, atol=1e-4)
    for name in batch.keys() - {"points", "boxes"}:
        np.testing.assert_array_equal(moved[name], batch[name])


@pytest.mark.parametrize("name", sorted(AugmentConfig.__dataclass_fields__.keys() - {"noise", "token_noise"}))
def test_every_magnitude_moves_each_ink_a_little_and_differently(batch, name):
    magnitude = {name: getattr(AugmentConfig(), name) or 0.06}
    moved = augmented(batch, **magnitude)
    distance = np.abs(page(moved) - page(batch)).max(axis=(1, 2, 3))[:-1]
    long = batch["mask"][:-1].sum(axis=1) > 1
    assert (distance[long] > 1e-3).mean() > 0.8
    assert np.median(distance) < 3
    assert len(np.unique(distance.round(5))) > 0.8 * len(distance)
    again = augmented(batch, **magnitude)
    np.testing.assert_array_equal(again["points"], moved["points"])


def test_rotation_is_rigid(batch):
    """All distances between points of an ink change by the same factor, because the unit changes."""
    moved, angle = augmented(batch, rotation=0.5), []
    for before, after, real in zip(page(batch), page(moved), batch["mask"], strict=True):
        if real.sum() < 2:
            continue
        vectors = [
            (points[real].reshape(-1, 2) - points[real].reshape(-1, 2)[0]) @ [1, 1j] for points in (before, after)
        ]
        far = np.abs(vectors[0]) > 0.1
        turns = vectors[1][far] / vectors[0][far]
        np.testing.assert_allclose(turns, turns[0], rtol=1e-2)
        angle.append(np.angle(turns[0]))
    assert 0.05 < np.abs(angle).max() <= 0.5
    assert min(angle) < 0 < max(angle)


def test_strokes_of_a_symbol_are_moved_by_the_same_map(batch):
    """All points of a symbol get the same linear map, and each symbol another; strokes of unknown tokens stay."""
    owners = batch["stroke_tokens"].copy()
    owners[1] = -1
    known = batch | {"stroke_tokens": owners}
    moved = augmented(known, symbol_scale=0.3, symbol_shear=0.3, symbol_rotation=0.3)
    np.testing.assert_allclose(page(moved)[1], page(batch)[1], atol=1e-4)
    maps = []
    for row in range(2, ROWS - 1):
        before, after = page(batch)[row], page(moved)[row]
        for token in np.unique(owners[row][batch["mask"][row]]):
            strokes = np.flatnonzero((owners[row] == token) & batch["mask"][row])
            points = [where[strokes].reshape(-1, 2) for where in (before, after)]
            if np.ptp(points[0], axis=0).min() < 0.2:
                continue  # too flat to fit
            # Framing changes the unit and the origin of the page, which become part of the fitted map.
            fitted = np.linalg.lstsq(np.c_[points[0], np.ones(len(points[0]))], points[1], rcond=None)
            np.testing.assert_allclose(np.c_[points[0], np.ones(len(points[0]))] @ fitted[0], points[1], atol=0.02)
            maps.append(fitted[0][:2].ravel())
    spread = np.std(maps, axis=0)
    assert len(maps) > ROWS and (spread > 0.03).all(), spread


def test_shear_keeps_heights(batch):
    """Shear moves x by y; y changes only with the unit."""
    moved = augmented(batch, shear=0.5)
    for before, after, real in zip(page(batch), page(moved), batch["mask"], strict=True):
        if real.any():
            heights, sheared = before[real, :, 1].ravel(), after[real, :, 1].ravel()
            slope, offset = np.polyfit(heights, sheared, 1)
            np.testing.assert_allclose(sheared, slope * heights + offset, atol=2e-3)


def test_noise_has_the_given_standard_deviation(batch):
    """1 % of the size of each stroke at every point, before strokes are framed again."""
    moved = augmented(batch, noise=0.01)
    large = batch["mask"] & (batch["boxes"][..., 2] > 0.3)
    spread = (moved["points"] - batch["points"])[large].std()
    assert spread == pytest.approx(0.01, rel=0.35)


def test_wobble_bends_strokes_slowly(batch):
    """Neighbouring points move together, and no point moves far. Framing adds a little to the movement."""
    moved = augmented(batch, wobble=0.05)
    large = batch["mask"] & (batch["boxes"][..., 2] > 0.3)
    shift = (moved["points"] - batch["points"])[large]
    assert 0.01 < np.abs(shift).max() < 0.2
    assert np.abs(shift[:, 1:] - shift[:, :-1]).max() < 0.25 * np.abs(shift).max()
    apart = np.abs(shift - shift.mean(axis=1, keepdims=True)).max(axis=(1, 2))
    assert (apart > 0.005).mean() > 0.7, "strokes are moved but not bent"


def test_token_noise_replaces_a_share_of_the_inputs_by_tokens_of_the_batch(batch):
    real = batch["inputs"] > EOS_ID
    noisy = augmented(batch, token_noise=0.5)["inputs"]
    assert (noisy[~real] == batch["inputs"][~real]).all(), "the start token or padding was replaced"
    assert set(noisy[real]) <= set(batch["inputs"][real])
    changed = (noisy != batch["inputs"])[real].mean()
    assert 0.05 < changed < 0.5
    assert (augmented(batch)["inputs"] == batch["inputs"]).all()
