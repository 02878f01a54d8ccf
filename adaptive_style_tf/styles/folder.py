"""The style folder: writing, verifying, reading.

A style is a folder with `style.json`, `generator.safetensors` and, where training shall go on from
it, `discriminator.safetensors` and `optimizer.safetensors`. The keys of the last are
`generator_optimizer/momentum/<weight>`, `generator_optimizer/velocity/<weight>`,
`generator_optimizer/iterations`, and the same of `discriminator_optimizer`.
"""

import dataclasses
import hashlib
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from adaptive_style_tf.errors import StyleError
from adaptive_style_tf.styles.description import (
    DESCRIPTION_FILE,
    DISCRIMINATOR_FILE,
    GENERATOR_FILE,
    OPTIMIZER_FILE,
    WEIGHT_FILES,
    StyleDescription,
)
from adaptive_style_tf.styles.replacing import folder_in_place_of

Arrays = dict[str, npt.NDArray[Any]]

_SHOWN_PROBLEMS = 20  # the rest of a long list is counted


@dataclass(frozen=True)
class Style:
    """A style on disk. Its weights are read, and their checksums verified, when they are asked for.

    Every method raises StyleError where a file is missing or damaged, or does not hold what a
    network of the described width has.
    """

    folder: Path
    description: StyleDescription

    def generator_weights(self) -> Arrays:
        """Reads the generator: float32 arrays by name, whatever precision they are stored in."""
        return self._read(GENERATOR_FILE)

    def discriminator_weights(self) -> Arrays | None:
        """Reads the discriminator like the generator; None where the style has none."""
        return self._read(DISCRIMINATOR_FILE) if self._has(DISCRIMINATOR_FILE) else None

    def optimizer_state(self) -> Arrays | None:
        """Reads the optimizers: float32 arrays and int64 `iterations`; None if there are none."""
        return self._read(OPTIMIZER_FILE) if self._has(OPTIMIZER_FILE) else None

    def _has(self, name: str) -> bool:
        return name in self.description.files

    def _read(self, name: str) -> Arrays:
        path = self.folder / name
        stored = _parse(path, self._verified_bytes(path))
        arrays = {key: _widened(array) for key, array in stored.items()}
        _check(arrays, _expected_shapes(name, self.description, arrays), path)
        return arrays

    def _verified_bytes(self, path: Path) -> bytes:
        # Checked on the very bytes that are used: a training may renew the folder meanwhile.
        try:
            content = path.read_bytes()
        except OSError as error:
            raise StyleError(
                f"{path} cannot be read ({error.strerror}): get the style anew"
            ) from error
        if hashlib.sha256(content).hexdigest() == self.description.files[path.name]:
            return content
        if read_style(self.folder).description.files != self.description.files:
            raise StyleError(f"style {self.folder} was renewed while it was read: read it again")
        raise StyleError(
            f"{path} is damaged (its SHA-256 is not the one in {DESCRIPTION_FILE}): "
            "get the style anew"
        )


def read_style(folder: str | Path) -> Style:
    """Opens a style folder: reads its description and sees that its files are there.

    Raises:
        StyleError: The folder or one of its files is missing, or the description is damaged or of
            another format version.
    """
    folder = Path(folder)
    path = folder / DESCRIPTION_FILE
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        if not folder.is_dir():
            raise StyleError(f"{folder} is no folder: give the folder of a style") from error
        if not path.exists():
            raise StyleError(f"{folder} is no style: {DESCRIPTION_FILE} is missing") from error
        raise StyleError(f"{path} cannot be read ({error}): get the style anew") from error
    try:
        description = StyleDescription.from_json(text)
    except StyleError as error:
        raise StyleError(f"{path} is damaged or of another version: {error}") from error
    if GENERATOR_FILE not in description.files:
        raise StyleError(f"{path} has no checksum of {GENERATOR_FILE}: get the style anew")
    for name in description.files:
        if not (folder / name).is_file():
            raise StyleError(f"{folder / name} is missing: get the style anew")
    return Style(folder=folder, description=description)


def write_style(
    folder: str | Path,
    description: StyleDescription,
    generator: Mapping[str, npt.NDArray[Any]],
    discriminator: Mapping[str, npt.NDArray[Any]] | None = None,
    optimizer: Mapping[str, npt.NDArray[Any]] | None = None,
    half: bool = False,
) -> Style:
    """Writes a style folder, taking the place of a style that is there already.

    The folder is written under another name, flushed and renamed: it is there whole or not at all.
    Files in it that are not a style's (a picture, a note) are kept.

    Args:
        folder: Where to; must not exist, be empty, or be a style.
        description: What the style is; `files` is filled in here.
        generator: Weights by name, finite, of width `description.ngf`.
        discriminator: Weights by name, finite, of width `description.ndf`.
        optimizer: State of the optimizers, keys as in this module's docstring; `iterations` are
            whole numbers of shape [] or [1]. Always stored in float32.
        half: Store generator and discriminator in float16.

    Returns:
        The style as it is now on disk.

    Raises:
        StyleError: Names, shapes or values do not fit; or the folder is something else; or it
            cannot be written. What was there is untouched then.
    """
    folder = Path(folder)
    contents = {GENERATOR_FILE: generator}
    if discriminator is not None:
        contents[DISCRIMINATOR_FILE] = discriminator
    if optimizer is not None:
        contents[OPTIMIZER_FILE] = optimizer
    _check_replaceable(folder)
    stored = {}
    for name, arrays in contents.items():
        _check(arrays, _expected_shapes(name, description, arrays), folder / name)
        stored[name] = {
            key: _narrowed(array, half and name != OPTIMIZER_FILE) for key, array in arrays.items()
        }
        _check_finite(stored[name], folder / name, "has values too large to store")
    try:
        with folder_in_place_of(folder) as fresh:
            checksums = {name: _write(fresh / name, stored[name]) for name in stored}
            written = dataclasses.replace(description, files=checksums)
            (fresh / DESCRIPTION_FILE).write_text(written.to_json(), encoding="utf-8")
            for name in stored:  # safetensors lets nobody but the owner read
                (fresh / name).chmod((fresh / DESCRIPTION_FILE).stat().st_mode)
            _copy_other_files(folder, fresh)
    except OSError as error:
        raise StyleError(
            f"style {folder} cannot be written ({error}): see to space and permissions"
        ) from error
    return Style(folder=folder, description=written)


def _expected_shapes(
    name: str, description: StyleDescription, arrays: Mapping[str, npt.NDArray[Any]]
) -> dict[str, tuple[int, ...]]:
    # Imported here because it brings Keras along, which whoever only lists styles does not need.
    from adaptive_style_tf.models.shapes import discriminator_shapes, generator_shapes

    if name == GENERATOR_FILE:
        return dict(generator_shapes(description.ngf))
    if name == DISCRIMINATOR_FILE:
        if description.ndf is None:
            raise StyleError(f"{DISCRIMINATOR_FILE} needs its width: ndf is missing in the style")
        return dict(discriminator_shapes(description.ndf))
    weights = {"generator_optimizer": generator_shapes(description.ngf)}
    if description.ndf is not None:
        weights["discriminator_optimizer"] = discriminator_shapes(description.ndf)
    expected: dict[str, tuple[int, ...]] = {}
    for optimizer, shapes in weights.items():
        if any(key.startswith(f"{optimizer}/") for key in arrays):
            for slot in ("momentum", "velocity"):
                expected |= {f"{optimizer}/{slot}/{key}": shape for key, shape in shapes.items()}
            expected[f"{optimizer}/iterations"] = ()
    return expected


def _check(
    arrays: Mapping[str, npt.NDArray[Any]], expected: Mapping[str, tuple[int, ...]], path: Path
) -> None:
    problems = [f"{key} is missing" for key in expected if key not in arrays]
    for key, array in arrays.items():
        if key not in expected:
            problems.append(f"{key} is unexpected")
        elif key.endswith("/iterations"):
            if array.shape not in ((), (1,)) or array.dtype.kind not in "iu" or array.min() < 0:
                problems.append(f"{key} is no whole number from 0 on")
        elif array.shape != expected[key]:
            problems.append(f"{key} has shape {array.shape} instead of {expected[key]}")
        elif array.dtype.kind != "f":
            problems.append(f"{key} has dtype {array.dtype} instead of float32")
    _raise_if(problems, path, "does not fit the widths of the style")
    _check_finite(arrays, path)


def _check_finite(
    arrays: Mapping[str, npt.NDArray[Any]], path: Path, what: str = "holds NaN or infinite values"
) -> None:
    _raise_if([key for key, array in arrays.items() if not np.isfinite(array).all()], path, what)


def _raise_if(problems: list[str], path: Path, what: str) -> None:
    if problems:
        more = len(problems) - _SHOWN_PROBLEMS
        listing = ", ".join(problems[:_SHOWN_PROBLEMS]) + (f" and {more} more" if more > 0 else "")
        raise StyleError(f"{path} {what}: {listing}")


def _check_replaceable(folder: Path) -> None:
    if not folder.exists() or (folder / DESCRIPTION_FILE).is_file():
        return
    if not folder.is_dir() or any(folder.iterdir()):
        raise StyleError(
            f"{folder} exists and is no style, so it is not replaced: choose another folder"
        )


def _narrowed(array: npt.NDArray[Any], half: bool) -> npt.NDArray[Any]:
    if array.dtype.kind in "iu":
        return np.array(array.reshape(()), np.int64)
    with np.errstate(over="ignore"):  # what becomes infinite (65504 is the end) is refused by name
        # safetensors writes memory as it lies, so it has to lie row by row.
        return np.array(array, np.float16 if half else np.float32, order="C")


def _widened(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    if array.dtype.kind in "iu":
        return np.array(array, np.int64)
    return np.array(array, np.float32) if array.dtype.kind == "f" else array


def _write(path: Path, arrays: Arrays) -> str:
    from safetensors import SafetensorError
    from safetensors.numpy import save_file

    try:
        save_file(arrays, path)
    except SafetensorError as error:
        raise OSError(str(error)) from error
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _parse(path: Path, content: bytes) -> Arrays:
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        return load(content)
    except (SafetensorError, KeyError) as error:  # KeyError: a type that NumPy does not have
        raise StyleError(f"{path} is no safetensors file of floats ({error})") from error


def _copy_other_files(folder: Path, fresh: Path) -> None:
    if not folder.is_dir():
        return
    for path in folder.iterdir():
        if path.name in (DESCRIPTION_FILE, *WEIGHT_FILES):
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.copytree(path, fresh / path.name, symlinks=True)
        else:
            shutil.copy2(path, fresh / path.name, follow_symlinks=False)
