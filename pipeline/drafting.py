"""A first profile for a file of an unknown format, as TOML to be read and corrected by a person."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from pipeline.columns import FileColumns
from pipeline.event_names import MET_NAMES, WEIGHT_NAMES, find_key_meaning, list_phi_names, make_plain
from pipeline.groups import ENERGIES, LENGTHS, Group, find_groups, guess_angle_unit, guess_energy_unit
from schemas.errors import ProfileError

FIELDS = ("pt", "eta", "phi", "energy", "et", "mass", "charge", "d0", "d0sig", "z0", "z0_sintheta", "sip3d",
          "track_isolation", "calo_isolation", "isolation", "jvt", "n_tracks", "n_constituents", "d2", "tau21",
          "tau32", "btag")  # fmt: skip
MASSES = {"electron": 0.00051099895, "muon": 0.1056583755, "photon": 0.0, "track": 0.13957039}  # GeV


def draft_profile(columns: FileColumns, name: str) -> str:
    """TOML of a profile that fits the file as far as names and values tell. It parses; a person has to check it.

    Raises ProfileError for a file without anything that looks like an object.
    """
    groups = find_groups(columns)
    if not any(_list_bases(group, columns) for group in groups):
        raise ProfileError(_describe_nothing(columns))
    units = Counter(g.unit for g in groups if g.unit)
    usual = units.most_common(1)[0][0] if units else "GeV"
    lines = [
        f"# Drafted from {columns.path.name} by names and values of its branches. Check every line: units, signs,",
        "# what an impact parameter is measured from, what a flag means. Then delete this remark.",
        "",
        f"name = {_quote(name)}",
        f"title = {_quote(f'files like {columns.path.name}')}",
        f"reader = {_quote(columns.reader)}",
    ]
    if columns.tree is not None:
        lines.append(f"tree = {_quote(columns.tree)}")
    lines.append("varies = true # files of this format need not all have the same branches")
    lines += _draft_key(columns)
    done: set[str] = set()
    for group in sorted(groups, key=lambda g: (not g.base, len(g.prefix))):
        for base, selector in _list_bases(group, columns):
            if base not in done:
                done.add(base)
                lines += ["", *draft_collection(columns, group, base, selector, group.unit or usual)]
    lines += _draft_event(columns, usual)
    lines += _draft_weights(columns)
    return "\n".join(lines) + "\n"


def _describe_nothing(columns: FileColumns) -> str:
    """That there is nothing to draft from, and what there is."""
    where = f"tree '{columns.tree}'" if columns.tree is not None else "the events"
    names = [name for name in columns.names if not (name.startswith("n") and name[1:] in columns.by_short)]
    shown = ", ".join(names[:8]) + (f" and {len(names) - 8} others" if len(names) > 8 else "")
    other = [tree for tree in columns.trees if tree != columns.tree]
    more = f"; other trees, for --tree: {', '.join(other)}" if other else ""
    return (
        f"{columns.path}: nothing to draft: no electrons, muons, photons, jets or the like, lists of pt, eta and phi "
        f"(or px, py and pz) under one prefix such as Muon_; {where} has {shown or 'no branches'}{more}"
    )


def draft_collection(columns: FileColumns, group: Group, base: str, selector: str | None, unit: str) -> list[str]:
    """TOML of one collection."""
    lines = [f"[collections.{base}]", f"prefix = {_quote(group.prefix)}"]
    if selector is not None:
        lines.append(f"selector = {_quote(selector)}")
    lines += ["", f"[collections.{base}.fields]"]
    fields = {f: _write_name(r) for f, r in group.fields.items()}
    if "pt" not in fields:
        fields["pt"] = f"sqrt({fields['px']} ** 2 + {fields['py']} ** 2)"
        fields.setdefault("eta", f"asinh({fields['pz']} / sqrt({fields['px']} ** 2 + {fields['py']} ** 2))")
        fields.setdefault("phi", f"atan2({fields['py']}, {fields['px']})")
    if "energy" not in fields and "mass" not in fields and base in MASSES:
        fields["mass"] = repr(MASSES[base] * (1000 if unit == "MeV" else 1))
    if "charge" not in fields and selector is not None and base != "photon":
        fields["charge"] = f"-sign({_write_name(group.fields['type'])})"
    if "eta" in group.fields and "energy" in group.fields:
        fields["et"] = f"{fields['energy']} / cosh({fields['eta']})"
    elif "eta" in group.fields and "mass" in fields:
        momentum = f"{fields['pt']} * cosh({fields['eta']})"
        fields["et"] = f"sqrt(({momentum}) ** 2 + {fields['mass']} ** 2) / cosh({fields['eta']})"
    if "d0" in fields and "d0_error" in fields:
        fields.setdefault("d0sig", f"{fields['d0']} / {fields['d0_error']}")
    if "eta" in group.fields and "z0" in fields:
        fields.setdefault("z0_sintheta", f"{fields['z0']} / cosh({fields['eta']})")
    for field in FIELDS:
        if field not in fields:
            continue
        unit_of = unit if field in ENERGIES else _guess_length(group) if field in LENGTHS else ""
        if field == "phi":
            values = columns.read(_find(columns, group, field)) if field in group.fields else np.zeros(0)
            unit_of = "deg" if guess_angle_unit(values) == "deg" else ""
        remark = "" if unit_of != "?" else " # mm or cm?"
        unit_of = "mm" if unit_of == "?" else unit_of
        text = _quote(fields[field])
        given = f'{{ expression = {text}, unit = "{unit_of}" }}' if unit_of else text
        lines.append(f"{field} = {given}{remark}")
    for field, labels in group.labels.items():
        order = ("very_loose", "loose", "medium", "tight", "very_tight")
        lines += ["", f"[collections.{base}.labels.{field}]", "ordered = true", "points = ["]
        for label in (o for o in order if o in labels):
            condition = _quote(f"{_write_name(labels[label])} == 1")
            lines.append(f'    {{ label = "{label}", expression = {condition} }},')
        lines.append("]")
    return lines


def _list_bases(group: Group, columns: FileColumns) -> Sequence[tuple[str, str | None]]:
    """What a group holds: one base object, or several that a number tells apart."""
    if group.base not in ("lepton", "particle"):
        return [(group.base, None)] if group.base else []
    if "type" not in group.fields:
        return []
    number = _write_name(group.fields["type"])
    final = ""
    if group.base == "particle" and group.prefix + "status" in columns.by_short:
        final = " and status == 1"
    wanted = [("electron", 11), ("muon", 13)] + ([("photon", 22)] if group.base == "particle" else [])
    return [(base, f"abs({number}) == {code}{final}") for base, code in wanted]


def _draft_key(columns: FileColumns) -> list[str]:
    found: dict[str, str] = {}
    for column in columns.columns:
        meaning = find_key_meaning(column.name)
        if meaning is not None and column.shape == "number" and column.kind == "i":
            found.setdefault(meaning, column.name.rsplit("/", 1)[-1])
    if "event" not in found:
        return ['key = ["eventNumber"] # the file numbers no events: they are known by file and row']
    names = [found[meaning] for meaning in ("run", "event", "lumi", "channel") if meaning in found]
    return [f"key = [{', '.join(_quote(name) for name in names)}]"]


def _draft_event(columns: FileColumns, usual: str) -> list[str]:
    lines: list[str] = []
    short = {make_plain(c.name): c for c in columns.columns if c.shape in ("number", "list")}
    pt = next((short[word] for word in MET_NAMES if word in short), None)
    if pt is not None:
        phi = next((short[word] for word in list_phi_names(make_plain(pt.name)) if word in short), None)
        if phi is not None:
            unit = guess_energy_unit(columns.read(pt.name)) or usual
            names = [_write_name(c.name.rsplit("/", 1)[-1]) + ("[0]" if c.shape == "list" else "") for c in (pt, phi)]
            lines += ["", "[event.objects.met]", f'pt = {{ expression = {_quote(names[0])}, unit = "{unit}" }}']
            lines.append(f"phi = {{ expression = {_quote(names[1])} }}")
    triggers = [c.name for c in columns.columns if c.shape == "number" and c.name.lower().startswith(("trig", "hlt_"))]
    triggers = [name for name in triggers if set(np.unique(columns.read(name))) <= {0.0, 1.0}][:50]
    if triggers:
        lines += ["", "[event.labels]", "trigger = { points = ["]
        lines += [f"    {{ label = {_quote(t)}, expression = {_quote(_write_name(t) + ' == 1')} }}," for t in triggers]
        lines.append("] }")
    return lines


def _draft_weights(columns: FileColumns) -> list[str]:
    short = {make_plain(c.name): c for c in columns.columns if c.shape in ("number", "list")}
    weight = next((short[word] for word in WEIGHT_NAMES if word in short), None)
    if weight is None:
        return []
    name = weight.name.rsplit("/", 1)[-1]
    factor = _write_name(name) + ("[0]" if weight.shape == "list" else "")
    return [
        "",
        "[weights]",
        f"present = {_quote(name)} # files without it are collision data; where those have it, too: simulation = ...",
        f"factors = [{{ expression = {_quote(factor)} }}]",
    ]


def _guess_length(group: Group) -> str:
    """cm where the impact parameter is named as CMS names it; else not known."""
    return "cm" if group.fields.get("d0", "").lower() == "dxy" else "?"


def _find(columns: FileColumns, group: Group, field: str) -> str:
    return columns.by_short[group.prefix + group.fields[field]].name


def _write_name(name: str) -> str:
    return name if all(part.isidentifier() for part in name.split(".")) else f"branch('{name}')"


def _quote(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
