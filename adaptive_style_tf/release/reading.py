"""Reading a checkpoint of the 2018 release, with every tensor accounted for."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from adaptive_style_tf.errors import ReleaseCheckpointError
from adaptive_style_tf.release.adam import (
    BETA2,
    AdamState,
    updates_from_powers,
    updates_until_vanished,
)
from adaptive_style_tf.release.contents import Contents, Network, account_for, slot_names
from adaptive_style_tf.release.locating import located_prefix, step_of
from adaptive_style_tf.release.names import GLOBAL_STEP

Arrays = dict[str, npt.NDArray[Any]]


@dataclass(frozen=True)
class ReleaseCheckpoint:
    """A released model under our weight names; all weights and moments are float32 and finite."""

    name: str  # of the checkpoint, such as model_paul-cezanne_300000.ckpt-300000
    step: int  # training steps, of generator and discriminator together
    generator: Arrays
    discriminator: Arrays | None
    generator_optimizer: AdamState | None
    discriminator_optimizer: AdamState | None
    ngf: int
    ndf: int | None
    notes: tuple[str, ...] = ()  # what had to be assumed, one sentence each

    def optimizer_arrays(self) -> Arrays | None:
        """Gives both optimizers in the flat form of training states and styles; None if none.

        The keys are `generator_optimizer/momentum/<weight>`, `generator_optimizer/velocity/...`,
        `generator_optimizer/iterations`, and the same of `discriminator_optimizer`.
        """
        flat: Arrays = {}
        if self.generator_optimizer is not None:
            flat |= self.generator_optimizer.arrays("generator_optimizer")
        if self.discriminator_optimizer is not None:
            flat |= self.discriminator_optimizer.arrays("discriminator_optimizer")
        return flat or None


def read_release_checkpoint(path: str | Path) -> ReleaseCheckpoint:
    """Reads a checkpoint of the 2018 release, whatever its widths.

    Args:
        path: A model folder, its `checkpoint` folder, a prefix or one of its files, or an archive
            (`.tar.gz`, `.tar`) of these.

    Raises:
        ReleaseCheckpointError: There is no checkpoint, it is damaged, holds NaN or infinite
            values, or not exactly the tensors of the release's networks.
    """
    path = Path(path)
    with located_prefix(path) as (prefix, remarks):
        tensors, contents = _read_tensors(prefix, path)
    _check_finite(tensors, path)
    notes = list(remarks)
    if contents.unused:
        notes.append(f"{', '.join(contents.unused)} left out: there are no Adam slots beside")
    known_step = step_of(prefix)
    if known_step is None and contents.has_global_step:
        known_step = int(tensors[GLOBAL_STEP])
    optimizers = {
        what: _adam(network, tensors, known_step, what, path, notes)
        for what, network in (
            ("generator", contents.generator),
            ("discriminator", contents.discriminator),
        )
    }
    step = known_step
    if step is None:
        step = sum(adam.iterations for adam in optimizers.values() if adam is not None)
        notes.append(f"{prefix.name} names no step, {step} is taken: what Adam tells of updates")
    return ReleaseCheckpoint(
        name=prefix.name,
        step=step,
        generator=_weights(contents.generator, tensors),
        discriminator=_weights(contents.discriminator, tensors) if contents.discriminator else None,
        generator_optimizer=optimizers["generator"],
        discriminator_optimizer=optimizers["discriminator"],
        ngf=contents.generator.width,
        ndf=contents.discriminator.width if contents.discriminator else None,
        notes=tuple(notes),
    )


def _read_tensors(prefix: Path, shown: Path) -> tuple[Arrays, Contents]:
    import tensorflow as tf

    # A data file that ends too early comes as an IndexError.
    kinds = (tf.errors.OpError, ValueError, RuntimeError, LookupError)
    with _reading_errors(shown, kinds):
        reader = tf.train.load_checkpoint(str(prefix))
        types = reader.get_variable_to_dtype_map()
        shapes = reader.get_variable_to_shape_map()
    found = {name: (tuple(shapes[name]), str(types[name].name)) for name in shapes}
    contents = account_for(found, shown)
    with _reading_errors(shown, kinds):
        return {name: np.asarray(reader.get_tensor(name)) for name in found}, contents


@contextmanager
def _reading_errors(shown: Path, kinds: tuple[type[Exception], ...]) -> Iterator[None]:
    try:
        yield
    except kinds as error:
        reason = " ".join(str(error).split())
        raise ReleaseCheckpointError(
            f"{shown} cannot be read as a checkpoint ({reason}): it is damaged or incomplete, "
            "get it anew"
        ) from error


def _check_finite(tensors: Mapping[str, npt.NDArray[Any]], shown: Path) -> None:
    broken = sorted(name for name, array in tensors.items() if not np.isfinite(array).all())
    if broken:
        raise ReleaseCheckpointError(
            f"{shown} holds NaN or infinite values in {', '.join(broken)}: take an earlier "
            "checkpoint of the model"
        )


def _weights(network: Network, tensors: Mapping[str, npt.NDArray[Any]]) -> Arrays:
    return {name: tensors[theirs] for name, theirs in network.names.items()}


def _adam(
    network: Network | None,
    tensors: Mapping[str, npt.NDArray[Any]],
    step: int | None,
    what: str,
    shown: Path,
    notes: list[str],
) -> AdamState | None:
    if network is None or network.powers is None:
        return None
    beta1_power, beta2_power = (float(tensors[name]) for name in network.powers)
    try:
        updates = updates_from_powers(beta1_power, beta2_power)
    except ValueError as error:
        raise ReleaseCheckpointError(
            f"{shown} has an Adam state of the {what} that cannot be: {error}; "
            "leave the optimizer out or take another checkpoint"
        ) from error
    if updates is None:
        # The correction that the count is used for is 1 in float32 by then, whatever it is.
        updates = max(step or 0, updates_until_vanished(BETA2))
        source = "the step number" if updates == step else "the least it can be"
        notes.append(
            f"the {what}'s Adam has lost its count of updates, {updates} is taken: {source}"
        )
    slots = slot_names(network.names.values())
    return AdamState(
        momentum={name: tensors[slots[theirs][0]] for name, theirs in network.names.items()},
        velocity={name: tensors[slots[theirs][1]] for name, theirs in network.names.items()},
        iterations=updates,
    )
