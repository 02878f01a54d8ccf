"""`tools/train_jax.py` beside the TensorFlow loop, in processes that cannot import tensorflow."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from adaptive_style_tf.inference.stylizer import Stylizer
from adaptive_style_tf.release import read_release_checkpoint
from adaptive_style_tf.training.checkpoints import CheckpointFolder
from adaptive_style_tf.training.loop import take_step
from adaptive_style_tf.training.material import Places
from adaptive_style_tf.training.request import TrainingRequest
from adaptive_style_tf.training.run_folder import RunFolder
from adaptive_style_tf.training.settings import preset, settings_from
from adaptive_style_tf.training.state import TrainingState
from adaptive_style_tf.training.steps import TrainingSteps
from adaptive_style_tf.training.warm_start import Palette

ROOT = Path(__file__).parents[2]
GOLDENS = ROOT / "tests" / "goldens" / "released_small"
PALETTE = ((0.2, 0.0, -0.3), (0.3, 0.2, 0.1))

PREAMBLE = f"""
import sys
sys.modules["tensorflow"] = None  # importing it raises ImportError
sys.path.insert(0, {str(ROOT / "tools")!r})
"""


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    """Where the processes keep what they compiled, for one another."""
    return tmp_path_factory.mktemp("compiled")


def in_jax(cache, script, *arguments):
    """What the script prints, run without TensorFlow."""
    answer = subprocess.run(
        [sys.executable, "-c", PREAMBLE + script, *map(str, arguments)],
        env={
            **os.environ,
            "KERAS_BACKEND": "jax",
            "JAX_PLATFORMS": "cpu",
            "JAX_COMPILATION_CACHE_DIR": str(cache),
            "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
            # What is compiled here runs for milliseconds.
            "XLA_FLAGS": "--xla_backend_optimization_level=0"
            " --xla_llvm_disable_expensive_passes=true",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    return answer.stdout


REPLAY = """
import json
import numpy as np
from jax_adam import Trained, adam_updated, corrected_rate
from jax_loop import JaxTraining
from adaptive_style_tf.training.settings import settings_from
from adaptive_style_tf.training.state import TrainingState
from adaptive_style_tf.training.warm_start import Palette

folder, palette = sys.argv[1], Palette(*json.loads(sys.argv[2]))
read = lambda name: dict(np.load(f"{folder}/{name}.npz"))
state = answers = training = None

def prepared(checkpoint, expected, success, lag=0):
    global state, training
    threshold = float(expected["dsr"])
    settings = settings_from(dict(
        ngf=6, ndf=6, generator_ema=0.9, learning_rate=float(expected["lr"]),
        discriminator_success_rate=threshold, total_steps=len(expected["photos"]),
    ))
    if state is None:
        state = TrainingState(settings.network, settings.optimization, seed=0)
        training = JaxTraining(state, settings, palette)
    below = lambda part: {
        k.removeprefix(part + "/"): v for k, v in checkpoint.items() if k.startswith(part + "/")
    }
    state.start_from(below("generator"), below("discriminator"), checkpoint)
    state.step, state.success = 0, threshold if success is None else success
    training.settings, training.success_lag = settings, lag
    training.start_over()

def replay(checkpoint, expected, success, lag=0):
    prepared(checkpoint, expected, success, lag)
    outcomes, successes = [], []
    for index in range(len(expected["photos"])):
        pictures = (expected[name][index : index + 1] for name in ("paintings", "photos"))
        outcomes += training.take_step(*pictures)
    outcomes += training.rest()
    return {
        "pattern": "".join(outcome.phase[0].upper() for outcome in outcomes),
        "total": [outcome.total for outcome in outcomes],
        "accuracy": [outcome.terms[f"{outcome.phase}/accuracy"] for outcome in outcomes],
        "success": state.success,
    }

first = lambda expected: (expected[name][:1] for name in ("paintings", "photos"))
before = lambda expected, prefix="": float(expected[prefix + "discr_success_before"][0])

def single_steps(checkpoint, expected):
    paintings, photographs = first(expected)
    prepared(checkpoint, expected, None)
    terms = training.steps.generator_step(photographs, 2e-4).fetched()
    training.start_over()
    return terms | training.steps.discriminator_step(paintings, photographs, 2e-4).fetched()
"""

SMALL = """
start, after, expected, going_on = map(read, ("start", "after", "trajectory", "continue"))
answers = {"step": single_steps(start, expected)}
training.start_over()
_, photographs = first(expected)
answers["step"] |= training.steps.warm_start_step(photographs, 1e-3).fetched()
answers["trajectory"] = replay(start, expected, before(expected))
answers["lagging"] = replay(start, expected, before(expected), lag=1)
answers["carried"] = replay(after, going_on, before(going_on, "carried/"))
answers["resumed"] = replay(after, going_on, None)
answers["compiled"] = {name: step._cache_size() for name, step in training.steps.compiled.items()}

random = np.random.default_rng(1)
w, m, g = (random.normal(size=(50,)).astype(np.float32) for _ in "wmg")
v = random.uniform(size=(50,)).astype(np.float32)
betas = [float(np.float32(beta)) for beta in (0.9, 0.999)]
after = adam_updated(Trained((w,), (m,), (v,)), (g,), corrected_rate(2e-4, 16, betas), betas, 1e-8)
answers["adam"] = {"given": [a.tolist() for a in (w, m, v, g)]}
answers["adam"]["after"] = [np.asarray(part[0]).tolist() for part in after]
print(json.dumps(answers))
"""

LARGE = """
start, expected = map(read, ("start", "trajectory_144"))
answers = {"step": single_steps(start, expected)}
answers["trajectory"] = replay(start, expected, before(expected))
print(json.dumps(answers))
"""

OTHER_SETTINGS = {
    **preset("paper"),
    "ngf": 6,
    "ndf": 6,
    "schedule": "alternate",
    "clip_norm": 0.5,
    "adam_beta1": 0.5,
    "diff_augment": "color,translation,cutout",
    "generator_ema": 0.9,
    "total_steps": 4,
}
OTHERS = """
start, expected = map(read, ("start", "trajectory"))
answers = {}
for precision in ("float32", "mixed_bfloat16"):
    settings = settings_from(json.loads(sys.argv[3]) | {"precision": precision})
    state = TrainingState(settings.network, settings.optimization, seed=0)
    below = lambda part: {
        k.removeprefix(part + "/"): v for k, v in start.items() if k.startswith(part + "/")
    }
    state.start_from(below("generator"), below("discriminator"), start)
    training = JaxTraining(state, settings)
    outcomes, scales = [], []
    for index in range(4):
        pictures = (expected[name][index : index + 1] for name in ("paintings", "photos"))
        outcomes += training.take_step(*pictures) + training.rest()
        arrays = state.arrays()
        scales.append(arrays["generator/decoder/upsample_4/norm/scale"].tolist())
    answers[precision] = {
        "pattern": "".join(outcome.phase[0].upper() for outcome in outcomes),
        "total": [outcome.total for outcome in outcomes],
        "kernel": arrays["transformer/kernel"].ravel().tolist(),
        "scales": scales,
        "average": arrays["generator_average/decoder/upsample_4/norm/scale"].tolist(),
    }
print(json.dumps(answers))
"""


@pytest.fixture(scope="module")
def start():
    return read_release_checkpoint(GOLDENS / "checkpoint.tar.xz")


def arrays_of(checkpoint):
    networks = {"generator": checkpoint.generator, "discriminator": checkpoint.discriminator}
    arrays = {f"{p}/{name}": a for p, weights in networks.items() for name, a in weights.items()}
    return {**arrays, **checkpoint.optimizer_arrays()}


def golden(name):
    with np.load(GOLDENS / f"{name}.npz") as file:
        return dict(file)


@pytest.fixture(scope="module")
def golden_arrays(start, tmp_path_factory):
    """A folder with the golden checkpoints and trajectories as NumPy files."""
    folder = tmp_path_factory.mktemp("goldens")
    np.savez(folder / "start.npz", **arrays_of(start))
    after = read_release_checkpoint(GOLDENS / "after_24_steps.tar.xz")
    np.savez(folder / "after.npz", **arrays_of(after))
    for name in ("trajectory", "trajectory_144", "continue"):
        shutil.copy(GOLDENS / f"{name}.npz", folder)
    return folder


@pytest.fixture(scope="module")
def small(golden_arrays, cache):
    """What is replayed at 64 px."""
    return json.loads(in_jax(cache, REPLAY + SMALL, golden_arrays, json.dumps(PALETTE)))


@pytest.fixture(scope="module")
def large(golden_arrays, cache):
    """What is replayed at 144 px, where all scales of the discriminator are active."""
    return json.loads(in_jax(cache, REPLAY + LARGE, golden_arrays, json.dumps(PALETTE)))


@pytest.fixture
def untraced():
    """TensorFlow without graphs, which take longer to build than a few steps to run."""
    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)


def terms_under_tensorflow(start, expected, warms_up):
    paintings, photographs = (expected[name][:1] for name in ("paintings", "photos"))
    settings = settings_from({"ngf": 6, "ndf": 6})
    state = TrainingState(settings.network, settings.optimization, seed=0)
    steps = TrainingSteps(state, settings.objective, palette=Palette(*PALETTE))
    wanted = [lambda: steps.generator_step(photographs)]
    wanted.append(lambda: steps.discriminator_step(paintings, photographs))
    if warms_up:
        wanted.append(lambda: steps.warm_start_step(photographs))
    terms = {}
    for step in wanted:
        state.start_from(start.generator, start.discriminator, start.optimizer_arrays())
        terms |= {term: float(value) for term, value in step().items()}
    return terms


@pytest.mark.usefixtures("untraced")
def test_terms_of_a_step_equal_the_tensorflow_loops(start, small):
    terms = terms_under_tensorflow(start, golden("trajectory"), warms_up=True)
    assert len(terms) > 50
    assert small["step"] == pytest.approx(terms, rel=1e-5)


@pytest.mark.slow
@pytest.mark.usefixtures("untraced")
def test_terms_of_a_step_at_144_px_equal_the_tensorflow_loops(start, large):
    terms = terms_under_tensorflow(start, golden("trajectory_144"), warms_up=False)
    assert large["step"] == pytest.approx(terms, rel=1e-5)


@pytest.mark.slow
@pytest.mark.usefixtures("untraced")
def test_other_settings_train_as_the_tensorflow_loop(start, golden_arrays, cache):
    given = json.dumps(OTHER_SETTINGS)
    answers = in_jax(cache, REPLAY + OTHERS, golden_arrays, json.dumps(PALETTE), given)
    expected = golden("trajectory")
    for precision, replay in json.loads(answers).items():
        settings = settings_from({**OTHER_SETTINGS, "precision": precision})
        state = TrainingState(settings.network, settings.optimization, seed=0)
        state.start_from(start.generator, start.discriminator, start.optimizer_arrays())
        steps = TrainingSteps(state, settings.objective, settings.optimization.generator_ema)
        totals = []
        for index in range(4):
            pictures = (expected[name][index : index + 1] for name in ("paintings", "photos"))
            totals.append(take_step(state, steps, settings, *pictures).total)
        exact = precision == "float32"
        assert replay["pattern"] == "GDGD"
        assert replay["total"] == pytest.approx(totals, rel=1e-3 if exact else 3e-2)
        kernel = state.arrays()["transformer/kernel"].ravel()
        assert np.abs(kernel).max() > 1e-4
        np.testing.assert_allclose(replay["kernel"], kernel, atol=1e-5 if exact else 1e-4)
        average = start.generator["decoder/upsample_4/norm/scale"]
        for step in (0, 2):  # the generator's
            average = 0.9 * average + 0.1 * np.array(replay["scales"][step])
        np.testing.assert_allclose(replay["average"], average, rtol=1e-6)


def errors(replay, expected, recorded=""):
    """Relative errors of the totals of the network that each step trained."""
    names = {"G": "gener", "D": "discr"}
    wanted = [
        expected[f"{recorded}{names[trained]}_objective"][step]
        for step, trained in enumerate(replay["pattern"])
    ]
    return np.abs(np.array(replay["total"]) / wanted - 1)


def test_trajectory_of_24_steps(small):
    expected, replay = golden("trajectory"), small["trajectory"]
    assert replay["pattern"] == "".join(expected["trained"]) == "G" * 5 + "D" * 19
    assert errors(replay, expected)[:4].max() < 3e-2
    assert errors(replay, expected).max() < 12e-2
    for step, trained in enumerate(replay["pattern"]):
        accuracy = expected["gener_acc" if trained == "G" else "discr_acc"][step]
        assert replay["accuracy"][step] == pytest.approx(accuracy, abs=0.06)
    assert replay["success"] == pytest.approx(expected["discr_success_after"][-1], abs=2e-3)


@pytest.mark.slow
def test_trajectory_at_144_px(large):
    expected, replay = golden("trajectory_144"), large["trajectory"]
    assert replay["pattern"] == "".join(expected["trained"]) == "DDDDGGGG"
    assert errors(replay, expected)[:5].max() < 1e-3
    assert errors(replay, expected).max() < 2e-2


@pytest.mark.parametrize(("recorded", "pattern"), [("carried", "DDDD"), ("resumed", "GDDD")])
def test_going_on_from_the_checkpoint_after_24_steps(recorded, pattern, small):
    expected, replay = golden("continue"), small[recorded]
    assert replay["pattern"] == "".join(expected[f"{recorded}/trained"]) == pattern
    assert errors(replay, expected, f"{recorded}/")[0] < 3e-2
    assert errors(replay, expected, f"{recorded}/").max() < 8e-2


def test_a_lagging_schedule_notices_one_step_later(small):
    assert small["lagging"]["pattern"] == "G" * 6 + "D" * 18


def test_each_step_is_compiled_once(small):
    # Nearly 60 steps and six states came in between.
    compiled = {"generator": 1, "discriminator": 1, "warm_start": 1, "stylize": 0}
    assert small["compiled"] == compiled


def test_adam_is_tensorflow_1s(small):
    weights, momentum, velocity, gradient = map(np.array, small["adam"]["given"])
    momentum = 0.9 * momentum + 0.1 * gradient
    velocity = 0.999 * velocity + 0.001 * gradient**2
    rate = 2e-4 * np.sqrt(1 - 0.999**16) / (1 - 0.9**16)
    moved = weights - rate * momentum / (np.sqrt(velocity) + 1e-8)
    after = small["adam"]["after"]
    np.testing.assert_allclose(after[0] - weights, moved - weights, rtol=1e-4, atol=1e-7)
    np.testing.assert_allclose(after[1], momentum, rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(after[2], velocity, rtol=1e-6)


TRAIN = """
import json
import jax_outputs
import train_jax

jax_outputs.PART_BYTES = 300_000
for options in json.loads(sys.argv[1]):
    assert train_jax.main(options) == 0
"""


@pytest.fixture(scope="module")
def trained(tmp_path_factory, cache):
    """A run of six steps, and one that stopped after one step and was started again."""
    folder = tmp_path_factory.mktemp("trained")
    random = np.random.default_rng(5)
    for name in ("paintings", "photographs"):
        (folder / name).mkdir()
        for number in range(3):
            blocks = random.integers(0, 256, (12, 14, 3), np.uint8).repeat(8, 0).repeat(8, 1)
            Image.fromarray(blocks).save(folder / name / f"{number}.png")
    usual = [
        *("--style-dir", f"{folder}/paintings", "--content-dir", f"{folder}/photographs"),
        *("--artist", "tiny-artist", "--image-size", "64", "--ngf", "6", "--ndf", "6"),
        *("--schedule", "alternate", "--warm-start-steps", "2", "--generator-ema", "0.9"),
        *("--total-steps", "6", "--save-every", "4", "--log-every", "3", "--workers", "2"),
    ]
    starts = [
        [*usual, "--run-dir", f"{folder}/whole", "--export", f"{folder}/export", "--split"],
        [*usual, "--run-dir", f"{folder}/stopped", "--minutes", "1e-6"],
        [*usual, "--run-dir", f"{folder}/stopped"],
    ]
    return folder, in_jax(cache, TRAIN, json.dumps(starts))


SETTINGS = {
    "image_size": 64,
    "ngf": 6,
    "ndf": 6,
    "schedule": "alternate",
    "warm_start_steps": 2,
    "generator_ema": 0.9,
    "total_steps": 6,
    "save_every": 4,
}


def test_a_resumed_run_equals_an_uninterrupted_one(trained):
    folder, output = trained
    assert "Stopped at step 1;" in output
    assert "Resuming from step 1." in output
    whole, stopped = (
        CheckpointFolder(folder / name / "checkpoints") for name in ("whole", "stopped")
    )
    assert whole.steps() == [4, 6]
    one, other = whole.load(6), stopped.load(6)
    for name in ("seed", "pictures", "success"):
        assert one.scalars[name] == other.scalars[name]
    assert one.tensors.keys() == other.tensors.keys()
    for name, array in one.tensors.items():
        np.testing.assert_array_equal(array, other.tensors[name], err_msg=name)


def test_the_tensorflow_loop_can_go_on_from_its_checkpoint(trained):
    folder, _ = trained
    settings = settings_from(SETTINGS)
    saved = CheckpointFolder(folder / "whole" / "checkpoints").load(6)
    state = TrainingState(settings.network, settings.optimization, seed=1)
    state.assign(saved.tensors)
    arrays = state.arrays()
    assert arrays.keys() == saved.tensors.keys()
    for name, array in arrays.items():
        np.testing.assert_array_equal(array, saved.tensors[name], err_msg=name)
    # Two steps of warm start, whose Adam is forgotten, then G, D, G, D.
    assert arrays["generator_optimizer/iterations"] == 2
    assert arrays["discriminator_optimizer/iterations"] == 2
    places = Places("tiny-artist", Path("data"), folder / "paintings", folder / "photographs")
    request = TrainingRequest(places, folder / "whole", settings, "command")
    assert RunFolder(folder / "whole").check_settings(request.record(), set(), set(), {}) == []


def test_its_style_stylizes(trained):
    folder, _ = trained
    stylizer = Stylizer.load(folder / "whole" / "style")
    photograph = np.random.default_rng(2).integers(0, 256, (70, 90, 3), np.uint8)
    assert stylizer.image(photograph).shape == photograph.shape
    averaged = CheckpointFolder(folder / "whole" / "checkpoints").load(6).tensors
    name = "decoder/output/kernel"
    np.testing.assert_allclose(
        stylizer.style.generator_weights()[name],
        averaged[f"generator_average/{name}"],
        atol=1e-4,  # float16
    )


def test_exported_parts_put_together_are_the_style(trained):
    folder, _ = trained
    export = folder / "export"
    parts = sorted(export.glob("generator.safetensors.part-*"))
    assert len(parts) > 1
    assert all(part.stat().st_size <= 300_000 for part in parts)
    joined = b"".join(part.read_bytes() for part in parts)
    assert joined == (folder / "whole" / "style" / "generator.safetensors").read_bytes()
    others = {path.name for path in export.iterdir()} - {part.name for part in parts}
    assert others == {"style.json", "training.jsonl", "step_000006.jpg"}


def test_log_has_means_of_every_term(trained):
    folder, output = trained
    lines = (folder / "whole" / "logs" / "training.jsonl").read_text().splitlines()
    entries = [json.loads(line) for line in lines]
    losses = [entry for entry in entries if "steps_per_second" in entry]
    assert [entry["step"] for entry in losses] == [3, 6]
    assert sum(entry["warm_start_steps"] for entry in losses) == 2
    assert sum(entry["generator_steps"] for entry in losses) == 2
    assert sum(entry["discriminator_steps"] for entry in losses) == 2
    assert {"generator/content", "discriminator/accuracy/balanced"} <= losses[-1].keys()
    assert 0 <= losses[-1]["schedule/waiting_for_pictures"] <= 1
    assert "step 6" in output


def test_tensorflow_is_out_of_reach(cache):
    with pytest.raises(AssertionError, match="import of tensorflow halted"):
        in_jax(cache, "import tensorflow")
    assert keras.config.backend() == "tensorflow"
