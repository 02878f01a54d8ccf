import errno
import os
from pathlib import Path

import pytest

from adaptive_style_tf.errors import DataError
from adaptive_style_tf.images.folders import visible_files


def touch(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()


def found(folder: Path, recursive: bool = True, leave_out: Path | None = None) -> list[str]:
    files = visible_files(folder, recursive=recursive, leave_out=leave_out)
    return [file.relative_to(folder).as_posix() for file in files]


def test_files_come_by_name_and_those_of_a_folder_in_its_place(tmp_path: Path) -> None:
    touch(tmp_path, "c.txt", "b/x/2", "b/1", "a.jpg", "b.jpg")
    assert found(tmp_path) == ["a.jpg", "b/1", "b/x/2", "b.jpg", "c.txt"]
    assert found(tmp_path, recursive=False) == ["a.jpg", "b.jpg", "c.txt"]


def test_what_is_hidden_is_passed_over(tmp_path: Path) -> None:
    touch(tmp_path, "._x", ".git/a", "@eaDir/a", "deep/__MACOSX/a", "deep/a", "x.@eaDir")
    assert found(tmp_path) == ["deep/a", "x.@eaDir"]


def test_a_folder_is_left_out_by_whatever_name(tmp_path: Path) -> None:
    touch(tmp_path, "a", "out/b", "in/out/c")
    for name in ("out", "in/../out"):
        assert found(tmp_path, leave_out=tmp_path / name) == ["a", "in/out/c"]
    assert found(tmp_path, leave_out=tmp_path) == []
    for name in ("gone", "x" * 300):
        assert found(tmp_path, leave_out=tmp_path / name) == ["a", "in/out/c", "out/b"]


@pytest.mark.needs("links")
def test_a_folder_is_entered_once_however_it_is_linked(tmp_path: Path) -> None:
    touch(tmp_path, "b/1", "b/2")
    # Every path through several such links could be walked, without end.
    for name in ("a", "b/again", "z"):
        (tmp_path / name).symlink_to(tmp_path / "b")
    (tmp_path / "root").symlink_to(".")
    assert found(tmp_path) == ["a/1", "a/2"]


@pytest.mark.needs("links")
def test_broken_links_and_links_to_themselves_are_files(tmp_path: Path) -> None:
    for name in ("loop", "loop.jpg"):
        (tmp_path / name).symlink_to(name)
    (tmp_path / "gone").symlink_to("nowhere")
    touch(tmp_path, "real.jpg")
    assert found(tmp_path) == ["gone", "loop", "loop.jpg", "real.jpg"]


@pytest.mark.needs("named pipes")
def test_a_pipe_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert found(tmp_path) == []


def test_a_folder_that_is_missing_or_cannot_be_listed_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(DataError, match=r"gone cannot be listed: No such file"):
        found(tmp_path / "gone")

    def refuse(folder: Path) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(DataError, match=f"{tmp_path.name} cannot be listed: Permission denied"):
        found(tmp_path)
