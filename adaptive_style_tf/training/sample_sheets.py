"""Sample sheets: what went in and what came out, side by side."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from adaptive_style_tf.errors import NonFiniteError, PictureError

Pictures = npt.NDArray[np.float32]

GAP = 4  # pixels of white between pictures


@dataclass(frozen=True)
class Samples:
    """The pictures that are stylized again and again; `(N, S, S, 3)` in [-1, 1]."""

    paintings: Pictures
    photographs: Pictures


def compose_sheet(
    paintings: Pictures, photographs: Pictures, stylized: Pictures
) -> npt.NDArray[np.uint8]:
    """One row for each sample: painting, photograph, result.

    Args:
        paintings: float32 [N, H, W, 3] in [-1, 1]; values outside are clipped.
        photographs: Of the same shape and range.
        stylized: Of the same shape and range.

    Returns:
        uint8 [N * H + (N - 1) * GAP, 3 * W + 2 * GAP, 3].

    Raises:
        NonFiniteError: There are NaN or infinite values among them.
    """
    shapes = {paintings.shape, photographs.shape, stylized.shape}
    if len(shapes) != 1 or paintings.ndim != 4 or paintings.shape[0] == 0:
        raise ValueError(f"a sheet needs equal shapes [N, H, W, 3]: {sorted(shapes)}")
    columns = np.stack([paintings, photographs, stylized], axis=1)  # (N, 3, H, W, 3)
    if not np.isfinite(columns).all():
        raise NonFiniteError(
            "The sample sheet would show NaN or infinite values, so a weight has become one; go on "
            "from the last checkpoint with --clip-norm 20 or a smaller --learning-rate."
        )
    levels = np.rint((np.clip(columns, -1.0, 1.0) + 1.0) * 127.5).astype(np.uint8)
    count, _, height, width, channels = levels.shape
    down, across = height + GAP, width + GAP
    sheet = np.full((count * down - GAP, 3 * across - GAP, channels), 255, np.uint8)
    for row in range(count):
        for column in range(3):
            top, left = row * down, column * across
            sheet[top : top + height, left : left + width] = levels[row, column]
    return sheet


def sheet_path(samples: Path, step: int) -> Path:
    """Where the sheet of a step lies in the run's folder of samples."""
    return samples / f"step_{step:06d}.jpg"


def write_sheet(path: Path, sheet: npt.NDArray[np.uint8]) -> None:
    """Writes a sheet as JPEG of quality 95; its folder is made if needed.

    Raises:
        PictureError: It cannot be written; an earlier file of that name is untouched.
    """
    temporary = path.with_name(f".{path.name}.unfinished")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(sheet).save(temporary, format="JPEG", quality=95, subsampling=0)
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise PictureError(
            f"The sample sheet {path} cannot be written ({error}); "
            "free some space there or make it writable."
        ) from error
