import re
from pathlib import Path

import adaptive_style_tf
from adaptive_style_tf.stylize import parser

GUIDE = (Path(__file__).resolve().parents[1] / "docs" / "stylizing.md").read_text(encoding="utf-8")
FOR_EVERY_DOOR = {"--help", "--version", "--debug", "--list-styles"}


def test_the_guide_has_every_option_and_no_other() -> None:
    named = set(re.findall(r"--[a-z]+(?:-[a-z]+)*", GUIDE))
    known = {name for name in parser()._option_string_actions if name.startswith("--")}
    assert named == known - FOR_EVERY_DOOR


def test_defaults_in_the_guide_are_the_commands() -> None:
    defaults = vars(parser().parse_args([]))
    rows = dict(re.findall(r"^\| `--([a-z-]+)[^|]*\| `?(\d+)\b[^|]*\|", GUIDE, re.MULTILINE))
    assert rows.pop("crf") == "18"  # left to the encoder
    assert rows.keys() == {"strength", "start", "frame-rate"}
    for option, value in rows.items():
        assert defaults[option.replace("-", "_")] == float(value), option


def test_what_the_guide_imports_is_public() -> None:
    (names,) = re.findall(r"^from adaptive_style_tf import (.+)$", GUIDE, re.MULTILINE)
    assert set(names.split(", ")) <= set(adaptive_style_tf.__all__)
