"""Several pictures on one: what went in beside what came out."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

GAP = 8  # px between pictures
WHITE = 255


def contact_sheet(rows: Sequence[Sequence[NDArray[np.uint8]]]) -> NDArray[np.uint8]:
    """Lays pictures out on white, row by row, each row from the left and aligned at the top.

    Args:
        rows: pictures [H, W, 3], 0 to 255, of any sizes; at least one.

    Returns:
        The sheet, [H, W, 3], 0 to 255.

    Raises:
        ValueError: a row has no pictures, or there are no rows.
    """
    if not rows or not all(rows):
        raise ValueError("A contact sheet needs rows with at least one picture each.")
    heights = [max(picture.shape[0] for picture in row) for row in rows]
    widths = [sum(picture.shape[1] for picture in row) + GAP * (len(row) - 1) for row in rows]
    sheet = np.full((sum(heights) + GAP * (len(rows) - 1), max(widths), 3), WHITE, np.uint8)
    top = 0
    for row, row_height in zip(rows, heights, strict=True):
        left = 0
        for picture in row:
            height, width = picture.shape[:2]
            sheet[top : top + height, left : left + width] = picture
            left += width + GAP
        top += row_height + GAP
    return sheet
