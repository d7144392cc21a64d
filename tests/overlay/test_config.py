"""Arguments, a config and the environment -> settings."""

import traceback

import httpx
import pytest

from polargrid import AuthenticationError, ValidationError
from polargrid.config import Secret, names_a_place, settled
from polargrid.transport.patience import Timeouts
from polargrid.types import PolarGridConfig

KEY = "pg_secret_0123456789"
ENVIRON = {"POLARGRID_API_KEY": KEY}


def of(environ=ENVIRON, config=None, **given):
    return settled(environ, config, given)


def edge_of(*values, **given):
    """The one edge that the settings name."""
    (edge,) = of(*values, **given).edges
    return edge


# The key


def test_key_of_the_environment():
    """The key comes from POLARGRID_API_KEY."""
    assert of().api_key.reveal() == KEY


def test_key_of_the_config():
    """A config's key goes before the environment's."""
    assert of(config={"api_key": "pg_config"}).api_key.reveal() == "pg_config"


def test_key_as_an_argument():
    """An argument goes before the config."""
    assert of(config={"api_key": "pg_config"}, api_key="pg_argument").api_key.reveal() == "pg_argument"


@pytest.mark.parametrize("environ", [{}, {"POLARGRID_API_KEY": ""}])
def test_no_key(environ):
    """Without a key there is no client, and the error says where a key comes from."""
    with pytest.raises(AuthenticationError, match="POLARGRID_API_KEY"):
        of(environ)


def test_empty_key():
    """An empty key is a mistake; the environment's is not put in its place."""
    with pytest.raises(AuthenticationError):
        of(api_key="")


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000", "http://localhost:8000", "http://[::1]:8000"])
def test_no_key_on_loopback(url):
    """A server on this machine is asked with the key of a local edge where there is no other."""
    assert of({}, base_url=url).api_key.reveal() == "pg_local"


def test_local_region():
    """The region `local` never sees the environment's key."""
    assert of(region="local").api_key.reveal() == "pg_local"


def test_local_region_of_the_environment():
    """That holds where the environment names the region, too."""
    assert of({**ENVIRON, "POLARGRID_REGION": "local"}).api_key.reveal() == "pg_local"


def test_local_region_with_a_key():
    """A key that is given for the local edge is used."""
    assert of(region="local", api_key="pg_argument").api_key.reveal() == "pg_argument"


def test_local_region_somewhere_else():
    """`local` with a URL elsewhere gets no key of its own."""
    with pytest.raises(AuthenticationError):
        of({}, region="local", base_url="https://edge.example")


@pytest.mark.parametrize("junk", ["\r\nX-Evil: 1", "\n", " ", "\0", "\x7f", "é", "\u2028"])
@pytest.mark.parametrize("source", ["argument", "config", "environment"])
def test_key_with_junk(source, junk):
    """A key that holds a line end or the like is refused without being shown, wherever it came from."""
    bad = KEY + junk
    with pytest.raises(ValidationError) as caught:
        {
            "argument": lambda: of(api_key=bad),
            "config": lambda: of(config={"api_key": bad}),
            "environment": lambda: of({"POLARGRID_API_KEY": bad}),
        }[source]()
    assert caught.value.param == "api_key"
    assert KEY not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("config", [{"api_kye": KEY}, {"api_key": [KEY]}, {"api_key": KEY, "timeout": "soon"}])
def test_bad_config_shows_no_key(config):
    """A config with a mistake is refused, and no traceback of it shows the key."""
    with pytest.raises(ValidationError) as caught:
        of(config=config)
    assert KEY not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(("key", "shown"), [(KEY, "pg_…****"), ("sk-secret", "****"), ("", "****")])
def test_secret_does_not_print(key, shown):
    """A key in a repr, a text or an f-string is a few stars."""
    assert {repr(Secret(key)), str(Secret(key)), f"{Secret(key)}"} == {shown}


def test_settings_do_not_print_the_key():
    """Nor do the settings."""
    assert KEY not in repr(of())


# The place


def test_default_region():
    """Where nothing is said the default region serves."""
    edge = edge_of()
    assert (edge.region["id"], edge.base_url) == ("yvr-01", "https://api.yvr-01.edge.polargrid.ai:55111")


def test_region_of_the_environment():
    """POLARGRID_REGION names a region."""
    assert edge_of({**ENVIRON, "POLARGRID_REGION": "montreal"}).region["id"] == "ymq-01"


def test_url_of_the_environment():
    """POLARGRID_BASE_URL names an edge, and goes before the environment's region."""
    environ = {**ENVIRON, "POLARGRID_BASE_URL": "https://edge.example", "POLARGRID_REGION": "ymq-01"}
    assert edge_of(environ).base_url == "https://edge.example"


def test_region_as_an_argument():
    """A region that is given goes before everything in the environment."""
    environ = {**ENVIRON, "POLARGRID_BASE_URL": "https://edge.example", "POLARGRID_REGION": "ymq-01"}
    edge = edge_of(environ, region="was")
    assert (edge.region["id"], edge.base_url) == ("was-01", "https://api.was-01.edge.polargrid.ai:55111")


def test_region_of_the_config():
    """A config's region goes before the environment, and an argument before it."""
    environ = {**ENVIRON, "POLARGRID_REGION": "ymq-01"}
    assert edge_of(environ, {"region": "was"}).region["id"] == "was-01"
    assert edge_of(environ, {"region": "was"}, region="yvr").region["id"] == "yvr-01"


def test_url_as_an_argument():
    """A URL that is given is used as it is; no region is behind it."""
    edge = edge_of(base_url="https://edge.example")
    assert (edge.region, edge.base_url) == (None, "https://edge.example")


def test_url_keeps_the_environments_region_out():
    """A URL that is given goes before the environment's region, in name and in fact."""
    edge = edge_of({**ENVIRON, "POLARGRID_REGION": "ymq-01"}, base_url="https://edge.example")
    assert (edge.region, edge.base_url) == (None, "https://edge.example")


def test_url_and_region():
    """A URL goes before a region that is given with it; the region keeps its name."""
    edge = edge_of(base_url="https://edge.example", region="ymq")
    assert (edge.region["id"], edge.base_url) == ("ymq-01", "https://edge.example")


@pytest.mark.parametrize("end", ["", "/", "/v1", "/v1/"])
def test_end_of_the_url(end):
    """A URL may end as OpenAI's clients want it."""
    assert edge_of(base_url=f"http://127.0.0.1:8000{end}").base_url == "http://127.0.0.1:8000"


def test_url_with_a_path():
    """An edge may stand behind a path."""
    assert edge_of(base_url="https://proxy.example/edge/v1").base_url == "https://proxy.example/edge"


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
def test_junk_url(url):
    """A URL that is none is refused when the client is made, and what it holds is not shown."""
    with pytest.raises(ValidationError) as caught:
        of(base_url=url)
    assert caught.value.param == "base_url"
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("environ", [{"POLARGRID_REGION": "mars"}, {"POLARGRID_BASE_URL": "mars"}])
def test_junk_of_the_environment(environ):
    """The environment is not trusted more than an argument."""
    with pytest.raises(ValidationError):
        of({**ENVIRON, **environ})


@pytest.mark.parametrize(
    ("environ", "config", "given", "named"),
    [
        ({}, None, {}, False),
        ({}, None, {"region": None, "base_url": None}, False),
        ({}, {"timeout": 3}, {}, False),
        ({}, None, {"region": "yvr"}, True),
        ({}, None, {"base_url": "http://127.0.0.1"}, True),
        ({}, {"region": "yvr"}, {}, True),
        ({"POLARGRID_REGION": "yvr"}, None, {}, True),
        ({"POLARGRID_BASE_URL": "http://127.0.0.1"}, None, {}, True),
    ],
)
def test_whether_a_place_is_named(environ, config, given, named):
    """`create` looks for the nearest region only where nothing says which."""
    assert names_a_place(environ, config, given) is named


# The rest


def test_config_as_a_model():
    """A config may be a PolarGridConfig or a mapping of its fields."""
    fields = {"api_key": "pg_config", "region": "ymq", "timeout": 5.0, "max_retries": 7}
    assert repr(of(config=PolarGridConfig(**fields))) == repr(of(config=fields))


def test_config_does_not_print_the_key():
    """A config in a log line holds no key."""
    assert KEY not in repr(PolarGridConfig(api_key=KEY))


def test_unknown_field():
    """A config's field that does not exist is refused by its name."""
    with pytest.raises(ValidationError, match="regoin"):
        of(config={"regoin": "yvr"})


def test_timeout_left_out():
    """Without a timeout the HTTP client's own holds."""
    assert of().timeout is None


def test_timeout():
    """A number of seconds holds for each wait."""
    assert of(timeout=5).timeout == Timeouts(5, 5, 5, 5)


def test_timeout_of_httpx():
    """An httpx.Timeout is taken phase by phase."""
    timeout = httpx.Timeout(60, connect=1)
    assert of(timeout=timeout).timeout == Timeouts(connect=1, read=60, write=60, pool=60)


@pytest.mark.parametrize("source", ["argument", "config"])
@pytest.mark.parametrize("timeout", [0, -1, "soon"])
def test_junk_timeout(source, timeout):
    """A timeout that is none is refused."""
    with pytest.raises(ValidationError) as caught:
        of(timeout=timeout) if source == "argument" else of(config={"timeout": timeout})
    assert caught.value.param == "timeout"


@pytest.mark.parametrize("source", ["argument", "config"])
def test_negative_retries(source):
    """Less than no retries is refused."""
    with pytest.raises(ValidationError) as caught:
        of(max_retries=-1) if source == "argument" else of(config={"max_retries": -1})
    assert caught.value.param == "max_retries"


def test_retries():
    """The number of retries is kept; zero is zero."""
    assert [of(max_retries=count).retry.max_retries for count in (0, 7)] == [0, 7]
