import io
import tarfile
from pathlib import Path

import pytest

from adaptive_style_tf.errors import ReleaseCheckpointError
from adaptive_style_tf.release.locating import located_prefix, step_of


def put(folder: Path, *names: str, state: str | None = None) -> Path:
    """Makes index files; locating never opens them."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / f"{name}.index").touch()
        (folder / f"{name}.data-00000-of-00001").touch()
    if state is not None:
        text = f'model_checkpoint_path: "{state}"\nall_model_checkpoint_paths: "{state}"\n'
        (folder / "checkpoint").write_text(text)
    return folder


def located(path: Path) -> tuple[str, tuple[str, ...]]:
    with located_prefix(path) as (prefix, remarks):
        assert prefix.with_name(prefix.name + ".index").is_file()
        return prefix.name, remarks


M10, M20 = "model_x_10.ckpt-10", "model_x_20.ckpt-20"


@pytest.mark.parametrize(
    ("name", "step"),
    [(M10, 10), ("model_el-greco_300000.ckpt-300000", 300_000), ("model.ckpt", None), ("m", None)],
)
def test_steps_are_read_off_names(name: str, step: int | None) -> None:
    assert step_of(Path("somewhere-5") / name) == step


def test_the_model_folder_and_the_folder_inside_it(tmp_path: Path) -> None:
    put(tmp_path / "model_x" / "checkpoint", M10, M20, state=M20)
    assert located(tmp_path / "model_x") == (M20, ())
    assert located(tmp_path / "model_x" / "checkpoint") == (M20, ())
    assert located(tmp_path / "model_x" / "checkpoint" / "checkpoint") == (M20, ())
    assert located(tmp_path) == (M20, ())


@pytest.mark.parametrize("end", ["", ".index", ".meta", ".data-00000-of-00001"])
def test_a_prefix_and_each_of_its_files(tmp_path: Path, end: str) -> None:
    put(tmp_path, M10, M20, state=M20)
    (tmp_path / f"{M10}.meta").touch()
    assert located(tmp_path / f"{M10}{end}") == (M10, ())


@pytest.mark.parametrize("state", [f"/export/home/me/models/{M10}", f"D:\\models\\{M10}", M10])
def test_the_state_file_decides_by_its_last_part(tmp_path: Path, state: str) -> None:
    put(tmp_path, M10, M20, state=state)
    assert located(tmp_path) == (M10, ())


def test_a_state_file_that_names_a_missing_checkpoint_is_remarked_upon(tmp_path: Path) -> None:
    put(tmp_path, M10, M20, state="/gone/model_x_30.ckpt-30")
    name, remarks = located(tmp_path)
    assert name == M20
    assert "model_x_30.ckpt-30, the newest by its state file, is missing" in remarks[0]


def test_an_unreadable_state_file_is_remarked_upon(tmp_path: Path) -> None:
    put(tmp_path, M10)
    (tmp_path / "checkpoint").write_bytes(b"\xff\x00")
    assert located(tmp_path) == (M10, (f"checkpoint names no checkpoint, so {M10} is taken",))


def test_without_a_state_file_the_highest_step_is_taken(tmp_path: Path) -> None:
    put(tmp_path, "model_x_9000.ckpt-9000", "model_x_10000.ckpt-10000")
    assert located(tmp_path) == ("model_x_10000.ckpt-10000", ())


def test_keepers_are_looked_at_and_the_later_step_wins(tmp_path: Path) -> None:
    put(tmp_path / "checkpoint_long", M20)
    assert located(tmp_path) == (M20, ())
    put(tmp_path / "checkpoint", M10)
    assert located(tmp_path) == (M20, ())


def test_what_macos_puts_beside_files_is_passed_over(tmp_path: Path) -> None:
    put(tmp_path, M10, f"._{M20}")
    assert located(tmp_path) == (M10, ())


def test_several_models_are_an_error_that_lists_them(tmp_path: Path) -> None:
    put(tmp_path / "model_x" / "checkpoint", M10)
    put(tmp_path / "model_y" / "checkpoint_long", "model_y_5.ckpt-5")
    with pytest.raises(ReleaseCheckpointError, match="give one of them: model_x, model_y"):
        located(tmp_path)


@pytest.mark.parametrize("name", ["nowhere", "folder", f"{M10}.index"])
def test_nothing_there_is_an_error_that_names_it(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(ReleaseCheckpointError, match=name):
        located(tmp_path / name)


def test_data_without_an_index_is_no_checkpoint(tmp_path: Path) -> None:
    put(tmp_path, M10)
    (tmp_path / f"{M10}.index").unlink()
    with pytest.raises(ReleaseCheckpointError, match=r"ends in \.index"):
        located(tmp_path)


@pytest.mark.parametrize(("mode", "suffix"), [("w", "tar"), ("w:gz", "tar.gz"), ("w:xz", "tar.xz")])
def test_archives_are_unpacked_elsewhere_and_removed(
    tmp_path: Path, mode: str, suffix: str
) -> None:
    model = put(tmp_path / "model_x" / "checkpoint_long", M20, state=f"/gone/{M20}").parent
    archive = tmp_path / f"model_x_ckpt.{suffix}"
    with tarfile.open(archive, mode) as packed:  # type: ignore[call-overload]
        packed.add(model, "a/b/c/d/e/model_x")
    before = sorted(tmp_path.iterdir())
    with located_prefix(archive) as (prefix, remarks):
        assert (prefix.name, remarks) == (M20, ())
        assert tmp_path not in prefix.parents
    assert not prefix.parent.exists()
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize("name", ["../outside.index", "/tmp/outside.index"])
def test_archives_that_reach_outside_write_nothing_there(tmp_path: Path, name: str) -> None:
    archive = tmp_path / "evil.tar"
    with tarfile.open(archive, "w") as packed:
        link = tarfile.TarInfo("link")
        link.type, link.linkname = tarfile.SYMTYPE, str(tmp_path)
        packed.addfile(link)
        entry = tarfile.TarInfo(name)
        packed.addfile(entry, io.BytesIO())
    with pytest.raises(ReleaseCheckpointError, match=r"evil\.tar is unsafe"):
        located(archive)


def test_a_truncated_archive_is_an_error_that_names_it(tmp_path: Path) -> None:
    put(tmp_path / "model_x", M10)
    (tmp_path / "model_x" / f"{M10}.data-00000-of-00001").write_bytes(bytes(range(256)) * 4000)
    for mode, suffix in (("w:gz", "tar.gz"), ("w:xz", "tar.xz"), ("w", "tar")):
        archive = tmp_path / f"half.{suffix}"
        with tarfile.open(archive, mode) as packed:  # type: ignore[call-overload]
            packed.add(tmp_path / "model_x", "model_x")
        archive.write_bytes(archive.read_bytes()[: archive.stat().st_size // 2])
        with pytest.raises(ReleaseCheckpointError, match=rf"half\.{suffix} cannot be unpacked"):
            located(archive)


def test_a_file_that_is_no_archive_is_an_error_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "model.zip").write_bytes(b"PK\x03\x04 and so on")
    with pytest.raises(ReleaseCheckpointError, match=r"model\.zip cannot be unpacked"):
        located(tmp_path / "model.zip")
