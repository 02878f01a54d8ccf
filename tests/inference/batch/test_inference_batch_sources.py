import errno
import os
from pathlib import Path

import pytest
from PIL import Image

from adaptive_style_tf.errors import DataError
from adaptive_style_tf.inference.batch.sources import VIDEO, find_sources

MP4 = b"\0\0\0\x18ftypisom\0\0\2\0isomiso2"


def picture(path: str, format_name: str = "PNG") -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (3, 2)).save(path, format_name)


def found(*inputs: str, recursive: bool = False, leave_out: str | None = None) -> dict[str, str]:
    """From each path to what outputs mirror of it."""
    taken = find_sources(
        [Path(entry) for entry in inputs], recursive, None if leave_out is None else Path(leave_out)
    )
    return {str(source.path): str(source.below) for source in taken}


def test_what_a_file_is_is_told_by_its_content() -> None:
    picture("a.jpg", "PNG")
    Path("b.png").write_bytes(MP4)
    Path("c.jpg").write_text("no picture")
    taken = find_sources([Path("a.jpg"), Path("b.png"), Path("c.jpg")])
    assert [source.format for source in taken] == ["PNG", VIDEO, None]
    assert all(source.named for source in taken)


def test_a_folder_gives_its_pictures_and_videos_and_what_should_be_some() -> None:
    for path in ("in/b.png", "in/a.PNG", "in/deep/c.png", "in/.hidden.png", "in/@eaDir/d.png"):
        picture(path)
    picture("in/without suffix")
    Path("in/movie.bin").write_bytes(MP4)
    Path("in/notes.txt").write_text("no picture")
    Path("in/empty.jpg").touch()
    Path("in/empty.mp4").touch()
    top = ["a.PNG", "b.png", "empty.jpg", "empty.mp4", "movie.bin", "without suffix"]
    assert found("in") == {f"in/{name}": name for name in top}
    assert not any(source.named for source in find_sources([Path("in")]))
    assert found("in", recursive=True) == {
        f"in/{name}": name for name in [*top[:2], "deep/c.png", *top[2:]]
    }


def test_results_inside_an_input_are_no_inputs() -> None:
    picture("in/a.png")
    picture("in/out/a_stylized.png")
    assert found("in", recursive=True, leave_out="in/out") == {"in/a.png": "a.png"}
    assert found("in", recursive=True, leave_out="in/./../in/out") == {"in/a.png": "a.png"}
    assert len(found("in", recursive=True, leave_out="elsewhere")) == 2
    picture("in/a_stylized_monet.png")
    for output in ("in", str(Path("in").resolve())):
        assert set(found("in", recursive=True, leave_out=output)) == {"in/a.png"}


def test_a_pattern_mirrors_what_lies_below_its_fixed_part() -> None:
    for path in ("in/x/a.png", "in/x/deep/b.png", "in/y/c.png", "d [1].png"):
        picture(path)
    assert found("in/x/*.png") == {"in/x/a.png": "a.png"}
    assert found("in/**/*.png") == {
        "in/x/a.png": "x/a.png",
        "in/x/deep/b.png": "x/deep/b.png",
        "in/y/c.png": "y/c.png",
    }
    assert found("d [1].png") == {"d [1].png": "d [1].png"}, "the file with the pattern's very name"
    absolute = Path("in/x").resolve()
    assert found(f"{absolute}/*.png") == {f"{absolute}/a.png": "a.png"}


def test_a_file_that_is_named_twice_is_taken_once() -> None:
    picture("in/a.png")
    Path("link").symlink_to("in")
    assert list(found("in/a.png", "in", "./in/../in/a.png", "link/a.png")) == ["in/a.png"]


def test_folders_that_are_linked_in_a_circle_are_entered_once() -> None:
    picture("in/a.png")
    Path("in/again").symlink_to(".")
    assert found("in", recursive=True) == {"in/a.png": "a.png"}


def test_a_broken_link_is_left_for_the_reader_to_report() -> None:
    Path("in").mkdir()
    Path("in/gone.jpg").symlink_to("nowhere.jpg")
    assert found("in") == {"in/gone.jpg": "gone.jpg"}


def test_a_pipe_is_not_read_to_see_what_it_is() -> None:
    os.mkfifo("pipe")
    with pytest.raises(DataError, match="pipe is neither a file nor a folder"):
        find_sources([Path("pipe")])


def test_a_name_that_no_file_can_have_does_not_exist() -> None:
    with pytest.raises(DataError, match="does not exist"):
        find_sources([Path("x" * 300 + ".jpg")])


def test_a_picture_sequence_is_one_video() -> None:
    picture("frame_0001.png")
    picture("frame_0002.png")
    (source,) = find_sources([Path("frame_%04d.png")])
    assert (source.format, source.named) == (VIDEO, True)


@pytest.mark.parametrize(
    ("path", "recursive", "message"),
    [
        ("missing.jpg", False, r"missing\.jpg does not exist"),
        ("empty", False, r"empty has no picture or video; .*--recursive"),
        ("empty", True, r"empty has no picture or video\.$"),
        ("empty/*.jpg", False, r"empty/\*\.jpg matches no file"),
        ("*", False, r"\* matches no file"),
    ],
)
def test_what_gives_nothing_is_an_error_that_names_it(
    path: str, recursive: bool, message: str
) -> None:
    Path("empty").mkdir()
    Path("empty/.hidden.jpg").touch()
    with pytest.raises(DataError, match=message):
        find_sources([Path(path)], recursive)


def test_a_folder_that_cannot_be_listed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("in").mkdir()

    def refuse(path: Path) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(DataError, match="in cannot be listed: Permission denied"):
        find_sources([Path("in")])
