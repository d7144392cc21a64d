"""A FastAPI app that streams a model's answer through to its own clients, and leaves the edge when they leave.

pip install fastapi uvicorn
uvicorn --app-dir examples fastapi_stream:app
curl -N "http://127.0.0.1:8000/ask?question=Tell+me+a+story"
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, StreamingResponse

from polargrid import PolarGrid, PolarGridError


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    async with PolarGrid(region="local") as client:  # one for all requests: it keeps the connections
        app.state.client = client
        yield


app = FastAPI(lifespan=lifespan)


@app.get("/ask")
async def ask(request: Request, question: str) -> StreamingResponse:
    client: PolarGrid = request.app.state.client
    stream = client.chat.completions.stream(
        model="llama-3.1-8b", messages=[{"role": "user", "content": question}], max_tokens=200
    )
    async with AsyncExitStack() as stack:
        pieces = (await stack.enter_async_context(stream)).text_stream
        first = await anext(pieces, "")  # the call is made here: if it fails, the status can still say so
        return StreamingResponse(passed_on(stack.pop_all(), first, pieces), media_type="text/plain; charset=utf-8")


async def passed_on(stack: AsyncExitStack, first: str, pieces: AsyncIterator[str]) -> AsyncIterator[str]:
    async with stack:  # closes the stream, and the edge stops writing, when whoever asked has gone
        yield first
        async for piece in pieces:
            yield piece


@app.exception_handler(PolarGridError)
async def refused(_: Request, error: PolarGridError) -> JSONResponse:
    return JSONResponse({"error": error.message, "request_id": error.request_id}, status_code=error.status_code or 502)
