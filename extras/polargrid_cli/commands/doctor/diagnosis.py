"""Findings from the result of a probe, with a remedy for each problem; no I/O."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator, Sequence
from email.utils import parsedate_to_datetime

from polargrid.errors import AuthenticationError, BillingError, PolarGridError, ValidationError
from polargrid_cli.commands.doctor.finding import Finding
from polargrid_cli.commands.doctor.probe import ProbeResult
from polargrid_cli.loopback import is_loopback

MAX_CLOCK_SKEW = 60.0  # seconds
_REMEDIES = {
    "name": "check the host name, and that this machine can resolve names",
    "connection": "check that no firewall blocks the port, and that a server listens on it",
    "certificate": "check whether a proxy or firewall intercepts TLS connections",
}
_START_EDGE = "start a server on this port, such as `polargrid serve` for the local edge"
# By OpenSSL's verification error codes.
_CERTIFICATE_REMEDIES = {
    9: "the certificate is not valid yet; check this machine's clock",
    10: "the certificate has expired; check this machine's clock, or renew the certificate",
    18: "the certificate is self-signed; trust it with SSL_CERT_FILE if it is yours",
    19: "the certificate authority is not trusted; add it with SSL_CERT_FILE if it is yours",
    20: "the certificate authority is not trusted; add it with SSL_CERT_FILE if it is yours",
    62: "the certificate is for another host; use a host name that it lists",
    64: "the certificate is for another host; use a host name that it lists",
}


def diagnose(result: ProbeResult) -> Iterator[Finding]:
    """Yield the findings of a probe in the order of its steps."""
    yield from _diagnose_connection(result)
    yield from _diagnose_responses(result)


def find_nearest(results: Sequence[ProbeResult]) -> ProbeResult | None:
    """Return the result of the healthy endpoint with the lowest latency."""
    healthy = [result for result in results if result.health == "healthy" and result.latency is not None]
    return min(healthy, key=lambda result: result.latency or 0.0, default=None)


def _diagnose_connection(result: ProbeResult) -> Iterator[Finding]:
    if result.endpoint.region:
        yield Finding(result.name, "address", result.endpoint.base_url)
    if result.proxy:
        yield Finding(result.name, "route", "through a proxy, which resolves the name and connects")
    if result.addresses:
        yield Finding(result.name, "name", ", ".join(result.addresses))
    if result.connect_seconds is not None:
        yield Finding(result.name, "connection", f"{result.connect_seconds * 1000:.0f} ms")
    if result.certificate:
        yield Finding(result.name, "certificate", _describe_certificate(result))
    if result.failure:
        step, error = result.failure
        is_local = step == "connection" and is_loopback(result.endpoint.base_url)
        yield _diagnose_failure(result.name, step, error, _START_EDGE if is_local else _REMEDIES[step])


def _diagnose_responses(result: ProbeResult) -> Iterator[Finding]:
    if result.date:
        yield _diagnose_clock(result.name, result.date, result.date_received_at)
    if result.health:
        remedy = "" if result.health == "healthy" else "use another region until it is healthy"
        yield Finding(result.name, "health", result.health, remedy)
    if result.latency is not None:
        yield Finding(result.name, "latency", f"{result.latency * 1000:.0f} ms")
    if result.error:
        yield _diagnose_error(result.name, result.error)
    elif result.latency is not None:
        yield Finding(result.name, "API key", "accepted")


def _describe_certificate(result: ProbeResult) -> str:
    fields = result.certificate or {}
    names = ", ".join(value for _, value in fields.get("subjectAltName", ()))
    dates = " to ".join(_format_date(str(fields[name])) for name in ("notBefore", "notAfter") if name in fields)
    return f"for {names or 'no name'}, valid {dates}, {result.protocol}"


def _format_date(text: str) -> str:
    return time.strftime("%Y-%m-%d", time.gmtime(ssl.cert_time_to_seconds(text)))


def _diagnose_failure(subject: str, step: str, error: Exception, remedy: str) -> Finding:
    if isinstance(error, ssl.SSLCertVerificationError):
        remedy = _CERTIFICATE_REMEDIES.get(error.verify_code, _REMEDIES["certificate"])
        return Finding(subject, step, f"rejected, {error.verify_message}", remedy)
    if isinstance(error, TimeoutError):
        return Finding(subject, step, "timeout", remedy)
    message = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return Finding(subject, step, message, remedy)


def _diagnose_clock(subject: str, date: str, received_at: float) -> Finding:
    try:
        skew = received_at - parsedate_to_datetime(date).timestamp()
    except (ValueError, OverflowError):
        return Finding(subject, "clock", f"invalid Date header {date!r}", "report it to the operator of the server")
    if abs(skew) <= MAX_CLOCK_SKEW:
        return Finding(subject, "clock", "agrees with this machine's")
    value = f"this machine's is {abs(skew):.0f} s {'ahead' if skew > 0 else 'behind'}"
    return Finding(subject, "clock", value, "set this machine's clock")


def _diagnose_error(subject: str, error: PolarGridError) -> Finding:
    if isinstance(error, AuthenticationError | BillingError):
        remedy = "set POLARGRID_API_KEY to a key that is valid for this endpoint"
        return Finding(subject, "API key", str(error), remedy, is_auth=True)
    is_setting = isinstance(error, ValidationError) and error.status_code is None
    remedy = "correct the value" if is_setting else "retry later; include the request id if you report the problem"
    return Finding(subject, "response", str(error), remedy)
