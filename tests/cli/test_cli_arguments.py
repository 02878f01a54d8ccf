import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from adaptive_style_tf.cli import arguments


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (arguments.positive_int, "1", 1),
        (arguments.non_negative_int, "0", 0),
        (arguments.positive_float, "2e-4", 0.0002),
        (arguments.non_negative_float, "0", 0.0),
        (arguments.share, "0.8", 0.8),
        (arguments.share, "1", 1.0),
        (arguments.percentage, "100", 100),
        (arguments.weights_by_name, "cezanne=0.7, a=b=3", {"cezanne": 0.7, "a=b": 3.0}),
        (arguments.training_image_size, "64", 64),
        (arguments.training_image_size, "768", 768),
        (arguments.any_path, "a/b", Path("a/b")),
        (arguments.any_path, "~/b", Path.home() / "b"),
    ],
)
def test_good_values(kind: Callable[[str], Any], text: str, value: Any) -> None:
    assert kind(text) == value


@pytest.mark.parametrize(
    ("kind", "text", "message"),
    [
        (arguments.positive_int, "0", "must be a whole number above 0, got '0'"),
        (arguments.positive_int, "-3", "must be a whole number above 0, got '-3'"),
        (arguments.positive_int, "2.5", "must be a whole number above 0, got '2.5'"),
        (arguments.non_negative_int, "-1", "must be a whole number, 0 or above, got '-1'"),
        (arguments.positive_float, "0", "must be a number above 0, got '0'"),
        (arguments.positive_float, "nan", "must be a number above 0, got 'nan'"),
        (arguments.positive_float, "inf", "must be a number above 0, got 'inf'"),
        (arguments.positive_float, "fast", "must be a number above 0, got 'fast'"),
        (arguments.non_negative_float, "-0.1", "must be a number, 0 or above, got '-0.1'"),
        (arguments.share, "1.01", "must be a number from 0 to 1, got '1.01'"),
        (arguments.training_image_size, "48", "must be a multiple of 16, at least 64"),
        (arguments.training_image_size, "250", "must be a multiple of 16, at least 64"),
        (arguments.percentage, "101", "must be a whole number from 1 to 100, got '101'"),
        (arguments.percentage, "0", "must be a whole number from 1 to 100, got '0'"),
        (arguments.weights_by_name, "cezanne", "must be NAME=WEIGHT,"),
        (arguments.weights_by_name, "cezanne=0", "must be NAME=WEIGHT,"),
        (arguments.weights_by_name, "=1", "must be NAME=WEIGHT,"),
        (arguments.weights_by_name, "a=1,", "must be NAME=WEIGHT,"),
        (arguments.weights_by_name, "a=1,a=2", "must be NAME=WEIGHT,"),
        (arguments.weights_by_name, "a=nan", "must be NAME=WEIGHT,"),
        (arguments.any_path, "", "must be a path, got an empty text"),
    ],
)
def test_bad_values_are_named(kind: Callable[[str], Any], text: str, message: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError) as raised:
        kind(text)
    assert str(raised.value).startswith(message)
