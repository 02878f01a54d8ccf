import pytest

from adaptive_style_tf.errors import ExportError
from adaptive_style_tf.serving.versions import new_version, newest_version, versions_of


@pytest.fixture
def model(tmp_path):
    """A folder of versions 2 and 10, and of what is none."""
    folder = tmp_path / "cezanne"
    for name in ("2", "10", ".11.abcd.unfinished", "12-old", "assets"):
        (folder / name).mkdir(parents=True)
        (folder / name / "saved_model.pb").touch()
    return folder


def test_versions_are_the_folders_named_by_numbers_in_their_order(model):
    assert list(versions_of(model).items()) == [(2, model / "2"), (10, model / "10")]


def test_leading_zeros_are_a_servers_numbers_too(model):
    (model / "0012").mkdir()
    (model / "0012" / "saved_model.pb").touch()
    assert newest_version(model) == model / "0012"
    assert new_version(model, None) == model / "13"
    with pytest.raises(ExportError, match=r"0012 exists"):
        new_version(model, 12)


def test_of_two_spellings_the_usual_one_counts(model):
    (model / "010").mkdir()
    assert versions_of(model)[10] == model / "10"


def test_files_and_digits_of_other_alphabets_are_no_versions(model):
    (model / "20").touch()
    (model / "\u0663\u0663").mkdir()
    assert [*versions_of(model)] == [2, 10]
    assert newest_version(model) == model / "10"


def test_a_file_where_a_version_would_be_is_left_alone(model):
    (model / "11").touch()
    assert new_version(model, None) == model / "12"
    with pytest.raises(ExportError, match=r"11 exists"):
        new_version(model, 11)


def test_a_model_that_is_not_there_has_no_versions(tmp_path):
    assert versions_of(tmp_path / "nothing") == {}


def test_the_next_version_follows_the_highest(model, tmp_path):
    assert new_version(model, None) == model / "11"
    assert new_version(tmp_path / "nothing", None) == tmp_path / "nothing" / "1"


def test_a_version_can_be_wanted(model):
    assert new_version(model, 5) == model / "5"


def test_a_version_that_exists_is_refused(model):
    with pytest.raises(ExportError, match=r"10 exists: .* leave out --model-version"):
        new_version(model, 10)


def test_a_saved_model_is_no_folder_of_versions(model):
    with pytest.raises(ExportError, match="itself a SavedModel"):
        new_version(model / "2", None)


def test_a_file_is_no_folder_of_versions(tmp_path):
    (tmp_path / "model").touch()
    with pytest.raises(ExportError, match="is a file"):
        new_version(tmp_path / "model", None)


def test_the_newest_version_is_the_one_with_the_highest_number(model):
    assert newest_version(model) == model / "10"
    assert newest_version(model / "2") == model / "2"


def test_a_folder_without_a_model_is_refused(model, tmp_path):
    (model / "10" / "saved_model.pb").unlink()
    for folder in (model, tmp_path, tmp_path / "nothing"):
        with pytest.raises(ExportError, match="holds no SavedModel"):
            newest_version(folder)
