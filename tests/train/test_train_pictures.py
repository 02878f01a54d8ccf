"""Artists and pictures that are missing or unusable; `--check-data`."""

import shutil

import pytest

from adaptive_style_tf import train
from adaptive_style_tf.artists import KNOWN_ARTISTS


def test_an_unknown_artist_gets_near_names_and_all_that_are_known(
    refused, assert_nothing_was_written
):
    exit_code, line = refused("--artist", "sezanne")
    assert exit_code == 1
    assert "There is no artist 'sezanne' (did you mean paul-cezanne" in line
    assert "data/artists has el-greco" in line
    assert all(artist in line for artist in KNOWN_ARTISTS)
    assert_nothing_was_written()


def test_a_known_artist_without_paintings_is_told_where_to_put_them(refused, data):
    exit_code, line = refused("--artist", "munch")
    assert exit_code == 1
    assert "There are no paintings by edvard-munch" in line
    assert "--style-dir" in line


@pytest.mark.parametrize("arguments", [[], ["--content-dir", "data/photos"]])
def test_without_an_artist_there_is_nothing_to_train(refused, data, arguments):
    exit_code, line = refused(*arguments)
    assert exit_code == 2
    assert "--artist NAME, or --style-dir FOLDER" in line


@pytest.mark.parametrize(
    "arguments", [["???"], [""], ["", "--check-data", "--style-dir", "data/photos"]]
)
def test_an_artist_without_letters_is_refused(refused, data, arguments):
    exit_code, line = refused("--artist", *arguments)
    assert exit_code == 2
    assert "neither letters nor digits" in line


@pytest.mark.parametrize(
    ("option", "what"), [("--style-dir", "paintings"), ("--content-dir", "photographs")]
)
@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda folder: None, "does not exist"),
        (lambda folder: folder.mkdir(), "no file there or below ends in"),
        (lambda folder: folder.write_text(""), "is not a folder"),
    ],
)
def test_missing_and_empty_folders_are_told_apart(
    refused, assert_nothing_was_written, data, option, what, spoil, told
):
    folder = data.parent / "data" / "elsewhere"
    spoil(folder)
    exit_code, line = refused("--artist", "el-greco", option, str(folder))
    assert exit_code == 1
    assert f"There are no {what}" in line
    assert told in line
    assert option in line
    assert_nothing_was_written()


@pytest.mark.parametrize("folder", ["artists/el-greco", "photos"])
def test_only_undecodable_files_are_refused(refused, assert_nothing_was_written, data, folder):
    for path in (data / folder).iterdir():
        path.write_bytes(b"GIF89a, but not really")
    exit_code, line = refused("--artist", "el-greco")
    assert exit_code == 1
    assert "None of 2 pictures can be used; the first: " in line
    assert "0.png" in line
    assert_nothing_was_written()


def test_check_data_reports_and_does_no_more(assert_nothing_was_written, capsys, data):
    (data / "photos" / "broken.jpg").write_bytes(b"no picture")
    assert train.main(["--artist", "el-greco", "--check-data"]) == 0
    report = capsys.readouterr().out
    assert "Paintings: 2 in data/artists/el-greco" in report
    assert "Photographs: 2 in data/photos" in report
    assert "broken.jpg" in report
    assert "Warning: 2 paintings are few" in report
    assert "--init-from" in report
    assert "Training" not in report
    assert_nothing_was_written()


def test_check_data_finds_what_is_wrong(refused, data):
    shutil.rmtree(data / "photos")
    exit_code, line = refused("--artist", "el-greco", "--check-data")
    assert exit_code == 1
    assert "There are no photographs" in line
