"""The state of TensorFlow 1's Adam: its moments, and how often it has run.

TensorFlow 1 stores no count of updates but the powers beta1^(k+1) and beta2^(k+1) after k updates,
the values that the next update uses. It multiplies them in float32, update by update.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

BETA1 = 0.9
BETA2 = 0.999

# Below this the product loses digits and at last stands still or is flushed to 0.
_SMALLEST_NORMAL = float(np.finfo(np.float32).tiny)
_UNIT_ROUNDOFF = 2.0**-24  # the largest relative error of one multiplication in float32


@dataclass(frozen=True)
class AdamState:
    """Moments by weight name, float32, shaped as the weights; and the number of updates done."""

    momentum: dict[str, npt.NDArray[np.float32]]
    velocity: dict[str, npt.NDArray[np.float32]]
    iterations: int

    def arrays(self, prefix: str) -> dict[str, npt.NDArray[Any]]:
        """Gives the flat form of training states: `<prefix>/momentum/<weight>` and so on."""
        flat: dict[str, npt.NDArray[Any]] = {}
        flat |= {f"{prefix}/momentum/{name}": array for name, array in self.momentum.items()}
        flat |= {f"{prefix}/velocity/{name}": array for name, array in self.velocity.items()}
        flat[f"{prefix}/iterations"] = np.array(self.iterations, np.int64)
        return flat


def updates_from_powers(beta1_power: float, beta2_power: float) -> int | None:
    """Finds the number of updates k for which beta^(k+1) has become what is stored.

    The product is replayed in float32 as TensorFlow rounds it, so k is exact as long as the power
    has not vanished: beta1's is gone after about 830 updates, beta2's after about 87,000.

    Args:
        beta1_power: As stored, a float32 value.
        beta2_power: As stored, a float32 value.

    Returns:
        The number of updates, None where both powers have vanished.

    Raises:
        ValueError: A power cannot have come about with these betas, or the two disagree.
    """
    counts = {
        name: _count(name, power, beta)
        for name, power, beta in (("beta1", beta1_power, BETA1), ("beta2", beta2_power, BETA2))
    }
    first, second = counts["beta1"], counts["beta2"]
    if second is None:
        if first is not None:
            raise ValueError(
                f"beta2's power has vanished ({beta2_power:g}), beta1's has not ({beta1_power:g})"
            )
        return None
    if first is None:
        if second < updates_until_vanished(BETA1):
            raise ValueError(
                f"beta1's power has vanished ({beta1_power:g}) "
                f"though beta2's ({beta2_power:g}) tells of {second} updates only"
            )
        return second
    if first != second:
        raise ValueError(
            f"beta1's power ({beta1_power:g}) tells of {first} updates, "
            f"beta2's ({beta2_power:g}) of {second}"
        )
    return first


def updates_until_vanished(beta: float) -> int:
    """Gives the number of updates after which the power of `beta` tells nothing any more."""
    return len(_powers(beta))


def _count(name: str, power: float, beta: float) -> int | None:
    if not 0.0 <= power <= 1.0:
        raise ValueError(f"{name}'s power is {power:g}, which is no power of {beta}")
    if power < _SMALLEST_NORMAL:
        return None
    powers = _powers(beta)
    nearest = int(np.argmin(np.abs(np.log(powers) - np.log(power))))
    rounding = (nearest + 2) * _UNIT_ROUNDOFF  # of as many multiplications
    if abs(power / powers[nearest] - 1.0) > rounding:
        raise ValueError(f"{name}'s power is {power:g}, which is no power of {beta}")
    return nearest


@cache
def _powers(beta: float) -> npt.NDArray[np.float64]:
    """Replays TensorFlow's product: entry k is what is stored after k updates."""
    factor = np.float32(beta)
    power = factor
    powers = []
    while power >= _SMALLEST_NORMAL:
        powers.append(power)
        power = power * factor
    return np.array(powers, np.float64)
