"""`make bench`: runs every benchmark, or those named on the command line."""

import sys

from benchmarks import features, imports

BENCHMARKS = {"features": features.run, "imports": imports.run}

for name in sys.argv[1:] or BENCHMARKS:
    print(f"\n## {name}\n")
    BENCHMARKS[name]()
