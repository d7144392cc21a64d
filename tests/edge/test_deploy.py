"""The files of `deploy/` and the page about them name settings, options, metrics and files that exist."""

from __future__ import annotations

import re
import runpy
from pathlib import Path
from typing import Any

import yaml
from packaging.requirements import Requirement
from prometheus_client.parser import text_string_to_metric_families

from polargrid_edge.http.active_requests import ActiveRequests
from polargrid_edge.http.request_record import RequestRecord
from polargrid_edge.keys.key_ring import KeyRing
from polargrid_edge.models.pool import ModelPool
from polargrid_edge.setting import list_settings
from polargrid_edge.settings import EdgeSettings
from polargrid_edge.telemetry import Telemetry

ROOT = Path(__file__).parent.parent.parent
DEPLOY = ROOT / "deploy"
VARIABLES = {name for item in list_settings(EdgeSettings) for name in item.variables}
OPTIONS = {item.flag for item in list_settings(EdgeSettings)} | {"--config"}
COMPOSE: Any = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
UNIT = (DEPLOY / "polargrid-edge.service").read_text("utf-8")
DOCKERFILE = (DEPLOY / "Dockerfile").read_text("utf-8")


def read_metric_names() -> set[str]:
    """The names of all samples, of an edge that has served one request of each kind of figure."""
    settings = EdgeSettings(keys_file=ROOT / "unused")
    telemetry = Telemetry(settings, ModelPool(settings), ActiveRequests(), KeyRing(["key"]))
    assert telemetry.prometheus is not None
    record = RequestRecord("POST", "/", None, operation="chat_completion", status=200, queued=0.1, model="m")
    record.started_at, record.first_token_at, record.ended_at, record.output_tokens = 0.0, 0.1, 0.2, 3
    telemetry.recorder.finish(record)
    record.client_left = True
    telemetry.recorder.finish(record)
    text = telemetry.prometheus.render("")[0].decode()
    return {sample.name for family in text_string_to_metric_families(text) for sample in family.samples} | {
        family.name for family in text_string_to_metric_families(text)
    }


def test_variables_are_settings() -> None:
    """Of the image, of Compose and of systemd."""
    named = (
        set(re.findall(r"\bPOLARGRID_[A-Z_]+(?==)", DOCKERFILE + UNIT))
        | COMPOSE["services"]["edge"]["environment"].keys()
    )
    assert {"POLARGRID_CACHE", "POLARGRID_DATA", "POLARGRID_EDGE_HOST"} <= named
    assert named <= VARIABLES


def test_options_of_the_page_and_the_unit_exist() -> None:
    """Those of `polargrid serve`."""
    page = (ROOT / "docs/guide/team.md").read_text("utf-8")
    commands = re.findall(r"polargrid serve[^\n`]*", page + UNIT)
    named = {option for command in commands for option in re.findall(r"--[a-z-]+", command)} - {"--help"}
    assert len(named) > 4
    assert named <= OPTIONS


def test_metrics_of_the_alerts_and_the_page_exist() -> None:
    """By the names that the edge gives them."""
    alerts = yaml.safe_load((DEPLOY / "alerts.yml").read_text("utf-8"))
    expressions = " ".join(rule["expr"] for group in alerts["groups"] for rule in group["rules"])
    page = (ROOT / "docs/guide/team.md").read_text("utf-8")
    pattern = r"\b(?:polargrid_edge|gen_ai_server)_[a-z_]+\b"
    named = {name.removesuffix("_bucket") for name in re.findall(pattern, expressions + page)}
    assert len(named) > 15
    assert named <= {name.removesuffix("_bucket") for name in read_metric_names()}


def test_files_of_the_image_exist() -> None:
    """And are not left out by the ignore file."""
    copied = [
        name for line in re.findall(r"^COPY (?!--from)(.*)$", DOCKERFILE, re.MULTILINE) for name in line.split()[:-1]
    ]
    ignored = (DEPLOY / "Dockerfile.dockerignore").read_text("utf-8").splitlines()
    assert copied
    assert all((ROOT / name).exists() for name in copied)
    assert {f"!{name}" for name in copied} == {line for line in ignored if line.startswith("!")}


def test_who_stops_the_edge_waits_longer_than_it_does() -> None:
    """With the default grace time."""
    (seconds,) = re.findall(r"^TimeoutStopSec=(\d+)$", UNIT, re.MULTILINE)
    assert int(seconds) > EdgeSettings().grace
    edge = COMPOSE["services"]["edge"]
    assert int(edge["stop_grace_period"].removesuffix("s")) > float(edge["environment"]["POLARGRID_EDGE_GRACE"])


def test_the_image_has_the_versions_of_the_tests() -> None:
    """Each pinned requirement is a constraint, with its marker and without hashes."""
    read_constraints = runpy.run_path(str(DEPLOY / "requirements.py"))["read_constraints"]
    lines = read_constraints((ROOT / "requirements/dev.txt").read_text("utf-8"))
    requirements = [Requirement(line) for line in lines]
    assert {"uvicorn", "xllamacpp", "prometheus-client"} <= {item.name for item in requirements}
    assert all(len(item.specifier) == 1 for item in requirements)


def test_the_settings_file_is_valid() -> None:
    """That of the unit, with the data in the folder that the unit may write."""
    settings = EdgeSettings.load({}, {}, DEPLOY / "edge.toml")
    assert settings.keys_file is not None
    assert "ReadWritePaths" not in UNIT
    assert str(settings.keys_file).startswith("/var/lib/polargrid/")
    assert settings.keys == frozenset()
