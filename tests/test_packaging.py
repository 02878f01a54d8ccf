import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import venv
from pathlib import Path

import pytest

import adaptive_style_tf

ROOT = Path(__file__).resolve().parents[1]
BUILT_FROM = (
    "setup.py",
    "pyproject.toml",
    "requirements.txt",
    "requirements-addons.txt",
    "MANIFEST.in",
    "README.md",
    "LICENSE",
    "CHANGELOG.md",
    "CITATION.cff",
)


def run(*command: str | Path, folder: Path, path: str = "") -> str:
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("PYTHON")
    }
    environment |= {"PYTHONPATH": path} if path else {}
    done = subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def interpreter(environment: Path) -> Path:
    return environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def put_style(folder: Path, tiny: Path, with_card: bool) -> None:
    shutil.copytree(tiny, folder)
    (folder / "samples").mkdir()
    (folder / "samples" / "coffee.jpg").write_bytes(b"a picture")
    if with_card:
        (folder / "README.md").write_text("A model card.", encoding="utf-8")


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory, untrained_style_folder: Path) -> Path:
    """What Git has, with a shipped style, and one of the user's own."""
    source = tmp_path_factory.mktemp("packaging") / "source"
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "adaptive_style_tf", source / "adaptive_style_tf", ignore=ignored)
    for name in BUILT_FROM:
        shutil.copy(ROOT / name, source)
    put_style(source / "checkpoints" / "a-painter", untrained_style_folder, with_card=True)
    put_style(source / "checkpoints" / "of-my-own", untrained_style_folder, with_card=False)
    left_over = source / "build" / "lib" / "adaptive_style_tf" / "bundled" / "no-longer-shipped"
    put_style(left_over, untrained_style_folder, with_card=True)
    return source


PIP = (sys.executable, "-m", "pip", "--quiet")
OFFLINE = ("--no-deps", "--no-index")


@pytest.fixture(scope="module")
def site_packages(source: Path) -> Path:
    """Where this package lies, and nothing else, after `pip install` into a new environment."""
    folder = source.parent
    venv.create(folder / "environment", with_pip=False, symlinks=os.name != "nt")
    python = interpreter(folder / "environment")
    run(*PIP, "wheel", *OFFLINE, "--no-build-isolation", "--wheel-dir", "..", ".", folder=source)
    (wheel,) = folder.glob("*.whl")
    run(*PIP, "--python", python, "install", *OFFLINE, wheel, folder=folder)
    found = run(
        python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", folder=folder
    )
    return Path(found.strip())


LIBRARIES = os.pathsep.join(entry for entry in sys.path if entry.endswith("-packages"))


def test_the_installed_package_works_from_another_folder(
    site_packages: Path, tmp_path: Path
) -> None:
    """The heavy libraries come from the environment that runs the tests; only ours is new."""
    environment = next(
        parent for parent in site_packages.parents if (parent / "pyvenv.cfg").exists()
    )

    def python_there(*arguments: str) -> str:
        return run(interpreter(environment), *arguments, folder=tmp_path, path=LIBRARIES)

    code = "import adaptive_style_tf; print(adaptive_style_tf.__file__)"
    assert python_there("-c", code) == f"{site_packages / 'adaptive_style_tf' / '__init__.py'}\n"
    version = python_there("-m", "adaptive_style_tf.stylize", "--version")
    assert version == f"adaptive-style-tf {adaptive_style_tf.__version__}\n"
    assert "usage:" in python_there("-m", "adaptive_style_tf.stylize", "--help")
    bundled = site_packages / "adaptive_style_tf" / "bundled"
    assert python_there("-c", LIST_STYLES) == f"a-painter {bundled / 'a-painter'}\n"


LIST_STYLES = """
from adaptive_style_tf.styles import find_style, list_styles
for style in list_styles():
    print(style.name, style.folder)
    find_style(style.name).generator_weights()  # whole, by its checksum
"""


def test_a_source_distribution_holds_the_shipped_styles(source: Path) -> None:
    code = "import sys; from setuptools import build_meta; build_meta.build_sdist('../sdist')"
    run(sys.executable, "-c", code, folder=source)
    (archive,) = (source.parent / "sdist").glob("*.tar.gz")
    with tarfile.open(archive) as contents:
        names = {name.partition("/")[2] for name in contents.getnames()}
    shipped = source / "checkpoints" / "a-painter"
    files = {path for path in shipped.rglob("*") if path.is_file()}
    assert len(files) == 4
    assert {path.relative_to(source).as_posix() for path in files} <= names
    assert not any("of-my-own" in name for name in names)
    assert "adaptive_style_tf/demo_pictures/coffee.jpg" in names


def test_an_editable_installation_finds_the_styles_of_its_repository(
    source: Path, tmp_path: Path
) -> None:
    venv.create(tmp_path / "environment", with_pip=False, symlinks=os.name != "nt")
    python = interpreter(tmp_path / "environment")
    run(
        *(*PIP, "--python", python, "install", *OFFLINE, "--no-build-isolation"),
        *("--editable", source),
        folder=tmp_path,
        path=LIBRARIES,  # setuptools, which the new environment lacks
    )
    assert not (source / "adaptive_style_tf" / "bundled").exists()
    # The libraries come last, by a file of this name: the environment that runs the tests may hold
    # an editable installation too, whose finder has the same name as the new one.
    place = run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", folder=ROOT)
    libraries = Path(place.strip()) / "zz_libraries.pth"
    libraries.write_text(LIBRARIES.replace(os.pathsep, "\n"), encoding="utf-8")
    listed = run(python, "-c", LIST_STYLES, folder=tmp_path).split("\n")
    checkpoints = source / "checkpoints"
    assert listed == [f"{name} {checkpoints / name}" for name in ("a-painter", "of-my-own")] + [""]


def test_nothing_of_the_package_is_left_behind(source: Path, site_packages: Path) -> None:
    installed = site_packages / "adaptive_style_tf"
    package = source / "adaptive_style_tf"
    wanted = {
        path.relative_to(package)
        for path in package.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    wanted |= {
        Path("bundled", "a-painter", name)
        for name in ("style.json", "generator.safetensors", "README.md", "samples/coffee.jpg")
    }
    found = {
        path.relative_to(installed)
        for path in installed.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert found == wanted


def test_the_installed_package_says_what_it_needs(site_packages: Path) -> None:
    metadata = next(site_packages.glob("adaptive_style_tf-*.dist-info/METADATA")).read_text()
    needed = re.findall(r"^Requires-Dist: ([\w-]+)[^;\n]*$", metadata, re.MULTILINE)
    assert needed == [
        "tensorflow",
        "keras",
        "numpy",
        "opencv-python-headless",
        "scipy",
        "pillow",
        "safetensors",
        "tqdm",
    ]
    assert "Requires-Python: >=3.11" in metadata
    extras = set(re.findall(r"^Provides-Extra: (\w+)$", metadata, re.MULTILINE))
    assert {"tensorboard", "jax", "video", "gpu", "test", "dev", "all"} <= extras


def test_every_tool_of_ci_is_in_the_extra_all(site_packages: Path) -> None:
    metadata = next(site_packages.glob("adaptive_style_tf-*.dist-info/METADATA")).read_text()
    everything = set(
        re.findall(r'^Requires-Dist: ([\w-]+).*extra == "all"$', metadata, re.MULTILINE)
    )
    assert {"pytest", "hypothesis", "ruff", "mypy", "import-linter", "tensorboard"} <= everything
    assert not any("cuda" in requirement for requirement in everything)


def test_the_citation_names_this_version() -> None:
    citation = (ROOT / "CITATION.cff").read_text()
    assert f"\nversion: {adaptive_style_tf.__version__}\n" in citation


def test_every_door_of_the_layers_is_a_door() -> None:
    """A module that the layers call a door answers to `main`."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    layers = settings["tool"]["importlinter"]["contracts"][0]["layers"]
    doors = re.findall(r"\w+", layers[0] + layers[1])
    there = [door for door in doors if (ROOT / "adaptive_style_tf" / f"{door}.py").exists()]
    assert {"stylize", "demo"} <= set(there)
    for door in there:
        text = (ROOT / "adaptive_style_tf" / f"{door}.py").read_text()
        assert "def main(argv: Sequence[str] | None = None) -> int:" in text
        assert text.endswith('if __name__ == "__main__":\n    sys.exit(main())\n')
