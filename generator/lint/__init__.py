"""Finds the mistakes of openapi.yaml: text in, findings with line and column out; pure.

Each module has the rules of one subject. A rule is right for every document of OpenAPI 3.1: it refuses what is invalid,
what has no effect, and what readers understand in different ways.
"""

from __future__ import annotations

from collections.abc import Iterator

from openapi_spec_validator import OpenAPIV31SpecValidator

from generator.lint import (
    circles,
    conditions,
    contents,
    examples,
    expressions,
    keywords,
    operations,
    patterns,
    references,
    schemas,
    selectors,
    structure,
)
from generator.lint.describe import suggest
from generator.lint.document import Document, Finding, Location, Spec, rename_key
from generator.lint.nodes import construct
from generator.lint.objects import Object, walk
from generator.lint.references import References
from generator.lint.source import read_document

__all__ = ["Finding", "lint"]


def lint(data: bytes) -> tuple[Spec, list[Finding]]:
    """Return the document of a file, and its mistakes in the order of their lines."""
    document, wrong_texts = read_document(data)
    if document is None:
        return {}, _sort(wrong_texts)
    findings = [document.locate(finding) for finding in _check_version(document.spec)]
    if not findings:
        findings, repaired = _check_names(document)
        findings += [repaired.locate(finding) for finding in _check_objects(repaired.spec)]
    positions = {(finding.line, finding.column) for finding in wrong_texts}
    findings = [finding for finding in findings if (finding.line, finding.column) not in positions] + wrong_texts
    if not findings:
        findings = [document.locate(finding) for finding in _validate(document.spec)]
    return document.spec, _sort(findings)


def _sort(findings: list[Finding]) -> list[Finding]:
    unique = dict.fromkeys(findings)
    return sorted(unique, key=lambda finding: (finding.line, finding.column))


def _check_names(document: Document) -> tuple[list[Finding], Document]:
    """Return the unknown names, and the document with the names that are meant: one mistake is reported once."""
    findings: list[Finding] = []
    while True:
        unknown: list[Finding] = []
        renamed: set[Location] = set()
        for item in walk(document.spec):
            for finding, name in keywords.check_names(item):
                location = (*item.location, name)
                if name and name not in item.value and location not in renamed:
                    findings.append(document.locate(finding))
                    rename_key(document.tree, finding.location, name)
                    renamed.add(location)
                else:
                    unknown.append(document.locate(finding))
        if not renamed:
            return findings + unknown, document
        document = Document(construct(document.tree), document.tree)


def _check_objects(spec: Spec) -> list[Finding]:
    """Return the findings of all rules; those on contents only if the objects have the right form."""
    objects = walk(spec)
    malformed = list(structure.check_document(spec, objects))
    findings: list[Finding] = []
    for item in objects:
        if item.kind == "schema" and (item.parent is None or item.parent.kind != "schema"):
            malformed += structure.check_schema(item)
        malformed += keywords.check_unsupported(item)
        findings += keywords.check_extensions(item)
    refs = References(spec, objects)
    findings += _check_identifiers(refs)
    if not malformed:
        findings += _check_contents(refs)
    return malformed + findings


def _check_version(spec: Spec) -> Iterator[Finding]:
    version = spec.get("openapi")
    if "swagger" in spec:
        yield Finding(f"unsupported version {spec['swagger']!r}; expected openapi: 3.1.x", ("swagger",))
    elif version is None:
        guess = next((name for name in spec if suggest(name, ["openapi"])), None)
        location = (guess,) if guess else ()
        yield Finding("the field 'openapi' is missing; start the document with openapi: 3.1.0", location, True)
    elif not str(version).startswith("3.1."):
        yield Finding(f"unsupported version {version!r}; expected 3.1.x", ("openapi",))
    elif not isinstance(spec.get("paths"), dict):
        location = ("paths",) if "paths" in spec else ()
        yield Finding("expected a mapping of paths; add the operations of the API", location, True)


def _check_identifiers(refs: References) -> Iterator[Finding]:
    """Yield the findings that do not depend on the form of other objects."""
    yield from references.check_references(refs)
    yield from operations.check_operation_ids(refs.objects)
    yield from operations.check_tags(refs)
    yield from operations.check_security(refs)
    yield from operations.check_paths(refs)


def _check_contents(refs: References) -> Iterator[Finding]:
    has_unknown = any(True for _ in references.check_references(refs))
    for item in refs.objects:
        yield from _check_object(item, refs)
        yield from patterns.check_patterns(item, refs)
        if not has_unknown:
            yield from expressions.check_expressions(item, refs)
            yield from conditions.check_conditions(item, refs)
    yield from operations.check_parameters(refs)
    yield from references.check_unused(refs)
    if not has_unknown:
        yield from circles.check_circles(refs)
        yield from examples.check_values(refs)
        yield from examples.check_example_names(refs)


def _check_object(item: Object, refs: References) -> Iterator[Finding]:
    if item.kind == "schema":
        yield from schemas.check_schema(item, refs)
        yield from contents.check_media_type(item)
    elif item.kind == "server":
        yield from operations.check_server(item)
    elif item.kind == "link" and not item.is_reference:
        yield from operations.check_link(item, refs)
    elif item.kind == "media type":
        yield from selectors.check_stream(item, refs)
    if item.kind == "response":
        yield from contents.check_response(item)
    if not item.is_reference:
        yield from contents.check_content(item, refs)
        yield from contents.check_examples(item)
        yield from operations.check_parameter(item)


def _validate(spec: Spec) -> Iterator[Finding]:
    """Yield what the validator of the field finds in a document in which the rules above find nothing."""
    for error in OpenAPIV31SpecValidator(spec).iter_errors():
        if (error.validator, error.validator_value) == ("format", "regex"):
            continue  # it reads patterns as Python's, and those of JSON Schema are ECMAScript's
        sentence = str(error.message).partition("\n")[0][:300]
        yield Finding(sentence, tuple(error.absolute_path), True)
