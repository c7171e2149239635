"""Which parts a logger's options ask for."""

from __future__ import annotations

from typing import Any

from kerasplus.callbacks._tensorboard import parts
from kerasplus.callbacks._tensorboard.predictions import PredictionPlots, as_images
from kerasplus.callbacks._tensorboard.projector import Projector


def planned_parts(logger: Any, x: Any, y: Any) -> list[parts.Part]:
    """The parts, in the order in which they are written."""
    found: list[parts.Part] = []
    freq = logger.histogram_freq
    if freq:
        found.append(parts.WeightHistograms(freq))
    if logger.activation_layers:
        found.append(parts.ActivationHistograms(freq, x, logger.activation_layers))
    if logger.write_gradients:
        found.append(parts.GradientHistograms(freq, x, y))
    if logger.write_images:
        found.append(parts.WeightImages(freq or 1))
    if logger.prediction_freq:
        found.append(PredictionPlots(logger.prediction_freq, x, y, logger.class_names, logger.image_shape))
    if logger.embeddings_freq:
        found.append(
            Projector(
                logger.embeddings_freq,
                f"{logger.log_dir}/train",
                logger.embeddings_metadata,
                logger.embedding_layers,
                x,
                _labels(y, logger.class_names),
                as_images(x, logger.image_shape),
                logger.embeddings_sprites,
            )
        )
    return found


def _labels(y: Any, class_names: Any) -> list[Any] | None:
    if not hasattr(y, "shape") or y.ndim > 2:
        return None
    if y.ndim == 2 and y.shape[1] > 1:
        y = y.argmax(axis=1)
    ids = y.reshape(-1).tolist()
    if class_names is None:
        return ids
    return [class_names[int(each)] if 0 <= each < len(class_names) else each for each in ids]
