from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from adaptive_style_tf.errors import PictureError
from adaptive_style_tf.inference.batch import sheet
from adaptive_style_tf.inference.batch.plan import Job, Result
from adaptive_style_tf.inference.batch.run import Writing
from adaptive_style_tf.inference.batch.sources import VIDEO, Source


def flat(path: str, color: str, size: tuple[int, int] = (640, 320)) -> Path:
    Image.new("RGB", size, color).save(path)
    return Path(path)


def job(path: Path, *results: Path, format_name: str = "PNG") -> Job:
    styles = ("paul-cezanne", "claude-monet")
    return Job(
        Source(path, path, format_name),
        tuple(Result(style, result) for style, result in zip(styles, results, strict=False)),
    )


def test_inputs_are_rows_and_styles_are_columns() -> None:
    jobs = [
        job(flat("a.png", "red"), flat("a1.png", "lime"), flat("a2.png", "blue")),
        job(
            flat("b.png", "white", (10, 40)), flat("b1.png", "black", (10, 40)), Path("missing.png")
        ),
        job(Path("unreadable.png"), Path("no.png"), Path("nor.png")),
        job(Path("clip.mp4"), Path("c1.mp4"), Path("c2.mp4"), format_name=VIDEO),
    ]
    assert sheet.write_sheet(Path("sheet.png"), jobs, Writing()) == 0
    with Image.open("sheet.png") as picture:
        pixels = np.asarray(picture.convert("RGB"))
    # Cells of 320 px with gaps of 8; 640 x 320 is fitted to 320 x 160.
    row = pixels[80]
    assert [tuple(row[x]) for x in (160, 328 + 160, 656 + 160)] == [
        (255, 0, 0),
        (0, 255, 0),
        (0, 0, 255),
    ]
    second = pixels[-200]
    assert tuple(second[328 + 20]) == (0, 0, 0)
    assert (second[656:] == 255).all()
    assert pixels.shape[1] == 3 * 320 + 2 * 8


def test_what_finds_no_place_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet, "MOST_ROWS", 2)
    jobs = [job(flat(f"{index}.png", "red"), Path("no.png")) for index in range(5)]
    assert sheet.write_sheet(Path("sheet.jpg"), jobs, Writing()) == 3


def test_nothing_to_show_is_said() -> None:
    with pytest.raises(PictureError, match=r"sheet\.jpg is not written: there is no picture"):
        sheet.write_sheet(Path("sheet.jpg"), [job(Path("no.png"), Path("nor.png"))], Writing())
