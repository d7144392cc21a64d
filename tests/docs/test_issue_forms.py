"""The forms for issues are what the site that shows them takes."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

FORMS = sorted(
    path
    for path in (Path(__file__).parents[2] / ".github" / "ISSUE_TEMPLATE").glob("*.yml")
    if path.name != "config.yml"
)


def test_there_are_three():
    """A bug, the contract, a wish."""
    assert [form.stem for form in FORMS] == ["bug", "contract", "feature"]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.stem)
def test_a_form_has_a_name_and_fields(form):
    """Each field has a type that is known, an id of its own, and a label."""
    said = yaml.safe_load(form.read_text(encoding="utf-8"))
    assert said["name"]
    assert said["description"]
    assert {field["type"] for field in said["body"]} <= {"textarea", "input", "dropdown"}
    ids = [field["id"] for field in said["body"]]
    assert len(set(ids)) == len(ids)
    assert all(field["attributes"]["label"] for field in said["body"])
