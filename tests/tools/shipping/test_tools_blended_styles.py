from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from adaptive_style_tf.models.shapes import generator_shapes
from adaptive_style_tf.styles import read_style, write_style


def blend(*words: object) -> int:
    import blend_styles

    return blend_styles.main([str(word) for word in words])


@pytest.fixture
def pair(
    make_run: Callable[..., Path], discriminator_weights: Callable[[int], dict[str, np.ndarray]]
) -> tuple[Path, Path]:
    """A style, and another one with its discriminator, whose every weight is larger by one."""
    start = make_run("warm", step=300, date="2026-04-01T10:00:00+00:00") / "style"
    trained = make_run("trained") / "style"
    style = read_style(trained)
    larger = {name: array + 1 for name, array in style.generator_weights().items()}
    write_style(trained, replace(style.description, ndf=3), larger, discriminator_weights(1))
    return start, trained


@pytest.mark.parametrize("kept", [0.0, 0.75, 1.0])
def test_weights_lie_on_the_line_between_both(pair: tuple[Path, Path], kept: float) -> None:
    assert blend(*pair, "--share", kept, "--output", "blended") == 0
    start = read_style(pair[0]).generator_weights()
    blended = read_style("blended").generator_weights()
    assert blended.keys() == start.keys()
    for name, array in blended.items():
        np.testing.assert_allclose(array, start[name] + kept, atol=1e-6, err_msg=name)


def test_the_blend_says_what_it_is_and_can_be_shipped(
    pair: tuple[Path, Path], ship: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert blend(*pair, "--output", "blended") == 0
    assert capsys.readouterr().out == "wrote blended\n"
    description = read_style("blended").description
    of_trained = read_style(pair[1]).description
    told = "trained; 75% of these weights and 25% of those it started from"
    assert description == replace(of_trained, ndf=None, source=told, files=description.files)
    assert ship(Path("blended")) == 0
    card = Path("checkpoints/paul-cezanne/README.md").read_text(encoding="utf-8")
    assert f"| weights | {told} |" in card


def test_the_blend_has_the_hours_of_the_trained_one(
    pair: tuple[Path, Path], make_run: Callable[..., Path]
) -> None:
    for style, minutes in zip(pair, (600, 90), strict=True):
        log = style.parent / "logs" / "training.jsonl"
        log.parent.mkdir()
        log.write_text(f'{{"step": 100, "minutes": {minutes}}}')
    assert blend(*pair, "--output", "blended") == 0
    assert read_style("blended").description.hours == 1.5
    stated = make_run("stated", hours=2.25) / "style"
    assert blend(pair[0], stated, "--output", "other") == 0
    assert read_style("other").description.hours == 2.25


def test_styles_of_unlike_widths_or_other_origins_are_refused(
    pair: tuple[Path, Path],
    make_run: Callable[..., Path],
    capsys: pytest.CaptureFixture[str],
) -> None:
    converted = make_run("converted", source="converted from model.ckpt") / "style"
    for styles in ((pair[0], converted), (converted, pair[1])):
        assert blend(*styles, "--output", "blended") == 1
        assert f"{converted} is converted from model.ckpt" in capsys.readouterr().err
    style = read_style(pair[0])
    wide = write_style(
        "wide",
        replace(style.description, ngf=3),
        {name: np.zeros(shape, np.float32) for name, shape in generator_shapes(3).items()},
    )
    assert blend(pair[0], wide.folder, "--output", "blended") == 1
    assert "only networks of one width" in capsys.readouterr().err
    assert not Path("blended").exists()


@pytest.mark.parametrize("share", ["-0.1", "1.1", "nan", "half"])
def test_a_share_is_0_to_1(
    pair: tuple[Path, Path], share: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        blend(*pair, f"--share={share}", "--output", "blended")
    assert "--share" in capsys.readouterr().err
    assert not Path("blended").exists()


def test_an_output_that_is_there_is_not_replaced(
    pair: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert blend(*pair, "--output", pair[0]) == 2
    assert "exists" in capsys.readouterr().err


def test_styles_of_unlike_grain_are_refused(
    pair: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    style = read_style(pair[1])
    settings = {**style.description.settings, "grain": 5.0}
    grained = write_style(
        "grained", replace(style.description, settings=settings), style.generator_weights()
    )
    assert blend(pair[0], grained.folder, "--output", "blended") == 1
    told = capsys.readouterr().err
    assert "with --grain 0 and grained with 5: one result cannot have both" in told
    assert not Path("blended").exists()
