"""One checkpoint on disk: shards of arrays, and a manifest that knows every byte of them.

`state-00001-of-00002.safetensors` hold the arrays, `manifest.json` the step, the numbers, and every
file's size and SHA-256.
"""

import dataclasses
import hashlib
import json
import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import safetensors
import safetensors.numpy

from adaptive_style_tf.errors import CheckpointError
from adaptive_style_tf.styles.replacing import flush_folder
from adaptive_style_tf.training.durable_files import write_durably

FORMAT = "adaptive_style_tf training checkpoint"
FORMAT_VERSION = 1
MANIFEST = "manifest.json"
SHARD_BYTES = 256 * 2**20  # one shard is held in memory a second time while it is written

Array = npt.NDArray[Any]
Scalar = int | float | str

_SHARD = re.compile(r"state-\d{5}-of-\d{5}\.safetensors")


class CheckpointVersionError(CheckpointError):
    """A checkpoint that is whole, but of a format that this version of the package cannot read."""


@dataclasses.dataclass(frozen=True)
class Checkpoint:
    """One training state: named arrays and named numbers, as they were saved."""

    step: int
    tensors: dict[str, Array]
    scalars: dict[str, Scalar]


def check_content(checkpoint: Checkpoint) -> None:
    """Refuses what would not come back as it is.

    Raises:
        CheckpointError: A number is NaN or infinite; the message names it.
    """
    for name, array in checkpoint.tensors.items():
        if array.dtype.kind not in "fiub" or array.dtype.itemsize > 8:
            raise TypeError(f"tensor {name} has a dtype that cannot be stored: {array.dtype}")
    for name, value in checkpoint.scalars.items():
        if not isinstance(value, int | float | str):
            raise TypeError(f"scalar {name} must be int, float or str: {value!r}")
        if isinstance(value, float) and not math.isfinite(value):
            raise CheckpointError(f"{name} is {value}: a state with it is not worth saving.")


def is_same(one: Checkpoint, other: Checkpoint) -> bool:
    """Whether two checkpoints hold the same numbers under the same names."""
    return (
        one.step == other.step
        and one.scalars == other.scalars
        and one.tensors.keys() == other.tensors.keys()
        and all(
            array.dtype == other.tensors[name].dtype and np.array_equal(array, other.tensors[name])
            for name, array in one.tensors.items()
        )
    )


def write_checkpoint(folder: Path, checkpoint: Checkpoint) -> None:
    """Makes `folder` and writes everything into it, flushed to the disk.

    Raises:
        OSError: Whatever the file system says; `folder` may be left half written.
    """
    folder.mkdir()
    arrays = {name: np.asarray(array, order="C") for name, array in checkpoint.tensors.items()}
    shards = _shards(arrays)
    files = {}
    for number, names in enumerate(shards, start=1):
        data = safetensors.numpy.save({name: arrays[name] for name in names})
        file_name = f"state-{number:05d}-of-{len(shards):05d}.safetensors"
        # The sum is of what was meant to be written, not of what a bad disk gives back.
        files[file_name] = {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        write_durably(folder / file_name, data)
        del data
    manifest: dict[str, Any] = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "step": checkpoint.step,
        "scalars": checkpoint.scalars,
        "files": files,
    }
    manifest["sha256"] = _own_sum(manifest)
    write_durably(folder / MANIFEST, json.dumps(manifest, indent=2).encode())
    flush_folder(folder)


def read_checkpoint(folder: Path, step: int) -> Checkpoint:
    """Reads the checkpoint of `step`, every byte checked against its manifest.

    Raises:
        CheckpointVersionError: It is of another format version.
        CheckpointError: It is damaged; the message names the file.
    """
    try:
        manifest = _read_manifest(folder, step)
        tensors: dict[str, Array] = {}
        for name, expected in manifest["files"].items():
            tensors.update(_read_shard(folder / name, expected))
    except (OSError, safetensors.SafetensorError) as error:
        raise CheckpointError(f"The checkpoint {folder} cannot be read: {error}.") from error
    return Checkpoint(step=step, tensors=tensors, scalars=manifest["scalars"])


def _shards(arrays: Mapping[str, Array]) -> list[list[str]]:
    """Names in their order, cut where a shard would exceed SHARD_BYTES; at least one shard."""
    shards: list[list[str]] = [[]]
    filled = 0
    for name, array in arrays.items():
        if shards[-1] and filled + array.nbytes > SHARD_BYTES:
            shards.append([])
            filled = 0
        shards[-1].append(name)
        filled += array.nbytes
    return shards


def _read_manifest(folder: Path, step: int) -> dict[str, Any]:
    path = folder / MANIFEST
    try:
        manifest = json.loads(path.read_bytes())
    except FileNotFoundError as error:
        raise CheckpointError(
            f"The checkpoint {folder} is damaged: it has no {MANIFEST}."
        ) from error
    except ValueError as error:
        raise CheckpointError(
            f"The checkpoint {folder} is damaged: {MANIFEST} is no JSON."
        ) from error
    if not isinstance(manifest, dict) or manifest.get("sha256") != _own_sum(manifest):
        raise CheckpointError(f"The checkpoint {folder} is damaged: {MANIFEST} was changed.")
    if manifest["format"] != FORMAT or manifest["format_version"] != FORMAT_VERSION:
        raise CheckpointVersionError(
            f"The checkpoint {folder} has format version {manifest['format_version']}; this "
            f"package reads version {FORMAT_VERSION}: use the version that wrote it."
        )
    if manifest["step"] != step:
        raise CheckpointError(
            f"The folder {folder} holds the checkpoint of step {manifest['step']}; rename it back."
        )
    return manifest


def _own_sum(manifest: Mapping[str, Any]) -> str:
    """SHA-256 over everything else in the manifest, so that a flipped digit in it shows."""
    content = {key: value for key, value in manifest.items() if key != "sha256"}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _read_shard(path: Path, expected: Mapping[str, Any]) -> dict[str, Array]:
    if not _SHARD.fullmatch(path.name) or not path.is_file():
        raise CheckpointError(f"The checkpoint {path.parent} is damaged: {path.name} is missing.")
    size = path.stat().st_size
    if size != expected["bytes"]:
        raise CheckpointError(
            f"The checkpoint {path.parent} is damaged: {path.name} has {size} bytes "
            f"of {expected['bytes']}."
        )
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != expected["sha256"]:
        raise CheckpointError(
            f"The checkpoint {path.parent} is damaged: the content of {path.name} was changed."
        )
    return safetensors.numpy.load_file(path)
