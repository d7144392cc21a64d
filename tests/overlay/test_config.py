"""Options, a config and the environment are combined to settings."""

import traceback
from types import SimpleNamespace

import attrs
import httpx
import pytest

from polargrid import AuthenticationError, RetryPolicy, ValidationError
from polargrid.config import CopyOptions, Settings, copy_settings, resolve_settings, selects_region, with_options
from polargrid.types import PolarGridConfig
from polargrid_runtime.redaction import Secret
from polargrid_transport.deadline import Timeouts

KEY = "pg_secret_0123456789"
ENVIRON = {"POLARGRID_API_KEY": KEY}


def resolve(environ=ENVIRON, config=None, **options):
    return resolve_settings(environ, config, options)


def resolve_endpoint(*arguments, **options):
    """Return the only endpoint of the settings."""
    (endpoint,) = resolve(*arguments, **options).endpoints
    return endpoint


def resolve_key(*arguments, **options):
    return resolve(*arguments, **options).api_key.get_secret_value()


# The key


def test_key_is_read_from_the_environment():
    """The variable is POLARGRID_API_KEY."""
    assert resolve_key() == KEY


def test_config_overrides_the_environment():
    """A config's key is used instead of POLARGRID_API_KEY."""
    assert resolve_key(config={"api_key": "pg_config"}) == "pg_config"


def test_option_overrides_the_config():
    """An option's key is used instead of the config's."""
    assert resolve_key(config={"api_key": "pg_config"}, api_key="pg_option") == "pg_option"


@pytest.mark.parametrize("environ", [{}, {"POLARGRID_API_KEY": ""}])
def test_missing_key_is_an_authentication_error(environ):
    """The message names the environment variable."""
    with pytest.raises(AuthenticationError, match="POLARGRID_API_KEY"):
        resolve(environ)


def test_empty_key_is_not_replaced_by_the_environment():
    """An empty `api_key` is an error of the program."""
    with pytest.raises(AuthenticationError):
        resolve(api_key="")


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000", "http://localhost:8000", "http://[::1]:8000"])
def test_server_on_loopback_needs_no_key(url):
    """A local edge accepts `pg_local`."""
    assert resolve_key({}, base_url=url) == "pg_local"


@pytest.mark.parametrize(
    ("environ", "options"), [(ENVIRON, {"region": "local"}), ({**ENVIRON, "POLARGRID_REGION": "local"}, {})]
)
def test_local_region_does_not_get_the_key_of_the_environment(environ, options):
    """The key of the real service is not sent to a local edge."""
    assert resolve_key(environ, **options) == "pg_local"


def test_local_region_gets_an_explicit_key():
    """A key that is passed as an option is used."""
    assert resolve_key(region="local", api_key="pg_option") == "pg_option"


def test_local_region_at_another_url_needs_a_key():
    """Only a loopback address has the default key."""
    with pytest.raises(AuthenticationError):
        resolve({}, region="local", base_url="https://edge.example")


@pytest.mark.parametrize("suffix", ["\r\nX-Evil: 1", "\n", " ", "\0", "\x7f", "é", "\u2028"])
@pytest.mark.parametrize("source", ["option", "config", "environment"])
def test_invalid_key_is_rejected_without_being_shown(source, suffix):
    """A key with characters that a header cannot hold is a ValidationError from any source."""
    key = KEY + suffix
    with pytest.raises(ValidationError) as caught:
        {
            "option": lambda: resolve(api_key=key),
            "config": lambda: resolve(config={"api_key": key}),
            "environment": lambda: resolve({"POLARGRID_API_KEY": key}),
        }[source]()
    assert caught.value.param == "api_key"
    assert KEY not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("config", [{"api_kye": KEY}, {"api_key": [KEY]}, {"api_key": KEY, "timeout": "soon"}])
def test_invalid_config_does_not_show_the_key(config):
    """The traceback of a rejected config is free of the key."""
    with pytest.raises(ValidationError) as caught:
        resolve(config=config)
    assert KEY not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(("key", "text"), [(KEY, "pg_…****"), ("sk-secret", "****"), ("", "****")])
def test_secret_is_masked(key, text):
    """`repr`, `str` and an f-string show no part of the key."""
    assert {repr(Secret(key)), str(Secret(key)), f"{Secret(key)}"} == {text}


def test_repr_of_settings_and_of_a_config_has_no_key():
    """Both are safe to log."""
    assert KEY not in repr(resolve())
    assert KEY not in repr(PolarGridConfig(api_key=KEY))


# The endpoint


def test_default_region():
    """Without options the default region is used."""
    endpoint = resolve_endpoint()
    assert (endpoint.region_id, endpoint.base_url) == ("yvr-01", "https://api.yvr-01.edge.polargrid.ai:55111")


def test_region_is_read_from_the_environment():
    """The variable is POLARGRID_REGION."""
    assert resolve_endpoint({**ENVIRON, "POLARGRID_REGION": "montreal"}).region_id == "ymq-01"


def test_base_url_of_the_environment_overrides_its_region():
    """The variable is POLARGRID_BASE_URL."""
    environ = {**ENVIRON, "POLARGRID_BASE_URL": "https://edge.example", "POLARGRID_REGION": "ymq-01"}
    assert resolve_endpoint(environ).base_url == "https://edge.example"


def test_region_option_overrides_the_environment():
    """It overrides both variables."""
    environ = {**ENVIRON, "POLARGRID_BASE_URL": "https://edge.example", "POLARGRID_REGION": "ymq-01"}
    endpoint = resolve_endpoint(environ, region="was")
    assert (endpoint.region_id, endpoint.base_url) == ("was-01", "https://api.was-01.edge.polargrid.ai:55111")


def test_region_of_the_config_is_between_option_and_environment():
    """It overrides the environment and is overridden by an option."""
    environ = {**ENVIRON, "POLARGRID_REGION": "ymq-01"}
    assert resolve_endpoint(environ, {"region": "was"}).region_id == "was-01"
    assert resolve_endpoint(environ, {"region": "was"}, region="yvr").region_id == "yvr-01"


@pytest.mark.parametrize("environ", [ENVIRON, {**ENVIRON, "POLARGRID_REGION": "ymq-01"}])
def test_base_url_has_no_region(environ):
    """The region of the environment does not apply to another URL."""
    endpoint = resolve_endpoint(environ, base_url="https://edge.example")
    assert (endpoint.region, endpoint.base_url) == (None, "https://edge.example")


def test_base_url_with_a_region():
    """The URL overrides the region: its server is not one of that region."""
    endpoint = resolve_endpoint(base_url="https://edge.example", region="ymq")
    assert (endpoint.region_id, endpoint.base_url) == (None, "https://edge.example")


@pytest.mark.parametrize("suffix", ["", "/", "/v1", "/v1/"])
def test_base_url_may_end_with_v1(suffix):
    """OpenAI's clients take such URLs."""
    assert resolve_endpoint(base_url=f"http://127.0.0.1:8000{suffix}").base_url == "http://127.0.0.1:8000"


def test_base_url_with_a_path():
    """A server may be behind a path of a proxy."""
    assert resolve_endpoint(base_url="https://proxy.example/edge/v1").base_url == "https://proxy.example/edge"


@pytest.mark.parametrize(
    "url",
    [
        "127.0.0.1:8000",
        "edge.example",
        "ftp://edge.example",
        "file:///etc/passwd",
        "http://",
        "https:///v1",
        "http://user:secret@edge.example",
        "http://edge.example?key=secret",
        "http://edge.example#secret",
        "http://[",
        "http://edge.example:port",
        "http://edge.example:99999",
        "http://edge.example\r\nX-Evil: 1",
        "http://edge.exa mple",
        " ",
    ],
)
def test_invalid_base_url_is_rejected_without_being_shown(url):
    """A URL may hold a password: the message does not quote it."""
    with pytest.raises(ValidationError) as caught:
        resolve(base_url=url)
    assert caught.value.param == "base_url"
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("environ", [{"POLARGRID_REGION": "mars"}, {"POLARGRID_BASE_URL": "mars"}])
def test_environment_is_validated(environ):
    """Its values are checked like options."""
    with pytest.raises(ValidationError):
        resolve({**ENVIRON, **environ})


@pytest.mark.parametrize(
    ("environ", "config", "options", "expected"),
    [
        ({}, None, {}, False),
        ({}, None, {"region": None, "base_url": None}, False),
        ({}, {"timeout": 3}, {}, False),
        ({}, None, {"region": "yvr"}, True),
        ({}, None, {"regions": ["yvr"]}, True),
        ({}, None, {"base_url": "http://127.0.0.1"}, True),
        ({}, {"region": "yvr"}, {}, True),
        ({"POLARGRID_REGION": "yvr"}, None, {}, True),
        ({"POLARGRID_BASE_URL": "http://127.0.0.1"}, None, {}, True),
    ],
)
def test_selects_region(environ, config, options, expected):
    """`create` probes the regions only if nothing selects one."""
    assert selects_region(environ, config, options) is expected


# Other options


def test_config_is_a_model_or_a_mapping():
    """Both give the same settings."""
    fields = {"api_key": "pg_config", "region": "ymq", "timeout": 5.0, "max_retries": 7}
    assert repr(resolve(config=PolarGridConfig(**fields))) == repr(resolve(config=fields))


def test_unknown_field_of_a_config_is_rejected():
    """The message names it."""
    with pytest.raises(ValidationError, match="regoin"):
        resolve(config={"regoin": "yvr"})


def test_unknown_option_is_a_type_error():
    """As for any Python function; the message lists the options that exist."""
    with pytest.raises(TypeError, match=r"unknown option 'regoin' \(did you mean 'region'\?\); expected one of: "):
        resolve(regoin="yvr")


def test_default_timeout_is_that_of_the_http_client():
    """The settings have none."""
    assert resolve().timeout is None


def test_timeout_in_seconds_applies_to_each_phase():
    """Connect, read, write and pool have the same limit."""
    assert resolve(timeout=5).timeout == Timeouts(5, 5, 5, 5)


def test_timeout_of_httpx():
    """An httpx.Timeout is copied phase by phase."""
    timeout = httpx.Timeout(60, connect=1)
    assert resolve(timeout=timeout).timeout == Timeouts(connect=1, read=60, write=60, pool=60)


async def async_callback(_meta):
    """A callback that would have to be awaited."""


INVALID = {
    "timeout": [0, -1, "soon", True, SimpleNamespace(connect=1, read="2", write=1, pool=1)],
    "regions": [3, [], "yvr", iter(["yvr"])],
    "idle_timeout": [0, "soon"],
    "deadline": [-1, True],
    "max_retries": [-1, 1.5, True],
    "max_body_bytes": [0, "1"],
    "max_event_bytes": [0],
    "max_connections": [0, 2.5],
    "transport": ["curl"],
    "retry": [3],
    "on_meta": [7, async_callback],
    "ssl_context": ["cert.pem"],
    "limiter": [32],
    "extra_headers": ["X-A: b"],
}


@pytest.mark.parametrize("source", ["option", "config"])
@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in INVALID.items() for value in values])
def test_invalid_option_is_rejected(source, name, value):
    """The exception names the option, from either source."""
    with pytest.raises(ValidationError, match=f"^{name}: ") as caught:
        resolve(**{name: value}) if source == "option" else resolve(config={name: value})
    assert caught.value.param == name


def test_max_retries_sets_the_policy():
    """Zero retries are not the default."""
    assert [resolve(max_retries=count).retry.max_retries for count in (0, 7)] == [0, 7]


def test_max_retries_changes_one_field_of_a_policy():
    """The others are those of `retry`."""
    policy = resolve(retry=RetryPolicy(max_delay=1.0), max_retries=7).retry
    assert (policy.max_retries, policy.max_delay) == (7, 1.0)


def test_every_option_of_a_copy_is_accepted():
    """`with_options` validates by the fields of the settings; an omitted option keeps its value."""
    settings = resolve(timeout=3, extra_headers={"x-a": "1"})
    assert copy_settings(settings, dict.fromkeys(CopyOptions.__annotations__)) == settings
    copy = with_options(settings, {"deadline": 9, "extra_headers": {"X-B": "2"}})
    assert (copy.timeout, copy.deadline) == (settings.timeout, 9)
    assert copy.extra_headers == {"x-a": "1", "x-b": "2"}


@pytest.mark.parametrize("name", ["api_key", "transport", "proxy", "ssl_context", "max_connections", "limiter"])
def test_option_of_connections_cannot_be_changed_in_a_copy(name):
    """A copy shares the connections of its client."""
    with pytest.raises(TypeError, match=f"unknown option '{name}'"):
        with_options(resolve(), {name: None})


def test_settings_are_immutable():
    """Clients and threads share them."""
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        resolve().timeout = 3
    assert isinstance(resolve(), Settings)
