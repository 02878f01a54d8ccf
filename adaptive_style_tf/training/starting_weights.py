"""Weights of a trained or converted style from which a training starts (`--init-from`)."""

from dataclasses import dataclass
from pathlib import Path

from adaptive_style_tf.errors import StyleError
from adaptive_style_tf.styles import find_style
from adaptive_style_tf.training.settings import NetworkSettings
from adaptive_style_tf.training.state import Arrays


@dataclass(frozen=True)
class StartingWeights:
    """What `--init-from` gives."""

    folder: Path
    generator: Arrays
    discriminator: Arrays | None
    optimizers: Arrays | None

    def line(self) -> str:
        parts = {"discriminator": self.discriminator, "optimizers": self.optimizers}
        taken = ["generator", *(name for name, arrays in parts.items() if arrays is not None)]
        return f"Starting from the style in {self.folder}: {', '.join(taken)}."


def starting_weights(name: str, network: NetworkSettings) -> StartingWeights:
    """Reads the style of `--init-from`.

    Args:
        name: of a style, or its path.
        network: the training's, whose widths the style must have.

    Raises:
        UsageError, StyleError: there is none of that name, or it is damaged or of other widths.
    """
    style = find_style(name)
    # Styles hold the release's discriminator; another kind begins anew.
    taken = network.discriminator == "release"
    start = StartingWeights(
        style.folder,
        style.generator_weights(),
        style.discriminator_weights() if taken else None,
        style.optimizer_state() if taken else None,
    )
    wanted: dict[str, int | None] = {"--ngf": network.ngf}
    found: dict[str, int | None] = {"--ngf": style.description.ngf}
    if start.discriminator is not None:
        wanted["--ndf"] = network.ndf
        found["--ndf"] = style.description.ndf
    if found != wanted:
        these, those = (
            " ".join(f"{option} {width}" for option, width in widths.items())
            for widths in (wanted, found)
        )
        raise StyleError(
            f"The style in {style.folder} has other widths than this training ({these}); "
            f"take {those}."
        )
    return start
