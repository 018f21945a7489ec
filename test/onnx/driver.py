"""Runs ONNX models for the tests: one JSON command per line in, one JSON answer per line out.

{"load": FILE}                                   checked by onnx where it is installed, then loaded by onnxruntime
{"run": FILE, "inputs": FILE, "outputs": FILE}   safetensors files, see tensors.py
{"close": FILE}
"""

import importlib.util

import onnxruntime

from serve import serve
from tensors import read_tensors, write_tensors

CHECKED = importlib.util.find_spec("onnx") is not None
if CHECKED:
    import onnx


def load(path):
    if CHECKED:
        onnx.checker.check_model(path, full_check=True)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def answer(sessions, command):
    if "load" in command:
        sessions[command["load"]] = load(command["load"])
        return {}
    if "close" in command:
        sessions.pop(command["close"])
        return {}
    session = sessions[command["run"]]
    names = [output.name for output in session.get_outputs()]
    values = session.run(names, read_tensors(command["inputs"]))
    write_tensors(command["outputs"], dict(zip(names, values)))
    return {}


SESSIONS = {}
serve(lambda command: answer(SESSIONS, command))
