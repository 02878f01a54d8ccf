"""What a damaged style says when it is read."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save

from adaptive_style_tf.errors import StyleError
from adaptive_style_tf.styles import StyleDescription, read_style, write_style

Arrays = dict[str, np.ndarray]
Describe = Callable[..., StyleDescription]


@pytest.mark.parametrize("place", [8, -1])
def test_a_flipped_bit_is_found_when_weights_are_read(style_folder: Path, place: int) -> None:
    path = style_folder / "generator.safetensors"
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)
    style = read_style(style_folder)
    with pytest.raises(StyleError, match=r"generator\.safetensors is damaged"):
        style.generator_weights()


def test_a_truncated_file_is_found(style_folder: Path) -> None:
    path = style_folder / "generator.safetensors"
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(StyleError, match=r"generator\.safetensors is damaged"):
        read_style(style_folder).generator_weights()


def forge(folder: Path, arrays: Arrays) -> None:
    """Puts other weights into a style, with the right checksum."""
    content = save(arrays)
    (folder / "generator.safetensors").write_bytes(content)
    fields = json.loads((folder / "style.json").read_text(encoding="utf-8"))
    fields["files"]["generator.safetensors"] = hashlib.sha256(content).hexdigest()
    (folder / "style.json").write_text(json.dumps(fields), encoding="utf-8")


def test_weights_that_are_not_finite_are_refused_when_reading(
    style_folder: Path, generator: Arrays
) -> None:
    forge(style_folder, generator | {"encoder/norm_0/scale": np.array([1, np.nan, 1], np.float32)})
    with pytest.raises(StyleError, match=r"NaN or infinite values: encoder/norm_0/scale$"):
        read_style(style_folder).generator_weights()


def test_weights_of_another_width_are_refused_when_reading(
    style_folder: Path, generator: Arrays
) -> None:
    forge(style_folder, generator | {"encoder/norm_1/scale": np.ones(9, np.float32)})
    with pytest.raises(StyleError, match=r"encoder/norm_1/scale has shape \(9,\) instead of \(2,"):
        read_style(style_folder).generator_weights()


def test_weights_that_are_no_floats_are_refused_when_reading(
    style_folder: Path, generator: Arrays
) -> None:
    forge(style_folder, generator | {"encoder/norm_1/scale": np.ones(2, np.bool_)})
    with pytest.raises(StyleError, match="dtype bool instead of float32"):
        read_style(style_folder).generator_weights()


@pytest.mark.parametrize("name", ["style.json", "generator.safetensors"])
def test_a_missing_file_is_named(style_folder: Path, name: str) -> None:
    (style_folder / name).unlink()
    with pytest.raises(StyleError, match=name.replace(".", r"\.") + " is missing"):
        read_style(style_folder)


def test_a_damaged_description_is_named(style_folder: Path) -> None:
    (style_folder / "style.json").write_text("{", encoding="utf-8")
    with pytest.raises(StyleError, match=r"style\.json is damaged"):
        read_style(style_folder)
    (style_folder / "style.json").write_bytes(b"\xff\xfe{")
    with pytest.raises(StyleError, match=r"style\.json cannot be read"):
        read_style(style_folder)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(StyleError, match="nowhere is no folder"):
        read_style(tmp_path / "nowhere")


def test_a_style_that_was_renewed_since_it_was_opened_says_so(
    style_folder: Path, describe: Describe, generator: Arrays
) -> None:
    opened = read_style(style_folder)
    changed = {name: 2 * array for name, array in generator.items()}
    write_style(style_folder, describe(), changed)
    with pytest.raises(StyleError, match="renewed while it was read"):
        opened.generator_weights()
