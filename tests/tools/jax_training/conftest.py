"""Processes that cannot import tensorflow, and what they replay of the golden trajectories."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from adaptive_style_tf.release import read_release_checkpoint

HERE = Path(__file__).parent
TOOLS = HERE.parents[2] / "tools"
GOLDENS = HERE.parents[1] / "goldens" / "released_small"

PREAMBLE = f"""
import sys
sys.modules["tensorflow"] = None  # importing it raises ImportError
sys.path[:0] = {[str(TOOLS), str(HERE)]!r}
"""


@pytest.fixture(scope="session")
def in_jax(tmp_path_factory):
    """Runs a script without TensorFlow; gives what it prints."""
    compiled = tmp_path_factory.mktemp("compiled")  # by one process, for the others

    def run(script, *arguments):
        answer = subprocess.run(
            [sys.executable, "-c", PREAMBLE + script, *map(str, arguments)],
            env={
                **os.environ,
                "KERAS_BACKEND": "jax",
                "JAX_PLATFORMS": "cpu",
                "JAX_COMPILATION_CACHE_DIR": str(compiled),
                "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
                # What is compiled here runs for milliseconds.
                "XLA_FLAGS": "--xla_backend_optimization_level=0"
                " --xla_llvm_disable_expensive_passes=true",
            },
            capture_output=True,
            text=True,
            check=False,
        )
        assert answer.returncode == 0, answer.stderr
        return answer.stdout

    return run


@pytest.fixture(scope="session")
def replayed(in_jax, golden_arrays):
    """Calls a function of `jax_replay.py` with the folder of arrays; gives what it found."""

    def run(name, argument):
        script = f"import jax_replay; jax_replay.{name}(*sys.argv[1:])"
        return json.loads(in_jax(script, golden_arrays, json.dumps(argument)))

    return run


@pytest.fixture(scope="session")
def palette():
    """Mean and deviation."""
    return ((0.2, 0.0, -0.3), (0.3, 0.2, 0.1))


@pytest.fixture(scope="session")
def small(replayed, palette):
    """What is replayed at 64 px."""
    return replayed("small", palette)


@pytest.fixture(scope="session")
def large(replayed, palette):
    """What is replayed at 144 px, where all scales of the discriminator are active."""
    return replayed("large", palette)


@pytest.fixture(scope="session")
def golden():
    """Reads one file of golden numbers."""

    def read(name):
        with np.load(GOLDENS / f"{name}.npz") as file:
            return dict(file)

    return read


@pytest.fixture(scope="session")
def start():
    """The snapshot from which the golden trajectories start."""
    return read_release_checkpoint(GOLDENS / "checkpoint.tar.xz")


@pytest.fixture(scope="session")
def golden_arrays(start, tmp_path_factory):
    """A folder with the golden checkpoints and trajectories as NumPy files."""
    folder = tmp_path_factory.mktemp("goldens")
    np.savez(folder / "start.npz", **arrays_of(start))
    after = read_release_checkpoint(GOLDENS / "after_24_steps.tar.xz")
    np.savez(folder / "after.npz", **arrays_of(after))
    for name in ("trajectory", "trajectory_144", "continue"):
        shutil.copy(GOLDENS / f"{name}.npz", folder)
    return folder


def arrays_of(checkpoint):
    networks = {"generator": checkpoint.generator, "discriminator": checkpoint.discriminator}
    arrays = {f"{p}/{name}": a for p, weights in networks.items() for name, a in weights.items()}
    return {**arrays, **checkpoint.optimizer_arrays()}
