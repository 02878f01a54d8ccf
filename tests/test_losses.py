"""Each formula of the method on numbers small enough for a pocket calculator."""

import math

import numpy as np
import pytest
from keras import ops

from adaptive_style_tf import losses

# Two logits: D is 3/4 at the first position and 1/2 at the second.
LOGITS = np.array([math.log(3), 0.0], np.float32).reshape(1, 1, 2, 1)
LOG_D = (math.log(3 / 4) + math.log(1 / 2)) / 2
LOG_NOT_D = (math.log(1 / 4) + math.log(1 / 2)) / 2


def test_cross_entropy():
    assert float(losses.cross_entropy(LOGITS, 1)) == pytest.approx(-LOG_D, rel=1e-6)
    assert float(losses.cross_entropy(LOGITS, 0)) == pytest.approx(-LOG_NOT_D, rel=1e-6)


def test_cross_entropy_of_far_logits_stays_finite():
    far = np.array([1000.0, -1000.0], np.float32)
    assert float(losses.cross_entropy(far, 1)) == pytest.approx(500)
    assert float(losses.cross_entropy(far, 0)) == pytest.approx(500)


def test_content_loss():
    # Differences -2, 1, 0, 3: mean absolute value 6/4, mean square 14/4.
    latent = np.array([5, 1, 2, 0], np.float32).reshape(1, 2, 1, 2)
    stylized = np.array([3, 2, 2, 3], np.float32).reshape(1, 2, 1, 2)
    assert float(losses.content_loss(latent, stylized, "l1")) == pytest.approx(1.5)
    assert float(losses.content_loss(latent, stylized, "l2")) == pytest.approx(3.5)


def test_transformed_image_loss():
    photograph = np.array([0.5, -0.5, 0], np.float32).reshape(1, 1, 1, 3)
    stylized = np.array([0.0, -0.5, 1], np.float32).reshape(1, 1, 1, 3)
    expected = (0.25 + 0 + 1) / 3
    assert float(losses.transformed_image_loss(photograph, stylized)) == pytest.approx(expected)


def test_the_generator_of_the_release_raises_log_d():
    terms = losses.adversarial_terms({"scale_0": LOGITS}, "non_saturating")
    assert float(terms["scale_0"]) == pytest.approx(-LOG_D, rel=1e-6)


def test_the_generator_of_the_paper_lowers_log_one_minus_d():
    terms = losses.adversarial_terms({"scale_0": LOGITS}, "saturating")
    assert float(terms["scale_0"]) == pytest.approx(LOG_NOT_D, rel=1e-6)


def test_discriminator_terms_of_the_release():
    terms = losses.discriminator_terms(
        {"scale_0": LOGITS}, {"photograph": {"scale_0": LOGITS}, "stylized": {"scale_0": -LOGITS}}
    )
    log_not_of_mirrored = (math.log(3 / 4) + math.log(1 / 2)) / 2  # -log 3 and 0: D 1/4 and 1/2
    assert float(terms["painting"]["scale_0"]) == pytest.approx(-LOG_D, rel=1e-6)
    assert float(terms["photograph"]["scale_0"]) == pytest.approx(-LOG_NOT_D, rel=1e-6)
    assert float(terms["stylized"]["scale_0"]) == pytest.approx(-log_not_of_mirrored, rel=1e-6)


def test_what_is_minimized_is_minus_the_papers_l_d():
    # L_D = E_y[log D(y)] + E_x[log(1 - D(G(E(x))))], maximized by D; photographs are left out.
    painting, stylized = LOGITS, 2 * LOGITS
    probabilities = [1 / (1 + np.exp(-np.asarray(logits))) for logits in (painting, stylized)]
    paper = np.log(probabilities[0]).mean() + np.log(1 - probabilities[1]).mean()
    terms = losses.discriminator_terms({"s": painting}, {"stylized": {"s": stylized}})
    ours = float(terms["painting"]["s"]) + float(terms["stylized"]["s"])
    assert ours == pytest.approx(-paper, rel=1e-6)
    # And the paper's generator lowers what depends on it in L_D:
    lowered = losses.adversarial_terms({"s": stylized}, "saturating")["s"]
    assert float(lowered) == pytest.approx(np.log(1 - probabilities[1]).mean(), rel=1e-6)


def test_shares():
    logits = np.array([2, 0.1, -1, 0], np.float32)
    assert float(losses.share_above_zero(logits)) == 0.5
    assert float(losses.share_below_zero(logits)) == 0.25  # zero is on neither side


def test_losses_are_means_over_the_batch():
    logits = np.random.default_rng(0).normal(size=(3, 4, 5, 1)).astype(np.float32)
    single = [float(losses.cross_entropy(one, 1)) for one in logits]
    assert float(losses.cross_entropy(logits, 1)) == pytest.approx(np.mean(single), rel=1e-6)
    assert ops.shape(losses.cross_entropy(logits, 1)) == ()
