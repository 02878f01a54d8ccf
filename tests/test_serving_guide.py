"""The files that docs/serving.md offers, read by what defines them."""

import re
from pathlib import Path

from google.protobuf import text_format
from tensorflow_serving.config.model_server_config_pb2 import ModelServerConfig

from adaptive_style_tf.serving import signatures
from adaptive_style_tf.serving.contract import contract_of
from adaptive_style_tf.serving.saved_model import MAX_PIXELS, QUALITY

DOCS = Path(__file__).resolve().parents[1] / "docs"
GUIDE = (DOCS / "serving.md").read_text(encoding="utf-8")


def test_the_configuration_of_models_is_the_servers() -> None:
    text = (DOCS / "serving" / "models.config").read_text(encoding="utf-8")
    config = text_format.Parse(text, ModelServerConfig())
    (model,) = config.model_config_list.config
    assert (model.name, model.base_path) == ("cezanne", "/models/cezanne")
    assert model.model_version_policy.latest.num_versions == 2


def test_the_composition_mounts_what_the_configuration_names() -> None:
    composition = (DOCS / "serving" / "docker-compose.yml").read_text(encoding="utf-8")
    targets = dict(re.findall(r"^ +- ([./\w-]+):(/models/[\w.]+):ro$", composition, re.MULTILINE))
    assert targets == {
        "../../serving/cezanne": "/models/cezanne",
        "./models.config": "/models/models.config",
    }
    assert "--model_config_file=/models/models.config" in composition


def test_batching_never_fills_pictures_up() -> None:
    text = (DOCS / "serving" / "batching.config").read_text(encoding="utf-8")
    settings = [line for line in text.splitlines() if not line.startswith("#")]
    assert not any("pad_variable_length_inputs" in line for line in settings)


def test_signatures_and_defaults_in_the_guide_are_those_of_the_export(describe_untrained) -> None:
    named = set(re.findall(r"^\| `([a-z_]+)` \| `image", GUIDE, re.MULTILINE))
    assert named == contract_of(describe_untrained(), QUALITY, MAX_PIXELS)["signatures"].keys()
    assert named == {
        signatures.UINT8,
        signatures.FLOAT,
        signatures.ENCODED_JPEG,
        signatures.ENCODED_PNG,
    }
    assert re.search(rf"^\| `--quality` \| {QUALITY} \|", GUIDE, re.MULTILINE)
    assert re.search(rf"^\| `--max-pixels` \| {MAX_PIXELS} \|", GUIDE, re.MULTILINE)
