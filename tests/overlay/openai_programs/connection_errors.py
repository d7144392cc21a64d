import socket

import openai

with socket.create_server(("127.0.0.1", 0)) as server:
    port = server.getsockname()[1]
    # It accepts connections and never responds.
    client = openai.OpenAI(base_url=f"http://127.0.0.1:{port}/v1", timeout=0.2, max_retries=0)
    try:
        client.models.list()
    except openai.APITimeoutError as e:
        print(isinstance(e, openai.APIConnectionError), e.request.method, e.body)
try:
    client.with_options(timeout=5).models.list()
except openai.APIConnectionError as e:
    print(isinstance(e, openai.APITimeoutError), e.__cause__ is not None, e.code)
