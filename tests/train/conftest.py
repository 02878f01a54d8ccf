"""A folder of data, and the command up to where it would train; trainings are in tests/training."""

import numpy as np
import pytest
from PIL import Image

from adaptive_style_tf import train


def draw(folder, count=2):
    folder.mkdir(parents=True)
    for number in range(count):
        pixels = np.random.default_rng(number).integers(0, 256, (72, 96, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"{number}.png")
    return folder


@pytest.fixture
def data(tmp_path, monkeypatch):
    """The folder `data` as users lay it out, in an otherwise empty working folder."""
    monkeypatch.chdir(tmp_path)
    draw(tmp_path / "data" / "artists" / "el-greco")
    draw(tmp_path / "data" / "photos")
    return tmp_path / "data"


@pytest.fixture
def requested(monkeypatch):
    """Gives the request that a command line makes, instead of training."""
    from adaptive_style_tf.training import trainer

    requests = []
    monkeypatch.setattr(trainer, "train", lambda request, *told: requests.append(request) or 0)

    def parse(*arguments, artist=("--artist", "el-greco")):
        requests.clear()
        assert train.main([*artist, *arguments]) == 0
        [request] = requests
        return request

    return parse


@pytest.fixture
def refused(capsys, monkeypatch):
    """Gives exit code and last line of a command that is refused without a traceback."""
    # A command that is taken would train, for days.
    monkeypatch.setattr("adaptive_style_tf.training.trainer.run", lambda *_: pytest.fail("trains"))

    def run(*arguments):
        try:
            exit_code = train.main(list(arguments))
        except SystemExit as left:  # argparse
            exit_code = left.code
        told = capsys.readouterr().err
        assert "Traceback" not in told
        line = told.splitlines()[-1]
        assert line.startswith("python -m adaptive_style_tf.train: error: ")
        return exit_code, line

    return run


@pytest.fixture
def assert_nothing_was_written(data):
    """Looks whether the working folder still holds nothing but the data."""

    def look():
        assert sorted(path.name for path in data.parent.iterdir()) == ["data"]

    return look
