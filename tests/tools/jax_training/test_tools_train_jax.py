"""Whole runs of `tools/train_jax.py`: what they leave, and who can go on from it."""

import json
from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image

from adaptive_style_tf.inference.stylizer import Stylizer
from adaptive_style_tf.training.checkpoints import CheckpointFolder
from adaptive_style_tf.training.material import Places
from adaptive_style_tf.training.request import TrainingRequest
from adaptive_style_tf.training.run_folder import RunFolder
from adaptive_style_tf.training.settings import settings_from
from adaptive_style_tf.training.state import TrainingState

TRAIN = """
import json
import jax_outputs
import train_jax

jax_outputs.PART_BYTES = 300_000
for options in json.loads(sys.argv[1]):
    assert train_jax.main(options) == 0
"""


@pytest.fixture(scope="module")
def trained(tmp_path_factory, in_jax):
    """A run of six steps, and one that stopped after one step and was started again."""
    folder = tmp_path_factory.mktemp("trained")
    random = np.random.default_rng(5)
    for name in ("paintings", "photographs"):
        (folder / name).mkdir()
        for number in range(3):
            blocks = random.integers(0, 256, (12, 14, 3), np.uint8).repeat(8, 0).repeat(8, 1)
            Image.fromarray(blocks).save(folder / name / f"{number}.png")
    usual = [
        *("--style-dir", f"{folder}/paintings", "--content-dir", f"{folder}/photographs"),
        *("--artist", "tiny-artist", "--image-size", "64", "--ngf", "6", "--ndf", "6"),
        *("--schedule", "alternate", "--warm-start-steps", "2", "--generator-ema", "0.9"),
        *("--total-steps", "6", "--save-every", "4", "--log-every", "3", "--workers", "2"),
    ]
    starts = [
        [*usual, "--run-dir", f"{folder}/whole", "--export", f"{folder}/export", "--split"],
        [*usual, "--run-dir", f"{folder}/stopped", "--minutes", "1e-6"],
        [*usual, "--run-dir", f"{folder}/stopped"],
    ]
    return folder, in_jax(TRAIN, json.dumps(starts))


SETTINGS = {
    "image_size": 64,
    "ngf": 6,
    "ndf": 6,
    "schedule": "alternate",
    "warm_start_steps": 2,
    "generator_ema": 0.9,
    "total_steps": 6,
    "save_every": 4,
}


def test_a_resumed_run_equals_an_uninterrupted_one(trained):
    folder, output = trained
    assert "Stopped at step 1;" in output
    assert "Resuming from step 1." in output
    whole, stopped = (
        CheckpointFolder(folder / name / "checkpoints") for name in ("whole", "stopped")
    )
    assert whole.steps() == [4, 6]
    one, other = whole.load(6), stopped.load(6)
    for name in ("seed", "pictures", "success"):
        assert one.scalars[name] == other.scalars[name]
    assert one.tensors.keys() == other.tensors.keys()
    for name, array in one.tensors.items():
        np.testing.assert_array_equal(array, other.tensors[name], err_msg=name)


def test_the_tensorflow_loop_can_go_on_from_its_checkpoint(trained):
    folder, _ = trained
    settings = settings_from(SETTINGS)
    saved = CheckpointFolder(folder / "whole" / "checkpoints").load(6)
    state = TrainingState(settings.network, settings.optimization, seed=1)
    state.assign(saved.tensors)
    arrays = state.arrays()
    assert arrays.keys() == saved.tensors.keys()
    for name, array in arrays.items():
        np.testing.assert_array_equal(array, saved.tensors[name], err_msg=name)
    # Two steps of warm start, whose Adam is forgotten, then G, D, G, D.
    assert arrays["generator_optimizer/iterations"] == 2
    assert arrays["discriminator_optimizer/iterations"] == 2
    places = Places("tiny-artist", Path("data"), folder / "paintings", folder / "photographs")
    request = TrainingRequest(places, folder / "whole", settings, "command")
    assert RunFolder(folder / "whole").check_settings(request.record(), set(), set(), {}) == []


def test_its_style_stylizes(trained):
    folder, _ = trained
    stylizer = Stylizer.load(folder / "whole" / "style")
    photograph = np.random.default_rng(2).integers(0, 256, (70, 90, 3), np.uint8)
    assert stylizer.image(photograph).shape == photograph.shape
    averaged = CheckpointFolder(folder / "whole" / "checkpoints").load(6).tensors
    name = "decoder/output/kernel"
    np.testing.assert_allclose(
        stylizer.style.generator_weights()[name],
        averaged[f"generator_average/{name}"],
        atol=1e-4,  # float16
    )


def test_exported_parts_put_together_are_the_style(trained):
    folder, _ = trained
    export = folder / "export"
    parts = sorted(export.glob("generator.safetensors.part-*"))
    assert len(parts) > 1
    assert all(part.stat().st_size <= 300_000 for part in parts)
    joined = b"".join(part.read_bytes() for part in parts)
    assert joined == (folder / "whole" / "style" / "generator.safetensors").read_bytes()
    others = {path.name for path in export.iterdir()} - {part.name for part in parts}
    assert others == {"style.json", "training.jsonl", "step_000006.jpg"}


def test_log_has_means_of_every_term(trained):
    folder, output = trained
    lines = (folder / "whole" / "logs" / "training.jsonl").read_text().splitlines()
    entries = [json.loads(line) for line in lines]
    losses = [entry for entry in entries if "steps_per_second" in entry]
    assert [entry["step"] for entry in losses] == [3, 6]
    assert sum(entry["warm_start_steps"] for entry in losses) == 2
    assert sum(entry["generator_steps"] for entry in losses) == 2
    assert sum(entry["discriminator_steps"] for entry in losses) == 2
    assert {"generator/content", "discriminator/accuracy/balanced"} <= losses[-1].keys()
    assert 0 <= losses[-1]["schedule/waiting_for_pictures"] <= 1
    assert "step 6" in output


def test_tensorflow_is_out_of_reach(in_jax):
    with pytest.raises(AssertionError, match="import of tensorflow halted"):
        in_jax("import tensorflow")
    assert keras.config.backend() == "tensorflow"
