"""The command line of a training; whole trainings are in tests/training."""

import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from adaptive_style_tf import train
from adaptive_style_tf.artists import KNOWN_ARTISTS

PARSER = train.build_parser()
NUMERIC = [
    option.option_strings[0]
    for option in PARSER._actions
    if option.type is not None and option.type.__name__ != "any_path"
]
ZERO_HAS_A_MEANING = {
    *("--adversarial-weight", "--content-weight", "--image-weight"),  # without that loss
    *("--generator-ema", "--clip-norm", "--warm-start-steps"),  # without that
    *("--adam-beta1", "--discriminator-success-rate", "--seed", "--resume-from"),
    "--cache-gigabytes",  # every picture is decoded anew
}


def draw(folder, count=2):
    folder.mkdir(parents=True)
    for number in range(count):
        pixels = np.random.default_rng(number).integers(0, 256, (72, 96, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"{number}.png")
    return folder


@pytest.fixture
def data(tmp_path, monkeypatch):
    """The folder `data` as users lay it out, in an otherwise empty working folder."""
    monkeypatch.chdir(tmp_path)
    draw(tmp_path / "data" / "artists" / "el-greco")
    draw(tmp_path / "data" / "photos")
    return tmp_path / "data"


@pytest.fixture
def requested(monkeypatch):
    """Gives the request that a command line makes, instead of training."""
    from adaptive_style_tf.training import trainer

    requests = []
    monkeypatch.setattr(trainer, "train", lambda request, *told: requests.append(request) or 0)

    def parse(*arguments, artist=("--artist", "el-greco")):
        requests.clear()
        assert train.main([*artist, *arguments]) == 0
        [request] = requests
        return request

    return parse


def settings_of(request):
    return request.settings.flat()


def refused(capsys, *arguments):
    """The exit code and the last line of a command that is refused without a traceback."""
    try:
        exit_code = train.main(list(arguments))
    except SystemExit as left:  # argparse
        exit_code = left.code
    told = capsys.readouterr().err
    assert "Traceback" not in told
    line = told.splitlines()[-1]
    assert line.startswith("python -m adaptive_style_tf.train: error: ")
    return exit_code, line


def assert_nothing_was_written(data):
    assert sorted(path.name for path in data.parent.iterdir()) == ["data"]


# Options


def test_options_of_the_2018_release_set_the_same_settings(requested):
    request = requested(
        *("--ptad", "paintings", "--ptcd", "places", "--image_size=64", "--batch_size", "2"),
        *("--total_steps", "100", "--dsr", "0.75", "--lr=0.001"),
        *("--dlw", "2", "--tlw", "30", "--flw", "40", "--ngf", "16", "--ndf", "8"),
    )
    assert request.places.style_dir == Path("paintings")
    assert request.places.content_dir == Path("places")
    expected = {
        "image_size": 64,
        "batch_size": 2,
        "total_steps": 100,
        "discriminator_success_rate": 0.75,
        "learning_rate": 0.001,
        "adversarial_weight": 2.0,  # dlw: of the discriminator's loss
        "image_weight": 30.0,  # tlw: of the transformed image's
        "content_weight": 40.0,  # flw: of the features'
        "ngf": 16,
        "ndf": 8,
    }
    settings = settings_of(request)
    assert {name: settings[name] for name in expected} == expected


def test_underscores_in_values_stay(requested):
    request = requested("--style_dir", "my_paintings", "--run_dir=my_runs/run_1")
    assert request.places.style_dir == Path("my_paintings")
    assert request.run_dir == Path("my_runs/run_1")


def test_without_options_it_is_the_release(requested):
    settings = settings_of(requested())
    expected = {  # as it was published in 2018
        "image_size": 768,
        "batch_size": 1,
        "total_steps": 300_000,
        "save_every": 1000,
        "sample_every": 500,
        "ngf": 32,
        "ndf": 64,
        "learning_rate": 2e-4,
        "lr_schedule": "constant",
        "discriminator_success_rate": 0.8,
        "adversarial_weight": 1.0,
        "content_weight": 100.0,
        "image_weight": 100.0,
        "content_loss": "l1",
        "generator_adversarial": "non_saturating",
        "photographs_are_negatives": True,
        "transformer_kind": "fixed",
        "transformer_kernel": 10,
        "scale_bug": False,
        "stretch_small_crops": False,
        "generator_ema": 0.0,
        "clip_norm": 0.0,
        "precision": "float32",
        "deterministic": False,
    }
    assert {name: settings[name] for name in expected} == expected


def test_a_preset_is_a_set_of_settings_each_of_which_can_be_overridden(requested):
    overrides = ("--content-weight", "3", "--photographs-are-negatives")
    settings = settings_of(requested("--preset", "paper", *overrides))
    expected = {
        "content_loss": "l2",
        "generator_adversarial": "saturating",
        "photographs_are_negatives": True,
        "adversarial_weight": 0.001,
        "content_weight": 3.0,
        "image_weight": 1.0,
        "transformer_kind": "learned",
        "lr_schedule": "drop",
    }
    assert {name: settings[name] for name in expected} == expected


def test_a_profile_goes_with_any_preset_and_options_override_both(requested):
    from adaptive_style_tf.training.profiles import profile
    from adaptive_style_tf.training.settings import preset

    plain = settings_of(requested())
    assert settings_of(requested("--profile", "cpu")) == {**plain, **profile("cpu")}
    both = {**plain, **profile("cpu"), **preset("paper")}
    assert settings_of(requested("--profile", "cpu", "--preset", "paper")) == both
    # Back to the release's values, and to none of the two's.
    overrides = ("--ndf", "64", "--precision", "float32", "--content-weight", "7")
    found = settings_of(requested(*overrides, "--profile", "cpu", "--preset", "paper"))
    assert found == {**both, "ndf": 64, "precision": "float32", "content_weight": 7.0}


@pytest.mark.parametrize(
    ("option", "name", "value"),
    [
        ("--transformer-kind", "transformer_kind", "learned"),
        ("--transformer-kernel", "transformer_kernel", 5),
        ("--content-loss", "content_loss", "l2"),
        ("--generator-adversarial", "generator_adversarial", "saturating"),
        ("--lr-schedule", "lr_schedule", "drop"),
        ("--adam-beta1", "adam_beta1", 0.5),
        ("--diff-augment", "diff_augment", "translation,cutout"),
        ("--warm-start-rate", "warm_start_rate", 0.0004),
        ("--generator-ema", "generator_ema", 0.999),
        ("--clip-norm", "clip_norm", 20.0),
        ("--precision", "precision", "mixed_bfloat16"),
        ("--seed", "seed", 5),
        ("--save-every", "save_every", 7),
        ("--sample-every", "sample_every", 9),
        ("--all-categories", "all_categories", True),
        ("--scale-bug", "scale_bug", True),
        ("--stretch-small-crops", "stretch_small_crops", True),
        ("--deterministic", "deterministic", True),
    ],
)
def test_an_option_sets_its_setting_and_no_other(requested, option, name, value):
    plain = settings_of(requested())
    changed = settings_of(requested(option, *([] if value is True else [str(value)])))
    assert changed == {**plain, name: value}
    assert plain[name] != value


def test_every_setting_has_its_option(requested):
    destinations = {option.dest for option in PARSER._actions}
    assert set(settings_of(requested())) <= destinations


def test_what_else_is_asked_for(requested):
    request = requested("--init-from", "monet", "--data-dir", "elsewhere")
    assert (request.init_from, request.places.data_dir) == ("monet", Path("elsewhere"))
    assert (request.resume_from, request.restart) == (None, False)
    assert requested("--resume-from", "15000").resume_from == 15000
    assert requested("--restart").restart
    assert request.cache_bytes == 2**29
    assert requested("--cache-gigabytes", "4").cache_bytes == 2**32
    assert requested("--cache-gigabytes", "0").cache_bytes == 0


@pytest.mark.parametrize(
    ("arguments", "artist"),
    [
        (["--artist", "cezanne"], "paul-cezanne"),
        (["--artist", "Frida Kahlo"], "frida-kahlo"),
        (["--style-dir", "pictures/Maman"], "maman"),
        (["--artist", "el-greco", "--style-dir", "pictures/Maman"], "el-greco"),
    ],
)
def test_the_run_is_named_after_the_artist(requested, arguments, artist):
    request = requested(artist=arguments)
    assert request.places.artist == artist
    assert request.run_dir == Path("runs") / artist


def test_the_command_to_go_on_with_is_the_one_that_was_given():
    given = ["--artist", "a b", "--restart", "--yes", "--resume-from", "7", "--ngf", "2"]
    assert shlex.split(train.repeatable_command(given)) == [
        *("python", "-m", "adaptive_style_tf.train", "--artist", "a b", "--ngf", "2")
    ]
    assert train.repeatable_command(["--resume-from=7"]) == train.COMMAND


def test_names_of_options_cannot_be_abbreviated(capsys):
    # `--rest` would be kept in the command to go on with, and begin anew each time.
    exit_code, line = refused(capsys, "--artist", "el-greco", "--rest")
    assert exit_code == 2
    assert "unrecognized arguments: --rest" in line


def test_help_loads_nothing_heavy():
    code = (
        "import sys; from adaptive_style_tf import train; train.build_parser().format_help(); "
        "print(*{'tensorflow', 'keras', 'numpy', 'cv2', 'scipy', 'PIL'} & set(sys.modules))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == []


# Numbers


def test_the_numeric_options_are_found():
    assert {"--image-size", "--learning-rate", "--seed", "--discriminator-success-rate"} <= {
        *NUMERIC
    }


@pytest.mark.parametrize("option", NUMERIC)
@pytest.mark.parametrize("value", ["-1", "nan", "-inf", "inf", "many", ""])
def test_numbers_that_cannot_be_are_refused(capsys, data, option, value):
    exit_code, line = refused(capsys, "--artist", "el-greco", f"{option}={value}")
    assert exit_code == 2
    assert f"argument {option}" in line
    assert line.endswith(f"got {value!r}")
    assert_nothing_was_written(data)


@pytest.mark.parametrize("option", sorted({*NUMERIC} - ZERO_HAS_A_MEANING))
def test_zero_is_refused_where_it_has_no_meaning(capsys, data, option):
    exit_code, line = refused(capsys, "--artist", "el-greco", option, "0")
    assert exit_code == 2
    assert f"argument {option}" in line
    assert_nothing_was_written(data)


NO_SETTINGS = {"--resume-from", "--cache-gigabytes"}


@pytest.mark.parametrize("option", sorted(ZERO_HAS_A_MEANING - NO_SETTINGS))
def test_zero_is_accepted_where_it_has_a_meaning(requested, option):
    assert settings_of(requested(option, "0"))[option[2:].replace("-", "_")] == 0


@pytest.mark.parametrize("size", ["63", "65", "72", "48", "16", "64.0"])
def test_an_image_size_the_networks_do_not_take_is_refused(capsys, data, size):
    exit_code, line = refused(capsys, "--artist", "el-greco", "--image-size", size)
    assert exit_code == 2
    assert f"--image-size: must be a multiple of 16, at least 64 (pixels), got '{size}'" in line
    assert_nothing_was_written(data)


def test_an_average_that_never_moves_is_refused(capsys, data):
    exit_code, line = refused(capsys, "--artist", "el-greco", "--generator-ema", "1")
    assert exit_code == 2
    assert "--generator-ema must be at least 0 and below 1. Received: 1.0" in line
    assert_nothing_was_written(data)


# Pictures


def test_an_unknown_artist_gets_near_names_and_all_that_are_known(capsys, data):
    exit_code, line = refused(capsys, "--artist", "sezanne")
    assert exit_code == 1
    assert "There is no artist 'sezanne' (did you mean paul-cezanne" in line
    assert "data/artists has el-greco" in line
    assert all(artist in line for artist in KNOWN_ARTISTS)
    assert_nothing_was_written(data)


def test_a_known_artist_without_paintings_is_told_where_to_put_them(capsys, data):
    exit_code, line = refused(capsys, "--artist", "munch")
    assert exit_code == 1
    assert "There are no paintings by edvard-munch" in line
    assert "--style-dir" in line


@pytest.mark.parametrize("arguments", [[], ["--content-dir", "data/photos"]])
def test_without_an_artist_there_is_nothing_to_train(capsys, data, arguments):
    exit_code, line = refused(capsys, *arguments)
    assert exit_code == 2
    assert "--artist NAME, or --style-dir FOLDER" in line


def test_an_artist_without_letters_is_refused(capsys, data):
    exit_code, line = refused(capsys, "--artist", "???")
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
def test_missing_and_empty_folders_are_told_apart(capsys, data, option, what, spoil, told):
    folder = data.parent / "data" / "elsewhere"
    spoil(folder)
    exit_code, line = refused(capsys, "--artist", "el-greco", option, str(folder))
    assert exit_code == 1
    assert f"There are no {what}" in line
    assert told in line
    assert option in line
    assert_nothing_was_written(data)


@pytest.mark.parametrize("folder", ["artists/el-greco", "photos"])
def test_only_undecodable_files_are_refused(capsys, data, folder):
    for path in (data / folder).iterdir():
        path.write_bytes(b"GIF89a, but not really")
    exit_code, line = refused(capsys, "--artist", "el-greco")
    assert exit_code == 1
    assert "None of 2 pictures can be used; the first: " in line
    assert "0.png" in line
    assert_nothing_was_written(data)


def test_check_data_reports_and_does_no_more(capsys, data):
    (data / "photos" / "broken.jpg").write_bytes(b"no picture")
    assert train.main(["--artist", "el-greco", "--check-data"]) == 0
    report = capsys.readouterr().out
    assert "Paintings: 2 in data/artists/el-greco" in report
    assert "Photographs: 2 in data/photos" in report
    assert "broken.jpg" in report
    assert "Warning: 2 paintings are few" in report
    assert "--init-from" in report
    assert "Training" not in report
    assert_nothing_was_written(data)


def test_check_data_finds_what_is_wrong(capsys, data):
    shutil.rmtree(data / "photos")
    exit_code, line = refused(capsys, "--artist", "el-greco", "--check-data")
    assert exit_code == 1
    assert "There are no photographs" in line


# Questions


def test_questions_are_answered_on_the_terminal(monkeypatch):
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    for answer, agreed in {"y": True, " YES ": True, "": False, "n": False, "yup": False}.items():
        monkeypatch.setattr("builtins.input", lambda question, answer=answer: answer)
        assert train.asked("Delete?") is agreed
