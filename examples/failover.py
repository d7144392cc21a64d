"""Region failover: the first endpoint is down, the second one responds, and after three failures the first is skipped.

    python examples/failover.py

With a key, `regions=["yvr", "ymq"]` fails over from Vancouver to Montreal.
"""

from __future__ import annotations

import socket

from polargrid import PolarGridSync

LOCAL = "http://127.0.0.1:55111"


def main() -> None:
    with socket.socket() as reserved:  # a port on which nothing listens
        reserved.bind(("127.0.0.1", 0))
        down = f"http://127.0.0.1:{reserved.getsockname()[1]}"
        with PolarGridSync(regions=[down, LOCAL]) as client:
            for _ in range(5):
                meta = client.health().meta
                endpoint = "the second endpoint" if meta.base_url == LOCAL else "the first endpoint"
                print(f"{endpoint} responded after {meta.attempts} attempt(s), {meta.elapsed * 1000:.0f} ms")

            question = [{"role": "user", "content": "What is the capital of Canada?"}]
            response = client.chat.completions.create(model="llama-3.1-8b", messages=question, max_tokens=30)
            print(response.choices[0].message.content)


if __name__ == "__main__":
    main()
