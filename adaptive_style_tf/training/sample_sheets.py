"""Sample sheets: what went in and what came out, side by side."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from adaptive_style_tf.errors import NonFiniteError
from adaptive_style_tf.images.contact_sheet import Pixels, contact_sheet

Pictures = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Samples:
    """The pictures that are stylized again and again; `(N, S, S, 3)` in [-1, 1]."""

    paintings: Pictures
    photographs: Pictures


def compose_sheet(paintings: Pictures, photographs: Pictures, stylized: Pictures) -> Pixels:
    """One row for each sample: painting, photograph, result.

    Args:
        paintings: float32 [N, H, W, 3] in [-1, 1]; values outside are clipped.
        photographs: Of the same shape and range.
        stylized: Of the same shape and range.

    Returns:
        uint8 [H', W', 3], white between the pictures.

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
    return contact_sheet([list(row) for row in levels])


def sheet_path(samples: Path, step: int) -> Path:
    """Where the sheet of a step lies in the run's folder of samples."""
    return samples / f"step_{step:06d}.jpg"
