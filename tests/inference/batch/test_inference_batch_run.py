import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from adaptive_style_tf.errors import DeviceMemoryError, VideoError
from adaptive_style_tf.inference.batch.plan import Job, plan_jobs
from adaptive_style_tf.inference.batch.report import Outcome, Report
from adaptive_style_tf.inference.batch.run import Means, Writing, run_jobs
from adaptive_style_tf.inference.batch.sources import VIDEO, Source, find_sources
from adaptive_style_tf.inference.looks import Look
from adaptive_style_tf.inference.video import VideoReport

Style = Callable[[np.ndarray], np.ndarray]


def inverted(photograph: np.ndarray) -> np.ndarray:
    return 255 - photograph


def pictures(count: int) -> list[Job]:
    Path("in").mkdir()
    for index in range(count):
        Image.new("RGB", (6, 4), (index, 0, 0)).save(f"in/{index}.png")
    return plan_jobs(find_sources([Path("in")]), ["x"], Path("out"))


def run(
    jobs: list[Job],
    styles: dict[str, Style] | None = None,
    video: Any = None,
    look: Look | None = None,
    **writing: Any,
) -> tuple[Report, list[str]]:
    report, said = Report(sum(len(job.results) for job in jobs)), []
    told: list[Outcome] = []
    means = Means(
        styles=styles or {"x": inverted},
        frame_styles=styles or {"x": inverted},
        look=look or Look(),
        writing=Writing(**writing),
        stylize_video=video,
    )
    run_jobs(jobs, means, report, tell=told.append, say=said.append)
    assert told == report.outcomes
    return report, said


def states(report: Report) -> dict[str, str]:
    return {outcome.source.name: outcome.state for outcome in report.outcomes}


def results() -> list[str]:
    return sorted(path.name for path in Path("out").iterdir()) if Path("out").exists() else []


def test_each_input_has_its_own_result_in_order() -> None:
    jobs = pictures(7)
    report, _ = run(jobs)
    assert [outcome.source.name for outcome in report.outcomes] == [f"{i}.png" for i in range(7)]
    for index in range(7):
        with Image.open(f"out/{index}_stylized.png") as picture:
            assert picture.getpixel((0, 0)) == (255 - index, 255, 255)


def test_what_cannot_be_read_written_or_computed_does_not_stop_the_rest() -> None:
    jobs = pictures(6)
    Path("in/1.png").write_bytes(Path("in/1.png").read_bytes()[:40])
    Path("out/3_stylized.png").mkdir(parents=True)

    def style(photograph: np.ndarray) -> np.ndarray:
        if photograph[0, 0, 0] == 4:
            raise DeviceMemoryError("6 x 4 pixels are too many.")
        return inverted(photograph)

    report, _ = run(jobs, {"x": style})
    assert states(report) == {
        **{f"{index}.png": "done" for index in (0, 2, 5)},
        **{f"{index}.png": "failed" for index in (1, 3, 4)},
    }
    reasons = sorted(outcome.reason for outcome in report.of("failed"))
    assert reasons[0].startswith("in/1.png is damaged or truncated")
    assert reasons[1] == "in/4.png: 6 x 4 pixels are too many."
    assert reasons[2].startswith("out/3_stylized.png is a folder")
    assert results() == [f"{index}_stylized.png" for index in (0, 2, 3, 5)]


def test_an_error_of_ours_is_not_hidden() -> None:
    def broken(photograph: np.ndarray) -> np.ndarray:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run(pictures(2), {"x": broken})


def test_an_input_is_read_once_for_all_styles() -> None:
    Image.new("RGB", (6, 4), (9, 9, 9)).save("a.png")
    jobs = plan_jobs(find_sources([Path("a.png")]), ["x", "y"], Path("out"))

    def style(photograph: np.ndarray) -> np.ndarray:
        Path("a.png").unlink(missing_ok=True)
        return inverted(photograph)

    report, _ = run(jobs, {"x": style, "y": style})
    assert [outcome.state for outcome in report.outcomes] == ["done", "done"]


def test_ctrl_c_leaves_whole_files_and_says_what_is_left() -> None:
    jobs = pictures(5)

    def style(photograph: np.ndarray) -> np.ndarray:
        if photograph[0, 0, 0] == 2:
            signal.raise_signal(signal.SIGINT)
        return inverted(photograph)

    report, _ = run(jobs, {"x": style})
    assert report.interrupted
    assert states(report) == {"0.png": "done", "1.png": "done"}
    assert results() == ["0_stylized.png", "1_stylized.png"]
    assert report.summary() == ["2 done, 0 skipped, 0 failed, 3 not begun."]


def test_sizes_are_remarked_on_once(monkeypatch: pytest.MonkeyPatch) -> None:
    _, said = run(pictures(3))
    assert said == [
        "Note: in/0.png has 6 x 4 pixels. The networks learn on crops of 256 to 768 pixels and "
        "make little of so few; to let them see a larger picture add --image-size 512 "
        "--restore-size."
    ]
    monkeypatch.setattr("adaptive_style_tf.inference.sizes.NARROWEST_LEARNED", 0)
    monkeypatch.setattr("adaptive_style_tf.inference.sizes.WIDEST_LEARNED", 3)
    jobs = plan_jobs(find_sources([Path("in")]), ["x"], Path("second"))
    _, said = run(jobs)
    assert len(said) == 1
    assert "thin" in said[0]
    jobs = plan_jobs(find_sources([Path("in")]), ["x"], Path("third"))
    assert run(jobs, look=Look(image_size=3))[1] == [], "what counts is what the network sees"


def video_job() -> list[Job]:
    entry = Source(Path("clip.mp4"), Path("clip.mp4"), VIDEO, True)
    return plan_jobs([entry], ["x"], Path("out"))


def video_report(interrupted: bool) -> VideoReport:
    return VideoReport(12, 0.5, 24.0, 6, 4, "libx264", "yuv420p", 1, interrupted)


def test_frames_get_the_look_and_a_video_that_fails_is_reported() -> None:
    frames = []

    def stylize_video(job: Job, result: Any, stylize: Style) -> VideoReport:
        frames.append(stylize(np.full((4, 6, 3), 100, np.uint8)))
        if job.source.path.name == "bad.mp4":
            raise VideoError("bad.mp4 is damaged.")
        return video_report(interrupted=False)

    bad = Source(Path("bad.mp4"), Path("bad.mp4"), VIDEO, True)
    jobs = [*plan_jobs([bad], ["x"], Path("out")), *video_job(), *pictures(1)]
    report, said = run(jobs, video=stylize_video, look=Look(strength=0.5))
    assert states(report) == {"bad.mp4": "failed", "clip.mp4": "done", "0.png": "done"}
    assert (np.abs(frames[0].astype(int) - 127.5) <= 0.5).all()
    assert len(said) == 1
    assert said[0].startswith("Note: bad.mp4 has 6 x 4 pixels")


def test_the_picture_before_a_video_is_written_first() -> None:
    report, _ = run([*pictures(1), *video_job()], video=lambda *_: video_report(interrupted=False))
    assert [outcome.source.name for outcome in report.outcomes] == ["0.png", "clip.mp4"]


def test_a_video_that_is_stopped_stops_the_batch() -> None:
    jobs = [*video_job(), *pictures(2)]
    report, _ = run(jobs, video=lambda *_: video_report(interrupted=True))
    assert report.interrupted
    assert states(report) == {"clip.mp4": "failed"}
    assert "clip_stylized.mp4 ends after 12 frames (0.5 s)" in report.outcomes[0].reason


def test_nothing_to_do_is_no_error() -> None:
    assert run([])[0].outcomes == []
