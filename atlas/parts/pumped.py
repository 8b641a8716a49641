"""Chapter 抽蓄选址: where reservoirs of pumped storage may lie, what they cost, what bars them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from atlas.part import Context, PartResult
from atlas.parts import _pumped_answer as answer
from atlas.parts import _pumped_cross as cross
from atlas.parts import _pumped_map as drawing
from atlas.parts import _pumped_plan as plan
from atlas.parts import _pumped_report as report
from atlas.parts import _pumped_tables as tables
from atlas.parts._pumped_cards import cards
from atlas.parts._pumped_latin import latin, names_of
from atlas.parts._pumped_secret import withheld
from atlas.parts._pumped_tab import tab
from atlas.parts._siting_law import assumed, changed
from atlas.parts._siting_secret import RESTRICTED, secret_among
from geo.errors import Say
from geo.passport import Passport
from siting.pumped.prepared import no_search
from siting.pumped.studied import PumpedStudy
from siting.pumped_study import pumped_study


class PumpedPart:
    """Reservoirs found on the terrain, ranked, costed, judged structure by structure."""

    id = "pumped"
    title = Say("抽蓄选址", "Pumped-storage sites")
    depends_on: tuple[str, ...] = ()

    def run(self, context: Context, before: Mapping[str, PartResult]) -> PartResult:
        """Search the terrain; a region without one says so."""
        del before
        base = context.screened()
        found = pumped_study(base, context.facts, context.seed, context.progress, context.rules)
        if found is None:
            return PartResult(self.id, self.title, {}, Passport(), absent=no_search(base.ground))
        secret = secret_among(base.ground.table, base.ruleset)
        kept = replace(found, law=withheld(found.law, secret))
        said = assumed(base)
        if said is not None:  # a file of sites alone must not pass for law
            notes = [f"{said.zh}；{note}" if note else said.zh for note in kept.sites["note"]]
            kept = replace(kept, sites=kept.sites.assign(note=notes))
        one = result(kept, context)
        told = (*one.warnings, RESTRICTED) if secret else one.warnings
        return replace(one, warnings=told, assumed=said, changed=changed(base))


def result(found: PumpedStudy, context: Context) -> PartResult:
    """Return the chapter of a study."""
    made, page, beside = (
        cards(found, context), tab(found, context), plan.beside(found, context.lang)
    )  # fmt: skip
    pages = report.sections(found, context)
    if context.lang == "en":
        names = names_of(context.facts)
        made, beside = latin(made, names), latin(beside, names)
        page = replace(page, blocks=tuple(latin(page.blocks, names)))
        pages = tuple(replace(one, table=latin(one.table, names)) for one in pages)
    said = (*cross.lines(found), *answer.answers(found))
    return PartResult(
        id=PumpedPart.id,
        title=PumpedPart.title,
        summary=tables.summary(found, context),
        passport=found.passport,
        tabs=(page,),
        vectors=drawing.views(found, made),
        sites=found.sites,
        layers=tables.layers(found),
        tables=tables.sheets(found),
        sections=pages,
        warnings=found.warnings,
        undecided=found.undecided,
        extra={
            "answers": {"pumped": said},
            "table": {"pumped": answer.table(found, context)},
            "beside": beside,
        },
    )


PART: Final = PumpedPart()
