"""The loop of a Python program that tests talk to: one JSON command per line in, one JSON answer per line out."""

import json
import sys


def serve(answer):
    """`answer` is given every command; what it raises is told to the test, which fails with it."""
    for line in sys.stdin:
        try:
            reply = answer(json.loads(line))
        except Exception as error:
            reply = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(reply), flush=True)
