"""Beginning anew where there is a run."""

import pytest


def test_restart_begins_anew(narrow_training):
    run = narrow_training.finished()
    (run.path / "notes.txt").write_text("mine")
    outcome = narrow_training("--restart", "--yes", "--total-steps", "2")
    assert outcome.exit_code == 0
    assert "Resuming" not in outcome.output
    assert run.steps() == [2]
    assert [path.name for path in (run.path / "samples").iterdir()] == ["step_000002.jpg"]
    assert (run.path / "notes.txt").read_text() == "mine"


def test_restart_without_a_terminal_wants_to_be_sure(narrow_training):
    before = narrow_training.finished().files()
    outcome = narrow_training("--restart")
    outcome.assert_refused(2, "Delete checkpoints, logs, samples, style", "add --yes")
    assert narrow_training.run.files() == before


@pytest.mark.parametrize(("answer", "deleted"), [("y", True), ("", False), ("no", False)])
def test_restart_asks_on_a_terminal(narrow_training, monkeypatch, answer, deleted):
    before = narrow_training.finished().files()
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    questions = []
    monkeypatch.setattr("builtins.input", lambda question: questions.append(question) or answer)
    outcome = narrow_training("--restart", "--total-steps", "1")
    assert len(questions) == 1
    assert "Delete checkpoints" in questions[0]
    if deleted:
        assert outcome.exit_code == 0
        assert narrow_training.run.steps() == [1]
    else:
        outcome.assert_refused(1, "Nothing was deleted")
        assert narrow_training.run.files() == before


def test_restart_and_resume_from_exclude_each_other(narrow_training):
    before = narrow_training.finished().files()
    outcome = narrow_training("--restart", "--yes", "--resume-from", "6")
    outcome.assert_refused(2, "--restart deletes the checkpoints")
    assert narrow_training.run.files() == before
