"""What was found on the way to an edge -> findings: each step is well, or it says what to do; pure."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator, Sequence
from email.utils import parsedate_to_datetime

from polargrid.errors import AuthenticationError, BillingError, ValidationError
from polargrid_cli.doctor.finding import Finding
from polargrid_cli.doctor.way import Way

SKEW = 60.0  # seconds that clocks may differ
_ADVICE = {
    "name": "see that the name is right and that this machine can look up names",
    "connection": "see that a firewall lets this port through, and that an edge listens there",
    "certificate": "see whether something between this machine and the edge opens its connections",
}
# OpenSSL's codes of what is wrong with a certificate.
_CERTIFICATE_ADVICE = {
    9: "it is not valid yet: see this machine's clock",
    10: "it has expired: see this machine's clock, or renew it",
    18: "it is signed by itself: trust it with SSL_CERT_FILE, if it is yours",
    19: "its authority is not trusted: name it with SSL_CERT_FILE, if it is yours",
    20: "its authority is not trusted: name it with SSL_CERT_FILE, if it is yours",
    62: "it is another host's: ask the edge by a name that the certificate has",
    64: "it is another host's: ask the edge by a name that the certificate has",
}


def judged(way: Way) -> Iterator[Finding]:
    """The findings of a way, in the order of its steps."""
    yield from _reached(way)
    yield from _answered(way)


def _reached(way: Way) -> Iterator[Finding]:
    if way.edge.region:
        yield Finding(way.name, "address", way.edge.base_url)
    if way.proxy:
        yield Finding(way.name, "way", "through a proxy, which looks up the name and connects")
    if way.addresses:
        yield Finding(way.name, "name", ", ".join(way.addresses))
    if way.connected is not None:
        yield Finding(way.name, "connection", f"{way.connected * 1000:.0f} ms")
    if way.certificate:
        yield Finding(way.name, "certificate", _certificate(way))
    if way.broken:
        yield _broken(way.name, *way.broken)


def _answered(way: Way) -> Iterator[Finding]:
    if way.date:
        yield _clock(way.name, way.date, way.asked_at)
    if way.health:
        yield _health(way.name, way.health)
    if way.latency is not None:
        yield Finding(way.name, "latency", f"{way.latency * 1000:.0f} ms")
    if way.fault:
        yield _fault(way)
    elif way.latency is not None:
        yield Finding(way.name, "API key", "accepted")


def nearest(ways: Sequence[Way]) -> Way | None:
    """The way to the nearest healthy edge."""
    healthy = [way for way in ways if way.health == "healthy" and way.latency is not None]
    return min(healthy, key=lambda way: way.latency or 0.0, default=None)


def _certificate(way: Way) -> str:
    fields = way.certificate or {}
    names = ", ".join(value for _, value in fields.get("subjectAltName", ()))
    dates = " to ".join(_day(str(fields[name])) for name in ("notBefore", "notAfter") if name in fields)
    return f"for {names or 'no name'}, valid {dates}, {way.protocol}"


def _day(text: str) -> str:
    return time.strftime("%Y-%m-%d", time.gmtime(ssl.cert_time_to_seconds(text)))


def _broken(subject: str, step: str, error: Exception) -> Finding:
    if isinstance(error, ssl.SSLCertVerificationError):
        advice = _CERTIFICATE_ADVICE.get(error.verify_code, _ADVICE["certificate"])
        return Finding(subject, step, f"refused, {error.verify_message}", advice)
    if isinstance(error, TimeoutError):
        return Finding(subject, step, "it took too long", _ADVICE[step])
    return Finding(subject, step, getattr(error, "strerror", None) or str(error) or type(error).__name__, _ADVICE[step])


def _clock(subject: str, date: str, asked_at: float) -> Finding:
    try:
        skew = asked_at - parsedate_to_datetime(date).timestamp()
    except (ValueError, OverflowError):
        return Finding(
            subject, "clock", f"the edge says that it is {date!r}", "its Date header is none: tell who runs it"
        )
    if abs(skew) <= SKEW:
        return Finding(subject, "clock", "agrees with this machine's")
    told = f"this machine's is {abs(skew):.0f} s {'ahead' if skew > 0 else 'behind'}"
    return Finding(subject, "clock", told, "set this machine's clock")


def _health(subject: str, health: str) -> Finding:
    return Finding(subject, "health", health, "" if health == "healthy" else "use another region until it is well")


def _fault(way: Way) -> Finding:
    """What the edge said instead of an answer."""
    if isinstance(way.fault, AuthenticationError | BillingError):
        advice = "set POLARGRID_API_KEY to one that is good here"
        return Finding(way.name, "API key", str(way.fault), advice, of_the_key=True)
    wrong_setting = isinstance(way.fault, ValidationError) and way.fault.status_code is None
    advice = "correct it" if wrong_setting else "try again later; name the request if you report it"
    return Finding(way.name, "answer", str(way.fault), advice)
