from pathlib import Path

import pytest

from adaptive_style_tf.training.checkpoints import CheckpointFolder
from adaptive_style_tf.training.material import Places
from adaptive_style_tf.training.request import TrainingRequest
from adaptive_style_tf.training.settings import settings_from
from adaptive_style_tf.training.trainer import way_on


@pytest.mark.parametrize(
    ("settings", "step", "change"),
    [
        ({}, 7, "--clip-norm 20"),
        ({"clip_norm": 20.0, "learning_rate": 3e-4}, 7, "--learning-rate 0.00015"),
        ({"warm_start_steps": 8, "warm_start_rate": 1e-3}, 7, "--warm-start-rate 0.0005"),
        ({"warm_start_steps": 7, "clip_norm": 5.0}, 7, "--learning-rate 0.0001"),
    ],
)
def test_what_is_advised_changes_something(tmp_path, settings, step, change):
    request = TrainingRequest(
        Places("somebody", Path("data")), tmp_path, settings_from(settings), "train"
    )
    advice = way_on(request, CheckpointFolder(tmp_path / "checkpoints"), step)
    assert advice == f"Go on with:\n  train --restart {change}"
