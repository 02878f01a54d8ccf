"""Videos with less flicker: statistics held steady, and results carried along with the motion.

Instance normalization takes mean and variance from every frame anew. They jump with noise and with
whatever enters the picture, and with them jump the colors of all of it. Here a layer uses an
exponential average over frames instead. Only the last normalization does, the one before the
picture. The early ones are what keeps the light of a scene out of the result; held steady, all 28
made flicker worse by up to 74 % where the last one changed it by +0.4 to -10 % (a drive along a
road, four half-trained styles).

Most flicker is in the strokes, which statistics do not reach. So the result before is carried along
with the motion of the scene, and mixed in where the same point is seen again: -31 to -45 % with
three of these styles.
"""

from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from adaptive_style_tf.inference.carried_grain import CarriedGrain
from adaptive_style_tf.inference.following import Follower
from adaptive_style_tf.inference.looks import rounded
from adaptive_style_tf.inference.network import (
    loaded_generator,
    require_picture,
    stylized_levels,
)
from adaptive_style_tf.inference.scene_motion import SceneMotion
from adaptive_style_tf.inference.scenes import SceneCuts
from adaptive_style_tf.models import InstanceNormalization
from adaptive_style_tf.styles import Style, find_style

HORIZON = 10  # frames over which is averaged: 0.4 s of the usual 25 frames per second
FOLLOW = 0.5  # half of the result before: about two frames of memory
# Parts of the names of the layers that are held steady.
LAYERS = {"last": "/upsample_4/", "upsampling": "/upsample_", "all": "/"}


class RunningStatistics:
    """Exponential averages of the statistics of every layer.

    Args:
        horizon: frames; the newest has the weight 1 / horizon. 1 is no average at all.

    Raises:
        ValueError: if the horizon is below 1.
    """

    def __init__(self, horizon: float = HORIZON) -> None:
        if not horizon >= 1:  # nor NaN
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
            mean: [1, 1, 1, C].
            variance: [1, 1, 1, C].

        Returns:
            Mean and variance, of the same shapes.
        """
        if layer in self._held:
            held_mean, held_variance = self._held[layer]
            mean = held_mean + self._newest * (mean - held_mean)
            variance = held_variance + self._newest * (variance - held_variance)
        self._held[layer] = (mean, variance)
        return mean, variance


def steady_normalization(
    running: RunningStatistics, layers: str = "last"
) -> type[InstanceNormalization]:
    """A class of normalizations for `Generator` that use `running`, for frames one by one.

    The averages live outside the layers, so the weights are the usual ones. They are Python's: a
    network with such layers is called as it is, not compiled into a graph.

    Args:
        running: the averages.
        layers: which of the network's normalizations use them, a key of LAYERS; the others are
            ordinary ones.

    Raises:
        ValueError: LAYERS has no such key.
    """
    if layers not in LAYERS:
        raise ValueError(f"Layers are one of {', '.join(LAYERS)}. Received: layers={layers!r}")
    part = LAYERS[layers]

    class SteadyNormalization(InstanceNormalization):
        def statistics(self, values: Any) -> tuple[Any, Any]:
            mean, variance = super().statistics(values)
            if part not in f"/{self.path}":
                return mean, variance
            return running.blended(self.path, mean, variance)

    return SteadyNormalization


class SteadyStylizer:
    """Stylizes the frames of one video, in their order.

    Args:
        generator: built with `steady_normalization(running)`, with its weights.
        running: the averages of its layers.
        follow: share of the result before in each result, 0 to below 1; 0 follows no motion.
        grain_levels: of the grain that the network is used to, see `StyleDescription`.

    Raises:
        ValueError: if the share is out of range.
    """

    def __init__(
        self,
        generator: Any,
        running: RunningStatistics,
        follow: float = FOLLOW,
        grain_levels: float = 0.0,
    ) -> None:
        self._generator, self._running = generator, running
        self._grain_levels = grain_levels
        self._follower, self._grain = Follower(follow), CarriedGrain()
        self._motion, self._cuts = SceneMotion(), SceneCuts()
        self._follows = follow > 0

    @classmethod
    def load(
        cls,
        style: Style | str | Path = "paul-cezanne",
        horizon: float = HORIZON,
        layers: str = "last",
        follow: float = FOLLOW,
    ) -> Self:
        """Reads a style.

        Args:
            style: an opened style, the folder of one, or a name such as `cezanne`.
            horizon: frames over which is averaged.
            layers: which normalizations are held steady, a key of LAYERS.
            follow: share of the result before in each result; 0 follows no motion.

        Raises:
            UsageError: no style, or more than one, has this name.
            StyleError: the style is damaged.
            ValueError: a number is out of range, or LAYERS has no such key.
        """
        found = style if isinstance(style, Style) else find_style(style)
        running = RunningStatistics(horizon)
        generator = loaded_generator(found, steady_normalization(running, layers))
        return cls(generator, running, follow, found.description.grain)

    def begin(self) -> None:
        """Lets the next frame be the first of another video, and so of a scene."""
        self._cuts = SceneCuts()

    def image(self, photograph: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Stylizes the next frame; the first of a scene by its own statistics.

        Args:
            photograph: sRGB, [H, W, 3], 0 to 255; any size from 1 x 1.

        Returns:
            The stylized frame, [H, W, 3], 0 to 255.

        Raises:
            ValueError: the array is no picture.
            DeviceMemoryError: the frame is too large for the memory of this machine.
        """
        require_picture(photograph)
        if self._cuts.begins(photograph):
            self._running.forget()
            self._motion.forget()
        motion = self._motion.into(photograph) if self._follows else None
        levels = stylized_levels(
            self._generator,
            photograph,
            self._grain_levels,
            lambda resting: self._grain.into(motion, resting),
        )
        return rounded(self._follower.blended(motion, levels))
