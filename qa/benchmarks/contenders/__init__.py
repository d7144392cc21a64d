"""The contenders, a module each.

A module has NAME, REQUIRES (what its environment holds: pinned packages, or "." for this project), and IMPORT, the
statement that makes it ready. It defines those of these that its SDK can do, and the bench leaves out the rest:

    client(url) -> a context manager          async_client(url) -> an async one
    chat(client) -> text                      async_chat(client)
    stream(client, model) -> texts            async_stream(client, model)
    speech(client, text) -> bytes             async_speech(client, text)
    upload(client, path) -> text              async_upload(client, path)

`url` has no path. What is asked for stands in `qa.benchmarks.work`. A context manager gives the client itself.
"""
