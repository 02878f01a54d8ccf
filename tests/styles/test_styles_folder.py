import json
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from adaptive_style_tf.errors import StyleError
from adaptive_style_tf.styles import StyleDescription, read_style, write_style

Arrays = dict[str, np.ndarray]
Describe = Callable[..., StyleDescription]


def assert_equal(found: Arrays | None, expected: Arrays) -> None:
    assert found is not None
    assert found.keys() == expected.keys()
    for name, array in expected.items():
        assert found[name].dtype == array.dtype, name
        np.testing.assert_array_equal(found[name], array, err_msg=name)


@pytest.fixture
def style_folder(tmp_path: Path, describe: Describe, generator: Arrays) -> Path:
    return write_style(tmp_path / "style", describe(), generator).folder


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


def test_all_that_does_not_fit_is_listed_and_nothing_is_written(
    tmp_path: Path, describe: Describe, generator: Arrays
) -> None:
    wrong = dict(generator)
    del wrong["encoder/norm_3/scale"]
    wrong["stranger"] = np.zeros(3, np.float32)
    wrong["decoder/output/kernel"] = np.zeros((7, 7, 3, 3), np.float32)
    wrong["encoder/norm_1/scale"] = np.array(["a", "b"])
    with pytest.raises(StyleError) as caught:
        write_style(tmp_path / "s", describe(), wrong)
    message = str(caught.value)
    assert "encoder/norm_3/scale is missing" in message
    assert "stranger is unexpected" in message
    assert "decoder/output/kernel has shape (7, 7, 3, 3) instead of (7, 7, 2, 3)" in message
    assert "encoder/norm_1/scale has dtype <U1" in message
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_weights_that_are_not_finite_are_refused_by_name_when_writing(
    style_folder: Path, describe: Describe, generator: Arrays, value: float
) -> None:
    before = (style_folder / "generator.safetensors").read_bytes()
    broken = dict(generator)
    broken["encoder/conv_1/kernel"] = generator["encoder/conv_1/kernel"].copy()
    broken["encoder/conv_1/kernel"][0, 0, 0, 0] = value
    with pytest.raises(StyleError, match=r"NaN or infinite values: encoder/conv_1/kernel$"):
        write_style(style_folder, describe(), broken)
    assert (style_folder / "generator.safetensors").read_bytes() == before


def test_weights_too_large_for_half_precision_are_refused_by_name(
    tmp_path: Path, describe: Describe, generator: Arrays
) -> None:
    large = generator | {"encoder/norm_0/scale": np.array([1, 2, 70_000], np.float32)}
    with pytest.raises(StyleError, match=r"too large to store: encoder/norm_0/scale$"):
        write_style(tmp_path / "s", describe(), large, half=True)
    write_style(tmp_path / "s", describe(), large)


def test_a_partial_optimizer_is_refused(
    tmp_path: Path, describe: Describe, generator: Arrays, optimizer: Arrays
) -> None:
    partial = dict(optimizer)
    del partial["generator_optimizer/velocity/decoder/output/kernel"]
    partial["discriminator_optimizer/iterations"] = np.array(-1)
    with pytest.raises(StyleError) as caught:
        write_style(tmp_path / "s", describe(), generator, optimizer=partial)
    assert "generator_optimizer/velocity/decoder/output/kernel is missing" in str(caught.value)
    assert "discriminator_optimizer/iterations is no whole number" in str(caught.value)


def test_a_generator_optimizer_alone_and_counts_of_shape_one(
    tmp_path: Path, describe: Describe, generator: Arrays, optimizer: Arrays
) -> None:
    own = {name: a for name, a in optimizer.items() if name.startswith("generator_optimizer/")}
    given = own | {"generator_optimizer/iterations": np.array([40], np.int32)}
    style = write_style(tmp_path / "s", describe(ndf=None), generator, optimizer=given)
    assert_equal(style.optimizer_state(), own)


def test_a_discriminator_needs_its_width(
    tmp_path: Path, describe: Describe, generator: Arrays, discriminator: Arrays
) -> None:
    with pytest.raises(StyleError, match="ndf is missing"):
        write_style(tmp_path / "s", describe(ndf=None), generator, discriminator)


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
    import hashlib

    from safetensors.numpy import save

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


def test_a_style_that_was_renewed_since_it_was_opened_says_so(
    style_folder: Path, describe: Describe, generator: Arrays
) -> None:
    opened = read_style(style_folder)
    changed = {name: 2 * array for name, array in generator.items()}
    write_style(style_folder, describe(), changed)
    with pytest.raises(StyleError, match="renewed while it was read"):
        opened.generator_weights()


def test_a_folder_that_is_no_style_is_not_replaced(
    tmp_path: Path, describe: Describe, generator: Arrays
) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(StyleError, match="is no style, so it is not replaced"):
        write_style(tmp_path, describe(), generator)
    with pytest.raises(StyleError, match="is no style, so it is not replaced"):
        write_style(tmp_path / "thesis.txt", describe(), generator)
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def test_a_full_disk_is_told_and_the_style_that_was_there_survives(
    style_folder: Path, describe: Describe, generator: Arrays, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = read_style(style_folder)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("safetensors.numpy.save_file", full)
    with pytest.raises(StyleError, match="No space left on device"):
        write_style(style_folder, describe(step=43), generator)
    assert read_style(style_folder) == before
    assert [path.name for path in style_folder.parent.iterdir()] == ["style"]


def test_all_files_have_the_permissions_of_new_files(style_folder: Path) -> None:
    modes = {path.stat().st_mode for path in style_folder.iterdir()}
    (style_folder / "new").touch()
    assert modes == {(style_folder / "new").stat().st_mode}
