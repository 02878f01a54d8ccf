"""Training steps against plain ones that evaluate everything, as the 2018 release's did.

All use the same networks at the default widths with batch 1. `plain` has the package's layers;
`layers` computes each layer by the operation of its name: up-sampling before its convolution,
`Conv2D` everywhere, moments, average pooling. They take turns (A B C A B C) in one process, after a
warm-up call each; the table has the median seconds and ratios within a turn. FLOP/s are those of
the convolutions alone, beside a large matrix product in the same run. With --memory: peak memory,
in a process for each.

    python benchmarks/training_step.py --sizes 256 768 --precisions float32 mixed_bfloat16
"""

import argparse
import functools
import json
import os
import resource
import statistics
import subprocess
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow as tf

from adaptive_style_tf import losses
from adaptive_style_tf.models import (
    InstanceNormalization,
    MatrixConvolution,
    QuadConvolution,
    SingleMapConvolution,
    UpsamplingConvolution,
)
from adaptive_style_tf.training.settings import settings_from
from adaptive_style_tf.training.state import TrainingState
from adaptive_style_tf.training.steps import TrainingSteps

KINDS = ("generator", "discriminator")


class PlainSteps:
    """Every step evaluates both networks' losses and accuracies, whichever network it trains."""

    def __init__(self, state):
        self.networks = state.networks
        self.optimizers = {}
        for kind, variables in (
            ("generator", state.networks.generator_variables()),
            ("discriminator", state.networks.discriminator.trainable_variables),
        ):
            self.optimizers[kind] = keras.optimizers.Adam(2e-4, epsilon=1e-8)
            self.optimizers[kind].build(variables)

    def everything(self, paintings, photographs):
        networks = self.networks
        latent = networks.generator.encoder(photographs)
        stylized = networks.generator.decoder(latent)
        content = losses.content_loss(
            tf.cast(latent, tf.float32),
            tf.cast(networks.generator.encoder(stylized), tf.float32),
            "l1",
        )
        image = losses.transformed_image_loss(
            networks.transformer(photographs), networks.transformer(stylized)
        )
        logits = {
            "painting": networks.discriminator(paintings),
            "photograph": networks.discriminator(photographs),
            "stylized": networks.discriminator(stylized),
        }
        adversarial = losses.adversarial_terms(logits["stylized"], "non_saturating")
        negatives = {kind: logits[kind] for kind in ("photograph", "stylized")}
        terms = losses.discriminator_terms(logits["painting"], negatives)
        shares = [losses.share_above_zero(value) for value in logits["painting"].values()]
        for by_scale in negatives.values():
            shares += [losses.share_below_zero(value) for value in by_scale.values()]
        fooled = [losses.share_above_zero(value) for value in logits["stylized"].values()]
        totals = {
            "generator": sum(adversarial.values()) + 100 * image + 100 * content,
            "discriminator": sum(sum(by_scale.values()) for by_scale in terms.values()),
        }
        return totals, [sum(shares) / len(shares), sum(fooled) / len(fooled)]

    @tf.function
    def generator_step(self, paintings, photographs):
        return self.trained("generator", paintings, photographs)

    @tf.function
    def discriminator_step(self, paintings, photographs):
        return self.trained("discriminator", paintings, photographs)

    def trained(self, kind, paintings, photographs):
        if kind == "generator":
            variables = self.networks.generator_variables()
        else:
            variables = self.networks.discriminator.trainable_variables
        with tf.GradientTape() as tape:
            totals, accuracies = self.everything(paintings, photographs)
        gradients = tape.gradient(totals[kind], [variable.value for variable in variables])
        self.optimizers[kind].apply_gradients(zip(gradients, variables, strict=True))
        return [*totals.values(), *accuracies]


def by_single_layers(networks):
    """Makes the networks compute layer by layer, each by the operation of its name."""

    def upsample_and_convolve(layer, features):
        doubled = keras.ops.repeat(keras.ops.repeat(features, 2, axis=1), 2, axis=2)
        kernel = keras.ops.cast(layer.kernel, layer.compute_dtype)
        return keras.ops.conv(doubled, kernel, padding="same", data_format="channels_last")

    def convolve(layer, features, strides, padding):
        return keras.ops.conv(
            features, layer.kernel, strides=strides, padding=padding, data_format="channels_last"
        )

    def normalize(layer, features):
        return InstanceNormalization.call(layer, features)

    def average(pictures):
        return keras.ops.average_pool(pictures, 10, 1, padding="same", data_format="channels_last")

    def logits(layer, features):
        return keras.ops.cast(convolve(layer, features, 1, "same"), "float32")

    strided = functools.partial(convolve, strides=2, padding="same")
    valid = functools.partial(convolve, strides=1, padding="valid")
    plain_forms = {
        UpsamplingConvolution: upsample_and_convolve,
        MatrixConvolution: strided,
        SingleMapConvolution: logits,
        QuadConvolution: valid,
        InstanceNormalization: normalize,
    }
    for network in (networks.generator, networks.discriminator):
        for layer in network._flatten_layers(include_self=False):
            for kind, plain_form in plain_forms.items():
                if isinstance(layer, kind):
                    layer.call = functools.partial(plain_form, layer)
    networks.transformer.call = average


def variants(size, precision):
    """A function for each variant and kind of step that runs it and waits for its result."""
    settings = settings_from({"image_size": size, "precision": precision})
    random = np.random.default_rng(0)
    paintings, photographs = (
        tf.constant(random.uniform(-1, 1, (1, size, size, 3)), tf.float32) for _ in range(2)
    )

    def ours():
        state = TrainingState(settings.network, settings.optimization, 0)
        steps = TrainingSteps(state, settings.objective)
        return {
            "generator": lambda: float(steps.generator_step(photographs)["generator/total"]),
            "discriminator": lambda: float(
                steps.discriminator_step(paintings, photographs)["discriminator/total"]
            ),
        }

    def plain(single_layers=False):
        state = TrainingState(settings.network, settings.optimization, 0)
        if single_layers:
            by_single_layers(state.networks)
        steps = PlainSteps(state)
        return {
            "generator": lambda: float(steps.generator_step(paintings, photographs)[0]),
            "discriminator": lambda: float(steps.discriminator_step(paintings, photographs)[1]),
        }

    layers = functools.partial(plain, single_layers=True)
    return {"ours": ours, "plain": plain, "layers": layers}


def convolution_flop(size):
    """FLOP of one forward pass of encoder, decoder and discriminator on a square picture."""
    encoder, channels, side = 0.0, 3, size + 30
    for width, stride in zip((32, 32, 64, 128, 256), (1, 2, 2, 2, 2), strict=True):
        side = (side - 3) // stride + 1
        encoder += 2 * 9 * channels * width * side**2
        channels = width
    decoder = 18 * 2 * 9 * 256 * 256 * side**2
    for width in (256, 128, 64, 32):
        decoder += 2 * 16 * channels * width * side**2  # 4x4 kernel spread from each small pixel
        side, channels = 2 * side, width
    decoder += 2 * 49 * 32 * 3 * side**2
    discriminator, channels = 0.0, 3
    kernels = {0: 5, 1: 10, 3: 10, 5: 6, 6: 3}
    for layer, width in enumerate((128, 128, 256, 512, 512, 1024, 1024)):
        side = -(-side // 2)
        discriminator += 2 * 25 * channels * width * side**2
        channels = width
        if layer in kernels:
            discriminator += 2 * kernels[layer] ** 2 * channels * side**2
    return encoder, decoder, discriminator


def step_flop(size):
    """Forward and backward FLOP of our steps; a backward pass costs two forward ones.

    The generator's step takes only the gradient to the picture out of the discriminator.
    """
    encoder, decoder, discriminator = convolution_flop(size)
    return {
        "generator": 3 * (2 * encoder + decoder) + 2 * discriminator,
        "discriminator": encoder + decoder + 3 * 3 * discriminator,
    }


def matrix_flops(precision, side=4096):
    """FLOP/s of a large matrix product in the precision's compute dtype."""
    dtype = tf.bfloat16 if precision == "mixed_bfloat16" else tf.float32
    matrix = tf.cast(tf.random.normal((side, side)), dtype)
    product = tf.function(
        lambda: tf.reduce_sum(tf.cast(tf.linalg.matmul(matrix, matrix), tf.float32))
    )
    seconds = []
    for _ in range(4):
        begin = time.perf_counter()
        product().numpy()
        seconds.append(time.perf_counter() - begin)
    return 2 * side**3 / min(seconds[1:])


def compare(size, precision, rounds):
    steps = {name: make() for name, make in variants(size, precision).items()}
    measured = {(name, kind): [] for name in steps for kind in KINDS}
    for kind in KINDS:
        for by_kind in steps.values():
            by_kind[kind]()
        for _ in range(rounds):
            for name, by_kind in steps.items():
                begin = time.perf_counter()
                by_kind[kind]()
                measured[name, kind].append(time.perf_counter() - begin)
    peak = matrix_flops(precision)
    for kind in KINDS:
        seconds = {name: measured[name, kind] for name in steps}
        middle = {name: statistics.median(values) for name, values in seconds.items()}
        ratios = [
            ratio_range([b / a for a, b in zip(seconds["ours"], seconds[name], strict=True)])
            for name in ("plain", "layers")
        ]
        flops = f"{step_flop(size)[kind] / middle['ours'] / 1e9:.0f} of {peak / 1e9:.0f}"
        cells = [size, precision, kind, *(f"{value:.3f}" for value in middle.values()), *ratios]
        print("|", " | ".join(map(str, [*cells, flops])), "|", flush=True)


def ratio_range(ratios):
    return f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"


def peak_memory(size, precision, name, kind):
    """Peak resident megabytes of a process that runs one kind of step twice."""
    arguments = [sys.executable, __file__, "--memory-of", size, precision, name, kind]
    answer = subprocess.run(map(str, arguments), capture_output=True, text=True, check=True)
    return json.loads(answer.stdout)["megabytes"]


def report_memory(size, precision, name, kind):
    step = variants(int(size), precision)[name]()[kind]
    for _ in range(2):
        step()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024  # kilobytes on Linux
    print(json.dumps({"megabytes": peak}))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[256, 768])
    parser.add_argument("--precisions", nargs="+", default=["float32", "mixed_bfloat16"])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--memory", action="store_true", help="measure memory instead of time")
    parser.add_argument("--memory-of", nargs=4, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.memory_of:
        report_memory(*arguments.memory_of)
        return
    cases = [(size, precision) for size in arguments.sizes for precision in arguments.precisions]
    if arguments.memory:
        print("| px | precision | step | ours, MB | plain, MB | layers, MB |\n|" + " --- |" * 6)
        for case in cases:
            for kind in KINDS:
                names = ("ours", "plain", "layers")
                megabytes = [f"{peak_memory(*case, name, kind):.0f}" for name in names]
                print("|", " | ".join(map(str, [*case, kind, *megabytes])), "|", flush=True)
        return
    print(
        "| px | precision | step | ours, s | plain, s | layers, s | plain / ours | layers / ours "
        "| GFLOP/s of matrix product's |"
    )
    print("|" + " --- |" * 9)
    for case in cases:
        compare(*case, arguments.rounds)


if __name__ == "__main__":
    main()
