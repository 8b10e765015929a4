"""Candidates with one mistake in their own definition."""

from collections.abc import Iterator

from codegen.witness.mutant import Mutant
from codegen.witness.mutated_cuts import CutMutation
from codegen.witness.mutated_text import FLAG_SWAPS
from schemas.criteria import Candidate, SelectionCriteria


class CandidateMutation(CutMutation):
    """Changes the candidates of one document."""

    def mutate_candidate(self, k: int, candidate: Candidate) -> Iterator[Mutant]:
        candidates = self.criteria.candidates

        def put(**update: object) -> SelectionCriteria:
            new = candidate.model_copy(update=update)
            return self.criteria.model_copy(update={"candidates": (*candidates[:k], new, *candidates[k + 1 :])})

        def mutant(kind: str, text: str, **update: object) -> Mutant:
            return Mutant(kind, candidate.name, text, put(**update))

        yield from self.mutate_cuts(candidate.select, lambda cuts: put(select=cuts))
        scores = (candidate.minimise,) if isinstance(candidate.minimise, str) else candidate.minimise or ()
        if scores:
            if len(scores) == 1:
                yield mutant("choice", "largest for smallest", minimise=None, maximise=scores[0])
            yield mutant("choice", "the first combination", minimise=None)
            for j, score in enumerate(scores):
                for kind, text, new in self.mutate_text(score):
                    yield mutant(
                        "choice" if kind in ("function", "sign", "abs") else kind, f"minimise: {text}",
                        minimise=(*scores[:j], new, *scores[j + 1 :]),
                    )  # fmt: skip
        if candidate.maximise is not None:
            yield mutant("choice", "smallest for largest", minimise=candidate.maximise, maximise=None)
        for j, name in enumerate(candidate.exclude):
            rest = (*candidate.exclude[:j], *candidate.exclude[j + 1 :])
            yield mutant("exclude", f"members of {name} allowed", exclude=rest)
        for j, requirement in enumerate(candidate.require):
            rest_of = (*candidate.require[:j], *candidate.require[j + 1 :])
            shown = requirement if isinstance(requirement, str) else ", ".join(requirement)
            yield mutant("require", f"without {shown}", require=rest_of)
            if isinstance(requirement, str):
                turned: str | dict[str, str] = FLAG_SWAPS[requirement]
            else:
                turned = {FLAG_SWAPS[flag]: role for flag, role in requirement.items()}
            yield mutant(
                "require", f"opposite of {shown}", require=(*candidate.require[:j], turned, *candidate.require[j + 1 :])
            )
        for key in ("pair", "leading"):
            source = getattr(candidate, key)
            if source is not None:
                for kind, text, new in self.mutate_text(source):
                    yield mutant(kind, f"{key}: {text}", **{key: new})
                if key == "pair" and "[" not in source:
                    yield mutant("index", f"only {source}[:2]", pair=f"{source}[:2]")
                    yield mutant("index", f"only {source}[:4]", pair=f"{source}[:4]")
        if candidate.n is not None:
            for number in (candidate.n + 1, candidate.n - 1):
                if number > 0:
                    yield mutant("candidate", f"n {number} for {candidate.n}", n=number)
        for role, source in (candidate.assign or {}).items():
            for kind, text, new in self.mutate_text(source):
                yield mutant(kind, f"{role}: {text}", assign={**(candidate.assign or {}), role: new})
        if candidate.sum is not None:
            for j, part in enumerate(candidate.sum):
                for other in self.candidates:
                    if other not in (*candidate.sum, candidate.name):
                        parts = (*candidate.sum[:j], other, *candidate.sum[j + 1 :])
                        yield mutant("candidate", f"sum: {other} for {part}", sum=parts)
                if len(candidate.sum) > 2:
                    yield mutant("candidate", f"sum without {part}", sum=(*candidate.sum[:j], *candidate.sum[j + 1 :]))
