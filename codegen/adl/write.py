"""A criteria document as an ADL file."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from codegen.adl.comments import Comment, dump_part, lay_out, write_comment
from codegen.adl.expressions import Speaker, write_number
from codegen.adl.names import make_name
from codegen.adl.statements import say_candidate, say_choice, say_cut, say_group
from codegen.adl.vocabulary import Unsayable, Vocabulary
from codegen.adl.words import EXTERNAL, WORD_OF_BASE
from codegen.wording import clean
from schemas.constants import CONSTANTS
from schemas.criteria import Candidate, Cut, ObjectDefinition, Region, SelectionCriteria

NOT_IN_ADL = "# ADL has no words for this; the comment above has it"


@dataclass(frozen=True)
class Entry:
    """Comments of ours and the lines below them that say the same to ADL (or plain comments that say why not)."""

    comments: tuple[Comment, ...]
    lines: tuple[str, ...] = ()
    indent: str = ""

    def lay_out(self) -> list[str]:
        """The lines of the file."""
        comments = [line for comment in self.comments for line in lay_out(comment, self.indent)]
        return [*comments, *(f"{self.indent}{line}" for line in self.lines)]


def write_adl(ssc: SelectionCriteria) -> str:
    """The document in ADL, with our comments (see `codegen.adl`). `codegen.adl.read.read_adl` gives it back as it is.

    Documents that do not validate are written, too: what cannot be said is in the comments alone.
    """
    writer = Writer(ssc)
    blocks = writer.write()
    head = [f"# {clean(ssc.analysis.title or ssc.analysis.slug)}"]
    head.append(
        "# Energies in GeV, lengths in mm, angles in rad. Lines with #: are comments to ADL; paperfilter reads them."
    )
    external = sorted(writer.vocabulary.external)
    if external:
        head += ["# External functions that this file calls:", *(f"#   {EXTERNAL[name]}" for name in external)]
    return "\n".join([*head, "", *(line for block in blocks for line in [*_lay_out(block), ""])])


def _lay_out(block: Sequence[Entry]) -> Iterator[str]:
    for entry in block:
        yield from entry.lay_out()


class Writer:
    """Writes one document. `write` returns blocks of entries, in the order of the file."""

    def __init__(self, ssc: SelectionCriteria) -> None:
        self.ssc = ssc
        self.vocabulary = Vocabulary()
        self.taken: list[str] = []
        known = self.vocabulary
        for definition in ssc.objects:
            known.collections[definition.name] = self._name(definition.name)
        for candidate in ssc.candidates:
            for pair in candidate.pairing or ():
                known.names[pair] = self._name(pair)
                known.candidates[pair] = "sum"
            known.names[candidate.name] = self._name(candidate.name)
            known.roles[candidate.name] = tuple(candidate.assign or ())
            composed = candidate.sum is not None or candidate.leading is not None
            known.candidates[candidate.name] = (
                "sum" if composed else "assign" if candidate.assign is not None else "comb"
            )
        for variable in ssc.variables:
            known.names[variable.name] = self._name(variable.name)
        self.regions: dict[str, str] = {}
        for region in ssc.regions:
            self.regions[region.name] = self._name(region.name)
        known.name_members = lambda candidate, part: self._name(
            f"{known.names[candidate]}_{known.collections.get(part, part)}"
        )

    def _name(self, wanted: str) -> str:
        name = make_name(wanted, self.taken)
        self.taken.append(name)
        return name

    def write(self) -> list[list[Entry]]:
        """The blocks of the file."""
        late = self._list_late()
        objects = [list(self._object(d)) for d in self.ssc.objects if d.name not in late]
        overlap = [[entry] for entry in self._overlap()]
        objects_after = [list(self._object(d)) for d in self.ssc.objects if d.name in late]
        candidates = [(c.name, list(self._candidate(c))) for c in self.ssc.candidates]
        variables = list(self._variables())
        regions = [list(self._region(r)) for r in self.ssc.regions]
        blocks = [[self._document(bool(late)), self._analysis()], *objects, *overlap, *objects_after]
        for name, block in candidates:
            blocks.append(block)
            names = (name, *next((c.pairing or () for c in self.ssc.candidates if c.name == name), ()))
            blocks += [[entry] for entry in self._members(names)]
        blocks += [variables] if variables else []
        blocks += regions
        if self.ssc.outputs and not self.ssc.regions:
            blocks.append([Entry((write_comment("outputs", list(self.ssc.outputs)),))])
        blocks += [
            [Entry((write_comment("question", dump_part(q)),), (f"# open question: {clean(q.text)}",))]
            if q.answer is None
            else [Entry((write_comment("question", dump_part(q)),))]
            for q in self.ssc.questions
        ]
        return blocks

    def _document(self, reordered: bool) -> Entry:
        parts = ("analysis", "objects", "overlap", "candidates", "variables", "regions", "outputs", "questions")
        content = {"schema_version": self.ssc.schema_version} | dump_part(self.ssc, parts)
        if reordered:
            late = self._list_late()
            places = range(len(self.ssc.objects))
            content["order"] = sorted(places, key=lambda k: self.ssc.objects[k].name in late)
        return Entry((write_comment("document", content),))

    def _analysis(self) -> Entry:
        about = self.ssc.analysis
        lines = [f"info {make_name(about.slug, ())}"]
        for word, text in (("title", about.title), ("experiment", about.experiment)):
            if text is not None:
                plain = clean(text).replace('"', "'")
                single = word == "experiment" and plain.isalnum() and plain.isascii()
                lines.append(f"  {word} {plain}" if single else f'  {word} "{plain}"')
        for word, number in (("sqrtS", about.sqrt_s), ("lumi", about.luminosity)):
            if number is not None:
                lines.append(f"  {word} {float(number)!r}")
        if about.paper is not None:
            plain = clean(about.paper).replace('"', "'")
            arxiv = plain.lower().startswith("arxiv:")
            lines.append(f'  arXiv "{plain[6:].strip()}"' if arxiv else f'  publication "{plain}"')
        constants = [f"define {c} = {CONSTANTS[c]!r}" for c in sorted(self.vocabulary.constants)]
        return Entry((write_comment("analysis", dump_part(about)),), (*lines, *constants))

    def _object(self, definition: ObjectDefinition) -> Iterator[Entry]:
        known = self.vocabulary
        name = known.collections[definition.name]
        sources = definition.union if definition.union is not None else definition.base
        many = list(sources) if isinstance(sources, tuple) else [sources or ""]
        words = [known.collections.get(s, WORD_OF_BASE.get(s, "")) if s != definition.name else "" for s in many]
        comment = write_comment("object", dump_part(definition, ("cuts", "remove_overlap")))
        if not words or not all(words):
            yield Entry((comment,), (NOT_IN_ADL,))
        elif len(words) == 1:
            yield Entry((comment,), (f"object {name}", f"  take {words[0]}"))
        else:
            yield Entry((comment,), (f"object {name} : Union({', '.join(words)})",))
        this = words[0] if len(words) == 1 and words[0] else name
        yield from self._cuts(definition.cuts, Speaker(known, this=this))
        for removal in definition.remove_overlap:
            near = known.collections.get(removal.with_)
            line = NOT_IN_ADL
            if removal.status == "rejected":
                line = "# rejected"
            elif near is not None:
                line = f"select dR({this}, {near}) >= {write_number(removal.deltaR)}"
            yield Entry((write_comment("remove_overlap", dump_part(removal)),), (line,), "  ")

    def _overlap(self) -> Iterator[Entry]:
        known = self.vocabulary
        for step in self.ssc.overlap:
            comment = write_comment("overlap", dump_part(step))
            now, near = known.collections.get(step.remove), known.collections.get(step.near)
            if now is None or near is None or step.status == "rejected":
                yield Entry((comment,), (NOT_IN_ADL if step.status != "rejected" else "# rejected",))
                continue
            after = self._name(f"{step.remove}_clean")
            limit = f"dR({now}, {near}) >= {write_number(step.deltaR)}"
            yield Entry((comment,), (f"object {after}", f"  take {now}", f"  select {limit}"))
            known.collections[step.remove] = after

    def _list_late(self) -> set[str]:
        """Objects that are made from others after the ordered overlap removal."""
        touched = {step.remove for step in self.ssc.overlap}
        late: set[str] = set()
        for definition in self.ssc.objects:
            sources = {*((definition.base,) if isinstance(definition.base, str) else definition.base or ())}
            sources |= {*(definition.union or ()), *(r.with_ for r in definition.remove_overlap)}
            if definition.name not in touched and sources & (touched | late):
                late.add(definition.name)
        return late

    def _candidate(self, candidate: Candidate) -> Iterator[Entry]:
        comment = write_comment("candidate", dump_part(candidate, ("select", "minimise", "maximise")))
        speaker = None
        try:
            lines, speaker = say_candidate(candidate, self.vocabulary)
            yield Entry((comment,), tuple(lines))
        except Unsayable:
            yield Entry((comment,), (NOT_IN_ADL,))
        yield from self._cuts(candidate.select, speaker)
        choice = {k: v for k, v in dump_part(candidate).items() if k in ("minimise", "maximise")}
        if choice or candidate.pair is not None or candidate.assign is not None:
            lines = [NOT_IN_ADL]
            if speaker is not None:
                with suppress(Unsayable):
                    lines = say_choice(candidate, speaker)
            yield Entry((write_comment("choice", choice),), tuple(lines), "  ")

    def _members(self, names: Sequence[str]) -> Iterator[Entry]:
        known = self.vocabulary
        for (candidate, part), name in known.members.items():
            if candidate in names:
                of = known.names[candidate] + ("[0]" if known.candidates[candidate] == "comb" else "")
                line = f"object {name} : {known.call('members', of, known.collections.get(part, part))}"
                yield Entry((write_comment("members", f"{candidate}.{part}"),), (line,))

    def _variables(self) -> Iterator[Entry]:
        speaker = Speaker(self.vocabulary)
        for variable in self.ssc.variables:
            try:
                if variable.words is not None:
                    raise Unsayable(variable.name)
                line = f"define {self.vocabulary.names[variable.name]} = {speaker.say(variable.expression)}"
            except Unsayable:
                line = NOT_IN_ADL
            yield Entry((write_comment("variable", dump_part(variable)),), (line,))

    def _region(self, region: Region) -> Iterator[Entry]:
        lines = [f"region {self.regions[region.name]}"]
        if region.parent is not None:
            lines.append(f"  {self.regions[region.parent]}" if region.parent in self.regions else NOT_IN_ADL)
        yield Entry((write_comment("region", dump_part(region, ("cuts",))),), tuple(lines))
        yield from self._cuts(region.cuts, Speaker(self.vocabulary))
        stored = list(self._stored(region))
        if stored:
            yield Entry((write_comment("outputs", list(self.ssc.outputs)),), tuple(stored), "  ")

    def _stored(self, region: Region) -> Iterator[str]:
        of_name = {v.name: v for v in self.ssc.variables}
        known = [of_name[name] for name in self.ssc.outputs if name in of_name]
        if self.ssc.outputs:
            words = [self.vocabulary.names[v.name] for v in known]
            yield " ".join(["save", self.regions[region.name], "csv", *words]) if words else NOT_IN_ADL
        for variable in known:
            word, binning = self.vocabulary.names[variable.name], variable.binning
            if binning is not None:
                unit = f" [{clean(variable.unit)}]" if variable.unit else ""
                ends = f"{write_number(binning.low)}, {write_number(binning.high)}"
                title = f"{variable.name}{unit}".replace('"', "'")
                yield f'histo h{word}, "{clean(title)}", {binning.bins}, {ends}, {word}'

    def _cuts(self, cuts: Sequence[Cut], speaker: Speaker | None) -> Iterator[Entry]:
        """One entry per cut, or per group of cuts that stand together."""
        said: set[str] = set()
        k = 0
        while k < len(cuts):
            cut = cuts[k]
            together = [cut]
            while (
                cut.group is not None and k + len(together) < len(cuts) and cuts[k + len(together)].group == cut.group
            ):
                together.append(cuts[k + len(together)])
            k += len(together)
            comments = tuple(write_comment("cut", dump_part(c)) for c in together)
            if cut.group is not None and cut.group in said:
                yield Entry(comments, ("# joined by or with the cuts of its group above",), "  ")
                continue
            members = [c for c in cuts if c.group == cut.group] if cut.group is not None else [cut]
            yield Entry(comments, (self._say(members, speaker),), "  ")
            said |= {cut.group} if cut.group is not None else set()

    def _say(self, members: list[Cut], speaker: Speaker | None) -> str:
        held = [c for c in members if c.status != "rejected"]
        if not held:
            return "# rejected"
        try:
            if speaker is None:
                raise Unsayable
            return say_cut(held[0], speaker) if len(held) == 1 else say_group(held, speaker)
        except Unsayable:
            return NOT_IN_ADL
