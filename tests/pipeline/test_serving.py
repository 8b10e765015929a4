"""What `paperfilter serve` would start: against a vLLM that is only metadata, no server is needed."""

import json
import os
import sys
from pathlib import Path

import pytest

from pipeline.reasoning_parsers import FAMILIES, KnownModel, choose_family, look_up
from pipeline.serving import HOW_TO_INSTALL, Installation, ServeRequest, build_command, find_vllm, wait_until_ready
from schemas.errors import ModelUnavailable, UsageError
from tests.pipeline.calling import ROOT, call

VLLM = Installation(Path(sys.executable), "0.32.0", False, tuple(sorted({f.parser for f in FAMILIES})))
THINKS = "{% if enable_thinking is false %}<think></think>{% endif %}"


@pytest.mark.parametrize(
    ("model", "parser"),
    [
        ("openai/gpt-oss-120b", "openai_gptoss"),
        ("Qwen/Qwen3-32B-AWQ", "qwen3"),
        ("Qwen/Qwen3-30B-A3B-Thinking-2507", "qwen3"),
        ("Qwen/Qwen3-30B-A3B-Instruct-2507", None),
        ("Qwen/Qwen2.5-72B-Instruct", None),
        ("Qwen/QwQ-32B", "deepseek_r1"),
        ("deepseek-ai/DeepSeek-R1-Distill-Qwen-14B", "deepseek_r1"),
        ("deepseek-ai/DeepSeek-V3.1", "deepseek_v3"),
        ("mistralai/Magistral-Small-2509", "mistral"),
        ("mistralai/Mistral-Small-3.2-24B-Instruct-2506", None),
        ("zai-org/GLM-4.5-Air", "glm45"),
        ("MiniMaxAI/MiniMax-M2", "minimax_m2"),
        ("moonshotai/Kimi-K2-Thinking", "kimi_k2"),
        ("moonshotai/Kimi-K2-Instruct", None),
        ("ibm-granite/granite-3.3-8b-instruct", None),
        ("meta-llama/Llama-3.3-70B-Instruct", None),
    ],
)
def test_the_reasoning_parser_follows_the_name(model: str, parser: str | None) -> None:
    assert _choose(model, KnownModel()) == parser


def test_a_chat_template_that_never_thinks_gets_no_parser() -> None:
    assert _choose("Qwen/Qwen3-8B", KnownModel("qwen3", "{{ messages }}")) is None
    assert _choose("Qwen/Qwen3-8B", KnownModel("qwen3", THINKS)) == "qwen3"


def test_a_model_in_a_folder_is_known_by_its_configuration(tmp_path: Path) -> None:
    folder = tmp_path / "ours"
    folder.mkdir()
    (folder / "config.json").write_text(
        json.dumps({"model_type": "qwen3", "quantization_config": {"quant_method": "awq"}})
    )
    (folder / "tokenizer_config.json").write_text(json.dumps({"chat_template": THINKS}))
    known = look_up(str(folder))
    assert known == KnownModel("qwen3", THINKS, "awq")
    command = build_command(ServeRequest(model=str(folder)), VLLM, {})
    assert _value(command.arguments, "--served-model-name") == "ours"
    assert _value(command.arguments, "--reasoning-parser") == "qwen3"
    assert command.environment["HF_HUB_OFFLINE"] == "1"
    assert any("awq" in note for note in command.notes)


def test_a_model_in_the_cache_of_the_hub_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    snapshot = tmp_path / "hub" / "models--some--thing" / "snapshots" / "abc"
    snapshot.mkdir(parents=True)
    (snapshot / "config.json").write_text('{"model_type": "gpt_oss"}')
    (snapshot / "chat_template.jinja").write_text("<|channel|>")
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    monkeypatch.delenv("HF_HUB_CACHE", raising=False)
    assert _choose("some/thing", look_up("some/thing")) == "openai_gptoss"
    assert look_up("../../etc") == KnownModel()


def test_structured_output_prefix_caching_and_the_rest_are_asked_for() -> None:
    request = ServeRequest(
        model="a/b", max_model_len="65536", tensor_parallel=2, quantization="fp8", extra=("--seed", "1")
    )
    command = build_command(request, VLLM, {})
    structured = json.loads(_value(command.arguments, "--structured-outputs-config"))
    assert structured == {"backend": "guidance", "disable_any_whitespace": True}
    assert {"--enable-prefix-caching", "--enable-chunked-prefill"} < set(command.arguments)
    assert _value(command.arguments, "--max-model-len") == "65536"
    assert _value(command.arguments, "--tensor-parallel-size") == "2"
    assert _value(command.arguments, "--quantization") == "fp8"
    assert _value(command.arguments, "--host") == "127.0.0.1"
    assert command.arguments[-2:] == ("--seed", "1")


def test_vllm_for_processors_is_asked_for_what_it_can() -> None:
    command = build_command(ServeRequest(model="a/b"), VLLM._replace(cpu=True), {})
    assert "--no-enable-chunked-prefill" in command.arguments  # with a seed, chunks of prompts kill it
    assert _value(command.arguments, "--dtype") == "bfloat16"
    assert command.environment["VLLM_CPU_KVCACHE_SPACE"] == "2"
    mine = build_command(ServeRequest(model="a/b"), VLLM._replace(cpu=True), {"VLLM_CPU_KVCACHE_SPACE": "40"})
    assert "VLLM_CPU_KVCACHE_SPACE" not in mine.environment


def test_without_reasoning_the_template_is_told() -> None:
    command = build_command(ServeRequest(model="Qwen/Qwen3-8B", reasoning=False), VLLM, {})
    assert json.loads(_value(command.arguments, "--default-chat-template-kwargs"))["enable_thinking"] is False
    assert _value(command.arguments, "--reasoning-parser") == "qwen3"  # understands also who thinks all the same


def test_an_open_port_wants_a_key_and_the_key_is_never_shown() -> None:
    request = ServeRequest(model="a/b", host="0.0.0.0")
    with pytest.raises(UsageError, match="PAPERFILTER_API_KEY"):
        build_command(request, VLLM, {})
    command = build_command(request, VLLM, {"PAPERFILTER_API_KEY": "s3cret"})
    assert command.environment["VLLM_API_KEY"] == "s3cret"
    assert "s3cret" not in command.write()
    assert "s3cret" not in " ".join(command.arguments)


def test_a_parser_that_this_vllm_lacks_is_left_out_and_said() -> None:
    old = VLLM._replace(parsers=("deepseek_r1",))
    command = build_command(ServeRequest(model="Qwen/Qwen3-8B"), old, {})
    assert "--reasoning-parser" not in command.arguments
    assert any("qwen3" in note and "update" in note for note in command.notes)


def test_vllm_is_found_without_importing_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _pretend(tmp_path, "0.32.0")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    found = find_vllm(sys.executable)
    assert (found.version, found.cpu, found.parsers) == ("0.32.0", False, ("deepseek_r1", "qwen3"))
    words = ("serve", "Qwen/Qwen3-8B", "--print", "--vllm-python", sys.executable, "--", "--seed", "3")
    code, out, _ = call(*words, PYTHONPATH=f"{ROOT}{os.pathsep}{tmp_path}")
    assert code == 0
    assert out.strip().endswith("--seed 3")
    assert "--reasoning-parser qwen3" in out


def test_an_old_vllm_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _pretend(tmp_path, "0.8.3")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(ModelUnavailable, match=r"0\.8\.3 .* older than"):
        find_vllm(sys.executable)


def test_without_vllm_one_line_says_what_to_install(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    (empty / "bin").mkdir(parents=True)
    (empty / "bin" / "python").symlink_to(os.path.realpath(sys.executable))
    for python in (empty, "no-such-program", "/bin/false"):
        called = call("serve", "a/b", "--vllm-python", python)
        assert called.code == 11
        assert HOW_TO_INSTALL in called.error_line()


def test_waiting_for_a_server_that_never_comes_ends() -> None:
    with pytest.raises(ModelUnavailable, match="was not ready"):
        wait_until_ready("http://127.0.0.1:9/v1", 0.1)


def _choose(model: str, known: KnownModel) -> str | None:
    family = choose_family(model, known)
    return family.parser if family is not None else None


def _value(arguments: tuple[str, ...], option: str) -> str:
    return arguments[arguments.index(option) + 1]


def _pretend(folder: Path, version: str) -> None:
    """A package `vllm` that must not be imported, and its metadata."""
    package = folder / "vllm"
    (package / "reasoning").mkdir(parents=True)
    (package / "__init__.py").write_text("raise SystemExit('imported')\n")
    names = '_PARSERS = {\n    "qwen3": (\n        "q",\n    ),\n    "deepseek_r1": (\n        "d",\n    ),\n}\n'
    (package / "reasoning" / "__init__.py").write_text(names)
    info = folder / f"vllm-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: vllm\nVersion: {version}\n")
