"""The contenders, a module each.

A module has NAME, REQUIRES (the packages of its environment: pinned ones, or "." for this project), and usually IMPORT,
the statement that imports the SDK, and CLIENT, an expression that creates a client. A module defines those of the
following functions that its SDK supports; the tasks that need others are left out:

    client(url) -> a context manager          async_client(url) -> an async context manager
    chat(client) -> text                      async_chat(client)
    stream(client, model) -> texts            async_stream(client, model)
    speech(client, text) -> bytes             async_speech(client, text)
    upload(client, path) -> text              async_upload(client, path)
    receive(client, model) -> bytes objects   async_receive(client, model): the body of a stream, not decoded
    parse_chunk(data) -> a typed chunk

`url` has no path. `qa.benchmarks.workload` has the requests. The value of a context manager is the client.
"""
