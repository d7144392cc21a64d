"""A name -> a region, and several regions -> the edge to ask."""

import pytest

from polargrid import ValidationError
from polargrid.regions import DEFAULT_REGION, POLARGRID_REGIONS, REGION_ALIASES, Edge, Edges, resolve


@pytest.mark.parametrize("name", POLARGRID_REGIONS)
def test_ids(name):
    """An id is its region, and the region's URL is that of the API's overview."""
    assert resolve(name) == POLARGRID_REGIONS[name]
    assert resolve(name)["url"] == f"https://api.{name}.edge.polargrid.ai:55111"


@pytest.mark.parametrize(("alias", "name"), REGION_ALIASES.items())
def test_aliases(alias, name):
    """An alias is the region that it stands for."""
    assert resolve(alias)["id"] == name


@pytest.mark.parametrize("name", ["YVR-01", " yvr-01\n", "Vancouver", "YVR"])
def test_spelling(name):
    """Case and blanks around a name do not matter."""
    assert resolve(name)["id"] == "yvr-01"


def test_local():
    """`local` is the edge on this machine."""
    assert resolve("local") == {"id": "local", "name": "Local", "url": "http://127.0.0.1:55111"}


def test_new_region():
    """A region that opened after this version is known by the form of its id."""
    assert resolve("fra-02") == {"id": "fra-02", "name": "fra-02", "url": "https://api.fra-02.edge.polargrid.ai:55111"}


def test_default():
    """The default is the default of openapi.yaml's server variable."""
    assert DEFAULT_REGION == "yvr-01"


@pytest.mark.parametrize(
    "name",
    [
        "",
        "mars",
        "yvr-1",
        "yvr-001",
        "yvr-01.evil.example",
        "yvr-01@evil.example",
        "evil.example/yvr-01",
        "yvr-01/..",
        "..",
        "#",
        "yvr-01\r\nHost: evil.example",
        "yvr-०१",
        "ävr-01",
    ],
)
def test_unknown(name):
    """Any other name is refused, with the names there are: no name makes a host of its own."""
    with pytest.raises(ValidationError) as caught:
        resolve(name)
    assert caught.value.param == "region"
    assert all(known in caught.value.message for known in [*POLARGRID_REGIONS, *REGION_ALIASES, "local"])


def test_the_refusal_in_a_sentence():
    """The names stand in the order of the table."""
    with pytest.raises(ValidationError) as caught:
        resolve("mars")
    names = "yvr-01, ymq-01, was-01, vancouver, yvr, montreal, ymq, washington, was, local"
    assert caught.value.message == f"region: 'mars' is none; use one of {names}"


# Which of several edges to ask


A, B, C = (Edge(f"http://{name}") for name in "abc")


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def edges(clock):
    """Three edges that rest for ten seconds after two faults."""
    return Edges([A, B, C], faults=2, rest=10.0, clock=clock)


def fail(edges, edge, times=2):
    for _ in range(times):
        edges.failed(edge)


def test_the_preferred_edge(edges):
    """While it is well the first edge is asked."""
    assert (edges.preferred, edges.choose(), edges.choose()) == (A, A, A)


def test_a_few_faults(edges):
    """Fewer faults than it takes change nothing."""
    fail(edges, A, 1)
    assert edges.choose() == A


def test_an_answer_between_faults(edges):
    """Only faults in a row count."""
    fail(edges, A, 1)
    edges.served(A)
    fail(edges, A, 1)
    assert edges.choose() == A


def test_rest(edges, clock):
    """An edge that fails too often rests, and the next one is asked; the preferred one stays the preferred."""
    fail(edges, A)
    clock.now += 9.9
    assert (edges.choose(), edges.preferred) == (B, A)


def test_one_call_finds_out(edges, clock):
    """After its rest one call tries it, and the others still go elsewhere."""
    fail(edges, A)
    clock.now += 10.0
    assert [edges.choose() for _ in range(3)] == [A, B, B]
    clock.now += 9.9
    assert edges.choose() == B
    clock.now += 0.1
    assert edges.choose() == A


def test_it_is_well_again(edges, clock):
    """An answer ends the rest."""
    fail(edges, A)
    clock.now += 10.0
    edges.choose()
    edges.served(A)
    assert [edges.choose() for _ in range(2)] == [A, A]
    fail(edges, A, 1)
    assert edges.choose() == A


def test_it_is_not_well_yet(edges, clock):
    """One more fault after the rest begins another rest."""
    fail(edges, A)
    clock.now += 12.0
    assert edges.choose() == A
    clock.now += 5.0
    fail(edges, A, 1)
    clock.now += 9.9
    assert edges.choose() == B
    clock.now += 0.1
    assert edges.choose() == A


def test_all_rest(edges, clock):
    """Where all rest, the one is asked whose rest ends first."""
    for edge in (B, C, A):
        fail(edges, edge)
        clock.now += 1.0
    assert edges.choose() == B


def test_another(edges):
    """Another edge is the first that was not tried and does not rest; at last there is none."""
    assert edges.another([]) == A
    assert edges.another([A]) == B
    fail(edges, B)
    assert edges.another([A]) == C
    assert edges.another([A, C]) is None


def test_a_single_edge_never_rests(clock):
    """Where there is no choice none is made."""
    edges = Edges([A], faults=1, clock=clock)
    fail(edges, A, 9)
    assert edges.choose() == A


def test_as_it_is_by_default(clock):
    """Three faults in a row, and half a minute."""
    edges = Edges([A, B], clock=clock)
    fail(edges, A, 2)
    assert edges.choose() == A
    fail(edges, A, 1)
    clock.now += 29.9
    assert edges.choose() == B
    clock.now += 0.1
    assert edges.choose() == A


def test_its_own_clock():
    """Without a clock of the caller's, time goes by as it does."""
    edges = Edges([A, B], faults=1, rest=3600.0)
    fail(edges, A, 1)
    assert edges.choose() == B


def test_a_clock_near_zero():
    """A clock may begin at zero: no edge rests before it failed."""
    assert Edges([A, B], clock=lambda: 0.0).choose() == A
