"""Each construct of OpenAPI in `corpus/` is right on the wire and in types, or refused with a sentence."""

from __future__ import annotations

import pytest

from tests.generator.corpus.build import CorpusRun, check_refused, run_corpus
from tests.generator.corpus.compare import find_differences
from tests.generator.corpus.entries import Construct, read_constructs
from tests.generator.corpus.program import CLIENTS

CONSTRUCTS = read_constructs()
ACCEPTED = [construct for construct in CONSTRUCTS if construct.refused is None and not construct.defect]
DEFECTS = [construct for construct in CONSTRUCTS if construct.defect]
REFUSED = [construct for construct in CONSTRUCTS if construct.refused is not None]


@pytest.fixture(scope="session")
def corpus(request, tmp_path_factory) -> CorpusRun:
    """One package with the accepted constructs of the selected tests, checked by mypy and called by both clients."""
    parameters = [item.callspec.params for item in request.session.items if hasattr(item, "callspec")]
    selected = {item["construct"] for item in parameters if isinstance(item.get("construct"), Construct)}
    return run_corpus([item for item in ACCEPTED if item in selected], tmp_path_factory.mktemp("corpus"))


def by_name(constructs):
    return pytest.mark.parametrize("construct", constructs, ids=lambda item: item.name)


def test_corpus_has_no_less_than_it_promises():
    """The corpus has at least 120 constructs."""
    assert len(CONSTRUCTS) >= 120


@pytest.mark.parametrize("client", CLIENTS)
@by_name(ACCEPTED)
def test_calls(corpus, construct, client):
    """A call sends what the construct means, and returns what the response means."""
    assert corpus.refusals.get(construct.name) is None
    outcomes = [(call, corpus.outcomes[f"{client}_{call.function}"]) for call in construct.calls]
    assert [line for call, outcome in outcomes for line in find_differences(call, outcome)] == []


@by_name(ACCEPTED)
def test_types(corpus, construct):
    """mypy --strict accepts the calls and what they return, and rejects the opposite."""
    assert corpus.refusals.get(construct.name) is None
    assert corpus.type_errors.get(construct.name, []) == []


def test_known_defects():
    """Each accepted construct is right: none has the key `defect`, which marks one while it is mended."""
    assert [construct.name for construct in DEFECTS] == []


@by_name(REFUSED)
def test_refused(construct, tmp_path):
    """The generator names the file, the line, the operation, and what to do."""
    assert check_refused(construct, tmp_path) == construct.refused
