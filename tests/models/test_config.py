"""Settings from file, environment and command line; what is wrong is named."""

from pathlib import Path

import pytest

from pipeline.models.config import KEY, MODEL, URL, load_settings
from schemas.errors import UsageError

FILE = """
model = ["first", "second"]
url = "http://one.example:8000"
in_flight = 8
temperature = 0.2
extra = { chat_template_kwargs = { enable_thinking = false } }

[models.second]
url = "http://two.example/v1/"
api_key_env = "SECOND_KEY"
timeout = 60
price = { prompt = 0.5, completion = 1.5 }

[roles.resolver]
temperature = 0.0
max_tokens = 2000

[roles.supervisor]
model = "large"
url = "http://three.example"
"""


def load(folder: Path, text: str | None, *models: str, url: str | None = None, **environment: str):
    """Settings, from a file two folders above the working folder."""
    if text is not None:
        (folder / "paperfilter.toml").write_text(text)
    below = folder / "a" / "b"
    below.mkdir(parents=True, exist_ok=True)
    return load_settings(models, url, environment=environment, folder=below)


def test_the_file_says_everything(tmp_path):
    first, second = load(tmp_path, FILE, **{KEY: "k1", "SECOND_KEY": "k2"})
    assert (first.model, first.url, first.in_flight) == ("first", "http://one.example:8000/v1", 8)
    assert (second.model, second.url, second.timeout) == ("second", "http://two.example/v1", 60)
    assert second.price.completion == 1.5
    assert first.price is None
    assert first.of("reader").sampling.temperature == 0.2
    assert first.of("reader").sampling.extra == {"chat_template_kwargs": {"enable_thinking": False}}
    resolver = second.of("resolver")
    assert (resolver.model, resolver.sampling.temperature, resolver.sampling.max_tokens) == ("second", 0.0, 2000)
    assert (first.api_key.get_secret_value(), second.api_key.get_secret_value()) == ("k1", "k2")


def test_a_key_goes_to_its_own_address_only(tmp_path):
    first, _ = load(tmp_path, FILE, **{KEY: "k1"})
    large = first.of("supervisor")
    assert (large.model, large.url, large.api_key) == ("large", "http://three.example/v1", None)
    assert large.price is None


def test_the_command_line_is_stronger_than_environment_and_file(tmp_path):
    environment = {URL: "http://environment.example", MODEL: "named"}
    (named,) = load(tmp_path, FILE, **environment)
    assert (named.model, named.url) == ("named", "http://environment.example/v1")
    one, two = load(
        tmp_path, FILE, "x/y-7B", "second@http://there.example:1/v1", url="http://given.example", **environment
    )
    assert (one.model, one.url) == ("x/y-7B", "http://given.example/v1")
    assert (two.model, two.url, two.timeout) == ("second", "http://there.example:1/v1", 60)


def test_no_model_anywhere_is_no_error(tmp_path):
    assert load(tmp_path, None) == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("tempreature = 1", ["paperfilter.toml", "unknown key tempreature", "temperature"]),
        ("[roles.readr]\nmax_tokens = 1", ["unknown role readr", "reader"]),
        ("[roles.reader]\nmodl = 'x'", ["unknown key roles.reader.modl", "model"]),
        ("[models.x.price]\npromt = 1\ncompletion = 2\nprompt = 1", ["unknown key models.x.price.promt"]),
        ("api_key = 'secret-in-file'", ["api_key", KEY]),
        ("url = 'ftp://x'", ["url", "'ftp://x'"]),
        ("url = 'http://x:99999/v1'", ["paperfilter.toml: url", "port", "65535"]),
        ("[models.x]\nurl = 'http://x:port'", ["models.x.url", "port"]),
        ("[roles.reader]\nurl = 'http://x:0'", ["roles.reader.url", "port"]),
        ("in_flight = 0", ["in_flight", "greater than or equal to 1"]),
        ("model = [", ["is no TOML"]),
    ],
)
def test_a_mistake_names_file_and_key(tmp_path, text, words):
    with pytest.raises(UsageError) as error:
        load(tmp_path, text, "m")
    assert all(word in str(error.value) for word in words)
    assert "secret-in-file" not in str(error.value)
    assert "\n" not in str(error.value)


def test_a_table_of_no_model_in_use_is_named(tmp_path, caplog):
    table = "[models.b]\nin_flight = 2\n"
    for models in ("model = 'a'\n", ""):
        with pytest.raises(UsageError, match=r"paperfilter\.toml: \[models\.b\] names no model in use"):
            load(tmp_path, models + table)
    load(tmp_path, "model = ['a', 'b']\n" + table)
    load(tmp_path, table, "b@http://x:1")
    load(tmp_path, table + "model = 'b-7B'", "b-7B")  # as a run folder remembers it
    assert not caplog.records
    for _ in range(2):
        (other,) = load(tmp_path, "model = 'b'\n" + table, "a")  # one file for several purposes
    (line,) = caplog.messages
    assert "[models.b] names no model in use (in use: a)" in line
    assert other.in_flight == 32


def test_mistakes_of_the_command_line(tmp_path):
    with pytest.raises(UsageError, match="PAPERFILTER_API_KEY") as error:
        load(tmp_path, None, "m@http://user:hidden-word@host/v1")
    assert "hidden-word" not in str(error.value)
    with pytest.raises(UsageError, match="port"):
        load(tmp_path, None, "m@http://host:123456/v1")
    with pytest.raises(UsageError, match="named twice"):
        load(tmp_path, None, "m", "m")
    with pytest.raises(UsageError, match="--model"):
        load(tmp_path, None, url="http://x")


def test_the_key_is_in_nothing_that_is_written(tmp_path):
    (settings,) = load(tmp_path, None, "m", **{KEY: "sk-very-secret"})
    assert "sk-very-secret" not in f"{settings!r} {settings} {settings.model_dump_json()} {settings.model_dump()}"
