import tarfile
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest

GOLDENS = Path(__file__).parents[1] / "goldens" / "released_small"

Arrays = dict[str, np.ndarray]
Write = Callable[[Path, Mapping[str, np.ndarray]], Path]


@pytest.fixture(scope="session")
def golden_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The two golden checkpoints, unpacked; tests must not write into it."""
    folder = tmp_path_factory.mktemp("released_small")
    for name in ("checkpoint", "after_24_steps"):
        with tarfile.open(GOLDENS / f"{name}.tar.xz") as packed:
            packed.extractall(folder, filter="data")
    return folder


@pytest.fixture(scope="session")
def golden_tensors(golden_folder: Path) -> Arrays:
    """Every tensor of the golden `checkpoint`, under the release's names."""
    import tensorflow as tf

    reader = tf.train.load_checkpoint(str(golden_folder / "checkpoint"))
    return {name: reader.get_tensor(name) for name in reader.get_variable_to_shape_map()}


@pytest.fixture(scope="session")
def write_checkpoint() -> Write:
    """Writes a V2 checkpoint as tf.train.Saver does; gives its prefix."""

    def write(prefix: Path, tensors: Mapping[str, np.ndarray]) -> Path:
        import tensorflow as tf

        prefix.parent.mkdir(parents=True, exist_ok=True)
        tf.raw_ops.SaveV2(
            prefix=str(prefix),
            tensor_names=list(tensors),
            shape_and_slices=[""] * len(tensors),
            tensors=[tf.constant(array) for array in tensors.values()],
        )
        return prefix

    return write
