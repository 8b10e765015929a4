"""Make a language model that knows nothing: a Qwen3 of random weights, small enough to be served on two cores.

Run by the python of the vLLM environment (torch, transformers, tokenizers): `python make_tiny_model.py FOLDER`.
Its tokenizer is a byte-level BPE trained on the notes of benchmarks/. What it says is noise inside whatever grammar the
server imposes, which is what a test of grammar, client and reader wants. A few preferences keep the noise short.
"""

import argparse
import math
import re
from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast, Qwen3Config, Qwen3ForCausalLM

ROOT = Path(__file__).resolve().parents[2]
SEED = 20
VOCABULARY = 4096
CONTEXT = 16384
HIDDEN = 64
STRENGTH = 4.0

# What the output layer prefers after a token that ends like this (pattern: token: how much likelier, as a logarithm).
# Thoughts end after some twenty tokens, strings are not empty and end after some ten, values are numbers of a few
# digits, lists have a few items: answers are short, and their form is good enough to be judged by what they say.
PREFERENCES: dict[str, dict[str, float]] = {
    r"": {"</think>": 5.4, '"': 5.0},
    r'"$': {'"': -10.0, ",": 3.0},
    r"\[$": {"{": 6.0},
    r"\}$": {",": 4.0, "]": 4.5},
    r":$": dict.fromkeys("123456789", 3.0),
    r"[0-9]$": {",": 4.0, "]": 4.0, "}": 4.0},
}

SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<think>", "</think>")

CHAT_TEMPLATE = """\
{%- for message in messages -%}
{{ '<|im_start|>' + message.role + '\n' + message.content + '<|im_end|>\n' }}
{%- endfor -%}
{%- if add_generation_prompt -%}
{{ '<|im_start|>assistant\n' }}
{%- if enable_thinking is defined and enable_thinking is false -%}
{{ '<think>\n\n</think>\n\n' }}
{%- endif -%}
{%- endif -%}
"""


def train_tokenizer() -> PreTrainedTokenizerFast:
    """A byte-level BPE of `VOCABULARY` tokens, the special ones of the chat template included."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=list(SPECIAL),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    texts = sorted((ROOT / "benchmarks" / "notes").glob("*.typ"))
    tokenizer.train([str(path) for path in texts], trainer)
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        eos_token="<|im_end|>",
        pad_token="<|endoftext|>",
        model_max_length=CONTEXT,
        clean_up_tokenization_spaces=False,
    )
    fast.chat_template = CHAT_TEMPLATE
    return fast


def make_model(tokenizer: PreTrainedTokenizerFast) -> Qwen3ForCausalLM:
    """The model: two layers, random, with `PREFERENCES` in its output layer."""
    torch.manual_seed(SEED)
    config = Qwen3Config(
        vocab_size=len(tokenizer),
        hidden_size=HIDDEN,
        intermediate_size=2 * HIDDEN,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        head_dim=32,
        max_position_embeddings=CONTEXT,
        tie_word_embeddings=False,
        bos_token_id=None,
        eos_token_id=tokenizer.convert_tokens_to_ids("<|im_end|>"),
        pad_token_id=tokenizer.pad_token_id,
    )
    model = Qwen3ForCausalLM(config).to(torch.float32)
    with torch.no_grad():
        for weight in model.model.layers.parameters():
            if weight.dim() == 2:  # as strong as the embedding, so that what was read makes a difference
                weight.normal_(0.0, 1.0 / math.sqrt(weight.shape[1]))
        embedding = model.model.embed_tokens.weight
        embedding.normal_(0.0, 1.0)
        head = model.lm_head.weight
        head.normal_(0.0, 1.0 / math.sqrt(HIDDEN))
        texts = [tokenizer.decode([index]) for index in range(len(tokenizer))]
        # one dimension of the embedding for each ending, and one of each row of the output layer that looks at it
        for dimension, (ending, liked) in enumerate(PREFERENCES.items()):
            ends = torch.tensor([bool(re.search(ending, text)) for text in texts])
            embedding[:, dimension] = torch.where(ends, STRENGTH, 0.0)
            head[:, dimension] = 0.0
            for token, preference in liked.items():
                index = tokenizer.convert_tokens_to_ids(token)
                head[index, dimension] = preference / STRENGTH
    return model


def main() -> None:
    """Write model, tokenizer and chat template to the folder that is named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = train_tokenizer()
    model = make_model(tokenizer)
    tokenizer.save_pretrained(folder)
    model.to(torch.bfloat16).save_pretrained(folder)
    size = sum(parameter.numel() for parameter in model.parameters())
    print(f"{folder}: {size} parameters, {len(tokenizer)} tokens, context {CONTEXT}")


if __name__ == "__main__":
    main()
