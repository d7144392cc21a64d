"""TLS: certificates that are not accepted, handshakes and connections that fail."""

import ssl
from pathlib import Path

import pytest

from polargrid import (
    NetworkError,
    StreamInterruptedError,
    TimeoutError,  # noqa: A004 - the documented name
)
from polargrid_fast import tls
from polargrid_testing.steps import AwaitData, Close, ReceiveRequest, Send, SendTogether, Stall, StartTLS
from polargrid_transport.environment import default_ssl_context
from tests.overlay.faults.registry import fault
from tests.overlay.faults.scripts import HEALTHY, close, response_head, send, wait_for_disconnect

CERTIFICATES = Path(__file__).parent / "certificates"  # of a private authority whose key was deleted
REJECTED = "cannot connect: .*certificate"


def speak_in_stream(client):
    """Return streamed audio."""
    return b"".join(client.text_to_speech_stream(SPEECH))


def speak_at_once(client):
    """Return audio that is not streamed."""
    return client.text_to_speech(SPEECH)


def cut():
    """End the connection without the alert `close_notify` of TLS."""
    return [Close(notify=False)]


SPEECH = {"model": "tts", "input": "Hi", "voice": "alloy"}
each_kind_of_speech = pytest.mark.parametrize("speak", [speak_at_once, speak_in_stream])


@pytest.fixture(autouse=True)
def _trust_test_authority(monkeypatch):
    """Trust the authority of these certificates."""
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATES / "ca.pem"))
    clear_contexts()
    yield
    clear_contexts()


def clear_contexts():
    """Load the certificates of the environment again."""
    default_ssl_context.cache_clear()
    tls.default_ssl_context.cache_clear()


def wrap_tls(certificate, script, *, requires_certificate=False):
    """Run the script over TLS with a certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATES / f"{certificate}.pem", CERTIFICATES / "key.pem")
    if requires_certificate:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(CERTIFICATES / "ca.pem")

    def run():
        yield StartTLS(context)
        yield from script()

    return run


@pytest.fixture
def connect_tls(connect_to):
    """`connect_tls(script)`: a client that expects TLS of the server."""

    def create(script, **options):
        return connect_to(close, base_url=connect_to(script).server.url.replace("http:", "https:"), **options)

    return create


@pytest.fixture
def connect_with(connect_tls):
    """`connect_with(certificate)`: a client whose server has this certificate."""

    def create(certificate, script=None, *, requires_certificate=False):
        script = wrap_tls(certificate, script or send(HEALTHY), requires_certificate=requires_certificate)
        return connect_tls(script)

    return create


@fault("tls", "The certificate is valid", result="the response", line='fake.fault("tls-certificate", kind="valid")')
def test_valid(connect_with):
    assert connect_with("good").health().status == "healthy"


@fault(
    "tls",
    "The certificate is self-signed",
    result="`NetworkError`; the key is not sent",
    line='fake.fault("tls-certificate", kind="self-signed")',
)
def test_self_signed(connect_with, expect_error):
    with expect_error(NetworkError, f"{REJECTED}.*self.signed", sent=False):
        connect_with("self-signed").health()


@fault(
    "tls",
    "The certificate has expired",
    result="`NetworkError`; the key is not sent",
    line='fake.fault("tls-certificate", kind="expired")',
)
def test_expired(connect_with, expect_error):
    with expect_error(NetworkError, f"{REJECTED} has expired", sent=False):
        connect_with("expired").health()


@fault(
    "tls",
    "The certificate is not valid yet",
    result="`NetworkError`; the key is not sent",
    line='fake.fault("tls-certificate", kind="not-yet-valid")',
)
def test_not_yet_valid(connect_with, expect_error):
    with expect_error(NetworkError, f"{REJECTED} is not yet valid", sent=False):
        connect_with("not-yet").health()


@fault(
    "tls",
    "The certificate is for another host",
    result="`NetworkError`; the key is not sent",
    line='fake.fault("tls-certificate", kind="other-host")',
)
def test_other_host(connect_with, expect_error):
    with expect_error(NetworkError, f"{REJECTED} is not valid for '127.0.0.1'", sent=False):
        connect_with("other-host").health()


@fault(
    "tls",
    "The authority of the certificate is not trusted",
    result="`NetworkError`; the key is not sent",
    line='fake.fault("tls-certificate", kind="unknown-authority")',
)
def test_unknown_authority(connect_with, expect_error, monkeypatch):
    monkeypatch.delenv("SSL_CERT_FILE")
    clear_contexts()
    with expect_error(NetworkError, f"{REJECTED}.*unable to get local issuer", sent=False):
        connect_with("good").health()


@fault(
    "tls",
    "The server requires a client certificate",
    result="`NetworkError`",
    line='fake.fault("tls-client-certificate")',
)
def test_client_certificate(connect_with, expect_error):
    with expect_error(NetworkError, "certificate required|connection error"):
        connect_with("good", requires_certificate=True).health()


@fault(
    "tls",
    "The server speaks plain HTTP where TLS is expected",
    result="`NetworkError`; the key is not sent",
    line='fake.fault("tls-missing")',
)
def test_plain_http(connect_tls, expect_error):
    def respond_plain():
        yield AwaitData()
        yield Send(HEALTHY)
        yield from wait_for_disconnect()

    with expect_error(NetworkError, "cannot connect", sent=False):
        connect_tls(respond_plain).health()


@fault(
    "tls",
    "The server speaks TLS where plain HTTP is expected",
    result="`NetworkError`",
    line='fake.fault("tls-unexpected")',
)
def test_unexpected_tls(connect_to, expect_error):
    client = connect_to(wrap_tls("good", send(HEALTHY)))
    with expect_error(NetworkError):
        client.health()
    assert client.server.requests == []


@fault(
    "tls",
    "The server closes the connection during the handshake",
    result="`NetworkError`; the key is not sent",
    line='fake.fault("connection-closed")',
)
def test_closed_handshake(connect_tls, expect_error):
    with expect_error(NetworkError, "^cannot connect: [^(]* (handshake|EOF|reset)", sent=False):
        connect_tls(lambda: [AwaitData()]).health()


@pytest.mark.parametrize("limit", [{"timeout": 0.1}, {"deadline": 0.1}], ids=["timeout", "deadline"])
@fault(
    "tls",
    "The handshake stalls",
    result="`TimeoutError` after the connect timeout, or the `deadline`",
    line='fake.fault("connection-stall")',
)
def test_stalled_handshake(connect_tls, expect_error, limit):
    with expect_error(TimeoutError, "connect timeout|deadline", sent=False):
        connect_tls(lambda: [Stall()], **limit).health()


@fault("tls", "A TLS connection is cut inside a response", result="`NetworkError`", line='fake.fault("tls-cut")')
def test_truncated_response(connect_with, expect_error):
    with expect_error(NetworkError, "connection error"):
        connect_with("good", send(response_head(length=1000) + b"{", then=cut)).health()


UNFRAMED = b"HTTP/1.1 200 OK\r\nContent-Type: audio/mpeg\r\n\r\n" + b"ID3" * 100


def announce_end():
    """End the connection with the alert."""
    return [Close()]


@each_kind_of_speech
@fault(
    "tls",
    "A TLS connection is cut, and its end is the only end of the response",
    result="`NetworkError`",
    line='fake.fault("tls-cut", framed=False)',
)
def test_cut_unframed_response(connect_with, expect_error, speak):
    with expect_error(StreamInterruptedError if speak is speak_in_stream else NetworkError):
        speak(connect_with("good", send(UNFRAMED, then=cut)))


@each_kind_of_speech
@fault(
    "tls",
    "TLS announces the end of a connection (close_notify), the only end of the response",
    result="the audio",
    line='fake.fault("no-length")',
)
def test_announced_end(connect_with, speak):
    assert speak(connect_with("good", send(UNFRAMED, then=announce_end))) == b"ID3" * 100


def test_ssl_context(connect_tls, monkeypatch):
    """An `ssl_context` of the caller trusts what the environment does not."""
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATES / "self-signed.pem"))
    clear_contexts()
    context = ssl.create_default_context(cafile=CERTIFICATES / "ca.pem")
    assert connect_tls(wrap_tls("good", send(HEALTHY)), ssl_context=context).health().status == "healthy"


def test_ssl_context_replaces_environment(connect_tls, expect_error):
    """An `ssl_context` that trusts no authority rejects what the environment trusts."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    with expect_error(NetworkError, REJECTED, sent=False):
        connect_tls(wrap_tls("good", send(HEALTHY)), ssl_context=context).health()


def send_records(*records):
    """Read a request, and send these records in one packet."""
    yield ReceiveRequest()
    yield SendTogether(records)
    yield from wait_for_disconnect()


@pytest.mark.parametrize("surplus", [HEALTHY.replace(b'"healthy"', b'"unhealthy"', 1), b"j"], ids=["response", "junk"])
@fault(
    "tls",
    "A second response, or junk, follows in a TLS record of its own, in the same packet",
    result="it is not read",
    line='fake.fault("trailing-data", own_record=True)',
)
def test_surplus_record(connect_to, surplus):
    server = connect_to(
        wrap_tls("good", lambda: send_records(HEALTHY, surplus)), wrap_tls("good", send(HEALTHY))
    ).server
    client = connect_to(close, base_url=server.url.replace("http:", "https:"))
    assert [client.health().status for _ in range(2)] == ["healthy"] * 2
    assert server.connections == 2
