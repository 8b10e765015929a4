"""vLLM without a server: questions come in as JSON lines, answers go out as JSON lines.

Run by the python of an environment that has vLLM; nothing else of ours is there, so this file imports only the standard
library and vLLM. `offline_worker.py --end-of-thought MARK [options of vLLM's engine]`

in    {"id": 1, "count": "text"}
      {"id": 2, "messages": [...], "schema": {...} or null, "sampling": {...}, "template": {...}}
out   {"ready": {"context": 16384, "version": "0.32.0"}}
      {"id": 1, "tokens": 1}
      {"id": 2, "text", "reasoning", "finish", "prompt_tokens", "completion_tokens", "seconds"}
      {"id": 3, "error": "context" or "failed", "message": "..."}

What arrives while a batch is under way makes the next batch. When its input ends, it ends, with all that it started.
"""

import json
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from vllm import RequestOutput, SamplingParams

MOST = 512  # questions of one batch
GATHER = 0.05  # seconds: questions that are asked together arrive one after the other
TOO_LONG = ("maximum model length", "maximum context length", "max_model_len", "too long")
SHORTEST_ANSWER = 64  # tokens: a context that ended sooner had no room for an answer


class Question(TypedDict, total=False):
    """A line of the input."""

    id: int
    count: str
    messages: list[dict[str, str]]
    schema: dict[str, object] | None
    sampling: dict[str, object]  # fields of SamplingParams
    template: dict[str, object]  # what the chat template is told besides the messages


Line = Mapping[str, object]  # of the output


class Output:
    """The real standard output. vLLM and its children print to theirs, which is standard error from here on."""

    def __init__(self) -> None:
        self._file = os.fdopen(os.dup(1), "w", encoding="utf-8")
        os.dup2(2, 1)

    def write(self, message: Line) -> None:
        """One line."""
        self._file.write(json.dumps(message) + "\n")
        self._file.flush()


def read_questions(questions: "queue.Queue[Question]") -> None:
    """Put every line into the queue; the end of the input is the end of this process and of its children."""
    for line in sys.stdin:
        questions.put(json.loads(line))
    os.killpg(os.getpgrp(), signal.SIGKILL)


def take_batch(questions: "queue.Queue[Question]") -> list[Question]:
    """Everything that is there, at least one."""
    batch = [questions.get()]
    time.sleep(GATHER)
    while len(batch) < MOST:
        try:
            batch.append(questions.get_nowait())
        except queue.Empty:
            break
    return batch


class Engine:
    """The model."""

    def __init__(self, end_of_thought: str, options: Sequence[str]) -> None:
        from vllm import LLM, EngineArgs, SamplingParams
        from vllm.sampling_params import StructuredOutputsParams

        try:
            from vllm.utils.argparse_utils import FlexibleArgumentParser
        except ImportError:  # older
            from vllm.utils import FlexibleArgumentParser

        parsed = EngineArgs.add_cli_args(FlexibleArgumentParser()).parse_args(options)
        self._llm = LLM(**vars(EngineArgs.from_cli_args(parsed)))
        self._sampling, self._structured = SamplingParams, StructuredOutputsParams
        self._end = end_of_thought
        self._tokenizer = self._llm.get_tokenizer()
        self._special = sorted(map(str, getattr(self._tokenizer, "all_special_tokens", ())), key=len, reverse=True)
        self.context = int(self._llm.llm_engine.model_config.max_model_len)

    def count(self, text: str) -> int:
        """Tokens of a text."""
        return len(self._tokenizer.encode(text, add_special_tokens=False))

    def answer(self, batch: Sequence[Question]) -> Iterator[Line]:
        """What is said about each question, as batches are done."""
        groups: dict[str, list[Question]] = {}
        for question in batch:
            groups.setdefault(json.dumps(question["template"], sort_keys=True), []).append(question)
        for group in groups.values():
            try:
                yield from self._chat(group)
            except Exception as error:
                if is_dead(error):
                    raise
                if len(group) == 1:
                    yield explain(group[0], error)
                    continue
                for question in group:  # one of them spoils it for all
                    try:
                        yield from self._chat([question])
                    except Exception as own:
                        if is_dead(own):
                            raise
                        yield explain(question, own)

    def _chat(self, group: Sequence[Question]) -> list[Line]:
        sampling = [self._make_sampling(q) for q in group]
        began = time.monotonic()
        outputs = self._llm.chat(
            [q["messages"] for q in group], sampling, use_tqdm=False, chat_template_kwargs=group[0]["template"] or None
        )
        seconds = time.monotonic() - began
        return [self._read(q, s, o, seconds) for q, s, o in zip(group, sampling, outputs, strict=True)]

    def _make_sampling(self, question: Question) -> "SamplingParams":
        schema = question["schema"]
        structured = None if schema is None else self._structured(json=schema, disable_any_whitespace=True)
        # marks of thoughts are special tokens of some models
        return self._sampling(**question["sampling"], structured_outputs=structured, skip_special_tokens=False)

    def _read(self, question: Question, sampling: "SamplingParams", output: "RequestOutput", seconds: float) -> Line:
        first = output.outputs[0]
        prompt, completion = len(output.prompt_token_ids), len(first.token_ids)
        asked = sampling.max_tokens or self.context
        if first.finish_reason == "length" and completion < min(asked, SHORTEST_ANSWER):
            message = f"{prompt} tokens of {self.context} leave no room for an answer"
            return {"id": question["id"], "error": "context", "message": message}
        reasoning, text = self._split(first.text)
        return {
            "id": question["id"],
            "text": text,
            "reasoning": reasoning,
            "finish": first.finish_reason if first.finish_reason in ("stop", "length") else "other",
            "prompt_tokens": prompt,
            "completion_tokens": completion,
            "seconds": seconds,
        }

    def _split(self, text: str) -> tuple[str | None, str]:
        """Thoughts and answer. Of a model that thinks and was cut off, everything is thoughts when it never stopped."""
        for mark in self._special:
            while mark != self._end and text.endswith(mark):
                text = text[: -len(mark)]
        if not self._end or self._end not in text:
            return None, text
        thoughts, answer = text.split(self._end, 1)
        for mark in (*self._special, "<think>"):
            thoughts = thoughts.removeprefix(mark)
        return thoughts.strip() or None, answer.strip()


def is_dead(error: Exception) -> bool:
    """Whether the engine is gone, and with it all that could be asked."""
    return "EngineDead" in type(error).__name__ or "EngineCore encountered" in str(error)


def explain(question: Question, error: Exception) -> Line:
    """What to tell about a question that vLLM refused."""
    message = (str(error).splitlines() or [""])[0][:300] or type(error).__name__
    kind = "context" if any(words in str(error) for words in TOO_LONG) else "failed"
    return {"id": question["id"], "error": kind, "message": message}


def main() -> None:
    """Answer until the input ends."""
    output = Output()
    questions: queue.Queue[Question] = queue.Queue()
    threading.Thread(target=read_questions, args=(questions,), daemon=True).start()
    mark, options = sys.argv[2], sys.argv[3:]
    import vllm

    engine = Engine(mark, options)
    output.write({"ready": {"context": engine.context, "version": vllm.__version__}})
    while True:
        batch = take_batch(questions)
        for question in batch:
            if "count" in question:
                output.write({"id": question["id"], "tokens": engine.count(question["count"])})
        for answer in engine.answer([q for q in batch if "messages" in q]):
            output.write(answer)


if __name__ == "__main__":
    main()
