"""What is written down about a run's questions, and what it cost."""

import asyncio

import pytest

from pipeline.models.access import ModelAccess
from pipeline.models.config import Price
from pipeline.models.record import Record, load_usage
from schemas.model_call import ModelReply
from tests.models.asking import GOOD, ask_all, make_request, make_settings
from tests.models.scripted_server import Answer, Faults, ScriptedServer, Server

KEY = "sk-very-secret"


def test_every_question_can_be_read_and_no_secret_with_it(tmp_path):
    server = ScriptedServer(lambda q: Answer(f"{GOOD} \x1b[31m", reasoning="hm"), server=Server(api_key=KEY))
    with server:
        ask_all(make_settings(server.url, api_key=KEY), [make_request("jets & leptons / ../x")], record=tmp_path)
        wrong = make_settings(server.url, api_key=f"{KEY}-no")
        ask_all(wrong, [make_request("b")], record=tmp_path)
    (page,) = (tmp_path / "model").glob("*.md")
    text = page.read_text()
    assert page.name.startswith("reader-jets-leptons-0-")
    assert all(part in text for part in ("Which variable is it?", "jets & leptons / ../x", GOOD, "hm", "stand-in"))
    assert "\x1b" not in text
    everything = [path.read_text() for path in tmp_path.rglob("*") if path.is_file()]
    assert len(everything) == 3
    assert not any(KEY in content for content in everything)


def test_usage_per_role_with_cost_cache_and_failures(tmp_path):
    price = Price(prompt=1.0, completion=10.0)
    with ScriptedServer(lambda q: GOOD) as server:
        settings = make_settings(server.url, price=price)
        ask_all(settings, [make_request("a b c")], cache=tmp_path / "c.sqlite")  # another run
        requests = [make_request("a b c"), make_request("d"), make_request("e f", role="resolver", schema=None)]
        ask_all(settings, requests, cache=tmp_path / "c.sqlite", record=tmp_path / "run")
    with ScriptedServer(lambda q: GOOD, faults=Faults(share=1.0, kinds=("broken",))) as broken:
        ask_all(make_settings(broken.url, price=price, attempts=1), [make_request("g")], record=tmp_path / "run")
    usage = load_usage(tmp_path / "run")
    reader, resolver = usage.roles
    assert (reader.role, reader.calls, reader.cached, reader.failures) == ("reader", 3, 1, 1)
    assert (reader.prompt_tokens, reader.completion_tokens, reader.cached_tokens) == (6, 9, 17)
    assert reader.cost == pytest.approx((6 + 90) / 1e6)
    assert (resolver.role, resolver.calls, resolver.prompt_tokens) == ("resolver", 1, 7)
    assert usage.total.calls == 4
    assert usage.total.cost == pytest.approx(reader.cost + resolver.cost)


def test_an_interrupted_run_counts_what_it_paid_for(tmp_path):
    """Asked before the interruption, taken from the cache after it: the run has paid for it once."""
    settings = make_settings("http://127.0.0.1:9")
    request = make_request("a")
    reply = ModelReply(text=GOOD, model="stand-in", prompt_tokens=5, completion_tokens=3, seconds=1.0)
    Record(tmp_path).keep("key", settings, request, reply)  # and killed: no usage.json
    with (tmp_path / "model" / "calls.jsonl").open("a") as file:
        file.write('{"key": "half a li')
    assert load_usage(tmp_path) is None
    resumed = Record(tmp_path)
    resumed.keep("key", settings, request, reply.model_copy(update={"cached": True}))
    resumed.keep("other", settings, request, reply)
    resumed.close()
    usage = load_usage(tmp_path).total
    assert (usage.calls, usage.cached, usage.prompt_tokens, usage.seconds) == (2, 0, 10, 2.0)
    assert usage.cost is None, "without a price nothing is said about cost"


def test_several_models_share_cache_and_record(tmp_path):
    async def ask(access):
        async with access.open(tmp_path / "run") as ports:
            replies = await asyncio.gather(*(port.ask(make_request("a")) for port in ports))
            return [(port.model, reply.text) for port, reply in zip(ports, replies, strict=True)]

    with ScriptedServer(lambda q: "one") as one, ScriptedServer(lambda q: "two", server=Server(model="two")) as two:
        access = ModelAccess(
            settings=(make_settings(one.url), make_settings(two.url, model="two")), cache=tmp_path / "c.sqlite"
        )
        live = asyncio.run(ask(access))
    assert live == [("stand-in", "one"), ("two", "two")]
    assert asyncio.run(ask(access.model_copy(update={"replay": True}))) == live
    assert [usage.model for usage in load_usage(tmp_path / "run").roles] == ["stand-in", "two"]
    other = access.model_copy(update={"settings": access.settings[:1]})
    assert set(other.describe()) < set(access.describe())
