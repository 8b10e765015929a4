"""Which of vLLM's reasoning parsers belongs to a model, told from its name, its configuration and its chat template.

A parser that is missing puts thoughts into the answer. A parser that does not belong is worse: the grammar of the
answer waits for the end of thoughts that never begin. So a model whose chat template is at hand gets a parser only when
the template knows the family's mark of a thought.
"""

import json
import os
import re
from pathlib import Path
from typing import NamedTuple

_CONFIG = 1 << 22  # bytes read of a configuration or a template


class Family(NamedTuple):
    """Models that mark their thoughts alike."""

    parser: str
    name: str  # pattern for the model's name, lower case
    types: frozenset[str] = frozenset()  # `model_type` of config.json, for models under another name
    end: str = "</think>"  # what a thought ends with; the chat template of a model that thinks contains it
    always: bool = False  # thinks, whatever the template says


class KnownModel(NamedTuple):
    """What is on this machine about a model: nothing at all before it was downloaded."""

    model_type: str | None = None
    template: str | None = None
    quantization: str | None = None


# The first that fits; so special names stand before general ones. Granite 3 thinks only when asked to, and vLLM cannot
# constrain its answers then: it gets none.
FAMILIES = (
    Family("openai_gptoss", r"gpt-?oss", frozenset({"gpt_oss"}), "<|channel|>final<|message|>", True),
    Family("deepseek_r1", r"deepseek-?r1|r1-distill|qwq"),
    Family("deepseek_v41", r"deepseek-?v4\.1", frozenset({"deepseek_v41"}), always=True),
    Family("deepseek_v4", r"deepseek-?v4", frozenset({"deepseek_v4"}), always=True),
    Family("deepseek_v3", r"deepseek-?v3\.[1-9]"),
    Family("minimax_m3", r"minimax-?m3", frozenset({"minimax_m3"}), "</mm:think>"),
    Family("minimax_m2", r"minimax-?m2", frozenset({"minimax_m2"})),
    Family("kimi_k3", r"kimi-?k3", frozenset({"kimi_k3"}), "<|close|>think<|sep|>", True),
    Family("kimi_k2", r"kimi-?k2(?:-thinking|\.[5-9])", frozenset({"kimi_k25"})),
    Family("mistral", r"magistral|(?:mistral|ministral)\S*-reasoning", end="[/THINK]"),
    Family("seed_oss", r"seed-?oss", frozenset({"seed_oss"}), "</seed:think>"),
    Family("glm45", r"glm-?(?:4\.[5-9]|[5-9])", frozenset({"glm4_moe", "glm4_moe_lite", "glm_moe_dsa"})),
    Family("granite_thinking_parser", r"granite-?4\.[2-9]"),
    Family("nemotron_v3", r"nemotron-?(?:3|v3)|nemotron-\w+-3", frozenset({"nemotron_h"})),
    Family("gemma4", r"gemma-?4", frozenset({"gemma4", "gemma4_text"}), "<channel|>"),
    Family("cohere_command3", r"command-a-reasoning", end="<|END_THINKING|>"),
    Family("hunyuan_a13b", r"hunyuan-?a13b", frozenset({"hunyuan_v1_moe"})),
    Family("ernie45", r"ernie-?4\.5\S*-thinking"),
    Family("step3p5", r"step-?3\.5"),
    Family("step3", r"step-?3"),
    Family("olmo3", r"olmo-?3\S*-think"),
    Family("mimo", r"mimo", frozenset({"mimo"})),
    Family(
        "qwen3",
        r"qwen-?3(?!\S*(?:instruct|coder|embedding|reranker|guard|base))",
        frozenset({"qwen3", "qwen3_moe", "qwen3_next", "qwen3_5", "qwen3_5_moe"}),
    ),
)


def choose_family(model: str, known: KnownModel) -> Family | None:
    """The family whose parser vLLM needs, None for a model that does not think or that nobody knows."""
    name = re.sub(r"[_ ]", "-", Path(model.rstrip("/")).name.lower())
    by_name = next((f for f in FAMILIES if re.search(f.name, name)), None)
    family = by_name or next((f for f in FAMILIES if known.model_type in f.types and known.template is not None), None)
    if family is None or family.always or known.template is None or family.end in known.template:
        return family
    return None


def look_up(model: str) -> KnownModel:
    """What the model's folder, or its place in the Hugging Face cache, tells; nothing where neither is there."""
    folder = _find_folder(model)
    if folder is None:
        return KnownModel()
    config = _read_json(folder / "config.json")
    kind = config.get("model_type")
    quantization = config.get("quantization_config")
    method = quantization.get("quant_method") if isinstance(quantization, dict) else None
    return KnownModel(
        kind if isinstance(kind, str) else None,
        _read_template(folder),
        method if isinstance(method, str) else None,
    )


def _find_folder(model: str) -> Path | None:
    if Path(model).is_dir():
        return Path(model)
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", model):
        return None
    home = Path(os.environ.get("HF_HOME") or Path.home() / ".cache" / "huggingface")
    hub = Path(os.environ.get("HF_HUB_CACHE") or home / "hub")
    snapshots = hub / f"models--{model.replace('/', '--')}" / "snapshots"
    found = sorted(snapshots.glob("*/config.json"), key=lambda path: path.stat().st_mtime)
    return found[-1].parent if found else None


def _read_template(folder: Path) -> str | None:
    template = folder / "chat_template.jinja"
    if template.is_file():
        return _read(template)
    for name in ("tokenizer_config.json", "chat_template.json"):
        found = _read_json(folder / name).get("chat_template")
        if isinstance(found, str):
            return found
        if isinstance(found, list):  # named templates
            return json.dumps(found, ensure_ascii=False)
    return None


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(_CONFIG).decode("utf-8", "replace")
    except OSError:
        return ""


def _read_json(path: Path) -> dict[str, object]:
    try:
        data = json.loads(_read(path) or "{}")
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}
