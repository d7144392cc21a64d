"""Start llama.cpp's server: PORT MODEL_FILE KEY. It runs in the environment of the server, which has xllamacpp only."""

import sys
import threading

import xllamacpp

_CONTEXT = 8192  # tokens, of all slots together
_SLOTS = 2


def main(port: str, model: str, key: str) -> None:
    """Serve until the process ends."""
    parameters = xllamacpp.CommonParams()
    parameters.port = int(port)
    parameters.model.path = model
    parameters.model_alias = {"smollm2-135m"}
    parameters.n_ctx, parameters.n_parallel, parameters.use_jinja = _CONTEXT, _SLOTS, True
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = 1
    parameters.api_keys = [key]
    _server = xllamacpp.Server(parameters)
    threading.Event().wait()


main(*sys.argv[1:])
