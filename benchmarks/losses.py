"""Forward and backward of the batch-coupled and sorted losses, beside naive versions of the same quantity.

    python benchmarks/losses.py [NAME ...]

TensorFlow, a compiled function of loss and gradient, random embeddings of 128 dimensions. Times are medians of
rounds in which the versions take turns in one process, so that their ratio means something on a busy machine
too. Memory is the peak of a process for each version, less what it held before the first call. A naive version
that would need more than 8 GB is not run.
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


def distances_of(embeddings):
    """Euclidean distances, the plain way."""
    import tensorflow as tf

    squares = tf.reduce_sum(embeddings**2, axis=1)
    product = tf.matmul(embeddings, embeddings, transpose_b=True)
    return tf.sqrt(tf.maximum(squares[:, None] + squares[None] - 2 * product, 1e-12))


def cube_triplet_semi_hard(ids, embeddings):
    """All triplets: a cube of (anchor, positive, negative), of which masks pick the mined ones, as lean as it gets."""
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


def addons_triplet_semi_hard(ids, embeddings):
    """All triplets by multiplied masks and shifted extremes: what TensorFlow Addons did."""
    import tensorflow as tf

    distances = distances_of(embeddings)
    count = tf.shape(ids)[0]
    same = ids[:, None] == ids[None]
    cube = tf.tile(distances, (count, 1))
    beyond = tf.tile(~same, (count, 1)) & (cube > tf.reshape(tf.transpose(distances), (-1, 1)))
    counted = tf.cast(beyond, tf.float32)
    some = tf.transpose(tf.reshape(tf.reduce_sum(counted, axis=1, keepdims=True) > 0, (count, count)))
    most = tf.reduce_max(cube, axis=1, keepdims=True)
    outside = tf.reduce_min((cube - most) * counted, axis=1, keepdims=True) + most
    negative = tf.cast(~same, tf.float32)
    least = tf.reduce_min(distances, axis=1, keepdims=True)
    inside = tf.reduce_max((distances - least) * negative, axis=1, keepdims=True) + least
    mined = tf.where(some, tf.transpose(tf.reshape(outside, (count, count))), tf.tile(inside, (1, count)))
    pairs = tf.cast(same, tf.float32) - tf.eye(count)
    return tf.reduce_sum(tf.nn.relu((1.0 + distances - mined) * pairs)) / tf.reduce_sum(pairs)


def addons_triplet_hard(ids, embeddings):
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


def cubes_lifted_structured(ids, embeddings):
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


def plain_n_pairs(ids, views):
    """Softmax cross-entropy of TensorFlow on the matrix of inner products."""
    import tensorflow as tf

    logits = tf.matmul(views[:, 0], views[:, 1], transpose_b=True)
    same = tf.cast(ids[:, None] == ids[None], tf.float32)
    shares = same / tf.reduce_sum(same, axis=1, keepdims=True)
    return tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(shares, logits))


def plain_info_nce(ids, views):
    """Two softmax cross-entropies of TensorFlow, over rows and over columns."""
    import tensorflow as tf

    rows = tf.math.l2_normalize(views, axis=-1)
    logits = tf.matmul(rows[:, 0], rows[:, 1], transpose_b=True) / 0.1
    own = tf.range(tf.shape(ids)[0])
    both = [tf.nn.sparse_softmax_cross_entropy_with_logits(own, each) for each in (logits, tf.transpose(logits))]
    return tf.reduce_mean(both[0] + both[1]) / 2


def plain_supervised_contrastive(ids, embeddings):
    """Masks that are multiplied with exponentials, as in the authors' code."""
    import tensorflow as tf

    rows = tf.math.l2_normalize(embeddings, axis=-1)
    logits = tf.matmul(rows, rows, transpose_b=True) / 0.1
    logits -= tf.stop_gradient(tf.reduce_max(logits, axis=1, keepdims=True))
    others = 1 - tf.eye(tf.shape(ids)[0])
    pairs = tf.cast(ids[:, None] == ids[None], tf.float32) * others
    shares = logits - tf.math.log(tf.reduce_sum(tf.exp(logits) * others, axis=1, keepdims=True))
    return -tf.reduce_mean(tf.reduce_sum(shares * pairs, axis=1) / tf.reduce_sum(pairs, axis=1))


def plain_multi_similarity(ids, embeddings):
    """Mined masks that are multiplied with exponentials, without a guard against overflow."""
    import tensorflow as tf

    rows = tf.math.l2_normalize(embeddings, axis=-1)
    similarities = tf.matmul(rows, rows, transpose_b=True)
    same = tf.cast(ids[:, None] == ids[None], tf.float32)
    positive, negative = same - tf.eye(tf.shape(ids)[0]), 1 - same
    least = tf.reduce_min(similarities + 9 * (1 - positive), axis=1, keepdims=True)
    most = tf.reduce_max(similarities - 9 * (1 - negative), axis=1, keepdims=True)
    positive *= tf.cast(similarities < most + 0.1, tf.float32)
    negative *= tf.cast(similarities > least - 0.1, tf.float32)
    near = tf.math.log(1 + tf.reduce_sum(tf.exp(-2 * (similarities - 0.5)) * positive, axis=1)) / 2
    far = tf.math.log(1 + tf.reduce_sum(tf.exp(50 * (similarities - 0.5)) * negative, axis=1)) / 50
    return tf.reduce_mean(near + far)


def loop_lovasz_softmax(ids, probabilities):
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


# name: (benchmarked batches, the naive versions and the bytes that they hold at batch n)
CASES = {
    "triplet_semi_hard": (
        SIZES,
        {cube_triplet_semi_hard: lambda n: 14 * n**3, addons_triplet_semi_hard: lambda n: 26 * n**3},
    ),
    "triplet_hard": (SIZES, {addons_triplet_hard: lambda n: 40 * n**2}),
    "lifted_structured": (SIZES, {cubes_lifted_structured: lambda n: 16 * n**3}),
    "supervised_contrastive": (SIZES, {plain_supervised_contrastive: lambda n: 40 * n**2}),
    "multi_similarity": (SIZES, {plain_multi_similarity: lambda n: 60 * n**2}),
    "n_pairs": (SIZES, {plain_n_pairs: lambda n: 40 * n**2}),
    "info_nce": (SIZES, {plain_info_nce: lambda n: 40 * n**2}),
    "lovasz_softmax": ((IMAGE[1],), {loop_lovasz_softmax: lambda n: 0}),
}


def steps_of(name, size, versions):
    """A function for each version that takes a step, and gives the value of the loss."""
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

    def step_of(version):
        loss = kerasplus.get(name, kind="loss") if version in ("ours", "xla") else globals()[version]

        @tf.function(jit_compile=version == "xla")
        def step(x):
            with tf.GradientTape() as tape:
                tape.watch(x)
                value = loss(ids, x)
            return value, tape.gradient(value, x)

        def taken():
            value, slope = step(point)
            slope.numpy()
            return float(value)

        return taken

    return {version: step_of(version) for version in versions}


def times(name, size, versions):
    """The value and the median time in ms of each version, which take turns."""
    steps = steps_of(name, size, versions)
    values = {version: step() for version, step in steps.items()}
    spent, start = {version: [] for version in versions}, time.perf_counter()
    while len(spent["ours"]) < 5 or (len(spent["ours"]) < 30 and time.perf_counter() - start < 20):
        for version, step in steps.items():
            begun = time.perf_counter()
            step()
            spent[version].append(1e3 * (time.perf_counter() - begun))
    return {version: (values[version], statistics.median(spent[version])) for version in versions}


def peak(name, size, version):
    """The peak of the process in MB, less what it held before the first step."""
    (step,) = steps_of(name, size, [version]).values()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(3):
        step()
    return (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024


def in_a_process(function, *arguments):
    """What one of the two functions gives, from a process of its own."""
    command = [sys.executable, __file__, "--measure", json.dumps([function.__name__, *arguments])]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return json.loads(output.splitlines()[-1])


def main(names):
    """Prints a table as Markdown."""
    print("| loss | batch | beside | it takes | kerasplus | ratio | with XLA | its memory | memory |")
    print("|---|---|---|---|---|---|---|---|---|")
    for name in names:
        sizes, naive = CASES[name]
        for size in sizes:
            others = [version.__name__ for version, held in naive.items() if held(size) <= LIMIT]
            found = in_a_process(times, name, size, ["ours", "xla", *others])
            value, ours = found["ours"]
            memory = in_a_process(peak, name, size, "ours")
            for other in others or [None]:
                row = [
                    name,
                    size,
                    "-",
                    "-",
                    f"{ours:,.1f} ms",
                    "-",
                    f"{found['xla'][1]:,.1f} ms",
                    "-",
                    f"{memory:,.0f} MB",
                ]
                if other:
                    assert abs(value - found[other][0]) < 1e-3 * abs(value), (name, size, value, found[other][0])
                    theirs = found[other][1]
                    row[2], row[3], row[5] = other.split("_")[0], f"{theirs:,.1f} ms", f"{theirs / ours:.1f}"
                    row[7] = f"{in_a_process(peak, name, size, other):,.0f} MB"
                print("| " + " | ".join(str(cell) for cell in row) + " |", flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        function, *arguments = json.loads(sys.argv[2])
        print(json.dumps({"times": times, "peak": peak}[function](*arguments)))
    else:
        main(sys.argv[1:] or list(CASES))
