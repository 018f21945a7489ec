"""Runs the signatures of SavedModels for the tests: one JSON command per line in, one JSON answer per line out.

{"load": FOLDER}                                      a session of its own
{"run": SIGNATURES, "of": FOLDER, "inputs": FILE, "outputs": FILE}  at once; safetensors files, see below
{"call": SIGNATURE, "of": FOLDER, "inputs": FILE, "outputs": FILE}  the same through tf.saved_model.load
{"close": FOLDER}

Tensors of `run` are called SIGNATURE, a NUL character, and their name in the signature.
"""

import json
import sys

import numpy as np
import tensorflow as tf

v1 = tf.compat.v1


def read_tensors(path):
    with open(path, "rb") as file:
        content = file.read()
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    tensors = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        start, end = (8 + length + offset for offset in entry["data_offsets"])
        tensors[name] = np.frombuffer(content[start:end], "<f4").reshape(entry["shape"])
    return tensors


def write_tensors(path, tensors):
    header, data = {}, b""
    for name, values in tensors.items():
        values = np.asarray(values)
        assert values.dtype == np.float32, f"{name} is {values.dtype}"
        start = len(data)
        data += values.astype("<f4").tobytes()
        header[name] = {"dtype": "F32", "shape": list(values.shape), "data_offsets": [start, len(data)]}
    head = json.dumps(header).encode()
    head += b" " * (-len(head) % 8)
    with open(path, "wb") as file:
        file.write(len(head).to_bytes(8, "little") + head + data)


class Model:
    def __init__(self, folder):
        graph = tf.Graph()
        self.session = v1.Session(graph=graph)
        with graph.as_default():
            self.signatures = v1.saved_model.load(self.session, ["serve"], folder).signature_def

    def run(self, signatures, inputs):
        feeds, fetches = {}, {}
        for key, values in inputs.items():
            signature, name = key.split("\0")
            feeds[self.signatures[signature].inputs[name].name] = values
        for signature in signatures:
            for name, info in self.signatures[signature].outputs.items():
                fetches[f"{signature}\0{name}"] = info.name
        return self.session.run(fetches, feeds)


def answer(models, command):
    if "load" in command:
        models[command["load"]] = Model(command["load"])
        return {"version": tf.__version__}
    if "close" in command:
        models.pop(command["close"]).session.close()
        return {}
    inputs = read_tensors(command["inputs"])
    if "call" in command:
        function = tf.saved_model.load(command["of"]).signatures[command["call"]]
        outputs = function(**{name: tf.constant(values) for name, values in inputs.items()})
    else:
        outputs = models[command["of"]].run(command["run"], inputs)
    write_tensors(command["outputs"], outputs)
    return {}


def main():
    models = {}
    for line in sys.stdin:
        try:
            reply = answer(models, json.loads(line))
        except Exception as error:  # told to the test, which fails with it
            reply = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(reply), flush=True)


main()
