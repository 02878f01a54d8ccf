"""A contact sheet of a batch: a row for each picture, a column for each style."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from adaptive_style_tf.errors import PictureError
from adaptive_style_tf.images.contact_sheet import contact_sheet
from adaptive_style_tf.images.decoding import read_picture
from adaptive_style_tf.images.encoding import write_picture
from adaptive_style_tf.images.resizing import resized
from adaptive_style_tf.inference.batch.plan import Job
from adaptive_style_tf.inference.batch.run import Writing
from adaptive_style_tf.inference.batch.sources import VIDEO

CELL = 320  # px, side of the square that a picture is fitted into
MOST_ROWS = 100  # a JPEG of more would be higher than one can look through


def write_sheet(path: Path, jobs: Sequence[Job], writing: Writing) -> int:
    """Lays the batch's pictures out beside their results, read back from the files.

    Videos are left out, and so are inputs that cannot be read; a missing result leaves white.

    Args:
        path: where the sheet goes; its suffix names the format.
        jobs: of the batch, those that were skipped included.
        writing: the batch's.

    Returns:
        How many inputs found no place, being more than MOST_ROWS.

    Raises:
        PictureError: the sheet cannot be written, or there is nothing to show.
    """
    pictures = [job for job in jobs if job.source.format != VIDEO]
    rows, captions = [], []
    for job in pictures[:MOST_ROWS]:
        try:
            row = [_cell(job.source.path, writing.max_pixels)]
        except PictureError:  # has been reported as a failure of the batch
            continue
        row += [_result_cell(result.target, writing.max_pixels) for result in job.results]
        rows.append(row)
        captions.append([job.source.path.name, *(result.style for result in job.results)])
    if not rows:
        raise PictureError(f"{path} is not written: there is no picture to show.")
    write_picture(
        path, contact_sheet(rows, captions), overwrite=writing.overwrite, quality=writing.quality
    )
    return max(0, len(pictures) - MOST_ROWS)


def _result_cell(path: Path, max_pixels: int) -> NDArray[np.uint8]:
    try:
        return _cell(path, max_pixels)
    except PictureError:  # not made: its failure has been reported
        return np.full((CELL, CELL, 3), 255, np.uint8)


def _cell(path: Path, max_pixels: int) -> NDArray[np.uint8]:
    """The picture, fitted into the cell, on white as wide as the cell so that columns align."""
    picture = read_picture(path, max_pixels)
    height, width = picture.shape[:2]
    scale = CELL / max(height, width)
    fitted = resized(picture, max(1, round(height * scale)), max(1, round(width * scale)))
    canvas = np.full((fitted.shape[0], CELL, 3), 255, np.uint8)
    canvas[:, : fitted.shape[1]] = fitted
    return canvas
