"""What the 2018 release calls the weights."""

import re
from collections.abc import Iterable

# Our names and the release's; \1 and \2 carry the numbers over.
_RULES = tuple(
    (re.compile(ours), theirs)
    for ours, theirs in (
        (r"encoder/conv_(\d)/kernel", r"encoder/g_e\1_c/Conv/weights"),
        (r"encoder/norm_(\d)/(scale|offset)", r"encoder/g_e\1_bn/\2"),
        (r"decoder/residual_(\d)/conv_(\d)/kernel", r"decoder/g_r\1_c\2/Conv/weights"),
        (r"decoder/residual_(\d)/norm_(\d)/(scale|offset)", r"decoder/g_r\1_bn\2/\3"),
        (r"decoder/upsample_(\d)/conv/kernel", r"decoder/g_d\1_dc/conv2d/Conv/weights"),
        (r"decoder/upsample_(\d)/norm/(scale|offset)", r"decoder/g_d\1_bn/\2"),
        (r"decoder/output/kernel", r"decoder/g_pred_c/Conv/weights"),
        (r"conv_(\d)/kernel", r"discriminator/d_h\1_conv/Conv/weights"),
        (r"norm_(\d)/(scale|offset)", r"discriminator/d_bn\1/\2"),
        (r"logits_(\d)/kernel", r"discriminator/d_h\1_pred/Conv/weights"),
    )
)

FIRST_MOMENT = "Adam"  # <variable>/Adam, our momentum
SECOND_MOMENT = "Adam_1"  # <variable>/Adam_1, our velocity
GLOBAL_STEP = "global_step"

# The discriminator's optimizer was created first, so its names have no number.
DISCRIMINATOR_POWERS = ("beta1_power", "beta2_power")
GENERATOR_POWERS = ("beta1_power_1", "beta2_power_1")


def release_names(names: Iterable[str]) -> dict[str, str]:
    """Gives the release's variable name for each of our weight names.

    Args:
        names: Keys of `generator_shapes` or `discriminator_shapes`.

    Raises:
        KeyError: A name is neither's.
    """
    return {name: _release_name(name) for name in names}


def _release_name(name: str) -> str:
    for ours, theirs in _RULES:
        match = ours.fullmatch(name)
        if match:
            return match.expand(theirs)
    raise KeyError(name)
