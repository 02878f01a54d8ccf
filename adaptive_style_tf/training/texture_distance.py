"""How unlike the texture of two pictures is, wherever its lines lie.

By mean absolute differences alone a network answers what it cannot foresee with the median: blur.
What it can tell is how strong the texture of each place is, and which way it runs. So compared is
the strength of differences between neighbors, in four directions and of each color, around each
pixel.

Neither the paper nor the release has it. `keras.ops` alone: the same for every training loop.
"""

from typing import Any

from keras import ops

SIZES = (1, 2)  # px, of the squares whose means are neighbors
AROUND, STRIDE = 8, 4  # such squares, in which strengths are taken, and from one to the next
LEAST = 1e-4  # of mean squares, values in [-1, 1]: of texture below a level less depends


def texture_distance(result: Any, target: Any) -> Any:
    """The mean absolute difference of strengths, summed over sizes; a scalar.

    Args:
        result, target: `(N, H, W, 3)` in [-1, 1], H and W even and at least 20.
    """
    return sum(
        ops.mean(ops.abs(texture_strengths(result, size) - texture_strengths(target, size)))
        for size in SIZES
    )


def texture_strengths(pictures: Any, size: int) -> Any:
    """How strongly neighbors differ, `(N, h, w, 12)`: along rows, columns and both diagonals.

    The root mean square of the differences in squares of AROUND neighbors, each STRIDE apart.
    """
    pictures = ops.convert_to_tensor(pictures)
    if size > 1:
        pictures = ops.average_pool(pictures, size, size, data_format="channels_last")
    here = pictures[:, 1:-1, 1:-1]
    neighbors = (
        pictures[:, 1:-1, 2:],
        pictures[:, 2:, 1:-1],
        pictures[:, 2:, 2:],
        pictures[:, 2:, :-2],
    )
    squares = ops.concatenate([ops.square(here - other) for other in neighbors], axis=-1)
    means = ops.average_pool(squares, AROUND, STRIDE, data_format="channels_last")
    return ops.sqrt(means + LEAST)
