"""Telling ink from paper."""

import numpy as np
import pytest

pytest.importorskip("skimage", reason="the extra `pictures` is not installed")

from tegashiki.pictures.mask import find_ink
from tegashiki.pictures.rules import remove_rules

from .pictures import drawn, embedded_inks, photographed

PICTURES = [drawn(ink.strokes, 90) for ink in embedded_inks(12, seed=6)]


def agreement(found, truth):
    """Return the shares of true ink that is found and of found ink that is true, up to one pixel."""
    from scipy import ndimage

    near = np.ones((3, 3), bool)
    return (found | ~truth | ndimage.binary_dilation(found, near))[truth].mean(), ndimage.binary_dilation(truth, near)[
        found
    ].mean()


@pytest.mark.parametrize("turned", [False, True])
def test_clean_ink_is_found_exactly_also_light_on_dark(turned):
    for picture in PICTURES:
        truth = picture < 128
        assert (find_ink(255 - picture if turned else picture) == truth).mean() > 0.999


@pytest.mark.parametrize("faint", [0.6, 0.3, 0.2])
def test_faint_ink_in_uneven_light_is_found(faint):
    shares = [agreement(find_ink(photographed(p, seed, faint)), p < 128) for seed, p in enumerate(PICTURES)]
    found, true = np.mean(shares, axis=0)
    assert found > 0.94 and true > 0.95


def test_chalk_on_a_board_is_found():
    shares = [agreement(find_ink(255 - photographed(p, seed, 0.5)), p < 128) for seed, p in enumerate(PICTURES)]
    assert (np.mean(shares, axis=0) > 0.95).all()


def test_paper_and_grain_alone_have_hardly_any_ink():
    rng = np.random.default_rng(0)
    assert not find_ink(np.full((80, 100), 200, np.uint8)).any()
    assert find_ink(np.clip(200 + rng.normal(0, 3, (200, 300)), 0, 255).astype(np.uint8)).mean() < 0.002


def test_specks_and_blots_are_dropped_and_dots_are_kept():
    picture = np.full((150, 300), 255, np.uint8)
    picture[60:64, 30:200] = 0  # a line 4 wide
    picture[80:84, 250:254] = 0  # a dot
    picture[20, 20] = 0  # a speck
    picture[100:150, 100:180] = 0  # a thumb
    found = find_ink(picture)
    assert found[62, 100] and found[82, 252] and not found[20, 20] and not found[125, 140]


@pytest.mark.parametrize("slope", [0.0, 0.03, -0.06])
@pytest.mark.parametrize("squared", [False, True])
def test_rules_of_paper_are_removed_and_writing_on_them_is_kept(slope, squared):
    truth = np.zeros((200, 400), bool)
    picture = PICTURES[0] < 128
    truth[40 : 40 + picture.shape[0], 60 : 60 + picture.shape[1]] = picture[:, :330]
    ruled = truth.copy()
    columns = np.arange(400)
    for row in range(15, 200, 30):
        for thick in range(2):
            ruled[np.clip(np.rint(row + slope * (columns - 200)).astype(int) + thick, 0, 199), columns] = True
    if squared:
        for column in range(15, 400, 30):
            ruled[:, column : column + 2] = True
    cleaned = remove_rules(ruled, 3.0)
    assert (cleaned & ~truth).sum() < 0.16 * (ruled & ~truth).sum()
    assert (cleaned & truth).sum() > (0.7 if squared else 0.78) * truth.sum(), "less what lies along a rule"


def test_a_fraction_bar_and_a_long_minus_are_not_rules():
    mask = np.zeros((100, 300), bool)
    mask[50:53, 15:285] = True
    assert (remove_rules(mask, 3.0) == mask).all()
