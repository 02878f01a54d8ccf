"""Pictures that show nearly the same: perceptual hashes and pairs of near ones."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

_GRID = 8  # comparisons in each direction: 2 * 8 * 8 = 128 bits
NEAR_BITS = 12  # of 128; copies in other sizes and qualities differ by less, other pictures by 30


def difference_hash(picture: NDArray[np.uint8]) -> int:
    """Hashes a picture so that re-encoded and resized copies of it get nearly the same bits.

    The signs of the differences between neighbors in a 9 x 9 miniature, to the right and
    downward ("dHash", N. Krawetz, 2013).

    Args:
        picture: [H, W, 3] RGB, 0 to 255.

    Returns:
        128 bits.
    """
    side = _GRID + 1
    gray = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    miniature = cv2.resize(gray, (side, side), interpolation=cv2.INTER_AREA).astype(np.int16)
    right = miniature[:_GRID, 1:] > miniature[:_GRID, :-1]
    down = miniature[1:, :_GRID] > miniature[:-1, :_GRID]
    return int.from_bytes(np.packbits(np.stack((right, down))).tobytes(), "big")


def near_pairs(hashes: Sequence[int], near_bits: int = NEAR_BITS) -> list[tuple[int, int]]:
    """Finds the pairs of hashes that differ in at most `near_bits` bits.

    Returns:
        (i, j) with i < j, ascending.
    """
    words = np.array(
        [[value >> 64, value & (2**64 - 1)] for value in hashes], dtype=np.uint64
    ).reshape(-1, 2)
    pairs = []
    for first in range(len(words) - 1):
        distances = np.bitwise_count(words[first + 1 :] ^ words[first]).sum(axis=1)
        pairs += [(first, first + 1 + int(step)) for step in np.flatnonzero(distances <= near_bits)]
    return pairs
