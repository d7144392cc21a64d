# ruff: noqa: E501
"""A document with each kind of request, and a server that records what arrives."""

from __future__ import annotations

PATHS = """
  /v1/echo/{word}:
    parameters:
      - {name: word, in: path, required: true, description: The word., schema: {type: string}}
      - {name: shared, in: query, description: Shared., schema: {type: integer}}
    get:
      operationId: echo
      x-call: echoes.retrieve
      tags: [text]
      summary: Return a word.
      parameters:
        - {name: times, in: query, description: How often., schema: {type: integer, default: 1}}
        - {name: day, in: query, description: A day., schema: {type: string, format: date}}
        - {name: at, in: query, description: A time., schema: {type: string, format: date-time}}
        - {name: id, in: query, description: An id., schema: {type: string, format: uuid}}
        - {name: colour, in: query, description: A colour., schema: {$ref: '#/components/schemas/Colour'}}
        - {name: tone, in: query, description: A tone., schema: {type: string, enum: [low, high]}}
        - {name: level, in: query, description: A level., schema: {type: integer, enum: [1, 2]}}
        - {name: maybe, in: query, description: Maybe., schema: {type: [string, 'null']}}
        - {name: X-Trace, in: header, description: A trace., schema: {type: string}}
        - {name: X-Tags, in: header, description: Tags., schema: {type: array, items: {type: string}}}
        - {name: session, in: cookie, description: A session., schema: {type: string}}
        - {name: theme, in: cookie, description: A theme., schema: {type: string}}
        - {name: tags, in: query, description: Tags., schema: {type: array, items: {type: string}}}
        - {name: ids, in: query, explode: false, description: Ids., schema: {type: array, items: {type: integer}}}
        - {name: spaced, in: query, style: spaceDelimited, explode: false, description: s., schema: {type: array, items: {type: string}}}
        - {name: piped, in: query, style: pipeDelimited, explode: false, description: p., schema: {type: array, items: {type: string}}}
        - {name: filter, in: query, style: deepObject, explode: true, description: f., schema: {type: object, properties: {gte: {type: integer, description: g.}, name: {type: string, description: n.}}}}
        - {name: flat, in: query, description: f., schema: {type: object, properties: {fa: {type: integer, description: g.}, fb: {type: string, description: n.}}}}
        - {name: where, in: query, description: w., content: {application/json: {schema: {type: object, properties: {deep: {type: array, description: d., items: {type: string}}}}}}}
        - {name: fixed, in: query, required: true, description: Fixed., schema: {type: string, const: 'yes'}}
        - {name: X-Fixed, in: header, description: Fixed., schema: {type: integer, const: 3}}
      responses: &word
        '200':
          description: The word.
          content: {application/json: {schema: {$ref: '#/components/schemas/Word'}, example: {text: hello}}}
  /v1/styles/{simple}/{label}{matrix}/{many}:
    get:
      operationId: get_styles
      tags: [text]
      summary: Styles.
      parameters:
        - {name: simple, in: path, required: true, description: s., schema: {type: array, items: {type: string}}}
        - {name: label, in: path, style: label, explode: true, required: true, description: s., schema: {type: array, items: {type: string}}}
        - {name: matrix, in: path, style: matrix, explode: true, required: true, description: s., schema: {type: array, items: {type: integer}}}
        - {name: many, in: path, style: simple, explode: true, required: true, description: s., schema: {type: object, additionalProperties: {type: string}}}
      responses: *word
  /v1/jobs?id={id}:
    get:
      operationId: get_job
      tags: [text]
      summary: One job.
      parameters:
        - {name: id, in: path, required: true, description: i., schema: {type: string}}
        - {name: limit, in: query, description: i., schema: {type: integer}}
      responses: *word
  /v1/jobs?kind=all&x=1:
    get:
      operationId: list_jobs
      tags: [text]
      summary: All jobs.
      responses: *word
    head:
      operationId: head_jobs
      tags: [text]
      summary: Head.
      deprecated: true
      responses: {'200': {description: Fine.}}
    options:
      operationId: options_jobs
      tags: [text]
      summary: Options.
      responses: {'204': {description: Fine.}}
  /v1/form:
    post:
      operationId: post_form
      tags: [text]
      summary: Post a form.
      requestBody:
        required: true
        content:
          application/x-www-form-urlencoded:
            schema:
              type: object
              required: [name]
              properties:
                name: {type: string, description: n.}
                tags: {type: array, items: {type: string}, description: t.}
                options: {type: object, description: o., additionalProperties: {type: integer}}
      responses: *word
  /v1/upload:
    put:
      operationId: put_data
      x-call: data.put
      tags: [text]
      summary: Put data.
      requestBody: {required: true, content: {application/octet-stream: {}}}
      responses: *word
  /v1/image:
    put:
      operationId: put_image
      tags: [text]
      summary: Put an image.
      requestBody: {content: {image/*: {schema: {type: string, format: binary}}}}
      responses: *word
  /v1/text:
    post:
      operationId: post_text
      x-call: texts.create
      tags: [text]
      summary: Post a text.
      requestBody: {required: true, content: {text/plain: {schema: {type: string}}}}
      responses: *word
  /v1/files:
    post:
      operationId: create_files
      x-call: files.create
      tags: [text]
      summary: Create files.
      requestBody:
        required: true
        content:
          multipart/form-data:
            schema:
              type: object
              required: [main, purpose]
              properties:
                main: {type: string, format: binary, description: m.}
                others: {type: array, items: {type: string, format: binary}, description: o.}
                cover: {type: string, format: binary, description: c.}
                purpose: {type: string, description: p.}
                meta: {type: object, description: m., properties: {a: {type: integer, description: a.}}}
                note: {type: string, description: n.}
            encoding:
              cover: {contentType: image/png}
              note: {contentType: text/markdown}
      responses: *word
  /v1/fields:
    post:
      operationId: create_fields
      tags: [text]
      summary: Create fields.
      requestBody: {required: true, content: {multipart/form-data: {schema: {type: object, properties: {a: {type: string, description: a.}, b: {type: integer, description: b.}}}}}}
      responses: *word
  /v1/lists:
    post:
      operationId: create_lists
      x-call: lists.create
      tags: [text]
      summary: Create lists.
      requestBody: {required: true, content: {application/json: {schema: {type: array, items: {type: object, required: [q], properties: {q: {type: integer, description: q.}}}}}}}
      responses:
        '200': {description: d., content: {application/json: {schema: {type: array, items: {type: object, properties: {r: {type: integer, description: r.}}}}}}}
  /v1/inline:
    patch:
      operationId: patch_inline
      x-call: inline.patch
      tags: [text]
      summary: Patch.
      requestBody: {content: {application/merge-patch+json: {schema: {type: object, properties: {a: {type: [string, 'null'], description: a.}, when: {type: string, format: date, description: w.}, n: {type: object, description: n., properties: {z: {type: integer, description: z.}}}}}}}}
      responses:
        '200': {description: d., content: {application/json: {schema: {type: object, properties: {b: {type: string, description: b.}}}}}}
  /v1/detour:
    servers: [{url: 'https://router.example/'}]
    get:
      operationId: get_detour
      tags: [text]
      summary: Route.
      security: []
      responses: *word
  /v1/notes:
    post:
      operationId: create_note
      x-call: notes.create
      tags: [text]
      summary: Create a note.
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/NoteRequest'}}}}
      responses:
        '200': {description: d., content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}}}
  /v1/talk:
    post:
      operationId: create_talk
      x-call: talks.create
      tags: [text]
      summary: Create a talk.
      security: [{bearerAuth: []}]
      requestBody: {required: true, content: {application/json: {schema: {type: object, required: [a], properties: {a: {type: string, description: a.}, c: {type: string, description: c.}}}}}}
      responses: *word
  /v1/talk?stream=true:
    post:
      operationId: stream_talk
      x-call: talks.create(stream=True)
      tags: [text]
      summary: Stream a talk.
      requestBody: {required: true, content: {application/json: {schema: {type: object, required: [a], properties: {a: {type: string, description: a.}, b: {type: integer, description: b.}}}}}}
      responses:
        '200':
          description: s.
          content:
            text/event-stream:
              x-event-stream: {last: '[DONE]'}
              schema: {type: object, required: [data], properties: {data: {type: string, description: d., contentMediaType: application/json, contentSchema: {type: object, required: [t], properties: {t: {type: string, description: t.}}}}}}

components:
"""
SCHEMAS = """
    NoteRequest:
      type: object
      description: A note to create.
      required: [text]
      properties:
        text: {type: string, description: t.}
        author: {type: object, description: a., additionalProperties: false, required: [id], properties: {id: {type: string, description: i.}}}
        answers_to: {type: array, description: a., items: {type: object, description: n., required: [id], properties: {id: {type: string, description: i.}, text: {type: [string, 'null'], description: t.}}}}
    Note:
      type: object
      description: A note.
      required: [id, text, author]
      properties:
        id: {type: string, description: i.}
        text: {type: string, description: t.}
        views: {type: integer, description: v.}
        author: {type: object, description: a., required: [id], properties: {id: {type: string, description: i.}, email: {type: string, description: e.}}}
    Colour: {type: string, enum: [red, blue], description: A colour.}
    Word:
      type: object
      description: A word.
      required: [text]
      properties:
        text: {type: string, description: The word.}

    # Shared
"""
#: Starts the server; `check` sends a call with both clients over each transport.
PRELUDE = r'''
import asyncio, contextlib, datetime, io, json, threading, uuid, warnings
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from polargrid import PolarGrid, PolarGridSync, ValidationError
from polargrid import types

received = []

class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def _serve(self):
        if self.headers.get("transfer-encoding") == "chunked":
            body = b""
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size); self.rfile.readline()
            self.rfile.readline()
        else:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
        received.append((self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body))
        if "stream=true" in self.path:
            data, kind = b'data: {"t": "a"}\n\ndata: [DONE]\n\n', "text/event-stream"
        elif self.path.startswith("/v1/notes"):
            data, kind = b'{"id": "n1", "text": "hello", "views": 3, "author": {"id": "a", "email": "e", "new": 1}}', "application/json"
        elif self.path.startswith("/v1/lists"):
            data, kind = b'[{"r": 1}]', "application/json"
        elif self.path.startswith("/v1/inline"):
            data, kind = b'{"b": "c"}', "application/json"
        else:
            data, kind = b'{"text": "hello"}', "application/json"
        self.send_response(204 if self.command == "OPTIONS" else 200)
        if self.command != "OPTIONS":
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(data)))
        self.end_headers()
        if self.command not in ("HEAD", "OPTIONS"):
            self.wfile.write(data)
    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = _serve
    def log_message(self, *args): pass

server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
threading.Thread(target=server.serve_forever, daemon=True).start()
URL = f"http://127.0.0.1:{server.server_address[1]}"

def send(call):
    """Return the results and the requests of a call, with both clients over each transport."""
    results, requests = [], []
    for transport in ("httpx", "httpx2", "fast"):
        options = {"api_key": "pg_key", "base_url": URL, "transport": transport, "max_retries": 0}
        received.clear()
        with PolarGridSync(**options) as client:
            result = call(client)
            results.append(list(result) if hasattr(result, "__next__") else result)
        async def main():
            async with PolarGrid(**options) as client:
                result = call(client)
                result = await result if hasattr(result, "__await__") else result
                return [item async for item in result] if hasattr(result, "__aiter__") else result
        results.append(asyncio.run(main()))
        requests += received
    return results, requests

def check(call, target, method="GET", body=None, headers={}, result=None):
    results, requests = send(call)
    assert len(requests) == 6, requests
    for got_method, got_target, got_headers, got_body in requests:
        assert (got_method, got_target) == (method, target), (got_method, got_target)
        assert body is None or got_body == body, got_body
        for name, value in headers.items():
            assert got_headers.get(name) == value, (name, got_headers)
    if result is not None:
        assert results == [result] * 6, results
    return requests

def parts(request):
    """The parts of a form: (head, content)."""
    boundary = request[2]["content-type"].partition("boundary=")[2].encode()
    return [tuple(p.strip(b"\r\n").split(b"\r\n\r\n", 1)) for p in request[3].split(b"--" + boundary)[1:-1]]

class Pipe(io.RawIOBase):
    def __init__(self, data):
        self._data = io.BytesIO(data)

    def readable(self):
        return True

    def readinto(self, buffer):
        return self._data.readinto(buffer)


def fails(call, text):
    for kind in (PolarGridSync, PolarGrid):
        client = kind(api_key="k", base_url=URL)
        try:
            result = call(client)
            if hasattr(result, "__await__"):
                asyncio.run(_await(result))
        except ValidationError as error:
            assert text in str(error), str(error)
            assert error.sent is False, error
        else:
            raise AssertionError(f"accepted: {text}")

async def _await(result):
    return await result
'''
