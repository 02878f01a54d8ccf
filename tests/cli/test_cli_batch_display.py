import io
from pathlib import Path

from adaptive_style_tf.cli.batch_display import BatchDisplay


def test_results_and_remarks_are_kept_apart_and_all_are_counted() -> None:
    results, stream = io.StringIO(), io.StringIO()
    with BatchDisplay(4, results, stream) as display:
        display.made(Path("out/a.jpg"))
        display.not_made("Failed: b.jpg is empty.")
        display.not_made("Failed: b.jpg is empty.")
        display.say("Note: thin.")
        display.not_made("")
    assert results.getvalue() == "out/a.jpg\n"
    lines = stream.getvalue().splitlines()
    assert lines[:2] == ["Failed: b.jpg is empty.", "Note: thin."]
    assert lines[2].startswith("stylizing: 4 of 4 (100 %)")
    assert len(lines) == 3


def test_a_video_has_a_count_of_its_own() -> None:
    stream = io.StringIO()
    with BatchDisplay(2, None, stream) as display:
        for done in (1, 2, 3):
            display.frames(Path("x/clip.mp4"), done, 4)
        display.made(Path("out/clip.mp4"))
        display.frames(Path("x/next.mp4"), 1, 0)
    lines = stream.getvalue().splitlines()
    assert lines[0].startswith("clip.mp4: 3 of 4 (75 %)")
    assert lines[1].startswith("next.mp4: 1, ")
    assert lines[2].startswith("stylizing: 1 of 2 (50 %)")
