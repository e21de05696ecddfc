"""Small operations on arrays."""

import numpy as np

from antiphon.arrays import unit_length


def test_rows_get_length_one_and_a_row_of_zeros_stays() -> None:
    vectors = np.array([[3.0, 4.0], [0.0, 0.0], [1e-30, 0.0]])
    assert unit_length(vectors).tolist() == [[np.float32(0.6), np.float32(0.8)], [0.0, 0.0], [1.0, 0.0]]
    assert unit_length(vectors.astype(np.float16)).dtype == np.float32
    assert vectors[0].tolist() == [3.0, 4.0]
