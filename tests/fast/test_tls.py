"""TLS."""

import ssl

import pytest

from polargrid_fast import ConnectError, ConnectTimeout, FastError, ReadError, RemoteProtocolError, Timeouts
from tests.fast.conftest import CERTIFICATES
from tests.fast.raw_server import echoes, respond, serves

UNFRAMED = b"HTTP/1.1 200 OK\r\n\r\nbody"


@pytest.fixture
def tls_pool(client, client_context):
    """A pool that trusts the server's certificate."""
    return client.pool(ssl_context=client_context)


def test_requests_share_a_connection(tls_pool, serve, server_context):
    server = serve(echoes, ssl_context=server_context)
    assert [tls_pool.fetch(server.url) for _ in range(5)] == [b""] * 5
    assert server.connection_count == 1


def test_large_bodies(tls_pool, serve, server_context):
    server = serve(echoes, ssl_context=server_context)
    body = bytes(range(256)) * 8192
    assert tls_pool.post(server.url, body).read_all() == body


def test_an_untrusted_certificate(pool, serve, server_context):
    server = serve(serves(respond()), ssl_context=server_context)
    with pytest.raises(ConnectError, match=r"(?i)certificate.verify.failed") as caught:
        pool.get(server.url)
    assert (caught.value.request_sent, server.requests) == (False, [])


def test_a_certificate_of_another_host(tls_pool, serve, server_context, name_addresses):
    server = serve(serves(respond()), ssl_context=server_context)
    name_addresses("other.test", ("127.0.0.1", server.port))
    with pytest.raises(ConnectError, match=r"other\.test"):
        tls_pool.get("https://other.test/")


def test_plain_http_where_tls_is_expected(tls_pool, serve):
    def run(connection):
        connection.socket.recv(1)
        connection.send(respond())
        connection.wait_for_close()

    with pytest.raises(ConnectError):
        tls_pool.get(serve(run).url.replace("http:", "https:"))


def test_a_handshake_that_stalls(tls_pool, serve):
    def run(connection):
        while connection.socket.recv(4096):
            pass

    with pytest.raises(ConnectTimeout):
        tls_pool.get(serve(run).url.replace("http:", "https:"), timeouts=Timeouts(connect=0.1))


def test_a_handshake_that_the_server_ends(tls_pool, serve):
    with pytest.raises(ConnectError):
        tls_pool.get(serve(lambda connection: connection.socket.recv(1)).url.replace("http:", "https:"))


def test_a_body_without_framing_ends_with_close_notify(tls_pool, serve, server_context):
    def run(connection):
        connection.read_request()
        connection.send(UNFRAMED)
        connection.socket.unwrap()

    assert tls_pool.get(serve(run, ssl_context=server_context).url).read_all() == b"body"


def test_a_body_without_framing_that_is_cut(tls_pool, serve, server_context):
    """Without close_notify, anybody on the path may have cut it."""

    def run(connection):
        connection.read_request()
        connection.send(UNFRAMED)

    with pytest.raises(ReadError, match="close_notify"):
        tls_pool.get(serve(run, ssl_context=server_context).url).read_all()


@pytest.mark.parametrize("has_close_notify", [True, False])
def test_a_body_with_a_length_that_is_cut(tls_pool, serve, server_context, has_close_notify):
    def run(connection):
        connection.read_request()
        connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nbody")
        if has_close_notify:
            connection.socket.unwrap()

    with pytest.raises(RemoteProtocolError, match="server disconnected"):
        tls_pool.get(serve(run, ssl_context=server_context).url).read_all()


def test_a_connection_that_the_server_closed_is_not_used(tls_pool, serve, server_context):
    def run(connection):
        connection.read_request()
        connection.send(respond(b"first"))

    server = serve(run, serves(respond(b"second")), ssl_context=server_context)
    assert tls_pool.fetch(server.url) == b"first"
    server._threads[1].join()
    assert tls_pool.fetch(server.url) == b"second"


def test_surplus_bytes_close_the_connection(tls_pool, serve, server_context):
    server = serve(serves(respond() + b"junk"), serves(respond(b"second")), ssl_context=server_context)
    assert tls_pool.fetch(server.url) == b"ok"
    assert tls_pool.fetch(server.url) == b"second"


def test_a_client_certificate_that_is_missing(tls_pool, serve):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATES / "good.pem", CERTIFICATES / "key.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(CERTIFICATES / "ca.pem")
    with pytest.raises(FastError):
        tls_pool.get(serve(serves(respond()), ssl_context=context).url)
