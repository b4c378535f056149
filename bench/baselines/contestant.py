"""A process that measures blocks of steps when it is told to, and sleeps in between.

One JSON object a line: it prints {"info": ...} when ready, reads {"steps": n}, prints {"ms": [...]}; end of input ends it.
"""

import json
import sys
import time


def say(message):
    print(json.dumps(message), flush=True)


def serve(step, info):
    say({"info": info})
    for line in sys.stdin:
        times = []
        for _ in range(json.loads(line)["steps"]):
            start = time.perf_counter()
            step()
            times.append(1000 * (time.perf_counter() - start))
        say({"ms": times})
