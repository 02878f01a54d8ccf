"""How a run begins, around a generator that is not trained."""

import contextlib
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from adaptive_style_tf.errors import DataError, StyleError, UsageError
from adaptive_style_tf.models import read_weights
from adaptive_style_tf.styles import StyleDescription, read_style, write_style
from adaptive_style_tf.training.checkpoints import CheckpointFolder
from adaptive_style_tf.training.health import CollapseGuard
from adaptive_style_tf.training.material import Places
from adaptive_style_tf.training.request import TrainingRequest
from adaptive_style_tf.training.run_folder import RunFolder
from adaptive_style_tf.training.run_start import StartedRun, started_run
from adaptive_style_tf.training.settings import settings_from

MATERIAL = SimpleNamespace(
    counts=lambda: {"paintings": 3, "photographs": 3},
    samples=lambda on_unreadable: None,
    fingerprint=lambda: "those of today",
)


@pytest.fixture
def started(generator, tmp_path):
    """A run at step 8 with no style beside its checkpoint."""
    folder = RunFolder(tmp_path / "run")
    request = TrainingRequest(
        Places("el-greco", Path("data")), folder.path, settings_from({"ngf": 2}), "command"
    )
    state = SimpleNamespace(
        step=8, generator_for_use=lambda: contextlib.nullcontext(generator), stylized=None
    )
    checkpoints = CheckpointFolder(folder.checkpoints)
    return StartedRun(request, MATERIAL, folder, checkpoints, state, CollapseGuard())


def make_outputs(started):
    """As every training loop does before its first step."""
    return started.outputs(
        curves=None, stylize=None, hardware="Abacus 3000", on_unreadable=pytest.fail, half=True
    )


def test_a_style_that_a_kill_took_is_renewed_whatever_the_loop(started, generator):
    make_outputs(started)
    style = read_style(started.folder.style)
    assert (style.description.step, style.description.hardware) == (8, "Abacus 3000")
    kernel = style.generator_weights()["decoder/output/kernel"]
    expected = np.asarray(generator.decoder.output_convolution.kernel)
    np.testing.assert_allclose(kernel, expected, atol=1e-4)  # float16


def test_there_is_no_style_of_random_weights_or_of_a_collapse(started):
    started.state.step = 0
    make_outputs(started)
    started.state.step, started.guard.bad_saves = 8, 1
    make_outputs(started)
    assert not started.folder.style.exists()


def requested(run_dir, **asked):
    """A training with pictures that are nowhere."""
    places = Places("el-greco", run_dir.parent / "nowhere")
    return TrainingRequest(places, run_dir, settings_from({"ngf": 3}), "command", **asked)


def begin(run_dir, **asked):
    with started_run(requested(run_dir, **asked), pytest.fail, pytest.fail, pytest.fail):
        pytest.fail("began without pictures")


def test_a_style_that_cannot_be_used_is_told_before_the_pictures_are_looked_at(tmp_path, generator):
    run_dir = tmp_path / "run"
    write_style(tmp_path / "narrower", description(), read_weights(generator))
    with pytest.raises(StyleError, match=r"other widths .* take --ngf 2"):
        begin(run_dir, init_from=str(tmp_path / "narrower"))
    with pytest.raises(UsageError, match='style "monett"'):
        begin(run_dir, init_from="monett")
    assert not run_dir.exists()


def description():
    return StyleDescription(
        name="Tiny",
        artist="el-greco",
        ngf=2,
        step=0,
        date="2018-09-08",
        package_version="0",
        license="CC0-1.0",
    )


def test_a_run_that_goes_on_needs_its_style_no_more(tmp_path):
    request = requested(tmp_path / "run", init_from="gone")
    folder = RunFolder(request.run_dir)
    folder.write_settings(request.record())
    CheckpointFolder(folder.checkpoints).save(6, {}, {})
    with pytest.raises(DataError, match="nowhere"):
        begin(request.run_dir, init_from="gone")


def test_an_unknown_step_is_told_before_the_pictures_are_looked_at(tmp_path):
    request = requested(tmp_path / "run")
    with pytest.raises(UsageError, match=r"--resume-from 5: .*; it has: none\."):
        begin(request.run_dir, resume_from=5)
    assert not request.run_dir.exists()
    folder = RunFolder(request.run_dir)
    folder.write_settings(request.record())
    for step in (6, 8):
        CheckpointFolder(folder.checkpoints).save(step, {}, {})
    with pytest.raises(UsageError, match=r"--resume-from 5: .*; it has: 6, 8\."):
        begin(request.run_dir, resume_from=5)
