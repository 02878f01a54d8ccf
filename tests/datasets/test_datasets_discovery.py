import os

import pytest

from adaptive_style_tf.datasets.discovery import find_paintings, find_photographs, find_pictures
from adaptive_style_tf.datasets.places import scene_categories
from adaptive_style_tf.errors import DataError


def touch(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()


def found(folder):
    return [path.relative_to(folder).as_posix() for path in find_pictures(folder)]


def test_any_layout_any_case_sorted_by_path(tmp_path):
    touch(
        tmp_path, "z.JPG", "b/deep/er/x.tiff", "b/a.WebP", "a.png", "notes.txt", "b/c.bmp", "b.gif"
    )
    assert found(tmp_path) == ["a.png", "b.gif", "b/a.WebP", "b/c.bmp", "b/deep/er/x.tiff", "z.JPG"]


def test_order_does_not_depend_on_where_the_folder_lies(tmp_path):
    names = ["b-c.jpg", "b/c.jpg", "b.jpg", "B.jpg", "é.jpg"]
    orders = []
    for root in ("one", "two/deeper"):
        touch(tmp_path / root, *names)
        orders.append(found(tmp_path / root))
    assert orders[0] == orders[1] == sorted(names)


def test_hidden_files_and_thumbnails_are_passed_over(tmp_path):
    touch(
        tmp_path, "._x.jpg", ".hidden.png", ".git/a.jpg", "@eaDir/a.jpg", "__MACOSX/a.jpg", "x.jpg"
    )
    assert found(tmp_path) == ["x.jpg"]


@pytest.mark.needs("links")
def test_links_are_followed_and_loops_end(tmp_path):
    root, elsewhere = tmp_path / "root", tmp_path / "elsewhere"
    touch(root, "sub/a.jpg")
    touch(elsewhere, "b.jpg")
    (root / "sub" / "loop").symlink_to(root)
    (root / "linked").symlink_to(elsewhere)
    (root / "again").symlink_to(elsewhere)
    (root / "file.jpg").symlink_to(elsewhere / "b.jpg")
    (root / "gone.jpg").symlink_to(tmp_path / "nowhere.jpg")
    assert found(root) == ["again/b.jpg", "file.jpg", "gone.jpg", "sub/a.jpg"]


def test_a_folder_named_like_a_picture_is_searched(tmp_path):
    touch(tmp_path, "a.jpg", "folder.jpg/b.jpg")
    assert found(tmp_path) == ["a.jpg", "folder.jpg/b.jpg"]


@pytest.mark.needs("named pipes")
def test_a_pipe_named_like_a_picture_is_passed_over(tmp_path):
    os.mkfifo(tmp_path / "pipe.jpg")
    touch(tmp_path, "a.jpg")
    assert found(tmp_path) == ["a.jpg"]


def test_paintings_come_from_the_artists_folder_or_the_named_one(tmp_path):
    touch(tmp_path, "artists/paul-cezanne/1.jpg", "mine/2.jpg")
    by_artist = find_paintings(tmp_path, "paul-cezanne")
    assert by_artist.folder == tmp_path / "artists" / "paul-cezanne"
    assert [path.name for path in by_artist.files] == ["1.jpg"]
    named = find_paintings(tmp_path, "paul-cezanne", style_dir=tmp_path / "mine")
    assert [path.name for path in named.files] == ["2.jpg"]
    assert find_paintings(tmp_path, "nobody", style_dir=tmp_path / "mine") == named


def test_photographs_come_from_the_photos_folder_or_the_named_one(tmp_path):
    touch(tmp_path, "photos/1.jpg", "mine/a/abc.jpg")
    assert [path.name for path in find_photographs(tmp_path).files] == ["1.jpg"]
    named = find_photographs(tmp_path, content_dir=tmp_path / "mine")
    assert [path.name for path in named.files] == ["abc.jpg"]
    assert named.scenes is None


def test_unknown_artist_suggests_near_names_and_lists_known_ones(tmp_path):
    touch(tmp_path, "artists/frida-kahlo/1.jpg")
    with pytest.raises(DataError, match="did you mean paul-cezanne") as caught:
        find_paintings(tmp_path, "paul-cezane")
    message = str(caught.value)
    assert "frida-kahlo" in message
    assert "vincent-van-gogh" in message
    with pytest.raises(DataError, match="did you mean frida-kahlo"):
        find_paintings(tmp_path, "frida-kalo")
    with pytest.raises(DataError, match="'zzzz': "):
        find_paintings(tmp_path / "nothing-here", "zzzz")


def test_known_artist_without_paintings(tmp_path):
    with pytest.raises(DataError, match="no paintings by el-greco") as caught:
        find_paintings(tmp_path, "el-greco")
    assert str(tmp_path / "artists" / "el-greco") in str(caught.value)


@pytest.mark.parametrize("option", ["--style-dir", "--content-dir"])
def test_empty_and_missing_folders_are_named(tmp_path, option):
    def find(folder):
        if option == "--style-dir":
            return find_paintings(tmp_path, "paul-cezanne", style_dir=folder)
        return find_photographs(tmp_path, content_dir=folder)

    touch(tmp_path, "empty/readme.txt", "file.jpg")
    for name, words in (
        ("empty", "no file"),
        ("gone", "does not exist"),
        ("file.jpg", "not a folder"),
    ):
        with pytest.raises(DataError, match=words) as caught:
            find(tmp_path / name)
        assert str(tmp_path / name) in str(caught.value)
        assert option in str(caught.value)


PLACES = [
    "a/abbey/1.jpg",
    "a/abbey/2.jpg",
    "a/airplane_cabin/1.jpg",
    "a/apartment_building/outdoor/1.jpg",
    "c/canal/natural/1.jpg",
    "c/church/indoor/1.jpg",
    "b/beach_house/1.jpg",
    "k/kitchen/1.jpg",
]
TAKEN = [
    "a/abbey/1.jpg",
    "a/abbey/2.jpg",
    "a/apartment_building/outdoor/1.jpg",
    "b/beach_house/1.jpg",
    "c/canal/natural/1.jpg",
]


@pytest.mark.parametrize("below", ["", "data_large/", "places/train/"])
def test_of_a_places_tree_the_scene_categories_are_taken(tmp_path, below):
    touch(tmp_path, *(below + name for name in PLACES))
    collection = find_photographs(tmp_path, content_dir=tmp_path)
    names = [path.relative_to(tmp_path).as_posix() for path in collection.files]
    assert names == [below + name for name in TAKEN]
    line = collection.scenes.line()
    assert "5 of 8 pictures" in line
    assert "4 scene categories" in line
    assert "--all-categories" in line
    everything = find_photographs(tmp_path, content_dir=tmp_path, all_categories=True)
    assert len(everything.files) == len(PLACES)
    assert everything.scenes is None


def test_the_easy_layout_of_places_is_recognized(tmp_path):
    easy = [category[2:].replace("/", "-") for category in scene_categories()]
    touch(tmp_path, *(f"train/{name}/1.jpg" for name in easy), "train/kitchen/1.jpg")
    collection = find_photographs(tmp_path, content_dir=tmp_path)
    assert len(collection.files) == 132
    assert not any("kitchen" in path.as_posix() for path in collection.files)


@pytest.mark.parametrize(
    "names",
    [
        ["beach/1.jpg", "mountain/1.jpg", "me/1.jpg"],  # somebody's own folders
        ["a/abbey/1.jpg", "own/1.jpg", "own/2.jpg"],  # mostly something else
        ["k/kitchen/1.jpg", "b/bedroom/1.jpg"],  # no scene category: surely wanted as it is
        ["x/beach/1.jpg", "y/abbey/1.jpg"],  # letters that are not the category's
    ],
)
def test_other_layouts_are_taken_whole(tmp_path, names):
    touch(tmp_path, *names)
    collection = find_photographs(tmp_path, content_dir=tmp_path)
    assert collection.scenes is None
    assert len(collection.files) == len(names)


def test_the_list_of_scene_categories():
    categories = scene_categories()
    assert len(categories) == len(set(categories)) == 132
    assert all(category[:2] == category[2] + "/" for category in categories)
    assert {"a/abbey", "c/canal/natural", "z/zen_garden", "w/wheat_field"} <= set(categories)
