"""Region failover: the preferred edge is down, the next one serves, and after a few faults the first is left alone.

    python examples/failover.py

With a key, `regions=["yvr", "ymq"]` does the same between Vancouver and Montreal.
"""

from __future__ import annotations

import socket

from polargrid import PolarGridSync

LOCAL = "http://127.0.0.1:55111"


def main() -> None:
    with socket.socket() as nobody:  # a port that is taken, and on which nobody listens
        nobody.bind(("127.0.0.1", 0))
        down = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        with PolarGridSync(regions=[down, LOCAL]) as client:
            for _ in range(5):
                meta = client.health().meta
                whose = "the second edge" if meta.base_url == LOCAL else "the first edge"
                print(f"{whose} served after {meta.attempts} attempt(s), {meta.elapsed * 1000:.0f} ms")

            question = [{"role": "user", "content": "What is the capital of Canada?"}]
            answer = client.chat.completions.create(model="llama-3.1-8b", messages=question, max_tokens=30)
            print(answer.choices[0].message.content)


if __name__ == "__main__":
    main()
