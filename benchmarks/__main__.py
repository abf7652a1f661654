"""`make bench`: runs every benchmark, or those named on the command line."""

import sys

from benchmarks import features, imports, serving, training

BENCHMARKS = {
    "features": features.run,
    "imports": imports.run,
    "serving": serving.run,
    "training": training.run,
}

for name in sys.argv[1:] or BENCHMARKS:
    print(f"\n## {name}\n")
    BENCHMARKS[name]()
