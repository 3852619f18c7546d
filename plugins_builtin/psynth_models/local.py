"""The language model ``transformers``: a causal model in a folder, or of a hub, that runs in this process."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Literal

from psynth.core.errors import InputError, UsageError
from psynth.core.settings import setting
from psynth.core.work import Stop
from psynth.learning.extras import require
from psynth.plugins.language_model import Answer, Completion, LanguageModel, ModelRequest, RequestTooLong, Usage


@dataclass(frozen=True)
class Transformers(LanguageModel):
    """Run a causal language model of the library transformers, from a folder or by its name on a hub.

        psynth sample --method llm -d list --model transformers:path=models/small

    Messages go through the model's chat template or, without one, follow each other. All completions of a request are
    one batch. For equal seeds they are equal on the same machine. Weights are read from safetensors alone, and no code
    of the folder is run. It needs the extra neural.
    """

    concurrent: ClassVar[bool] = False

    path: str = setting("", value="DIR", help="the folder, or the name on the hub")
    device: str = setting("cpu", help="where the model runs: cpu, cuda, cuda:1")
    dtype: Literal["float32", "bfloat16", "float16"] = setting("float32", help="the type of its numbers")

    def missing(self) -> str | None:
        """The model."""
        return None if self.path else "path=DIR"

    @property
    def model_name(self) -> str:
        """The folder or the name on the hub."""
        return self.path

    @cached_property
    def _loaded(self) -> tuple[Any, Any]:
        """The tokenizer and the model."""
        require("--model transformers", "torch", "transformers")
        import torch
        from transformers import AutoModelForCausalLM, AutoTokenizer
        from transformers.utils import logging

        quiet: Any = logging
        quiet.disable_progress_bar()
        try:
            tokenizer = AutoTokenizer.from_pretrained(self.path, trust_remote_code=False)
            model = AutoModelForCausalLM.from_pretrained(
                self.path, dtype=getattr(torch, self.dtype), use_safetensors=True, trust_remote_code=False
            )
        except (OSError, ValueError, KeyError) as error:
            raise InputError(f"no model can be read: {str(error).splitlines()[0]}", source=self.path) from error
        if tokenizer.pad_token_id is None:
            tokenizer.pad_token = tokenizer.eos_token
        try:
            placed: Any = model
            return tokenizer, placed.to(self.device).eval()
        except (RuntimeError, AssertionError) as error:
            raise UsageError(f"the device {self.device!r}: {str(error).splitlines()[0]}") from error

    def answer(self, request: ModelRequest, stop: Stop) -> Answer:
        """The completions, with the sum of the log-probabilities of their tokens."""
        tokenizer, model = self._loaded
        import torch

        sampling = request.sampling
        given = tokenizer(self._text(request), return_tensors="pt", add_special_tokens=not request.messages)
        given = given.to(self.device)
        length = given["input_ids"].shape[1]
        most = getattr(model.config, "max_position_embeddings", None)
        if most is not None and length + sampling.max_tokens > most:
            raise RequestTooLong(
                f"the model has room for {most:,} tokens; {length:,} are asked, {sampling.max_tokens:,} wanted"
            )
        drawn = {"temperature": sampling.temperature, "top_p": sampling.top_p, "top_k": 0}
        with torch.random.fork_rng(), torch.no_grad():
            torch.manual_seed(sampling.seed)
            made = model.generate(
                **given,
                max_new_tokens=sampling.max_tokens,
                num_return_sequences=sampling.n if sampling.temperature > 0 else 1,
                do_sample=sampling.temperature > 0,
                **(drawn if sampling.temperature > 0 else {}),
                **({"stop_strings": list(sampling.stop), "tokenizer": tokenizer} if sampling.stop else {}),
                pad_token_id=tokenizer.pad_token_id,
                return_dict_in_generate=True,
                output_logits=True,
            )
        completions, written = self._completions(made, length, request)
        if sampling.temperature == 0:
            completions *= sampling.n
        return Answer(tuple(completions), Usage(length, written), self.path)

    def embed(self, text: str, stop: Stop) -> Answer:
        """The mean of the last layer's outputs over the tokens of a text."""
        tokenizer, model = self._loaded
        import torch

        given = tokenizer(text or " ", return_tensors="pt").to(self.device)
        length = given["input_ids"].shape[1]
        most = getattr(model.config, "max_position_embeddings", None)
        if most is not None and length > most:
            raise RequestTooLong(f"the model has room for {most:,} tokens; the text to embed has {length:,}")
        with torch.no_grad():
            states = model(**given, output_hidden_states=True).hidden_states[-1]
        vector = states[0].float().mean(dim=0)
        return Answer((), Usage(length, 0), self.path, vector=tuple(vector.tolist()))

    def _text(self, request: ModelRequest) -> str:
        if not request.messages:
            return request.prompt
        tokenizer, _ = self._loaded
        if not tokenizer.chat_template:
            return "\n\n".join(each.content for each in request.messages) + "\n\n"
        messages = [{"role": each.role, "content": each.content} for each in request.messages]
        return str(tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True))

    def _completions(self, made: Any, length: int, request: ModelRequest) -> tuple[list[Completion], int]:
        """The texts that were generated, and the number of their tokens."""
        import torch

        tokenizer, _ = self._loaded
        log_probs = torch.stack(made.logits, dim=1).float().log_softmax(-1)
        found: list[Completion] = []
        written = 0
        ends = tokenizer.eos_token_id
        for row, tokens in enumerate(made.sequences[:, length:].tolist()):
            count = tokens.index(ends) + 1 if ends in tokens else len(tokens)
            written += count
            text = tokenizer.decode(tokens[:count], skip_special_tokens=True)
            cut = min((text.find(each) for each in request.sampling.stop if each in text), default=None)
            stopped = ends in tokens or cut is not None
            log_prob = sum(log_probs[row, place, tokens[place]].item() for place in range(count))
            found.append(Completion(text[:cut], "stop" if stopped else "length", log_prob))
        return found, written
