"""MinHash bands: texts that share most have one in common, others do not."""

from __future__ import annotations

import random

import numpy as np

from pipeline.bands import BANDS, bands


def text(shingles: list[int]) -> bytes:
    return np.array(sorted(shingles), dtype="<u8").tobytes()


def test_texts_that_share_half_of_their_shingles_have_a_band_in_common_in_two_of_three_cases() -> None:
    draw = random.Random(1)
    pairs = []
    for _ in range(400):
        pool = [draw.randrange(2**64) for _ in range(200)]
        pairs += [text(pool[:150]), text(pool[50:])]
    keys = [set(own.tolist()) for own in bands(pairs)]
    common = [bool(one & other) for one, other in zip(keys[::2], keys[1::2], strict=True)]
    strangers = [bool(one & other) for one, other in zip(keys[::2], keys[3::2], strict=False)]
    assert 0.6 < sum(common) / len(common) < 0.76  # 1 - (1 - .5 ** 2) ** 4 = .68
    assert sum(strangers) < 4


def test_bands_of_a_text_do_not_depend_on_its_company() -> None:
    one, two = text([1, 2, 3]), text(list(range(100)))
    together = [own.tolist() for own in bands([one, b"", two])]
    assert together == [bands([one])[0].tolist(), [], bands([two])[0].tolist()]
    assert len(together[2]) == BANDS
    assert bands([]) == []
