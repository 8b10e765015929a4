"""What `doctor` says about models."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from pipeline.models.checks import check_models, list_models
from tests.models.asking import make_settings
from tests.models.scripted_server import Answer, ScriptedServer, Server


def follow(question):
    """A server that enforces the form."""
    schema = question.schema_asked or {"properties": {}}
    return Answer(json.dumps({name: field["enum"][0] for name, field in schema["properties"].items()}), "hm")


def states(server: ScriptedServer, **settings: object) -> dict[str, str]:
    """The state of each check."""
    with server:
        return {check.name: check.state for check in check_models([make_settings(server.url, **settings)])}


def test_all_is_well():
    found = states(ScriptedServer(follow))
    assert found == dict.fromkeys(("model server", "model", "context length", "structured output", "reasoning"), "ok")


@pytest.mark.parametrize("said", ['{"charge": -1}', 'It is:\n```json\n{"charge": -1}\n```', '{"charge": '])
def test_a_form_that_is_accepted_and_not_enforced_is_seen(said):
    assert states(ScriptedServer(lambda q: said))["structured output"] == "warning"


@pytest.mark.parametrize("accepts", [frozenset(), frozenset({"response_format"})])
def test_an_answer_without_any_json_is_a_failure(accepts):
    with ScriptedServer(lambda q: "minus one", server=Server(accepts=accepts)) as server:
        (check,) = (c for c in check_models([make_settings(server.url)]) if c.name == "structured output")
    assert (check.state, check.exit_code) == ("failed", 11)
    assert "'minus one'" in check.detail


class Pages(BaseHTTPRequestHandler):
    """A server of web pages: whatever is asked, there is a page that says no."""

    def do_GET(self):
        self.send_error(404)

    def do_POST(self):
        self.send_error(501)

    def log_message(self, *_):
        pass


def test_a_server_of_web_pages_is_no_model_server():
    with ThreadingHTTPServer(("127.0.0.1", 0), Pages) as pages:
        thread = threading.Thread(target=pages.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        url = f"http://127.0.0.1:{pages.server_port}/v1"
        found = [*list_models(url), *check_models([make_settings(url, attempts=1)])]
        pages.shutdown()
        thread.join()
    assert [(c.name, c.state, c.exit_code) for c in found] == [("model server", "failed", 11)] * 2
    assert all("no OpenAI-compatible server" in c.detail for c in found)


def test_a_form_that_is_refused_is_seen():
    assert states(ScriptedServer(follow, server=Server(accepts=frozenset())))["structured output"] == "warning"


def test_a_short_context_is_seen():
    assert states(ScriptedServer(follow, server=Server(max_model_len=1024)))["context length"] == "warning"
    assert states(ScriptedServer(follow, server=Server(tells_context=False)))["context length"] == "warning"


def test_what_is_not_there_fails_with_the_models_exit_code():
    with ScriptedServer(follow) as server:
        (check,) = check_models([make_settings(server.url, model="other")])
        assert (check.state, check.exit_code) == ("failed", 11)
        assert "stand-in" in f"{check.detail} {check.advice}"
        (listed,) = list_models(server.url)
        assert (listed.state, "stand-in" in listed.detail) == ("ok", True)
    (check,) = list_models(server.url)
    assert (check.state, check.exit_code) == ("failed", 11)
