import os
from pathlib import Path

import pytest

from adaptive_style_tf.errors import DataError, UsageError
from adaptive_style_tf.inference.batch.plan import Existing, Job, plan_jobs, refuse_overwriting
from adaptive_style_tf.inference.batch.sources import VIDEO, Source


def source(
    path: str, below: str = "", format_name: str | None = "JPEG", named: bool = True
) -> Source:
    return Source(Path(path), Path(below or Path(path).name), format_name, named)


def targets(jobs: list[Job]) -> list[str]:
    return [str(result.target) for job in jobs for result in job.results]


def planned(
    entry: Source, output: str = "out", styles: tuple[str, ...] = ("x",), **options: object
):
    return targets(plan_jobs([entry], styles, Path(output), **options))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("path", "format_name", "expected"),
    [
        ("a.jpg", "JPEG", "a_stylized.jpg"),
        ("a.JPEG", "JPEG", "a_stylized.JPEG"),
        ("IMG.2020.final.jpg", "JPEG", "IMG.2020.final_stylized.jpg"),
        ("a", "PNG", "a_stylized.png"),
        ("a.jpg", "PNG", "a_stylized.png"),
        ("a.txt", "WEBP", "a_stylized.webp"),
        ("broken.jpg", None, "broken_stylized.jpg"),
        ("clip.MOV", VIDEO, "clip_stylized.MOV"),
        ("clip.avi", VIDEO, "clip_stylized.mp4"),
        ("clip.jpg", VIDEO, "clip_stylized.mp4"),
        ("frame_%04d.png", VIDEO, "frame_%04d_stylized.png"),
    ],
)
def test_names_are_kept_whole(path: str, format_name: str | None, expected: str) -> None:
    assert planned(source(path, format_name=format_name)) == [f"out/{expected}"]


def test_several_styles_are_named_and_one_if_asked() -> None:
    entry = source("a.jpg")
    assert planned(entry, styles=("x", "y")) == ["out/a_stylized_x.jpg", "out/a_stylized_y.jpg"]
    assert planned(entry, name_style=True) == ["out/a_stylized_x.jpg"]


def test_a_format_may_be_chosen_for_pictures() -> None:
    assert planned(source("a.jpg"), format_name="PNG") == ["out/a_stylized.png"]
    assert planned(source("a.JPG"), format_name="JPEG") == ["out/a_stylized.JPG"]
    assert planned(source("c.mkv", format_name=VIDEO), format_name="PNG") == ["out/c_stylized.mkv"]


def test_the_tree_is_mirrored() -> None:
    assert planned(source("in/x/a.jpg", "x/a.jpg", named=False)) == ["out/x/a_stylized.jpg"]


@pytest.mark.parametrize("output", ["b.png", "deep/b.WebP"])
def test_output_is_a_file_for_one_file_and_a_suffix(output: str) -> None:
    assert planned(source("a.jpg"), output) == [output]
    stem = Path(output).name
    assert planned(source("in/a.jpg", "a.jpg", named=False), output) == [f"{output}/a_stylized.jpg"]
    two = plan_jobs([source("a.jpg"), source("b.jpg")], ["x"], Path(output))
    assert all(Path(target).parent.name == stem for target in targets(two))


def test_a_sequence_and_a_video_may_be_output_files() -> None:
    video = source("clip.mp4", format_name=VIDEO)
    assert planned(video, "b.mkv") == ["b.mkv"]
    assert planned(video, "frames/f_%03d.png") == ["frames/f_%03d.png"]
    with pytest.raises(UsageError, match=r"clip\.mp4 is a video, b\.png a picture"):
        planned(video, "b.png")
    with pytest.raises(UsageError, match=r"a\.jpg is a picture, b\.mp4 a video"):
        planned(source("a.jpg"), "b.mp4")


@pytest.mark.parametrize(
    ("entries", "styles", "output", "message"),
    [
        (("x/a.jpg", "y/a.jpg"), ("s",), "out", "x/a.jpg and y/a.jpg would both become"),
        (("a.jpg", "b/../a.JPG"), ("s",), "out", None),
        (("a.jpg",), ("s", "t"), "b.png", "s and t would both become b.png"),
    ],
)
def test_two_results_on_one_file_are_refused(
    entries: tuple[str, ...], styles: tuple[str, ...], output: str, message: str | None
) -> None:
    sources = [source(entry) for entry in entries]
    if message is None:
        assert len(targets(plan_jobs(sources, styles, Path(output)))) == 2
        return
    with pytest.raises(UsageError, match=message):
        plan_jobs(sources, styles, Path(output))


def plan_to(output: str) -> list[Job]:
    Path("a.jpg").write_bytes(b"input")
    return plan_jobs([source("a.jpg")], ["x"], Path(output))


@pytest.mark.parametrize("existing", list(Existing))
@pytest.mark.parametrize("name", ["a.jpg", "./b/../a.jpg", "symbolic.jpg", "hard.jpg", "d/a.jpg"])
def test_an_input_is_never_replaced_by_whatever_name(existing: Existing, name: str) -> None:
    Path("b").mkdir()
    jobs = plan_to(name)
    Path("symbolic.jpg").symlink_to("a.jpg")
    os.link("a.jpg", "hard.jpg")
    Path("d").symlink_to(".")
    with pytest.raises(UsageError, match=r"is the input a\.jpg itself"):
        refuse_overwriting(jobs, existing, [])
    with pytest.raises(UsageError, match=r"is the input a\.jpg itself"):
        refuse_overwriting(plan_to("other.jpg"), existing, [Path(name)])


def test_results_that_are_there_are_refused_unless_said_otherwise() -> None:
    jobs = plan_to("b.jpg")
    refuse_overwriting(jobs, Existing.REFUSE, [])
    Path("b.jpg").touch()
    with pytest.raises(DataError, match=r"b\.jpg exists already; .*--skip-existing"):
        refuse_overwriting(jobs, Existing.REFUSE, [])
    refuse_overwriting(jobs, Existing.SKIP, [])
    refuse_overwriting(jobs, Existing.REPLACE, [])


def test_pictures_of_a_resulting_sequence_are_results_that_are_there() -> None:
    Path("clip.mp4").touch()
    jobs = plan_jobs([source("clip.mp4", format_name=VIDEO)], ["x"], Path("f_%03d.png"))
    refuse_overwriting(jobs, Existing.REFUSE, [])
    Path("f_007.png").touch()
    with pytest.raises(DataError, match="exists already"):
        refuse_overwriting(jobs, Existing.REFUSE, [])


def test_a_sheet_is_no_result() -> None:
    with pytest.raises(UsageError, match=r"b\.jpg is the name of a result too"):
        refuse_overwriting(plan_to("b.jpg"), Existing.REPLACE, [Path("./b.jpg")])
