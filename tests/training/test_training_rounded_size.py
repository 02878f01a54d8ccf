"""The rounded-off size of differences, against SciPy's pseudo-Huber function."""

import numpy as np
import scipy.special
from keras import ops

from adaptive_style_tf.training.rounded_size import FAINT, rounded_size

DIFFERENCES = np.linspace(-2, 2, 401, dtype=np.float32)


def test_the_pseudo_huber_function_divided_by_its_width():
    expected = scipy.special.pseudo_huber(FAINT, DIFFERENCES) / FAINT
    np.testing.assert_allclose(
        ops.convert_to_numpy(rounded_size(DIFFERENCES)), expected, rtol=1e-5, atol=1e-6
    )
