"""What strokes near one another have in common.

Painters lay strokes in groups: some side by side in one direction, some broad, some fine. Here each
place gets a number that is alike within patches of some 50 px, by what a photograph has of that
size; in a flat sky that is its grain's.

`keras.ops` alone: the same for every training loop.
"""

from typing import Any

from keras import ops

from adaptive_style_tf.training.local_means import enlarged, gaussian, quartered

FINER, COARSER, AROUND = 3.0, 12.0, 16.0  # px of the quarter: of patches, and where they are even
LEAST_VARIANCE = 1e-6  # of what makes patches, values in [-1, 1]: an eighth of a level
DISTINCTNESS = 2.0  # of neighboring groups


def groups(values: Any) -> Any:
    """A number in (-1, 1) for each place.

    Args:
        values: `(N, H, W, 1)`, sides multiples of 4 and at least 64 px.

    Returns:
        The same shape; -1 and 1 where there is much less and much more than around, 0 between.
    """
    quarter = quartered(values)
    patches = gaussian(quarter, FINER) - gaussian(quarter, COARSER)
    even = patches * ops.rsqrt(gaussian(ops.square(patches), AROUND) + LEAST_VARIANCE)
    return enlarged(ops.tanh(DISTINCTNESS * even))
