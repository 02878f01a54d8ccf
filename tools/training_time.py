"""How long a run has trained, by what it wrote down on the way."""

import contextlib
import json
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path

LONGEST_GAP = 600.0  # seconds between two entries; a longer one was a break

JAX_LOG = "training.jsonl"


def hours_of_run(run: Path) -> float | None:
    """The hours in which a run trained, breaks left out; None where it wrote nothing down.

    Args:
        run: the run folder; `logs/` holds TensorFlow's event files, the JAX loop's log, or both
            where the one went on from the other.
    """
    logs = run / "logs"
    entries = list(jax_entries(logs / JAX_LOG)) if (logs / JAX_LOG).is_file() else []
    times = [time for path in logs.glob("events.out.tfevents.*") for time in event_times(path)]
    if not entries and not times:
        return None
    return growth(entries) / 60 + without_breaks(times) / 3600


def without_breaks(times: Iterable[float]) -> float:
    """The seconds between the first time and the last, less every gap that was a break."""
    gaps = (later - earlier for earlier, later in pairwise(sorted(times)))
    return sum(gap for gap in gaps if gap <= LONGEST_GAP)


def growth(entries: Iterable[tuple[int, float]]) -> float:
    """The sum over all starts of a clock that each start sets back to zero.

    Args:
        entries: steps and what the clock showed, as they were written. Where one of the two does
            not grow, a new start begins: it goes on from a checkpoint, which a kill leaves behind.
    """
    total, last_step, last_time = 0.0, -1, 0.0
    for step, time in entries:
        same_start = step > last_step and time >= last_time
        total += time - last_time if same_start else time
        last_step, last_time = step, time
    return total


def jax_entries(path: Path) -> Iterator[tuple[int, float]]:
    """Steps and minutes in the JAX loop's log.

    A line that a kill cut short is left out, alone: later starts write into the same file.
    """
    with path.open(encoding="utf-8", errors="replace") as file:
        for line in file:
            try:
                entry = json.loads(line)
            except ValueError:
                continue
            if isinstance(entry, dict) and "minutes" in entry:
                yield int(entry["step"]), float(entry["minutes"])


def event_times(path: Path) -> Iterator[float]:
    """When each entry of an event file was written, in seconds since 1970.

    It ends at a record that a kill cut short: every start writes a file of its own.
    """
    import tensorflow as tf
    from tensorflow.core.util.event_pb2 import Event

    records = tf.data.TFRecordDataset(str(path)).as_numpy_iterator()
    with contextlib.suppress(tf.errors.DataLossError):
        for record in records:
            yield float(Event.FromString(record).wall_time)
