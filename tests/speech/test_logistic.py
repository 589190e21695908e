"""Logistic regression: its solution is the one that calculus gives."""

import numpy as np

from speech.logistic import fit, soft_maximum, sparse


def test_without_features_the_biases_are_the_logarithms_of_the_shares() -> None:
    data = sparse([[], [], [], []], [1.0] * 4, np.ones(1))
    _, bias = fit(data, np.array([0, 0, 0, 1]), np.ones(4), 2, l2=1.0, steps=200)
    assert np.allclose(soft_maximum(bias[None, :]), [[0.75, 0.25]], atol=0.01)


def test_at_the_solution_the_slope_is_nothing() -> None:
    generator = np.random.default_rng(5)
    lines = [sorted(set(generator.integers(0, 30, 8).tolist())) for _ in range(200)]
    labels = np.array([(line[0] % 3) for line in lines])
    data = sparse(lines, [0.5] * 200, np.ones(30))
    weights, bias = fit(data, labels, np.ones(200), 3, l2=0.5, steps=500)
    errors = soft_maximum(data.times(weights) + bias) - np.eye(3)[labels]
    assert np.abs(data.transposed_times(errors) + 0.5 * weights).max() < 0.5
    assert (soft_maximum(data.times(weights) + bias).argmax(axis=1) == labels).mean() > 0.85


def test_rows_that_count_more_draw_more() -> None:
    data = sparse([[0], [0]], [1.0, 1.0], np.ones(1))
    weights, bias = fit(data, np.array([0, 1]), np.array([1.0, 3.0]), 2, l2=0.1, steps=200)
    assert np.allclose(soft_maximum(data.times(weights) + bias)[0], [0.25, 0.75], atol=0.02)
