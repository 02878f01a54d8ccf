import json
from pathlib import Path

from adaptive_style_tf.inference.batch.report import Outcome, Report


def report() -> Report:
    paths = [Path(f"{name}.jpg") for name in "abcde"]
    states = ["done", "skipped", "skipped", "failed"]
    reasons = ["", "is there", "is there", "d.jpg is empty."]
    outcomes = [
        Outcome(state, path, Path("out") / path, "x", reason)  # type: ignore[arg-type]
        for state, path, reason in zip(states, paths, reasons, strict=False)
    ]
    return Report(5, outcomes)


def test_the_summary_counts_and_gives_reasons() -> None:
    assert report().summary() == [
        "1 done, 2 skipped, 1 failed, 1 not begun.",
        "  skipped 2: is there",
        "  failed: d.jpg is empty.",
    ]


def test_programs_get_every_outcome() -> None:
    content = json.loads(json.dumps(report().as_json()))
    assert (content["planned"], content["interrupted"]) == (5, False)
    assert content["results"][3] == {
        "state": "failed",
        "source": "d.jpg",
        "target": "out/d.jpg",
        "style": "x",
        "reason": "d.jpg is empty.",
    }
