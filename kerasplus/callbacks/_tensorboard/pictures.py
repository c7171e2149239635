"""Pictures made of numbers: matrices, grids of images, digits."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

_DIGITS = {
    "0": "111101101101111",
    "1": "010110010010111",
    "2": "111001111100111",
    "3": "111001111001111",
    "4": "101101111001001",
    "5": "111100111001111",
    "6": "111100111101111",
    "7": "111001010010010",
    "8": "111101111101111",
    "9": "111101111001111",
}
"""Three by five points each."""

_WHITE, _DARK = np.array([255, 255, 255]), np.array([8, 48, 107])
_CELL = 36
MOST_WITH_NUMBERS = 20
"""Up to this many classes, a confusion matrix shows its numbers."""


def confusion_picture(matrix: np.ndarray) -> np.ndarray:
    """A confusion matrix, rows are true classes; darker is a larger part of the row.

    The first row and column hold the numbers of the classes.
    """
    share = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    classes = len(matrix)
    cell = _CELL if classes <= MOST_WITH_NUMBERS else max(2, 720 // classes)
    colours = (_WHITE + share[..., None] * (_DARK - _WHITE)).astype("uint8")
    picture = np.kron(colours, np.ones((cell, cell, 1), "uint8"))
    if classes > MOST_WITH_NUMBERS:
        return picture
    framed = np.full((picture.shape[0] + cell, picture.shape[1] + cell, 3), 255, "uint8")
    framed[cell:, cell:] = picture
    for i in range(classes):
        write_number(framed, i, (cell, (i + 1) * cell), cell, 110)
        write_number(framed, i, ((i + 2) * cell, 0), cell, 110)
        for j in range(classes):
            ink = 255 if share[i, j] > 0.5 else 0
            if matrix[i, j]:
                write_number(framed, int(matrix[i, j]), ((i + 2) * cell, (j + 1) * cell), cell, ink)
    return framed


def write_number(picture: np.ndarray, number: int, below_left: tuple[int, int], cell: int, ink: int) -> None:
    """Writes a number into the middle of the cell that ends at the row and starts at the column given."""
    digits = str(number)
    size = 2 if len(digits) * 8 <= cell else 1
    height, width = 5 * size, len(digits) * 4 * size - size
    bottom, left = below_left
    top = bottom - cell + (cell - height) // 2
    left += max((cell - width) // 2, 0)
    for digit in digits:
        dots = np.array(list(_DIGITS[digit]), int).reshape(5, 3)
        dots = np.kron(dots, np.ones((size, size), int)).astype(bool)
        area = picture[top : top + height, left : left + 3 * size]
        area[dots[: area.shape[0], : area.shape[1]]] = ink
        left += 4 * size


def to_pixels(images: np.ndarray) -> np.ndarray:
    """Images `(n, height, width[, channels])` of any range as `uint8` with 1 or 3 channels, all alike."""
    images = np.asarray(images, "float32")
    images = images[..., None] if images.ndim == 3 else images
    if images.shape[-1] not in (1, 3):
        images = images.mean(axis=-1, keepdims=True)
    low, high = np.nanmin(images, initial=np.inf), np.nanmax(images, initial=-np.inf)
    scaled = (images - low) / max(high - low, 1e-12) * 255
    return np.nan_to_num(scaled, nan=0, posinf=255, neginf=0).astype("uint8")


def grid(pixels: np.ndarray, columns: int | None = None, gap: int = 1) -> np.ndarray:
    """Images side by side, row by row, in a square unless the number of columns is given."""
    count, height, width, channels = pixels.shape
    columns = columns or int(np.ceil(np.sqrt(count)))
    rows = -(-count // columns)
    sheet = np.full((rows * (height + gap), columns * (width + gap), channels), 255, "uint8")
    if gap == 0:
        sheet[:] = 0
    for index, image in enumerate(pixels):
        top, left = index // columns * (height + gap), index % columns * (width + gap)
        sheet[top : top + height, left : left + width] = image
    return sheet


def enlarged(pixels: np.ndarray, least: int) -> np.ndarray:
    """Images whose sides are at least so long, each pixel a square."""
    factor = max(1, -(-least // min(pixels.shape[1:3])))
    return pixels.repeat(factor, axis=1).repeat(factor, axis=2)


def labelled(pixels: np.ndarray, labels: Sequence[tuple[int, int]]) -> np.ndarray:
    """Colour images with a strip above each: the true number at the left, the predicted one at the right."""
    pixels = pixels.repeat(3, axis=-1) if pixels.shape[-1] == 1 else pixels
    count, height, width, _ = pixels.shape
    strip = 14
    sheet = np.full((count, height + strip, width, 3), 255, "uint8")
    sheet[:, strip:] = pixels
    for picture, (true, predicted) in zip(sheet, labels, strict=True):
        half = width // 2
        write_number(picture[:, :half], true, (strip, 0), min(strip, half), 0)
        wrong = np.full((strip, width - half, 3), 255, "uint8")
        write_number(wrong, predicted, (strip, 0), min(strip, half), 0)
        wrong[..., 0] = np.maximum(wrong[..., 0], 200)  # the wrong one in red
        picture[:strip, half:] = wrong
    return sheet


def weight_picture(weight: np.ndarray) -> np.ndarray | None:
    """A weight as a picture: a vector as a strip, a matrix as it is, kernels of a convolution as a grid."""
    weight = np.squeeze(np.asarray(weight, "float32"))
    if weight.ndim == 1:
        return enlarged(to_pixels(weight[None, None, :]), 8)[0]
    if weight.ndim == 2:
        wide = weight.T if weight.shape[0] > weight.shape[1] else weight
        return to_pixels(wide[None])[0]
    if weight.ndim in (3, 4) and min(weight.shape[:2]) > 1:
        kernels = weight[..., None, :] if weight.ndim == 3 else weight
        channels = kernels[:, :, :3] if kernels.shape[2] == 3 else kernels[:, :, :1]
        return grid(enlarged(to_pixels(np.moveaxis(channels, -1, 0)[:64]), 16))
    return None
