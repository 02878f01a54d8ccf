import shutil

import numpy as np
import pytest

from adaptive_style_tf.datasets.crops import CropSettings, CropSource
from adaptive_style_tf.errors import DataError
from adaptive_style_tf.training.material import Places, gather_material
from adaptive_style_tf.training.settings import DataSettings

SETTINGS = DataSettings(image_size=64)


@pytest.fixture
def folders(pictures, tmp_path):
    """Copies, to be changed."""
    shutil.copytree(pictures.paintings, tmp_path / "data" / "artists" / "el-greco")
    shutil.copytree(pictures.photographs, tmp_path / "data" / "photos")
    return tmp_path / "data"


def ignore_progress(what, done, total):
    pass


def gather(places, settings=SETTINGS):
    return gather_material(places, settings, ignore_progress)


def refuse(path, reason):
    pytest.fail(f"{path} should be readable: {reason}")


def names(paths):
    return [path.name for path in paths]


def test_pictures_are_taken_from_the_data_folder(folders):
    material = gather(Places("el-greco", folders))
    assert names(material.paintings) == ["0.png", "1.png", "2.png"]
    assert {path.parent for path in material.paintings} == {folders / "artists" / "el-greco"}
    assert {path.parent for path in material.photographs} == {folders / "photos"}
    assert material.counts() == {"paintings": 3, "photographs": 3}


def test_folders_that_are_named_come_first(folders, pictures):
    places = Places("nobody", folders, pictures.photographs, pictures.paintings)
    material = gather(places)
    assert {path.parent for path in material.paintings} == {pictures.photographs}
    assert {path.parent for path in material.photographs} == {pictures.paintings}


def test_every_picture_is_looked_at_and_told(folders):
    seen = []
    gather_material(Places("el-greco", folders), SETTINGS, lambda *told: seen.append(told))
    assert seen == [
        *(("paintings", done, 3) for done in (1, 2, 3)),
        *(("photographs", done, 3) for done in (1, 2, 3)),
    ]


def test_unreadable_files_are_left_out_and_named(folders):
    (folders / "photos" / "1.png").write_bytes(b"no picture")
    material = gather(Places("el-greco", folders))
    assert names(material.photographs) == ["0.png", "2.png"]
    assert any("1.png" in line for line in material.report.lines())


@pytest.mark.parametrize(("broken", "named"), [("artists/el-greco", "0.png"), ("photos", "0.png")])
def test_only_unreadable_files_are_an_error(folders, broken, named):
    for path in (folders / broken).iterdir():
        path.write_bytes(b"no picture")
    with pytest.raises(DataError, match=rf"None of 3 pictures can be used.*{named}"):
        gather(Places("el-greco", folders))


@pytest.mark.parametrize("changed", ["artists/el-greco", "photos"])
def test_the_fingerprint_changes_with_the_list_of_files(folders, changed):
    places = Places("el-greco", folders)
    before = gather(places).fingerprint()
    assert gather(places).fingerprint() == before
    (folders / changed / "1.png").rename(folders / changed / "9.png")
    assert gather(places).fingerprint() != before


def test_of_a_places_tree_all_categories_are_taken_if_asked_for(folders, pictures, tmp_path):
    for name in ("a/abbey", "b/beach_house", "k/kitchen"):
        shutil.copytree(pictures.photographs, tmp_path / "places" / name)
    places = Places("el-greco", folders, content_dir=tmp_path / "places")
    assert len(gather(places).photographs) == 6
    assert len(gather(places, DataSettings(64, all_categories=True)).photographs) == 9


def crops(material, seed):
    paintings, photographs = material.sources(seed, refuse)
    return np.stack([source.crop(n) for source in (paintings, photographs) for n in (0, 1, 7)])


def test_seed_and_files_alone_decide_the_crops(folders):
    first, again = (gather(Places("el-greco", folders)) for _ in range(2))
    made = crops(first, 3)
    assert np.array_equal(made, crops(again, 3))
    assert not np.array_equal(made, crops(first, 4))
    (folders / "photos" / "0.png").unlink()
    fewer = crops(gather(Places("el-greco", folders)), 3)
    assert np.array_equal(fewer[:3], made[:3])  # paintings
    assert not np.array_equal(fewer[3:], made[3:])


def test_sample_sheets_show_four_crops_whatever_the_seed(folders):
    samples = gather(Places("el-greco", folders)).samples(refuse)
    assert samples.paintings.shape == samples.photographs.shape == (4, 64, 64, 3)
    # Orange beside blue: red above blue in the paintings, below it in the photographs.
    assert (samples.paintings[..., 0] > samples.paintings[..., 2]).mean() > 0.99
    assert (samples.photographs[..., 0] < samples.photographs[..., 2]).mean() > 0.99
    again = gather(Places("el-greco", folders)).samples(refuse)
    assert np.array_equal(samples.photographs, again.photographs)


def test_the_palette_is_the_paintings(folders):
    red, _, blue = gather(Places("el-greco", folders)).palette(refuse).mean
    assert red > 0.3  # 150 to 250 of 255
    assert blue < -0.8  # below 26


def test_every_third_crop_of_both_is_a_painting(folders):
    crops = gather(Places("el-greco", folders)).crops_of_both(6, refuse)
    kinds = ["painting" if crop[..., 2].mean() < -0.8 else "photograph" for crop in crops]
    assert kinds == 2 * ["photograph", "photograph", "painting"]


# Pictures of 96 x 112 px are smaller than a crop of 1024 px.
@pytest.mark.parametrize(
    ("size", "flag"), [(64, "scale_bug"), (1024, "stretch_small_crops"), (1024, None)]
)
def test_the_crops_are_made_as_the_settings_say(folders, size, flag):
    flags = {flag: True} if flag else {}
    settings = DataSettings(size, style_scale=0.5, photograph_scale=2.0, **flags)
    material = gather(Places("el-greco", folders), settings)
    by_hand = (
        CropSource(material.paintings, "painting", CropSettings(size, scale=0.5, **flags), 3),
        CropSource(material.photographs, "photograph", CropSettings(size, scale=2.0, **flags), 3),
    )
    for ours, theirs in zip(material.sources(3, refuse), by_hand, strict=True):
        for number in (0, 1):
            np.testing.assert_array_equal(ours.crop(number), theirs.crop(number))


@pytest.mark.parametrize(("cache_bytes", "remembered"), [(0, False), (10**8, True)])
def test_pictures_are_remembered_as_far_as_the_cache_goes(folders, cache_bytes, remembered):
    material = gather(Places("el-greco", folders))
    sources = material.sources(0, lambda path, reason: None, cache_bytes)
    before = [source.crop(0) for source in sources]
    shutil.rmtree(folders)
    for source, crop in zip(sources, before, strict=True):
        if remembered:
            np.testing.assert_array_equal(source.crop(0), crop)
        else:
            with pytest.raises(DataError):
                source.crop(0)
