"""How far the patches of results are from those of paintings, without a discriminator.

A discriminator needs many steps to learn what strokes and contours are. The distribution of small
patches tells part of it at once: seen through a filter, the patches of a picture are a set of
numbers, and two such sets are compared by sorting both (sliced Wasserstein distance; Elnekave and
Weiss 2022, "Generating Natural Images with Direct Patch Distributions Matching", arXiv 2203.11862).
The method of Sanakoyeu et al. has no such term.

`keras.ops` alone, and all that is random comes from outside: the same for every training loop.
"""

import math
from typing import Any, NamedTuple

from keras import ops

from adaptive_style_tf.training.rounded_size import rounded_size
from adaptive_style_tf.training.settings import ObjectiveSettings

WINDOW = 128  # px, side of the squares whose patches are compared, at most
PATCH = 7  # px, side of a patch
LEVELS = 4  # the picture at its size, then halved again and again: patches of 7 to 56 px
POSITIONS = 32  # of patches along a window's side, about; a window has up to their square
MARGIN = 16  # px by which the shifted photograph is smaller
FRAME = 16  # px along the frame, which have a mean of their own
FRAME_WEIGHT = 0.5  # of that mean, beside the mean of all


class StepLook(NamedTuple):
    """What a step compares results with; see `PaintedWindows`.

    Attributes:
        references: `(M, W, W, 3)` in [-1, 1]: for each window of the photographs one of a painting.
        filters: `(LEVELS, PATCH, PATCH, 3, K)`.
        offsets: `(LEVELS, 2)`, int32, px: where the first patch of a level lies.
        shift: `(2,)`, int32, px, rows and columns, between 0 and MARGIN.
    """

    references: Any
    filters: Any
    offsets: Any
    shift: Any


def texture_terms(
    generator: Any,
    photographs: Any,
    stylized: Any,
    settings: ObjectiveSettings,
    look: StepLook | None,
) -> tuple[Any, dict[str, Any]]:
    """The weighted sum of what a step's look is for, and its terms; 0 and none without weights.

    Args:
        photographs: `(N, S, S, 3)` in [-1, 1].
        stylized: what the generator makes of them.
        look: needed where one of the two weights is not 0.
    """
    total: Any = 0.0
    terms = {}
    if (settings.patch_weight or settings.shift_weight) and look is None:
        raise ValueError("patch_weight and shift_weight need a look.")
    if settings.patch_weight and look is not None:
        terms["patches"] = patch_distance(
            windows_of(stylized), look.references, look.filters, look.offsets
        )
        total = settings.patch_weight * terms["patches"]
    if settings.shift_weight and look is not None:
        terms["shift"] = shift_difference(generator, photographs, stylized, look.shift)
        total = total + settings.shift_weight * terms["shift"]
    return total, terms


def window_side(side: int) -> int:
    """The side of the windows of pictures with this side, both in px."""
    return min(WINDOW, side)


def windows_of(pictures: Any) -> Any:
    """The squares of pictures `(N, H, W, 3)`, row by row; what does not fill one is left out."""
    count, height, width, channels = pictures.shape
    side = window_side(min(height, width))
    rows, columns = height // side, width // side
    pictures = pictures[:, : rows * side, : columns * side]
    squares = ops.reshape(pictures, (count, rows, side, columns, side, channels))
    return ops.reshape(ops.transpose(squares, (0, 1, 3, 2, 4, 5)), (-1, side, side, channels))


def patch_distance(pictures: Any, references: Any, filters: Any, offsets: Any) -> Any:
    """Sliced squared Wasserstein distance of patches, summed over the levels, a scalar.

    At each level and for each filter: the mean squared difference of the sorted responses.

    Args:
        pictures, references: `(M, W, W, 3)`, compared one with one.
        filters, offsets: see `StepLook`.
    """
    total = 0.0
    for level in range(LEVELS):
        difference = sorted_responses(pictures, filters[level], offsets[level])
        difference -= sorted_responses(references, filters[level], offsets[level])
        total = total + ops.mean(ops.square(difference))
        if level + 1 < LEVELS:
            pictures, references = halved(pictures), halved(references)
    return total


def sorted_responses(pictures: Any, filters: Any, offset: Any) -> Any:
    """The responses `(M, P, K)` to filters at P positions of pictures, in rising order."""
    count, side = pictures.shape[:2]
    stride = stride_of(side)
    seen = side - stride + 1  # whatever the offset
    pictures = ops.slice(pictures, (0, offset[0], offset[1], 0), (count, seen, seen, 3))
    responses = ops.conv(pictures, filters, stride, "valid", data_format="channels_last")
    return ops.sort(ops.reshape(responses, (count, -1, filters.shape[-1])), axis=1)


def stride_of(side: int) -> int:
    """Px between patches of a picture with this side; offsets are smaller."""
    return max(1, side // POSITIONS)


def halved(pictures: Any) -> Any:
    return ops.average_pool(pictures, 2, 2, data_format="channels_last")


def shift_difference(generator: Any, photographs: Any, stylized: Any, shift: Any) -> Any:
    """How far the result depends on where the frame lies: mean sizes of differences.

    A part of the photograph, its corner moved by `shift`, is stylized by itself and compared with
    the same part of the whole's result. What repeats with the decoder's grid, and what lies along
    the frame, differs between the two. What lies along the frame is a small part of the picture,
    and seen at once: FRAME_WEIGHT times its own mean is added. The gradient flows through the part
    alone: the whole has no frame where the part has one.

    Sizes, not squares (`rounded_size`): a grid of some levels in a flat sky is plain to see.
    """
    count, height, width, channels = photographs.shape
    corner = (0, shift[0], shift[1], 0)
    part = (count, height - MARGIN, width - MARGIN, channels)
    alone = generator(ops.slice(photographs, corner, part))
    whole = ops.stop_gradient(ops.slice(stylized, corner, part))
    difference = rounded_size(alone - whole)
    inside = difference[:, FRAME:-FRAME, FRAME:-FRAME]
    frame = ops.sum(difference) - ops.sum(inside)
    return ops.mean(difference) + FRAME_WEIGHT * frame / (
        math.prod(difference.shape) - math.prod(inside.shape)
    )
