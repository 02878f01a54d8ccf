import colorsys
from pathlib import Path

import numpy as np
import pytest

from adaptive_style_tf.drawings import (
    draw_painting,
    draw_paintings,
    draw_photograph,
    draw_photographs,
    smooth_noise,
)

SIDE = 200


def generator(seed: int = 5) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.mark.parametrize("draw", [draw_painting, draw_photograph])
def test_the_same_seed_gives_the_same_picture_and_another_seed_another(draw) -> None:
    picture = draw(generator(), SIDE)
    assert picture.shape == (SIDE, SIDE, 3)
    assert picture.dtype == np.uint8
    assert np.array_equal(picture, draw(generator(), SIDE))
    assert np.abs(picture.astype(int) - draw(generator(6), SIDE)).mean() > 5


def test_paintings_are_blue_and_orange() -> None:
    painting = draw_painting(generator(), SIDE)
    hues = [colorsys.rgb_to_hsv(*pixel)[0] for pixel in painting.reshape(-1, 3)[::7] / 255]
    of_the_palette = [hue for hue in hues if 0.05 < hue < 0.17 or 0.45 < hue < 0.75]
    assert len(of_the_palette) > 0.85 * len(hues)


def test_photographs_have_a_blue_sky_over_land_of_many_colors() -> None:
    photograph = draw_photograph(generator(), SIDE).astype(float)
    sky, land = photograph[: SIDE // 4], photograph[-SIDE // 4 :]
    assert sky[..., 2].mean() > sky[..., 0].mean() + 20
    assert land.std(axis=(0, 1)).min() > sky.std(axis=(0, 1)).max()


def test_smooth_noise_stays_in_its_range_and_is_smooth() -> None:
    noise = smooth_noise(generator(), 100, cells=4)
    assert noise.shape == (100, 100)
    assert noise.min() >= 0
    assert noise.max() <= 1
    assert noise.std() > 0.1
    assert np.abs(np.diff(noise, axis=0)).max() < 0.15  # 25 px from one value to the next


def test_folders_are_filled_with_different_pictures(tmp_path: Path) -> None:
    draw_paintings(tmp_path / "a", 2, side=64)
    draw_photographs(tmp_path / "b", 3, side=64)
    names = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.jpg"))
    assert names == [
        "a/painting_000.jpg",
        "a/painting_001.jpg",
        "b/photograph_000.jpg",
        "b/photograph_001.jpg",
        "b/photograph_002.jpg",
    ]
    assert len({(tmp_path / name).read_bytes() for name in names}) == 5
