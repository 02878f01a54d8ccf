"""The machine that a training runs on: set up before the first operation, and described."""

import os
import platform
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Device:
    """Where the training runs."""

    kind: str  # "cpu" or "gpu"
    name: str  # for people


def prepare_device(deterministic: bool, say: Callable[[str], None]) -> Device:
    """Lets GPU memory grow on demand and, if asked, makes TensorFlow's kernels repeatable.

    Should come before the first operation: TensorFlow fixes how memory grows when its runtime
    starts. In a notebook it may have started long ago, with all memory taken; that is told.

    Args:
        say: prints a line.
    """
    import tensorflow as tf

    if deterministic:
        tf.config.experimental.enable_op_determinism()
    gpus = tf.config.list_physical_devices("GPU")
    try:
        for gpu in gpus:
            tf.config.experimental.set_memory_growth(gpu, True)
    except RuntimeError:
        say(
            "This process has used TensorFlow before, so the GPU's memory stays divided as it is; "
            "if it runs out, train in a process of its own."
        )
    if gpus:
        details = tf.config.experimental.get_device_details(gpus[0])
        return Device("gpu", str(details.get("device_name", gpus[0].name)))
    return Device("cpu", f"{processor_name()}, {os.cpu_count()} processors")


def processor_name() -> str:
    """The processor's model, as far as the system tells."""
    cpuinfo = Path("/proc/cpuinfo")  # Linux; platform.processor() is empty or generic there
    if cpuinfo.is_file():
        for line in cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
