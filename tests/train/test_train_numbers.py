"""Numbers that cannot be meant are refused before anything is written."""

import pytest

from adaptive_style_tf import train

NUMERIC = [
    option.option_strings[0]
    for option in train.build_parser()._actions
    if option.type is not None and option.type.__name__ != "any_path"
]
ZERO_HAS_A_MEANING = {
    *("--adversarial-weight", "--content-weight", "--image-weight"),  # without that loss
    *("--generator-ema", "--clip-norm", "--warm-start-steps"),  # without that
    *(
        "--grain",
        "--stroke-weight",
        "--discriminator-rate",
        "--discriminator-head-start",
    ),
    *("--adam-beta1", "--discriminator-success-rate", "--seed", "--resume-from"),
    "--cache-gigabytes",  # every picture is decoded anew
}
NO_SETTINGS = {"--resume-from", "--cache-gigabytes"}


def test_the_numeric_options_are_found():
    assert {"--image-size", "--learning-rate", "--seed", "--discriminator-success-rate"} <= {
        *NUMERIC
    }


@pytest.mark.parametrize("option", NUMERIC)
@pytest.mark.parametrize("value", ["-1", "nan", "-inf", "inf", "many", ""])
def test_numbers_that_cannot_be_are_refused(refused, assert_nothing_was_written, option, value):
    exit_code, line = refused("--artist", "el-greco", f"{option}={value}")
    assert exit_code == 2
    assert f"argument {option}" in line
    assert line.endswith(f"got {value!r}")
    assert_nothing_was_written()


@pytest.mark.parametrize("option", sorted({*NUMERIC} - ZERO_HAS_A_MEANING))
def test_zero_is_refused_where_it_has_no_meaning(refused, assert_nothing_was_written, option):
    exit_code, line = refused("--artist", "el-greco", option, "0")
    assert exit_code == 2
    assert f"argument {option}" in line
    assert_nothing_was_written()


@pytest.mark.parametrize("option", sorted(ZERO_HAS_A_MEANING - NO_SETTINGS))
def test_zero_is_accepted_where_it_has_a_meaning(requested, option):
    assert requested(option, "0").settings.flat()[option[2:].replace("-", "_")] == 0


@pytest.mark.parametrize("size", ["63", "65", "72", "48", "16", "64.0"])
def test_an_image_size_the_networks_do_not_take_is_refused(
    refused, assert_nothing_was_written, size
):
    exit_code, line = refused("--artist", "el-greco", "--image-size", size)
    assert exit_code == 2
    assert f"--image-size: must be a multiple of 16, at least 64 (pixels), got '{size}'" in line
    assert_nothing_was_written()


def test_an_average_that_never_moves_is_refused(refused, assert_nothing_was_written):
    exit_code, line = refused("--artist", "el-greco", "--generator-ema", "1")
    assert exit_code == 2
    assert "--generator-ema must be at least 0 and below 1. Received: 1.0" in line
    assert_nothing_was_written()
