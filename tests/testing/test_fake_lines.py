"""The line that the message about an unscripted request contains scripts its operation."""

import re

import pytest

from polargrid_testing import FakeEdge
from polargrid_testing.fake.scripting import sample_request
from polargrid_testing.samples import load_samples


@pytest.mark.parametrize("sample", load_samples(), ids=str)
def test_line(sample):
    """It is Python, names the fake by its variable, and the request then gets a response."""
    request = sample_request(sample.name)
    with FakeEdge(name="edge") as edge:
        headers = {**request.headers, "authorization": "Bearer x"}
        with edge.http_client(headers=headers) as client:

            def send():
                return client.request(sample.method, request.target, content=request.body)

            response = send()
            assert (response.status_code, response.json()["error"]["code"]) == (501, "unscripted_request")
            (line,) = re.findall("add: (.*)", response.json()["error"]["message"])
            with pytest.raises(AssertionError, match=re.escape(line)):
                edge.check()
            exec(line, {"edge": edge})  # noqa: S102 - what a user pastes
            response = send()
            assert response.status_code == sample.status
