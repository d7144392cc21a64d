"""polargrid.openai: OpenAI's names for the classes of the SDK."""

import importlib
import pickle
import pkgutil
import typing

import httpx
import pytest
import typing_extensions
import yaml

import polargrid
from generator.openai_names import TABLE, NameTableError, render_openai_packages
from polargrid import errors, openai
from polargrid.openai import NOT_GIVEN, AsyncOpenAI, NotGiven, Omit, OpenAI, not_given, omit
from tests.overlay.test_secrets import SECRET, build_key, render

PACKAGES = yaml.safe_load(TABLE.read_text(encoding="utf-8"))
KINDS = {"async": AsyncOpenAI, "sync": OpenAI}


@pytest.fixture
def kind(connect):
    """The class of OpenAI for the kind of client."""
    return KINDS[connect.name]


@pytest.fixture
def client(connect, kind, spec):
    """A client of it, and the requests that it sends."""
    http = connect.http(httpx.Response(200, json=spec["chat_completion"].response))
    return kind(api_key="pg_0123456789", http_client=http), http.handler.requests


# Names


@pytest.mark.parametrize("name", openai.__all__)
def test_name(name):
    """It can be imported, and `dir` lists it."""
    assert getattr(openai, name) is not None
    assert name in dir(openai)


def test_star_import():
    """It imports all of them."""
    namespace = {}
    exec("from polargrid.openai import *", namespace)  # noqa: S102 - a star import is legal in a module only
    assert set(openai.__all__) <= namespace.keys()


@pytest.mark.parametrize("path", PACKAGES)
def test_types(path):
    """Each module has its names, and the package exports those that begin with the name of the module."""
    package = importlib.import_module(f"polargrid.openai.{path}")
    for module, names in PACKAGES[path].items():
        for name in names:
            value = getattr(importlib.import_module(f"polargrid.openai.{path}.{module}"), name)
            if name in package.__all__ and name.lower().startswith(module.replace("_", "")):
                assert getattr(package, name) is value
    assert all(getattr(package, name) is not None and name in dir(package) for name in package.__all__)


@pytest.mark.parametrize(
    "module", ["_exceptions", "_legacy_response", "_models", "_response", "_streaming", "_types", "lib._pydantic"]
)
def test_inner_modules(module):
    """Programs import from inner modules of OpenAI's SDK for annotations; each name is one of those."""
    own = importlib.import_module(f"polargrid.openai.{module}")
    assert all(hasattr(own, name) for name in own.__all__)
    assert set(own.__all__) <= vars(importlib.import_module(f"openai.{module}")).keys()


def test_attributes_of_packages():
    """A program reaches a type from the package, without an import of its own."""
    assert openai.types.chat.ChatCompletion is polargrid.types.ChatCompletionResponse
    assert openai.types.chat.chat_completion.Choice is polargrid.types.ChatCompletionChoice
    assert openai.types.Completion is polargrid.types.CompletionResponse
    assert openai.types.shared.FunctionDefinition is openai.types.FunctionDefinition


def test_unknown_names():
    """They are AttributeErrors, as those of any module."""
    for module in (openai, openai.types, openai.types.chat):
        with pytest.raises(AttributeError, match="has no attribute 'ChatCompletions'"):
            _ = module.ChatCompletions


def test_typed_dicts():
    """A parameter's type is called as OpenAI's."""
    message = openai.types.chat.ChatCompletionUserMessageParam(role="user", content="Hi")
    assert message == {"role": "user", "content": "Hi"}
    assert typing_extensions.is_typeddict(openai.types.chat.ChatCompletionToolParam)


def test_every_module_is_of_the_table():
    """No module is left from an older table."""
    for top in ("types", "resources", "lib"):
        package = importlib.import_module(f"polargrid.openai.{top}")
        for module in pkgutil.walk_packages(package.__path__, f"{top}."):
            path, _, name = module.name.rpartition(".")
            assert module.name in PACKAGES if module.ispkg else name in PACKAGES[path]


def test_table_with_an_unknown_class(monkeypatch, tmp_path):
    """It is refused, with the module and the name."""
    table = tmp_path / "names.yaml"
    table.write_text("types:\n  completion:\n    Completion: Compleshun\n")
    monkeypatch.setattr("generator.openai_names.TABLE", table)
    names = ("models", "params", "parsed", "async_resources", "sync_resources")
    with pytest.raises(NameTableError, match=r"types.completion: Completion: there is no class Compleshun"):
        render_openai_packages({f"{name}.py": "" for name in names})


def test_errors():
    """They are the SDK's own."""
    assert openai.OpenAIError is errors.PolarGridError
    assert openai.APITimeoutError is errors.TimeoutError
    names = [name for name in openai.__all__ if name.endswith("Error")]
    assert all(issubclass(getattr(openai, name), openai.OpenAIError) for name in names)
    assert issubclass(openai.APITimeoutError, openai.APIConnectionError)
    assert not issubclass(openai.APIConnectionError, openai.APIStatusError)


def test_omitted_arguments():
    """All of OpenAI's forms are one value, also after a copy."""
    assert omit is not_given is NOT_GIVEN is Omit() is NotGiven()
    assert pickle.loads(pickle.dumps(NOT_GIVEN)) is NOT_GIVEN  # noqa: S301
    assert not omit


def test_omitted_arguments_are_not_sent(client, connect):
    """Those that a program creates neither."""
    native, requests = client
    messages = [{"role": "user", "content": "Hi"}]
    connect.run(
        native.chat.completions.create(model="m", messages=messages, temperature=Omit(), stop=NotGiven(), seed=omit)
    )
    assert not {b"temperature", b"stop", b"seed"} & set(requests[0].content.split(b'"'))


# The module


@pytest.mark.parametrize("name", ["api_key", "base_url", "chat", "organization", "http_client"])
def test_no_client_of_the_module(name):
    """Setting or reading it is an error that says what to do, not without effect."""
    with pytest.raises(AttributeError, match=rf"polargrid.openai has no {name}, .* client = OpenAI"):
        setattr(openai, name, "pg_0123456789")
    with pytest.raises(AttributeError, match=f"polargrid.openai has no {name}"):
        getattr(openai, name)


def test_attributes_of_a_program(monkeypatch):
    """Other attributes can be set, as a program's tests do."""
    monkeypatch.setattr(openai, "OpenAI", None)
    assert openai.OpenAI is None


# Clients


def test_client(client, connect):
    """It is the SDK's client, with OpenAI's names as options."""
    native, requests = client
    response = connect.run(native.chat.completions.create(model="m", messages=[{"role": "user", "content": "Hi"}]))
    assert isinstance(response, openai.types.chat.ChatCompletion)
    assert requests[0].url.path == "/v1/chat/completions"
    assert isinstance(native, polargrid.PolarGrid | polargrid.PolarGridSync)
    assert repr(native).startswith(f"<{type(native).__name__} ")
    assert isinstance(native.copy(max_retries=1), type(native))


def test_options_of_openai(kind):
    """All of them are taken; an omitted one is the default."""
    options = {"organization": "o", "project": "p", "default_headers": {"X-A": "1"}, "default_query": {"a": 1}}
    client = kind(api_key="pg_0123456789", base_url=httpx.URL("http://test/v1"), timeout=3, max_retries=1, **options)
    assert (client.organization, client.project, client.timeout, client.max_retries) == ("o", "p", 3, 1)
    assert str(client.base_url) == "http://test/v1/"
    client = kind(api_key="pg_0123456789", base_url=NOT_GIVEN, timeout=NOT_GIVEN, max_retries=NOT_GIVEN)
    assert client.max_retries == openai.DEFAULT_MAX_RETRIES
    assert client.timeout == openai.DEFAULT_TIMEOUT


def test_clients_of_httpx(connect, kind):
    """Those with the SDK's defaults can be passed."""
    create = {"async": openai.DefaultAsyncHttpxClient, "sync": openai.DefaultHttpxClient}[connect.name]
    http = create(headers={"X-A": "1"})
    assert http.timeout == openai.DEFAULT_TIMEOUT == openai.Timeout(120, connect=10)
    connect.run(kind(api_key="pg_0123456789", http_client=http).close())
    assert not http.is_closed
    connect.run(http.aclose() if connect.name == "async" else http.close())
    assert create(timeout=3).timeout == openai.Timeout(3)


def test_file_from_path(tmp_path):
    """It is an upload."""
    (tmp_path / "a.wav").write_bytes(b"RIFF")
    assert openai.file_from_path(tmp_path / "a.wav") == ("a.wav", b"RIFF")


# The environment

ENVIRONMENT = {
    "OPENAI_API_KEY": "sk-0123456789",
    "OPENAI_BASE_URL": "http://openai/v1",
    "OPENAI_ORG_ID": "org_1",
    "OPENAI_PROJECT_ID": "proj_1",
}


@pytest.fixture
def environment(monkeypatch):
    """The variables of OpenAI's SDK, and the key of PolarGrid."""
    for name, value in {**ENVIRONMENT, "POLARGRID_API_KEY": "pg_0123456789"}.items():
        monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("environment")
def test_variables_of_openai_are_not_read(kind):
    """The key of OpenAI is not sent to PolarGrid, nor PolarGrid's to another server."""
    client = kind()
    assert (client.api_key, client.organization, client.project) == ("pg_0123456789", None, None)
    assert "openai" not in str(client.base_url)


@pytest.mark.usefixtures("environment")
def test_variables_of_openai_on_request(kind):
    """A class method reads them; options override them."""
    client = kind.from_openai_environment(max_retries=1)
    assert type(client) is kind
    assert (client.api_key, client.organization, client.project) == ("sk-0123456789", "org_1", "proj_1")
    assert (str(client.base_url), client.max_retries) == ("http://openai/v1/", 1)
    client = kind.from_openai_environment(api_key="pg_other_key", region="yvr", organization="org_2")
    assert (client.api_key, client.get_region_id(), client.organization) == ("pg_other_key", "yvr-01", "org_2")


def test_no_key_of_openai(kind, monkeypatch):
    """It says which variable is missing, and shows no other; the key of PolarGrid is for another server."""
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.setenv("POLARGRID_API_KEY", build_key())
    monkeypatch.setenv("ANOTHER_SECRET", SECRET)
    with pytest.raises(openai.OpenAIError, match="set OPENAI_API_KEY") as caught:
        kind.from_openai_environment()
    assert SECRET not in render(caught.value)


def test_invalid_option_of_the_environment(kind, monkeypatch):
    """Its exception does not show the key."""
    monkeypatch.setenv("OPENAI_API_KEY", build_key())
    with pytest.raises(openai.OpenAIError) as caught:
        kind.from_openai_environment(timeout="soon")
    assert SECRET not in render(caught.value)


# Names that are no classes of the document


def test_modules_of_streams_and_pages():
    """Programs import the events of a stream, and the page of a list."""
    from polargrid.openai.lib.streaming.chat import ChatCompletionStreamEvent, ContentDeltaEvent
    from polargrid.openai.pagination import SyncPage

    assert issubclass(polargrid.types.ListModelsResponse, SyncPage)
    assert ContentDeltaEvent in typing.get_args(ChatCompletionStreamEvent)
    assert openai.lib.streaming.chat.ContentDeltaEvent is ContentDeltaEvent


def test_clients_of_httpx2(connect, kind):
    """They are imported if they are asked for."""
    create = {"async": openai.DefaultAsyncHttpx2Client, "sync": openai.DefaultHttpx2Client}[connect.name]
    http = create()
    assert http.timeout.connect == openai.DEFAULT_TIMEOUT.connect
    connect.run(kind(api_key="pg_0123456789", http_client=http).close())
    connect.run(http.aclose() if connect.name == "async" else http.close())
