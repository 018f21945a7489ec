"""Runs the signatures of SavedModels for the tests: one JSON command per line in, one JSON answer per line out.

{"load": FOLDER}                                      a session of its own
{"run": SIGNATURES, "of": FOLDER, "inputs": FILE, "outputs": FILE}  at once; safetensors files, see tensors.py
{"call": SIGNATURE, "of": FOLDER, "inputs": FILE, "outputs": FILE}  the same through tf.saved_model.load
{"close": FOLDER}

Tensors of `run` are called SIGNATURE, a NUL character, and their name in the signature.
"""

import tensorflow as tf

from serve import serve
from tensors import read_tensors, write_tensors

v1 = tf.compat.v1


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


MODELS = {}
serve(lambda command: answer(MODELS, command))
