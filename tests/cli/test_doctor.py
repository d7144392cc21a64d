"""`doctor`: each problem between this machine and an endpoint is a finding with a remedy."""

import json
import re
import time
from email.utils import formatdate
from pathlib import Path

import pytest

from polargrid.errors import ServerError
from polargrid_cli.commands.doctor import environment
from polargrid_cli.commands.doctor.diagnosis import diagnose
from polargrid_cli.commands.doctor.endpoints import Endpoint
from polargrid_cli.commands.doctor.environment import VARIABLES
from polargrid_cli.commands.doctor.probe import ProbeResult
from tests.cli.servers import (
    CERTIFICATES,
    HEALTH,
    close,
    healthy,
    over_tls,
    reject,
    respond,
    response,
    route,
)

KEY = "pg_test_0123456789abcdef"


def with_date(seconds):
    """Return a script of a healthy server whose clock differs from this machine's by some seconds."""

    def handle(path):
        date = formatdate(time.time() + seconds, usegmt=True)
        return healthy(path).replace(b"\r\n", f"\r\ndate: {date}\r\n".encode(), 1)

    return route(handle)


@pytest.fixture
def server(start_server):
    """A healthy server whose clock agrees with this machine's."""
    return start_server(with_date(0))


def problems(output):
    """Return the problems in JSON output by name."""
    return {finding["name"]: finding for finding in json.loads(output)["findings"] if not finding["ok"]}


def facts(output):
    """Return the values of the other findings in JSON output by name."""
    return {finding["name"]: finding["value"] for finding in json.loads(output)["findings"] if finding["ok"]}


def https(server):
    """Return the server's URL with the scheme https."""
    return server.url.replace("http:", "https:")


def test_a_healthy_endpoint_has_no_problems(invoke, server):
    """Each step is a line that starts with ok."""
    result = invoke("doctor", url=server.url)
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert all(line.startswith("ok ") for line in lines)
    for step in ("Python", "polargrid", "endpoint", "proxies", "name", "connection", "clock", "health", "latency"):
        assert any(f": {step}: " in line for line in lines)
    assert lines[-1].endswith(": API key: accepted")


def test_the_sources_of_settings_are_reported(invoke, server, closed_url):
    """The option or variable is named, the key is not."""
    result = invoke("doctor", "--json", "--base-url", server.url, url=closed_url, POLARGRID_API_KEY=KEY)
    assert facts(result.stdout)["endpoint"] == f"{server.url}, from --base-url"
    findings = json.loads(result.stdout)["findings"]
    assert [finding["value"] for finding in findings if finding["name"] == "API key"] == [
        "from POLARGRID_API_KEY",
        "accepted",
    ]
    assert KEY not in result.output


@pytest.mark.parametrize(
    ("system", "soabi", "machine", "expected"),
    [
        ("linux-x86_64", "cpython-312-x86_64-linux-musl", "x86_64", "Linux with musl"),
        ("win-arm64", "None", "ARM64", "Windows on ARM"),
        ("linux-aarch64", "cpython-312-aarch64-linux-gnu", "aarch64", None),
        ("macosx-10.15-universal2", "cpython-314-darwin", "x86_64", "macOS on Intel with Python 3.14"),
        ("macosx-10.15-universal2", "cpython-314-darwin", "arm64", None),
        ("macosx-10.13-x86_64", "cpython-313-darwin", "x86_64", None),
    ],
)
def test_missing_wheels_are_named(monkeypatch, system, soabi, machine, expected):
    """On a system for which a package of the edge has none; elsewhere pip installs it. The page has the same names."""
    monkeypatch.setattr(environment.sysconfig, "get_platform", lambda: system)
    monkeypatch.setattr(environment.sysconfig, "get_config_var", lambda _name: soabi)
    monkeypatch.setattr(environment.platform, "machine", lambda: machine)
    monkeypatch.setattr(environment.platform, "platform", lambda: system)
    monkeypatch.setattr(environment, "find_spec", lambda _package: None)
    (finding,) = [item for item in environment.check_versions() if item.name == "extra edge"]
    if expected is None:
        assert "pip install 'polargrid[edge]'" in finding.value
        return
    names, advice = environment.SYSTEMS_WITHOUT_WHEELS[expected]
    page = (Path(__file__).parent.parent.parent / "docs" / "start.md").read_text("utf-8")
    assert all(name in finding.value and name in page for name in (*names, expected))
    assert advice in finding.value
    assert finding.is_ok


def test_a_key_in_a_response_is_not_printed(invoke, start_server):
    """A server may repeat the key in its error message."""
    server = start_server(respond({"error": {"message": f"{KEY} is no key"}}, status="401 Unauthorized"))
    result = invoke("doctor", "--api-key", KEY, url=server.url)
    assert result.exit_code == 3
    assert KEY not in result.output


@pytest.mark.parametrize(
    ("status", "exit_code"),
    [("401 Unauthorized", 3), ("402 Payment Required", 3), ("403 Forbidden", 3), ("500 Internal Server Error", 1)],
)
def test_an_error_response_decides_the_exit_status(invoke, start_server, status, exit_code):
    """A rejected key has its own exit status."""
    server = start_server(reject(status, "code"))
    result = invoke("doctor", "--json", url=server.url)
    assert result.exit_code == json.loads(result.stdout)["exit_status"] == exit_code
    (problem,) = problems(result.stdout).values()
    assert "req_cli" in problem["value"]
    assert problem["remedy"]


def test_a_missing_key_is_a_problem(invoke):
    """The connection is checked nevertheless."""
    result = invoke("doctor", "--json", "--timeout", "2", "--base-url", "http://edge.invalid:9")
    assert result.exit_code == 3
    assert "set POLARGRID_API_KEY" in problems(result.stdout)["API key"]["remedy"]
    assert "name" in problems(result.stdout)


@pytest.mark.parametrize(
    ("variables", "name", "exit_code"),
    [
        ({"POLARGRID_REGION": "nowhere"}, "region", 1),
        ({"POLARGRID_BASE_URL": "nowhere"}, "base_url", 1),
        ({"POLARGRID_REGION": "nowhere", "POLARGRID_API_KEY": "pg two"}, "region", 1),
        ({"POLARGRID_REGION": "local", "api_key": "pg_\n"}, "api_key", 3),
    ],
)
def test_an_invalid_setting_is_a_problem(invoke, variables, name, exit_code):
    """The setting is named; a key that cannot be sent is an authentication problem."""
    options = ["--api-key", variables.pop("api_key")] if "api_key" in variables else []
    result = invoke("doctor", "--json", *options, **variables)
    assert result.exit_code == exit_code
    assert name in problems(result.stdout)


def test_an_unknown_variable_is_a_problem(invoke, server):
    """A misspelled variable is reported with a similar name; variables of options are known."""
    variables = {"POLARGRID_APIKEY": KEY, "POLARGRID_CHAT_MODEL": "x", "POLARGRID_MODELS_LOAD_FORCE": "1"}
    result = invoke("doctor", "--json", url=server.url, **variables)
    assert result.exit_code == 1
    assert list(problems(result.stdout)) == ["POLARGRID_APIKEY"]
    assert problems(result.stdout)["POLARGRID_APIKEY"]["remedy"] == "did you mean POLARGRID_API_KEY?"
    assert KEY not in result.stdout


def test_a_password_in_a_url_is_not_printed(invoke):
    """The SDK rejects such a URL, and the finding masks it."""
    result = invoke("doctor", url="https://me:secret@edge.invalid")
    assert result.exit_code == 1
    assert "secret" not in result.output


def test_all_variables_in_the_sources_are_known():
    """No variable that the SDK or the edge reads is reported as unknown."""
    root = Path(__file__).parent.parent.parent
    folders = ("overlay/polargrid", "extras/polargrid_edge")
    sources = [path.read_text("utf-8") for folder in folders for path in root.joinpath(folder).rglob("*.py")]
    names = {name for text in sources for name in re.findall(r"[\"'](POLARGRID_[A-Z_]+)[\"']", text)}
    assert len(names) > 3
    assert names - {"POLARGRID_REGIONS"} <= set(VARIABLES)


def test_a_refused_connection_ends_the_steps(invoke, closed_url):
    """The name is resolved, the connection fails, later steps do not run."""
    result = invoke("doctor", "--json", url=closed_url)
    port = closed_url.rpartition(":")[2]
    assert result.exit_code == 1
    assert problems(result.stdout)["connection"]["value"] == f"Connect call failed ('127.0.0.1', {port})"
    assert "polargrid serve" in problems(result.stdout)["connection"]["remedy"]  # on this machine
    assert "health" not in facts(result.stdout)


def test_a_valid_certificate_is_reported(run_process, start_server):
    """Its names, dates and TLS version are shown."""
    server = start_server(over_tls("good", route(healthy)))
    result = run_process("doctor", "--json", url=https(server), SSL_CERT_FILE=str(CERTIFICATES / "ca.pem"))
    assert result.returncode == 0
    certificate = facts(result.stdout)["certificate"]
    assert certificate.startswith("for 127.0.0.1, valid 2020-01-01 to 2120-01-01, TLSv1.")


@pytest.mark.parametrize(
    ("certificate", "remedy"),
    [
        ("expired", "has expired"),
        ("not-yet", "is not valid yet"),
        ("other-host", "is for another host"),
        ("self-signed", "is self-signed"),
    ],
)
def test_an_invalid_certificate_is_a_problem(invoke, start_server, certificate, remedy):
    """Each kind has its remedy, and no request is sent."""
    server = start_server(over_tls(certificate, route(healthy)))
    result = invoke("doctor", "--json", url=https(server), SSL_CERT_FILE=str(CERTIFICATES / "ca.pem"))
    assert result.exit_code == 1
    assert remedy in problems(result.stdout)["certificate"]["remedy"]
    assert [request for request in server.requests if request.line] == []


def test_a_failed_handshake_is_a_problem(invoke, start_server):
    """A server may close the connection during the TLS handshake."""
    result = invoke("doctor", "--json", url=https(start_server(close)))
    assert result.exit_code == 1
    assert "certificate" in problems(result.stdout)


def test_a_missing_certificate_store_is_a_problem(invoke, server):
    """The paths in the environment are checked."""
    result = invoke("doctor", "--json", url=server.url, SSL_CERT_DIR="/none/such")
    assert "SSL_CERT_DIR" in problems(result.stdout)


@pytest.mark.parametrize(("offset", "direction"), [(-3600, "ahead"), (3600, "behind")])
def test_clock_skew_is_a_problem(invoke, start_server, offset, direction):
    """The Date header of a response is compared with this machine's clock."""
    result = invoke("doctor", "--json", url=start_server(with_date(offset)).url)
    assert result.exit_code == 1
    assert problems(result.stdout)["clock"]["value"].endswith(f"s {direction}")


def test_a_degraded_endpoint_is_a_problem(invoke, start_server):
    """The health is the only problem."""
    degraded = response({**HEALTH, "status": "degraded"})
    server = start_server(route(lambda path: degraded if path == "/health" else healthy(path)))
    result = invoke("doctor", "--json", url=server.url)
    assert (result.exit_code, list(problems(result.stdout))) == (1, ["health"])


def test_a_proxy_is_used_and_reported(invoke, start_server):
    """Its password is masked."""
    proxy = start_server(route(lambda url: healthy(url.removeprefix("http://edge.invalid"))))
    proxy_url = proxy.url.replace("//", "//me:secret@")
    result = invoke("doctor", "--json", url="http://edge.invalid", HTTP_PROXY=proxy_url, POLARGRID_API_KEY=KEY)
    assert result.exit_code == 0
    assert facts(result.stdout)["HTTP_PROXY"] == proxy.url.replace("//", "//…@")
    assert "through a proxy" in facts(result.stdout)["route"]


def test_all_regions_are_checked_if_none_is_selected(invoke, start_server, closed_url, monkeypatch):
    """The nearest healthy region is reported."""
    from polargrid.regions import POLARGRID_REGIONS

    for name, region in POLARGRID_REGIONS.items():
        url = start_server(route(healthy)).url if name == "ymq-01" else closed_url
        monkeypatch.setitem(POLARGRID_REGIONS, name, {**region, "url": url})
    result = invoke("doctor", "--json", POLARGRID_API_KEY=KEY)
    findings = json.loads(result.stdout)["findings"]
    assert {finding["subject"] for finding in findings if not finding["ok"]} == {"yvr-01", "was-01"}
    assert facts(result.stdout)["nearest"] == "ymq-01"


def test_an_invalid_date_header_is_a_problem():
    """The finding quotes the header."""
    result = ProbeResult(Endpoint("http://e"), date="noon", error=ServerError("Down."))
    values = {finding.name: finding.value for finding in diagnose(result) if not finding.is_ok}
    assert values == {"clock": "invalid Date header 'noon'", "response": "Down."}
