import os
import threading
from pathlib import Path

import pytest

from adaptive_style_tf.styles import replacing
from adaptive_style_tf.styles.replacing import folder_in_place_of


def write_pair(folder: Path, text: str) -> None:
    with folder_in_place_of(folder) as fresh:
        (fresh / "a").write_text(text)
        (fresh / "b").write_text(text)


def test_a_new_folder_appears_with_its_parents(tmp_path: Path) -> None:
    write_pair(tmp_path / "runs" / "x" / "style", "new")
    assert (tmp_path / "runs" / "x" / "style" / "b").read_text() == "new"


@pytest.mark.parametrize("exchange", [True, False])
def test_the_new_folder_takes_the_place_of_the_old_and_nothing_is_left_beside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, exchange: bool
) -> None:
    if not exchange:
        monkeypatch.setattr(replacing, "_exchange_on_linux", lambda *_: False)
    folder = tmp_path / "style"
    folder.mkdir()
    (folder / "old").write_text("old")
    write_pair(folder, "new")
    assert sorted(path.name for path in folder.iterdir()) == ["a", "b"]
    assert [path.name for path in tmp_path.iterdir()] == ["style"]


def test_an_error_while_writing_leaves_the_old_folder_and_no_other(tmp_path: Path) -> None:
    folder = tmp_path / "style"
    write_pair(folder, "old")

    def write_half() -> None:
        with folder_in_place_of(folder) as fresh:
            (fresh / "a").write_text("new")
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        write_half()
    assert (folder / "a").read_text() == (folder / "b").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["style"]


def test_an_error_while_renaming_in_two_steps_puts_the_old_folder_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "style"
    write_pair(folder, "old")
    monkeypatch.setattr(replacing, "_exchange_on_linux", lambda *_: False)
    rename = Path.rename

    def refuse_unfinished(self: Path, target: Path) -> Path:
        if self.name.endswith(".unfinished"):
            raise OSError("busy")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", refuse_unfinished)
    with pytest.raises(OSError, match="busy"):
        write_pair(folder, "new")
    assert (folder / "a").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["style"]


@pytest.mark.needs("exchange of folders")
def test_there_is_a_folder_at_every_moment(tmp_path: Path) -> None:
    folder = tmp_path / "style"
    write_pair(folder, "0")
    seen: set[bool] = set()
    done = threading.Event()

    def watch() -> None:
        while not done.is_set():
            seen.add(folder.is_dir())

    watcher = threading.Thread(target=watch)
    watcher.start()
    for number in range(20):
        write_pair(folder, str(number))
    done.set()
    watcher.join()
    assert seen == {True}


def test_a_link_keeps_pointing_to_the_renewed_folder(tmp_path: Path) -> None:
    write_pair(tmp_path / "real", "old")
    (tmp_path / "link").symlink_to(tmp_path / "real", target_is_directory=True)
    write_pair(tmp_path / "link", "new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real" / "a").read_text() == "new"


def test_what_a_killed_process_left_is_removed_once_it_is_old(tmp_path: Path) -> None:
    old, young = tmp_path / ".style.1.unfinished", tmp_path / ".style.2.unfinished"
    for folder in (old, young):
        folder.mkdir()
    os.utime(old, (0, 0))
    write_pair(tmp_path / "style", "new")
    assert not old.exists()
    assert young.exists()
