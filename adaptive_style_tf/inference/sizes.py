"""Which sizes the network works on, and what is added to a picture of any other size."""

STEP = 16  # px; four halvings and four doublings give back only multiples of this
SMALLEST_SIDE = 64  # px; normalization over fewer latent positions leaves nothing of a picture
NARROWEST_LEARNED = 200  # px, short side; networks are trained on crops of 256 to 768 px
WIDEST_LEARNED = 2000  # px, short side; strokes were learned on paintings of 800 to 1800 px


def padded_side(side: int) -> int:
    """The smallest side the network works on that holds this one, in pixels.

    Raises:
        ValueError: if the side is not positive.
    """
    if side < 1:
        raise ValueError(f"A side has at least 1 pixel. Received: {side}")
    return max(SMALLEST_SIDE, -(-side // STEP) * STEP)


def padding(height: int, width: int) -> tuple[int, int]:
    """Rows to add at the bottom and columns to add at the right of a picture of this size, in px.

    Raises:
        ValueError: a side is not positive.
    """
    return padded_side(height) - height, padded_side(width) - width


def strokes_come_out_thin(height: int, width: int) -> bool:
    """Whether a picture of this size, in px, is larger than the paintings that were learned."""
    return min(height, width) > WIDEST_LEARNED


def too_small_for_strokes(height: int, width: int) -> bool:
    """Whether a picture of this size, in px, is smaller than anything that networks learn on."""
    return min(height, width) < NARROWEST_LEARNED
