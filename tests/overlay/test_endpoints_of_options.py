"""The endpoints of a client, by its options and its environment."""

from __future__ import annotations

import pytest

from polargrid import ValidationError
from polargrid._endpoints import redirect_message, resolve_endpoints
from polargrid.regions import DEFAULT_REGION, resolve

YVR, YMQ = resolve("yvr"), resolve("ymq")


def urls_of(options, environ=None):
    return [endpoint.base_url for endpoint in resolve_endpoints(environ or {}, options)]


def message_of(options, environ=None):
    """The message of the error for invalid options."""
    with pytest.raises(ValidationError) as exc_info:
        resolve_endpoints(environ or {}, options)
    assert exc_info.value.param == str(exc_info.value).partition(":")[0]
    return str(exc_info.value)


def test_default_region_is_the_only_endpoint():
    (endpoint,) = resolve_endpoints({}, {})
    assert (endpoint.base_url, endpoint.region) == (resolve(DEFAULT_REGION)["url"], resolve(DEFAULT_REGION))


def test_regions_are_endpoints_in_their_order():
    endpoints = resolve_endpoints({}, {"regions": ["ymq", "yvr"]})
    assert [endpoint.base_url for endpoint in endpoints] == [YMQ["url"], YVR["url"]]
    assert [endpoint.region for endpoint in endpoints] == [YMQ, YVR]


def test_regions_may_contain_urls():
    endpoints = resolve_endpoints({}, {"regions": ("http://127.0.0.1:1/v1", "yvr")})
    assert [endpoint.base_url for endpoint in endpoints] == ["http://127.0.0.1:1", YVR["url"]]
    assert [endpoint.region for endpoint in endpoints] == [None, YVR]


def test_regions_override_the_environment():
    environ = {"POLARGRID_REGION": "was", "POLARGRID_BASE_URL": "http://127.0.0.1:1"}
    assert urls_of({"regions": ["yvr"]}, environ) == [YVR["url"]]


@pytest.mark.parametrize("option", [{"region": "yvr"}, {"base_url": "http://127.0.0.1:1"}])
def test_regions_cannot_be_combined(option):
    message = message_of({"regions": ["yvr"], **option})
    assert message == "regions: cannot be combined with region or base_url"


@pytest.mark.parametrize("regions", ["yvr", [], ["yvr", 7], [None]])
def test_invalid_regions_are_rejected(regions):
    assert message_of({"regions": regions}) == 'regions: expected a list of names, like ["yvr", "ymq"]'


@pytest.mark.parametrize("regions", [["yvr", "ymq", "yvr"], [YVR["id"], YVR["url"]]])
def test_duplicate_endpoint_is_rejected(regions):
    assert message_of({"regions": regions}) == f"regions: duplicate endpoint {regions[-1]!r}"


def test_unknown_region_is_rejected():
    with pytest.raises(ValidationError, match=r"^unknown region 'yvrr'; expected one of: "):
        resolve_endpoints({}, {"regions": ["yvr", "yvrr"]})


@pytest.mark.parametrize("option", ["region", "base_url"])
def test_option_overrides_both_variables(option):
    environ = {"POLARGRID_REGION": "was", "POLARGRID_BASE_URL": "http://127.0.0.1:1"}
    value = {"region": "ymq", "base_url": YMQ["url"]}[option]
    assert urls_of({option: value}, environ) == [YMQ["url"]]


@pytest.mark.parametrize(
    ("region", "url", "region_id"),
    [
        ("ymq", "http://127.0.0.1:1", None),
        ("ymq", "https://edge.example", None),
        ("local", "https://edge.example", None),
        ("ymq", YVR["url"], None),
        ("ymq", f"{YMQ['url']}/v1/", "ymq-01"),
        ("local", "http://localhost:8000", "local"),
    ],
)
@pytest.mark.parametrize("source", ["options", "environment"])
def test_region_of_another_server_is_dropped(region, url, region_id, source):
    values = {"region": region, "base_url": url}
    environ = {"POLARGRID_REGION": region, "POLARGRID_BASE_URL": url} if source == "environment" else {}
    (endpoint,) = resolve_endpoints(environ, {} if environ else values)
    assert (endpoint.base_url, endpoint.region_id) == (url.removesuffix("/v1/"), region_id)


def test_unknown_region_beside_a_url_is_rejected():
    with pytest.raises(ValidationError, match=r"^unknown region 'mars'"):
        resolve_endpoints({}, {"region": "mars", "base_url": "http://127.0.0.1:1"})


@pytest.mark.parametrize(
    ("url", "base_url"),
    [
        (" http://127.0.0.1:1/ ", "http://127.0.0.1:1"),
        ("https://edge.example/v1/", "https://edge.example"),
        ("https://edge.example/prefix/v1", "https://edge.example/prefix"),
        ("http://[::1]:8080", "http://[::1]:8080"),
    ],
)
def test_base_url_is_normalized(url, base_url):
    assert urls_of({"base_url": url}) == [base_url]


NO_QUERY = "without a query; remove it, from ? on, and pass its fields as extra_query"


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        *[(url, "like http://127.0.0.1:55111") for url in ("edge.example", "ftp://edge.example", "http://", "pg_key")],
        *[(url, "like http://127.0.0.1:55111") for url in ("http://:80", "localhost:80", "a b", "")],
        *[
            (url, "with a port from 1 to 65535, and an IPv6 address in brackets")
            for url in ("http://a:0", "http://a:port", "http://a:99999")
        ],
        ("http://[::1", "with a port from 1 to 65535, and an IPv6 address in brackets"),
        ("http://edge.example?a=1", NO_QUERY),
        ("http://edge.example/v1?", NO_QUERY),
        ("http://edge.example#a", "without a fragment; remove it, from # on"),
        ("http://user@edge.example", "without a user name; remove it, and pass the key as api_key"),
        ("http://user:password@edge.example", "without a user name; remove it, and pass the key as api_key"),
        ("http://edge.example/a b", "without ' '; remove it"),
        ("http://edge.example/a\tb", "without '\\t'; remove it"),
        ("http://edge.example/\x7f", "without '\\x7f'; remove it"),
    ],
)
def test_invalid_base_url_is_rejected(url, fault):
    separator = "," if fault.startswith("like") else ""
    assert message_of({"base_url": url or " "}) == f"base_url: expected an http or https URL{separator} {fault}"


@pytest.mark.parametrize(
    ("url", "base_url"),
    [
        ("http://127.0.0.1:8000/v1/chat/completions", "http://127.0.0.1:8000"),
        ("http://127.0.0.1:8000/v1/completions/", "http://127.0.0.1:8000"),
        ("http://127.0.0.1:8000/chat/completions", "http://127.0.0.1:8000"),
        ("https://gateway.example/prefix/v1/models", "https://gateway.example/prefix"),
        ("https://gateway.example/v1/models/load", "https://gateway.example"),
        ("http://127.0.0.1:8000/health", "http://127.0.0.1:8000"),
    ],
)
def test_url_of_an_operation_is_rejected_with_its_base_url(url, base_url):
    expected = f"base_url: expected an http or https URL without the path of an operation; use {base_url!r}"
    assert message_of({"base_url": url}) == expected


@pytest.mark.parametrize("path", ["/models", "/v1/account/gateway", "/completions/v1", "/my-health", "/v1/a@b"])
def test_other_paths_are_part_of_a_base_url(path):
    (endpoint,) = resolve_endpoints({}, {"base_url": f"https://gateway.example{path}"})
    assert endpoint.base_url == f"https://gateway.example{path}".removesuffix("/v1")


@pytest.mark.parametrize("name", ["base_url", "region"])
@pytest.mark.parametrize("value", [7, b"http://127.0.0.1", ["yvr"], object()])
def test_option_of_another_type_is_rejected(name, value):
    assert message_of({name: value}) == f"{name}: expected a string, not {type(value).__name__}"


REDIRECTS = {
    "another host": (
        "https://b.example/v1/models",
        "'https://b.example/v1/models'",
        "set base_url to 'https://b.example'",
    ),
    "https": (
        "https://a.example/x/v1/models?a=1",
        "'https://a.example/x/v1/models?a=1'",
        "set base_url to 'https://a.example/x'",
    ),
    "another path": ("/login", "'http://a.example/login'", "check base_url"),
    "a trailing slash": ("/x/v1/models/", "'http://a.example/x/v1/models/'", "check base_url"),
    "itself": ("/x/v1/models", "'http://a.example/x/v1/models'", "check base_url"),
    "control characters": ("//b.example/\x1b", "'http://b.example/\\x1b'", "check base_url"),
}


@pytest.mark.parametrize(("location", "target", "hint"), REDIRECTS.values(), ids=REDIRECTS)
def test_message_of_a_redirect(location, target, hint):
    message = redirect_message("http://a.example/x", "/v1/models", location)
    assert message == f"redirect to {target} is not followed; {hint}"


@pytest.mark.parametrize("location", ["/" + "a" * 100_000, "http://["])
def test_message_of_a_strange_redirect(location):
    assert len(redirect_message("http://a.example/x", "/v1/models", location)) < 600
