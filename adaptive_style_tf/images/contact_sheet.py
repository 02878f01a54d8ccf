"""Several pictures on one: what went in beside what came out."""

from collections.abc import Sequence
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Pixels = NDArray[np.uint8]  # [H, W, 3], sRGB, 0 to 255

GAP = 8  # px between pictures
WHITE = 255
CAPTION_SIZE = 14  # px, of the letters
CAPTION_HEIGHT = 22  # px under a picture


def contact_sheet(
    rows: Sequence[Sequence[Pixels]], captions: Sequence[Sequence[str]] | None = None
) -> Pixels:
    """Lays pictures out on white, row by row, each row from the left and aligned at the top.

    Args:
        rows: pictures [H, W, 3], 0 to 255, of any sizes; at least one.
        captions: what stands under each picture, rows like those of the pictures. One that is wider
            than its picture pushes the next picture to the right.

    Returns:
        The sheet, [H, W, 3], 0 to 255.

    Raises:
        ValueError: a row has no pictures, there are no rows, or the captions are not as many as
            the pictures.
    """
    if not rows or not all(rows):
        raise ValueError("A contact sheet needs rows with at least one picture each.")
    cells = rows if captions is None else _captioned(rows, captions)
    heights = [max(picture.shape[0] for picture in row) for row in cells]
    widths = [sum(picture.shape[1] for picture in row) + GAP * (len(row) - 1) for row in cells]
    sheet = np.full((sum(heights) + GAP * (len(cells) - 1), max(widths), 3), WHITE, np.uint8)
    tops = accumulate(heights, lambda top, height: top + height + GAP, initial=0)
    for row, top in zip(cells, tops, strict=False):  # the last top lies below the sheet
        left = 0
        for picture in row:
            height, width = picture.shape[:2]
            sheet[top : top + height, left : left + width] = picture
            left += width + GAP
    return sheet


def enlarged_detail(picture: Pixels, side: int, times: int) -> Pixels:
    """Cuts a square out of the middle and enlarges it, every pixel to a square of its own.

    Args:
        picture: any size; where it is smaller than `side`, its whole short side is taken.
        side: of the square, in pixels of the picture.
        times: how much larger it becomes, a whole number.
    """
    height, width = picture.shape[:2]
    side = min(side, height, width)
    top, left = (height - side) // 2, (width - side) // 2
    detail = picture[top : top + side, left : left + side]
    return detail.repeat(times, axis=0).repeat(times, axis=1)


def _captioned(
    rows: Sequence[Sequence[Pixels]], captions: Sequence[Sequence[str]]
) -> list[list[Pixels]]:
    pictures, texts = [len(row) for row in rows], [len(row) for row in captions]
    if pictures != texts:
        raise ValueError(
            "A contact sheet needs a caption for each picture. "
            f"Received: rows of {pictures} pictures and of {texts} captions."
        )
    return [
        [_with_caption(picture, text) for picture, text in zip(row, lines, strict=True)]
        for row, lines in zip(rows, captions, strict=True)
    ]


def _with_caption(picture: Pixels, text: str) -> Pixels:
    font = ImageFont.load_default(CAPTION_SIZE)
    height, width = picture.shape[:2]
    width = max(width, round(font.getlength(text) + 0.5))
    canvas = Image.new("RGB", (width, height + CAPTION_HEIGHT), "white")
    canvas.paste(Image.fromarray(picture), (0, 0))
    middle = height + CAPTION_HEIGHT / 2
    ImageDraw.Draw(canvas).text((0, middle), text, fill="black", font=font, anchor="lm")
    return np.array(canvas)
