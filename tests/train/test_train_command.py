"""The command itself: names, spelling, help, questions."""

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from adaptive_style_tf import train


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


def test_names_of_options_cannot_be_abbreviated(refused):
    # `--rest` would be kept in the command to go on with, and begin anew each time.
    exit_code, line = refused("--artist", "el-greco", "--rest")
    assert exit_code == 2
    assert "unrecognized arguments: --rest" in line


def test_help_loads_nothing_heavy():
    code = (
        "import sys; from adaptive_style_tf import train; train.build_parser().format_help(); "
        "print(*{'tensorflow', 'keras', 'numpy', 'cv2', 'scipy', 'PIL'} & set(sys.modules))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == []


def test_questions_are_answered_on_the_terminal(monkeypatch):
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    for answer, agreed in {"y": True, " YES ": True, "": False, "n": False, "yup": False}.items():
        monkeypatch.setattr("builtins.input", lambda question, answer=answer: answer)
        assert train.asked("Delete?") is agreed


def test_ctrl_d_is_no_answer_and_counts_as_no(monkeypatch):
    def ends(question):
        raise EOFError

    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", ends)
    assert train.asked("Delete?") is False
