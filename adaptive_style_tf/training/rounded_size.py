"""The size of differences between pictures, where a faint one in a flat sky is to count.

Beside the large differences along contours the squares of some levels would be nothing; sizes are
not, but theirs is a gradient that never gets smaller. Both terms beyond the method that compare
pictures pixel by pixel (`patches.shift_difference`, `guidance`) take this.

`keras.ops` alone: the same for every training loop.
"""

from typing import Any

from keras import ops

FAINT = 0.01  # in [-1, 1], a bit more than a level


def rounded_size(difference: Any) -> Any:
    """The size of each difference, any shape, rounded off at 0 over about FAINT.

    Nearer than that bfloat16 no longer tells differences from its own. It is the pseudo-Huber
    function of width FAINT, divided by FAINT: 0 at 0, and less than the size by FAINT far from it.
    """
    return ops.sqrt(ops.square(difference) + FAINT**2) - FAINT
