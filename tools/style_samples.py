"""Sample pictures of a style that is shipped, and what half precision changes in them."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from adaptive_style_tf.artists import slug
from adaptive_style_tf.errors import PictureError, StyleError, UsageError
from adaptive_style_tf.images.contact_sheet import Pixels, contact_sheet
from adaptive_style_tf.images.decoding import read_picture
from adaptive_style_tf.inference.stylizer import Stylizer
from adaptive_style_tf.styles import Style

LARGEST_CHANGE = 1  # level of 255, between float16 and float32 weights
SAMPLE_BYTES = 300_000
SAMPLE_QUALITIES = (92, 86, 80, 70)  # the first that is small enough


@dataclass(frozen=True)
class Sample:
    """A picture for the model card."""

    name: str  # of the photograph
    file: str  # path below the style's folder, with slashes
    changed_levels: int  # largest difference between float16 and float32 weights, of 255
    changed_share: float  # of the values that differ at all


def write_samples(
    style: Style, shipped: Style, photographs: Sequence[Path], folder: Path
) -> list[Sample]:
    """Writes `samples/<photograph>.jpg`, each a photograph beside its result.

    Args:
        style: the trained one, float32.
        shipped: the same in float16, which makes the results.
        photographs: to be read.
        folder: the style's.

    Raises:
        StyleError: float16 changes a result by more than `LARGEST_CHANGE`.
        PictureError: a photograph cannot be read, or its sample not be made small enough.
        UsageError: two samples would have the same name.
    """
    names = [slug(path.stem) for path in photographs]
    if len(set(names)) < len(names):
        raise UsageError(f"Two of the samples would have the same name: {', '.join(names)}.")
    exact, rounded = Stylizer.load(style), Stylizer.load(shipped)
    samples = []
    (folder / "samples").mkdir()
    for name, path in zip(names, photographs, strict=True):
        photograph = read_picture(path)
        result = rounded.image(photograph)
        change = np.abs(result.astype(int) - exact.image(photograph))
        if change.max() > LARGEST_CHANGE:
            raise StyleError(
                f"Float16 weights change the result of {path.name} by {change.max()} of 255 levels "
                f"from float32, more than {LARGEST_CHANGE}; this style cannot be shipped in half "
                "precision."
            )
        file = f"samples/{name}.jpg"
        (folder / file).write_bytes(small_jpeg(contact_sheet([[photograph, result]]), path))
        samples.append(Sample(name, file, int(change.max()), float((change > 0).mean())))
    return samples


def small_jpeg(picture: Pixels, path: Path) -> bytes:
    """Encodes a sample at the best quality that stays below `SAMPLE_BYTES`.

    Raises:
        PictureError: none does; the message names `path`.
    """
    for quality in SAMPLE_QUALITIES:
        file = io.BytesIO()
        Image.fromarray(picture).save(file, "JPEG", quality=quality, optimize=True)
        if file.tell() < SAMPLE_BYTES:
            return file.getvalue()
    raise PictureError(
        f"The sample of {path} takes {file.tell()} bytes, the limit is {SAMPLE_BYTES}; "
        "scale the photograph down first."
    )
