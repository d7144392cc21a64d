"""A cluster of two machines on this one, as Ray's own tests have it: it prints its address, and kills one by `kill`."""

from __future__ import annotations

import sys

from ray.cluster_utils import Cluster

_MACHINE = {
    "num_cpus": 1,
    "object_store_memory": 100 * 1024 * 1024,
    "include_dashboard": False,
    "node_ip_address": "127.0.0.1",
}


def main() -> None:
    """Serve until stdin ends."""
    cluster = Cluster(initialize_head=True, head_node_args=_MACHINE)
    second = cluster.add_node(
        num_cpus=1, node_ip_address="127.0.0.1", object_store_memory=_MACHINE["object_store_memory"]
    )
    cluster.wait_for_nodes()
    print(cluster.address, flush=True)
    try:
        for line in sys.stdin:
            if line.strip() == "kill":
                cluster.remove_node(second, allow_graceful=False)
                print("killed", flush=True)
    finally:
        cluster.shutdown()


if __name__ == "__main__":
    main()
