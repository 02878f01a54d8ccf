import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from adaptive_style_tf.models import SCALES

LARGEST_ERROR = 3e-4  # of the array's largest magnitude

# The same comparison in a process where importing tensorflow fails.
JAX_SCRIPT = """
import sys
sys.modules["tensorflow"] = None
import jax
import numpy as np
from adaptive_style_tf.models import (
    SCALES, Discriminator, Generator, TransformerBlock, assign_weights
)
weights, golden = (dict(np.load(path)) for path in sys.argv[1:])
part = lambda name: {k[len(name) + 1:]: v for k, v in weights.items() if k.startswith(name + "/")}
generator, discriminator = Generator(6), Discriminator(6)
for model, name in ((generator, "generator"), (discriminator, "discriminator")):
    model.build((None, None, None, 3))
    assign_weights(model, part(name))
transformer = TransformerBlock()
# Compiled as a whole: one by one, JAX would compile every operation for every size.
encoder, decoder, judge = (
    jax.jit(model.__call__) for model in (generator.encoder, generator.decoder, discriminator)
)
worst = 0.0
def compare(ours, theirs):
    global worst
    ours = np.asarray(ours)
    assert ours.shape == theirs.shape, (ours.shape, theirs.shape)
    worst = max(worst, float(np.abs(ours - theirs).max() / np.abs(theirs).max()))
for case in ("f0", "f1", "f2", "f3", "f4"):
    picture = golden[case + "/input"]
    latent = encoder(picture)
    compare(latent, golden[case + "/latent"])
    output = decoder(latent)
    compare(output, golden[case + "/output"])
    compare(transformer(picture), golden[case + "/transformer_block_input"])
    for name, logits in (("input", judge(picture)), ("output", judge(output))):
        for scale in SCALES:
            compare(logits[scale], golden[f"{case}/discr_{name}/{scale}"])
import keras
print(keras.config.backend(), worst)
"""


def largest_error(ours, theirs):
    ours = np.asarray(ours)
    assert ours.shape == theirs.shape
    return np.abs(ours - theirs).max() / np.abs(theirs).max()


@pytest.mark.parametrize("case", ["f0", "f1", "f2", "f3", "f4"])
def test_forward_pass_equals_the_release(case, start, golden, networks_of):
    networks = networks_of(start, "float32")
    expected = golden("forward")
    picture = expected[f"{case}/input"]
    latent = networks.generator.encoder(picture)
    stylized = networks.generator.decoder(latent)
    transformed = networks.transformer(picture)
    assert largest_error(latent, expected[f"{case}/latent"]) < LARGEST_ERROR
    assert largest_error(stylized, expected[f"{case}/output"]) < LARGEST_ERROR
    assert largest_error(transformed, expected[f"{case}/transformer_block_input"]) < LARGEST_ERROR
    for name, logits in (
        ("input", networks.discriminator(picture)),
        ("output", networks.discriminator(stylized)),
    ):
        assert tuple(logits) == SCALES
        for scale in SCALES:
            error = largest_error(logits[scale], expected[f"{case}/discr_{name}/{scale}"])
            assert error < LARGEST_ERROR


def test_logits_in_float64_equal_the_exact_ones(start, golden, networks_of):
    networks = networks_of(start, "float64")
    exact, forward = golden("exact"), golden("forward")
    compared = 0
    for key in (key for key in exact if "/discr_input/" in key):
        case, _, scale = key.split("/")
        logits = networks.discriminator(forward[f"{case}/input"].astype(np.float64))
        assert largest_error(logits[scale], exact[key]) < 1e-6
        compared += 1
    assert compared >= len(SCALES)


def test_forward_pass_under_jax_without_tensorflow(start, golden, tmp_path: Path):
    weights = {f"generator/{k}": v for k, v in start.generator.items()}
    weights |= {f"discriminator/{k}": v for k, v in start.discriminator.items()}
    np.savez(tmp_path / "weights.npz", **weights)
    np.savez(tmp_path / "golden.npz", **golden("forward"))
    answer = subprocess.run(
        [sys.executable, "-c", JAX_SCRIPT, tmp_path / "weights.npz", tmp_path / "golden.npz"],
        env={
            **os.environ,
            "KERAS_BACKEND": "jax",
            "JAX_PLATFORMS": "cpu",
            # What is compiled here runs for milliseconds.
            "XLA_FLAGS": "--xla_backend_optimization_level=0"
            " --xla_llvm_disable_expensive_passes=true",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    backend, worst = answer.stdout.split()
    assert backend == "jax"
    assert float(worst) < LARGEST_ERROR
