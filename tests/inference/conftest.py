"""Made-up photographs."""

from collections.abc import Callable

import numpy as np
import pytest


@pytest.fixture(scope="session")
def photograph() -> Callable[..., np.ndarray]:
    """Makes a picture of squares of random colors, 8 px a side."""

    def make(seed: int, height: int = 64, width: int = 80, brightness: float = 1) -> np.ndarray:
        colors = np.random.default_rng(seed).integers(0, 256, (height // 8 + 1, width // 8 + 1, 3))
        enlarged = np.kron(colors, np.ones((8, 8, 1)))[:height, :width]
        return (enlarged * brightness).astype(np.uint8)

    return make
