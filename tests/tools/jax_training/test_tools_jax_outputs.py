"""What a training under JAX says where it cannot write."""

import errno
from pathlib import Path

import pytest

from adaptive_style_tf.errors import RunFolderError
from adaptive_style_tf.training.run_folder import RunFolder

GO_ON = "; free some space there or make it writable, then start the same command again to go on."


@pytest.fixture
def full_disk(monkeypatch):
    """Lets every write into a file fail as on a full disk."""

    really_open = Path.open

    def open_to_read(path, mode="r", *arguments, **options):
        if mode[0] in "wa":
            raise OSError(errno.ENOSPC, "No space left on device")
        return really_open(path, mode, *arguments, **options)

    def fill():
        monkeypatch.setattr(Path, "open", open_to_read)

    return fill


@pytest.fixture
def make_log():
    from jax_outputs import TrainingLog

    return lambda path: TrainingLog(path, print)


def test_a_full_disk_is_told_by_the_log(make_log, tmp_path, full_disk):
    path = tmp_path / "logs" / "training.jsonl"
    log = make_log(path)
    full_disk()
    for write in (lambda: log.write(10, 0.5), lambda: log.scalars(10, {"health": 1.0})):
        with pytest.raises(RunFolderError) as caught:
            write()
        assert str(caught.value) == f"{path} cannot be written (No space left on device){GO_ON}"


def test_a_folder_of_logs_that_cannot_be_made_is_named(make_log, tmp_path):
    (tmp_path / "logs").write_text("")
    path = tmp_path / "logs" / "training.jsonl"
    with pytest.raises(RunFolderError) as caught:
        make_log(path)
    assert str(caught.value).startswith(f"{path} cannot be written (")
    assert str(caught.value).endswith(GO_ON)


@pytest.fixture
def small_run(tmp_path):
    """A run folder with nothing but a style of three bytes and a log of two."""
    folder = RunFolder(tmp_path / "run")
    for path, text in (
        (folder.style / "style.json", "abc"),
        (folder.logs / "training.jsonl", "{}"),
    ):
        path.parent.mkdir()
        path.write_text(text)
    return folder


def test_an_export_onto_a_full_disk_is_told(small_run, tmp_path, full_disk, monkeypatch):
    import jax_outputs

    monkeypatch.setattr(jax_outputs, "PART_BYTES", 2)
    target = tmp_path / "export"
    jax_outputs.export_run(small_run, target, split=True)
    assert (target / "style.json.part-02").read_text() == "c"
    full_disk()
    with pytest.raises(RunFolderError) as caught:
        jax_outputs.export_run(small_run, target, split=True)
    assert str(caught.value) == f"{target} cannot be written (No space left on device){GO_ON}"


def test_an_export_to_where_a_file_lies_is_told(small_run, tmp_path):
    import jax_outputs

    (tmp_path / "export").write_text("")
    with pytest.raises(RunFolderError, match=r"export cannot be written \(.+\); free"):
        jax_outputs.export_run(small_run, tmp_path / "export", split=False)
