"""Politeness, tried with a clock of our own and with a server that misbehaves."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from email.utils import formatdate
from pathlib import Path

import httpx
import pytest

from papers.downloads import Wanted, open_client, read_pause
from papers.polite import Limits, Pace, Service, choose_pace, find_state_folder
from schemas.errors import NetworkError
from tests.papers.stand_in import WAITING_PAGE, Paper, StandIn, Trouble, make_pdf, serve

ROOT = Path(__file__).resolve().parents[2]
ARXIV = Limits(requests=1, seconds=3.0, alone=True, rest=10.0)
INSPIRE = Limits(requests=15, seconds=5.0, rest=5.0)


class Clock:
    """Time that passes only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def turns(pace: Pace, clock: Clock, number: int) -> list[float]:
    times = []
    for _ in range(number):
        with pace.turn():
            times.append(round(clock.now - 1_800_000_000.0, 6))
    return times


@pytest.fixture
def server() -> Iterator[StandIn]:
    with serve() as running:
        running.add(Paper("2004.03447", {1: make_pdf("one")}))
        yield running


def test_requests_keep_their_distance(tmp_path: Path) -> None:
    clock = Clock()
    pace = Pace("arxiv", ARXIV, tmp_path, clock=clock, sleep=clock.sleep)
    assert turns(pace, clock, 4) == [0, 3, 6, 9]
    clock.now += 100
    assert turns(pace, clock, 2) == [109, 112]


def test_a_window_of_requests(tmp_path: Path) -> None:
    clock = Clock()
    pace = Pace("inspire", INSPIRE, tmp_path, clock=clock, sleep=clock.sleep)
    times = turns(pace, clock, 40)
    assert times == [0] * 15 + [5] * 15 + [10] * 10


def test_the_pace_is_kept_across_processes_and_restarts(tmp_path: Path) -> None:
    clock = Clock()
    for expected in (0, 3, 6):  # every one a new object on the same files, as a new process would be
        assert turns(Pace("arxiv", ARXIV, tmp_path, clock=clock, sleep=clock.sleep), clock, 1) == [expected]
    code = (
        "import sys; from pathlib import Path; from papers.polite import Limits, Pace; slept = [];"
        f"pace = Pace('arxiv', Limits(1, 3.0), Path(sys.argv[1]), clock=lambda: {clock.now}, sleep=slept.append);"
        "pace.turn().__enter__(); print(slept)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[3.0]"


def test_a_rest_holds_for_everybody(tmp_path: Path) -> None:
    clock = Clock()
    one, other = (Pace("inspire", INSPIRE, tmp_path, clock=clock, sleep=clock.sleep) for _ in range(2))
    one.pause(60)
    assert turns(other, clock, 1) == [60]
    one.pause(None)  # the service named no time: its usual rest
    assert turns(other, clock, 1) == [65]


@pytest.mark.parametrize(
    "left", ["", "{", "[]", '{"taken": ["x"]}', '{"taken": [1e18], "until": 1e18}', '{"until": []}']
)
def test_what_a_wrong_clock_or_a_killed_process_left_does_no_harm(tmp_path: Path, left: str) -> None:
    (tmp_path / "arxiv.json").write_text(left)
    clock = Clock()
    assert turns(Pace("arxiv", ARXIV, tmp_path, clock=clock, sleep=clock.sleep), clock, 2) == [0, 3]


def test_where_nothing_can_be_written_the_pace_is_kept_in_memory(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    clock = Clock()
    pace = Pace("arxiv", ARXIV, tmp_path / "file" / "below", clock=clock, sleep=clock.sleep)
    assert turns(pace, clock, 2) == [0, 3]


def test_only_a_server_on_this_machine_needs_no_pace(tmp_path: Path) -> None:
    assert choose_pace("arxiv", "http://127.0.0.1:8000", ARXIV, tmp_path) is None
    assert choose_pace("arxiv", "https://export.arxiv.org", ARXIV, tmp_path) is not None
    assert find_state_folder().name == "paperfilter"


def test_retry_after_is_seconds_or_a_date() -> None:
    assert read_pause("7") == 7
    assert read_pause(None) is None
    assert read_pause("soon") is None
    assert read_pause(formatdate(0)) == 0  # long ago
    ahead = read_pause("Wed, 01 Jan 2200 00:00:00 GMT")
    assert ahead is not None
    assert ahead > 1e9


def ask(server: StandIn, tmp_path: Path, slept: list[float], *, paced: bool = False) -> bytes | None:
    clock = Clock()
    pace = Pace("arxiv", ARXIV, tmp_path, clock=clock, sleep=clock.sleep) if paced else None

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        clock.sleep(seconds)

    with open_client(agent="paperfilter test") as client:
        service = Service("arXiv", server.base, client, pace, longest_wait=8.0, sleep=sleep)
        return service.get("api/query", {"id_list": "2004.03447"}, marker=b"<feed")


@pytest.mark.parametrize(
    "trouble",
    [
        *(Trouble(status=code) for code in (408, 429, 500, 502, 503, 504)),
        *(Trouble(slam=True), Trouble(drop_after=100), Trouble(page=WAITING_PAGE), Trouble(page=b"Rate exceeded.")),
    ],
)
def test_what_passes_is_asked_again(server: StandIn, tmp_path: Path, trouble: Trouble) -> None:
    server.troubles = [trouble, trouble]
    slept: list[float] = []
    answer = ask(server, tmp_path, slept)
    assert answer is not None
    assert b"2004.03447v1" in answer
    assert len(server.asked) == 3
    assert len(slept) == 2
    assert all(0 <= seconds <= 8 for seconds in slept)
    assert server.agents == {"paperfilter test"}


def test_a_server_that_names_a_time_gets_it(server: StandIn, tmp_path: Path) -> None:
    server.troubles = [Trouble(status=429, retry_after="17"), Trouble(status=503, retry_after="1")]
    slept: list[float] = []
    assert ask(server, tmp_path, slept, paced=True) is not None
    assert slept == [17.0, 1.0]


@pytest.mark.parametrize(("retry_after", "rest"), [("17", 17), (None, 10)])
def test_what_one_process_is_told_holds_for_the_next(
    server: StandIn, tmp_path: Path, retry_after: str | None, rest: float
) -> None:
    server.troubles = [Trouble(status=429, retry_after=retry_after)] * 4
    clock = Clock()
    pace = Pace("arxiv", ARXIV, tmp_path, clock=clock, sleep=clock.sleep)
    with open_client() as client:
        service = Service("arXiv", server.base, client, pace, sleep=lambda seconds: None)
        with pytest.raises(NetworkError, match="it answers 429"):
            service.get("api/query")
    told = clock.now
    with Pace("arxiv", ARXIV, tmp_path, clock=clock, sleep=clock.sleep).turn():
        assert clock.now == told + rest


def test_a_server_that_wants_an_hour_is_left_alone(server: StandIn, tmp_path: Path) -> None:
    server.troubles = [Trouble(status=429, retry_after="3600")]
    with pytest.raises(NetworkError, match=r"arXiv \(127\.0\.0\.1\) cannot be asked: .* left alone for 3600 s"):
        ask(server, tmp_path, [])
    assert len(server.asked) == 1


def test_what_stays_is_not_asked_for_ever(server: StandIn, tmp_path: Path) -> None:
    server.troubles = [Trouble(status=500)] * 20
    with pytest.raises(NetworkError, match="it answers 500"):
        ask(server, tmp_path, [])
    assert len(server.asked) == 4
    server.troubles = [Trouble(status=403)]
    with pytest.raises(NetworkError, match="it answers 403"):
        ask(server, tmp_path, [])
    assert len(server.asked) == 5
    server.troubles = [Trouble(status=404)]
    assert ask(server, tmp_path, []) is None


def test_no_network_is_one_line(tmp_path: Path) -> None:
    slept: list[float] = []
    with open_client() as client:
        service = Service("INSPIRE", "http://127.0.0.1:9", client, None, sleep=slept.append)  # the discard port
        with pytest.raises(NetworkError) as failure:
            service.get("api/literature")
    line = "INSPIRE (127.0.0.1) cannot be asked: no connection; check the network, or use --offline"
    assert str(failure.value) == line
    assert len(slept) == 1  # patience does not help
    assert failure.value.exit_code == 9


def test_an_answer_without_end_is_cut(server: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("papers.polite.LARGEST_ANSWER", 100)
    with pytest.raises(NetworkError, match="larger than"):
        ask(server, tmp_path, [])


def test_encryption_is_not_given_up_on_the_way() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.scheme == "https":
            return httpx.Response(302, headers={"Location": "http://elsewhere.example/x"})
        return httpx.Response(200, content=b"<feed>")

    with httpx.Client(transport=httpx.MockTransport(answer), follow_redirects=True) as client:
        service = Service("arXiv", "https://arxiv.example", client, None, sleep=lambda seconds: None)
        with pytest.raises(NetworkError, match="without encryption"):
            service.get("api/query")


@pytest.mark.parametrize("alone", [True, False])
def test_one_connection_at_a_time_where_the_service_wants_it(server: StandIn, tmp_path: Path, alone: bool) -> None:
    """Two threads with paces of their own, as two processes have; the first answer waits for the second request."""
    limits = Limits(requests=100, seconds=0.001, alone=alone)
    server.pdf_troubles = [Trouble(stall_after=10), Trouble(stall_after=10)]

    def fetch(number: int) -> None:
        with open_client() as client:
            service = Service("arXiv", server.base, client, Pace("arxiv", limits, tmp_path))
            wanted = Wanted(name="x", largest=10**6)
            assert service.download("pdf/2004.03447v1", tmp_path / f"{number}.pdf", wanted)

    threads = [threading.Thread(target=fetch, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    assert server.pdf_reached.wait(60)
    while not alone and server.most_at_once < 2:  # both get through to the server
        threads[0].join(0.01)
    if alone:
        threads[0].join(0.3)  # time in which the other one would get through
        assert server.most_at_once == 1
    server.released.set()
    for thread in threads:
        thread.join()
    assert (server.most_at_once == 1) is alone
    assert (tmp_path / "0.pdf").read_bytes() == (tmp_path / "1.pdf").read_bytes() == make_pdf("one")
