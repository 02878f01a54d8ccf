"""A version appears whole or not at all."""

import keras
import pytest
import tensorflow as tf

from adaptive_style_tf.errors import ExportError
from adaptive_style_tf.serving import saved_model
from adaptive_style_tf.serving.saved_model import export_saved_model


@pytest.fixture(autouse=True)
def network_of_one_layer(monkeypatch):
    """Traced at once, where the real one takes seconds."""
    pictures = keras.Input((None, None, 3))
    network = keras.Model(pictures, keras.layers.Conv2D(3, 1)(pictures))
    monkeypatch.setattr(saved_model, "loaded_generator", lambda style: network)


@pytest.fixture
def model(tmp_path):
    return tmp_path / "served" / "cezanne"


def test_versions_follow_each_other(style, model):
    assert export_saved_model(style, model) == model / "1"
    assert export_saved_model(style, model, warm_up=False) == model / "2"
    assert export_saved_model(style, model, 7, warm_up=False) == model / "7"
    assert sorted(path.name for path in model.iterdir()) == ["1", "2", "7"]
    assert (model / "1" / "assets.extra" / "tf_serving_warmup_requests").is_file()
    assert not (model / "2" / "assets.extra" / "tf_serving_warmup_requests").exists()


def test_a_version_that_exists_is_refused_and_kept(style, model):
    (model / "3").mkdir(parents=True)
    with pytest.raises(ExportError, match="3 exists"):
        export_saved_model(style, model, 3)
    assert [*model.iterdir()] == [model / "3"]
    assert not [*(model / "3").iterdir()]


def test_a_server_that_looks_meanwhile_sees_no_version(style, model, monkeypatch):
    seen = []
    write_contract = saved_model.write_contract

    def look_and_write(*arguments):
        seen.extend(path.name for path in model.iterdir())
        write_contract(*arguments)

    monkeypatch.setattr(saved_model, "write_contract", look_and_write)
    export_saved_model(style, model, warm_up=False)
    assert len(seen) == 1
    assert not seen[0].isdecimal()


@pytest.mark.parametrize("raised", [KeyboardInterrupt, MemoryError])
def test_an_interrupted_export_leaves_nothing_behind(style, model, monkeypatch, raised):
    def interrupted(folder, max_pixels):
        assert (folder / "saved_model.pb").is_file()
        raise raised

    monkeypatch.setattr(saved_model, "write_warm_up", interrupted)
    with pytest.raises(raised):
        export_saved_model(style, model)
    assert [*model.iterdir()] == []


@pytest.mark.parametrize(
    "failure",
    [OSError(28, "No space left on device"), tf.errors.ResourceExhaustedError(None, None, "full")],
    ids=["by Python", "by TensorFlow"],
)
def test_a_failing_export_leaves_nothing_behind(style, model, monkeypatch, failure):
    def fails(*_, **__):
        raise failure

    monkeypatch.setattr(tf.saved_model, "save", fails)
    with pytest.raises(ExportError, match=r"1 cannot be written .*: see to space and permissions"):
        export_saved_model(style, model)
    assert [*model.iterdir()] == []


def test_a_folder_that_cannot_be_made_is_said(style, tmp_path):
    (tmp_path / "served").touch()
    with pytest.raises(ExportError, match="cannot be written"):
        export_saved_model(style, tmp_path / "served" / "cezanne")


def test_the_slower_of_two_exports_does_not_replace_the_faster(style, model, monkeypatch):
    def meanwhile(folder, max_pixels):
        (model / "1").mkdir()
        (model / "1" / "of another").touch()

    monkeypatch.setattr(saved_model, "write_warm_up", meanwhile)
    with pytest.raises(ExportError, match="1 exists"):
        export_saved_model(style, model)
    assert [path.name for path in (model / "1").iterdir()] == ["of another"]
    assert [*model.iterdir()] == [model / "1"]
