"""How far results are from what the photograph explains.

A short training sharpens contours with what its nearly linear layers can do at once: rings beside
every edge, and lines on the decoder's grid. What may be in a result is said by the photograph: in a
small window each color should be a linear function of the photograph's patches of color and of
where its edges lie, so that colors may be any and edges may have contours, but nothing may be where
the photograph has neither. The window's best such function is the guided filter (He, Sun and Tang
2013, "Guided Image Filtering"), here with the edges among the guides. The method of Sanakoyeu et
al. has no such term.

`keras.ops` alone: the same for every training loop.
"""

from typing import Any

from keras import ops

from adaptive_style_tf.training.abstraction import abstracted, framed, gaussian
from adaptive_style_tf.training.rounded_size import rounded_size

WINDOW = 16  # px, side of a window
STRIDE = 8  # px between the windows' corners
LEAST_VARIANCE = 8e-4  # of a guide in a window that is followed; values in [-1, 1]
EDGE_SPREADS = (1.0, 2.5)  # px; contours may be about twice as wide
RIDGE_SPREADS = (1.5, 3.5)  # px: brighter or darker than what lies around
LUMINANCE = (0.299, 0.587, 0.114)


def unexplained_difference(photographs: Any, stylized: Any) -> Any:
    """Mean size of the differences between results and what the photographs explain of them.

    Args:
        photographs: `(N, H, W, 3)` in [-1, 1], H and W multiples of 16.
        stylized: the same shape; the gradient flows through it alone, not through its explanation.
    """
    difference = stylized - ops.stop_gradient(explained(guides(photographs), stylized))
    return ops.mean(rounded_size(difference))


def guides(photographs: Any) -> Any:
    """What results may be made of: `(N, H, W, 6)`, the patches' colors, edges and ridges.

    Args:
        photographs: `(N, H, W, 3)` in [-1, 1].
    """
    patches = abstracted(photographs)
    luminance = ops.sum(patches * ops.convert_to_tensor(LUMINANCE), axis=-1, keepdims=True)
    edges = [
        gaussian(6 * spread * slope(gaussian(luminance, spread)), 0.8 * spread)
        for spread in EDGE_SPREADS
    ]
    near, far = (gaussian(luminance, spread) for spread in RIDGE_SPREADS)
    return ops.stop_gradient(ops.concatenate([patches, *edges, 2 * (near - far)], axis=-1))


def slope(values: Any) -> Any:
    """Size of the gradient per pixel of `(N, H, W, C)`, by central differences."""
    values = framed(values, 1)
    down = values[:, 2:, 1:-1] - values[:, :-2, 1:-1]
    right = values[:, 1:-1, 2:] - values[:, 1:-1, :-2]
    return ops.sqrt(ops.square(down) + ops.square(right) + 1e-12) / 2


def explained(guide: Any, pictures: Any) -> Any:
    """The guided filter: pictures as linear functions of the guides in each window.

    Args:
        guide: `(N, H, W, K)`, H and W multiples of STRIDE.
        pictures: `(N, H, W, 3)`.

    Returns:
        `(N, H, W, 3)`.
    """
    count, height, width, kinds = guide.shape
    size = (height // STRIDE, width // STRIDE)
    guide_mean, mean = window_means(guide), window_means(pictures)
    products = ops.expand_dims(guide, -1) * ops.expand_dims(
        ops.concatenate([guide, pictures], axis=-1), -2
    )
    product_means = ops.reshape(
        window_means(ops.reshape(products, (count, height, width, kinds * (kinds + 3)))),
        (count, *size, kinds, kinds + 3),
    )
    means = ops.concatenate([guide_mean, mean], axis=-1)
    covariances = product_means - ops.expand_dims(guide_mean, -1) * ops.expand_dims(means, -2)
    followed = covariances[..., :kinds] + LEAST_VARIANCE * ops.eye(kinds)
    factors = ops.solve(followed, covariances[..., kinds:])  # (N, h, w, K, 3)
    rest = mean - ops.sum(ops.expand_dims(guide_mean, -1) * factors, axis=-2)
    everywhere = ops.image.resize(
        ops.concatenate([ops.reshape(factors, (count, *size, kinds * 3)), rest], axis=-1),
        (height, width),
        interpolation="bilinear",
        data_format="channels_last",
    )
    factors = ops.reshape(everywhere[..., : kinds * 3], (count, height, width, kinds, 3))
    return ops.sum(ops.expand_dims(guide, -1) * factors, axis=-2) + everywhere[..., kinds * 3 :]


def window_means(values: Any) -> Any:
    """Means over windows around the middle of each cell of STRIDE x STRIDE px."""
    values = framed(values, (WINDOW - STRIDE) // 2)
    return ops.average_pool(values, WINDOW, STRIDE, "valid", data_format="channels_last")
