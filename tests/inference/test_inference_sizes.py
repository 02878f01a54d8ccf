import pytest
from hypothesis import given
from hypothesis import strategies as st

from adaptive_style_tf.inference.sizes import (
    padded_side,
    padding,
    strokes_come_out_thin,
    too_small_for_strokes,
)


@pytest.mark.parametrize(
    ("side", "padded"),
    [(1, 64), (63, 64), (64, 64), (65, 80), (80, 80), (1080, 1088), (1920, 1920)],
)
def test_sides(side: int, padded: int) -> None:
    assert padded_side(side) == padded


@given(st.integers(1, 10**6))
def test_a_padded_side_is_the_next_one_the_network_works_on(side: int) -> None:
    works_on = [size for size in range(side, side + 80) if size % 16 == 0 and size >= 64]
    assert padded_side(side) == works_on[0]


def test_padding_is_what_is_missing_beside_a_margin_of_16_px_all_around() -> None:
    assert padding(100, 64) == ((16, 28), (16, 16))
    assert padding(1, 81) == ((16, 79), (16, 31))


@pytest.mark.parametrize("side", [0, -16])
def test_a_side_without_pixels_is_refused(side: int) -> None:
    with pytest.raises(ValueError, match=f"Received: {side}"):
        padded_side(side)


def test_strokes_are_thin_above_2000_px_of_the_short_side() -> None:
    assert not strokes_come_out_thin(2000, 9000)
    assert strokes_come_out_thin(2001, 9000)
    assert strokes_come_out_thin(9000, 2001)


def test_pictures_are_too_small_below_200_px_of_the_short_side() -> None:
    assert not too_small_for_strokes(200, 200)
    assert too_small_for_strokes(199, 9000)
    assert too_small_for_strokes(9000, 199)
