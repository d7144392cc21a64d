"""A FastAPI app that forwards a streamed response, and closes the stream when its client disconnects.

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
    async with PolarGrid(region="local") as client:  # one client for all requests shares connections
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
        deltas = (await stack.enter_async_context(stream)).text_stream
        first = await anext(deltas, "")  # sends the request: an error can still set the status
        return StreamingResponse(forward(stack.pop_all(), first, deltas), media_type="text/plain; charset=utf-8")


async def forward(stack: AsyncExitStack, first: str, deltas: AsyncIterator[str]) -> AsyncIterator[str]:
    async with stack:  # closes the stream when the client disconnects, and the server stops generating
        yield first
        async for delta in deltas:
            yield delta


@app.exception_handler(PolarGridError)
async def handle_error(_: Request, error: PolarGridError) -> JSONResponse:
    return JSONResponse({"error": error.message, "request_id": error.request_id}, status_code=error.status_code or 502)
