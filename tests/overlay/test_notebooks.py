"""What a notebook shows of responses, audio and streams."""

import re
from html.parser import HTMLParser

import pytest

from polargrid_generated import models
from polargrid_generated.models import ChatCompletionResponse, ListModelsResponse
from polargrid_runtime.html import format_audio
from polargrid_runtime.response import ResponseModel
from polargrid_testing import FakeEdge
from polargrid_testing.samples import load_document, sample_schema

HOSTILE = "<script>alert(1)</script>\"'&"


class Page(HTMLParser):
    """The tags and the text of a page."""

    def __init__(self, html):
        super().__init__()
        self.open, self.tags, self.text = [], set(), ""
        self.feed(html)
        self.close()
        assert self.open == [], "a tag is not closed"

    def handle_starttag(self, tag, attrs):  # noqa: ARG002 - the parser's signature
        self.tags.add(tag)
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


@pytest.fixture
def fake():
    """An edge that sends the examples of the document."""
    with FakeEdge() as edge:
        edge.use_examples()
        yield edge


@pytest.fixture
def client(fake):
    """A client of it."""
    with fake.client() as client:
        yield client


def poison(value):
    """Return a value of JSON with tags in all of its texts."""
    if isinstance(value, dict):
        return {name: poison(item) for name, item in value.items()}
    if isinstance(value, list):
        return [poison(item) for item in value]
    return f"{value}{HOSTILE}" if isinstance(value, str) else value


RESPONSES = [
    (name, kind)
    for name, kind in vars(models).items()
    if isinstance(kind, type) and issubclass(kind, ResponseModel) and kind.__module__ == models.__name__
]


@pytest.mark.parametrize(("name", "kind"), RESPONSES, ids=[name for name, _ in RESPONSES])
def test_every_response_is_html_with_escaped_texts(name, kind):
    """Of every type of a response and of an event: well-formed, without a tag of the server."""
    schema = load_document()["components"]["schemas"].get(name, {})
    fields = sample_schema(schema) if schema else {}
    response = kind.model_construct(**poison(fields), other={HOSTILE: [HOSTILE, {"a": HOSTILE}]})
    page = Page(response._repr_html_())
    assert page.tags <= {"table", "thead", "tbody", "tr", "td", "th", "div", "details", "summary", "small", "p"}
    assert "<script>" in page.text or hasattr(response, "iter_pages")


def test_a_chat_shows_its_text_first(client):
    """Then the other fields, folded, and the facts of the call. A chunk and a completion have a text, too."""
    messages = [{"role": "user", "content": "Hi"}]
    response = client.chat.completions.create(model="m", messages=messages)
    page = Page(response._repr_html_())
    assert page.text.startswith(response.text)
    assert response.text == response.choices[0].message.content
    assert response.meta.request_id in page.text
    chunks = list(client.chat.completions.create(model="m", messages=messages, stream=True))
    assert "".join(chunk.text for chunk in chunks) == response.text
    assert client.completions.create(model="m", prompt="Hi").text
    assert ChatCompletionResponse.model_construct(choices=[]).text == ""


def test_a_list_is_a_table(client):
    """A row for each item, the first hundred of them."""
    response = client.models.list()
    html = response._repr_html_()
    assert html.count("<tr>") == 1 + len(response.data)
    assert f"{len(response.data)} items" in html
    many = ListModelsResponse.model_validate({"data": [response.data[0].to_dict()] * 1_234})
    assert "and 1,134 more" in many._repr_html_()
    assert Page(ListModelsResponse.model_validate({"data": []})._repr_html_()).text == "0 items"


def test_a_vector_is_short(client):
    """Its length and its first numbers."""
    html = client.embeddings.create(model="e", input="x")._repr_html_()
    assert re.search(r"\d numbers: -?0\.\d", html)
    assert len(html) < 1_000


def test_speech_has_a_player(client):
    """The audio is part of the page. What a browser does not play is described."""
    audio = client.audio.speech.create(model="tts-1", input="Hi", voice="alloy")
    assert '<audio controls src="data:audio/mpeg;base64,' in audio._repr_html_()
    for media_type in ("audio/pcm", "text/html", HOSTILE, ""):
        assert "<audio" not in format_audio(b"1", media_type, HOSTILE)
        assert "<script" not in format_audio(b"1", media_type, HOSTILE)
    assert "<script" not in format_audio(b"1", f"audio/{HOSTILE}", HOSTILE)
    assert "<audio" not in format_audio(bytes(20_000_001), "audio/mpeg", "long")


def test_a_stream_is_not_read(client, fake):
    """Nor is its request sent."""
    messages = [{"role": "user", "content": "Hi"}]
    stream = client.chat_completion_stream({"model": "m", "messages": messages})
    assert "sent when it is read" in stream._repr_html_()
    assert fake.requests == []
    with client.chat.completions.stream(model="m", messages=messages) as text:
        assert "TextStream" in text._repr_html_()
        assert "".join(text.text_stream)
