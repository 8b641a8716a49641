from datetime import date

import pytest

from layers.demo.forest_strata import build
from layers.facts import load_facts
from sinks.forest.study import Options, study


@pytest.fixture(scope="session")
def facts():
    return load_facts("shiyan")


@pytest.fixture(scope="session")
def strata(facts):
    return build(facts, 7)


@pytest.fixture(scope="session")
def result(strata, facts):
    return study(strata, facts.forest_series, date(2026, 11, 22), 7, options=Options(draws=600))
