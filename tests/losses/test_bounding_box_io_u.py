"""The losses of bounding boxes against float64 arithmetic on single boxes and against counted cells."""

import math

import numpy as np
import pytest
from keras import ops

from kerasplus.losses import BoundingBoxIoU

VARIANTS = ["iou", "giou", "diou", "ciou"]


def oracle(a, b, variant):
    """The loss of two boxes of corners, each with an area."""
    width, height = (min(a[i + 2], b[i + 2]) - max(a[i], b[i]) for i in (0, 1))
    overlap = max(width, 0) * max(height, 0)
    union = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - overlap
    value = 1 - overlap / union
    whole = [max(a[i + 2], b[i + 2]) - min(a[i], b[i]) for i in (0, 1)]
    if variant == "giou":
        return value + 1 - union / (whole[0] * whole[1])
    if variant in ("diou", "ciou"):
        centres = [((a[i] + a[i + 2]) - (b[i] + b[i + 2])) / 2 for i in (0, 1)]
        distance = (centres[0] ** 2 + centres[1] ** 2) / (whole[0] ** 2 + whole[1] ** 2)
        if variant == "ciou":
            angles = [math.atan((box[2] - box[0]) / (box[3] - box[1])) for box in (a, b)]
            v = 4 / math.pi**2 * (angles[0] - angles[1]) ** 2
            return value + distance + (v * v / (value + v) if v else 0)
        return value + distance
    return value


def boxes(seed, count=9):
    rng = np.random.default_rng(seed)
    corner = rng.uniform(0, 4, (count, 2))
    return np.concatenate([corner, corner + rng.uniform(0.1, 4, (count, 2))], axis=1)


def converted(corners, form):
    x1, y1, x2, y2 = np.moveaxis(corners, -1, 0)
    parts = {
        "xyxy": (x1, y1, x2, y2),
        "yxyx": (y1, x1, y2, x2),
        "xywh": (x1, y1, x2 - x1, y2 - y1),
        "center_xywh": ((x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1),
    }
    return np.stack(parts[form], axis=-1)


@pytest.mark.parametrize("form", ["xyxy", "yxyx", "xywh", "center_xywh"])
@pytest.mark.parametrize("variant", VARIANTS)
def test_values(variant, form):
    """Every variant in every format gives the value of the corners."""
    a, b = boxes(0), boxes(1)
    expected = [oracle(x, y, variant) for x, y in zip(a, b, strict=True)]
    loss = BoundingBoxIoU(variant, form, reduction="none")
    got = ops.convert_to_numpy(loss(converted(a, form), converted(b, form)))
    np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-5)


def test_counted_cells():
    """On a grid the plain variant is what counting the cells of both boxes gives."""
    rng = np.random.default_rng(2)
    for _ in range(5):
        low = rng.integers(0, 6, (2, 2))
        high = low + rng.integers(1, 6, (2, 2))
        first, second = (
            {(x, y) for x in range(lo[0], hi[0]) for y in range(lo[1], hi[1])} for lo, hi in zip(low, high, strict=True)
        )
        pair = np.concatenate([low, high], axis=1).astype("float32")
        expected = 1 - len(first & second) / len(first | second)
        np.testing.assert_allclose(float(BoundingBoxIoU("iou")(pair[:1], pair[1:])), expected, rtol=1e-5)


@pytest.mark.parametrize("variant", VARIANTS)
def test_one_box_and_many_for_each_sample(variant):
    """A batch of one works, and `(n, boxes, 4)` gives a value for each box."""
    a, b = boxes(3, 6), boxes(4, 6)
    loss = BoundingBoxIoU(variant, reduction="none")
    flat = ops.convert_to_numpy(loss(a, b))
    np.testing.assert_allclose(ops.convert_to_numpy(loss(a[:1], b[:1])), flat[:1], rtol=1e-5)
    many = ops.convert_to_numpy(loss(a.reshape(2, 3, 4), b.reshape(2, 3, 4)))
    np.testing.assert_allclose(many, flat.reshape(2, 3), rtol=1e-5)


@pytest.mark.parametrize("variant", VARIANTS)
def test_identical_boxes_are_zero(variant, gradient):
    """A perfect prediction costs nothing and has a finite slope."""
    a = np.array([[0.0, 0.0, 2.0, 1.0], [1.0, 1.0, 4.0, 4.0]])
    np.testing.assert_allclose(float(BoundingBoxIoU(variant)(a, a)), 0, atol=1e-6)
    assert np.isfinite(gradient(lambda x: BoundingBoxIoU(variant)(a, x), a)).all()


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize(
    "box",
    [[0, 0, 0, 0], [1, 1, 1, 1], [1, 1, 1, 3], [1, 1, 3, 1], [3, 3, 1, 1], [1e4, 1e4, 2e4, 2e4], [-1e4, 0, 1e4, 1e-3]],
)
def test_degenerate_boxes_are_finite(variant, box, gradient):
    """Points, lines, boxes turned inside out and far ones: finite values within the bounds, finite slopes."""
    a, b = np.array([[0.0, 0.0, 2.0, 2.0], box]), np.array([box, box], "float32")
    loss = BoundingBoxIoU(variant, reduction="none")
    values = ops.convert_to_numpy(loss(a, b))
    assert ((values >= -1e-6) & (values <= 3)).all()
    assert np.isfinite(gradient(lambda x: BoundingBoxIoU(variant)(a, x), b)).all()


@pytest.mark.parametrize("variant", ["giou", "diou", "ciou"])
def test_boxes_apart_are_drawn_together(variant, gradient):
    """Where nothing overlaps, the plain loss has no slope and the others do."""
    a, b = np.array([[0.0, 0.0, 1.0, 1.0]]), np.array([[5.0, 0.0, 6.0, 1.0]])
    np.testing.assert_array_equal(gradient(lambda x: BoundingBoxIoU("iou")(a, x), b), 0)
    assert gradient(lambda x: BoundingBoxIoU(variant)(a, x), b)[0, 0] > 0


@pytest.mark.parametrize("variant", VARIANTS)
def test_gradient(variant, check_gradient):
    """The slope equals finite differences, that of the aspect ratio's factor included."""
    check_gradient(BoundingBoxIoU(variant), boxes(5, 3), boxes(6, 3))


@pytest.mark.parametrize(
    "shapes", [((2, 4), (2, 3)), ((2, 3), (2, 3)), ((4,), (4,)), ((2, 4), (2, 1, 4)), ((3, 4), (2, 4))]
)
def test_shapes_that_do_not_fit(shapes):
    """A box has four numbers."""
    with pytest.raises(ValueError, match="'bounding_box_io_u' received"):
        BoundingBoxIoU()(np.zeros(shapes[0]), np.zeros(shapes[1]))


@pytest.mark.parametrize("arguments", [{"variant": "eiou"}, {"bounding_box_format": "rel_xyxy"}])
def test_bad_arguments(arguments):
    """Unknown variants and formats are named."""
    with pytest.raises(ValueError, match=f"`{next(iter(arguments))}` must be"):
        BoundingBoxIoU(**arguments)
