"""TLS that is not what it should be."""

import ssl
from pathlib import Path

import pytest

from polargrid import NetworkError, TimeoutError  # noqa: A004 - the documented name
from polargrid.transport import origins
from tests.overlay.faults.edges import FINE, closes, head, heard, says, stays
from tests.overlay.faults.registry import fault

CERTIFICATES = Path(__file__).parent / "certificates"  # of an authority of their own; its key is gone
REFUSED = "cannot be reached: .*certificate"


@pytest.fixture(autouse=True)
def _trust(monkeypatch):
    """The SDK trusts the authority of these certificates."""
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATES / "ca.pem"))
    origins.tls.cache_clear()
    yield
    origins.tls.cache_clear()


def over_tls(certificate, script, *, asks=False):
    """The script, over TLS, behind a certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATES / f"{certificate}.pem", CERTIFICATES / "key.pem")
    if asks:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(CERTIFICATES / "ca.pem")

    def run(connection):
        with context.wrap_socket(connection._socket, server_side=True) as secured:
            inner = type(connection)(secured, connection._requests)
            try:
                script(inner)
            finally:
                inner.close()

    return run


@pytest.fixture
def secured(against):
    """A client of an edge with this certificate."""

    def make(certificate, script=None, *, asks=False, **options):
        return over_https(against, over_tls(certificate, script or says(FINE), asks=asks), **options)

    return make


def over_https(against, script, **options):
    """A client that expects TLS of an edge that runs the script."""
    return against(closes, base_url=against(script).edge.url.replace("http:", "https:"), **options)


@fault("tls", "The certificate is good", then="the answer")
def test_good(secured):
    assert secured("good").health().status == "healthy"


@fault("tls", "The certificate is signed by itself", then="`NetworkError`; the key is not sent")
def test_self_signed(secured, fails):
    with fails(NetworkError, f"{REFUSED}.*self.signed", sent=False):
        secured("self-signed").health()


@fault("tls", "The certificate has expired", then="`NetworkError`; the key is not sent")
def test_expired(secured, fails):
    with fails(NetworkError, f"{REFUSED} has expired", sent=False):
        secured("expired").health()


@fault("tls", "The certificate is not valid yet", then="`NetworkError`; the key is not sent")
def test_not_yet_valid(secured, fails):
    with fails(NetworkError, f"{REFUSED} is not yet valid", sent=False):
        secured("not-yet").health()


@fault("tls", "The certificate is another host's", then="`NetworkError`; the key is not sent")
def test_other_host(secured, fails):
    with fails(NetworkError, f"{REFUSED} is not valid for '127.0.0.1'", sent=False):
        secured("other-host").health()


@fault("tls", "The certificate is of an authority that is not trusted", then="`NetworkError`; the key is not sent")
def test_unknown_authority(secured, fails, monkeypatch):
    monkeypatch.delenv("SSL_CERT_FILE")
    with fails(NetworkError, f"{REFUSED}.*unable to get local issuer", sent=False):
        secured("good").health()


@fault("tls", "The edge asks for a certificate of yours", then="`NetworkError`")
def test_client_certificate(secured, fails):
    with fails(NetworkError, "certificate required|The connection broke"):
        secured("good", asks=True).health()


@fault("tls", "The edge speaks plain HTTP where TLS is expected", then="`NetworkError`; the key is not sent")
def test_plain_http(against, fails):
    def plain(connection):
        connection._socket.recv(1)
        connection.send(FINE)
        stays(connection)

    with fails(NetworkError, "cannot be reached", sent=False):
        over_https(against, plain).health()


@fault("tls", "The edge speaks TLS where plain HTTP is expected", then="`NetworkError`")
def test_unexpected_tls(against, fails):
    client = against(over_tls("good", says(FINE)))
    with fails(NetworkError):
        client.health()
    assert heard(client.edge) == []


@fault("tls", "The edge closes in the middle of the handshake", then="`NetworkError`; the key is not sent")
def test_closed_handshake(against, fails):
    with fails(NetworkError, "cannot be reached", sent=False):
        over_https(against, lambda connection: connection._socket.recv(1)).health()


@pytest.mark.parametrize("bound", [{"timeout": 0.1}, {"deadline": 0.1}])
@fault("tls", "The handshake stalls", then="`TimeoutError` after the time to connect, or the `deadline`")
def test_stalled_handshake(against, fails, within, bound):
    def silent(connection):
        while connection._socket.recv(4096):
            pass

    with within(3), fails(TimeoutError, "took too long", sent=False):
        over_https(against, silent, **bound).health()


@fault("tls", "A secured connection is cut in the middle of an answer", then="`NetworkError`")
def test_cut(secured, fails):
    with fails(NetworkError, "The connection broke"):
        secured("good", says(head(length=1000) + b"{", then=closes)).health()


def test_certificates_of_the_caller(against, monkeypatch):
    """A context of the caller's trusts what the environment does not."""
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATES / "self-signed.pem"))
    origins.tls.cache_clear()
    context = ssl.create_default_context(cafile=CERTIFICATES / "ca.pem")
    assert over_https(against, over_tls("good", says(FINE)), ssl_context=context).health().status == "healthy"


def test_only_the_callers_certificates_count(against, fails):
    """What a context of the caller's does not trust is not trusted, whatever the environment says."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    with fails(NetworkError, REFUSED, sent=False):
        over_https(against, over_tls("good", says(FINE)), ssl_context=context).health()
