"""Whole videos through `stylize_video`, compared with their sources by reading both with PyAV."""

import itertools
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from adaptive_style_tf.errors import AdaptiveStyleError, DataError, UsageError
from adaptive_style_tf.inference.video import VideoOptions, stylize_video

Read = Callable[[Path], object]


def inverted(picture: np.ndarray) -> np.ndarray:
    return 255 - picture


def number_of(shown: np.ndarray) -> int:
    """The number of a picture of `make_video` after it was inverted."""
    height, width = shown.shape[:2]
    return round((215 - shown[height // 2 + 2 :, width // 2 + 2 :].astype(float).mean()) / 12)


def left_over(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if "partial" in path.name)


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "out" / "stylized.mp4"


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
    make_video: Callable[..., Path], contents: Read, tmp_path: Path, source: dict, name: str
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
    assert [number_of(shown) for shown in after.pictures] == list(range(12))
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
    assert left_over(target.parent) == []


def test_sound_keeps_its_time_beside_the_pictures(
    make_video: Callable[..., Path], contents: Read, target: Path
) -> None:
    path = make_video()
    stylize_video(path, target, inverted)
    before, after = contents(path), contents(target)
    assert after.sound_times == before.sound_times
    assert before.sound_times[0] < 0  # what an AAC encoder puts in front


def test_the_report_counts_the_length_of_the_last_frame(
    make_video: Callable[..., Path], target: Path
) -> None:
    report = stylize_video(make_video(), target, inverted)
    assert report.seconds == pytest.approx(12 / 25)


def test_the_last_frame_is_shown_as_long_as_in_the_source(
    make_video: Callable[..., Path], contents: Read, target: Path
) -> None:
    path = make_video(last_duration=5 * 512, sound=None)
    report = stylize_video(path, target, inverted)
    assert contents(path).seconds == contents(target).seconds == report.seconds == 16 / 25


@pytest.mark.parametrize("name", ["clip.avi", "clip.h264", "clip.ts"])
def test_files_with_poor_times_come_out_at_their_rate(
    make_video: Callable[..., Path], contents: Read, target: Path, name: str
) -> None:
    path = make_video(
        name, sound=None, time_base=Fraction(1, 25), duration=1, times=list(range(12))
    )
    report = stylize_video(path, target, inverted)
    after = contents(target)
    assert [number_of(shown) for shown in after.pictures] == list(range(12))
    assert {b - a for a, b in itertools.pairwise(after.times)} == {Fraction(1, 25)}
    assert report.frame_rate == 25


@pytest.mark.parametrize(
    ("rotation", "mirrored", "corner"),
    [(90, False, "bottom left"), (-90, False, "top right"), (180, False, "bottom right"),
     (0, True, "top right")],
)  # fmt: skip
def test_rotation_is_applied(
    make_video: Callable[..., Path],
    contents: Read,
    target: Path,
    rotation: float,
    mirrored: bool,
    corner: str,
) -> None:
    seen: list[tuple[int, ...]] = []

    def stylize(picture: np.ndarray) -> np.ndarray:
        seen.append(picture.shape)
        return picture

    stylize_video(make_video(rotation=rotation, mirrored=mirrored), target, stylize)
    after = contents(target)
    turned = rotation in (90, -90)
    assert set(seen) == {(64, 48, 3) if turned else (48, 64, 3)}
    shown = after.pictures[0].astype(int)
    assert shown.shape == seen[0]
    redness = shown[..., 0] - shown[..., 1]
    found = {
        "top left": redness[:8, :8],
        "top right": redness[:8, -8:],
        "bottom left": redness[-8:, :8],
        "bottom right": redness[-8:, -8:],
    }
    assert max(found, key=lambda place: found[place].mean()) == corner
    assert after.rotation == 0


def test_another_angle_is_carried_along(
    make_video: Callable[..., Path], contents: Read, target: Path
) -> None:
    path = make_video(rotation=30)
    stylize_video(path, target, inverted)
    assert contents(target).rotation == contents(path).rotation != 0


def test_odd_sides_keep_their_size_at_full_color_resolution(
    make_video: Callable[..., Path], contents: Read, tmp_path: Path
) -> None:
    path = make_video(height=49, width=65, codec="mpeg4")
    report = stylize_video(path, tmp_path / "a.mp4", inverted)
    assert report.pixel_format == contents(tmp_path / "a.mp4").pixel_format == "yuv444p"
    even = stylize_video(make_video("even.mp4"), tmp_path / "b.mp4", inverted)
    assert even.pixel_format == "yuv420p"
    other = stylize_video(path, tmp_path / "c.mkv", inverted, options=VideoOptions(codec="vp9"))
    assert other.pixel_format == "yuv420p"
    assert contents(tmp_path / "c.mkv").pictures[0].shape == (49, 65, 3)


@pytest.mark.parametrize(
    ("tags", "kept"),
    [
        ({}, (1, 6, 2, 2)),  # as players take a small video that says nothing: BT.601, limited
        ({"colorspace": 1, "color_primaries": 1, "color_trc": 1, "color_range": 1}, (1, 1, 1, 1)),
        ({"colorspace": 6, "color_range": 2}, (2, 6, 2, 2)),
        ({"colorspace": 9, "color_primaries": 9, "color_trc": 16, "color_range": 1}, (1, 9, 9, 16)),
    ],
    ids=["unsaid", "bt709", "full", "bt2020"],
)
def test_colors_mean_the_same(
    make_video: Callable[..., Path], contents: Read, target: Path, tags: dict, kept: tuple
) -> None:
    colors: list[np.ndarray] = []

    def stylize(picture: np.ndarray) -> np.ndarray:
        colors.append(picture[:12, :16].reshape(-1, 3).mean(0))
        return picture

    path = make_video(tags=tags, sound=None)
    stylize_video(path, target, stylize)
    before, after = contents(path), contents(target)
    assert after.tags == kept
    # The same luminance and chroma come back, whichever matrix lay between.
    assert np.abs(after.pictures[3].astype(int) - before.pictures[3]).mean() < 3


def test_the_matrix_that_is_meant_is_undone(make_video: Callable[..., Path], target: Path) -> None:
    # All three hold the same luminance and chroma: those of (200, 40, 40) by BT.601.
    seen: list[np.ndarray] = []

    def stylize(picture: np.ndarray) -> np.ndarray:
        seen.append(picture[4:12, 4:16].reshape(-1, 3).mean(0))
        return picture[:48, :64]

    for video in (
        {"tags": {"colorspace": 6}},
        {"tags": {"colorspace": 1}},
        {"height": 720, "width": 1280},  # says nothing, so BT.709 is meant
    ):
        path = make_video(frames=1, sound=None, **video)
        stylize_video(path, target, stylize, options=VideoOptions(overwrite=True))
    blue_share, red_share, grey = 0.114, 0.299, 0.299 * 200 + 0.701 * 40
    blue, red = (40 - grey) / (2 - 2 * blue_share), (200 - grey) / (2 - 2 * red_share)
    as_bt709 = (grey + 1.5748 * red, grey - 0.1873 * blue - 0.4681 * red, grey + 1.8556 * blue)
    np.testing.assert_allclose(seen[0], (200, 40, 40), atol=4)
    np.testing.assert_allclose(seen[1], as_bt709, atol=4)
    np.testing.assert_allclose(seen[2], as_bt709, atol=4)


def test_pixels_that_are_not_square_stay_so(
    make_video: Callable[..., Path], contents: Read, tmp_path: Path
) -> None:
    wide = {"sample_aspect_ratio": Fraction(4, 3)}
    stylize_video(make_video(tags=wide), tmp_path / "a.mp4", inverted)
    assert contents(tmp_path / "a.mp4").pixel_aspect == Fraction(4, 3)
    stylize_video(make_video(tags=wide, rotation=90), tmp_path / "b.mp4", inverted)
    assert contents(tmp_path / "b.mp4").pixel_aspect == Fraction(3, 4)


def test_a_title_is_kept(make_video: Callable[..., Path], contents: Read, target: Path) -> None:
    stylize_video(make_video(metadata={"title": "Straße"}), target, inverted)
    assert contents(target).metadata["title"] == "Straße"


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv"])
def test_a_part_begins_at_zero_with_its_own_sound(
    make_video: Callable[..., Path], contents: Read, tmp_path: Path, name: str
) -> None:
    path, target = make_video(frames=16), tmp_path / "out" / name
    report = stylize_video(path, target, inverted, options=VideoOptions(start=0.2, duration=0.2))
    before, after = contents(path), contents(target)
    assert [number_of(shown) for shown in after.pictures] == [5, 6, 7, 8, 9]
    assert after.times == [Fraction(n, 25) for n in range(5)]
    expected = [
        (sound, time - Fraction(1, 5))
        for sound, time in zip(before.sound, before.sound_times, strict=True)
        if Fraction(1, 5) <= time < Fraction(2, 5)
    ]
    assert after.sound == [sound for sound, _ in expected]
    tick = Fraction(1, 1000) if target.suffix == ".mkv" else Fraction(1, 12800)
    for found, (_, time) in zip(after.sound_times, expected, strict=True):
        assert abs(found - time) <= tick
    assert (report.frames, report.seconds) == (5, pytest.approx(0.2))


def test_a_recording_that_begins_between_key_frames_begins_at_the_next(
    make_video: Callable[..., Path], contents: Read, target: Path
) -> None:
    path = make_video("clip.ts", sound=None)
    packets = path.read_bytes()
    with av.open(str(path)) as container:
        second = list(container.demux(container.streams.video[0]))[1]
    path.write_bytes(packets[: 3 * 188] + packets[second.pos :])  # three packets of tables
    stylize_video(path, target, inverted)
    numbers = [number_of(shown) for shown in contents(target).pictures]
    assert numbers == list(range(numbers[0], 12))
    assert 0 < numbers[0] <= 4


@pytest.mark.parametrize("name", ["clip.h264", "clip.ts", "clip.mkv"])
def test_a_part_of_a_file_of_another_kind_is_the_same(
    make_video: Callable[..., Path], contents: Read, target: Path, name: str
) -> None:
    path = make_video(name, sound=None)
    stylize_video(path, target, inverted, options=VideoOptions(start=0.2, duration=0.12))
    assert [number_of(shown) for shown in contents(target).pictures] == [5, 6, 7]


def test_a_start_behind_the_end_is_an_error(make_video: Callable[..., Path], target: Path) -> None:
    with pytest.raises(DataError, match=r"no frame from 9 s on"):
        stylize_video(make_video(), target, inverted, options=VideoOptions(start=9))
    assert not target.exists()


def test_progress_is_told_after_every_frame(make_video: Callable[..., Path], target: Path) -> None:
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


def interrupting(after: int) -> Callable[[np.ndarray], np.ndarray]:
    calls = itertools.count(1)

    def stylize(picture: np.ndarray) -> np.ndarray:
        if next(calls) > after:
            raise KeyboardInterrupt
        return 255 - picture

    return stylize


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "frame_%03d.png"])
def test_an_interrupted_video_holds_what_was_done(
    make_video: Callable[..., Path], contents: Read, tmp_path: Path, name: str
) -> None:
    target = tmp_path / "out" / name
    report = stylize_video(make_video(), target, interrupting(7))
    assert (report.frames, report.interrupted) == (7, True)
    assert report.seconds == pytest.approx(7 / 25)
    if target.suffix == ".png":
        assert len(list(target.parent.iterdir())) == 7
    else:
        after = contents(target)
        assert [number_of(shown) for shown in after.pictures] == list(range(7))
        assert after.sound
    assert left_over(target.parent) == []


def test_an_interruption_before_the_first_frame_leaves_nothing(
    make_video: Callable[..., Path], target: Path
) -> None:
    with pytest.raises(KeyboardInterrupt):
        stylize_video(make_video(), target, interrupting(0))
    assert list(target.parent.iterdir()) == []


def test_an_error_leaves_nothing(make_video: Callable[..., Path], target: Path) -> None:
    calls = itertools.count(1)

    def stylize(picture: np.ndarray) -> np.ndarray:
        if next(calls) == 9:
            raise RuntimeError("out of paint")
        return picture

    with pytest.raises(RuntimeError, match="out of paint"):
        stylize_video(make_video(), target, stylize)
    assert list(target.parent.iterdir()) == []


def test_results_of_several_sizes_are_an_error(
    make_video: Callable[..., Path], target: Path
) -> None:
    sizes = iter([48] * 5 + [32] * 9)
    with pytest.raises(DataError, match=r"began with frames of 64 x 48 .* one of 64 x 32"):
        stylize_video(make_video(), target, lambda picture: picture[: next(sizes)])
    assert list(target.parent.iterdir()) == []


def cut(path: Path, share: float) -> Path:
    data = path.read_bytes()
    path.write_bytes(data[: int(share * len(data))])
    return path


def zeroed(path: Path, part: tuple[int, int] | None = None) -> Path:
    data = bytearray(path.read_bytes())
    begin, end = part or (2 * len(data) // 3, len(data))
    data[begin:end] = bytes(end - begin)
    path.write_bytes(data)
    return path


def written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def sound_only(path: Path, with_cover: bool = False) -> Path:
    with av.open(str(path), "w", format="mp4") as container:
        tone = container.add_stream("aac", rate=48000)
        if with_cover:
            cover = container.add_stream("png", rate=1)
            cover.width, cover.height, cover.pix_fmt = 32, 32, "rgb24"
            cover.disposition = av.stream.Disposition.attached_pic
            picture = np.zeros((32, 32, 3), np.uint8)
            container.mux(cover.encode(av.VideoFrame.from_ndarray(picture)))
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 4096), np.int16), "s16", "stereo")
        frame.sample_rate = 48000
        container.mux(tone.encode(frame))
        container.mux(tone.encode(None))
    return path


BROKEN: dict[str, tuple[Callable[[Callable[..., Path], Path], Path], str]] = {
    "cut in the index": (lambda make, at: cut(make(), 0.5), "damaged or truncated"),
    "cut behind the index": (
        lambda make, at: cut(make(frames=60, options={"movflags": "faststart"}), 0.7),
        r"truncated: of the 2\.4\d s that it promises",
    ),
    "damaged": (
        lambda make, at: zeroed(make(frames=60, sound=None, options={"movflags": "faststart"})),
        r"damaged or truncated 1\.\d\d s after its beginning",
    ),
    "damaged in the first frame": (
        lambda make, at: zeroed(make(sound=None), (48, 600)),
        r"damaged or truncated 0\.00 s after its beginning",
    ),
    "cut without an index": (
        lambda make, at: cut(make("clip.mkv", frames=60), 0.5),
        r"truncated: of the 2\.\d\d s that it promises, 1\.\d\d s are missing",
    ),
    "text": (lambda make, at: written(at / "a.mp4", b"hello\n" * 99), "no video, or damaged"),
    "empty": (lambda make, at: written(at / "a.mp4", b""), r"empty \(0 bytes\)"),
    "missing": (lambda make, at: at / "no folder" / "a.mp4", "No such file"),
    "a folder": (lambda make, at: at, "Is a directory"),
    "sound": (lambda make, at: sound_only(at / "a.m4a"), "no moving pictures"),
    "no picture": (lambda make, at: at / "frame_%d.png", "no picture fits"),
    "no folder": (lambda make, at: at / "gone" / "frame_%d.png", "check that the folder exists"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_source_that_cannot_be_used_is_named(
    make_video: Callable[..., Path], tmp_path: Path, target: Path, kind: str
) -> None:
    make, message = BROKEN[kind]
    source = make(make_video, tmp_path)
    with pytest.raises(DataError, match=message) as caught:
        stylize_video(source, target, inverted)
    assert str(source) in str(caught.value) or str(source.parent) in str(caught.value)
    assert not target.parent.exists() or list(target.parent.iterdir()) == []


def test_sound_that_the_format_cannot_hold_is_an_error_with_a_way_out(
    make_video: Callable[..., Path], tmp_path: Path
) -> None:
    target = tmp_path / "out" / "a.webm"
    with pytest.raises(DataError, match=r"\.webm files cannot hold the sound .*aac.*\.mkv"):
        stylize_video(make_video(), target, inverted)
    assert list(target.parent.iterdir()) == []


@pytest.mark.parametrize(
    ("codec", "name", "message"),
    [
        ("nonsense", "a.mp4", "no encoder called 'nonsense'"),
        ("libx264", "a.webm", r"\.webm files cannot hold what the encoder libx264 makes"),
        ("aac", "a.mp4", "aac encodes audio"),
    ],
)
def test_a_codec_that_does_not_fit_is_an_error(
    make_video: Callable[..., Path], tmp_path: Path, codec: str, name: str, message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        stylize_video(
            make_video(sound=None), tmp_path / name, inverted, options=VideoOptions(codec=codec)
        )
    assert not (tmp_path / name).exists()


@pytest.mark.parametrize("codec", ["libx265", "mpeg4", "libsvtav1"])
def test_other_codecs(
    make_video: Callable[..., Path], contents: Read, tmp_path: Path, codec: str
) -> None:
    path, target = make_video(), tmp_path / "a.mkv"
    report = stylize_video(path, target, inverted, options=VideoOptions(codec=codec))
    after = contents(target)
    assert [number_of(shown) for shown in after.pictures] == list(range(12))
    assert after.sound == contents(path).sound
    assert report.codec == codec


def test_a_lower_quality_makes_a_smaller_file(
    make_video: Callable[..., Path], tmp_path: Path
) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (48, 64, 3), np.uint8)
    sizes = []
    for quality in (10, 40):
        target = tmp_path / f"{quality}.mp4"
        options = VideoOptions(quality=quality)
        stylize_video(make_video(sound=None), target, lambda picture: noise, options=options)
        sizes.append(target.stat().st_size)
    assert sizes[1] < sizes[0] / 2


def test_what_is_there_stays_unless_it_may_be_replaced(
    make_video: Callable[..., Path], contents: Read, tmp_path: Path
) -> None:
    path, target = make_video(), tmp_path / "a.mp4"
    target.write_text("mine")
    with pytest.raises(DataError, match="exists already"):
        stylize_video(path, target, inverted)
    assert target.read_text() == "mine"
    stylize_video(path, target, inverted, options=VideoOptions(overwrite=True))
    assert len(contents(target).pictures) == 12


def test_a_source_is_never_replaced(make_video: Callable[..., Path]) -> None:
    path = make_video()
    before = path.read_bytes()
    with pytest.raises(UsageError, match="is the source itself"):
        stylize_video(path, path, inverted, options=VideoOptions(overwrite=True))
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("name", "message"), [("a.txt", "which video format"), ("%d.tga", "which picture format")]
)
def test_a_target_of_an_unknown_format_is_an_error(
    make_video: Callable[..., Path], tmp_path: Path, name: str, message: str
) -> None:
    with pytest.raises(DataError, match=message):
        stylize_video(make_video(), tmp_path / name, inverted)


def test_a_name_with_blanks_colons_and_other_letters_works(
    make_video: Callable[..., Path], tmp_path: Path
) -> None:
    path = make_video().rename(tmp_path / "http: schöne Straße 1.mp4")
    assert stylize_video(path, tmp_path / "aus: тест.mp4", inverted).frames == 12


@pytest.mark.parametrize(
    "wrong",
    [
        {"start": -1},
        {"start": float("nan")},
        {"duration": 0},
        {"frame_rate": 0},
        {"quality": 99},
    ],
)
def test_options_out_of_range_are_an_error(wrong: dict) -> None:
    (name,) = wrong
    with pytest.raises(UsageError, match=f"{name} is a number"):
        VideoOptions(**wrong)


def test_without_pyav_the_message_names_the_line_that_installs_it(
    make_video: Callable[..., Path], target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make_video()
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(AdaptiveStyleError, match=r"pip install 'adaptive-style-tf\[video\]'"):
        stylize_video(path, target, inverted)


def test_a_cover_picture_is_no_video(tmp_path: Path, target: Path) -> None:
    path = sound_only(tmp_path / "song.m4a", with_cover=True)
    with av.open(str(path)) as container:
        assert container.streams.video
    with pytest.raises(DataError, match="no moving pictures"):
        stylize_video(path, target, inverted)
