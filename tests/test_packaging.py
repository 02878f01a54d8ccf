import os
import re
import shutil
import subprocess
import sys
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


@pytest.fixture(scope="module")
def site_packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where this package lies, and nothing else, after `pip install` into a new environment."""
    folder = tmp_path_factory.mktemp("packaging")
    source = folder / "source"
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "adaptive_style_tf", source / "adaptive_style_tf", ignore=ignored)
    for name in BUILT_FROM:
        shutil.copy(ROOT / name, source)
    venv.create(folder / "environment", with_pip=False, symlinks=os.name != "nt")
    python = interpreter(folder / "environment")
    pip = (sys.executable, "-m", "pip", "--quiet")
    offline = ("--no-deps", "--no-index")
    run(*pip, "wheel", *offline, "--no-build-isolation", "--wheel-dir", "..", ".", folder=source)
    (wheel,) = folder.glob("*.whl")
    run(*pip, "--python", python, "install", *offline, wheel, folder=folder)
    shutil.rmtree(source)
    found = run(
        python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", folder=folder
    )
    return Path(found.strip())


def test_the_installed_package_works_from_another_folder(
    site_packages: Path, tmp_path: Path
) -> None:
    """The heavy libraries come from the environment that runs the tests; only ours is new."""
    environment = next(
        parent for parent in site_packages.parents if (parent / "pyvenv.cfg").exists()
    )
    libraries = os.pathsep.join(entry for entry in sys.path if entry.endswith("-packages"))

    def python_there(*arguments: str) -> str:
        return run(interpreter(environment), *arguments, folder=tmp_path, path=libraries)

    code = "import adaptive_style_tf; print(adaptive_style_tf.__file__)"
    assert python_there("-c", code) == f"{site_packages / 'adaptive_style_tf' / '__init__.py'}\n"
    version = python_there("-m", "adaptive_style_tf.stylize", "--version")
    assert version == f"adaptive-style-tf {adaptive_style_tf.__version__}\n"
    assert "usage:" in python_there("-m", "adaptive_style_tf.stylize", "--help")


def test_nothing_of_the_package_is_left_behind(site_packages: Path) -> None:
    installed = site_packages / "adaptive_style_tf"
    source = ROOT / "adaptive_style_tf"
    wanted = {
        path.relative_to(source)
        for path in source.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
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
