"""Which sizes the network works on, and what is added to a picture of any other size."""

# px of reflection beyond every edge of a picture. The decoder's convolutions see zeros beyond the
# frame, which shows as a band of some 10 px; it falls into the margin, and is cut away.
MARGIN = 16
STEP = 16  # px; four halvings and four doublings give back only multiples of this
SMALLEST_SIDE = 64  # px; normalization over fewer latent positions leaves nothing of a picture
NARROWEST_LEARNED = 200  # px, short side; networks are trained on crops of 256 to 768 px
WIDEST_LEARNED = 2000  # px, short side; strokes were learned on paintings of 800 to 1800 px


def padded_side(side: int) -> int:
    """The smallest side the network works on that holds this one, in pixels, without the margins.

    Raises:
        ValueError: if the side is not positive.
    """
    if side < 1:
        raise ValueError(f"A side has at least 1 pixel. Received: {side}")
    return max(SMALLEST_SIDE, -(-side // STEP) * STEP)


def padding(height: int, width: int) -> tuple[tuple[int, int], tuple[int, int]]:
    """What is added around a picture of this size, in px: (top, bottom), (left, right).

    Raises:
        ValueError: a side is not positive.
    """
    bottom, right = padded_side(height) - height, padded_side(width) - width
    return (MARGIN, MARGIN + bottom), (MARGIN, MARGIN + right)


def strokes_come_out_thin(height: int, width: int) -> bool:
    """Whether a picture of this size, in px, is larger than the paintings that were learned."""
    return min(height, width) > WIDEST_LEARNED


def too_small_for_strokes(height: int, width: int) -> bool:
    """Whether a picture of this size, in px, is smaller than anything that networks learn on."""
    return min(height, width) < NARROWEST_LEARNED
