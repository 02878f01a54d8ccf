import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest

from adaptive_style_tf.errors import ReleaseCheckpointError
from adaptive_style_tf.models.shapes import discriminator_shapes, generator_shapes
from adaptive_style_tf.release import read_release_checkpoint, release_names

GOLDENS = Path(__file__).parents[1] / "goldens" / "released_small"

Arrays = dict[str, np.ndarray]
Write = Callable[[Path, Mapping[str, np.ndarray]], Path]


def assert_taken_from(found: Arrays | None, tensors: Arrays, end: str = "") -> None:
    assert found is not None
    names = release_names(found)
    for ours, theirs in names.items():
        assert found[ours].dtype == np.float32
        np.testing.assert_array_equal(found[ours], tensors[theirs + end], err_msg=ours)


def test_every_tensor_of_a_training_checkpoint_is_read_bit_for_bit(
    golden_folder: Path, golden_tensors: Arrays
) -> None:
    read = read_release_checkpoint(golden_folder / "checkpoint")
    assert (read.name, read.step) == ("model_small_30.ckpt-30", 30)
    assert (read.ngf, read.ndf, read.notes) == (6, 6, ())
    assert (len(read.generator), len(read.discriminator or {})) == (84, 26)
    assert_taken_from(read.generator, golden_tensors)
    assert_taken_from(read.discriminator, golden_tensors)
    for adam in (read.generator_optimizer, read.discriminator_optimizer):
        assert adam is not None
        assert adam.iterations == 15
        assert_taken_from(adam.momentum, golden_tensors, "/Adam")
        assert_taken_from(adam.velocity, golden_tensors, "/Adam_1")
    flat = read.optimizer_arrays()
    assert flat is not None
    assert len(flat) == 2 * 110 + 2
    np.testing.assert_array_equal(
        flat["discriminator_optimizer/velocity/logits_0/kernel"],
        golden_tensors["discriminator/d_h0_pred/Conv/weights/Adam_1"],
    )


def test_the_two_optimizers_are_not_mixed_up(golden_folder: Path) -> None:
    # 24 further steps, 5 of them the generator's.
    read = read_release_checkpoint(golden_folder / "after_24_steps")
    assert read.step == 54
    assert read.generator_optimizer is not None
    assert read.discriminator_optimizer is not None
    assert read.generator_optimizer.iterations == 20
    assert read.discriminator_optimizer.iterations == 34


def test_an_archive_gives_what_the_folder_gives(golden_tensors: Arrays) -> None:
    read = read_release_checkpoint(GOLDENS / "checkpoint.tar.xz")
    assert read.step == 30
    assert_taken_from(read.generator, golden_tensors)


def test_a_generator_alone(tmp_path: Path, golden_tensors: Arrays, write_checkpoint: Write) -> None:
    alone = {
        name: array
        for name, array in golden_tensors.items()
        if name.startswith(("encoder/", "decoder/")) and "/Adam" not in name
    }
    assert len(alone) == 84
    read = read_release_checkpoint(write_checkpoint(tmp_path / "model_small_30.ckpt-30", alone))
    assert_taken_from(read.generator, alone)
    assert (read.step, read.ngf, read.ndf) == (30, 6, None)
    assert (read.discriminator, read.discriminator_optimizer) == (None, None)
    assert (read.generator_optimizer, read.optimizer_arrays(), read.notes) == (None, None, ())


def made_up(ngf: int, ndf: int, powers: Mapping[str, float]) -> Arrays:
    generator = np.random.default_rng(5)
    tensors: Arrays = {}
    for shapes in (generator_shapes(ngf), discriminator_shapes(ndf)):
        for ours, theirs in release_names(shapes).items():
            for end in ("", "/Adam", "/Adam_1"):
                tensors[theirs + end] = generator.normal(size=shapes[ours]).astype(np.float32)
    return tensors | {name: np.array(power, np.float32) for name, power in powers.items()}


FRESH = {"beta1_power": 0.9, "beta2_power": 0.999, "beta1_power_1": 0.9, "beta2_power_1": 0.999}
GONE = dict.fromkeys(FRESH, 0.0)


@pytest.mark.parametrize(("ngf", "ndf"), [(4, 5), (1, 1), (5, 2)])
def test_other_widths(tmp_path: Path, write_checkpoint: Write, ngf: int, ndf: int) -> None:
    tensors = made_up(ngf, ndf, FRESH)
    read = read_release_checkpoint(write_checkpoint(tmp_path / "model_x_0.ckpt-0", tensors))
    assert (read.ngf, read.ndf, read.step) == (ngf, ndf, 0)
    assert_taken_from(read.generator, tensors)
    assert_taken_from(read.discriminator, tensors)
    assert read.generator_optimizer is not None
    assert read.generator_optimizer.iterations == 0


def test_after_long_trainings_the_step_stands_for_the_updates(
    tmp_path: Path, write_checkpoint: Write
) -> None:
    prefix = write_checkpoint(tmp_path / "model_x_300000.ckpt-300000", made_up(1, 1, GONE))
    read = read_release_checkpoint(prefix)
    assert read.generator_optimizer is not None
    assert read.generator_optimizer.iterations == 300_000
    assert len(read.notes) == 2
    assert (
        "generator's Adam has lost its count of updates, 300000 is taken: the step"
        in (read.notes[0])
    )


def test_a_step_that_is_too_small_for_vanished_powers_is_not_believed(
    tmp_path: Path, write_checkpoint: Write
) -> None:
    read = read_release_checkpoint(
        write_checkpoint(tmp_path / "model_x_500.ckpt-500", made_up(1, 1, GONE))
    )
    assert read.generator_optimizer is not None
    assert 87_000 < read.generator_optimizer.iterations < 88_000
    assert "the least it can be" in read.notes[0]
    assert read.step == 500


def test_without_a_number_in_the_name_the_step_comes_from_inside(
    tmp_path: Path, golden_tensors: Arrays, write_checkpoint: Write
) -> None:
    read = read_release_checkpoint(write_checkpoint(tmp_path / "a" / "m.ckpt", golden_tensors))
    assert read.step == 30
    assert read.notes == ("m.ckpt names no step, 30 is taken: what Adam tells of updates",)
    counted = golden_tensors | {"global_step": np.array(123, np.int64)}
    read = read_release_checkpoint(write_checkpoint(tmp_path / "b" / "m.ckpt", counted))
    assert (read.step, read.notes) == (123, ())


def test_powers_without_slots_are_left_out_and_told(
    tmp_path: Path, golden_tensors: Arrays, write_checkpoint: Write
) -> None:
    bare = {name: array for name, array in golden_tensors.items() if "/Adam" not in name}
    read = read_release_checkpoint(write_checkpoint(tmp_path / "model_x_30.ckpt-30", bare))
    assert read.optimizer_arrays() is None
    assert "left out: there are no Adam slots" in read.notes[0]


@pytest.mark.parametrize("end", ["", "/Adam_1"])
def test_values_that_are_not_finite_are_named(
    tmp_path: Path, golden_tensors: Arrays, write_checkpoint: Write, end: str
) -> None:
    name = f"decoder/g_d2_bn/scale{end}"
    broken = golden_tensors | {name: golden_tensors[name].copy()}
    broken[name][1] = np.nan
    prefix = write_checkpoint(tmp_path / "model_x_30.ckpt-30", broken)
    with pytest.raises(ReleaseCheckpointError, match=f"NaN or infinite values in {name}:"):
        read_release_checkpoint(prefix)


def test_powers_that_cannot_be_are_told(
    tmp_path: Path, golden_tensors: Arrays, write_checkpoint: Write
) -> None:
    broken = golden_tensors | {"beta1_power_1": np.array(0.5, np.float32)}
    prefix = write_checkpoint(tmp_path / "model_x_30.ckpt-30", broken)
    with pytest.raises(ReleaseCheckpointError, match="Adam state of the generator that cannot be"):
        read_release_checkpoint(prefix)


@pytest.fixture
def copied(tmp_path: Path, golden_folder: Path) -> Path:
    return Path(shutil.copytree(golden_folder / "checkpoint", tmp_path / "copied"))


def test_a_truncated_data_file_is_told(copied: Path) -> None:
    data = copied / "model_small_30.ckpt-30.data-00000-of-00001"
    data.write_bytes(data.read_bytes()[:5_000_000])
    with pytest.raises(ReleaseCheckpointError, match="copied cannot be read as a checkpoint"):
        read_release_checkpoint(copied)


def test_a_flipped_bit_is_told(copied: Path) -> None:
    data = copied / "model_small_30.ckpt-30.data-00000-of-00001"
    content = bytearray(data.read_bytes())
    content[1_234_567] ^= 1
    data.write_bytes(content)
    with pytest.raises(ReleaseCheckpointError, match="copied cannot be read as a checkpoint"):
        read_release_checkpoint(copied)


def test_a_missing_data_file_is_told(copied: Path) -> None:
    (copied / "model_small_30.ckpt-30.data-00000-of-00001").unlink()
    with pytest.raises(ReleaseCheckpointError, match="copied cannot be read as a checkpoint"):
        read_release_checkpoint(copied)


@pytest.mark.parametrize("length", [0, 100, 6000])
def test_a_damaged_index_is_told(copied: Path, length: int) -> None:
    index = copied / "model_small_30.ckpt-30.index"
    index.write_bytes(index.read_bytes()[:length])
    with pytest.raises(ReleaseCheckpointError, match="copied cannot be read as a checkpoint"):
        read_release_checkpoint(copied)
