"""Frames, times and sound of a source come out as they went in."""

import itertools
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from adaptive_style_tf.inference.video import stylize_video

Read = Callable[[Path], Any]
Stylize = Callable[[np.ndarray], np.ndarray]


VARIABLE = [0, 500, 1400, 1500, 3000, 3100, 3400, 5000, 5001, 6000, 7000, 9000]


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ({}, "a.mp4"),
        ({}, "a.mkv"),
        ({"times": VARIABLE}, "a.mp4"),
        ({"times": [time + 700 for time in VARIABLE]}, "a.mov"),
        ({"sound": None}, "a.mp4"),
        ({"height": 49, "width": 65, "codec": "mpeg4"}, "a.mp4"),
        ({"name": "clip.mkv", "sound": "libopus"}, "a.webm"),
        ({"name": "clip.mkv", "sound": "libmp3lame"}, "a.mp4"),
    ],
    ids=["mp4", "mkv", "variable", "late", "silent", "odd", "webm", "mp3"],
)
def test_frames_times_size_and_sound_are_the_sources(
    make_video: Callable[..., Path],
    contents: Read,
    tmp_path: Path,
    source: dict,
    name: str,
    inverted: Stylize,
) -> None:
    path, target = make_video(**source), tmp_path / "out" / name
    report = stylize_video(path, target, inverted)
    before, after = contents(path), contents(target)
    rounds = bool({path.suffix, target.suffix} & {".mkv", ".webm"})  # to milliseconds
    # Matroska has no negative times: the sound's silence in front moves all of it.
    shift = after.times[0] - before.times[0]
    assert abs(shift) <= (Fraction(23, 1000) if rounds else 0)
    differences = [abs(b - a - shift) for a, b in zip(before.times, after.times, strict=True)]
    assert max(differences) <= (Fraction(1, 1000) if rounds else 0)
    assert after.numbers == list(range(12))
    assert {shown.shape for shown in after.pictures} == {before.pictures[0].shape}
    assert after.sound == before.sound
    assert bool(after.sound) == (source.get("sound", "aac") is not None)
    if "times" not in source:  # else MP4 counts the times of decoding, not of showing
        assert after.seconds == pytest.approx(before.seconds, abs=0.03 if rounds else 0.001)
    assert after.frame_rate == pytest.approx(before.frame_rate, rel=0.02)
    assert (report.frames, report.interrupted) == (12, False)
    assert (report.height, report.width) == before.pictures[0].shape[:2]
    assert report.frame_rate == pytest.approx(float(before.frame_rate), rel=0.01)
    assert report.sound_streams == bool(before.sound)
    assert [path for path in target.parent.iterdir() if "partial" in path.name] == []


def test_sound_keeps_its_time_beside_the_pictures(
    make_video: Callable[..., Path], contents: Read, target: Path, inverted: Stylize
) -> None:
    path = make_video()
    stylize_video(path, target, inverted)
    before, after = contents(path), contents(target)
    assert after.sound_times == before.sound_times
    assert before.sound_times[0] < 0  # what an AAC encoder puts in front


def test_the_report_counts_the_length_of_the_last_frame(
    make_video: Callable[..., Path], target: Path, inverted: Stylize
) -> None:
    report = stylize_video(make_video(), target, inverted)
    assert report.seconds == pytest.approx(12 / 25)


def test_the_last_frame_is_shown_as_long_as_in_the_source(
    make_video: Callable[..., Path], contents: Read, target: Path, inverted: Stylize
) -> None:
    path = make_video(last_duration=5 * 512, sound=None)
    report = stylize_video(path, target, inverted)
    assert contents(path).seconds == contents(target).seconds == report.seconds == 16 / 25


@pytest.mark.parametrize("name", ["clip.avi", "clip.h264", "clip.ts"])
def test_files_with_poor_times_come_out_at_their_rate(
    make_video: Callable[..., Path], contents: Read, target: Path, name: str, inverted: Stylize
) -> None:
    path = make_video(
        name, sound=None, time_base=Fraction(1, 25), duration=1, times=list(range(12))
    )
    report = stylize_video(path, target, inverted)
    after = contents(target)
    assert after.numbers == list(range(12))
    assert {b - a for a, b in itertools.pairwise(after.times)} == {Fraction(1, 25)}
    assert report.frame_rate == 25


def test_a_title_is_kept(
    make_video: Callable[..., Path], contents: Read, target: Path, inverted: Stylize
) -> None:
    stylize_video(make_video(metadata={"title": "Straße"}), target, inverted)
    assert contents(target).metadata["title"] == "Straße"


def test_a_title_that_is_no_utf8_does_not_stop_the_video(
    make_video: Callable[..., Path], contents: Read, tmp_path: Path, inverted: Stylize
) -> None:
    path = make_video("clip.mkv", metadata={"title": "Stra~e"})
    path.write_bytes(path.read_bytes().replace(b"Stra~e", "Straße".encode("latin-1")))
    stylize_video(path, tmp_path / "a.mkv", inverted)
    # PyAV 18 puts a sign of replacement, 19 hands the byte through.
    assert contents(tmp_path / "a.mkv").metadata["title"] in ("Stra\ufffde", "Stra\udcdfe")


def test_videos_are_opened_with_the_arguments_that_pyav_19_takes(
    make_video: Callable[..., Path],
    contents: Read,
    target: Path,
    inverted: Stylize,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path, open_with_18 = make_video(), av.open

    def open_with_19(*arguments: Any, **options: Any) -> Any:
        if gone := options.keys() & {"metadata_encoding", "metadata_errors", "stream_options"}:
            raise TypeError(f"open() got an unexpected keyword argument {min(gone)!r}")
        return open_with_18(*arguments, **options)

    with monkeypatch.context() as with_19:
        with_19.setattr(av, "__version__", "19.0.2")
        with_19.setattr(av, "open", open_with_19)
        stylize_video(path, target, inverted)
    assert contents(target).numbers == list(range(12))


def test_progress_is_told_after_every_frame(
    make_video: Callable[..., Path], target: Path, inverted: Stylize
) -> None:
    told: list[tuple[int, int]] = []
    stylize_video(
        make_video(),
        target,
        inverted,
        progress=lambda done, expected: told.append((done, expected)),
    )
    assert told == [(n, 12) for n in range(1, 13)]


def test_results_of_another_size_are_taken_as_they_are(
    make_video: Callable[..., Path], contents: Read, target: Path
) -> None:
    report = stylize_video(make_video(), target, lambda picture: picture[:32, :40])
    assert contents(target).pictures[0].shape == (32, 40, 3)
    assert (report.height, report.width) == (32, 40)


def test_a_name_with_blanks_colons_and_other_letters_works(
    make_video: Callable[..., Path], tmp_path: Path, inverted: Stylize
) -> None:
    path = make_video().rename(tmp_path / "http: schöne Straße 1.mp4")
    assert stylize_video(path, tmp_path / "aus: тест.mp4", inverted).frames == 12
