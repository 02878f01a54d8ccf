import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adaptive_style_tf.datasets.sizing import size_for_training, training_size

sides = st.integers(1, 20_000)


@pytest.mark.parametrize(
    ("width", "height", "painting", "photograph"),
    [
        (1000, 817, (1000, 817), (1800, 1471)),  # doubled 2000 x 1634; 1634 * 0.9 = 1470.6
        (800, 500, (800, 500), (1600, 1000)),
        (799, 600, (1065, 800), (1598, 1200)),  # 799 * 4 / 3 = 1065.33: crashed in the release
        (600, 479, (1002, 800), (1200, 958)),  # 600 * 800 / 479 = 1002.09
        (481, 321, (1199, 800), (962, 642)),  # 1198.75
        (321, 481, (800, 1199), (642, 962)),
        (300, 200, (1200, 800), (1200, 800)),
        (1800, 10, (1800, 10), (1800, 10)),
        (3601, 2400, (1800, 1200), (1800, 1200)),  # 1199.67
        (1801, 3, (1800, 3), (1800, 3)),
        (20_000, 1, (1800, 1), (1800, 1)),
        (1, 1, (800, 800), (800, 800)),
        (799, 10, (1800, 23), (1598, 20)),  # not 63,920 px long; 10 * 1800 / 799 = 22.53
    ],
)
def test_sizes_by_hand(width, height, painting, photograph):
    assert training_size(width, height, "painting") == painting
    assert training_size(width, height, "photograph") == photograph


def test_halves_are_rounded_upward():
    # short sides 0.5, 1.5 and 2.5; Python's own round would give 0, 2 and 2
    assert training_size(3600, 1, "painting") == (1800, 1)
    assert training_size(3600, 3, "painting") == (1800, 2)
    assert training_size(3600, 5, "painting") == (1800, 3)


@given(width=sides, height=sides, kind=st.sampled_from(["painting", "photograph"]))
def test_rules_hold_for_every_size(width, height, kind):
    long, short = max(width, height), min(width, height)
    if kind == "photograph":
        long, short = 2 * long, 2 * short
    sized = training_size(width, height, kind)
    assert max(sized) <= 1800
    assert min(sized) >= 1
    assert (sized[0] >= sized[1]) == (width >= height) or abs(sized[0] - sized[1]) <= 1
    if long > 1800:
        assert max(sized) == 1800
    elif long >= 800:
        assert sorted(sized) == [short, long]
    else:
        assert min(sized) == 800 or max(sized) == 1800
    assert training_size(height, width, kind) == sized[::-1]


def test_resizing_is_bilinear_and_aligned():
    # A ramp stays the same ramp: half a pixel of misalignment would show as a constant offset.
    ramp = np.tile(np.linspace(0, 250, 126).round().astype(np.uint8)[None, :, None], (80, 1, 3))
    photograph = np.pad(ramp, ((0, 0), (0, 374), (0, 0)), mode="edge")  # 500 x 80
    doubled = size_for_training(photograph, "photograph")
    assert doubled.shape == (160, 1000, 3)
    expected = 2 * ((np.arange(2, 250) + 0.5) / 2 - 0.5)
    assert np.abs(doubled[80, 2:250, 0] - expected).max() <= 1


def test_shrinking_averages_instead_of_picking_pixels():
    stripes = np.zeros((12, 7200, 3), np.uint8)
    stripes[:, ::2] = 200  # finer than the result can show: grey, not false texture
    shrunk = size_for_training(stripes, "painting")
    assert shrunk.shape == (3, 1800, 3)
    assert np.abs(shrunk[:, 5:-5].astype(int) - 100).max() <= 2


def test_a_picture_of_the_right_size_is_not_copied():
    picture = np.zeros((600, 900, 3), np.uint8)
    assert size_for_training(picture, "painting") is picture


def test_a_scale_beside_the_releases_sizing():
    picture = np.full((900, 1000, 3), 90, np.uint8)
    assert size_for_training(picture, "painting", 0.5).shape == (450, 500, 3)
    assert size_for_training(picture, "photograph", 0.5).shape == (810, 900, 3)  # of 1800 x 1620
