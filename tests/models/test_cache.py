"""What was answered is not asked again: across runs, processes, kills and damage."""

import asyncio
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from pipeline.models.cache import ReplyCache
from pipeline.models.client import open_model
from pipeline.models.config import Sampling
from pipeline.models.port import KeptPort
from schemas.errors import ModelReplyFailed, ModelUnavailable, RunFolderError
from schemas.model_call import ModelReply
from tests.models.asking import GOOD, ask_all, make_request, make_settings
from tests.models.scripted_server import Faults, ScriptedServer

ROOT = Path(__file__).resolve().parents[2]
ASK = """
    import sys
    from pathlib import Path
    from tests.models.asking import ask_all, make_request, make_settings

    url, cache, record, first, last = sys.argv[1:]
    requests = [make_request(f"part {n}") for n in range(int(first), int(last))]
    replies = ask_all(make_settings(url, in_flight=4), requests, cache=Path(cache), record=Path(record))
    print(sum(reply.text != "" for reply in replies))
"""


def start_asking(url: str, folder: Path, first: int, last: int) -> subprocess.Popen:
    """A process of its own that asks questions `first` to `last`."""
    code = [sys.executable, "-c", textwrap.dedent(ASK)]
    arguments = [url, folder / "replies.sqlite", folder / "run", first, last]
    return subprocess.Popen([*code, *map(str, arguments)], cwd=ROOT, stdout=subprocess.PIPE, text=True)


def test_an_answered_question_is_not_asked_again(tmp_path):
    requests = [make_request("a"), make_request("a", sample=1), make_request("b")]
    with ScriptedServer(lambda q: GOOD) as server:
        settings = make_settings(server.url)
        first = ask_all(settings, requests, cache=tmp_path / "c.sqlite")
        elsewhere = make_settings("http://127.0.0.1:9/v1")  # another address of the same model
        again = ask_all(elsewhere, requests, cache=tmp_path / "c.sqlite")
        assert server.asked == 3
        warmer = make_settings(server.url, sampling=Sampling(temperature=1.0))
        ask_all(warmer, requests[:1], cache=tmp_path / "c.sqlite")
        assert server.asked == 4, "how it is asked is part of the question"
    assert not any(reply.cached for reply in first)
    assert [reply.model_copy(update={"cached": False}) for reply in again] == first
    assert all(reply.cached for reply in again)


def test_the_same_question_in_flight_is_asked_once(tmp_path):
    one = make_request("a")
    requests = [one, one, one.model_copy(update={"label": "called otherwise"})]
    with ScriptedServer(lambda q: GOOD, latency=0.05) as server:
        assert [r.text for r in ask_all(make_settings(server.url), requests)] == [GOOD] * 3
        assert server.asked == 1


def test_who_stops_waiting_does_not_take_the_reply_from_others(tmp_path):
    async def ask(settings):
        async with open_model(settings) as port:
            impatient = asyncio.create_task(port.ask(make_request("a")))
            patient = asyncio.create_task(port.ask(make_request("a")))
            await asyncio.sleep(0.05)
            impatient.cancel()
            return await patient

    with ScriptedServer(lambda q: GOOD, latency=0.3) as server:
        assert asyncio.run(ask(make_settings(server.url))).text == GOOD
        assert server.asked == 1


def test_a_failure_is_not_kept(tmp_path):
    with ScriptedServer(lambda q: GOOD, faults=Faults(share=1.0, kinds=("broken",), in_a_row=2)) as server:
        settings = make_settings(server.url, attempts=2)
        (failed,) = ask_all(settings, [make_request("a")], cache=tmp_path / "c.sqlite")
        (reply,) = ask_all(settings, [make_request("a")], cache=tmp_path / "c.sqlite")
    assert isinstance(failed, ModelReplyFailed)
    assert reply.text == GOOD


def test_two_processes_ask_each_question_once(tmp_path):
    with ScriptedServer(lambda q: GOOD, latency=0.1) as server:
        both = [start_asking(server.url, tmp_path, 0, 30), start_asking(server.url, tmp_path, 0, 30)]
        assert [process.communicate(timeout=300)[0].strip() for process in both] == ["30", "30"]
        assert server.asked == 30
        assert not server.asked_twice


def test_killed_at_any_time_nothing_answered_is_asked_twice(tmp_path):
    """The reply that was on its way while the process died is the only one that may be asked for again."""
    luck = random.Random(3)
    with ScriptedServer(lambda q: GOOD, latency=0.05) as server:
        kept_before_asking_again = []
        # on a busy machine a process may die before it has stored anything: then there is another one
        while len(kept_before_asking_again) < 3 or not (
            kept_before_asking_again[-1] or len(kept_before_asking_again) > 20
        ):
            process = start_asking(server.url, tmp_path, 0, 60)
            asked = server.asked
            while server.asked < asked + luck.randint(3, 14) and process.poll() is None:
                time.sleep(0.01)
            os.kill(process.pid, signal.SIGKILL)
            process.communicate()
            with sqlite3.connect(tmp_path / "replies.sqlite") as database:
                kept_before_asking_again.append({row[0] for row in database.execute("SELECT question FROM replies")})
            database.close()
            server.log.append(None)
        assert start_asking(server.url, tmp_path, 0, 60).communicate(timeout=300)[0].strip() == "60"
        runs = split_at_none(server.log)
    assert kept_before_asking_again[-1], "every process was killed before it got anything"
    for kept, run in zip(kept_before_asking_again, runs[1:], strict=True):
        texts = {json.loads(question)["messages"][1][1] for question in kept}
        assert not texts & {entry.question.messages[1].content for entry in run}
    replies = ask_all(make_settings("http://127.0.0.1:9"), [make_request(f"part {n}") for n in range(60)],
                      cache=tmp_path / "replies.sqlite", replay=True)  # fmt: skip
    assert [reply.text for reply in replies] == [GOOD] * 60


def split_at_none(log: list) -> list[list]:
    """The log of each process."""
    runs: list[list] = [[]]
    for entry in log:
        if entry is None:
            runs.append([])
        else:
            runs[-1].append(entry)
    return runs


def test_replay_asks_nobody_and_cuts_in_the_same_places(tmp_path):
    text = "jets with |η| < 2.5"

    async def look(settings, replay):
        with ReplyCache(tmp_path / "c.sqlite") as cache:
            async with open_model(settings, cache, replay=replay) as port:
                numbers = (await port.count_tokens(text), await port.find_context_length())
                return numbers, (await port.ask(make_request("a"))).text

    with ScriptedServer(lambda q: GOOD) as server:
        live = asyncio.run(look(make_settings(server.url), False))
    assert asyncio.run(look(make_settings(server.url), True)) == live
    (missed,) = ask_all(make_settings(server.url), [make_request("never")], cache=tmp_path / "c.sqlite", replay=True)
    assert isinstance(missed, ModelUnavailable)
    assert "reader (never), sample 0" in str(missed)


@pytest.mark.parametrize("damage", ["text", "middle", "empty"])
def test_a_damaged_file_is_put_aside(tmp_path, damage):
    path = tmp_path / "c.sqlite"
    with ReplyCache(path) as cache:
        for n in range(200):
            cache.put(f"key {n}", "question " * 50, ModelReply(text="x" * 500, model="m"))
    data = path.read_bytes()
    if damage == "text":
        path.write_text("this is no database" * 100)
    elif damage == "middle":
        path.write_bytes(data[:4096] + b"\xff" * (len(data) - 4096))
    else:
        path.write_bytes(b"")
    with ReplyCache(path) as cache:
        assert cache.get("key 7") is None
        cache.put("key 7", "question", ModelReply(text="new", model="m"))
        assert cache.get("key 7").text == "new"
        remarks = cache.remarks
    aside = list(tmp_path.glob("c.sqlite.damaged-*"))
    assert (len(remarks), len(aside)) == ((0, 0) if damage == "empty" else (1, 1))
    if aside:
        assert aside[0].name in remarks[0]
    with ReplyCache(path) as cache:
        assert cache.get("key 7").text == "new"


def test_a_row_that_was_changed_is_not_believed(tmp_path):
    path = tmp_path / "c.sqlite"
    with ReplyCache(path) as cache:
        cache.put("key", "question", ModelReply(text="pT > 25 GeV", model="m"))
        with sqlite3.connect(path) as database:
            database.execute("UPDATE replies SET reply = replace(reply, '25', '99')")
        database.close()
        assert cache.get("key") is None


def test_a_place_where_nothing_can_be_kept(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(RunFolderError, match="choose --cache"):
        ReplyCache(tmp_path / "file" / "c.sqlite")


def test_any_port_can_be_kept(tmp_path):
    """An engine without a server is a port too: it gets the same cache."""

    class Engine:
        model = "stand-in"
        asked = 0
        text = GOOD

        async def ask(self, request):
            self.asked += 1
            return ModelReply(text=self.text, model=self.model)

        async def count_tokens(self, text):
            return len(text)

        async def find_context_length(self):
            return 2048

    async def ask(engine):
        with ReplyCache(tmp_path / "c.sqlite") as cache:
            async with KeptPort(engine, make_settings("http://127.0.0.1:9"), cache) as port:
                replies = await asyncio.gather(*(port.ask(make_request("a")) for _ in range(3)))
                return {reply.text for reply in replies}

    engine = Engine()
    assert asyncio.run(ask(engine)) == asyncio.run(ask(engine)) == {GOOD}
    assert engine.asked == 1


def test_a_reply_without_any_json_is_not_believed_for_ever(tmp_path):
    texts = iter(["I am a teapot", GOOD])
    with ScriptedServer(lambda question: next(texts)) as server:
        settings = make_settings(server.url)
        first, then, last = (ask_all(settings, [make_request("a")], cache=tmp_path / "c.sqlite") for _ in range(3))
    assert [reply.text for (reply,) in (first, then, last)] == ["I am a teapot", GOOD, GOOD]
    assert last[0].cached
