"""A batch goes on past a bad file, stops cleanly, and needs no more memory for more files."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import psutil
import pytest

from adaptive_style_tf.inference.network import loaded_generator
from adaptive_style_tf.styles import Style
from adaptive_style_tf.stylize import main


def test_one_bad_picture_does_not_stop_the_others(
    tiny_style: Style, capsys: pytest.CaptureFixture[str], photograph: Callable[..., str]
) -> None:
    Path("bad.jpg").write_bytes(b"no picture")
    assert main(["bad.jpg", photograph("good.jpg")]) == 1
    printed = capsys.readouterr()
    assert printed.out == "stylized/good_stylized.jpg\n"
    assert "Failed: bad.jpg is no " in printed.err
    assert "\n1 done, 0 skipped, 1 failed.\n  failed: bad.jpg is no " in printed.err
    assert "error: 1 of 2 results could not be made" in printed.err


def test_ctrl_c_stops_with_whole_files_a_summary_and_130(
    tiny_style: Style,
    capsys: pytest.CaptureFixture[str],
    photograph: Callable[..., str],
    files: Callable[[], list[str]],
    ctrl_c_at_picture: Callable[[int], None],
) -> None:
    for name in "abc":
        photograph(f"in/{name}.png", 20, 20)
    ctrl_c_at_picture(2)
    assert main(["in"]) == 130
    printed = capsys.readouterr()
    assert printed.out == "stylized/a_stylized.png\n"
    assert "1 done, 0 skipped, 0 failed, 2 not begun." in printed.err
    assert printed.err.endswith("interrupted\n")
    assert files() == ["in/a.png", "in/b.png", "in/c.png", "stylized/a_stylized.png"]


@pytest.mark.slow
def test_memory_stays_flat_over_a_thousand_files(
    tiny_style: Style, photograph: Callable[..., str], network_instead: Callable[..., None]
) -> None:
    for index in range(1000):
        photograph(f"in/{index:04d}.jpg", 160, 120)
    process, resident = psutil.Process(os.getpid()), []
    network = loaded_generator(tiny_style)

    def measured(batch: np.ndarray, training: bool) -> np.ndarray:
        resident.append(process.memory_info().rss)
        # The network is slow.
        return network(batch, training=training) if len(resident) % 10 == 0 else batch

    network_instead(measured)
    assert main(["in"]) == 0
    assert len(resident) == 1000
    early, late = np.median(resident[100:200]), np.median(resident[-100:])
    assert late - early < 20e6, f"{early / 1e6:.0f} MB became {late / 1e6:.0f} MB"
