"""What became of a delegation, in one line for the person."""

from collections.abc import Mapping, Sequence

from extract.citing.families import states_itself
from extract.citing.naming import OVERLAP, SELECTION
from extract.citing.taking import is_ambiguous
from schemas.citation import Bibliography, CitedWork, Delegation, Resolution
from schemas.finding import Finding

_PLAIN = {SELECTION: "selection", OVERLAP: "overlap removal", "id": "identification", "btag": "b-tagging"}


def resolve(
    delegation: Delegation,
    bibliography: Bibliography,
    *,
    read: Mapping[str, str] | None = None,
    missing: Mapping[str, str] | None = None,
    taken: Sequence[Finding] = (),
    own: Sequence[Finding] = (),
) -> Resolution:
    """The resolution of a delegation.

    `read` gives the document id of each cited work that was had and read, by key; `missing` says in a few words why
    another was not. `taken` are the findings that `take_findings` took from any of them for this delegation; `own` are
    those of the paper, which wins where it states the value itself.

    `no_cut`: cited for something that gives no cut. `question`: the work is only similar, says nothing usable, or
    leaves a choice. `unresolved`: none of the works could be had. `resolved`: there are the values.
    """
    read, missing = read or {}, missing or {}
    given = [f for f in taken if f.delegated_by == delegation.id]
    keys = sorted(delegation.keys, key=lambda k: (k not in read, delegation.keys.index(k)))
    sources = list(dict.fromkeys(f.document for f in given))
    key = next((k for k in keys if read.get(k) in sources), keys[0] if keys else "")
    work = bibliography.find(key)
    what = name_what(delegation)

    def build(status: str, reason: str) -> Resolution:
        return Resolution.model_validate(
            {
                "delegation": delegation,
                "status": status,
                "work": work,
                "document_id": read.get(key),
                "findings": tuple(f.id for f in given) if status in ("resolved", "question") else (),
                "reason": reason,
            }
        )

    cited = _name_work(work, key)
    if delegation.kind == "other":
        return build("no_cut", f"{cited} is cited for something else than a definition: no cut comes from there")
    if delegation.kind == "similar":
        given = []
        return build("question", f"{what} is only similar to that of {cited}: its values are not copied")
    if states_itself(delegation, own):
        return build("no_cut", f"the paper states {what} itself, beside the citation of {cited}")
    if not any(k in read for k in delegation.keys):
        return build("unresolved", f"{what} is defined in {cited}, {_explain(delegation, work, missing)}")
    if not given:
        return build("question", f"{what} is left to {cited}, where no definition of it was found")
    if len(sources) > 1:
        names = ", ".join(str(s) for s in sources)
        return build("question", f"{what} is defined in more than one of the cited works ({names}): which one holds?")
    alternatives = sum(is_ambiguous(f) for f in given)
    if alternatives:
        said = "a whole selection" if delegation.variable == SELECTION else f"{alternatives} alternatives"
        return build("question", f"{cited} states {said} for {what}: which holds here?")
    pages = ", ".join(str(p) for p in sorted({f.page for f in given}))
    return build("resolved", f"{what} is taken from {cited}, page {pages}")


def name_what(delegation: Delegation) -> str:
    """The delegated definition in words: `muon isolation`, `overlap removal`, `event selection`."""
    variable = _PLAIN.get(delegation.variable, delegation.variable.removeprefix("other:"))
    subject = delegation.subject.removeprefix("other:")
    return variable if delegation.variable == OVERLAP else f"{subject} {variable}"


def _name_work(work: CitedWork | None, key: str) -> str:
    if work is None:
        return f"[{key}]"
    name = f"arXiv:{work.arxiv}" if work.arxiv else work.doi or work.report
    return f"[{key}] ({name})" if name else f"[{key}]"


def _explain(delegation: Delegation, work: CitedWork | None, missing: Mapping[str, str]) -> str:
    told = next((missing[k] for k in delegation.keys if k in missing), None)
    if told:
        return f"which could not be had: {told}"
    if work is None:
        return "which is not in the bibliography"
    return "which was not followed" if work.arxiv or work.doi or work.report else "which has no identifier to get it by"
