import argparse
import re
from importlib import import_module
from pathlib import Path

import pytest

import adaptive_style_tf

ROOT = Path(__file__).resolve().parents[1]
PAGES = [
    "README.md",
    "docs/serving.md",
    "data/README.md",
    "checkpoints/README.md",
    "notebooks/README.md",
]
PAGES_OF_LINKS = [
    "docs/training.md",
    "docs/stylizing.md",
    "docs/video.md",
    "tools/README.md",
    "benchmarks/README.md",
    "checkpoints/paul-cezanne/README.md",
]
OF_OTHER_PROGRAMS = {"--depth", "--logdir", "--rm", "--rest"}
DOORS = ["train", "stylize", "convert", "export", "client", "demo"]


def options_of(door: str, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """What the command's parser knows, caught when it is about to parse."""
    caught: list[argparse.ArgumentParser] = []

    def catch(self: argparse.ArgumentParser, *_: object) -> None:
        caught.append(self)
        raise SystemExit(0)

    with monkeypatch.context() as patch:
        patch.setattr(argparse.ArgumentParser, "parse_args", catch)
        with pytest.raises(SystemExit):
            import_module(f"adaptive_style_tf.{door}").main([])
    return set(caught[0]._option_string_actions)


@pytest.mark.parametrize("page", PAGES)
def test_every_option_on_the_page_is_known(page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    commands = re.findall(r"-m adaptive_style_tf\.(\w+)((?:.*\\\n)*.*)", text)
    for door, arguments in commands:
        named = set(re.findall(r"(?<!\S)--[a-z-]+", arguments))
        assert named <= options_of(door, monkeypatch), f"{door}: {arguments}"
    known = set().union(*(options_of(door, monkeypatch) for door in DOORS))
    assert set(re.findall(r"--[a-z]+(?:-[a-z]+)*", text)) - OF_OTHER_PROGRAMS <= known


@pytest.mark.parametrize("page", [*PAGES, *PAGES_OF_LINKS])
def test_every_link_to_a_file_leads_somewhere(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    text = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)  # code has its own []()
    for target in re.findall(r"\]\((?!https?://)([^)#]+)\)", text):
        assert (ROOT / page).parent.joinpath(target).exists(), target


@pytest.mark.parametrize("page", PAGES)
def test_every_import_on_the_page_is_public(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    for names in re.findall(r"^from adaptive_style_tf import (.+)$", text, re.MULTILINE):
        assert set(names.split(", ")) <= set(adaptive_style_tf.__all__)


def test_the_defaults_in_the_table_are_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    from adaptive_style_tf.training.settings import TrainingSettings

    settings = TrainingSettings().flat()
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    compared = 0
    for names, defaults in re.findall(r"^\| (`--.+?`) \| (.*?) \|", text, re.MULTILINE):
        options = [name.replace("-", "_") for name in re.findall(r"--([a-z-]+)", names)]
        values = defaults.replace("`", "").split(", ")
        if options[0] in settings and len(options) == len(values):
            compared += len(options)
            for option, value in zip(options, values, strict=True):
                assert str(settings[option]) in (value, f"{value}.0"), option
    assert compared >= 14
