"""Response models: as dicts and JSON, lists, and headers."""

import json

import httpx
import pytest

from polargrid.types import ListModelsResponse
from polargrid_runtime.raw_response import Headers


@pytest.fixture
def chat(connect, spec):
    response = httpx.Response(200, headers={"x-request-id": "req_1"}, json=spec["chat_completion"].response)
    return connect(response).chat.completions.create(model="m", messages=[{"role": "user", "content": "Hi"}])


def test_to_dict_and_to_json(chat, spec):
    """They have the fields that the server sent, by its names."""
    assert chat.to_dict() == json.loads(chat.to_json()) == spec["chat_completion"].response
    assert "\n" in chat.to_json()
    assert "\n" not in chat.to_json(indent=None)


def test_request_id_by_the_name_of_openai(chat):
    """Its SDK calls it `_request_id`."""
    assert chat._request_id == "req_1"


def test_iterating_a_list_yields_its_items(connect, spec):
    """`for model in client.models.list()`."""
    example = spec["list_models"].response
    models = connect(httpx.Response(200, json=example)).models.list()
    assert [model.id for model in models] == [item["id"] for item in example["data"]]
    assert [*models] == models.data


def test_list_is_a_model(spec):
    """As a dict, dumped and compared, it has its fields, also unknown ones."""
    fields = {**spec["list_models"].response, "has_more": False}
    response = ListModelsResponse.model_validate(fields)
    assert dict(response) == {"object": "list", "data": response.data, "has_more": False}
    assert response.model_dump(exclude_unset=True, mode="json") == fields
    assert list(response.model_dump()) == ["object", "data", "has_more"]
    assert json.loads(response.model_dump_json(exclude_unset=True)) == fields
    assert response == ListModelsResponse.model_validate(fields)
    assert response != ListModelsResponse.model_validate({**fields, "data": []})
    assert bool(ListModelsResponse(object="list", data=[]))  # an empty list is a response


def test_headers_are_case_insensitive():
    """When they are set and when they are read."""
    headers = Headers({"X-A": "1", "x-b": "2"})
    assert (headers["x-a"], headers["X-B"], headers.get("x-c")) == ("1", "2", None)
    assert (dict(headers), len(headers)) == ({"x-a": "1", "x-b": "2"}, 2)
    assert repr(headers) == "Headers({'x-a': '1', 'x-b': '2'})"
