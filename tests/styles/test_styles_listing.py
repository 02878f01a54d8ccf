from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from adaptive_style_tf.styles import FoundStyle, StyleDescription, style_table, write_style


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_line_has_name_steps_size_date_and_folder(
    generator: dict[str, np.ndarray], describe: Callable[..., StyleDescription]
) -> None:
    long = "checkpoints/pierre-auguste-renoir"
    write_style("checkpoints/monet", describe(step=300_000), generator)
    write_style(long, describe(step=7, date="2018-09-08T23:59:00+02:00"), generator)
    with Path(long, "generator.safetensors").open("rb") as file:
        size = f"{len(file.read()) / 1e6:.1f} MB"
    table = style_table(
        [
            FoundStyle("monet", Path("checkpoints/monet")),
            FoundStyle("pierre-auguste-renoir", Path(long)),
        ]
    )
    assert table == [
        f"name                    steps  {'size'.rjust(len(size))}  date        folder",
        f"monet                  300000  {size}  2025-03-01  checkpoints/monet",
        f"pierre-auguste-renoir       7  {size}  2018-09-08  {long}",
    ]


def test_a_damaged_style_does_not_hide_the_others(
    generator: dict[str, np.ndarray], describe: Callable[..., StyleDescription]
) -> None:
    for name in ("a", "b"):
        write_style(f"checkpoints/{name}", describe(), generator)
    Path("checkpoints/a/generator.safetensors").unlink()
    _, damaged, whole = style_table(
        [FoundStyle(name, Path("checkpoints", name)) for name in ("a", "b")]
    )
    assert damaged.startswith("a ")
    assert "checkpoints/a: " in damaged
    assert "generator.safetensors is missing" in damaged
    assert whole.endswith("checkpoints/b")
