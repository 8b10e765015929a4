"""The client against a server that misbehaves, over real HTTP."""

import asyncio
import json
import os
from collections import Counter

import pytest

from benchmarks.stand_in import count_tokens
from pipeline.models.client import open_model
from pipeline.models.config import Sampling
from schemas.errors import ModelContextExceeded, ModelReplyFailed, ModelUnavailable
from tests.models.asking import GOOD, SCHEMA, ask_all, ask_one, make_request, make_settings
from tests.models.scripted_server import ALL, CONTENT, WIRE, Answer, Faults, ScriptedServer, Server


def test_every_question_gets_a_reply_while_a_third_of_them_goes_wrong():
    requests = [make_request(f"part {n}") for n in range(60)]
    faults = Faults(share=1 / 3, kinds=ALL, seed=7, hang=10)
    with ScriptedServer(lambda q: GOOD, faults=faults) as server:
        replies = ask_all(make_settings(server.url, timeout=1.0), requests)
        met = Counter(entry.fault for entry in server.log)
        bad = {
            entry.question.messages[1].content for entry in server.log if entry.fault in ("truncated", "prose", "enum")
        }
    assert set(WIRE) & set(met), "the plan has no faults on the wire: choose another seed"
    assert set(CONTENT) & set(met)
    assert all(reply.text.strip() for reply in replies)
    # What is bad about a complete reply is for the reader to judge: it is handed on as it came.
    assert {r.messages[1].content for r, reply in zip(requests, replies, strict=True) if reply.text != GOOD} == bad
    assert not server.asked_twice


@pytest.mark.parametrize("fault", WIRE)
def test_what_passes_is_asked_again(fault):
    faults = Faults(share=1.0, kinds=(fault,), in_a_row=2, hang=3)
    with ScriptedServer(lambda q: GOOD, faults=faults) as server:
        reply = ask_one(make_settings(server.url, timeout=0.5), make_request("a"))
    assert reply.text == GOOD
    assert reply.attempts == 3


def test_an_empty_reply_is_asked_again_and_a_cut_one_is_handed_on():
    with ScriptedServer(lambda q: GOOD, faults=Faults(share=1.0, kinds=("empty",), in_a_row=1)) as server:
        assert ask_one(make_settings(server.url), make_request("a")).attempts == 2
    with ScriptedServer(lambda q: Answer("", finish="length")) as server:
        reply = ask_one(make_settings(server.url), make_request("a"))
    assert (reply.text, reply.finish, reply.attempts) == ("", "length", 1)


@pytest.mark.parametrize("role", ["supervisor", "coder", "classifier"])
def test_an_empty_reply_to_whoever_writes_code_is_a_reply_the_second_time(role):
    request = make_request("a").model_copy(update={"role": role})
    with ScriptedServer(lambda q: Answer("")) as server:
        reply = ask_one(make_settings(server.url, attempts=7), request)
        assert (reply.text, reply.attempts, server.asked) == ("", 2, 2)
        with pytest.raises(ModelReplyFailed, match="an empty reply"):
            ask_one(make_settings(server.url, attempts=3), make_request("a"))  # a reader's
        assert server.asked == 5
    with ScriptedServer(lambda q: Answer("")) as server:
        assert ask_one(make_settings(server.url, attempts=1), request).attempts == 1


def test_attempts_end():
    with ScriptedServer(lambda q: GOOD, faults=Faults(share=1.0, kinds=("broken",))) as server:
        with pytest.raises(ModelReplyFailed, match=r"stand-in, reader \(a\).*3 attempts.*status 500"):
            ask_one(make_settings(server.url, attempts=3), make_request("a"))
        assert server.asked == 3


def test_retry_after_holds_for_all_questions():
    """The server wants quiet for a second: until then nothing more comes, not even other questions."""
    faults = Faults(share=1.0, kinds=("busy",), retry_after="1", in_a_row=1)
    requests = [make_request(f"part {n}") for n in range(6)]
    with ScriptedServer(lambda q: GOOD, faults=faults) as server:
        replies = ask_all(make_settings(server.url, longest_wait=30, in_flight=2), requests)
    assert all(reply.text == GOOD for reply in replies)
    refused = [entry.at for entry in server.log if entry.fault]
    answered = [entry.at for entry in server.log if not entry.fault]
    assert min(answered) - min(refused) >= 1.0
    assert len(refused) == 6


def test_a_pause_is_bounded_whatever_the_server_asks_for():
    faults = Faults(share=1.0, kinds=("busy",), retry_after="86400", in_a_row=1)
    with ScriptedServer(lambda q: GOOD, faults=faults) as server:
        assert ask_one(make_settings(server.url, longest_wait=0.1), make_request("a")).attempts == 2


def test_never_more_in_flight_than_the_settings_say():
    with ScriptedServer(lambda q: GOOD, latency=0.05) as server:
        ask_all(make_settings(server.url, in_flight=3), [make_request(f"part {n}") for n in range(12)])
        assert server.most_in_flight == 3


def test_the_first_sample_is_repeatable_and_the_others_differ():
    settings = {"sampling": Sampling(temperature=0.0, vote_temperature=0.9, top_p=0.5, seed=10, extra={"min_p": 0.1})}
    with ScriptedServer(lambda q: GOOD) as server:
        ask_all(make_settings(server.url, **settings), [make_request("a", sample=n) for n in range(3)])
        asked = sorted((entry.question for entry in server.log), key=lambda q: q.seed)
    assert [(q.temperature, q.seed) for q in asked] == [(0.0, 10), (0.9, 11), (0.9, 12)]
    assert {(q.model_extra["top_p"], q.model_extra["min_p"]) for q in asked} == {(0.5, 0.1)}


def test_reasoning_and_tokens_are_kept():
    with ScriptedServer(lambda q: Answer(GOOD, reasoning="pT is meant")) as server:
        reply = ask_one(make_settings(server.url), make_request("a b c"))
    assert reply.reasoning == "pT is meant"
    assert (reply.prompt_tokens, reply.completion_tokens) == (8, 9)
    assert reply.model == "stand-in"


@pytest.mark.parametrize("said", [f"<think>\nit is pT\n</think>\n\n{GOOD}", f"it is pT</think>{GOOD}"])
def test_reasoning_inside_the_text_is_taken_out(said):
    with ScriptedServer(lambda q: said) as server:
        reply = ask_one(make_settings(server.url), make_request("a"))
    assert (reply.text, reply.reasoning) == (GOOD, "it is pT")


def test_an_answer_that_quotes_the_end_of_reasoning_stays_whole():
    said = '{"quote": "ignore this </think> pT > 999 GeV"}'
    with ScriptedServer(lambda q: said) as server:
        reply = ask_one(make_settings(server.url), make_request("a"))
    assert (reply.text, reply.reasoning) == (said, None)


@pytest.mark.parametrize(
    ("accepts", "form"),
    [
        (("response_format", "structured_outputs"), "response_format"),
        (("structured_outputs",), "structured_outputs"),
        (("json_object",), "json_object"),
        ((), "none"),
    ],
)
def test_what_the_server_refuses_is_found_out_once(accepts, form):
    server = ScriptedServer(lambda q: GOOD, server=Server(accepts=frozenset(accepts)))
    with server:
        settings = make_settings(server.url)

        async def ask():
            async with open_model(settings) as port:
                await port.ask(make_request("first"))
                first = server.asked
                for n in range(4):
                    await port.ask(make_request(f"part {n}"))
                return first, server.asked

        first, all_of_them = asyncio.run(ask())
    last = server.log[-1].question
    assert first == 1 + ("response_format", "structured_outputs", "json_object", "none").index(form)
    assert all_of_them == first + 4
    in_words = form in ("json_object", "none")
    assert (last.schema_asked == json.loads(SCHEMA)) is not in_words
    assert (SCHEMA in last.prompt) is in_words
    assert last.messages[0].content == "Which variable is it?"  # what prompts share stays in front


def test_a_model_without_temperature_and_with_new_names():
    server = Server(refuses=frozenset({"max_tokens", "temperature", "seed"}))
    with ScriptedServer(lambda q: GOOD, server=server) as running:
        replies = ask_all(make_settings(running.url), [make_request(f"part {n}") for n in range(6)])
        last = running.log[-1].question
    assert [reply.text for reply in replies] == [GOOD] * 6
    assert (last.max_tokens, last.max_completion_tokens, last.temperature, last.seed) == (None, 16384, None, None)
    assert last.schema_asked == json.loads(SCHEMA), "the form of the answer was not what it refused"


def test_no_schema_asks_for_free_text():
    with ScriptedServer(lambda q: "anything") as server:
        assert ask_one(make_settings(server.url), make_request("a", schema=None)).text == "anything"
        assert server.log[0].question.response_format is None


def test_a_prompt_that_is_too_long():
    long = "word " * 3000
    with ScriptedServer(lambda q: GOOD, server=Server(max_model_len=2048)) as server:
        with pytest.raises(ModelContextExceeded, match="2048"):
            ask_one(make_settings(server.url), make_request(long))
        with pytest.raises(ModelContextExceeded, match="maximum context length"):
            ask_one(make_settings(server.url), make_request("word " * 2000, max_tokens=500))
        assert server.asked == 1, "it is not asked again, and not asked in another form"


def test_the_answers_bound_gives_way_to_a_long_prompt():
    with ScriptedServer(lambda q: GOOD, server=Server(max_model_len=2048)) as server:
        ask_one(make_settings(server.url), make_request("word " * 1000))
        assert 64 <= server.log[0].question.max_tokens <= 2048 - 1000


@pytest.mark.parametrize(
    ("server", "settings", "length"),
    [
        (Server(max_model_len=4096), {}, 4096),
        (Server(max_model_len=4096), {"context_length": 2000}, 2000),
        (Server(tells_context=False, tokenizes=False), {"context_length": 5000}, 5000),
        (Server(tells_context=False, tokenizes=False), {}, 8192),
    ],
)
def test_context_length_and_tokens(server, settings, length):
    text = "the ΔR between them, 0.4, is an example — 25 GeV of Emiss"
    running = ScriptedServer(lambda q: GOOD, server=server)

    async def find():
        async with open_model(make_settings(running.url, **settings)) as port:
            return await port.find_context_length(), await port.count_tokens(text)

    with running:
        found, tokens = asyncio.run(find())
    assert found == length
    exact = count_tokens(text)
    assert tokens == exact if server.tokenizes else exact < tokens < len(text.encode())


def test_a_model_that_is_not_there_a_key_that_is_wrong_and_no_server():
    with ScriptedServer(lambda q: GOOD, server=Server(api_key="right")) as server:
        with pytest.raises(ModelUnavailable, match=r"PAPERFILTER_API_KEY"):
            ask_one(make_settings(server.url), make_request("a"))
        with pytest.raises(ModelUnavailable, match=r"refuses the key") as error:
            ask_one(make_settings(server.url, api_key="wrong-secret"), make_request("a"))
        assert "wrong-secret" not in str(error.value)
        with pytest.raises(ModelUnavailable, match=r"no model 'other'; the server has stand-in"):
            ask_one(make_settings(server.url, api_key="right", model="other"), make_request("a"))
        assert ask_one(make_settings(server.url, api_key="right"), make_request("a")).text == GOOD
    with pytest.raises(ModelUnavailable, match="no model server answers"):
        ask_one(make_settings(server.url), make_request("a"))


def test_a_server_that_goes_away_in_the_middle():
    async def ask():
        with ScriptedServer(lambda q: GOOD) as server:
            settings = make_settings(server.url, attempts=2)
            async with open_model(settings) as port:
                await port.ask(make_request("a"))
                await asyncio.to_thread(server.stop)
                await port.ask(make_request("b"))

    with pytest.raises(ModelUnavailable, match="no model server answers"):
        asyncio.run(ask())


def test_a_role_of_its_own_is_asked_elsewhere():
    with (
        ScriptedServer(lambda q: GOOD) as main,
        ScriptedServer(lambda q: "other", server=Server(model="larger")) as own,
    ):
        settings = make_settings(main.url, roles={"resolver": make_settings(own.url, model="larger")})
        replies = ask_all(settings, [make_request("a"), make_request("a", role="resolver")])
    assert [(r.model, r.text) for r in replies] == [("stand-in", GOOD), ("larger", "other")]


def test_nothing_is_sent_to_anybody_else(monkeypatch):
    assert os.environ["LANGSMITH_TRACING"] == "false"
    monkeypatch.setenv("OPENAI_API_KEY", "not-for-this-server")
    with ScriptedServer(lambda q: GOOD) as server:
        ask_one(make_settings(server.url), make_request("a"))
    assert server.seen_keys == {"Bearer none"}
