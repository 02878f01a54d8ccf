"""The files that signatures take and give: how they begin, and how long their sides can be."""

PNG_BEGINS = b"\x89PNG\r\n\x1a\n"
JPEG_BEGINS = b"\xff\xd8\xff"

JPEG_SIDE = 65_500  # px, at most; libjpeg's JPEG_MAX_DIMENSION
PNG_SIDE = 2**31 - 1  # px, at most; https://www.w3.org/TR/png-3/#11IHDR
