"""What a run writes at its steps, around a real but untrained narrow generator."""

import contextlib
import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from adaptive_style_tf.errors import (
    CheckpointError,
    CollapseError,
    NonFiniteError,
    PictureError,
    RunFolderError,
)
from adaptive_style_tf.models import read_weights
from adaptive_style_tf.styles import StyleDescription, read_style
from adaptive_style_tf.training.checkpoints import CheckpointFolder
from adaptive_style_tf.training.event_log import EventLog
from adaptive_style_tf.training.health import CollapseGuard
from adaptive_style_tf.training.outputs import RunOutputs, Samples
from adaptive_style_tf.training.run_folder import RunFolder

COMMAND = "python -m adaptive_style_tf.train --artist el-greco"


class State:
    """As TrainingState, but with results that a test can choose."""

    def __init__(self, generator):
        self.generator = generator
        self.step = 0
        self.success = 0.625
        self.results = None  # photographs to results; None: the generator's
        self.weights = {"generator/kernel": np.arange(4.0, dtype=np.float32)}

    def arrays(self):
        return {name: array.copy() for name, array in self.weights.items()}

    @contextlib.contextmanager
    def generator_for_use(self):
        yield self.generator

    def stylized(self, photographs):
        chosen = self.results or (lambda shown: self.generator(shown).numpy())
        return chosen(photographs)


def scenes(seed, count=3):
    """Smooth noise with edges, `(N, 64, 64, 3)` in [-1, 1]."""
    random = np.random.default_rng(seed)
    coarse = random.uniform(-0.9, 0.9, (count, 8, 8, 3))
    return coarse.repeat(8, axis=1).repeat(8, axis=2).astype(np.float32)


def describe(step):
    return StyleDescription(
        name="Tiny",
        artist="el-greco",
        ngf=2,
        step=step,
        date="2018-09-08",
        package_version="0",
        license="CC0-1.0",
    )


@pytest.fixture
def run(generator, tmp_path):
    folder = RunFolder(tmp_path / "run")
    made = SimpleNamespace(
        folder=folder,
        state=State(generator),
        samples=Samples(scenes(1), scenes(2)),
        checkpoints=CheckpointFolder(folder.checkpoints),
        guard=CollapseGuard(patience=2),
    )
    made.curves = EventLog(folder.logs)
    made.outputs = RunOutputs(
        folder=folder,
        state=made.state,
        samples=made.samples,
        checkpoints=made.checkpoints,
        guard=made.guard,
        curves=made.curves,
        stylize=made.state.stylized,
        describe=describe,
        scalars={"seed": 7, "pictures": "abc"},
        command=COMMAND,
    )
    return made


def healthy(photographs):
    return 0.9 * photographs


def black(photographs):
    return np.full_like(photographs, -1.0)


def save(run, step, results):
    run.state.step, run.state.results = step, results
    run.outputs.save()


def style_step(run):
    return read_style(run.folder.style).description.step


def test_a_checkpoint_holds_the_state_and_what_else_decides_the_future(run):
    save(run, 10, healthy)
    checkpoint = run.checkpoints.load_newest(pytest.fail)
    assert checkpoint.step == 10
    assert checkpoint.tensors.keys() == {"generator/kernel"}
    assert np.array_equal(checkpoint.tensors["generator/kernel"], [0, 1, 2, 3])
    assert checkpoint.scalars == {
        "seed": 7,
        "pictures": "abc",
        "success": 0.625,
        "collapse_guard/bad_saves": 0,
        "collapse_guard/last_healthy_step": 10,
        "collapse_guard/last_doubtful_step": -1,
    }


def test_the_style_is_renewed_at_every_save(run, generator):
    save(run, 10, healthy)
    assert style_step(run) == 10
    save(run, 20, healthy)
    style = read_style(run.folder.style)
    assert style.description == replace(describe(20), files=style.description.files)
    written = style.generator_weights()
    for name, weight in read_weights(generator).items():
        assert np.array_equal(written[name], weight)


def test_the_style_can_be_renewed_by_itself(run):
    run.state.step = 30
    run.outputs.renew_style()
    assert style_step(run) == 30
    assert run.checkpoints.steps() == []


def test_the_sheet_shows_what_the_generator_makes_of_each_photograph(run, generator):
    run.state.step = 40
    run.outputs.sample()
    with Image.open(run.folder.samples / "step_000040.jpg") as sheet:
        pixels = np.asarray(sheet, np.float32) / 127.5 - 1
    assert pixels.shape == (3 * 64 + 2 * 8, 3 * 64 + 2 * 8, 3)
    columns = [run.samples.paintings, run.samples.photographs]
    columns.append(np.asarray(generator(run.samples.photographs)))
    for row in range(3):
        for column, pictures in enumerate(columns):
            top, left = row * 72, column * 72
            shown = pixels[top : top + 64, left : left + 64]
            assert np.abs(shown - pictures[row]).mean() < 0.03  # JPEG


def test_the_sheet_of_a_step_that_is_done_again_takes_the_place_of_the_first(run):
    run.state.step = 40
    sheets = []
    for results in (black, healthy):
        run.state.results = results
        run.outputs.sample()
        sheets.append((run.folder.samples / "step_000040.jpg").read_bytes())
    assert sheets[0] != sheets[1]
    assert [path.name for path in run.folder.samples.iterdir()] == ["step_000040.jpg"]


def test_a_sheet_that_cannot_be_written_is_named(run):
    run.folder.samples.write_text("in the way")
    with pytest.raises(PictureError, match=r"samples.step_000000\.jpg cannot be written"):
        run.outputs.sample()


def test_curves_that_cannot_be_written_cost_neither_checkpoint_nor_style(run, monkeypatch):
    def fail(*_):
        raise RunFolderError("The curves cannot be written.")

    monkeypatch.setattr(run.curves, "scalars", fail)
    with pytest.raises(RunFolderError, match="curves"):
        save(run, 10, healthy)
    assert run.checkpoints.load_newest(pytest.fail).step == 10
    assert style_step(run) == 10


def test_curves_and_health_are_events(run):
    run.outputs.log(5, {"generator/total": 3.5})
    run.outputs.sample()
    save(run, 10, healthy)
    run.outputs.flush()
    events = EventAccumulator(str(run.folder.logs), size_guidance={"tensors": 0})
    events.Reload()
    assert set(events.Tags()["tensors"]) == {
        *("generator/total", "samples"),
        *("health/deviation_ratio", "health/following", "health/clipped_share"),
    }
    [ratio] = events.Tensors("health/deviation_ratio")
    assert ratio.step == 10
    assert tf.make_ndarray(ratio.tensor_proto) == pytest.approx(0.9, abs=1e-4)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_weight_that_is_not_finite_is_named_and_nothing_is_written(run, value):
    save(run, 10, healthy)
    run.state.weights["discriminator/conv_3/kernel"] = np.array([1.0, value], np.float32)
    with pytest.raises(NonFiniteError, match=r"At step 20 discriminator/conv_3/kernel holds NaN"):
        save(run, 20, healthy)
    assert run.checkpoints.steps() == [10]
    assert style_step(run) == 10


def test_results_that_are_not_finite_are_not_saved(run):
    with pytest.raises(NonFiniteError, match="results hold NaN"):
        save(run, 10, lambda photographs: photographs * np.nan)
    assert run.checkpoints.steps() == []
    assert not run.folder.style.exists()


def test_a_collapsed_style_is_not_shipped_and_the_last_good_checkpoint_is_kept(run):
    save(run, 10, healthy)
    save(run, 20, black)
    assert style_step(run) == 10
    with pytest.raises(CollapseError) as caught:
        save(run, 30, black)
    assert f"{COMMAND} --resume-from 10" in str(caught.value)
    assert style_step(run) == 10
    assert run.checkpoints.steps() == [10, 20, 30]
    assert run.checkpoints.load(30).scalars["collapse_guard/bad_saves"] == 2


def test_a_run_that_recovers_goes_on(run):
    for step, results in ((10, healthy), (20, black), (30, healthy), (40, black), (50, healthy)):
        save(run, step, results)
    assert style_step(run) == 50
    assert run.checkpoints.steps() == [40, 50]


def test_a_young_run_is_left_alone(run):
    for step in (10, 20, 30):
        save(run, step, black)
    assert style_step(run) == 30  # early, which is no collapse


def test_a_full_disk_leaves_style_and_checkpoint_as_they_are(run, monkeypatch):
    save(run, 10, healthy)
    usage = "adaptive_style_tf.training.checkpoints.shutil.disk_usage"
    monkeypatch.setattr(usage, lambda folder: SimpleNamespace(free=0))
    with pytest.raises(CheckpointError, match="too full"):
        save(run, 20, healthy)
    assert run.checkpoints.load_newest(pytest.fail).step == 10
    assert json.loads((run.folder.style / "style.json").read_text())["step"] == 10
