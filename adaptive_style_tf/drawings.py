"""Pictures drawn on the spot: something to train on where there are no paintings and photographs.

They show that everything works; they are no substitute for art.
"""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from adaptive_style_tf.images.encoding import write_picture

Picture = NDArray[np.uint8]  # [H, W, 3], sRGB, 0 to 255

# A night of blues with warm lights; RGB.
PALETTE = np.array(
    [
        (16, 32, 84),
        (30, 58, 128),
        (52, 96, 168),
        (96, 150, 190),
        (22, 70, 74),
        (226, 182, 44),
        (246, 222, 118),
        (198, 112, 34),
    ]
)
STROKE_LENGTH = 46  # px; together with the width it decides how coarse the style is
STROKE_WIDTH = 11  # px


def draw_paintings(folder: Path, count: int, seed: int = 0, side: int = 800) -> None:
    """Fills a folder with paintings of one made-up artist: long strokes that follow a flow.

    Args:
        folder: made if missing; files of the same names are replaced.
        count: how many.
        seed: the same seed gives the same pictures.
        side: of the squares, in pixels.
    """
    _draw(folder, "painting", count, seed, lambda random: draw_painting(random, side))


def draw_photographs(folder: Path, count: int, seed: int = 0, side: int = 400) -> None:
    """Fills a folder with stand-ins for photographs: hills under a sky, in natural colors.

    Args:
        folder: made if missing; files of the same names are replaced.
        count: how many.
        seed: the same seed gives the same pictures.
        side: of the squares, in pixels.
    """
    _draw(folder, "photograph", count, seed, lambda random: draw_photograph(random, side))


def draw_painting(random: np.random.Generator, side: int) -> Picture:
    """One painting: strokes along a smooth flow, colors by patches of the palette."""
    canvas = np.empty((side, side, 3), np.uint8)
    canvas[:] = PALETTE[random.integers(len(PALETTE))]
    flow = 2 * np.pi * smooth_noise(random, side, cells=3)
    patches = smooth_noise(random, side, cells=5)
    for _ in range(4 * side * side // (STROKE_LENGTH * STROKE_WIDTH)):
        x, y = random.integers(side, size=2)
        mixed = patches[y, x] + random.normal(0, 0.06)
        color = PALETTE[int(np.clip(mixed, 0, 0.999) * len(PALETTE))] + random.normal(0, 10, 3)
        _stroke(canvas, (int(x), int(y)), flow, np.clip(color, 0, 255), random.uniform(0.6, 1.4))
    return canvas


def draw_photograph(random: np.random.Generator, side: int) -> Picture:
    """One landscape: a sky that grows lighter downwards, ranges of hills, trees and houses."""
    height = np.linspace(0, 1, side)[:, np.newaxis, np.newaxis]  # 0 at the top
    zenith = np.array([90, 140, 210]) + random.normal(0, 25, 3)
    horizon = np.array([215, 225, 235]) + random.normal(0, 20, 3)
    clouds = np.clip(smooth_noise(random, side, cells=6) - 0.5, 0, 1)[..., np.newaxis]
    picture = zenith + (horizon - zenith) * height + 110 * clouds * (1 - height)
    texture = smooth_noise(random, side, cells=side // 6)[..., np.newaxis] - 0.5
    for distance in (1.0, 0.6, 0.3, 0.0):  # far hills fade into the air
        near = np.array([70, 95, 45]) + random.normal(0, 30, 3)
        color = near + (horizon - near) * 0.75 * distance + 90 * texture * (1 - 0.7 * distance)
        crest = 0.45 + 0.4 * (1 - distance) + 0.3 * (smooth_noise(random, side, cells=4)[0] - 0.5)
        picture = np.where(height > crest[np.newaxis, :, np.newaxis], color, picture)
    picture = np.ascontiguousarray(picture, np.float32)
    _scatter_trees_and_houses(random, picture)
    picture += random.normal(0, 3, picture.shape).astype(np.float32)  # a sensor's grain
    result: Picture = np.clip(picture, 0, 255).astype(np.uint8)
    return result


def _scatter_trees_and_houses(random: np.random.Generator, picture: NDArray[np.float32]) -> None:
    side = picture.shape[0]
    for foot in np.sort(random.uniform(0.55, 1.0, 60)):  # the nearest last, and largest
        x, y = int(random.integers(side)), int(foot * side)
        size = side * (foot - 0.5) * random.uniform(0.1, 0.25)
        if random.random() < 0.75:
            green = tuple(np.array([40.0, 75.0, 35.0]) + random.normal(0, 22, 3))
            crown = (max(1, round(size * 0.6)), max(1, round(size)))
            cv2.ellipse(picture, (x, y - crown[1]), crown, 0, 0, 360, green, -1, cv2.LINE_AA)
            continue
        wall, half = tuple(random.uniform(90, 240, 3)), round(size)
        roof = tuple(np.array([150.0, 70.0, 50.0]) + random.normal(0, 30, 3))
        cv2.rectangle(picture, (x - half, y - half), (x + half, y), wall, -1)
        gable = np.array([(x - half, y - half), (x + half, y - half), (x, y - 2 * half)])
        cv2.fillPoly(picture, [gable.astype(np.int32)], roof, cv2.LINE_AA)


def smooth_noise(random: np.random.Generator, side: int, cells: int) -> NDArray[np.float32]:
    """Values from 0 to 1 that change over about `side / cells` pixels, [side, side]."""
    coarse = random.random((cells + 1, cells + 1), np.float32)
    fine = cv2.resize(coarse, (side, side), interpolation=cv2.INTER_CUBIC)
    result: NDArray[np.float32] = np.clip(fine, 0, 1).astype(np.float32)
    return result


def _stroke(
    canvas: Picture,
    start: tuple[int, int],
    flow: NDArray[np.float32],
    color: NDArray[np.float64],
    size: float,
) -> None:
    """Paints one stroke into the canvas: a body, and two bristles lighter and darker than it."""
    side = canvas.shape[0]
    points = [np.array(start, float)]
    for _ in range(4):
        x, y = np.clip(points[-1], 0, side - 1).astype(int)
        step = np.array([np.cos(flow[y, x]), np.sin(flow[y, x])])
        points.append(points[-1] + step * STROKE_LENGTH * size / 4)
    across = np.array([-step[1], step[0]])
    for offset, width, light in ((0.0, 1.0, 0), (0.25, 0.2, 28), (-0.3, 0.2, -28)):
        path = np.rint(np.array(points) + across * offset * STROKE_WIDTH * size).astype(np.int32)
        shade = tuple(float(value) for value in np.clip(color + light, 0, 255))
        thickness = max(1, round(STROKE_WIDTH * width * size))
        cv2.polylines(canvas, [path], False, shade, thickness, cv2.LINE_AA)


def _draw(
    folder: Path,
    name: str,
    count: int,
    seed: int,
    draw: Callable[[np.random.Generator], Picture],
) -> None:
    for index in range(count):
        picture = draw(np.random.default_rng([seed, index]))
        write_picture(folder / f"{name}_{index:03d}.jpg", picture, overwrite=True)
