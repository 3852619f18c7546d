"""The model ``transformers``, on a tiny random network that is made here."""

from __future__ import annotations

from pathlib import Path

import pytest

from psynth.core.errors import InputError, UsageError
from psynth.core.work import Stop
from psynth.plugins import Answer, Message, ModelRequest, RequestTooLong, Sampling
from psynth.plugins.model_choice import parse_model
from psynth.plugins.registry import default_registry

pytestmark = [pytest.mark.neural, pytest.mark.slow]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random model of letters, saved as a hub would have it."""
    torch = pytest.importorskip("torch")
    pytest.importorskip("transformers")
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    words = ["<end>", *"abcdefghijklmnopqrstuvwxyz \n"]
    tokenizer = Tokenizer(models.WordLevel({word: number for number, word in enumerate(words)}, unk_token="<end>"))
    tokenizer.decoder = decoders.Fuse()
    tokenizer.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    path = tmp_path_factory.mktemp("model")
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="<end>")
    fast.chat_template = "{% for m in messages %}{{ m['role'] }} {{ m['content'] }}\n{% endfor %}"
    fast.save_pretrained(path)
    torch.manual_seed(0)
    sizes = {"hidden_size": 8, "intermediate_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2}
    config = LlamaConfig(vocab_size=len(words), max_position_embeddings=64, eos_token_id=0, **sizes)
    LlamaForCausalLM(config).save_pretrained(path)
    return path


def ask(folder: Path, *, seed: int = 0, request: ModelRequest | None = None, **sampling: object) -> Answer:
    model = parse_model(f"transformers:path={folder}", default_registry()).model
    options = Sampling(n=3, max_tokens=8, seed=seed, **sampling)  # type: ignore[arg-type]
    return model.answer(request or ModelRequest((Message("user", "hello"),), sampling=options), Stop())


def test_completions_depend_on_the_seed_alone(folder: Path) -> None:
    first = ask(folder)
    assert ask(folder) == first != ask(folder, seed=1)
    assert len({each.text for each in first.completions}) > 1
    assert first.usage.prompt_tokens == len("user hello\n")
    assert first.usage.completion_tokens <= 3 * 8
    for each in first.completions:
        assert each.log_prob is not None
        assert each.log_prob < 0
        assert (each.finish == "length") == (len(each.text) == 8)


def test_the_likeliest_completion_without_temperature(folder: Path) -> None:
    answer = ask(folder, temperature=0.0)
    assert len({each.text for each in answer.completions}) == 1
    assert len(answer.completions) == 3
    assert all(each.log_prob is not None for each in answer.completions)


def test_a_completion_ends_before_a_stop_text(folder: Path) -> None:
    whole = [each.text for each in ask(folder).completions]
    end = max(whole, key=len)[1]
    cut = ask(folder, stop=(end,)).completions
    assert [each.text for each in cut] == [text.partition(end)[0] for text in whole]
    assert any(each.finish == "stop" for each in cut)


def test_what_the_model_has_no_room_for(folder: Path) -> None:
    with pytest.raises(RequestTooLong, match="room for 64 tokens"):
        ask(folder, request=ModelRequest(prompt="a" * 60, sampling=Sampling(max_tokens=8)))


def test_a_folder_without_a_model_and_a_device_that_there_is_not(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no model can be read"):
        ask(tmp_path)
    model = parse_model(f"transformers:path={folder},device=nowhere", default_registry()).model
    with pytest.raises(UsageError, match="the device 'nowhere'"):
        model.answer(ModelRequest(prompt="a"), Stop())


def test_equal_texts_have_equal_embeddings_and_others_have_others(folder: Path) -> None:
    model = parse_model(f"transformers:path={folder}", default_registry()).model
    one, again, other = (model.embed(text, Stop()) for text in ("a b", "a b", "b a a"))
    assert one.vector is not None
    assert one == again
    assert one.vector != other.vector
    assert one.usage.prompt_tokens > 0
    with pytest.raises(RequestTooLong):
        model.embed("a " * 1000, Stop())
