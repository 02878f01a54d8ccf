"""Names and shapes of the networks' weights, as functions of their widths.

This is what style folders and checkpoints of the 2018 release are checked against; the models have
exactly these weights. Kernels are [height, width, channels in, channels out], scales and offsets
[channels], all float32.
"""

from collections import Counter
from collections.abc import Callable, Mapping

Shape = tuple[int, ...]
Shapes = dict[str, Shape]

_PICTURE = 3  # channels
ENCODER_WIDTHS = (1, 1, 2, 4, 8)  # channels of the five convolutions, in units of ngf
RESIDUAL_BLOCKS = 9
DECODER_WIDTHS = (8, 4, 2, 1)  # channels after each up-sampling, in units of ngf
DISCRIMINATOR_WIDTHS = (2, 2, 4, 8, 8, 16, 16)  # of the seven convolutions, in units of ndf
LOGIT_KERNELS = {0: 5, 1: 10, 3: 10, 5: 6, 6: 3}  # layer: kernel side of its logits


def generator_shapes(ngf: int) -> Shapes:
    """Gives every weight of encoder and decoder at width `ngf` (32 in the release)."""
    _check_width("ngf", ngf)
    shapes: Shapes = _norm("encoder/norm_0", _PICTURE)
    channels = _PICTURE
    for layer, width in enumerate(ENCODER_WIDTHS, start=1):
        shapes[f"encoder/conv_{layer}/kernel"] = (3, 3, channels, width * ngf)
        channels = width * ngf
        shapes |= _norm(f"encoder/norm_{layer}", channels)
    for block in range(1, RESIDUAL_BLOCKS + 1):
        for half in (1, 2):
            name = f"decoder/residual_{block}"
            shapes[f"{name}/conv_{half}/kernel"] = (3, 3, channels, channels)
            shapes |= _norm(f"{name}/norm_{half}", channels)
    for layer, width in enumerate(DECODER_WIDTHS, start=1):
        shapes[f"decoder/upsample_{layer}/conv/kernel"] = (3, 3, channels, width * ngf)
        channels = width * ngf
        shapes |= _norm(f"decoder/upsample_{layer}/norm", channels)
    shapes["decoder/output/kernel"] = (7, 7, channels, _PICTURE)
    return shapes


def discriminator_shapes(ndf: int) -> Shapes:
    """Gives every weight of the discriminator at width `ndf` (64 in the release)."""
    _check_width("ndf", ndf)
    shapes: Shapes = {}
    channels = _PICTURE
    for layer, width in enumerate(DISCRIMINATOR_WIDTHS):
        shapes[f"conv_{layer}/kernel"] = (5, 5, channels, width * ndf)
        channels = width * ndf
        shapes |= _norm(f"norm_{layer}", channels)
        if layer in LOGIT_KERNELS:
            side = LOGIT_KERNELS[layer]
            shapes[f"logits_{layer}/kernel"] = (side, side, channels, 1)
    return shapes


def infer_width(
    shapes: Mapping[str, Shape], shapes_at_width: Callable[[int], Shapes]
) -> int | None:
    """Reads a network's width off the shapes of its weights.

    Each weight votes by its last dimension, so that one wrong weight does not hide the width that
    all others have.

    Args:
        shapes: What was found, by weight name; unknown names do not vote.
        shapes_at_width: `generator_shapes` or `discriminator_shapes`.

    Returns:
        The width with the most votes, None where no weight tells one.
    """
    at_one, at_two = shapes_at_width(1), shapes_at_width(2)
    votes: Counter[int] = Counter()
    for name, shape in shapes.items():
        if name not in at_one or len(shape) != len(at_one[name]):
            continue
        channels_per_width = at_two[name][-1] - at_one[name][-1]
        if channels_per_width and shape[-1] > 0 and shape[-1] % channels_per_width == 0:
            votes[shape[-1] // channels_per_width] += 1
    return votes.most_common(1)[0][0] if votes else None


def _norm(name: str, channels: int) -> Shapes:
    return {f"{name}/scale": (channels,), f"{name}/offset": (channels,)}


def _check_width(name: str, width: int) -> None:
    if width < 1:
        raise ValueError(f"{name} must be at least 1. Received: {name}={width}")
