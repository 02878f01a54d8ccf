"""`tools/jax_loop.py` beside the TensorFlow `take_step`, with steps that compute nothing."""

from types import SimpleNamespace

import numpy as np
import pytest

from adaptive_style_tf.errors import NonFiniteError
from adaptive_style_tf.training.loop import take_step
from adaptive_style_tf.training.settings import settings_from


class Recorder:
    """Steps that compute nothing, as both loops call them; accuracies come from a list."""

    def __init__(self):
        self.calls = []
        self.accuracies = iter(np.random.default_rng(3).uniform(0.2, 1.0, 100).tolist())

    def taken(self, phase, pictures, rate):
        self.calls.append((phase, *pictures, round(float(rate), 12)))
        terms = {f"{phase}/total": 1.0}
        if phase != "warm_start":
            terms[f"{phase}/accuracy"] = self.next_accuracy
        return terms

    @property
    def next_accuracy(self):
        return next(self.accuracies)


def drawn(numbers):
    return numbers.ravel().tolist()


class TensorFlowSteps(Recorder):
    """For `take_step`, which sets the rates before."""

    def __init__(self):
        super().__init__()
        self.rates = {"generator": None, "discriminator": None}

    def optimizer(self, name):
        def assign(rate):
            self.rates[name] = rate

        return SimpleNamespace(learning_rate=SimpleNamespace(assign=assign))

    def generator_step(self, photographs, numbers):
        given = [photographs, *drawn(numbers)]
        return self.taken("generator", given, self.rates["generator"])

    def discriminator_step(self, paintings, photographs, numbers):
        pictures = [paintings, photographs, *drawn(numbers)]
        return self.taken("discriminator", pictures, self.rates["discriminator"])

    def warm_start_step(self, pictures):
        return self.taken("warm_start", [pictures], self.rates["generator"])

    def forget(self):
        self.calls.append("forget")


class JaxRecorder(Recorder):
    """In place of `JaxSteps`."""

    def __init__(self, *_):
        super().__init__()

    def generator_step(self, photographs, rate, numbers):
        return self.lazily("generator", [photographs, *drawn(numbers)], rate)

    def discriminator_step(self, paintings, photographs, rate, numbers):
        return self.lazily("discriminator", [paintings, photographs, *drawn(numbers)], rate)

    def warm_start_step(self, pictures, rate):
        return self.lazily("warm_start", [pictures], rate)

    def lazily(self, *call):
        terms = self.taken(*call)
        return SimpleNamespace(fetched=lambda: terms)

    def forget_generator_updates(self):
        self.calls.append("forget")

    def give_to(self, state):
        pass


@pytest.mark.parametrize("schedule", ["success", "alternate"])
@pytest.mark.parametrize("warm_start_steps", [0, 7])
def test_sequence_of_steps_is_the_tensorflow_loops(schedule, warm_start_steps, monkeypatch):
    import jax_loop

    monkeypatch.setattr(jax_loop, "JaxSteps", JaxRecorder)
    settings = settings_from(
        {
            "schedule": schedule,
            "warm_start_steps": warm_start_steps,
            "warm_start_rate": 3e-4,
            "discriminator_steps": 2,
            "discriminator_success_rate": 0.6,
            "lr_schedule": "drop",
            "diff_augment": "translation",
            "total_steps": 60,
        }
    )
    theirs = TensorFlowSteps()
    state = SimpleNamespace(
        step=0,
        success=0.6,
        generator_optimizer=theirs.optimizer("generator"),
        discriminator_optimizer=theirs.optimizer("discriminator"),
        forget_generator_updates=theirs.forget,
    )
    training = jax_loop.JaxTraining(SimpleNamespace(step=0, success=0.6), settings)
    outcomes = []
    for step in range(60):
        take_step(state, theirs, settings, f"painting {step}", f"photograph {step}")
        outcomes += training.take_step(f"painting {step}", f"photograph {step}")
    outcomes += training.rest()
    assert training.steps.calls == theirs.calls
    assert {call[0] for call in theirs.calls} >= {"generator", "discriminator"}
    assert [outcome.step for outcome in outcomes] == list(range(60))
    assert training.checked == 60
    assert (training.state.step, training.state.success) == (state.step, state.success)


def test_a_loss_that_is_not_finite_is_named(monkeypatch):
    import jax_loop

    monkeypatch.setattr(jax_loop, "JaxSteps", JaxRecorder)
    training = jax_loop.JaxTraining(
        SimpleNamespace(step=0, success=1.0), settings_from({"total_steps": 4})
    )
    terms = {"generator/total": np.inf, "generator/content": np.inf}
    training.steps.generator_step = lambda *_: SimpleNamespace(fetched=lambda: terms)
    training.take_step("painting", "photograph")
    with pytest.raises(NonFiniteError, match="At step 0 the loss generator/content became inf"):
        training.rest()
    assert (training.step, training.checked) == (1, 0)
