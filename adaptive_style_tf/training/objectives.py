"""What generator and discriminator minimize, and nothing that a step does not need.

`keras.ops` alone: the same functions serve every training loop, whatever the backend.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import keras
from keras import ops

from adaptive_style_tf import losses
from adaptive_style_tf.training.brushwork import painted
from adaptive_style_tf.training.differentiable_augmentation import augmented
from adaptive_style_tf.training.palette import Palette
from adaptive_style_tf.training.reconstruction import reconstruction_distance
from adaptive_style_tf.training.settings import ObjectiveSettings

Terms = dict[str, Any]  # scalars by readable name


@dataclass(frozen=True)
class Networks:
    """The networks that a training step sees."""

    generator: keras.Model
    discriminator: keras.Model
    transformer: keras.layers.Layer

    def generator_variables(self) -> list[Any]:
        """What the generator's step trains: encoder, decoder and, if it is learned, T."""
        return [
            *self.generator.trainable_variables,
            *self.transformer.trainable_variables,
        ]


def generator_objective(
    networks: Networks,
    photographs: Any,
    settings: ObjectiveSettings,
    numbers: Any = None,
    palette: Palette | None = None,
) -> tuple[Any, Terms]:
    """The weighted total that E, G (and T) minimize, and its terms (REFERENCE 1).

    Args:
        photographs: `(N, H, W, 3)` in [-1, 1], H and W multiples of 16.
        numbers: `(N or more, 9)` in [0, 1), for the augmentation if the settings have one.
        palette: of the paintings, if the settings have a stroke weight.

    Returns:
        The scalar total and scalars by name; `generator/accuracy` is the mean over the scales of
        the share of positions at which the result is taken for a painting.
    """
    latent = networks.generator.encoder(photographs)  # (N, H/16, W/16, 8 ngf)
    stylized = networks.generator.decoder(latent)  # (N, H, W, 3)
    logits = networks.discriminator(seen(stylized, settings, numbers))

    adversarial = losses.adversarial_terms(logits, settings.generator_adversarial)
    content = losses.content_loss(
        latent_for_loss(latent),
        latent_for_loss(networks.generator.encoder(stylized)),
        settings.content_loss,
    )
    image = losses.transformed_image_loss(
        networks.transformer(photographs), networks.transformer(stylized)
    )
    strokes = stroke_terms(stylized, photographs, settings, palette)

    adversarial_sum = sum(adversarial.values())
    total = (
        settings.adversarial_weight * adversarial_sum
        + settings.image_weight * image
        + settings.content_weight * content
        + settings.stroke_weight * sum(strokes.values())
    )
    shares = {scale: losses.share_above_zero(maps) for scale, maps in logits.items()}
    return total, {
        "generator/total": total,
        "generator/adversarial": adversarial_sum,
        "generator/accuracy": mean_of(shares),
        "generator/content": content,
        "generator/transformed_image": image,
        **prefixed("generator", strokes),
        **prefixed("generator/adversarial", adversarial),
        **prefixed("generator/accuracy", shares),
    }


def stroke_terms(
    stylized: Any, photographs: Any, settings: ObjectiveSettings, palette: Palette | None
) -> Terms:
    """How far results are from the photographs in strokes; nothing without a stroke weight."""
    if not settings.stroke_weight:
        return {}
    if palette is None:
        raise ValueError("stroke_weight needs a palette.")
    distance, _ = reconstruction_distance(stylized, painted(photographs, palette))
    return {"strokes": distance}


def discriminator_objective(
    networks: Networks,
    paintings: Any,
    photographs: Any,
    stylized: Any,
    settings: ObjectiveSettings,
    numbers: Any = None,
) -> tuple[Any, Terms]:
    """The weighted total that D minimizes, and its terms (REFERENCE 1).

    All pictures run through D as one batch: instance normalization keeps them apart.

    Args:
        paintings: `(N, H, W, 3)` in [-1, 1].
        photographs: the same shape; negatives too if the settings say so (release).
        stylized: the generator's results for the photographs; no gradient flows into them.
        numbers: `(3 N or more, 9)` in [0, 1), for the augmentation if the settings have one.
    """
    kinds = {"painting": paintings, "stylized": stylized}
    if settings.photographs_are_negatives:
        kinds["photograph"] = photographs
    pictures = seen(ops.concatenate(list(kinds.values())), settings, numbers)
    together = networks.discriminator(pictures)
    parts = {scale: ops.split(maps, len(kinds)) for scale, maps in together.items()}
    logits = {
        kind: {scale: maps[index] for scale, maps in parts.items()}
        for index, kind in enumerate(kinds)
    }
    painting_logits = logits.pop("painting")
    terms = losses.discriminator_terms(painting_logits, logits)
    total = settings.adversarial_weight * sum(sum(by.values()) for by in terms.values())

    shares = {"painting": {s: losses.share_above_zero(maps) for s, maps in painting_logits.items()}}
    for kind, by_scale in logits.items():
        shares[kind] = {s: losses.share_below_zero(maps) for s, maps in by_scale.items()}
    accuracies = {kind: mean_of(by_scale) for kind, by_scale in shares.items()}
    others = {kind: accuracies[kind] for kind in logits}
    scalars: Terms = {
        "discriminator/total": total,
        "discriminator/accuracy": mean_of(accuracies),
        # "Always no" scores one half here, but two thirds in the release's mean of three kinds.
        "discriminator/accuracy/balanced": (accuracies["painting"] + mean_of(others)) / 2,
    }
    for kind in terms:
        scalars[f"discriminator/accuracy/{kind}"] = accuracies[kind]
        scalars |= prefixed(f"discriminator/{kind}", terms[kind])
        scalars |= prefixed(f"discriminator/accuracy/{kind}", shares[kind])
    return total, scalars


def seen(pictures: Any, settings: ObjectiveSettings, numbers: Any) -> Any:
    """Pictures as the discriminator sees them, each with a row of the random numbers."""
    policies = settings.augmentation_policies
    if not policies:
        return pictures
    if numbers is None:
        raise ValueError(f"Augmentation by {settings.diff_augment} needs random numbers.")
    return augmented(pictures, policies, numbers[: pictures.shape[0]])


def latent_for_loss(latent: Any) -> Any:
    """The latent in at least float32, in which losses are computed."""
    dtype = keras.backend.standardize_dtype(latent.dtype)
    return latent if dtype == "float64" else ops.cast(latent, "float32")


def mean_of(values: Mapping[str, Any]) -> Any:
    return sum(values.values()) / len(values)


def prefixed(prefix: str, values: Mapping[str, Any]) -> Terms:
    return {f"{prefix}/{name}": value for name, value in values.items()}
