"""Legal variations of servers that have what OpenAI-compatible servers share, and things of their own."""

from __future__ import annotations

from collections.abc import Callable

from qa.fault_bench.faults.profile import offer_shared_operations
from qa.fault_bench.faults.seeded import TEXT_OPERATIONS
from qa.fault_bench.messages import Change, Forward, Request, Response, build_error, build_response, forward_unchanged
from qa.fault_bench.variations.registry import variation

_ON = (*TEXT_OPERATIONS, "list_models")


def _without(is_missing: Callable[[Request], object], status: int) -> Change:
    def apply(request: Request, forward: Forward) -> Response:
        return build_error(status, "invalid_request_error") if is_missing(request) else forward(request)

    return apply


def _change_seed(request: Request) -> Request:
    """Give each request another seed, but at temperature 0, where it has no effect: those responses are remembered."""
    is_sampled = request.json.get("seed") is not None and request.json.get("temperature") != 0
    return request.with_fields(seed=request.number) if is_sampled else request


def _delete_models(change: Change) -> Change:
    """Offer OpenAI's DELETE of a model, after which no model is listed: whoever sends it breaks the server."""
    deleted: list[str] = []

    def apply(request: Request, forward: Forward) -> Response:
        if request.number <= 1:
            deleted.clear()
        if request.method == "DELETE" and request.path.startswith("/v1/models/"):
            deleted.append(request.path)
            return build_response(200, {"id": request.path[11:], "object": "model", "deleted": True})
        return build_response(200, {"object": "list", "data": "deleted"}) if deleted else change(request, forward)

    return apply


variation("D40", "With the profile openai: there is only what is shared.", on=_ON, profile="openai")(
    offer_shared_operations(forward_unchanged)
)
variation("D41", "With the profile openai: models can be deleted.", on=_ON, profile="openai")(
    _delete_models(offer_shared_operations(forward_unchanged))
)
variation("D42", "With the profile openai: the seed is ignored.", on=_ON, profile="openai")(
    offer_shared_operations(lambda request, forward: forward(_change_seed(request)))
)
variation("D43", "With the profile openai: there are no completions and no audio.", on=_ON, profile="openai")(
    offer_shared_operations(
        _without(lambda request: request.path.startswith(("/v1/completions", "/v1/audio", "/v1/embeddings")), 404)
    )
)
variation("D44", "With the profile openai: tools and log probabilities are rejected.", on=_ON, profile="openai")(
    offer_shared_operations(_without(lambda request: request.json.get("tools") or request.json.get("logprobs"), 400))
)
