import argparse
from collections.abc import Callable

import pytest

from adaptive_style_tf import __version__, errors
from adaptive_style_tf.cli.doors import door_parser, run_door


def raising(error: BaseException) -> Callable[[argparse.Namespace], None]:
    def action(arguments: argparse.Namespace) -> None:
        raise error

    return action


def test_a_door_that_succeeds_leaves_with_zero() -> None:
    seen: list[str] = []
    parser = door_parser("stylize", "Does.")
    parser.add_argument("name")
    assert run_door(parser, lambda arguments: seen.append(arguments.name), ["x"]) == 0
    assert seen == ["x"]


def test_the_exit_code_of_the_action_is_the_doors() -> None:
    assert run_door(door_parser("train", "Does."), lambda arguments: 143, []) == 143


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.UsageError("bad value"), 2),
        (errors.PictureError("no picture"), 1),
        (errors.StyleError("no style"), 1),
        (errors.CollapseError("one color"), 1),
    ],
)
def test_an_error_becomes_one_line_and_its_exit_code(
    error: errors.AdaptiveStyleError, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_door(door_parser("stylize", "Does."), raising(error), []) == code
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err == f"python -m adaptive_style_tf.stylize: error: {error}\n"


def test_ctrl_c_leaves_with_130(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_door(door_parser("train", "Does."), raising(KeyboardInterrupt()), []) == 130
    assert capsys.readouterr().err == "python -m adaptive_style_tf.train: interrupted\n"


@pytest.mark.parametrize("error", [errors.StyleError("no style"), KeyboardInterrupt()])
def test_debug_shows_the_traceback(error: BaseException) -> None:
    with pytest.raises(type(error)):
        run_door(door_parser("stylize", "Does."), raising(error), ["--debug"])


def test_a_bug_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError):
        run_door(door_parser("stylize", "Does."), raising(ZeroDivisionError()), [])


def test_unknown_arguments_leave_with_two(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        run_door(door_parser("stylize", "Does."), raising(AssertionError()), ["--no-such"])
    assert left.value.code == 2
    assert "--no-such" in capsys.readouterr().err


def test_help_shows_the_examples_and_version_the_version(
    capsys: pytest.CaptureFixture[str],
) -> None:
    parser = door_parser("stylize", "Does.", ["photo.jpg --style cezanne"])
    for option in ("--help", "--version"):
        with pytest.raises(SystemExit) as left:
            parser.parse_args([option])
        assert left.value.code == 0
    printed = capsys.readouterr().out
    assert "  python -m adaptive_style_tf.stylize photo.jpg --style cezanne" in printed
    assert f"adaptive-style-tf {__version__}" in printed
