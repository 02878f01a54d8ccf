"""Random changes to everything that the discriminator sees, through which gradients pass.

With some fifty paintings the discriminator soon knows each of them by heart. Changing paintings,
photographs and results alike keeps it from that, and since the generator's gradient passes through
the changes, the generator does not learn to make them (Zhao et al. 2020, "Differentiable
Augmentation for Data-Efficient GAN Training", arXiv 2006.10738; the ranges are those of its
published code). The method of Sanakoyeu et al. has no such thing.

`crop` is ours and has another aim. The discriminator's strides make the gradient that reaches a
result uneven: with a trained one, its energy at the positions of a grid of 16 px differs by a
factor of four. The generator works on such a grid too, and where the two always lie alike, it draws
what the gradient has. Cut at a random corner, what the discriminator sees has its grid anywhere.

`blur` is ours too, and always the same. A short training does not get as far as what paint looks
like from near; asked for it, a generator weaves its own grid. So the discriminator does not see it.

`keras.ops` alone, and random numbers that come from outside: the same for every training loop.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
from keras import ops

from adaptive_style_tf.training.local_means import gaussian
from adaptive_style_tf.training.settings import TrainingSettings

FARTHEST = 0.125  # of a side: translation
HOLE = 0.5  # of a side: the square that cutout makes gray
GRID = 16  # px, period of the generator's grid: the crop
BLUR = 1.5  # px, standard deviation: what repeats within 5 px keeps a sixth
KINDS = 3  # of pictures that the discriminator sees in a step: paintings, photographs, results

# Columns of the random numbers. Each change has its own, whichever others there are.
BRIGHTNESS, SATURATION, CONTRAST, DOWN, RIGHT, HOLE_ROW, HOLE_COLUMN, TOP, LEFT = range(9)
COLUMNS = 9
# Independent of the crops' random numbers, whose keys are longer (NumPy's SeedSequence).
SPAWN_KEY = 2


def numbers_of_step(settings: TrainingSettings, step: int) -> npt.NDArray[np.float32] | None:
    """The random numbers of step `step`, a row for each picture; None if nothing is augmented."""
    if not settings.objective.augmentation_policies:
        return None
    return random_numbers(settings.run.seed, step, KINDS * settings.data.batch_size)


def random_numbers(seed: int, step: int, rows: int) -> npt.NDArray[np.float32]:
    """Numbers `(rows, 9)` in [0, 1) that depend on nothing else: a resumed run draws the same."""
    philox = np.random.Philox(np.random.SeedSequence(seed, spawn_key=(SPAWN_KEY, step)))
    bits = philox.random_raw(rows * COLUMNS) >> np.uint64(40)  # float32 holds 24 exactly
    return (bits.astype(np.float32) * np.float32(2**-24)).reshape(rows, COLUMNS)


def augmented(pictures: Any, policies: tuple[str, ...], numbers: Any) -> Any:
    """Pictures, each changed in its own way.

    Args:
        pictures: `(N, H, W, 3)` in [-1, 1]; N, H and W must be known when a graph is built.
        policies: of `color`, `translation`, `cutout`, `crop` and `blur`, carried out in this order.
        numbers: `(N, 9)` in [0, 1).

    Returns:
        The same shape, less 16 px of height and of width after `crop`; colors may leave [-1, 1].
    """
    for policy in policies:
        pictures = CHANGES[policy](pictures, numbers)
    return pictures


def randomly_colored(pictures: Any, numbers: Any) -> Any:
    def of_picture(column: int) -> Any:  # (N, 1, 1, 1)
        return ops.cast(numbers[:, column, None, None, None], pictures.dtype)

    pictures = brightened(pictures, of_picture(BRIGHTNESS) - 0.5)
    pictures = saturated(pictures, 2 * of_picture(SATURATION))
    return contrasted(pictures, of_picture(CONTRAST) + 0.5)


def randomly_translated(pictures: Any, numbers: Any) -> Any:
    height, width = pictures.shape[1:3]
    farthest = round_half_up(FARTHEST * height), round_half_up(FARTHEST * width)
    down, right = (
        whole_numbers(numbers[:, column], 2 * most + 1) - most
        for column, most in zip((DOWN, RIGHT), farthest, strict=True)
    )
    return translated(pictures, down, right, farthest)


def randomly_cut(pictures: Any, numbers: Any) -> Any:
    height, width = pictures.shape[1:3]
    hole = round_half_up(HOLE * height), round_half_up(HOLE * width)
    # Its middle lies anywhere in the picture, so a part of it may lie outside.
    row, column = (
        whole_numbers(numbers[:, which], side + 1 - size % 2) - size // 2
        for which, side, size in zip((HOLE_ROW, HOLE_COLUMN), (height, width), hole, strict=True)
    )
    return cut(pictures, row, column, hole)


def randomly_cropped(pictures: Any, numbers: Any) -> Any:
    top, left = (whole_numbers(numbers[:, column], GRID) for column in (TOP, LEFT))
    return cropped(pictures, top, left)


def blurred(pictures: Any, numbers: Any) -> Any:
    """Pictures without most of what is finer than strokes; needs no numbers."""
    return gaussian(pictures, BLUR)


CHANGES = {
    "color": randomly_colored,
    "translation": randomly_translated,
    "cutout": randomly_cut,
    "crop": randomly_cropped,
    "blur": blurred,
}


def brightened(pictures: Any, amount: Any) -> Any:
    """Adds `amount` `(N, 1, 1, 1)`."""
    return pictures + amount


def saturated(pictures: Any, factor: Any) -> Any:
    """Moves each pixel to (below 1) or away from (above 1) its own gray."""
    gray = ops.mean(pictures, axis=-1, keepdims=True)
    return (pictures - gray) * factor + gray


def contrasted(pictures: Any, factor: Any) -> Any:
    """Moves all values to (below 1) or away from (above 1) the picture's mean."""
    mean = ops.mean(pictures, axis=(1, 2, 3), keepdims=True)
    return (pictures - mean) * factor + mean


def translated(pictures: Any, down: Any, right: Any, farthest: tuple[int, int]) -> Any:
    """Pictures moved by whole pixels; what comes in is 0, a middle gray.

    Args:
        down, right: `(N,)`, int32, in px; negative: up and to the left.
        farthest: in px, the largest size of `down` and of `right`.
    """
    height, width = pictures.shape[1:3]
    rows, columns = farthest
    framed = ops.pad(pictures, [(0, 0), (rows, rows), (columns, columns), (0, 0)])
    return windows(framed, rows - down, columns - right, (height, width))


def cut(pictures: Any, row: Any, column: Any, hole: tuple[int, int]) -> Any:
    """Pictures with a rectangle of 0, a middle gray.

    Args:
        row, column: `(N,)`, int32, of its upper left corner, which may lie outside.
        hole: its height and width, px.
    """
    height, width = pictures.shape[1:3]

    def covered(start: Any, size: int, side: int) -> Any:  # (N, side)
        positions = ops.arange(side, dtype="int32")[None] - start[:, None]
        return ops.logical_and(positions >= 0, positions < size)

    rows = covered(row, hole[0], height)[:, :, None, None]
    columns = covered(column, hole[1], width)[:, None, :, None]
    kept = ops.logical_not(ops.logical_and(rows, columns))  # (N, H, W, 1)
    return pictures * ops.cast(kept, pictures.dtype)


def cropped(pictures: Any, top: Any, left: Any) -> Any:
    """Pictures without GRID rows and GRID columns, some of them on either side.

    Args:
        top, left: `(N,)`, int32, from 0 to GRID: how many are cut away there, px.
    """
    height, width = pictures.shape[1:3]
    return windows(pictures, top, left, (height - GRID, width - GRID))


def windows(pictures: Any, top: Any, left: Any, size: tuple[int, int]) -> Any:
    """Of each picture the part of this size whose corner lies at its row `top`, column `left`."""
    count, channels = pictures.shape[0], pictures.shape[-1]
    parts = [
        ops.slice(pictures, (number, top[number], left[number], 0), (1, *size, channels))
        for number in range(count)
    ]
    return ops.concatenate(parts)


def whole_numbers(numbers: Any, count: int) -> Any:
    """Numbers in [0, 1) as whole ones from 0 to `count - 1`, int32."""
    # float32 may round a product up to `count` itself.
    return ops.minimum(ops.cast(ops.floor(numbers * count), "int32"), count - 1)


def round_half_up(value: float) -> int:
    return int(value + 0.5)
