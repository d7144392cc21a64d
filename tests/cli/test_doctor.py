"""doctor: each thing that may be wrong on the way to an edge is found, and something can be done about it."""

import json
import re
import time
from email.utils import formatdate
from pathlib import Path

import pytest

from polargrid.errors import ServerError
from polargrid.regions import Edge
from polargrid.transport.origins import Origin
from polargrid_cli.doctor.judged import judged
from polargrid_cli.doctor.surroundings import SETTINGS
from polargrid_cli.doctor.way import Way
from tests.cli.edges import CERTIFICATES, over_tls, refuses, serving, well
from tests.overlay.faults.edges import HEALTH, answer, calm, closes

KEY = "pg_test_0123456789abcdef"


def found(told, *, wrong=True):
    """The findings of a run by name."""
    findings = json.loads(told.stdout)["findings"]
    return {each["name"]: each for each in findings if each["ok"] is not wrong}


def test_all_is_well(invoke, edge):
    """A line for each step, all of them ok."""
    told = invoke("doctor", url=edge.url)
    assert told.exit_code == 0
    lines = told.stdout.splitlines()
    assert all(line.startswith("ok") for line in lines)
    for step in ("Python", "polargrid", "edge", "proxies", "name", "connection", "clock", "health", "latency"):
        assert any(f": {step}: " in line for line in lines)
    assert lines[-1].endswith(": API key: accepted")


def test_where_settings_come_from(invoke, edge):
    """Option or variable is named, and the key itself is not."""
    told = invoke("doctor", "--json", "--base-url", edge.url, url="http://127.0.0.1:9", POLARGRID_API_KEY="pg_local")
    ok = found(told, wrong=False)
    assert ok["edge"]["value"] == f"{edge.url}, from --base-url"
    assert [each["value"] for each in json.loads(told.stdout)["findings"] if each["name"] == "API key"] == [
        "from POLARGRID_API_KEY",
        "accepted",
    ]


def test_the_key_is_never_told(invoke, serve):
    """Not by an edge that repeats it either."""
    refused = {"error": {"message": f"{KEY} is no key"}}
    edge = serve(serving(lambda _path: answer(refused, status="401 Unauthorized")))
    told = invoke("doctor", "--api-key", KEY, url=edge.url)
    assert told.exit_code == 3
    assert KEY not in told.output


@pytest.mark.parametrize(
    ("status", "expected"),
    [("401 Unauthorized", 3), ("402 Payment Required", 3), ("403 Forbidden", 3), ("500 Internal Server Error", 1)],
)
def test_what_the_edge_says(invoke, serve, status, expected):
    """A key that is refused has an exit status of its own."""
    edge = serve(refuses(status, "code"))
    told = invoke("doctor", "--json", url=edge.url)
    assert told.exit_code == json.loads(told.stdout)["exit_status"] == expected
    (wrong,) = found(told).values()
    assert "req_cli" in wrong["value"]
    assert wrong["remedy"]


def test_no_key(invoke):
    """What to set is said; the way is looked at all the same."""
    told = invoke("doctor", "--json", "--timeout", "2", "--base-url", "http://edge.invalid:9")
    wrong = found(told)
    assert told.exit_code == 3
    assert "set POLARGRID_API_KEY" in wrong["API key"]["remedy"]
    assert "name" in wrong


@pytest.mark.parametrize(
    ("environ", "name", "expected"),
    [
        ({"POLARGRID_REGION": "nowhere"}, "region", 1),
        ({"POLARGRID_BASE_URL": "nowhere"}, "base_url", 1),
        ({"POLARGRID_REGION": "nowhere", "POLARGRID_API_KEY": "pg two"}, "region", 1),
        ({"POLARGRID_BASE_URL": "http://127.0.0.1:9", "POLARGRID_API_KEY": "pg_\n"}, "api_key", 3),
    ],
)
def test_settings_that_cannot_be(invoke, environ, name, expected):
    """The setting is named; a key that cannot be sent is the key's fault."""
    told = invoke("doctor", "--json", **environ)
    assert told.exit_code == expected
    assert name in found(told)


def test_a_variable_that_nothing_reads(invoke, edge):
    """A misspelt one is found, with what was meant; those that options are read from are not."""
    environ = {"POLARGRID_APIKEY": KEY, "POLARGRID_CHAT_MODEL": "x", "POLARGRID_MODELS_LOAD_FORCE": "1"}
    told = invoke("doctor", "--json", url=edge.url, **environ)
    assert told.exit_code == 1
    assert found(told)["POLARGRID_APIKEY"]["remedy"] == "did you mean POLARGRID_API_KEY?"
    assert len(found(told)) == 1
    assert KEY not in told.stdout


def test_a_password_in_a_url_is_not_told(invoke):
    """Such a URL is refused; what is shown of it is without."""
    told = invoke("doctor", url="https://me:secret@edge.invalid")
    assert told.exit_code == 1
    assert "secret" not in told.output


def test_every_variable_that_is_read_is_known():
    """Those of the SDK and of the edge: none is taken for a misspelt one."""
    root = Path(__file__).parent.parent.parent
    sources = [path for folder in ("overlay/polargrid", "edge") for path in root.joinpath(folder).rglob("*.py")]
    read = {name for path in sources for name in re.findall(r"[\"'](POLARGRID_[A-Z_]+)[\"']", path.read_text("utf-8"))}
    assert len(read) > 3
    assert read - {"POLARGRID_REGIONS"} <= set(SETTINGS)


def test_nobody_listens(invoke):
    """The name is well, the connection is not, and nothing after it is looked at."""
    told = invoke("doctor", "--json", url="http://127.0.0.1:9")
    assert told.exit_code == 1
    assert found(told)["connection"]["value"] == "Connect call failed ('127.0.0.1', 9)"
    assert "health" not in found(told, wrong=False)


def test_a_certificate_that_is_good(command, serve):
    """Its names and dates are told."""
    edge = serve(over_tls("good", serving(well)))
    told = command("doctor", "--json", url=_https(edge), SSL_CERT_FILE=str(CERTIFICATES / "ca.pem"))
    ok = found(told, wrong=False)
    assert told.returncode == 0
    assert ok["certificate"]["value"].startswith("for 127.0.0.1, valid 2020-01-01 to 2120-01-01, TLSv1.")


@pytest.mark.parametrize(
    ("certificate", "remedy"),
    [
        ("expired", "it has expired"),
        ("not-yet", "it is not valid yet"),
        ("other-host", "it is another host's"),
        ("self-signed", "it is signed by itself"),
    ],
)
def test_a_certificate_that_is_not(command, serve, certificate, remedy):
    """Each fault has its remedy, and the key is not sent."""
    edge = serve(over_tls(certificate, serving(well)))
    told = command("doctor", "--json", url=_https(edge), SSL_CERT_FILE=str(CERTIFICATES / "ca.pem"))
    assert told.returncode == 1
    assert remedy in found(told)["certificate"]["remedy"]
    assert [request for request in edge.requests if request.line] == []


def test_no_tls(invoke, serve):
    """An edge that hangs up on a handshake."""
    told = invoke("doctor", "--json", url=_https(serve(calm(closes))))
    assert told.exit_code == 1
    assert "certificate" in found(told)


def test_a_certificate_store_that_is_not_there(invoke, edge):
    """A path of the environment is looked at."""
    told = invoke("doctor", "--json", url=edge.url, SSL_CERT_DIR="/none/such")
    assert "SSL_CERT_DIR" in found(told)


@pytest.mark.parametrize(("ahead", "direction"), [(-3600, "ahead"), (3600, "behind")])
def test_clocks_that_differ(invoke, serve, ahead, direction):
    """By the Date of an answer."""
    date = formatdate(time.time() + ahead, usegmt=True)
    edge = serve(serving(lambda path: well(path).replace(b"\r\n", f"\r\ndate: {date}\r\n".encode(), 1)))
    told = invoke("doctor", "--json", url=edge.url)
    assert told.exit_code == 1
    assert found(told)["clock"]["value"].endswith(f"s {direction}")


def test_an_edge_that_is_not_well(invoke, serve):
    """It is what is wrong, not the way."""
    edge = serve(serving(lambda path: answer({**HEALTH, "status": "degraded"}) if path == "/health" else well(path)))
    told = invoke("doctor", "--json", url=edge.url)
    assert (told.exit_code, list(found(told))) == (1, ["health"])


def test_a_proxy(invoke, serve):
    """It is told without its password, and asked instead of the edge."""
    proxy = serve(serving(lambda url: well(url.removeprefix("http://edge.invalid"))))
    through = proxy.url.replace("//", "//me:secret@")
    told = invoke("doctor", "--json", url="http://edge.invalid", HTTP_PROXY=through, POLARGRID_API_KEY=KEY)
    ok = found(told, wrong=False)
    assert told.exit_code == 0
    assert ok["HTTP_PROXY"]["value"] == proxy.url.replace("//", "//…@")
    assert "through a proxy" in ok["way"]["value"]


def test_every_region_where_none_is_named(invoke, serve, monkeypatch):
    """All are looked at, and the nearest that is well is told."""
    from polargrid.regions import POLARGRID_REGIONS

    for name, region in POLARGRID_REGIONS.items():
        url = serve(serving(well)).url if name == "ymq-01" else "http://127.0.0.1:9"
        monkeypatch.setitem(POLARGRID_REGIONS, name, {**region, "url": url})
    told = invoke("doctor", "--json", POLARGRID_API_KEY=KEY)
    wrong = {each["subject"] for each in json.loads(told.stdout)["findings"] if not each["ok"]}
    assert wrong == {"yvr-01", "was-01"}
    assert found(told, wrong=False)["nearest"]["value"] == "ymq-01"


def test_a_date_that_is_none():
    """It is told as it is."""
    way = Way(Edge("http://e"), Origin("http", "e", 80), date="noon", fault=ServerError("Down."))
    wrong = {finding.name: finding.value for finding in judged(way) if not finding.is_ok}
    assert wrong == {"clock": "the edge says that it is 'noon'", "answer": "Down."}


def _https(edge):
    return edge.url.replace("http:", "https:")
