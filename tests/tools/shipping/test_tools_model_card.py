"""What the card of a shipped style says."""

import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

from adaptive_style_tf.styles import read_style
from adaptive_style_tf.train import build_parser
from adaptive_style_tf.training.settings import TrainingSettings, preset, settings_from

Ship = Callable[..., int]
MakeRun = Callable[..., Path]


def test_the_card_says_what_it_must(ship: Ship, make_run: MakeRun) -> None:
    assert ship(make_run("a"), "--hours", "6.54") == 0
    card = Path("checkpoints/paul-cezanne/README.md").read_text(encoding="utf-8")
    head, _, text = card.removeprefix("---\n").partition("---\n")
    assert "license: apache-2.0\n" in head
    assert "- style-transfer\n" in head
    for part in (
        "# Paul Cézanne\n",
        "![my-photo](samples/my-photo.jpg)",
        "| steps | 700 of",
        "| paintings | 61 |",
        "| photographs | 1,234 |",
        "| time | 6.5 hours, without that of warm |",
        "| hardware | AMD EPYC, 2 processors |",
        "## Known weaknesses\n\nSkies are smeared.\n",
        "This is the first version.",
        "## Photographs\n\nMine, CC0.",
        "Paul Cézanne died in 1906, more than 70 years ago",
        "by at most 1 of 255 levels from float32",
    ):
        assert part in text
    digest = read_style("checkpoints/paul-cezanne").description.files["generator.safetensors"]
    assert digest in text
    headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert len(headings) == len(set(headings)) == 7


def test_the_command_on_the_card_repeats_the_settings(ship: Ship, make_run: MakeRun) -> None:
    assert ship(make_run("a")) == 0
    card = Path("checkpoints/paul-cezanne/README.md").read_text(encoding="utf-8")
    (command,) = re.findall(r"^python -m adaptive_style_tf.train (.+)$", card, re.MULTILINE)
    arguments = build_parser().parse_args(shlex.split(command))
    known = TrainingSettings().flat()
    given = {name: value for name in known if (value := getattr(arguments, name, None)) is not None}
    repeated = settings_from({**preset(arguments.preset), **given}).flat()
    trained_with = read_style("runs/a/style").description.settings
    expected = {name: trained_with[name] for name in known}
    assert repeated == expected | {"total_steps": 700, "save_every": 1000}
    assert arguments.init_from == "warm"


def test_settings_that_only_an_earlier_version_had_are_left_out_of_the_command(
    ship: Ship, make_run: MakeRun
) -> None:
    assert ship(make_run("a")) == 0
    card = Path("checkpoints/paul-cezanne/README.md").read_text(encoding="utf-8")
    gone = {"patch_weight": 15.0, "texture_steps": 300}
    assert ship(make_run("b", step=800, settings=gone)) == 0
    later = Path("checkpoints/paul-cezanne/README.md").read_text(encoding="utf-8")
    commands = [
        re.search(r"^python -m adaptive_style_tf.train .+$", text, re.M) for text in (card, later)
    ]
    assert commands[1][0] == commands[0][0].replace("700", "800")
    assert read_style("checkpoints/paul-cezanne").description.settings.items() >= gone.items()


def test_where_the_rate_falls_at_the_end_the_command_keeps_the_end(
    ship: Ship, make_run: MakeRun
) -> None:
    assert ship(make_run("a", settings={"lr_schedule": "drop"})) == 0
    card = Path("checkpoints/paul-cezanne/README.md").read_text(encoding="utf-8")
    assert "--total-steps 900 " in card


@pytest.mark.parametrize(
    ("settings", "changes", "repeats"),
    [
        ({"init_from": None}, {}, True),
        ({}, {}, False),  # it began from a style that is not shipped
        ({"init_from": None, "lr_schedule": "fade"}, {}, False),  # taken at 700 of 900
        ({"init_from": None, "lr_schedule": "fade"}, {"step": 900}, True),
        ({"init_from": None}, {"source": "trained; 75% of these weights"}, False),
    ],
)
def test_a_command_is_said_to_repeat_the_training_where_it_does(
    ship: Ship,
    make_run: MakeRun,
    settings: dict[str, object],
    changes: dict[str, object],
    repeats: bool,
) -> None:
    assert ship(make_run("a", settings=settings, **changes)) == 0
    card = Path("checkpoints/paul-cezanne/README.md").read_text(encoding="utf-8")
    assert ("this repeats it" in card) == repeats
    assert ("what was done besides stands above and below" in card) != repeats


@pytest.mark.parametrize(
    ("hours", "text"),
    [
        (0.01, "1 minute"),
        (0.42, "25 minutes"),
        (0.98, "59 minutes"),
        (1.0, "1.0 hours"),
        (6.54, "6.5 hours"),
    ],
)
def test_less_than_an_hour_is_told_in_minutes(hours: float, text: str) -> None:
    from model_card import duration_text

    assert duration_text(hours) == text
