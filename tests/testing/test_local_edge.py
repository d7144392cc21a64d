"""The real local edge for the length of a block, and as a fixture; a model is loaded when a request needs one."""

import pytest

from polargrid_testing import local_edge


def test_block(connect):
    """It has a URL and a key, and is the edge itself."""
    with local_edge() as edge:
        client = connect(base_url=edge.url, api_key=edge.api_key)
        assert client.health().node == "local"
        assert client.models.status().loaded == []


def test_settings(connect):
    """Its options are those of the edge."""
    with local_edge(keys=frozenset({"pg_mine"}), node="here") as edge:
        assert edge.api_key == "pg_mine"
        assert connect(base_url=edge.url, api_key=edge.api_key).health().node == "here"


def test_invalid_setting():
    """It is the error of the edge."""
    with pytest.raises(ValueError, match="waiting: -1"), local_edge(waiting=-1):
        pass


def test_fixture(connect, polargrid_edge):
    """`polargrid_edge` responds with a real model."""
    client = connect(base_url=polargrid_edge.url, api_key=polargrid_edge.api_key)
    messages = [{"role": "user", "content": "Count to three."}]
    response = client.chat.completions.create(model="smollm2-135m", messages=messages, max_tokens=5)
    assert response.choices[0].message.content
    assert response.usage.completion_tokens <= 5
