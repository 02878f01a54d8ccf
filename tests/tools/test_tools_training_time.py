import json
from pathlib import Path
from typing import Any

import pytest
import tensorflow as tf
from tensorflow.core.util.event_pb2 import Event


@pytest.fixture
def training_time() -> Any:
    import training_time

    return training_time


def write_events(path: Path, times: list[float]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tf.io.TFRecordWriter(str(path)) as writer:
        for time in times:
            writer.write(Event(wall_time=time).SerializeToString())


def test_breaks_between_and_within_starts_do_not_count(training_time: Any, tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    write_events(logs / "events.out.tfevents.1.a", [1_000.0, 1_300.0, 1_900.0])
    write_events(logs / "events.out.tfevents.2.a", [90_000.0, 90_090.0])
    assert training_time.hours_of_run(tmp_path) == pytest.approx((900 + 90) / 3600)


def test_the_jax_loop_s_clock_starts_anew_with_every_start(
    training_time: Any, tmp_path: Path
) -> None:
    (tmp_path / "logs").mkdir()
    entries = [{"minutes": 5.0}, {"minutes": 9.0}, {"health": 1}, {"minutes": 2.0}, {"minutes": 8}]
    text = "".join(json.dumps(entry) + "\n" for entry in entries)
    (tmp_path / "logs" / "training.jsonl").write_text(text)
    assert training_time.hours_of_run(tmp_path) == pytest.approx((9 + 8) / 60)


def test_a_folder_without_logs_says_nothing(training_time: Any, tmp_path: Path) -> None:
    assert training_time.hours_of_run(tmp_path) is None
