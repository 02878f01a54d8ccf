from collections.abc import Callable

import numpy as np

from adaptive_style_tf.inference.scenes import SceneCuts, color_shares

Photograph = Callable[..., np.ndarray]


def test_cuts_are_seen_and_motion_is_none(photograph: Photograph) -> None:
    cuts = SceneCuts()
    wide = photograph(3, 96, 400)
    seen = [cuts.begins(wide[:, x : x + 160]) for x in range(0, 64, 8)]
    assert seen == [True] + [False] * 7
    assert cuts.begins(photograph(4, 96, 160, 0.2))
    assert not cuts.begins(photograph(4, 96, 160, 0.21))


def test_color_shares_are_shares() -> None:
    picture = np.zeros((36, 64, 3), np.uint8)
    picture[:, :16] = (255, 0, 40)
    shares = color_shares(picture)
    assert shares.shape == (8, 8, 8)
    assert shares[7, 0, 1] == 0.25
    assert shares[0, 0, 0] == 0.75


def test_a_single_column_counts_and_fine_patterns_by_their_mean() -> None:
    picture = np.zeros((36, 64, 3), np.uint8)
    picture[:, 9] = 255
    assert color_shares(picture)[7, 7, 7] == 1 / 64
    stripes = np.zeros((72, 128, 3), np.uint8)
    stripes[:, ::2] = 240
    assert color_shares(stripes)[3, 3, 3] == 1  # 120 lies in 96 to 127


def test_a_cut_is_what_changes_most_of_the_picture() -> None:
    picture = np.zeros((36, 64, 3), np.uint8)
    for columns, cut in ((28, False), (36, True)):
        cuts, other = SceneCuts(), picture.copy()
        other[:, :columns] = 255
        assert cuts.begins(picture)
        assert cuts.begins(other) == cut
