from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import adaptive_style_tf
from adaptive_style_tf.errors import StyleError, UsageError
from adaptive_style_tf.styles import (
    SearchFolder,
    StyleDescription,
    default_search_folders,
    find_style,
    list_styles,
    write_style,
)
from adaptive_style_tf.styles.search import shipped_styles

Arrays = dict[str, np.ndarray]
Make = Callable[[str], Path]


@pytest.fixture
def make(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    generator: Arrays,
    describe: Callable[..., StyleDescription],
) -> Make:
    """Makes a style at a path below the current folder."""
    monkeypatch.chdir(tmp_path)

    def make(path: str) -> Path:
        return write_style(Path(path), describe(), generator).folder

    return make


@pytest.fixture
def places() -> list[SearchFolder]:
    return [
        SearchFolder(Path("runs"), "style"),
        SearchFolder(Path("checkpoints")),
        SearchFolder(Path("installed")),
    ]


def test_the_default_places_are_runs_checkpoints_and_what_comes_with_the_package(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    package = Path(str(adaptive_style_tf.__file__)).parent
    monkeypatch.setattr("adaptive_style_tf.styles.search.PACKAGE", package)
    assert default_search_folders() == (
        SearchFolder(Path("runs"), "style"),
        SearchFolder(Path("checkpoints")),
        SearchFolder(package.parent / "checkpoints"),
    )


def test_an_installed_package_has_its_styles_inside(make: Make, tmp_path: Path) -> None:
    package = tmp_path / "site-packages" / "adaptive_style_tf"
    make("site-packages/checkpoints/monet")  # of somebody else
    assert shipped_styles(package) == package / "bundled"


def test_the_repository_s_checkpoints_are_found_from_every_folder(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository = tmp_path / "repository"
    make("repository/checkpoints/claude-monet")
    (repository / "setup.py").touch()
    monkeypatch.setattr("adaptive_style_tf.styles.search.PACKAGE", repository / "adaptive_style_tf")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert find_style("monet").folder == repository / "checkpoints" / "claude-monet"
    own = make("checkpoints/claude-monet")  # the current folder's comes first
    assert find_style("monet").folder == own


def test_runs_come_before_checkpoints_before_installed_styles(
    make: Make, places: list[SearchFolder]
) -> None:
    for path in ("installed/el-greco", "checkpoints/el-greco", "runs/el-greco/style"):
        make(path)
        assert find_style("greco", places).folder == Path(path)


def test_a_path_comes_before_all_names(make: Make, places: list[SearchFolder]) -> None:
    make("runs/el-greco/style")
    own = make("el-greco")
    assert find_style("el-greco", places).folder == own
    assert find_style(own, places).folder == own


def test_a_run_folder_stands_for_its_style(make: Make) -> None:
    make("elsewhere/run-7/style")
    assert find_style("elsewhere/run-7").folder == Path("elsewhere/run-7/style")


def test_a_folder_of_that_name_that_is_no_style_does_not_hide_the_style(
    make: Make, places: list[SearchFolder]
) -> None:
    Path("el-greco").mkdir()
    make("checkpoints/el-greco")
    assert find_style("el-greco", places).folder == Path("checkpoints/el-greco")


def test_a_run_without_a_style_yet_does_not_hide_the_style(
    make: Make, places: list[SearchFolder]
) -> None:
    Path("runs/el-greco").mkdir(parents=True)
    make("checkpoints/el-greco")
    assert find_style("el-greco", places).folder == Path("checkpoints/el-greco")


def test_short_forms_are_looked_for_in_all_places_together(
    make: Make, places: list[SearchFolder]
) -> None:
    make("runs/paul-cezanne/style")
    make("installed/paul-gauguin")
    assert find_style("gauguin", places).folder == Path("installed/paul-gauguin")
    with pytest.raises(UsageError, match="paul-cezanne or paul-gauguin"):
        find_style("paul", places)


def test_an_unknown_name_suggests_and_lists_what_there_is(
    make: Make, places: list[SearchFolder]
) -> None:
    make("runs/paul-cezanne/style")
    make("checkpoints/my-cat")
    with pytest.raises(UsageError) as caught:
        find_style("cezane", places)
    message = str(caught.value)
    assert "did you mean paul-cezanne?" in message
    assert "known are my-cat, paul-cezanne" in message


def test_without_any_style_the_error_says_what_to_do(
    make: Make, places: list[SearchFolder]
) -> None:
    with pytest.raises(UsageError, match="train one or give the path of one"):
        find_style("monet", places)


@pytest.mark.parametrize("path", ["runs/monet/style", "./monet", "../monet"])
def test_a_wrong_path_is_not_taken_for_a_name(make: Make, path: str) -> None:
    make("checkpoints/monet")
    with pytest.raises(StyleError, match="is no folder"):
        find_style(path)


def test_a_damaged_style_is_an_error_rather_than_skipped(
    make: Make, places: list[SearchFolder]
) -> None:
    (make("runs/el-greco/style") / "style.json").write_text("{", encoding="utf-8")
    make("checkpoints/el-greco")
    with pytest.raises(StyleError, match="damaged"):
        find_style("el-greco", places)


def test_the_list_has_every_name_once_from_its_best_place(
    make: Make, places: list[SearchFolder]
) -> None:
    make("checkpoints/b")
    make("installed/a")
    make("installed/b")
    make("checkpoints/.c.1.unfinished")
    Path("checkpoints/README.md").touch()
    found = [(style.name, style.folder) for style in list_styles(places)]
    assert found == [("a", Path("installed/a")), ("b", Path("checkpoints/b"))]
