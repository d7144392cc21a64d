"""Every operation of openapi.yaml, answered with its example: by the clients, and by the rules of the contract."""

import pytest

from polargrid_contract.exchange import Exchange, TimedBytes
from polargrid_contract.extensions.consistency import find_inconsistencies, find_media_type_error
from polargrid_contract.extensions.event_streams import find_stream_errors
from polargrid_contract.extensions.runtime_expressions import resolve
from polargrid_contract.readers.event_stream import Stream
from polargrid_testing import Answer
from polargrid_testing.fake.document import find_definition, read_request_content, read_response
from polargrid_testing.fake.scripting import sample_request
from polargrid_testing.fake.validation import check_answer
from polargrid_testing.samples import EVENT_STREAM, load_document, load_samples


def list_requests():
    """Each operation with each example of its request."""
    for sample in load_samples():
        for content in read_request_content(sample.name).values():
            for name, example in content.get("examples", {}).items():
                yield pytest.param(sample, example["value"], id=f"{sample.name}-{name}")


@pytest.mark.parametrize("sample", load_samples(), ids=str)
def test_every_method(client, fake, sample):
    """Both clients call every operation, and get a model, bytes or chunks; the fake has the request."""
    fake.use_examples()
    arguments = sample.arguments if sample.request is None else {**sample.arguments, "request": sample.request}
    response = getattr(client, sample.name)(**arguments)
    if sample.media_type == EVENT_STREAM:
        assert list(response)
    else:
        assert response is not None
    (request,) = fake.requests
    assert request.operation == sample.name
    assert bool(request.files) == bool(sample.files and sample.request_type.startswith("multipart/"))
    fake.check()


@pytest.mark.parametrize("sample", load_samples(), ids=str)
def test_every_operation_by_its_name(client, fake, sample):
    """`on(...).respond()` answers with the example, which is valid, and the rule has the request."""
    rule = fake.on(sample.name).respond()
    arguments = sample.arguments if sample.request is None else {**sample.arguments, "request": sample.request}
    response = getattr(client, sample.name)(**arguments)
    assert list(response) if sample.media_type == EVENT_STREAM else response is not None
    assert [request.operation for request in rule.requests] == [sample.name]


@pytest.mark.parametrize(("sample", "body"), list(list_requests()))
def test_examples_follow_the_rules_of_the_document(fake, sample, body):
    """The answer to each example of a request is valid, and agrees with the request."""
    fake.use_examples()
    request = sample_request(sample.name)
    is_json = sample.request_type == "application/json"
    files = dict.fromkeys(sample.files, ("recording.wav", b"RIFF"))
    options = {"json": body} if is_json else {"data": {k: v for k, v in body.items() if k not in files}, "files": files}
    with fake.http_client(headers={"authorization": "Bearer key"}) as client:
        response = client.request(sample.method, request.target, **options)
    assert response.status_code == sample.status, response.text
    fields = fake.requests[0].fields
    answer = Answer(response.status_code, dict(response.headers), response.content)
    check_answer(sample.name, answer, fields)
    declared = read_response(sample.name, sample.status)["content"]
    assert not find_media_type_error(declared, fields, answer.media_type)
    content = declared[answer.media_type]
    if answer.media_type == EVENT_STREAM:
        assert list(find_stream_errors(content["x-event-stream"], fields, read_events(response))) == []
    elif answer.media_type == "application/json":
        assert list(find_inconsistencies(content.get("x-agreement", ()), fields, response.json())) == []


@pytest.mark.parametrize("sample", load_samples(), ids=str)
def test_headers_of_the_document(fake, sample):
    """Each response has the headers that the document requires, and an id of its own."""
    fake.use_examples()
    request = sample_request(sample.name)
    with fake.http_client(headers={**request.headers, "authorization": "Bearer key"}) as client:
        responses = [client.request(sample.method, request.target, content=request.body) for _ in range(2)]
    headers = find_definition(sample.name)["responses"][str(sample.status)].get("headers", {})
    required = [name for name, item in headers.items() if resolve(load_document(), item).get("required")]
    assert [name for name in required if name not in responses[0].headers] == []
    assert [response.headers["x-request-id"] for response in responses] == ["req_1", "req_2"]


def read_events(response):
    chunks = (TimedBytes(0.0, response.content),)
    return Stream(Exchange("", "POST", "", {}, b"", None, response_headers=dict(response.headers), chunks=chunks))
