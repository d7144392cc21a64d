"""`Rows`: batches of data engines, in and out."""

from __future__ import annotations

import json
import pickle
import threading
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pyarrow as pa
import pytest

from polargrid_batch import BatchInputError, BatchStoppedError, RowPolicy, Rows
from tests.batch.server import chat_answer, chat_row, drop_connection, error_answer

KEY = "pg_a_key_that_is_secret"


@pytest.fixture
def create(serve, monkeypatch):
    """Create Rows for a server: `handler, rows = create(script)`."""
    monkeypatch.setenv("POLARGRID_API_KEY", KEY)
    made = []

    def start(script=None, operation="chat_completion", **options):
        handler, url = serve(script)
        if operation is not None:
            options = {"prompt": "{text}", "fields": {"model": "m"}, **options}
        made.append(Rows(operation, client={"base_url": url}, **options))
        return handler, made[-1]

    yield start
    for rows in made:
        rows.close()


def read_contents(columns):
    return [json.loads(body)["choices"][0]["message"]["content"] for body in columns["body"]]


def test_a_batch_is_a_dict_or_a_table_and_so_is_the_result(create):
    _, rows = create(keep=["text"])
    columns = rows({"text": ["a", "b"], "custom_id": [1, 2]})
    assert read_contents(columns) == ["re: a", "re: b"]
    assert (columns["custom_id"], columns["ok"], columns["status_code"]) == (["1", "2"], [True, True], [200, 200])
    assert list(columns) == ["text", *Rows.columns]
    for kind in (pa.Table, pa.RecordBatch):
        batch = kind.from_pydict({"text": ["a", "b"], "custom_id": ["1", "2"]})
        result = rows(batch)
        assert isinstance(result, kind)
        assert {**result.to_pydict(), "request_id": []} == {**columns, "request_id": []}
    with pytest.raises(TypeError, match="batch: expected a dict of columns"):
        rows(["a"])


def test_errors_are_rows_in_their_place_and_no_value_is_null(create):
    """The schema of a batch does not depend on whether there are errors."""

    def script(prompt, n):
        return error_answer(404, "model_not_found") if prompt == "b" else None

    _, rows = create(script)
    result = rows(pa.table({"text": ["a", "b", "c"]}))
    assert result["error_class"].to_pylist() == ["", "NotFoundError", ""]
    assert result["status_code"].to_pylist() == [200, 404, 200]
    assert result["custom_id"].to_pylist() == ["", "", ""]
    assert (
        result.schema
        == rows(pa.table({"text": ["a"]})).schema
        == rows(pa.table({"text": pa.array([], "string")})).schema
    )
    assert sum(column.null_count for column in result.columns) == 0


def test_rows_that_are_refused_are_sent_again_with_the_same_key(create):
    def script(prompt, n):
        return {1: error_answer(429), 2: drop_connection()}.get(n)

    policy = RowPolicy(first_delay=0.01)
    handler, rows = create(script, policy=policy)
    assert rows({"text": ["a", "b"]})["attempts"] == [3, 3]
    assert [len(keys) for keys in handler.keys.values()] == [1, 1]


def test_a_row_that_is_refused_for_ever_ends_though_other_batches_may_come(create):
    handler, rows = create(lambda _prompt, _n: error_answer(429), policy=RowPolicy(max_refusals=3))
    assert rows({"text": ["a"]})["error_class"] == ["RateLimitError"]
    assert handler.requests == 3


def test_batch_lines_are_columns_whose_body_is_an_object_or_text(create):
    """A null in an object of a table is a field that is absent; other columns are not read."""
    _, rows = create(operation=None)
    lines = [chat_row("a", "x"), chat_row("b", "y", temperature=0.5)]
    table = pa.Table.from_pylist([{**line, "other": 1} for line in lines])
    assert table["body"].to_pylist()[0]["temperature"] is None
    assert read_contents(rows(table).to_pydict()) == ["re: a", "re: b"]
    columns = {name: [line[name] for line in lines] for name in lines[0]}
    columns["body"] = [json.dumps(lines[0]["body"]), "{"]
    result = rows(columns)
    assert (result["ok"], result["custom_id"]) == ([True, False], ["x", "y"])
    assert result["error_class"][1] == "InvalidRow"
    assert result["error_message"][1].startswith("body: invalid JSON")


def test_fields_of_a_body_are_columns_without_those_that_are_kept(create):
    _, rows = create(prompt=None, keep=["key"])
    message = [{"role": "user", "content": "a"}]
    result = rows({"key": [7], "messages": [message]})
    assert (result["key"], result["ok"]) == ([7], [True])


class MeetingHandler(BaseHTTPRequestHandler):
    """Answers no request before there are four; a run begins with four."""

    barrier = threading.Barrier(4)

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        self.barrier.wait(60)
        content = chat_answer("a").content
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_arguments):
        pass


def test_batches_of_several_threads_are_in_flight_together():
    with ThreadingHTTPServer(("127.0.0.1", 0), MeetingHandler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}"
        rows = Rows("chat_completion", prompt="{text}", fields={"model": "m"}, client={"base_url": url})
        try:
            with ThreadPoolExecutor(2) as pool:
                results = list(pool.map(rows, [{"text": ["a", "b"]}, {"text": ["c", "d"]}]))
        finally:
            rows.close()
            server.shutdown()
            thread.join()
    assert [result["ok"] for result in results] == [[True, True], [True, True]]


def test_the_key_ends_the_batches_and_another_call_starts_again(create):
    answers = {"status": 401}

    def script(prompt, n):
        return error_answer(answers["status"]) if answers["status"] != 200 else chat_answer(prompt)

    _, rows = create(script)
    with pytest.raises(BatchStoppedError, match="401"):
        rows({"text": ["a", "b"]})
    answers["status"] = 200
    assert rows({"text": ["a", "b"]})["ok"] == [True, True]


def test_a_pickle_has_no_key_and_works_as_the_original(create):
    _, rows = create()
    rows({"text": ["a"]})  # with a client
    data = pickle.dumps(rows)
    assert KEY.encode() not in data
    copy = pickle.loads(data)  # noqa: S301 - of this test
    assert copy({"text": ["a"]})["ok"] == [True]
    assert copy.engine() is rows.engine()  # one in each process


@pytest.mark.parametrize(
    "client",
    [
        {"api_key": KEY},
        {"proxy": f"http://user:{KEY}@proxy"},
        {"default_headers": {"Authorization": f"Bearer {KEY}"}},
        {"http_client": None},
    ],
)
def test_a_key_is_refused_and_the_message_says_what_to_do(client):
    with pytest.raises(ValueError, match="set POLARGRID_API_KEY in the environment of the workers") as caught:
        Rows(client=client)
    assert KEY not in str(caught.value)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"keep": ["body"]}, "rename the column"),
        ({"operation": "chat"}, "operation: unknown 'chat'"),
        ({"max_in_flight": 0}, "max_in_flight"),
        ({"client": {"on_meta": lambda _meta: None}}, "cannot be sent to another process"),
    ],
)
def test_options_are_checked_where_rows_are_created(options, message):
    with pytest.raises((ValueError, BatchInputError), match=message):
        Rows(**options)


def test_a_column_to_keep_that_is_missing_is_named(create):
    _, rows = create(keep=["id"])
    with pytest.raises(BatchInputError, match="unknown column 'id'; expected one of: text"):
        rows({"text": ["a"]})
