"""What is said of a training that cannot go on: what is at fault, and what to change.

The same for every training loop, whatever the backend.
"""

import contextlib
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from adaptive_style_tf.errors import DeviceMemoryError, NonFiniteError
from adaptive_style_tf.training.checkpoints import CheckpointFolder
from adaptive_style_tf.training.request import TrainingRequest
from adaptive_style_tf.training.settings import TrainingSettings


def non_finite_loss(step: int, terms: Mapping[str, Any]) -> NonFiniteError:
    """The error to raise where a step's total is NaN or infinite.

    Args:
        terms: scalars by name, in any order.
    """
    named = first_non_finite_term(terms)
    return NonFiniteError(
        f"At step {step} the loss {named} became {float(terms[named])}; nothing was saved since "
        "the last checkpoint."
    )


def first_non_finite_term(terms: Mapping[str, Any]) -> str:
    """Names a single term at fault rather than the totals that contain it.

    Raises:
        IndexError: all terms are finite.
    """
    faulty = [name for name, value in terms.items() if not math.isfinite(float(value))]

    def is_sum(name: str) -> bool:
        # `generator/adversarial` is the sum of `generator/adversarial/scale_0` and so on.
        contains_another = any(other.startswith(f"{name}/") for other in faulty)
        return name.endswith("/total") or contains_another

    return [*(name for name in faulty if not is_sum(name)), *faulty][0]


@contextlib.contextmanager
def way_on_told(
    request: TrainingRequest, checkpoints: CheckpointFolder, step: Callable[[], int]
) -> Iterator[None]:
    """Adds to a `NonFiniteError` of the block how to go on.

    Args:
        step: gives the step that failed.
    """
    try:
        yield
    except NonFiniteError as error:
        raise NonFiniteError(f"{error} {way_on(request, checkpoints, step())}") from error


def way_on(request: TrainingRequest, checkpoints: CheckpointFolder, step: int) -> str:
    """How to go on after a NaN or an infinity at a step: with something changed, or it comes again.

    Where gradients are clipped already, as they always are in the warm start, the rate is halved.
    """
    steps = checkpoints.steps()
    where = f"--resume-from {steps[-1]}" if steps else "--restart"
    optimization = request.settings.optimization
    if step < optimization.warm_start_steps:
        change = f"--warm-start-rate {optimization.warm_start_rate / 2:g}"
    elif optimization.clip_norm:
        change = f"--learning-rate {optimization.learning_rate / 2:g}"
    else:
        change = "--clip-norm 20"
    return f"Go on with:\n  {request.command} {where} {change}"


@contextlib.contextmanager
def memory_errors_told_plainly(
    request: TrainingRequest, is_memory_error: Callable[[Exception], bool]
) -> Iterator[None]:
    """Tells with advice where the device runs out of memory in the block.

    Args:
        is_memory_error: whether an exception is the backend's for that.

    Raises:
        DeviceMemoryError: it has.
    """
    try:
        yield
    except Exception as error:
        if not is_memory_error(error):
            raise
        steps = CheckpointFolder(request.run_dir / "checkpoints").steps()
        raise DeviceMemoryError(memory_advice(request.settings, steps)) from error


def memory_advice(settings: TrainingSettings, checkpointed: Sequence[int] = ()) -> str:
    """What to do where the device is too small for these settings.

    Args:
        checkpointed: steps of which the run has a checkpoint, oldest first.
    """
    size, batch = settings.data.image_size, settings.data.batch_size
    remedies = ["a smaller --ndf"]
    if batch > 1:
        remedies.insert(0, f"--batch-size {batch // 2}")
    elif size > 64:
        remedies.insert(0, f"--image-size {max(64, size // 32 * 16)}")
    if settings.network.precision == "float32":
        remedies.append("or --precision mixed_bfloat16")
    advice = (
        f"The device ran out of memory with crops of {size} px and a batch of {batch}; "
        f"try {', '.join(remedies)}."
    )
    if checkpointed:
        advice += (
            " The run has checkpoints, so that needs --restart or another --run-dir; all but --ndf "
            f"can also be changed with --resume-from {checkpointed[-1]}."
        )
    return advice
