import numpy as np
import pytest

from tegashiki.memory import neighbours
from tegashiki.memory.neighbours import (
    FEW,
    HALF_WEIGHT,
    KEYS_A_TOKEN,
    LEAST_COSINE,
    MOST_SHARE,
    NEIGHBOURS,
    TEMPERATURE,
    Groups,
    KeySet,
    quantize,
    unit_length,
)

V = 11


def softmax(logits_V):
    weights_V = np.exp(logits_V - logits_V.max())
    return weights_V / weights_V.sum()


def documented_mixture(logits_V, key_D, vectors_ND, ids_N, allowed_N):
    """Mix as docs/memory.md specifies, key by key."""
    probabilities = softmax(np.float64(logits_V))
    unit = key_D / np.linalg.norm(key_D)
    found = []
    for number, vector in enumerate(vectors_ND.astype(np.float64)):
        if list(ids_N[number:]).count(ids_N[number]) > KEYS_A_TOKEN:
            continue
        cosine = float(unit @ vector / np.linalg.norm(vector))
        if cosine >= LEAST_COSINE:
            found.append((-cosine, number))
    said, total = np.zeros(V), 0.0
    for negative, number in sorted(found)[:NEIGHBOURS]:
        weight = np.exp((-negative - 1) / TEMPERATURE)
        if allowed_N[number] is not None:
            weight *= probabilities[allowed_N[number]].sum()
        said[ids_N[number]] += weight
        total += weight
    if not total:
        return probabilities
    share = MOST_SHARE * total / (total + HALF_WEIGHT)
    return (1 - share) * probabilities + share * said / total


def key_sets(count, seed, restricted=False, width=8, spread=0.35):
    """Make keys around a few centres, so that many are near each other, in formulas of five tokens."""
    random = np.random.default_rng(seed)
    centres = random.normal(size=(6, width))
    vectors = quantize(centres[random.integers(6, size=count)] + spread * random.normal(size=(count, width)))
    ids = random.integers(V, size=count)
    mask = np.arange(V) < 6
    parts = range(0, count, 5)
    restrictions = [mask if restricted and part % 2 else None for part in parts]
    allowed = [restrictions[number // 5] for number in range(count)]
    keys = KeySet.stack([vectors[at : at + 5] for at in parts], [ids[at : at + 5] for at in parts], restrictions)
    return keys, vectors, ids, allowed, centres


@pytest.mark.parametrize("count", [3, 40, FEW, 3 * FEW])
@pytest.mark.parametrize("restricted", [False, True])
def test_mixing_agrees_with_the_documented_arithmetic(count, restricted):
    keys, vectors, ids, allowed, centres = key_sets(count, count, restricted)
    random = np.random.default_rng(1)
    logits_WV = random.normal(size=(5, V)).astype(np.float32)
    keys_WD = (centres[:5] + 0.3 * random.normal(size=(5, 8))).astype(np.float32)
    mixed_WV = keys.mix(logits_WV, keys_WD)
    changed = 0
    for row in range(5):
        expected = documented_mixture(logits_WV[row], keys_WD[row], vectors, ids, allowed)
        np.testing.assert_allclose(softmax(mixed_WV[row]), expected, atol=1e-5)
        changed += np.abs(expected - softmax(logits_WV[row])).max() > 0.01
    assert changed >= 2


def test_groups_find_every_neighbour():
    keys, *_, centres = key_sets(4 * FEW, 5, width=64, spread=0.5)
    assert keys.groups is not None
    assert len(keys.ids_N) > FEW
    unit_ND = unit_length(keys.vectors_ND)
    unit_WD = unit_length(centres + 0.3)
    for earlier in (None, np.linalg.qr(np.random.default_rng(0).normal(size=(64, 20)))[0].T.astype(np.float32)):
        groups = Groups.of(unit_ND, earlier)
        near = groups.candidates(unit_WD)
        exact = np.flatnonzero((unit_WD @ unit_ND.T >= LEAST_COSINE).any(axis=0))
        assert len(exact)
        assert set(exact.tolist()) <= set(near.tolist())
        assert near.tolist() == sorted(set(near.tolist()))
        assert near.max() < len(unit_ND)


def test_groups_rule_out_distant_keys():
    keys, *_, centres = key_sets(4 * FEW, 5, width=64, spread=0.2)
    assert keys.groups is not None
    assert len(keys.groups.centres_GD) == len(centres)
    near = keys.groups.candidates(unit_length(centres[:1]))
    assert 0 < len(near) < len(keys.ids_N) / 3


def test_of_equally_near_keys_the_first_ones_count():
    vector = quantize(np.ones((1, 4)))
    count = NEIGHBOURS + 4
    keys = KeySet.stack([vector] * count, [[3]] * NEIGHBOURS + [[4]] * 4, [None] * count)
    mixed_V = softmax(keys.mix(np.zeros((1, V)), np.ones((1, 4), np.float32))[0])
    assert mixed_V[3] > 0.8
    assert mixed_V[4] == pytest.approx(mixed_V[5])


def test_nearest_breaks_ties_in_order_of_the_keys():
    random = np.random.default_rng(0)
    cosines_WU = random.integers(0, 6, size=(40, NEIGHBOURS + 9)).astype(np.float32)
    cosines_WU[::2] += random.random(size=cosines_WU[::2].shape).astype(np.float32)  # rows without ties
    for rows in (slice(None), slice(0, None, 2)):
        for row, found in zip(cosines_WU[rows], neighbours.nearest(cosines_WU[rows]), strict=True):
            order = sorted(range(len(row)), key=lambda place: (-row[place], place))
            assert np.flatnonzero(found).tolist() == sorted(order[:NEIGHBOURS])


def test_only_the_last_keys_of_each_token_are_kept():
    random = np.random.default_rng(2)
    ids = [[1, 2] if part % 3 else [1, 3] for part in range(KEYS_A_TOKEN + 7)]
    keys = KeySet.stack([quantize(random.normal(size=(2, 4))) for _ in ids], ids, [None] * len(ids))
    flat = [each for one in ids for each in one]
    expected = [place for place, each in enumerate(flat) if flat[place:].count(each) <= KEYS_A_TOKEN]
    assert keys.ids_N.tolist() == [flat[place] for place in expected]
    assert keys.ids_N.tolist().count(1) == KEYS_A_TOKEN
    assert len(keys.vectors_ND) == len(expected)


def test_without_near_keys_nothing_changes():
    logits_WV = np.random.default_rng(0).normal(size=(2, V))
    np.testing.assert_array_equal(KeySet.stack([], [], []).mix(logits_WV, np.ones((2, 4))), logits_WV)
    keys = KeySet.stack([quantize(np.eye(4)[:1])], [[3]], [None])
    far_WD = np.array([[0, 1, 0, 0], [0, 0, 0, 0]], np.float32)
    expected = [softmax(row) for row in logits_WV]
    np.testing.assert_allclose([softmax(row) for row in keys.mix(logits_WV, far_WD)], expected, atol=1e-12)


def test_a_key_learnt_under_a_restriction_hardly_counts_where_its_tokens_are_unlikely():
    allowed_V = np.arange(V) < 5
    free, narrow = (KeySet.stack([quantize(np.ones((1, 4)))], [[3]], [mask]) for mask in (None, allowed_V))
    elsewhere_V = np.where(np.arange(V) == 8, 12.0, 0.0)  # the model is sure of a token that was not allowed
    mixed = [softmax(keys.mix(elsewhere_V[None], np.ones((1, 4), np.float32))[0]) for keys in (free, narrow)]
    assert mixed[0][3] > 0.5
    assert mixed[1][8] > 0.99


def test_quantized_keys_keep_their_direction():
    vectors_ND = np.random.default_rng(0).normal(size=(50, 128))
    restored = unit_length(quantize(vectors_ND))
    assert (restored * unit_length(vectors_ND)).sum(axis=1).min() > 0.9999
    assert quantize(np.zeros((1, 3))).tolist() == [[0, 0, 0]]
    assert quantize(np.array([[-2.0, 1.0, 0.5]])).tolist() == [[-127, 64, 32]]


def test_a_step_starts_no_blas_threads():
    """OpenBLAS splits products of m x n numbers with a vector from 9216 on, and of m x n x k from 65536 * 4 on."""
    width, widest = 128, 10
    assert neighbours.BLOCK * width < 9216
    assert neighbours.BLOCK * width * widest < 65536
