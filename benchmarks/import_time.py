"""What `import kerasplus` adds to `import keras`, and what the first lookup of a name costs.

    python benchmarks/import_time.py [ROUNDS]

Each round is a fresh process; the medians of all rounds are printed. Target: 2 % at most.
"""

import json
import statistics
import subprocess
import sys

MEASURE = """
import json, time
start = time.perf_counter()
import keras
after_keras = time.perf_counter()
import kerasplus
after_kerasplus = time.perf_counter()
kerasplus._keras_names.plugins.plugins
after_scan = time.perf_counter()
keras.losses.get("custom_mse")
after_lookup = time.perf_counter()
print(json.dumps([after_keras - start, after_kerasplus - after_keras,
                  after_scan - after_kerasplus, after_lookup - after_scan]))
"""


def main(rounds: int) -> None:
    """Prints the medians and the ratio."""
    measured = []
    for _ in range(rounds):
        output = subprocess.run([sys.executable, "-c", MEASURE], capture_output=True, text=True, check=True).stdout
        measured.append(json.loads(output.splitlines()[-1]))
    keras, ours, scan, lookup = (statistics.median(column) for column in zip(*measured, strict=True))
    ratio = statistics.median(row[1] / row[0] for row in measured)
    print(f"import keras                 {keras * 1e3:8.1f} ms")
    print(f"import kerasplus after it    {ours * 1e3:8.1f} ms   {100 * ratio:.2f} % of import keras")
    print(f"scan of the entry points     {scan * 1e3:8.1f} ms   once, at the first name that Keras does not have")
    print(f"first lookup of our names    {lookup * 1e3:8.1f} ms   once, loads our losses, metrics, layers, ...")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 7)
