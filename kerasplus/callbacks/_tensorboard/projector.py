"""Embeddings for the projector, in the files that it reads."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import ops

from kerasplus.callbacks._layer_outputs import all_layers, find_layers, outputs
from kerasplus.callbacks._tensorboard import pictures
from kerasplus.callbacks._tensorboard.parts import Part
from kerasplus.callbacks._tensorboard.png import encode
from kerasplus.callbacks._tensorboard.writer import is_remote, open_file

CONFIG = "projector_config.pbtxt"
_LARGEST_SPRITE = 8192
_TINY = 16


class Projector(Part):
    """Writes the matrix of every Embedding layer, and what chosen layers put out for fixed samples.

    Each is one raw file of float32 numbers, named in the projector's configuration under the layer
    and the step; the newest comes first. Beside it stand the labels, and small images of the
    samples where there are any.

    Args:
        freq: As in `Part`.
        folder: The folder of the run.
        metadata: Labels: the path of a TSV file for every Embedding layer, or by the name of a layer a
            path or one label for each row.
        names: Layers whose outputs are written.
        x: The samples for them.
        labels: The labels of the samples.
        images: The samples as images.
        sprites: Images for the rows of Embedding layers, by the name of the layer.
    """

    def __init__(
        self,
        freq: int,
        folder: str,
        metadata: Any = None,
        names: Sequence[str] = (),
        x: Any = None,
        labels: Sequence[Any] | None = None,
        images: np.ndarray | None = None,
        sprites: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(freq)
        self._folder, self._metadata, self._names, self._x = folder, metadata, list(names), x
        self._labels, self._images, self._sprites = labels, images, dict(sprites or {})

    def check(self, model: Any) -> None:
        """Layers, files and numbers of labels must fit before the first epoch."""
        find_layers(model, self._names, "embedding_layers")
        embeddings = {layer.name: layer for layer in _embedding_layers(model)}
        for argument, given in (("embeddings_metadata", self._metadata), ("embeddings_sprites", self._sprites)):
            for name in given if isinstance(given, Mapping) else ():
                if name not in embeddings and name not in self._names:
                    raise ValueError(
                        f"`{argument}` must name Embedding layers or layers of `embedding_layers`: "
                        f"{', '.join([*embeddings, *self._names]) or 'there are none'}. Received: {name!r}"
                    )
        for name in (*embeddings, *self._names):
            rows = embeddings[name].input_dim if name in embeddings else None
            rows = len(next(iter(keras.tree.flatten(self._x)))) if name in self._names else rows
            for argument, what in (
                ("embeddings_metadata", self._metadata_of(name)),
                ("embeddings_sprites", self._sprites.get(name)),
            ):
                if isinstance(what, str) and not is_remote(what) and not Path(what).is_file():
                    raise ValueError(f"`{argument}` must name a file that exists. Received: {what!r} for {name!r}")
                if what is not None and not isinstance(what, str) and len(what) != rows:
                    raise ValueError(
                        f"`{argument}` must have one entry for each of the {rows} rows of {name!r}. "
                        f"Received: {len(what)} entries"
                    )

    def values(self, model: Any, step: int) -> Iterator[Any]:
        """Writes the files and their configuration; there are no summary values."""
        matrices = {layer.name: _numbers(layer.embeddings) for layer in _embedding_layers(model)}
        if self._names:
            found = outputs(model, find_layers(model, self._names, "embedding_layers"), self._x)
            matrices.update({name: output.reshape(len(output), -1) for name, output in found.items()})
        config = self._known_config()
        for name, matrix in matrices.items():
            self._write(config, name, matrix, step)
        self._write_file(CONFIG, str(config).encode())
        return iter(())

    def _write(self, config: Any, name: str, matrix: np.ndarray, step: int) -> None:
        from tensorboard.plugins.projector.projector_config_pb2 import EmbeddingInfo

        safe = re.sub(r"[^\w.-]", "_", name)
        path = f"projector/{safe}_step_{step}.bytes"
        info = EmbeddingInfo(tensor_name=f"{name} at step {step}", tensor_shape=matrix.shape, tensor_path=path)
        self._write_file(path, tensor_file(matrix))
        labels, images = self._metadata_of(name), self._sprites.get(name)
        if name in self._names:
            labels = self._labels if labels is None else labels
            images = self._images if images is None else images
        if labels is not None:
            info.metadata_path = f"projector/{safe}.tsv"
            self._write_file(info.metadata_path, labels_file(labels))
        if images is not None:
            sheet, side = sprite_sheet(images)
            info.sprite.image_path = f"projector/{safe}.png"
            info.sprite.single_image_dim.extend(side)
            self._write_file(info.sprite.image_path, encode(sheet))
        others = [each for each in config.embeddings if each.tensor_name != info.tensor_name]
        del config.embeddings[:]
        config.embeddings.extend([info, *others])

    def _metadata_of(self, name: str) -> Any:
        if isinstance(self._metadata, Mapping):
            return self._metadata.get(name)
        return None if name in self._names else self._metadata

    def _known_config(self) -> Any:
        from google.protobuf import text_format
        from tensorboard.plugins.projector.projector_config_pb2 import ProjectorConfig

        path = Path(self._folder) / CONFIG
        known = path.read_text() if not is_remote(self._folder) and path.is_file() else ""
        return text_format.Parse(known, ProjectorConfig())

    def _write_file(self, path: str, data: bytes) -> None:
        with open_file(f"{self._folder}/{path}", "wb") as file:
            file.write(data)


def tensor_file(matrix: np.ndarray) -> bytes:
    """A matrix as raw float32 numbers, or as a TSV file where TensorBoard would take those for text.

    TensorBoard tries text first, line by line, and takes what is no UTF-8 for raw numbers.
    """
    raw = np.ascontiguousarray(matrix, "<f4").tobytes()
    for line in io.BytesIO(raw):
        if line.strip(b"\n"):
            try:
                line.decode()
            except UnicodeDecodeError:
                return raw
            break
    text = io.StringIO()
    np.savetxt(text, matrix, fmt="%.9g", delimiter="\t")
    return text.getvalue().encode()


def labels_file(labels: Any) -> bytes:
    """A column of labels as a TSV file, or the contents of the file that is named."""
    if isinstance(labels, str):
        with open_file(labels, "rb") as file:
            return bytes(file.read())
    lines = [re.sub(r"[\t\r\n]", " ", str(label)) for label in labels]
    return ("\n".join(lines) + "\n").encode()


def sprite_sheet(images: Any) -> tuple[np.ndarray, tuple[int, int]]:
    """All images in one square sheet, and the width and height of one; thinned out to what a browser takes."""
    pixels = pictures.to_pixels(np.asarray(images))
    pixels = pictures.enlarged(pixels, _TINY)
    columns = int(np.ceil(np.sqrt(len(pixels))))
    every = -(-columns * max(pixels.shape[1:3]) // _LARGEST_SPRITE)
    pixels = pixels[:, ::every, ::every]
    return pictures.grid(pixels, columns, gap=0), (pixels.shape[2], pixels.shape[1])


def _embedding_layers(model: Any) -> list[Any]:
    return [layer for layer in all_layers(model) if isinstance(layer, keras.layers.Embedding)]


def _numbers(tensor: Any) -> np.ndarray:
    return np.asarray(ops.convert_to_numpy(ops.cast(tensor, "float32")))
