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


def write_jax_log(logs: Path, *lines: dict[str, float] | str) -> None:
    logs.mkdir(exist_ok=True)
    text = "".join(line if isinstance(line, str) else json.dumps(line) + "\n" for line in lines)
    (logs / "training.jsonl").write_text(text)


def entry(step: int, minutes: float) -> dict[str, float]:
    return {"step": step, "minutes": minutes}


def test_the_jax_loop_s_clock_starts_anew_with_every_start(
    training_time: Any, tmp_path: Path
) -> None:
    health = {"step": 200, "health": 1}
    lines = [entry(100, 5), entry(200, 9), health, entry(300, 2), entry(400, 8)]
    write_jax_log(tmp_path / "logs", *lines)
    assert training_time.hours_of_run(tmp_path) == pytest.approx((9 + 8) / 60)


@pytest.mark.parametrize("first_step", [100, 50])
def test_a_start_whose_first_minute_is_later_shows_by_its_step(
    training_time: Any, tmp_path: Path, first_step: int
) -> None:
    # Killed after one line, and the next start compiled for longer.
    write_jax_log(tmp_path / "logs", entry(100, 2), entry(first_step, 3), entry(200, 4))
    assert training_time.hours_of_run(tmp_path) == pytest.approx((2 + 4) / 60)


def test_a_line_that_a_kill_cut_short_is_left_out(training_time: Any, tmp_path: Path) -> None:
    cut = '{"step": 300, "minu'  # the next start writes behind it, on the same line
    lines = [entry(100, 5), entry(200, 9), cut, entry(250, 2), entry(350, 8), "1", "2\n", cut]
    write_jax_log(tmp_path / "logs", *lines)
    assert training_time.hours_of_run(tmp_path) == pytest.approx((9 + 8) / 60)


@pytest.mark.parametrize("lost", [1, 15, 20])
def test_a_record_that_a_kill_cut_short_ends_its_file(
    training_time: Any, tmp_path: Path, lost: int
) -> None:
    logs = tmp_path / "logs"
    write_events(logs / "events.out.tfevents.1.a", [1_000.0, 1_300.0, 1_400.0])
    write_events(logs / "events.out.tfevents.2.a", [90_000.0, 90_090.0])
    first = logs / "events.out.tfevents.1.a"
    first.write_bytes(first.read_bytes()[:-lost])
    assert training_time.hours_of_run(tmp_path) == pytest.approx((300 + 90) / 3600)


def test_a_run_of_both_programs_took_the_time_of_both(training_time: Any, tmp_path: Path) -> None:
    write_events(tmp_path / "logs" / "events.out.tfevents.1.a", [1_000.0, 1_300.0])
    write_jax_log(tmp_path / "logs", entry(100, 5), entry(200, 9))
    assert training_time.hours_of_run(tmp_path) == pytest.approx((5 + 9) / 60)


def test_a_folder_without_logs_says_nothing(training_time: Any, tmp_path: Path) -> None:
    assert training_time.hours_of_run(tmp_path) is None
