"""Rows a second at 64 in flight, and of Ray's own HTTP stage: `python -m qa.ray.speed KIND URL ROWS [INPUT OUTPUT]`.

It runs in the environment with Ray. A measure is from a running Ray to the last result, with the start of the actor.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any

import ray

IN_FLIGHT = 64


def run_own(url: str, source: str, output: str) -> int:
    """Run from file to file; return the rows."""
    from polargrid_batch.ray_run import RayRun

    run = RayRun(Path(source), Path(output), client={"base_url": url}, workers=1, max_in_flight=IN_FLIGHT)
    return run.execute_on_ray().succeeded


def run_stage(url: str, rows: int) -> int:
    """Run Ray's own stage, with batches of 64 rows; return the rows."""
    from ray.data.llm import HttpRequestProcessorConfig, build_processor

    def build_payload(row: dict[str, Any]) -> dict[str, Any]:
        message = {"role": "user", "content": f"row {row['id']}"}
        return {"payload": {"model": "m", "messages": [message]}}

    config = HttpRequestProcessorConfig(url=f"{url}/v1/chat/completions", batch_size=IN_FLIGHT, concurrency=1)
    processor = build_processor(config, preprocess=build_payload, postprocess=lambda row: {"r": row["http_response"]})
    return len(processor(ray.data.range(rows)).take_all())


def main() -> None:
    """Measure one, and print rows and seconds."""
    kind, url, rows, *files = sys.argv[1:]
    options = {"num_cpus": 2, "include_dashboard": False, "log_to_driver": False, "_node_ip_address": "127.0.0.1"}
    ray.init("local", object_store_memory=256 * 1024 * 1024, **options)
    started_at = time.perf_counter()
    done = run_own(url, *files) if kind == "own" else run_stage(url, int(rows))
    seconds = time.perf_counter() - started_at
    ray.shutdown()
    print(f"measured {done} {seconds}", flush=True)
    os._exit(0)  # threads of aiohttp sessions that the stage does not close


if __name__ == "__main__":
    main()
