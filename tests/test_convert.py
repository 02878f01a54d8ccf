import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from adaptive_style_tf.convert import guessed_artist, main
from adaptive_style_tf.errors import UsageError
from adaptive_style_tf.release import read_release_checkpoint
from adaptive_style_tf.styles import read_style

GOLDEN = Path(__file__).parent / "goldens" / "released_small" / "checkpoint.tar.xz"


def convert(*arguments: object) -> int:
    return main([str(argument) for argument in arguments])


@pytest.fixture
def named_archive(tmp_path: Path) -> Path:
    return Path(shutil.copy(GOLDEN, tmp_path / "model_van-gogh_ckpt.tar.gz"))


def test_a_released_model_becomes_a_style_with_all_that_it_holds(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert convert(GOLDEN, "--artist", "cezanne", "--output", tmp_path / "s") == 0
    style = read_style(tmp_path / "s")
    description = style.description
    assert (description.artist, description.ngf, description.ndf) == ("paul-cezanne", 6, 6)
    assert description.step == 30
    assert description.license == "as the converted checkpoint; the 2018 release is GPL-3.0"
    assert description.source == "converted from model_small_30.ckpt-30 of the 2018 release"

    read = read_release_checkpoint(GOLDEN)
    for found, expected in (
        (style.generator_weights(), read.generator),
        (style.discriminator_weights(), read.discriminator),
        (style.optimizer_state(), read.optimizer_arrays()),
    ):
        assert found is not None
        assert expected is not None
        assert found.keys() == expected.keys()
        for name in expected:
            np.testing.assert_array_equal(found[name], expected[name], err_msg=name)

    printed = capsys.readouterr().out
    assert "found model_small_30.ckpt-30: paul-cezanne, step 30" in printed
    assert "generator: ngf 6" in printed
    assert "discriminator: ndf 6" in printed
    assert "Adam: generator 15 updates, discriminator 15 updates" in printed
    assert f"wrote {tmp_path / 's'}" in printed


def test_half_precision_is_stored_for_the_networks_only(tmp_path: Path) -> None:
    assert convert(GOLDEN, "--artist", "x", "--half", "--output", tmp_path / "s") == 0
    style = read_style(tmp_path / "s")
    expected = read_release_checkpoint(GOLDEN)
    np.testing.assert_array_equal(
        style.generator_weights()["encoder/conv_4/kernel"],
        expected.generator["encoder/conv_4/kernel"].astype(np.float16),
    )
    name = "generator_optimizer/velocity/encoder/conv_4/kernel"
    np.testing.assert_array_equal(
        style.optimizer_state()[name],  # type: ignore[index]
        expected.optimizer_arrays()[name],  # type: ignore[index]
    )


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("model_paul-cezanne_ckpt.tar.gz", "paul-cezanne"),
        ("model_paul-cezanne", "paul-cezanne"),
        ("model_cezanne_300000.ckpt-300000", "paul-cezanne"),
        ("model_van-gogh_1000.ckpt-1000.index", "vincent-van-gogh"),
        ("model_my-cat_ckpt.tar", "my-cat"),
    ],
)
def test_the_artist_is_read_off_the_names_that_the_release_gives(name: str, expected: str) -> None:
    assert guessed_artist(["checkpoint", name]) == expected


def test_a_name_that_tells_no_artist_asks_for_one() -> None:
    with pytest.raises(UsageError, match="add --artist"):
        guessed_artist(["checkpoint", "monet.tar.gz", "/"])


def test_a_known_artist_is_preferred_to_a_name_that_could_be_one() -> None:
    assert guessed_artist(["x", "model_small_30.ckpt-30", "model_el-greco"]) == "el-greco"
    assert guessed_artist(["model_small_30.ckpt-30", "model_zoo"]) == "small"


def test_without_the_option_the_archives_name_tells_the_artist(
    tmp_path: Path, named_archive: Path
) -> None:
    assert convert(named_archive, "--output", tmp_path / "s") == 0
    assert read_style(tmp_path / "s").description.artist == "vincent-van-gogh"


def test_an_output_that_exists_is_only_replaced_if_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "s"
    output.mkdir()
    assert convert(GOLDEN, "--artist", "monet", "--output", output) == 0  # empty is fine
    before = (output / "style.json").read_bytes()
    assert convert(GOLDEN, "--artist", "greco", "--output", output) == 2
    assert "add --overwrite" in capsys.readouterr().err
    assert (output / "style.json").read_bytes() == before
    assert convert(GOLDEN, "--artist", "greco", "--output", output, "--overwrite") == 0
    assert read_style(output).description.artist == "el-greco"


def test_overwriting_spares_folders_that_are_no_styles(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "thesis.txt").touch()
    assert convert(GOLDEN, "--artist", "monet", "--output", tmp_path, "--overwrite") == 1
    assert "is no style" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_checkpoint_with_faults_leaves_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "half.tar.gz").write_bytes(GOLDEN.read_bytes()[:1000])
    arguments = (tmp_path / "half.tar.gz", "--artist", "monet", "--output", tmp_path / "s")
    assert convert(*arguments) == 1
    assert "half.tar.gz cannot be unpacked" in capsys.readouterr().err
    assert convert(tmp_path / "nowhere", "--artist", "monet", "--output", tmp_path / "s") == 1
    assert "there is no checkpoint at" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["half.tar.gz"]


def test_an_ambiguous_artist_is_an_error_before_anything_is_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert convert(tmp_path / "no", "--artist", "paul", "--output", tmp_path / "s") == 2
    assert "paul-cezanne or paul-gauguin" in capsys.readouterr().err


def test_help_needs_no_heavy_library() -> None:
    code = (
        "import json, sys\n"
        "from adaptive_style_tf.convert import main\n"
        "try:\n    main(['--help'])\n"
        "except SystemExit:\n    pass\n"
        "print(json.dumps(sorted(sys.modules)))\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    modules = json.loads(run.stdout.splitlines()[-1])
    assert not {"tensorflow", "keras", "numpy", "safetensors"} & set(modules)
