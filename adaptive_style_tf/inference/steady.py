"""Videos with less flicker: statistics of the normalizations held steady over frames.

Instance normalization takes mean and variance from every frame anew. They jump with noise and with
whatever enters the picture, and with them jump the colors of all of it. Here each layer uses an
exponential average over frames instead.
"""

from pathlib import Path
from typing import Any, Self

import cv2
import keras
import numpy as np
from numpy.typing import NDArray

from adaptive_style_tf.errors import StyleError
from adaptive_style_tf.inference.sizes import padding
from adaptive_style_tf.models import Generator, InstanceNormalization, assign_weights
from adaptive_style_tf.styles import Style, find_style

HORIZON = 10  # frames over which is averaged: 0.4 s of the usual 25 frames per second
SCENE_CUT = 0.5  # share of the picture whose colors are new
THUMBNAIL = (64, 36)  # px, width and height; enough for colors
BINS = 8  # of each color channel


class RunningStatistics:
    """Exponential averages of the statistics of every layer.

    Args:
        horizon: frames; the newest has the weight 1 / horizon. 1 is no average at all.

    Raises:
        ValueError: if the horizon is below 1.
    """

    def __init__(self, horizon: float = HORIZON) -> None:
        if horizon < 1:
            raise ValueError(f"An average takes at least 1 frame. Received: horizon={horizon}")
        self._newest = 1 / horizon
        self._held: dict[str, tuple[Any, Any]] = {}

    def forget(self) -> None:
        """Lets the next frame begin anew, with its own statistics."""
        self._held.clear()

    def blended(self, layer: str, mean: Any, variance: Any) -> tuple[Any, Any]:
        """Takes in the statistics of a frame and gives the averages.

        Args:
            layer: a name of its own for each layer.
            mean: `(1, 1, 1, C)`.
            variance: `(1, 1, 1, C)`.
        """
        if layer in self._held:
            held_mean, held_variance = self._held[layer]
            mean = held_mean + self._newest * (mean - held_mean)
            variance = held_variance + self._newest * (variance - held_variance)
        self._held[layer] = (mean, variance)
        return mean, variance


def steady_normalization(running: RunningStatistics) -> type[InstanceNormalization]:
    """A class of normalizations for `Generator` that use `running`, for frames one by one.

    The averages live outside the layers, so the weights are the usual ones. They are Python's: a
    network with such layers is called as it is, not compiled into a graph.
    """

    class SteadyNormalization(InstanceNormalization):
        def statistics(self, values: Any) -> tuple[Any, Any]:
            mean, variance = super().statistics(values)
            return running.blended(self.path, mean, variance)

    return SteadyNormalization


class SceneCuts:
    """Tells where a new scene begins: where most of the picture has other colors than before.

    A cut between scenes of the same colors goes unseen; the statistics hardly change there either.
    """

    def __init__(self) -> None:
        self._before: NDArray[np.float32] | None = None

    def begins(self, picture: NDArray[np.uint8]) -> bool:
        """Whether this picture, the next of its video, begins a scene; so does the first.

        Args:
            picture: [H, W, 3], 0 to 255.
        """
        colors = color_shares(picture)
        before, self._before = self._before, colors
        return before is None or float(np.abs(colors - before).sum()) / 2 > SCENE_CUT


def color_shares(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    """How much of a picture each of 8 x 8 x 8 colors has; the sum is 1."""
    small = cv2.resize(picture, THUMBNAIL, interpolation=cv2.INTER_AREA)
    counts = cv2.calcHist([small], [0, 1, 2], None, [BINS] * 3, [0, 256] * 3)
    return np.asarray(counts / counts.sum(), np.float32)


class SteadyStylizer:
    """Stylizes the frames of one video, in their order.

    Args:
        generator: built with `steady_normalization(running)`, with its weights.
        running: the averages of its layers.
    """

    def __init__(self, generator: Any, running: RunningStatistics) -> None:
        self._generator, self._running = generator, running
        self._cuts = SceneCuts()

    @classmethod
    def load(cls, style: Style | str | Path = "paul-cezanne", horizon: float = HORIZON) -> Self:
        """Reads a style.

        Args:
            style: an opened style, the folder of one, or a name such as `cezanne`.
            horizon: frames over which is averaged.

        Raises:
            UsageError: no style, or more than one, has this name.
            StyleError: the style is damaged.
        """
        found = style if isinstance(style, Style) else find_style(style)
        running = RunningStatistics(horizon)
        generator = Generator(
            ngf=found.description.ngf,
            normalization=steady_normalization(running),
            name="generator",
        )
        generator.build((None, None, None, 3))
        try:
            assign_weights(generator, found.generator_weights())
        except ValueError as error:
            raise StyleError(f"{found.folder} does not fit its description: {error}") from error
        return cls(generator, running)

    def begin(self) -> None:
        """Forgets the frames so far: the next one is the first of another video."""
        self._running.forget()
        self._cuts = SceneCuts()

    def image(self, photograph: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Stylizes the next frame; the first of a scene by its own statistics.

        Args:
            photograph: sRGB, [H, W, 3], 0 to 255; any size from 1 x 1.

        Returns:
            The stylized frame, [H, W, 3], 0 to 255.

        Raises:
            ValueError: the array is no picture.
        """
        if photograph.dtype != np.uint8 or photograph.ndim != 3 or photograph.shape[2] != 3:
            raise ValueError(
                "A photograph is uint8 of shape [H, W, 3]. "
                f"Received: dtype={photograph.dtype}, shape={photograph.shape}"
            )
        if self._cuts.begins(photograph):
            self._running.forget()
        height, width = photograph.shape[:2]
        bottom, right = padding(height, width)
        extended = np.pad(photograph, ((0, bottom), (0, right), (0, 0)), mode="symmetric")
        batch = extended[np.newaxis].astype(np.float32) / 127.5 - 1  # [0, 255] -> [-1, 1]
        stylized = keras.ops.convert_to_numpy(self._generator(batch, training=False))[0]
        values = (stylized[:height, :width] + 1) * 127.5  # [-1, 1] -> [0, 255]
        result: NDArray[np.uint8] = np.clip(np.rint(values), 0, 255).astype(np.uint8)
        return result
