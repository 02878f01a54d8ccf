import math

import numpy as np
import pytest
import tensorflow as tf
from scipy.signal import correlate

from adaptive_style_tf.training.patches import (
    LEVELS,
    PATCH,
    StepLook,
    patch_distance,
    shift_difference,
    texture_terms,
    windows_of,
)
from adaptive_style_tf.training.settings import ObjectiveSettings

RANDOM = np.random.default_rng(5)
FILTERS = RANDOM.normal(size=(LEVELS, PATCH, PATCH, 3, 2)).astype(np.float32)
NO_OFFSETS = np.zeros((LEVELS, 2), np.int32)


def pictures(seed, count=2, side=64):
    drawn = np.random.default_rng(seed).uniform(-1, 1, (count, side, side, 3))
    return drawn.astype(np.float32)


def look(references, shift=(5, 9), offsets=NO_OFFSETS):
    return StepLook(references, FILTERS, offsets, np.array(shift, np.int32))


def responses(picture, kernel, offset, stride):
    """By SciPy: where patches begin at `offset` and every `stride` px after it."""
    maps = correlate(picture, kernel, mode="valid")[..., 0]
    rows, columns = (range(start, maps.shape[0], stride) for start in offset)
    return maps[np.ix_(rows, columns)]


def distance(one, other, offsets, stride_of_level):
    """For square pictures of 128 px, level by level with SciPy and sorted lists."""
    total = 0.0
    for level, stride in enumerate(stride_of_level):
        side = 128 >> level
        seen = side - stride + 1  # as many positions wherever the first one lies
        squares = []
        for kernel in np.moveaxis(FILTERS[level], -1, 0):
            cut = [p[offsets[level][0] :, offsets[level][1] :][:seen, :seen] for p in (one, other)]
            found = [np.sort(responses(p, kernel, (0, 0), stride), axis=None) for p in cut]
            squares.append(np.mean(np.square(found[0] - found[1])))
        total += np.mean(squares)
        one, other = (p.reshape(side // 2, 2, side // 2, 2, 3).mean((1, 3)) for p in (one, other))
    return total


def test_distance_of_patches_by_scipy():
    one, other = pictures(1, count=1, side=128), pictures(2, count=1, side=128) ** 3
    offsets = np.array([(3, 1), (0, 1), (0, 0), (0, 0)], np.int32)
    expected = distance(one[0].astype(float), other[0].astype(float), offsets, (4, 2, 1, 1))
    found = patch_distance(tf.constant(one), other, FILTERS, offsets)
    assert float(found) == pytest.approx(expected, rel=1e-4)


def test_each_picture_is_compared_with_its_own_reference():
    both = pictures(3)
    assert float(patch_distance(both, both, FILTERS, NO_OFFSETS)) == 0
    assert float(patch_distance(both, both[::-1], FILTERS, NO_OFFSETS)) > 0.1


def test_flat_pictures_by_hand():
    # Every response is the color times the sums of the filter's channels, at every level.
    one, other = (
        np.full((1, 64, 64, 3), color, np.float32) for color in ((0.5, 0.1, -0.4), (0.2, 0.3, -0.3))
    )
    apart = np.einsum("c,lck->lk", [0.3, -0.2, -0.1], FILTERS.sum(axis=(1, 2), dtype=float))
    expected = np.square(apart).mean(axis=1).sum()
    assert float(patch_distance(one, other, FILTERS, NO_OFFSETS)) == pytest.approx(
        expected, rel=1e-4
    )


def test_where_in_a_window_something_lies_makes_no_difference():
    one, moved, fainter = np.zeros((3, 1, 128, 128, 3), np.float32)
    spot = pictures(11, count=1, side=16)[0]
    one[0, 48:64, 64:80] = spot
    moved[0, 64:80, 48:64] = spot  # far enough from the border for patches of 56 px
    fainter[0, 48:64, 64:80] = spot / 2
    apart = float(patch_distance(one, fainter, FILTERS, NO_OFFSETS))
    assert apart > 0.01
    assert float(patch_distance(one, moved, FILTERS, NO_OFFSETS)) < 1e-6 * apart


def test_windows_are_squares_row_by_row_and_rests_are_left_out():
    given = pictures(4, count=2, side=300)
    windows = np.asarray(windows_of(given))
    assert windows.shape == (8, 128, 128, 3)
    np.testing.assert_array_equal(windows[1], given[0, :128, 128:256])
    np.testing.assert_array_equal(windows[6], given[1, 128:256, :128])
    np.testing.assert_array_equal(windows_of(given[:, :96, :96]), given[:, :96, :96])


HALF = math.hypot(0.5, 0.01) - 0.01  # what a difference of 0.5 counts
ONE_ROW = HALF * 48 * (1 / 48**2 + 0.5 / (48**2 - 16**2))


def on_a_grid(photographs):
    """A stand-in for a generator that draws a line along its frame's upper side."""
    top = np.zeros((1, photographs.shape[1], 1, 1), np.float32)
    top[:, 0] = 0.5
    return photographs + top


def test_what_follows_the_photograph_does_not_differ_when_the_frame_is_moved():
    photographs = pictures(6)
    found = shift_difference(lambda p: 0.5 * p, photographs, 0.5 * photographs, (5, 9))
    assert float(found) == pytest.approx(0, abs=1e-8)


def test_what_follows_the_frame_differs_by_hand():
    # One of the part's 48 rows is off by 0.5; the whole's line lies outside of the part. Less than
    # 16 px from the frame lie all but 16 x 16 of its 48 x 48 px.
    photographs = pictures(7)
    found = shift_difference(on_a_grid, photographs, on_a_grid(photographs), (5, 9))
    assert float(found) == pytest.approx(ONE_ROW, rel=1e-4)


def test_what_differs_far_from_the_frame_counts_once():
    # The whole is off by 0.5 in 16 px of the part's middle, which lies 5 and 9 px further on.
    photographs = pictures(13)
    stylized = photographs.copy()
    stylized[:, 5 + 20 : 5 + 24, 9 + 20 : 9 + 24] += 0.5
    found = shift_difference(lambda p: p, photographs, stylized, (5, 9))
    assert float(found) == pytest.approx(HALF * 16 / 48**2, rel=1e-4)


def test_differences_too_faint_to_tell_count_as_squares():
    photographs = np.zeros((1, 64, 64, 3), np.float32)
    for difference in (0.002, 0.004):
        stylized = np.full_like(photographs, difference)
        found = shift_difference(lambda p: p, photographs, stylized, (5, 9))
        # All differ alike, so the frame's mean is half a mean more.
        assert float(found) == pytest.approx(1.5 * difference**2 / (2 * 0.01), rel=0.05)


def test_the_gradient_flows_through_the_shifted_part_alone():
    photographs, strength = tf.constant(np.ones((2, 64, 64, 3), np.float32)), tf.Variable(0.5)
    with tf.GradientTape() as tape:
        stylized = 0.25 * strength * photographs
        loss = shift_difference(lambda p: strength * p, photographs, stylized, (4, 4))
    # d/ds of the size of s - 0.125, with 0.125 fixed; the frame's mean counts half.
    expected = 1.5 * 0.375 / math.hypot(0.375, 0.01)
    assert float(tape.gradient(loss, strength)) == pytest.approx(expected, rel=1e-4)


def test_without_weights_there_are_no_terms_and_nothing_to_look_at():
    assert texture_terms(None, None, None, ObjectiveSettings(), None) == (0.0, {})


@pytest.mark.parametrize("weight", ["patch_weight", "shift_weight"])
def test_a_weight_without_a_look_is_refused(weight):
    with pytest.raises(ValueError, match="patch_weight and shift_weight need a look"):
        texture_terms(None, None, None, ObjectiveSettings(**{weight: 1.0}), None)


def test_terms_are_weighted():
    photographs, references = pictures(9), pictures(10)
    stylized = on_a_grid(photographs)
    settings = ObjectiveSettings(patch_weight=3.0, shift_weight=7.0)
    total, terms = texture_terms(on_a_grid, photographs, stylized, settings, look(references))
    assert terms.keys() == {"patches", "shift"}
    patches = patch_distance(windows_of(stylized), references, FILTERS, NO_OFFSETS)
    assert float(terms["patches"]) == pytest.approx(float(patches), rel=1e-6)
    assert float(terms["shift"]) == pytest.approx(ONE_ROW, rel=1e-4)
    expected = 3 * float(terms["patches"]) + 7 * float(terms["shift"])
    assert float(total) == pytest.approx(expected, rel=1e-6)
