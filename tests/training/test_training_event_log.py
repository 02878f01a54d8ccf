import cv2
import numpy as np
import pytest
import tensorflow as tf
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from adaptive_style_tf.errors import RunFolderError
from adaptive_style_tf.training.event_log import EventLog


def read(folder):
    events = EventAccumulator(str(folder), size_guidance={"tensors": 0})
    events.Reload()
    return events


def curve(events, name):
    return [
        (event.step, float(tf.make_ndarray(event.tensor_proto))) for event in events.Tensors(name)
    ]


def plugin(events, name):
    return events.SummaryMetadata(name).plugin_data.plugin_name


def test_tensorboard_reads_the_curves_under_their_names(tmp_path):
    log = EventLog(tmp_path / "logs")
    log.scalars(10, {"generator/total": 88.25, "generator/accuracy/scale_0": np.float32(0.5)})
    log.scalars(20, {"generator/total": tf.constant(44.5, tf.float64)})
    log.flush()

    events = read(tmp_path / "logs")
    assert sorted(events.Tags()["tensors"]) == ["generator/accuracy/scale_0", "generator/total"]
    assert curve(events, "generator/total") == [(10, 88.25), (20, 44.5)]
    assert curve(events, "generator/accuracy/scale_0") == [(10, 0.5)]
    assert plugin(events, "generator/total") == "scalars"


@pytest.fixture
def drawn():
    """Draws a colored scene in full size, or scaled down by another program than ours."""

    def draw(height, width, scaled_to=None):
        painter = np.random.default_rng(1)
        coarse = painter.integers(0, 256, (8, 12, 3), dtype=np.uint8)
        scene = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
        # Grain, as of canvas, which PNG pays for dearly.
        grain = painter.integers(-6, 7, scene.shape)
        pixels = np.clip(scene.astype(int) + grain, 0, 255).astype(np.uint8)
        if scaled_to is None:
            return pixels
        return cv2.resize(pixels, scaled_to[::-1], interpolation=cv2.INTER_AREA)

    return draw


@pytest.mark.parametrize(
    ("size", "shown"),
    [((50, 70), (50, 70)), ((90, 1200), (90, 1200)), ((3096, 2320), (1601, 1200))],
)
def test_tensorboard_reads_the_picture(tmp_path, drawn, size, shown):
    pixels = drawn(*size)
    log = EventLog(tmp_path)
    log.picture(30, "samples", pixels)
    log.flush()

    events = read(tmp_path)
    [event] = events.Tensors("samples")
    width, height, encoded = tf.make_ndarray(event.tensor_proto)
    assert (event.step, int(height), int(width)) == (30, *shown)
    assert plugin(events, "samples") == "images"
    decoded = tf.io.decode_jpeg(encoded).numpy()
    assert decoded.shape == (*shown, 3)
    expected = drawn(*size, scaled_to=shown).astype(float)
    assert np.abs(decoded - expected).mean() < 4
    assert len(encoded) < len(tf.io.encode_png(pixels).numpy()) / (8 if size != shown else 1.5)


def test_a_run_that_goes_on_adds_to_the_curves(tmp_path):
    for step in (10, 20):
        log = EventLog(tmp_path)
        log.scalars(step, {"success": step / 100})
        log.flush()
    assert curve(read(tmp_path), "success") == [
        (10, pytest.approx(0.1)),
        (20, pytest.approx(0.2)),
    ]


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(RunFolderError, match=r"file/logs cannot be written \(.+\); free some"):
        EventLog(tmp_path / "file" / "logs")


def test_a_full_disk_is_told_in_one_line(tmp_path, monkeypatch):
    log = EventLog(tmp_path)

    def full():
        # As TensorFlow 2.21 says it on a full tmpfs.
        raise tf.errors.ResourceExhaustedError(
            None,
            None,
            "{{function_node __wrapped__FlushSummaryWriter_device_/job:localhost/device:CPU:0}} "
            "logs/events.v2; No space left on device\n\tFailed to flush 1 events\n\tCould not",
        )

    monkeypatch.setattr(log._writer, "flush", full)
    with pytest.raises(RunFolderError) as caught:
        log.flush()
    assert str(caught.value) == (
        f"The curves in {tmp_path} cannot be written (logs/events.v2; No space left on device); "
        "free some space there or make it writable, then start the same command again to go on."
    )
