"""Issue forms are valid."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

FORMS = sorted(
    path
    for path in (Path(__file__).parents[2] / ".github" / "ISSUE_TEMPLATE").glob("*.yml")
    if path.name != "config.yml"
)


def test_there_are_three_forms():
    """For bugs, the contract and features."""
    assert [form.stem for form in FORMS] == ["bug", "contract", "feature"]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.stem)
def test_form_has_a_name_and_fields(form):
    """Each field has a known type, a unique id, and a label."""
    content = yaml.safe_load(form.read_text(encoding="utf-8"))
    assert content["name"]
    assert content["description"]
    assert {field["type"] for field in content["body"]} <= {"textarea", "input", "dropdown"}
    ids = [field["id"] for field in content["body"]]
    assert len(set(ids)) == len(ids)
    assert all(field["attributes"]["label"] for field in content["body"])
