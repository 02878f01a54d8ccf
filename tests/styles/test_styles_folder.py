"""A style that is written comes back."""

import json
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np

from adaptive_style_tf.styles import StyleDescription, read_style, write_style

Arrays = dict[str, np.ndarray]
Describe = Callable[..., StyleDescription]


def assert_equal(found: Arrays | None, expected: Arrays) -> None:
    assert found is not None
    assert found.keys() == expected.keys()
    for name, array in expected.items():
        assert found[name].dtype == array.dtype, name
        np.testing.assert_array_equal(found[name], array, err_msg=name)


def test_everything_comes_back_bit_for_bit(
    tmp_path: Path,
    describe: Describe,
    generator: Arrays,
    discriminator: Arrays,
    optimizer: Arrays,
) -> None:
    written = write_style(tmp_path / "s", describe(), generator, discriminator, optimizer)
    style = read_style(tmp_path / "s")
    assert style == written
    assert style.description.step == 41
    assert_equal(style.generator_weights(), generator)
    assert_equal(style.discriminator_weights(), discriminator)
    assert_equal(style.optimizer_state(), optimizer)


def test_generator_alone(style_folder: Path) -> None:
    style = read_style(style_folder)
    assert style.discriminator_weights() is None
    assert style.optimizer_state() is None
    assert sorted(path.name for path in style_folder.iterdir()) == [
        "generator.safetensors",
        "style.json",
    ]


def test_the_file_can_be_read_without_this_package(style_folder: Path, generator: Arrays) -> None:
    # Laid out as https://github.com/huggingface/safetensors describes it.
    content = (style_folder / "generator.safetensors").read_bytes()
    (length,) = struct.unpack("<Q", content[:8])
    entry = json.loads(content[8 : 8 + length])["decoder/output/kernel"]
    start, end = entry["data_offsets"]
    values = np.frombuffer(content[8 + length + start : 8 + length + end], "<f4")
    assert entry["dtype"] == "F32"
    np.testing.assert_array_equal(
        values.reshape(entry["shape"]), generator["decoder/output/kernel"]
    )


def test_half_precision_is_half_the_size_and_comes_back_as_rounded_float32(
    tmp_path: Path,
    describe: Describe,
    generator: Arrays,
    discriminator: Arrays,
    optimizer: Arrays,
) -> None:
    full = write_style(tmp_path / "full", describe(), generator, discriminator, optimizer)
    half = write_style(
        tmp_path / "half", describe(), generator, discriminator, optimizer, half=True
    )
    sizes = [
        (style.folder / "generator.safetensors").stat().st_size - 16_000 for style in (full, half)
    ]
    assert sizes[1] < 0.6 * sizes[0]
    rounded = {name: a.astype(np.float16).astype(np.float32) for name, a in generator.items()}
    assert_equal(half.generator_weights(), rounded)
    assert half.discriminator_weights()["conv_0/kernel"].dtype == np.float32  # type: ignore[index]
    assert_equal(half.optimizer_state(), optimizer)  # moments of 1e-12 would vanish in float16


def test_arrays_that_do_not_lie_row_by_row_are_stored_right(
    tmp_path: Path, describe: Describe, generator: Arrays
) -> None:
    turned = {name: np.asfortranarray(array) for name, array in generator.items()}
    style = write_style(tmp_path / "s", describe(), turned)
    assert_equal(style.generator_weights(), generator)


def test_float64_weights_are_stored_as_float32(
    tmp_path: Path, describe: Describe, generator: Arrays
) -> None:
    wide = {name: array.astype(np.float64) for name, array in generator.items()}
    assert_equal(write_style(tmp_path / "s", describe(), wide).generator_weights(), generator)


def test_a_generator_optimizer_alone_and_counts_of_shape_one(
    tmp_path: Path, describe: Describe, generator: Arrays, optimizer: Arrays
) -> None:
    own = {name: a for name, a in optimizer.items() if name.startswith("generator_optimizer/")}
    given = own | {"generator_optimizer/iterations": np.array([40], np.int32)}
    style = write_style(tmp_path / "s", describe(ndf=None), generator, optimizer=given)
    assert_equal(style.optimizer_state(), own)


def test_a_style_is_replaced_whole_and_other_files_in_it_stay(
    style_folder: Path, describe: Describe, generator: Arrays, discriminator: Arrays
) -> None:
    write_style(style_folder, describe(), generator, discriminator)
    (style_folder / "preview.txt").write_text("a picture")
    (style_folder / "notes").mkdir()
    (style_folder / "notes" / "1.txt").write_text("a note")
    changed = {name: 2 * array for name, array in generator.items()}
    style = write_style(style_folder, describe(step=42), changed)
    assert read_style(style_folder) == style
    assert_equal(style.generator_weights(), changed)
    assert sorted(path.name for path in style_folder.iterdir()) == [
        "generator.safetensors",
        "notes",
        "preview.txt",
        "style.json",
    ]
    assert (style_folder / "notes" / "1.txt").read_text() == "a note"


def test_all_files_have_the_permissions_of_new_files(style_folder: Path) -> None:
    modes = {path.stat().st_mode for path in style_folder.iterdir()}
    (style_folder / "new").touch()
    assert modes == {(style_folder / "new").stat().st_mode}
