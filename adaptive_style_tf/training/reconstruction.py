"""How far a result is from what it is meant to be: in pixels, edges, colors and texture."""

from typing import Any

from keras import ops

from adaptive_style_tf.training.texture_distance import texture_distance

EDGE_WEIGHT = 1.5  # of differences between neighboring pixels
FINE_COLOR_WEIGHT = 2.0  # of chroma; without it results come out sepia
COARSE_COLOR_WEIGHT = 4.0  # of chroma averaged over COARSE x COARSE pixels
COARSE = 4  # px
TEXTURE_WEIGHT = 4.0  # of its strength; without it results come out soft


def reconstruction_distance(result: Any, target: Any) -> tuple[Any, dict[str, Any]]:
    """The weighted sum of mean absolute differences, a scalar, and its parts by name.

    Args:
        result, target: `(N, H, W, 3)` in [-1, 1], H and W multiples of COARSE and at least 20.
    """
    error = result - target
    chroma = chroma_of(error)
    coarse = ops.average_pool(chroma, COARSE, COARSE, data_format="channels_last")
    parts = {
        "pixels": mean_size(error),
        "edges": mean_size(error[:, 1:] - error[:, :-1])
        + mean_size(error[:, :, 1:] - error[:, :, :-1]),
        "fine_color": mean_size(chroma),
        "coarse_color": mean_size(coarse),
        "texture": texture_distance(result, target),
    }
    total = (
        parts["pixels"]
        + EDGE_WEIGHT * parts["edges"]
        + FINE_COLOR_WEIGHT * parts["fine_color"]
        + COARSE_COLOR_WEIGHT * parts["coarse_color"]
        + TEXTURE_WEIGHT * parts["texture"]
    )
    return total, parts


def chroma_of(pictures: Any) -> Any:
    """The pictures without their grays."""
    return pictures - ops.mean(pictures, axis=-1, keepdims=True)


def mean_size(values: Any) -> Any:
    return ops.mean(ops.abs(values))
