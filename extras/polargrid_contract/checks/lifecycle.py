"""Loading and unloading: what the answers say, and what the status says afterwards.

The whole story is played once, from loading a model to purging all, and told by several checks. What was loaded
before is loaded again at its end.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from polargrid_contract.check import Fault, Profile, check
from polargrid_contract.checks.asking import ask
from polargrid_contract.exchange import Exchange
from polargrid_contract.server import Server
from polargrid_contract.shared import shared

_ALONE: tuple[Profile, ...] = ("polargrid",)
_WAIT = 60.0  # seconds for a model that is told to be loading
_STATUS = "get_model_status"


@dataclass
class Story:
    """What was asked in turn, and the status after it."""

    asked: dict[str, Exchange] = field(default_factory=dict)
    status: dict[str, Exchange] = field(default_factory=dict)

    def loaded(self, step: str) -> set[str]:
        """The models that the status after a step tells to be loaded."""
        return set(self.status[step].json()["loaded"])


def _ids(server: Server) -> dict[str, str]:
    """The id of a model by each of its names."""
    names: dict[str, str] = {}
    for model in server.listed:
        for name in (model["id"], model.get("root"), *(model.get("pg_aliases") or [])):
            names.setdefault(str(name), model["id"])
    return names


def _model(server: Server) -> tuple[str, str]:
    """The model that is loaded and unloaded: its name, and its id in the status."""
    name = server.model("chat")
    return name, _ids(server).get(name, name)


def _settled(server: Server) -> Exchange:
    """The status, once nothing is being loaded."""
    until = time.monotonic() + _WAIT
    while True:
        status = server.ask(_STATUS)
        answer = status.json()
        states = answer.get("loading_status") if isinstance(answer, dict) else None
        if not isinstance(states, dict) or "loading" not in states.values() or time.monotonic() > until:
            return status
        time.sleep(0.2)


def _story(server: Server) -> Story:
    return shared(server, "lifecycle", lambda: _played(server))


def _played(server: Server) -> Story:
    name, _ = _model(server)
    named = {"model_name": name}
    word = {"model": name, "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 1, "temperature": 0}
    steps: tuple[tuple[str, str, Any], ...] = (
        ("load", "load_model", named),
        ("reload", "load_model", {**named, "force_reload": True}),
        ("unload", "unload_model", named),
        ("unload again", "unload_model", named),
        ("use", "chat_completion", word),
        ("load after use", "load_model", named),
        ("unload all", "unload_all_models", None),
        ("load before purge", "load_model", named),
        ("purge", "purge_gpu", {"force": True}),
    )
    story = Story()
    story.status["before"] = _settled(server)
    before = story.status["before"].json()
    try:
        for step, operation, body in steps:
            story.asked[step] = ask(server, operation, body=body)
            story.status[step] = _settled(server)
    finally:
        _restore(server, before)
    return story


def _restore(server: Server, before: Any) -> None:
    """Loads what was loaded, as far as it can be told."""
    wanted = before.get("loaded") if isinstance(before, dict) else None
    now = server.ask(_STATUS).json()
    there = now.get("loaded") if isinstance(now, dict) else None
    for model in wanted if isinstance(wanted, list) else []:
        if model not in (there or []):
            server.ask("load_model", {"model_name": model})


@check(
    "load-is-told",
    on=("load_model", _STATUS),
    why="A model that was loaded, or loaded again, is told by the status, so that nobody waits for it.",
    source="SDK reference, load_model and get_model_status",
    profiles=_ALONE,
    changes=True,
)
def load_is_told(server: Server) -> Iterator[Fault]:
    story = _story(server)
    name, model = _model(server)
    # The last of them finds it out of memory, whatever there was before.
    for step, force in (("load", False), ("reload", True), ("load before purge", False)):
        asked = story.asked[step]
        answer = asked.json()
        if asked.status != 200 or answer["status"] == "failed":
            yield server.fault(asked, expected="the model loaded", came=f"{asked.status} {asked.text[:200]}")
            continue
        if (answer["model"], answer["force_reload"]) != (name, force):
            came = f"model {answer['model']}, force_reload {answer['force_reload']}"
            yield server.fault(asked, expected=f"model {name}, force_reload {force}", came=came)
        if model not in story.loaded(step):
            came = f"loaded: {sorted(story.loaded(step))}"
            yield server.fault(story.status[step], expected=f"{model} among the loaded", came=came)


@check(
    "status-agrees",
    on=(_STATUS,),
    why="The list of loaded models and the state of each are two tellings of one truth.",
    source="openapi.yaml, ModelStatusResponse",
    profiles=_ALONE,
)
def status_agrees(server: Server) -> Iterator[Fault]:
    statuses = [server.ask(_STATUS)]
    if not server.target.read_only:
        statuses += _story(server).status.values()
    for status in statuses:
        answer = status.json()
        states = {model for model, state in answer["loading_status"].items() if state == "loaded"}
        if states != set(answer["loaded"]):
            expected = f"loaded {sorted(states)}, as loading_status tells"
            yield server.fault(status, expected=expected, came=str(answer["loaded"]))


@check(
    "status-models-are-listed",
    on=(_STATUS, "list_models"),
    why="What can be in memory can be asked for, and is on the list.",
    source="openapi.yaml, list_models",
    profiles=_ALONE,
)
def status_models_are_listed(server: Server) -> Iterator[Fault]:
    status = server.ask(_STATUS)
    answer = status.json()
    if missing := sorted({*answer["loaded"], *answer["loading_status"]} - set(_ids(server))):
        yield server.fault(status, expected="models that list_models tells", came=", ".join(missing))


@check(
    "unload-takes-effect",
    on=("unload_model", _STATUS),
    why="A model that is unloaded gives its memory back; a second time does no harm.",
    source="SDK reference, unload_model",
    profiles=_ALONE,
    changes=True,
)
def unload_takes_effect(server: Server) -> Iterator[Fault]:
    story = _story(server)
    name, model = _model(server)
    for step in ("unload", "unload again"):
        asked = story.asked[step]
        if asked.status != 200 or (step == "unload" and asked.json()["status"] != "success"):
            yield server.fault(asked, expected="the model unloaded", came=f"{asked.status} {asked.text[:200]}")
            continue
        if asked.json()["model"] != name:
            yield server.fault(asked, expected=f"model {name}", came=str(asked.json()["model"]))
        if model in story.loaded(step):
            yield server.fault(story.status[step], expected=f"{model} not loaded", came="it is among the loaded")


@check(
    "unloaded-is-served-or-refused",
    on=("chat_completion", "unload_model"),
    why="A model out of memory is loaded again when it is asked for, or refused with an error that says so.",
    source="SDK reference, load_model",
    profiles=_ALONE,
    changes=True,
)
def unloaded_is_served_or_refused(server: Server) -> Iterator[Fault]:
    asked = _story(server).asked["use"]
    answer = asked.json()
    served = asked.status == 200 and isinstance(answer, dict) and answer.get("choices")
    refused = asked.status in {404, 409, 503} and isinstance(answer, dict) and "error" in answer
    if not served and not refused:
        expected = "an answer, or 404, 409 or 503 with an error"
        yield server.fault(asked, expected=expected, came=f"{asked.status} {asked.text[:200]}")


@check(
    "unload-all-counts",
    on=("unload_all_models", _STATUS),
    why="Unloading all leaves none, and tells which and how many there were.",
    source="SDK reference, unload_all_models",
    profiles=_ALONE,
    changes=True,
)
def unload_all_counts(server: Server) -> Iterator[Fault]:
    story = _story(server)
    asked = story.asked["unload all"]
    if asked.status != 200:
        yield server.fault(asked, expected="200", came=f"{asked.status} {asked.text[:200]}")
        return
    answer = asked.json()
    unloaded = answer["unloaded_models"]
    if answer["total_unloaded"] != len(unloaded):
        expected = f"total_unloaded {len(unloaded)}, as unloaded_models has"
        yield server.fault(asked, expected=expected, came=str(answer["total_unloaded"]))
    if answer["status"] != "success":
        return  # some could not be unloaded
    if set(unloaded) != story.loaded("load after use"):
        expected = f"those that were loaded, {sorted(story.loaded('load after use'))}"
        yield server.fault(asked, expected=expected, came=str(unloaded))
    if left := story.loaded("unload all"):
        yield server.fault(story.status["unload all"], expected="no model loaded", came=str(sorted(left)))


@check(
    "purge-takes-effect",
    on=("purge_gpu", _STATUS),
    why="What a purge says it unloaded is unloaded.",
    source="SDK reference, purge_gpu",
    profiles=_ALONE,
    changes=True,
)
def purge_takes_effect(server: Server) -> Iterator[Fault]:
    story = _story(server)
    asked = story.asked["purge"]
    if asked.status != 200:
        yield server.fault(asked, expected="200", came=f"{asked.status} {asked.text[:200]}")
        return
    answer = asked.json()
    unloaded, before, after = set(answer["models_unloaded"]), story.loaded("load before purge"), story.loaded("purge")
    if still := unloaded & after:
        yield server.fault(story.status["purge"], expected="what was purged not loaded", came=str(sorted(still)))
    if answer["status"] == "success" and not unloaded >= before - after:
        expected = f"models_unloaded with {sorted(before - after)}"
        yield server.fault(asked, expected=expected, came=str(sorted(unloaded)))
    if answer["status"] == "success" and after:
        yield server.fault(
            story.status["purge"], expected="no model loaded, as force was given", came=str(sorted(after))
        )


@check(
    "load-unknown-model",
    on=("load_model", "unload_model"),
    why="A model that there is not cannot be loaded, and who mistypes its name is told.",
    source="openapi.yaml, NotFound",
    profiles=_ALONE,
    changes=True,
)
def load_unknown_model(server: Server) -> Iterator[Fault]:
    for operation in ("load_model", "unload_model"):
        asked = server.ask(operation, {"model_name": "there-is-no-such-model"})
        if asked.status != 404 or not isinstance(asked.json(), dict):
            yield server.fault(asked, expected="404 with an error", came=f"{asked.status} {asked.text[:200]}")


def purge_answer(server: Server) -> Exchange:
    """What purging answered."""
    return _story(server).asked["purge"]
