"""Installation; the versions that the core needs are in requirements.txt."""

import re
import shutil
from pathlib import Path

from setuptools import find_packages, setup
from setuptools.command.build_py import build_py

HERE = Path(__file__).resolve().parent


def read_requirements(path: Path) -> list[str]:
    """The requirement lines of a file, without comments."""
    lines = (line.split("#")[0].strip() for line in path.read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line]


def read_version(path: Path) -> str:
    """The version that the package itself names."""
    match = re.search(r'^__version__ = "([^"]+)"$', path.read_text(encoding="utf-8"), re.MULTILINE)
    if match is None:
        raise RuntimeError(f"no __version__ in {path}")
    return match.group(1)


def shipped_styles() -> list[Path]:
    """The folders of the styles that come with the package.

    A style is shipped if it has a model card, as `tools/ship_style.py` writes it: what else lies in
    checkpoints/ belongs to whoever installs.
    """
    folders = (path.parent for path in HERE.glob("checkpoints/*/style.json"))
    return sorted(
        folder
        for folder in folders
        if (folder / "README.md").is_file() and not folder.name.startswith(".")
    )


class BuildWithStyles(build_py):
    """Puts the shipped styles into the package, where an installed package looks for them.

    In an editable installation the package stays in its repository and finds them in checkpoints/.
    """

    def run(self) -> None:
        """Builds the package, then copies the styles."""
        super().run()
        if self.editable_mode:
            return
        target = Path(self.build_lib) / "adaptive_style_tf" / "bundled"
        shutil.rmtree(target, ignore_errors=True)  # of an earlier build
        for folder in shipped_styles():
            shutil.copytree(folder, target / folder.name)

    def get_source_files(self) -> list[str]:
        """Names what a source distribution has to hold: the styles too."""
        styles = [
            path.relative_to(HERE).as_posix()
            for folder in shipped_styles()
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        ]
        return [*super().get_source_files(), *styles]


EXTRAS = {
    "tensorboard": ["tensorboard>=2.21"],
    "jax": ["jax>=0.10", "jaxlib>=0.10"],
    "video": ["av>=18.1"],
    "serving": ["tensorflow-serving-api>=2.21"],  # warm-up requests, and the client over gRPC
    "onnx": ["onnx>=1.23", "tf2onnx>=1.17"],
    "test": [
        "hypothesis>=6.170",
        "onnxruntime>=1.32",
        "openvino>=2026.4",
        "ovmsclient>=2023.1",
        "psutil>=7.2",
        "pytest>=9.2",
        "pytest-xdist>=3.8",
        "scikit-image>=0.26",
        "setuptools>=77",  # the packaging test builds without fetching anything
    ],
    "dev": [
        "import-linter>=2.16",
        "mypy>=2.4",
        "ruff>=0.17.6,<0.18",  # another minor version may format differently
        "scipy-stubs>=1.17",
        "types-tqdm>=4.67",
    ],
}

setup(
    name="adaptive-style-tf",
    version=read_version(HERE / "adaptive_style_tf" / "__init__.py"),
    description="A style-aware content loss for real-time HD style transfer, in Keras 3",
    long_description=(HERE / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="Apache-2.0",
    python_requires=">=3.11",
    packages=find_packages(include=["adaptive_style_tf", "adaptive_style_tf.*"]),
    package_data={"adaptive_style_tf": ["py.typed", "**/*.txt", "**/*.jpg", "**/*.md"]},
    cmdclass={"build_py": BuildWithStyles},
    install_requires=read_requirements(HERE / "requirements.txt"),
    extras_require={
        **EXTRAS,
        # CUDA libraries are several gigabytes, so "all" leaves them out.
        "gpu": ["tensorflow[and-cuda]>=2.21"],
        "all": sorted({requirement for extra in EXTRAS.values() for requirement in extra}),
    },
)
