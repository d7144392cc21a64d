"""TLS, proxies in front of the edge, and the names that they send."""

from __future__ import annotations

import json
import ssl
from pathlib import Path
from typing import Any

import httpx
import pytest
import trustme

from polargrid_edge.server import Edge
from polargrid_edge.settings import EdgeSettings
from tests.edge.scripted import CHAT_MODEL, HEADERS, TIMEOUT, run_scripted_edge, wait_until

BODY = {"model": CHAT_MODEL, "messages": [{"role": "user", "content": "Count."}], "max_tokens": 200, "stream": True}


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, Path, Path]:
    """A client's context, the certificate, and its key."""
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1", "localhost")
    folder = tmp_path_factory.mktemp("tls")
    chain, key = folder / "chain.pem", folder / "key.pem"
    chain.write_bytes(b"".join(item.bytes() for item in issued.cert_chain_pems))
    issued.private_key_pem.write_to_path(key)
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context, chain, key


def test_the_edge_serves_https(certificate: tuple[ssl.SSLContext, Path, Path]) -> None:
    """Its URLs have the scheme, and streams work as without TLS."""
    context, chain, key = certificate
    with run_scripted_edge(tls_cert=chain, tls_key=key) as edge:
        assert edge.url.startswith("https://127.0.0.1:")
        with httpx.Client(base_url=edge.url, headers=HEADERS, verify=context, timeout=TIMEOUT) as client:
            assert client.post("/v1/chat/completions", json=BODY).text.endswith("data: [DONE]\n\n")
            message = client.get("/api/tags").json()["error"]["message"]
        assert f"{edge.url}/v1" in message


@pytest.mark.parametrize("fault", ["missing", "content", "pair"])
def test_a_certificate_that_cannot_be_used_is_an_error(
    certificate: tuple[ssl.SSLContext, Path, Path], tmp_path: Path, fault: str
) -> None:
    """With its path, before the edge runs; its port is free again."""
    _, chain, key = certificate
    other = tmp_path / "other.pem"
    if fault == "content":
        other.write_text("no certificate")
    elif fault == "pair":
        trustme.CA().issue_cert("localhost").private_key_pem.write_to_path(other)
    files = {"tls_cert": chain, "tls_key": other} if fault == "pair" else {"tls_cert": other, "tls_key": key}
    with pytest.raises(ValueError, match=r"other\.pem"):
        Edge(EdgeSettings(port=0, chat_model=CHAT_MODEL, **files))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"tls_key": Path("key.pem")}, "tls_key: a key without tls_cert"),
        ({"forwarded_allow_ips": frozenset({"proxy"})}, "forwarded_allow_ips: 'proxy' is no address"),
        ({"forwarded_allow_ips": frozenset({"10.0.0.1/8"})}, "forwarded_allow_ips: '10.0.0.1/8' is no address"),
        ({"allow_hosts": frozenset({"edge.example.com:443"})}, "without a port"),
        ({"grace": -1}, "grace"),
    ],
)
def test_wrong_settings_are_rejected(changes: dict[str, Any], message: str) -> None:
    """With the value and what is expected."""
    with pytest.raises(ValueError, match=message):
        EdgeSettings(**changes)


FORWARDED = {"X-Forwarded-For": "203.0.113.9, 127.0.0.1", "X-Forwarded-Proto": "https", "Host": "edge.example.com"}


def read_clients(path: Path) -> list[str]:
    return [json.loads(line)["client"] for line in path.read_text("utf-8").split("\n")[:-1]]


@pytest.mark.parametrize(
    ("proxies", "client", "scheme"),
    [({"127.0.0.0/8"}, "203.0.113.9", "https"), ({"*"}, "203.0.113.9", "https"), ({"10.0.0.1"}, "127.0.0.1", "http")],
)
def test_only_named_proxies_are_believed(tmp_path: Path, proxies: set[str], client: str, scheme: str) -> None:
    """The log has the client, and messages the base URL as the client knows it."""
    path = tmp_path / "access.log"
    settings: dict[str, Any] = {
        "forwarded_allow_ips": frozenset(proxies),
        "allow_hosts": frozenset({"edge.example.com"}),
    }
    with run_scripted_edge(access_log="json", access_log_file=path, **settings) as edge:
        response = httpx.get(f"{edge.url}/api/tags", headers={**HEADERS, **FORWARDED})
        wait_until(lambda: len(read_clients(path)) == 1)
    assert read_clients(path) == [client]
    assert f"{scheme}://edge.example.com/v1" in response.json()["error"]["message"]


def test_the_host_of_a_proxy_is_allowed_by_name() -> None:
    """Others are still rejected on loopback, and so are pages of other sites."""
    with run_scripted_edge(allow_hosts=frozenset({"edge.example.com"})) as edge:

        def status(**headers: str) -> int:
            return httpx.get(f"{edge.url}/health", headers=HEADERS | headers).status_code

        assert status(Host="edge.example.com") == status(Host="EDGE.example.com:8443") == 200
        assert status(Host="evil.example") == 403
        assert status(Host="edge.example.com", Origin="https://evil.example") == 403
        assert status(Host="edge.example.com", Origin="https://edge.example.com") == 200
