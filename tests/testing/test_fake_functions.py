"""Functions of a script: they may block, use the fake, and fail, and the server goes on."""

import threading

import pytest

import polargrid
from polargrid_testing import Answer, FakeEdge

MESSAGES = [{"role": "user", "content": "Hi"}]


@pytest.fixture(params=["create", "stream"])
def ask(request, client):
    """Sends a chat, streamed or not, and returns its text."""

    def create():
        return client.chat.completions.create(model="m", messages=MESSAGES).choices[0].message.content

    def stream():
        chunks = client.chat_completion_stream({"model": "m", "messages": MESSAGES})
        return "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)

    return {"create": create, "stream": stream}[request.param]


def ask_directly(fake):
    with fake.client() as client:
        return client.chat.completions.create(model="m", messages=MESSAGES).choices[0].message.content


def test_function_calls_the_fake(fake, ask):
    """It may send requests, script, and look at the requests."""

    def answer(_request):
        if len(fake.requests) > 1:
            return "inner"
        fake.on("health").respond()
        return "outer, " + ask_directly(fake)

    fake.chat(answer)
    assert ask() == "outer, inner"


def fail_test(_request):
    pytest.fail("not this")


def exit_program(_request):
    raise SystemExit(3)


@pytest.mark.parametrize(
    ("function", "kind"),
    [
        (fail_test, pytest.fail.Exception),
        (exit_program, SystemExit),
        (lambda _request: 1 // 0, ZeroDivisionError),
        (lambda: "no argument", TypeError),
        (lambda _request: 3, TypeError),
        (lambda _request: Answer(200, {"content-type": "application/json"}, "text"), TypeError),  # type: ignore[arg-type]
        (lambda _request: Answer(200, {"x": "✓"}, b""), ValueError),
        (lambda _request: Answer(200, {"x": "a\r\nb: c"}, b""), ValueError),
    ],
)
def test_function_that_fails(fake, ask, function, kind):
    """The client gets an error, `check` raises what it raised, and the next request is answered."""
    fake.chat(function)
    with pytest.raises(polargrid.PolarGridError, match="the script of this test failed"):
        ask()
    with pytest.raises(kind):
        fake.check()
    fake.chat("Hello")
    assert ask() == "Hello"


def test_functions_run_side_by_side(fake):
    """One that blocks holds up no other request, and none of the test's own calls of the fake."""
    barrier, texts = threading.Barrier(10), []

    def answer(request):
        barrier.wait(30)
        return request.text

    fake.chat(answer)
    threads = [threading.Thread(target=lambda: texts.append(ask_directly(fake))) for _ in range(9)]
    for thread in threads:
        thread.start()
    fake.chat("scripted meanwhile", when="nothing")
    barrier.wait(30)
    for thread in threads:
        thread.join()
    assert texts == ["Hi"] * 9


def test_times_holds_for_functions(fake):
    """A rule answers as often as `times` says, though its `when` decides for several requests at once."""
    fake.chat("other")
    barrier, texts = threading.Barrier(2), []
    fake.chat("once", times=1, when=lambda _request: barrier.wait(30) >= 0)
    threads = [threading.Thread(target=lambda: texts.append(ask_directly(fake))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(texts) == ["once", "other"]


def test_function_ends_the_fake():
    """It does not wait for itself."""
    fake = FakeEdge()
    fake.chat(lambda _request: fake.close() or "too late")
    with pytest.raises(polargrid.NetworkError), fake.client(max_retries=0) as client:
        client.chat.completions.create(model="m", messages=MESSAGES)
    fake.close()


def test_callback_cannot_end_the_fake():
    """It runs on the thread of the server, which would wait for itself."""
    errors = []

    def end(_text):
        with pytest.raises(RuntimeError, match="on the thread of the server") as caught:
            fake.close()
        errors.append(caught.value)

    fake = FakeEdge(on_unscripted=end)
    with pytest.raises(polargrid.PolarGridError), fake.client() as client:
        client.list_models()
    fake.close()
    assert len(errors) == 1


def test_fault_that_fails(fake, connect):
    """A fault whose options make no sense ends the connection, and `check` names it."""
    fake.use_examples()
    fake.fault("header", name="x", value="✓", times=None)
    with pytest.raises(polargrid.NetworkError):
        connect(base_url=fake.url, api_key=fake.api_key, max_retries=0).health()
    with pytest.raises(UnicodeEncodeError) as caught:
        fake.check()
    assert caught.value.__notes__ == ["in the fault 'header', name='x', value='✓'"]


async def answer_later(_request):
    return "never"


class AnswerLater:
    """A callable object that is async."""

    async def __call__(self, _request):
        return "never"


@pytest.mark.parametrize("function", [answer_later, AnswerLater()])
def test_async_function(fake, function):
    """It is rejected where it is passed."""
    for script in (lambda: fake.chat(function), lambda: fake.chat("a", when=function)):
        with pytest.raises(TypeError, match="is async; expected a function that returns its value"):
            script()
