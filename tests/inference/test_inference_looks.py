import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adaptive_style_tf.errors import UsageError
from adaptive_style_tf.inference.looks import Look, blended, mixed


def noise(height: int, width: int, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


def inverted(photograph: np.ndarray) -> np.ndarray:
    return 255 - photograph


sides = st.integers(1, 300)


@settings(max_examples=40, deadline=None)
@given(height=sides, width=sides, strength=st.floats(0, 1), preserve_color=st.booleans())
def test_the_result_has_the_photographs_size(
    height: int, width: int, strength: float, preserve_color: bool
) -> None:
    look = Look(strength=strength, preserve_color=preserve_color)
    result = look.apply(inverted, noise(height, width))
    assert result.shape == (height, width, 3)
    assert result.dtype == np.uint8


@settings(max_examples=40, deadline=None)
@given(
    height=sides,
    width=sides,
    strength=st.floats(0, 1),
    image_size=st.integers(1, 80),
    restore_size=st.booleans(),
)
def test_scaled_pictures_reach_style_and_result_at_the_size_that_is_promised(
    height: int, width: int, strength: float, image_size: int, restore_size: bool
) -> None:
    look = Look(strength=strength, image_size=image_size, restore_size=restore_size)
    seen = []

    def style(photograph: np.ndarray) -> np.ndarray:
        seen.append(photograph.shape[:2])
        return inverted(photograph)

    result = look.apply(style, noise(height, width))
    assert seen in ([], [look.seen_size(height, width)])
    assert min(look.seen_size(height, width)) == image_size
    assert result.shape[:2] == look.result_size(height, width)
    if restore_size:
        assert result.shape == (height, width, 3)


@settings(max_examples=40, deadline=None)
@given(height=sides, width=sides, preserve_color=st.booleans(), image_size=st.none() | sides)
def test_strength_0_gives_the_photograph_exactly(
    height: int, width: int, preserve_color: bool, image_size: int | None
) -> None:
    photograph = noise(height, width)
    look = Look(0.0, preserve_color, image_size, restore_size=image_size is not None)
    result = look.apply(inverted, photograph)
    assert np.array_equal(result, photograph)
    assert result is not photograph


def test_strength_1_gives_the_style_exactly_and_half_the_mean() -> None:
    photograph = noise(20, 30)
    assert np.array_equal(Look(1.0).apply(inverted, photograph), inverted(photograph))
    half = Look(0.5).apply(inverted, photograph)
    assert np.abs(half - 127.5).max() <= 0.5
    quarter = Look(0.25).apply(lambda picture: np.full_like(picture, 200), photograph)
    assert np.abs(quarter - (0.75 * photograph + 0.25 * 200)).max() <= 0.5


def test_preserved_color_is_taken_from_the_photograph() -> None:
    photograph = np.full((8, 8, 3), (180, 120, 90), np.uint8)
    result = Look(preserve_color=True).apply(
        lambda picture: np.full_like(picture, (60, 60, 160)), photograph
    )
    red, _, blue = result[0, 0].astype(int)
    assert red > blue + 40
    assert result.mean() < photograph.mean() - 30


def test_color_is_taken_before_the_strength_mixes_the_photograph_in() -> None:
    photograph = np.full((8, 8, 3), (180, 120, 90), np.uint8)
    whole, half = (
        Look(strength, preserve_color=True).apply(
            lambda picture: np.full_like(picture, (60, 60, 160)), photograph
        )
        for strength in (1.0, 0.5)
    )
    assert np.abs(half - (whole / 2 + photograph / 2)).max() <= 0.5


def test_a_look_of_a_style_is_a_style() -> None:
    photograph = noise(5, 7)
    look = Look(0.3)
    assert np.array_equal(look.of(inverted)(photograph), look.apply(inverted, photograph))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"strength": 1.01}, "strength=1.01"),
        ({"strength": -0.1}, "strength=-0.1"),
        ({"strength": float("nan")}, "strength=nan"),
        ({"image_size": 0}, "image_size=0"),
        ({"restore_size": True}, "no size to restore"),
    ],
)
def test_what_cannot_be_meant_is_refused(values: dict[str, float], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        Look(**values)  # type: ignore[arg-type]


def test_a_mix_is_the_weighted_mean_and_only_ratios_count() -> None:
    photograph = noise(9, 4)
    dark, light = (lambda picture: picture // 3), (lambda picture: 255 - picture // 4)
    expected = 0.7 * dark(photograph) + 0.3 * light(photograph)
    for weights in ([0.7, 0.3], [7, 3]):
        assert np.abs(mixed([dark, light], weights)(photograph) - expected).max() <= 0.5 + 1e-4
    assert np.array_equal(mixed([dark], [5])(photograph), dark(photograph))


@pytest.mark.parametrize("weights", [[1.0], [1.0, 0.0], [1.0, -2.0]])
def test_a_mix_needs_a_weight_for_each_part(weights: list[float]) -> None:
    with pytest.raises(ValueError, match="Received: 2 parts"):
        mixed([inverted, inverted], weights)


def test_shares_of_0_and_1_leave_one_picture_untouched() -> None:
    first, second = noise(3, 3, 1), noise(3, 3, 2)
    assert blended((first, second), (1.0, 0.0)) is first
    assert blended((first, second), (0.0, 1.0)) is second
