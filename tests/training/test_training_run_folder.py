import errno
import json

import pytest

from adaptive_style_tf.errors import RunFolderError
from adaptive_style_tf.training.run_folder import RunFolder

SETTINGS = {"image_size": 256, "learning_rate": 2e-4, "save_every": 1000, "total_steps": 300_000}


@pytest.fixture
def run(tmp_path):
    run = RunFolder(tmp_path / "runs" / "paul-cezanne")
    with run.lock():
        run.write_settings(SETTINGS)
    return run


@pytest.fixture
def saved_run(run):
    """One that has a checkpoint to go on from."""
    (run.checkpoints / "step_000001000").mkdir(parents=True)
    return run


def check(run, **changed):
    return run.check_settings({**SETTINGS, **changed}, {"save_every"}, {"total_steps"}, {})


def fill(run):
    for folder in (run.checkpoints / "step_000001000", run.logs, run.samples, run.style):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "content").write_text("made by the run")


def names(path):
    return sorted(entry.name for entry in path.iterdir())


def test_the_folder_is_made_and_says_what_lies_where(tmp_path):
    run = RunFolder(tmp_path / "runs" / "el-greco")
    assert names(run.path) == []
    assert run.path == tmp_path / "runs" / "el-greco"
    paths = [run.checkpoints, run.logs, run.samples, run.style]
    assert [path.name for path in paths] == ["checkpoints", "logs", "samples", "style"]
    assert {path.parent for path in paths} == {run.path}


def test_a_folder_of_other_things_is_refused_and_left_alone(tmp_path):
    (tmp_path / "samples").mkdir()  # a name that a run uses too
    (tmp_path / "settings.json").write_text('{"editor": "dark"}')
    (tmp_path / "lock").write_text("of another program")
    with pytest.raises(RunFolderError, match="no run folder"):
        RunFolder(tmp_path)
    assert names(tmp_path) == ["lock", "samples", "settings.json"]


def test_a_file_in_the_way_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(RunFolderError, match=r"file.*choose another --run-dir"):
        RunFolder(tmp_path / "file")


@pytest.mark.parametrize("lost", ["lock", "settings.json"])
def test_a_run_is_known_again_by_its_lock_or_its_settings(run, lost):
    (run.path / "my notes.txt").write_text("")
    (run.path / lost).unlink()
    assert RunFolder(run.path).path == run.path


def test_a_folder_in_which_a_process_is_just_starting_is_a_run(tmp_path):
    (tmp_path / "lock").write_text("")
    RunFolder(tmp_path)


def test_settings_come_back(run):
    assert run.read_settings() == SETTINGS
    assert names(run.path) == ["lock", "settings.json"]
    assert json.loads((run.path / "settings.json").read_text())["settings"] == SETTINGS


def test_a_new_run_has_nothing_to_differ_from(tmp_path):
    run = RunFolder(tmp_path)
    assert run.read_settings() is None
    assert check(run) == []


def test_equal_settings_pass_whatever_python_calls_them(run):
    assert check(run, learning_rate=0.0002) == []
    run.write_settings({**SETTINGS, "scales": [0, 1, 3]})
    assert check(run, scales=(0, 1, 3)) == []


def test_every_difference_is_listed(saved_run):
    with pytest.raises(RunFolderError) as error:
        check(saved_run, image_size=768, learning_rate=1e-4, save_every=10, ndf=32)
    message = str(error.value)
    assert "  image_size: was 256, now 768\n" in message
    assert "  learning_rate: was 0.0002, now 0.0001\n" in message
    assert "  ndf: was not set, now 32\n" in message
    assert "save_every" not in message
    assert "--run-dir" in message
    assert "--restart" in message


def test_while_there_is_no_checkpoint_everything_may_differ(run):
    (run.checkpoints / "set_aside" / "step_000001000").mkdir(parents=True)
    assert check(run, image_size=768, ndf=32, total_steps=5) == [
        "image_size: was 256, now 768",
        "total_steps: was 300000, now 5",
        "ndf: was not set, now 32",
    ]


def test_what_does_not_change_the_learning_may_differ(saved_run):
    assert check(saved_run, save_every=10) == ["save_every: was 1000, now 10"]


def test_total_steps_may_grow_and_only_grow(saved_run):
    assert check(saved_run, total_steps=300_001) == ["total_steps: was 300000, now 300001"]
    with pytest.raises(RunFolderError, match=r"was 300000, now 299999 \(may only grow\)"):
        check(saved_run, total_steps=299_999)


def test_a_setting_that_is_gone_is_a_difference(saved_run):
    with pytest.raises(RunFolderError, match="image_size: was 256, now not set"):
        saved_run.check_settings({"learning_rate": 2e-4}, {"save_every"}, {"total_steps"}, {})


def test_what_an_earlier_version_did_not_have_was_the_default(saved_run):
    defaults = {"beta": 0.9, "image_size": 768}

    def check_with_defaults(**changed):
        settings = {**SETTINGS, "beta": 0.9, **changed}
        return saved_run.check_settings(settings, {"save_every"}, {"total_steps"}, defaults)

    assert check_with_defaults() == []
    with pytest.raises(RunFolderError, match=r"  beta: was 0\.9, now 0\.5\n"):
        check_with_defaults(beta=0.5)
    with pytest.raises(RunFolderError, match="image_size: was 256, now 768"):  # it was set
        check_with_defaults(image_size=768)


@pytest.mark.parametrize(
    "content",
    [
        *(b'{"settings"', b"[]", b"{}", b"\xff\xfe"),
        *(b'{"program": "adaptive_style_tf"}', b'{"program": "adaptive_style_tf", "settings": 3}'),
    ],
)
def test_damaged_settings_are_an_error_not_a_new_run(run, content):
    (run.path / "settings.json").write_bytes(content)
    with pytest.raises(RunFolderError, match=r"settings.json.*--restart"):
        check(run)


def test_checkpoints_without_settings_are_an_error(run):
    fill(run)
    (run.path / "settings.json").unlink()
    with pytest.raises(RunFolderError, match=r"checkpoints but no settings.json"):
        check(run)


def test_a_full_disk_leaves_the_old_settings(run, monkeypatch):
    def no_space(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", no_space)
    with pytest.raises(RunFolderError, match="No space left on device"):
        run.write_settings({**SETTINGS, "image_size": 768})
    assert run.read_settings() == SETTINGS
    assert names(run.path) == ["lock", "settings.json"]


def test_restart_deletes_what_a_run_makes_and_nothing_else(run):
    fill(run)
    (run.path / "my notes.txt").write_text("keep me")
    (run.path / "pictures").mkdir()
    questions = []

    def yes(question):
        questions.append(question)
        return True

    with run.lock():
        run.restart(yes)
    assert names(run.path) == ["lock", "my notes.txt", "pictures"]
    (question,) = questions
    assert "checkpoints, logs, samples, style, settings.json" in question
    assert str(run.path) in question
    assert check(run, image_size=768) == []


def test_restart_asks_and_takes_no_for_an_answer(run):
    fill(run)
    before = names(run.path)
    with pytest.raises(RunFolderError, match="Nothing was deleted"):
        run.restart(lambda question: False)
    assert names(run.path) == before
    assert (run.checkpoints / "step_000001000" / "content").exists()


def test_restart_of_a_new_run_asks_nothing(tmp_path):
    RunFolder(tmp_path).restart(lambda question: pytest.fail(question))


@pytest.mark.needs("links")
def test_restart_deletes_nothing_behind_a_link(run, tmp_path):
    elsewhere = tmp_path / "large disk"
    elsewhere.mkdir()
    (elsewhere / "precious").write_text("")
    run.checkpoints.symlink_to(elsewhere)
    run.restart(lambda question: True)
    assert names(elsewhere) == ["precious"]
    assert names(run.path) == ["lock"]
