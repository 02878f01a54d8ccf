import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.color import lab2rgb, rgb2lab

from adaptive_style_tf.images.color import with_color_of


def noise(seed: int, height: int, width: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


def inside_gamut(lab: np.ndarray) -> np.ndarray:
    """Whether sRGB has these colors, by another library: they come back as they went."""
    with np.errstate(invalid="ignore"):
        back = rgb2lab(np.clip(lab2rgb(lab), 0, 1))
    return np.abs(back - lab).max(axis=-1) < 0.05


@pytest.mark.filterwarnings("ignore:Conversion from CIE-LAB:UserWarning")  # what is tested here
@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**6), height=st.integers(1, 40), width=st.integers(1, 300))
def test_a_and_b_are_the_ones_lightness_the_others(seed: int, height: int, width: int) -> None:
    colored, lightness_from = noise(seed, height, width), noise(seed + 1, height, width)
    result = with_color_of(colored, lightness_from)
    assert result.shape == colored.shape
    assert result.dtype == np.uint8
    wanted = rgb2lab(colored)
    wanted[..., 0] = rgb2lab(lightness_from)[..., 0]
    found = rgb2lab(result)
    kept = inside_gamut(wanted)
    wrong = np.abs(found - wanted)[kept].max(axis=-1, initial=0) > 2
    assert wrong.sum() <= 0.01 * kept.sum()


@pytest.mark.filterwarnings("ignore:Conversion from CIE-LAB:UserWarning")
def test_outside_the_gamut_lightness_and_hue_stay_and_saturation_gives_way() -> None:
    colored, lightness_from = noise(1, 80, 80), noise(2, 80, 80)
    wanted, light = rgb2lab(colored), rgb2lab(lightness_from)
    wanted[..., 0] = light[..., 0]
    found = rgb2lab(with_color_of(colored, lightness_from))
    out = ~inside_gamut(wanted)
    assert out.mean() > 0.2, "the premise: much of this noise is outside"
    assert np.percentile(np.abs(found[..., 0] - wanted[..., 0]), 99) < 1.0
    chroma = np.hypot(found[..., 1], found[..., 2])
    assert (chroma <= np.hypot(wanted[..., 1], wanted[..., 2]) + 2)[out].mean() > 0.99
    # Cutting off each channel by itself, the usual way, turns hues more.
    clipped = rgb2lab(np.clip(lab2rgb(wanted), 0, 1))

    def turned(lab: np.ndarray) -> float:
        angle = np.angle(
            (lab[..., 1] + 1j * lab[..., 2]) / (wanted[..., 1] + 1j * wanted[..., 2] + 1e-9)
        )
        return float(np.abs(angle[out & (chroma > 5)]).mean())

    assert turned(found) < turned(clipped)
    assert np.abs(clipped[..., 0] - wanted[..., 0])[out].mean() > 1.0


def test_a_picture_with_itself_is_itself() -> None:
    picture = noise(3, 50, 70)
    assert np.abs(with_color_of(picture, picture).astype(int) - picture).max() <= 1


def test_gray_takes_only_lightness() -> None:
    gray = np.repeat(noise(4, 20, 20)[..., :1], 3, axis=-1)
    result = with_color_of(gray, noise(5, 20, 20))
    assert np.ptp(result.astype(int), axis=-1).max() <= 1


def test_black_and_white_have_no_color_to_take() -> None:
    colored = noise(6, 4, 4)
    for value in (0, 255):
        flat = np.full((4, 4, 3), value, np.uint8)
        assert np.array_equal(with_color_of(colored, flat), flat)


def test_strips_leave_no_seam(monkeypatch: pytest.MonkeyPatch) -> None:
    colored, lightness_from = noise(7, 37, 11), noise(8, 37, 11)
    whole = with_color_of(colored, lightness_from)
    monkeypatch.setattr("adaptive_style_tf.images.color._STRIP", 50)
    assert np.array_equal(with_color_of(colored, lightness_from), whole)


def test_different_sizes_are_refused() -> None:
    with pytest.raises(ValueError, match=r"Received: \(4, 5, 3\), \(5, 4, 3\)"):
        with_color_of(noise(1, 4, 5), noise(1, 5, 4))
