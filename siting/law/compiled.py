"""Work county overrides into the rules of a day, and name the predicates that they need."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import ValidationError

from geo.errors import CatalogError, Say
from siting.law.overrides import Override, Overrides
from siting.law.predicates import Predicate
from siting.law.rows import Rule, RuleTable


def predicates_of(overrides: Overrides, tables: Sequence[RuleTable]) -> dict[str, Predicate]:
    """Return the predicates that the rows add, whatever the day: counties, changed numbers."""
    known = {name: one for table in tables for name, one in table.predicates.items()}
    found: dict[str, Predicate] = {}
    for row in overrides.rows:
        name = overrides.name(row)
        found[row.place] = Predicate(title=name, layer="counties", where={"code": (row.county,)})
        for old, new in _renamed(row).items():
            numbers = {
                key.partition(".")[2]: float(value)
                for key, value in row.parameters.items()
                if key.partition(".")[0] == old
            }
            title = known[old].title
            title = Say(f"{title.zh}（{name.zh}）", f"{title.en} ({name.en})")
            found[new] = known[old].model_copy(update={**numbers, "title": title})
    return found


def _renamed(row: Override) -> dict[str, str]:
    """Return the new name of each predicate whose number a row changes."""
    names = dict.fromkeys(key.partition(".")[0] for key in row.parameters)
    return {name: f"{name}__{row.id.replace('-', '_')}" for name in names}


def compiled(
    rules: Sequence[Rule], rows: Sequence[Override], overrides: Overrides
) -> tuple[Rule, ...]:
    """Return the rules of a day with the rows of that day worked into them.

    A changed rule stands down in its county; there a row of its own speaks, with the
    override's instrument, grade and source. Its id is ``<rule>@<county code>``.
    """
    out: list[Rule] = []
    for rule in rules:
        mine = [row for row in rows if row.rule == rule.id]
        out.append(_elsewhere(rule, mine, overrides) if mine else rule)
        out.extend(_there(rule, row, overrides) for row in mine if row.change != "off")
    return tuple(out)


def _elsewhere(rule: Rule, rows: Sequence[Override], overrides: Overrides) -> Rule:
    """Return the rule outside the counties that change it; its note says so."""
    places = " or ".join(dict.fromkeys(row.place for row in rows))
    told = [overrides.text(row) for row in rows]
    note = Say(
        "；".join(filter(None, [rule.note.zh, *(text.zh for text in told)])),
        "; ".join(filter(None, [rule.note.en, *(text.en for text in told)])),
    )
    return _changed(rule, rows[0], when=f"({rule.when}) and not ({places})", note=note)


def _there(rule: Rule, row: Override, overrides: Overrides) -> Rule:
    """Return the rule as it stands in the county of a row."""
    when, names = rule.when, _renamed(row)
    if names:
        when = rule.expression.renamed(names).text()
    update: dict[str, object] = {
        "id": f"{rule.id}@{row.county}",
        "title": Say(
            f"{rule.title.zh}（{overrides.name(row).zh}）",
            f"{rule.title.en} ({overrides.name(row).en})",
        ),
        "when": f"({when}) and {row.place}",
        "instrument": row.instrument,
        "doc_no": row.doc_no,
        "clause": row.clause,
        "issued": None,
        "valid_from": max(row.valid_from, rule.valid_from),
        "supersedes": (),
        "grade": row.grade,
        "sources": row.sources,
        "quote_zh": "",
        "note": row.reason,
    }
    if row.effect is not None:
        # the county says what holds: nothing is left unstated there
        update |= {"effect": row.effect, "routes": row.routes, "documents": ()}
        update["applicability"] = "stated"
    return _changed(rule, row, **update)


def _changed(rule: Rule, row: Override, **update: object) -> Rule:
    """Return a copy of a rule, checked anew (a plain copy would keep the parsed ``when``)."""
    fields = {name: getattr(rule, name) for name in Rule.model_fields}
    try:
        return Rule.model_validate(fields | update)
    except ValidationError as error:
        raise CatalogError(
            f"override {row.id}",
            Say(f"与规则 {rule.id} 合不到一起", f"does not fit rule {rule.id}"),
            Say("缩短谓词表达式或改用别的 effect", "use a shorter expression or another effect"),
        ) from error
