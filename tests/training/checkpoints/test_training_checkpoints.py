"""Which checkpoints stay, which are set aside, and which is the newest."""

import pytest
from safetensors.numpy import load_file

from adaptive_style_tf.errors import CheckpointError
from adaptive_style_tf.training.checkpoints import CheckpointFolder


def test_an_empty_folder_has_no_newest(tmp_path, refuse):
    folder = CheckpointFolder(tmp_path / "not there yet")
    assert folder.load_newest(refuse) is None
    assert folder.steps() == []
    assert folder.set_aside_after(0) == []
    assert folder.remove_left_overs() == []
    assert not (tmp_path / "not there yet").exists()


def test_the_newest_and_the_keepers_stay(tmp_path, state_of, names_in):
    folder = CheckpointFolder(tmp_path, keep=2, keeper_every=3)
    kept = []
    for step in range(9):
        folder.save(step, state_of(step), {})
        kept.append(folder.steps())

    assert kept[:4] == [[0], [0, 1], [1, 2], [2, 3]]  # step 0 is no keeper
    assert kept[5] == [3, 4, 5]
    assert kept[8] == [3, 6, 7, 8]
    assert names_in(tmp_path) == [f"step_00000000{step}" for step in (3, 6, 7, 8)]


def test_a_step_can_be_kept_for_as_long_as_it_is_asked_for(tmp_path, state_of):
    folder = CheckpointFolder(tmp_path, keep=1, keeper_every=100)
    for step in (1, 2, 3, 4):
        folder.save(step, state_of(step), {}, also_keep={2})
    assert folder.steps() == [2, 4]
    folder.save(5, state_of(5), {})
    assert folder.steps() == [5]


def test_the_newest_is_loaded(tmp_path, state_of, refuse):
    folder = CheckpointFolder(tmp_path)
    folder.save(999, state_of(999), {})
    folder.save(1000, state_of(1000), {})
    newest = folder.load_newest(refuse)
    assert newest is not None
    assert newest.step == 1000


def test_a_missing_step_names_those_that_are_there(tmp_path, state_of):
    folder = CheckpointFolder(tmp_path)
    folder.save(1000, state_of(1), {})
    with pytest.raises(CheckpointError, match=r"no checkpoint of step 15000 .*: 1000"):
        folder.load(15000)


def test_saving_the_same_again_leaves_the_good_one_alone(tmp_path, state_of):
    folder = CheckpointFolder(tmp_path)
    path = folder.save(4, state_of(4), {"success": 0.5})
    inode = path.stat().st_ino
    assert folder.save(4, state_of(4), {"success": 0.5}) == path
    assert path.stat().st_ino == inode
    folder.save(4, state_of(4), {"success": 0.25})
    assert folder.load(4).scalars == {"success": 0.25}


def test_later_ones_are_set_aside_and_never_overwritten(tmp_path, state_of, names_in):
    folder = CheckpointFolder(tmp_path, keep=9)
    for attempt in (1, 2, 3):
        for step in (10, 20, 30):
            folder.save(step, state_of(step + attempt), {})
        moved = folder.set_aside_after(10)
        assert folder.steps() == [10]
        assert len(moved) == 2
    assert names_in(tmp_path / "set_aside") == [
        "step_000000020",
        "step_000000020_2",
        "step_000000020_3",
        "step_000000030",
        "step_000000030_2",
        "step_000000030_3",
    ]
    kept = load_file(tmp_path / "set_aside/step_000000030_2/state-00001-of-00001.safetensors")
    assert kept["generator/encoder/conv_1/kernel"].max() == 32
