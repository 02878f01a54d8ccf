"""How long a run has trained, by what it wrote down on the way."""

import json
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

LONGEST_GAP = 600.0  # seconds between two entries; a longer one was a break

JAX_LOG = "training.jsonl"


def hours_of_run(run: Path) -> float | None:
    """The hours in which a run trained, breaks left out; None where it wrote nothing down.

    Args:
        run: the run folder; `logs/` holds TensorFlow's event files or the JAX loop's log.
    """
    logs = run / "logs"
    if (logs / JAX_LOG).is_file():
        with (logs / JAX_LOG).open(encoding="utf-8") as file:
            lines = [json.loads(line) for line in file]
        return growth(line["minutes"] for line in lines if "minutes" in line) / 60
    times = [time for path in logs.glob("events.out.tfevents.*") for time in event_times(path)]
    return without_breaks(times) / 3600 if times else None


def without_breaks(times: Iterable[float]) -> float:
    """The seconds between the first time and the last, less every gap that was a break."""
    gaps = (later - earlier for earlier, later in pairwise(sorted(times)))
    return sum(gap for gap in gaps if gap <= LONGEST_GAP)


def growth(minutes: Iterable[float]) -> float:
    """The sum over all starts of a clock that each start sets back to zero."""
    return sum(
        later - earlier if later >= earlier else later for earlier, later in pairwise([0, *minutes])
    )


def event_times(path: Path) -> list[float]:
    """When each entry of an event file was written, in seconds since 1970."""
    import tensorflow as tf
    from tensorflow.core.util.event_pb2 import Event

    records = tf.data.TFRecordDataset(str(path)).as_numpy_iterator()
    return [float(Event.FromString(record).wall_time) for record in records]
