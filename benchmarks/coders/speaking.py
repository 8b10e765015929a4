"""A scripted coder behind a model server: it reads from each question who is asked, and in which round."""

import re
from typing import Literal, NamedTuple

from benchmarks.coders.scripts import Script, write_reply
from benchmarks.stand_in import Answer, ChatBody, Refusal, Said, Server, StandIn

ATTEMPT = re.compile(r"\battempt (\d+)")
SUPERVISOR = re.compile(r"^You supervise\b")
CODER = re.compile(r"^You write\b")
CLASSIFIER = re.compile(r"\bSay which kind of failure it was\b")
CONTEXT = 65536  # tokens


class Place(NamedTuple):
    """Who is asked, in which attempt."""

    role: Literal["supervisor", "coder", "classifier"]
    number: int


def find_place(question: ChatBody) -> Place | None:
    """Where in the loop a question stands, by its own words alone: asked again, it is the same place.

    What is quoted from code and programs may say anything: a coder's number is the last, a supervisor's the first.
    """
    system, said = question.messages[0].content, question.messages[-1].content
    numbers = [int(n) for n in ATTEMPT.findall(said)]
    if SUPERVISOR.search(system):
        return Place("supervisor", numbers[0] if said.startswith("This is attempt") and numbers else 1)
    if CODER.search(system):
        return Place("coder", numbers[-1]) if numbers else None
    return Place("classifier", 1) if CLASSIFIER.search(question.prompt) else None


def serve_script(script: Script, analysis: str, name: str) -> StandIn:
    """A server, not yet started, whose model `name` follows the script."""
    turns = script.list_turns(analysis)

    async def speak(question: ChatBody) -> Said:
        place = find_place(question)
        if place is None:
            return Refusal(400, "this model knows its script only, and this question is not in it")
        if place.role == "coder":
            if place.number > len(turns):
                return Refusal(400, f"the script has {len(turns)} turns, and this is attempt {place.number}")
            return Answer(write_reply(analysis, turns[place.number - 1]))
        if place.role == "classifier":
            return Answer('{"reason": "the script says so", "failure": "other"}')
        if place.number == 1:
            return Answer("Build the objects, then the candidates, then add every step once. Mind units and signs.")
        return Answer(f"Look at what was told about attempt {place.number - 1} and correct that. Leave the rest.")

    return StandIn(speak, Server(model=name, max_model_len=CONTEXT))
