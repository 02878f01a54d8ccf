"""The formulas of the method, as pure functions of arrays (paper section 3; REFERENCE 1).

Every loss is a scalar, the mean over the batch and all positions.
"""

from collections.abc import Mapping
from typing import Any

from keras import ops


def cross_entropy(logits: Any, target: float) -> Any:
    """Mean sigmoid cross-entropy `CE(l, t)` of logits with a constant target, 0 or 1.

    `-log D` for target 1 and `-log(1 - D)` for target 0, with D the sigmoid of the logits.
    """
    return ops.mean(ops.softplus(-logits if target == 1 else logits))


def content_loss(latent: Any, stylized_latent: Any, kind: str) -> Any:
    """Style-aware content loss L_c between the encodings of photograph and result.

    Args:
        latent: `E(x)`, `(N, h, w, C)`.
        stylized_latent: `E(G(E(x)))`, the same shape; the gradient flows through both.
        kind: `l1`, mean absolute difference (release), or `l2`, mean squared difference (paper).
    """
    difference = stylized_latent - latent
    return ops.mean(ops.abs(difference) if kind == "l1" else ops.square(difference))


def transformed_image_loss(transformed: Any, stylized_transformed: Any) -> Any:
    """L_T, the mean squared difference of photograph and result after T, both `(N, H, W, 3)`."""
    return ops.mean(ops.square(stylized_transformed - transformed))


def adversarial_terms(stylized_logits: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """What the generator minimizes at each scale of the discriminator.

    Args:
        stylized_logits: logit maps of `G(E(x))` by scale.
        kind: `non_saturating`, `-log D` (release), or `saturating`, `log(1 - D)` (paper).
    """
    if kind == "non_saturating":
        return {scale: cross_entropy(logits, 1) for scale, logits in stylized_logits.items()}
    return {scale: -cross_entropy(logits, 0) for scale, logits in stylized_logits.items()}


def discriminator_terms(
    painting_logits: Mapping[str, Any], negative_logits: Mapping[str, Mapping[str, Any]]
) -> dict[str, dict[str, Any]]:
    """What the discriminator minimizes, by kind of picture and scale.

    Args:
        painting_logits: logit maps of paintings by scale.
        negative_logits: those of the other pictures, by kind (`stylized`, and in the release
            `photograph`).
    """
    terms = {"painting": {s: cross_entropy(logits, 1) for s, logits in painting_logits.items()}}
    for kind, by_scale in negative_logits.items():
        terms[kind] = {scale: cross_entropy(logits, 0) for scale, logits in by_scale.items()}
    return terms


def share_above_zero(logits: Any) -> Any:
    """The share of positions that the discriminator takes for a painting."""
    return ops.mean(ops.cast(logits > 0, logits.dtype))


def share_below_zero(logits: Any) -> Any:
    """The share of positions that the discriminator takes for something else."""
    return ops.mean(ops.cast(logits < 0, logits.dtype))
