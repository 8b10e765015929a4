"""Replies as models really write them: what is complete is kept, what is bad goes alone, nothing raises."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extract.llm.answers import BulkAnswer, ChunkAnswer, Item, TargetedAnswer, write_schema
from extract.llm.naming import Unusable
from extract.llm.parsing import parse_reply
from extract.llm.repair import repair_item

JETS: dict[str, object] = {
    "quote": ["jets with p_T > 25 GeV are kept"],
    "stage": "object",
    "subject": "jet",
    "variable": "pt",
    "operator": ">",
    "value": 25,
    "unit": "GeV",
}

words = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=30)
items = st.fixed_dictionaries(
    {"quote": st.lists(words, min_size=1, max_size=3), "subject": words, "operator": words},
    optional={"value": st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False), words, st.lists(words))},
)


@given(st.lists(items, max_size=5), st.data())
@settings(max_examples=150, deadline=None)
def test_a_reply_cut_anywhere_keeps_every_complete_item(found: list[dict[str, object]], data: st.DataObject) -> None:
    pieces = [json.dumps(i, ensure_ascii=False) for i in found]
    text = '{"findings": [' + ", ".join(pieces) + "]}"
    cut = data.draw(st.integers(0, len(text)))
    ends = [len('{"findings": [') + sum(len(p) + 2 for p in pieces[: i + 1]) - 2 for i in range(len(pieces))]
    parsed = parse_reply(text[:cut])
    complete = [f for f, end in zip(found, ends, strict=True) if end <= cut]
    assert [o for o in parsed.objects if "quote" in o] == complete
    assert parsed.complete == (cut in (0, len(text)))


@given(st.one_of(st.text(max_size=200), st.text('{}[]",:\\ \n0e9aN-quote<think>/', max_size=200)))
@settings(max_examples=100, deadline=None)
def test_garbage_never_raises(text: str) -> None:
    for raw in parse_reply(text).objects:
        try_repair(raw)


values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=10)),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=5), inner, max_size=4)),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([*Item.model_fields, "op", "low", "high", "threshold"]), values))
@settings(max_examples=100, deadline=None)
def test_an_item_of_anything_is_usable_or_refused(raw: dict[str, object]) -> None:
    item = try_repair({**JETS, **raw})
    assert item is None or Item.model_validate(item.model_dump()) == item


def try_repair(raw: dict[str, object]) -> Item | None:
    try:
        return repair_item(raw)
    except Unusable as reason:
        refusal = str(reason)
    assert refusal
    assert "\n" not in refusal
    return None


@pytest.mark.parametrize(
    "text",
    [
        "```json\n{}\n```",
        "Sure, here are 2 [items]: {}\nAnything else {or not}?",
        '<think>maybe {{"quote": ["no"]}}</think>{}',
        "no opening tag</think>\n\n{}",
        "{}\n{}",
        "[{}]",
    ],
)
def test_whatever_stands_around_the_json(text: str) -> None:
    parsed = parse_reply(text.replace("{}", json.dumps(JETS)).replace("{{", "{").replace("}}", "}"))
    assert JETS in parsed.objects
    assert all(o == JETS for o in parsed.objects)


def test_an_item_that_is_broken_takes_no_other_with_it() -> None:
    good = json.dumps(JETS)
    for bad in (
        '{"quote": ["a "tight, and"], "value": 3}',
        '{"quote": ["a], "value": 3}',
        '{"quote": ["a"], "value": 1e}',
        '{"quote": ["a"], "value": {"x": [1, 2]',
        '{"quote": [' + "[" * 3000 + "]" * 3000 + "]}",
        '{"quote": ["a"], "value": ' + "9" * 5000 + "}",
    ):
        parsed = parse_reply('{"findings": [' + ", ".join([good, bad, good]) + "]}")
        assert parsed.objects.count(JETS) == 2, bad[:60]


def repaired(**changes: object) -> dict[str, object]:
    return repair_item({**JETS, **changes}).model_dump(exclude_none=True, exclude_defaults=True)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"operator": "≥"}, {"operator": ">="}),
        ({"operator": "at least", "subject": "Jets"}, {"operator": ">=", "subject": "jet"}),
        ({"value": "25"}, {"value": 25.0}),
        ({"value": "25 GeV", "unit": None}, {"value": 25.0, "unit": "GeV"}),
        ({"value": "≤ 25", "operator": None}, {"operator": "<=", "value": 25.0}),
        ({"value": "2π/3", "unit": None}, {"value": 2.0943951023931953}),
        ({"value": "1/4", "unit": None}, {"value": 0.25}),
        ({"variable": "pt [GeV]", "unit": ""}, {"variable": "pt", "unit": "GeV"}),
        ({"variable": "p_T"}, {"variable": "pt"}),
        ({"variable": "|η|", "value": 2.5, "unit": "none"}, {"variable": "abs_eta", "value": 2.5}),
        ({"variable": "n", "value": "two", "operator": "exactly"}, {"variable": "n", "value": 2.0, "operator": "=="}),
        ({"operator": "between", "value": [130, 115]}, {"operator": "between", "value": (115.0, 130.0)}),
        ({"operator": "range", "value": "115–130 GeV", "unit": None}, {"operator": "between", "value": (115.0, 130.0)}),
        ({"operator": "between", "value": [20, None]}, {"operator": ">", "value": 20.0}),
        ({"subject": "leading jet"}, {"subject": "leading_jet"}),
        (
            {"subject": "Soft muons", "quote": ["a soft muon with p_T > 25 GeV"]},
            {"subject": "other", "other_subject": "Soft muons"},
        ),
        ({"subject": "other:soft muon"}, {"subject": "other", "other_subject": "soft muon"}),
        (
            {"variable": "aplanarity", "quote": ["the aplanarity exceeds 25"]},
            {"variable": "other", "other_variable": "aplanarity"},
        ),
        ({"variable": "other", "other_variable": "p_{Tt}^{γγ}"}, {"variable": "other", "other_variable": "pTt"}),
        ({"variable": "other", "other_variable": "n_tracks"}, {"variable": "other", "other_variable": "n_tracks"}),
        ({"variable": "other", "other_variable": "p_T^{lead}"}, {"variable": "pt"}),
        ({"variable": "Δη", "value": 3, "unit": None}, {"variable": "abs_deltaeta"}),
        ({"variable": "deltaeta", "value": -3, "unit": None}, {"variable": "deltaeta"}),
        ({"effect": "veto"}, {"effect": "reject_event"}),
        ({"quote": "jets with p_T > 25 GeV"}, {"quote": ("jets with p_T > 25 GeV",)}),
        ({"cites": "[31], Ref. 32"}, {"cites": ("31", "32")}),
        ({"variable": "id", "operator": "fail", "value": "muon identification criteria"}, {"value": None}),
        ({"variable": "id", "operator": "fail", "value": "tight identification"}, {"value": "tight identification"}),
        ({"stage": None}, {"stage": "object"}),
        ({"subject": "event", "variable": "met"}, {"subject": "met"}),
        ({"operator": "between", "value": [3, 4], "closed": "none"}, {"closed": "none"}),
    ],
)
def test_spellings_that_can_mean_one_thing(changes: dict[str, object], expected: dict[str, object]) -> None:
    found = repaired(**changes)
    assert {k: found.get(k) for k in expected} == expected


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"value": float("inf")}, "finite"),
        ({"value": float("nan")}, "finite"),
        ({"value": "1e999"}, "finite"),
        ({"value": 1e12}, "value"),
        ({"value": True}, "true or false"),
        ({"value": None}, "no value"),
        ({"value": "tight"}, "needs a number"),
        ({"operator": "approximately"}, "operator"),
        ({"operator": "between", "value": 3}, "low and a high"),
        ({"operator": "in", "value": [1, "a", {}]}, "mixed"),
        ({"quote": []}, "no quote"),
        ({"subject": None}, "subject"),
        ({"variable": "other"}, "without words"),
        *(({key: "somewhat"}, "somewhat") for key in ("stage", "subject", "second_subject", "variable", "effect")),
        ({"value": {"argument": "m", "x": [3, 1], "y": [1, 2]}}, "ascending"),
    ],
)
def test_what_would_be_a_guess_is_dropped(changes: dict[str, object], reason: str) -> None:
    with pytest.raises(Unusable, match=reason):
        repair_item({**JETS, **changes})


@pytest.mark.parametrize("answer", [BulkAnswer, ChunkAnswer, TargetedAnswer])
def test_schemas_are_bounded_everywhere(answer: type) -> None:
    def check(node: object) -> None:
        if isinstance(node, list):
            for each in node:
                check(each)
        if not isinstance(node, dict):
            return
        kind = node.get("type")
        assert kind != "object" or node["additionalProperties"] is False
        assert kind != "string" or "maxLength" in node or "enum" in node or "const" in node
        assert kind != "array" or "maxItems" in node
        assert kind not in ("number", "integer") or {"minimum", "maximum"} <= set(node)
        assert not {"pattern", "uniqueItems", "multipleOf", "format"} & set(node)
        for each in node.values():
            check(each)

    check(json.loads(write_schema(answer)))
