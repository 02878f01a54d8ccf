"""What is not written as a style, and what stays in its place."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from adaptive_style_tf.errors import StyleError
from adaptive_style_tf.styles import StyleDescription, read_style, write_style

Arrays = dict[str, np.ndarray]
Describe = Callable[..., StyleDescription]


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


def test_a_discriminator_needs_its_width(
    tmp_path: Path, describe: Describe, generator: Arrays, discriminator: Arrays
) -> None:
    with pytest.raises(StyleError, match="ndf is missing"):
        write_style(tmp_path / "s", describe(ndf=None), generator, discriminator)


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
