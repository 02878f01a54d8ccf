import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adaptive_style_tf.images.resizing import resized, scaled_to_short_side

sides = st.integers(1, 5000)


@given(height=sides, width=sides, short_side=sides)
def test_the_short_side_is_exact_and_the_long_one_to_the_nearest_pixel(
    height: int, width: int, short_side: int
) -> None:
    scaled = scaled_to_short_side(height, width, short_side)
    assert min(scaled) == short_side
    wanted = max(height, width) / min(height, width) * short_side
    assert abs(max(scaled) - wanted) <= 0.5 + 1e-6
    assert (scaled[0] >= scaled[1]) == (height >= width) or scaled[0] == scaled[1]


def test_a_known_size() -> None:
    assert scaled_to_short_side(2160, 3840, 1280) == (1280, 2276)  # 2275.6
    assert scaled_to_short_side(1, 65_000, 2) == (2, 130_000)


@pytest.mark.parametrize("sizes", [(0, 5, 5), (5, 0, 5), (5, 5, 0)])
def test_a_side_without_pixels_is_refused(sizes: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="Received: height="):
        scaled_to_short_side(*sizes)


def test_shrinking_averages_instead_of_leaving_out() -> None:
    stripes = np.zeros((64, 64, 3), np.uint8)
    stripes[:, ::2] = 255
    small = resized(stripes, 8, 8)
    assert small.shape == (8, 8, 3)
    assert np.abs(small.astype(int) - 128).max() <= 8  # every second column left out: 0 or 255


def test_a_smooth_picture_survives_there_and_back() -> None:
    rows, columns = np.mgrid[0:96, 0:64]
    smooth = np.dstack([columns * 4, rows * 2, rows + columns]).astype(np.uint8)
    large = resized(smooth, 192, 128)
    by_opencv = cv2.resize(smooth, (128, 192), interpolation=cv2.INTER_CUBIC)
    assert np.abs(large.astype(int) - by_opencv)[4:-4, 4:-4].max() <= 2
    assert np.abs(resized(large, 96, 64).astype(int) - smooth)[4:-4, 4:-4].max() <= 1


def test_opacity_has_no_channels() -> None:
    alpha = np.tile(np.array([0, 255], np.uint8), (4, 1))
    assert resized(alpha, 8, 4).shape == (8, 4)


def test_the_right_size_is_left_alone() -> None:
    picture = np.zeros((5, 7, 3), np.uint8)
    assert resized(picture, 5, 7) is picture
