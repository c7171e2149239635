"""Forward and backward of the batch-coupled and sorted losses, beside naive versions of the same quantity.

    python benchmarks/losses.py [NAME ...]

Every measurement is a process of its own (TensorFlow, a compiled function of loss and gradient, random
embeddings of 128 dimensions). Times are medians over calls; memory is the peak of the process less what it
held before the first call. A naive version that would need more than 8 GB is not run.
"""

import json
import os
import resource
import statistics
import subprocess
import sys
import time

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"

DIMENSIONS = 128
LIMIT = 8e9
SIZES = (128, 256, 512, 1024, 4096)
SAMPLES_PER_CLASS = 8
IMAGE = (1, 65536, 21)

# name: (benchmarked batches, bytes that the naive version holds at batch n)
CASES = {
    "triplet_semi_hard": (SIZES, lambda n: 14 * n**3),
    "triplet_hard": (SIZES, lambda n: 40 * n**2),
    "lifted_structured": (SIZES, lambda n: 16 * n**3),
    "supervised_contrastive": (SIZES, None),
    "multi_similarity": (SIZES, None),
    "n_pairs": (SIZES, lambda n: 40 * n**2),
    "info_nce": (SIZES, lambda n: 40 * n**2),
    "lovasz_softmax": ((IMAGE[1],), lambda n: 0),
}


def distances_of(embeddings):
    """Euclidean distances, the plain way."""
    import tensorflow as tf

    squares = tf.reduce_sum(embeddings**2, axis=1)
    product = tf.matmul(embeddings, embeddings, transpose_b=True)
    return tf.sqrt(tf.maximum(squares[:, None] + squares[None] - 2 * product, 1e-12))


def naive_triplet_semi_hard(ids, embeddings):
    """All triplets: a cube of (anchor, positive, negative), of which masks pick the mined ones."""
    import tensorflow as tf

    distances = distances_of(embeddings)
    same = ids[:, None] == ids[None]
    cube = tf.tile(distances[:, None, :], (1, tf.shape(ids)[0], 1))
    beyond = tf.logical_and(~same[:, None, :], cube > distances[:, :, None])
    outside = tf.reduce_min(tf.where(beyond, cube, 1e9), axis=2)
    inside = tf.reduce_max(tf.where(~same, distances, 0.0), axis=1, keepdims=True)
    mined = tf.where(tf.reduce_any(beyond, axis=2), outside, inside)
    pairs = tf.cast(same, tf.float32) - tf.eye(tf.shape(ids)[0])
    return tf.reduce_sum(tf.nn.relu(1.0 + distances - mined) * pairs) / tf.reduce_sum(pairs)


def naive_triplet_hard(ids, embeddings):
    """Masked extremes by shifting every row, without a cube: what TensorFlow Addons did."""
    import tensorflow as tf

    distances = distances_of(embeddings)
    same = tf.cast(ids[:, None] == ids[None], tf.float32)
    positive, negative = same - tf.eye(tf.shape(ids)[0]), 1 - same
    least = tf.reduce_min(distances, axis=1, keepdims=True)
    most = tf.reduce_max(distances, axis=1, keepdims=True)
    farthest = tf.reduce_max((distances - least) * positive, axis=1, keepdims=True) + least
    nearest = tf.reduce_min((distances - most) * negative, axis=1, keepdims=True) + most
    return tf.reduce_mean(tf.nn.relu(1.0 + farthest - nearest))


def naive_lifted_structured(ids, embeddings):
    """For each pair the negatives of both of its ends: two cubes."""
    import tensorflow as tf

    distances = distances_of(embeddings)
    same = tf.cast(ids[:, None] == ids[None], tf.float32)
    count = tf.shape(ids)[0]
    closeness = tf.exp(1.0 - distances) * (1 - same)
    both = tf.tile(closeness[:, None, :], (1, count, 1)) + tf.tile(closeness[None], (count, 1, 1))
    lifted = tf.math.log(tf.reduce_sum(both, axis=2)) + distances
    pairs = same - tf.eye(count)
    return tf.reduce_sum(tf.nn.relu(lifted * pairs) ** 2) / (2 * tf.reduce_sum(pairs))


def naive_n_pairs(ids, views):
    """Softmax cross-entropy of TensorFlow on the matrix of inner products."""
    import tensorflow as tf

    logits = tf.matmul(views[:, 0], views[:, 1], transpose_b=True)
    same = tf.cast(ids[:, None] == ids[None], tf.float32)
    shares = same / tf.reduce_sum(same, axis=1, keepdims=True)
    return tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(shares, logits))


def naive_info_nce(ids, views):
    """Two softmax cross-entropies of TensorFlow, over rows and over columns."""
    import tensorflow as tf

    rows = tf.math.l2_normalize(views, axis=-1)
    logits = tf.matmul(rows[:, 0], rows[:, 1], transpose_b=True) / 0.1
    own = tf.range(tf.shape(ids)[0])
    both = [tf.nn.sparse_softmax_cross_entropy_with_logits(own, each) for each in (logits, tf.transpose(logits))]
    return tf.reduce_mean(both[0] + both[1]) / 2


def naive_lovasz_softmax(ids, probabilities):
    """A loop over classes, each with its own sort: the form of the authors' code."""
    import tensorflow as tf

    losses = []
    for c in range(probabilities.shape[-1]):
        truth = tf.cast(tf.reshape(ids, (-1,)) == c, tf.float32)
        errors, order = tf.math.top_k(tf.abs(truth - tf.reshape(probabilities[..., c], (-1,))), tf.size(truth))
        sorted_truth = tf.gather(truth, order)
        total = tf.reduce_sum(truth)
        index = 1 - (total - tf.cumsum(sorted_truth)) / (total + tf.cumsum(1 - sorted_truth))
        losses.append(tf.tensordot(errors, tf.stop_gradient(tf.concat([index[:1], index[1:] - index[:-1]], 0)), 1))
    return tf.reduce_mean(losses)


def measure(name, version, size):
    """Prints the value, the median time in ms and the peak in MB of one loss at one size."""
    import numpy as np
    import tensorflow as tf

    import kerasplus

    rng = np.random.default_rng(0)
    if name == "lovasz_softmax":
        ids = rng.integers(0, IMAGE[2], IMAGE[:2])
        point = tf.nn.softmax(tf.constant(rng.normal(size=IMAGE), tf.float32))
    else:
        ids = np.arange(size) % max(size // SAMPLES_PER_CLASS, 2)
        shape = (size, 2, DIMENSIONS) if name in ("n_pairs", "info_nce") else (size, DIMENSIONS)
        point = tf.constant(rng.normal(size=shape) / DIMENSIONS**0.5, tf.float32)
    ids = tf.constant(ids, tf.int32)
    loss = kerasplus.get(name, kind="loss") if version != "naive" else globals()[f"naive_{name}"]

    @tf.function(jit_compile=version == "xla")
    def step(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            value = loss(ids, x)
        return value, tape.gradient(value, x)

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    value, _ = step(point)
    times, start = [], time.perf_counter()
    while len(times) < 3 or (len(times) < 30 and time.perf_counter() - start < 3):
        begun = time.perf_counter()
        step(point)[1].numpy()
        times.append(time.perf_counter() - begun)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    print(json.dumps([float(value), 1e3 * statistics.median(times), peak / 1024]))


def run(name, version, size):
    """The measurement in a process of its own."""
    command = [sys.executable, __file__, "--measure", name, version, str(size)]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return json.loads(output.splitlines()[-1])


def main(names):
    """Prints a table as Markdown."""
    print("| loss | batch | naive | kerasplus | ratio | with XLA | naive memory | memory |")
    print("|---|---|---|---|---|---|---|---|")
    for name in names:
        sizes, held = CASES[name]
        for size in sizes:
            value, ours, memory = run(name, "ours", size)
            _, compiled, _ = run(name, "xla", size)
            if held is None or held(size) > LIMIT:
                naive, ratio, peak = "-", "-", "-"
            else:
                other, theirs, their_memory = run(name, "naive", size)
                assert abs(value - other) < 1e-3 * abs(other), (name, size, value, other)
                naive, ratio, peak = f"{theirs:,.1f} ms", f"{theirs / ours:.1f}", f"{their_memory:,.0f} MB"
            row = [name, size, naive, f"{ours:,.1f} ms", ratio, f"{compiled:,.1f} ms", peak, f"{memory:,.0f} MB"]
            print("| " + " | ".join(str(cell) for cell in row) + " |", flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        measure(sys.argv[2], sys.argv[3], int(sys.argv[4]))
    else:
        main(sys.argv[1:] or list(CASES))
