"""The checker on histories written by hand: it is content with a good one, and finds each thing that may be wrong."""

import copy
import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.robustness.checker import check
from tests.robustness.families import (
    ALIAS_TYPE,
    ARTIFACT,
    CONTEXT,
    FAMILIES,
    MARKER,
    MOVE_TYPE,
    TOKEN,
    Row,
    text_property,
)
from tests.robustness.history import (
    CREATE,
    FIND,
    GET,
    HISTORY,
    LIST,
    MOVE,
    PATCH,
    SETTLER,
    UPSERT,
    Call,
    Fault,
    History,
    Node,
    State,
    load,
)


class Scene:
    """A history in the making: calls follow each other, one a second, unless they say when they are."""

    def __init__(self) -> None:
        self.history = History({"store": "none"})
        self.now = 0

    def call(
        self, verb: str, family: str, *, start: int = -1, end: int = -1, status: int | None = 200, **facts: object
    ) -> Call:
        self.now += 10
        call = Call(len(self.history.calls) + 1, 0, 0, verb, family, self.now if start < 0 else start)
        call.end, call.status = (self.now + 5 if end < 0 else end), status
        for name, value in facts.items():
            setattr(call, name, value)
        self.history.calls.append(call)
        return call

    def model(self, id_: str, name: str, *, status: int | None = 201, **when: int) -> Call:
        written = values("registered model", self.now)
        row = {"id": id_, "name": name, **written}
        facts = {"name": name, "marker": f"m{self.now}", "wrote": written, "rows": [row] if status == 201 else []}
        return self.call(CREATE, "registered model", status=status, **facts, **when)

    def version(self, id_: str, name: str, parent: str, *, status: int | None = 201, **when: int) -> Call:
        written = values("model version", self.now)
        row = {"id": id_, "name": name, "registeredModelId": parent, **written}
        rows = [row] if status == 201 else []
        facts = {"name": name, "parent": parent, "marker": f"m{self.now}", "wrote": written, "rows": rows}
        return self.call(CREATE, "model version", status=status, **facts, **when)

    def patch(self, of: Call, row: Row, *, status: int | None = 200, **changes: object) -> Call:
        rows = [{**row, **changes}] if status == 200 else []
        return self.call(PATCH, of.family, id=row["id"], parent=of.parent, wrote=changes, status=status, rows=rows)

    def read(self, family: str, row: Row, **when: int) -> Call:
        return self.call(GET, family, id=row["id"], rows=[row], **when)

    def metric(self, id_: str, run: str, step: int, *, status: int | None = 200) -> Call:
        written = {"value": step + 0.1, "step": step, "timestamp": str(step)}
        rows = [{"id": id_, "name": "loss", "customProperties": {}, **written}] if status == 200 else []
        return self.call(UPSERT, "metric", name="loss", parent=run, wrote=written, rows=rows, status=status)


def values(family: str, number: int) -> Row:
    """What a create writes."""
    texts = {register: f"{register} {number}" for register in FAMILIES[family].registers}
    return {**texts, "customProperties": {MARKER: text_property(f"m{number}"), TOKEN: text_property(f"t{number}")}}


def good() -> Scene:
    """Two models, versions below the first, changes, reads, a run with a metric, and the state at the end, all in order.

    Calls: 1 and 2 the models, 3 a version, 4 its namesake, refused, 5 a version of unknown outcome that is there, 6 one that is
    not, 7 a change of the first model and 8 a read of it, 9 the versions, 10 an experiment, 11 its run, 12 to 14 values of a
    metric, the second one of unknown outcome, 15 its history.
    """
    scene = Scene()
    first = scene.model("1", "a")
    scene.model("2", "b")
    version = scene.version("3", "v", "1")
    scene.version("", "v", "1", status=409)
    unknown = scene.version("4", "w", "1", status=None)
    scene.version("", "x", "1", status=503)
    changed = scene.patch(first, first.rows[0], description="changed")
    scene.read("registered model", changed.rows[0])
    found = {"id": "4", "name": "w", "registeredModelId": "1", **unknown.wrote}
    scene.call(LIST, "model version", parent="1", rows=[version.rows[0], found])
    experiment = scene.call(
        CREATE, "experiment", name="e", marker="m7001", wrote=values("experiment", 7001), status=201,
        rows=[{"id": "5", "name": "e", **values("experiment", 7001)}],
    )  # fmt: skip
    run = scene.call(
        CREATE, "experiment run", name="r", parent="5", marker="m7002", wrote=values("experiment run", 7002), status=201,
        rows=[{"id": "6", "name": "r", "experimentId": "5", **values("experiment run", 7002)}],
    )  # fmt: skip
    scene.metric("1", "6", 100)
    scene.metric("", "6", 101, status=None)
    last = scene.metric("1", "6", 102)
    rows = [
        {"id": str(i), "name": "loss", "value": s + 0.1, "step": s, "timestamp": str(s)}
        for i, s in ((2, 100), (3, 102))
    ]
    scene.call(HISTORY, "metric", parent="6", name="loss", rows=rows)
    for is_repaired in (False, True):
        state = State(is_repaired, 10_000)
        models = [changed.rows[0], scene.history.calls[1].rows[0]]
        state.lists = {
            "registered model": models,
            "model version": [version.rows[0], found],
            "experiment": [experiment.rows[0]],
            "experiment run": [run.rows[0]],
            "metric": [last.rows[0]],
        }
        state.below = {
            "model version": {"1": [version.rows[0], found], "2": []},
            "experiment run": {"5": [run.rows[0]]},
            "metric": {"6": [last.rows[0]]},
        }
        state.gets = {"registered model": {row["id"]: row for row in models}}
        state.found = {"model version": {"1": {"v": version.rows[0], "w": found}}}
        state.history = {"6": rows}
        state.nodes = [
            *(node(row, "registered model") for row in models),
            node(version.rows[0], "model version", 1), node(found, "model version", 1),
            node(experiment.rows[0], "experiment"), node(run.rows[0], "experiment run", 5), node(last.rows[0], "metric", 6),
            *(history_node(row, 6) for row in rows),
        ]  # fmt: skip
        scene.history.states.append(copy.deepcopy(state))
    return scene


def node(row: Row, family: str, *owners: int) -> Node:
    known = FAMILIES[family]
    name = ":".join([*map(str, owners), row["name"]])
    properties = {key: value for key, value in row.items() if key in known.registers and key != "customProperties"}
    custom_properties = {key: value["string_value"] for key, value in row["customProperties"].items()}
    kind = CONTEXT if known.kind == CONTEXT else ARTIFACT
    return Node(int(row["id"]), kind, known.type_name, name, properties, custom_properties, list(owners))


def history_node(row: Row, run: int) -> Node:
    name = f"{run}:{row['name']}__{row['id']}"
    return Node(int(row["id"]), ARTIFACT, "kf.MetricHistory", name, {"step": row["step"]}, {}, [run])


def test_a_good_history_has_no_violations() -> None:
    assert check(good().history) == []


def call(scene: Scene, number: int) -> Call:
    return scene.history.calls[number - 1]


def lost_create(scene: Scene) -> None:
    scene.model("9", "never seen again")


def doubled_node(scene: Scene) -> None:
    for state in scene.history.states:
        state.nodes.append(copy.deepcopy(state.nodes[1]))
        state.nodes[-1].id = 77


def two_creates_of_a_name(scene: Scene) -> None:
    scene.model("1", "a")


def refused_create_is_there(scene: Scene) -> None:
    call(scene, 2).status, call(scene, 2).rows = 409, []


def refused_change_is_there(scene: Scene) -> None:
    call(scene, 7).status, call(scene, 7).rows = 400, []


def refusal_without_namesake(scene: Scene) -> None:
    scene.model("", "no entity has this name", status=409)


def link_is_missing(scene: Scene) -> None:
    scene.history.states[0].nodes[2].owners = []


def link_is_missing_after_the_repair(scene: Scene) -> None:
    scene.history.states[1].nodes[3].owners = []


def link_to_another(scene: Scene) -> None:
    scene.history.states[1].nodes[2].owners = [1, 2]


def namesake_was_answered_but_link_is_missing(scene: Scene) -> None:
    scene.version("", "w", "1", status=409)
    scene.history.states[0].nodes[3].owners = []


def list_below_lacks_a_row(scene: Scene) -> None:
    scene.history.states[1].below["model version"]["1"].pop()


def list_of_all_lacks_a_row(scene: Scene) -> None:
    scene.history.states[1].lists["registered model"].pop()


def list_shows_a_row_twice(scene: Scene) -> None:
    call(scene, 9).rows *= 2


def list_forgets_a_row(scene: Scene) -> None:
    call(scene, 9).rows.pop(0)


def list_below_another_parent(scene: Scene) -> None:
    call(scene, 9).parent = "2"


def get_differs_from_list(scene: Scene) -> None:
    scene.history.states[1].gets["registered model"]["2"] = None


def find_differs_from_list(scene: Scene) -> None:
    scene.history.states[1].found["model version"]["1"]["v"] = None


def rest_differs_from_mlmd(scene: Scene) -> None:
    scene.history.states[1].nodes[0].properties["owner"] = "another writer"


def row_that_no_client_made(scene: Scene) -> None:
    scene.read("registered model", {"id": "55", "name": "stranger", "customProperties": {}})


def value_that_no_client_wrote(scene: Scene) -> None:
    scene.read("registered model", {**call(scene, 2).rows[0], "owner": "stranger"})


def field_that_was_cleared(scene: Scene) -> None:
    row = {key: value for key, value in call(scene, 2).rows[0].items() if key != "owner"}
    scene.read("registered model", row)


def value_of_another(scene: Scene) -> None:
    scene.read("registered model", {**call(scene, 2).rows[0], "owner": call(scene, 1).rows[0]["owner"]})


def stale_read(scene: Scene) -> None:
    scene.read("registered model", call(scene, 1).rows[0])


def read_from_the_future(scene: Scene) -> None:
    scene.read("registered model", call(scene, 7).rows[0], start=1, end=2)


def reads_go_back_in_time(scene: Scene) -> None:
    """A change of unknown outcome is seen, and then not."""
    row = scene.history.states[0].lists["registered model"][1]
    change = scene.patch(call(scene, 2), row, status=None, owner="maybe")
    scene.read("registered model", {**row, **change.wrote})
    scene.read("registered model", row)


def lost_update(scene: Scene) -> None:
    """A change of one field is undone by a change of another."""
    row = scene.history.states[0].lists["registered model"][1]
    scene.patch(call(scene, 2), row, owner="new")


def half_a_change(scene: Scene) -> None:
    row = scene.history.states[0].lists["registered model"][1]
    change = scene.patch(call(scene, 2), row, status=None, owner="half", description="other half")
    scene.read("registered model", {**row, "owner": change.wrote["owner"]})


def answer_without_the_change(scene: Scene) -> None:
    call(scene, 7).rows = [call(scene, 1).rows[0]]


def get_of_what_was_there(scene: Scene) -> None:
    scene.call(GET, "registered model", id="1", status=404)


def find_of_what_was_there(scene: Scene) -> None:
    scene.call(FIND, "model version", name="v", parent="1", status=404)


def unexpected_status(scene: Scene) -> None:
    scene.call(GET, "registered model", id="1", status=500)


def id_given_twice(scene: Scene) -> None:
    scene.model("2", "c")


def history_lacks_a_value(scene: Scene) -> None:
    call(scene, 15).rows.pop()


def history_lacks_a_value_at_the_end(scene: Scene) -> None:
    scene.history.states[1].history["6"].pop()


def history_has_a_value_twice(scene: Scene) -> None:
    scene.history.states[1].history["6"].append(scene.history.states[1].history["6"][0])


def history_in_mlmd_has_a_value_twice(scene: Scene) -> None:
    scene.history.states[1].nodes.append(scene.history.states[1].nodes[-1])


def history_has_a_value_of_no_client(scene: Scene) -> None:
    call(scene, 15).rows[0]["step"] = 7


def history_has_half_a_value(scene: Scene) -> None:
    call(scene, 15).rows[0]["value"] = 0.5


def history_has_a_refused_value(scene: Scene) -> None:
    call(scene, 12).status, call(scene, 12).rows = 400, []


def history_row_below_nothing(scene: Scene) -> None:
    scene.history.states[1].nodes[-1].owners = []


def metric_shows_what_its_history_lacks(scene: Scene) -> None:
    for state in scene.history.states:
        metric = state.lists["metric"][0]
        metric |= {"value": 101.1, "step": 101, "timestamp": "101"}
        state.below["metric"]["6"] = [metric]


def two_metrics_of_a_name(scene: Scene) -> None:
    scene.metric("8", "6", 103)


WRONG: dict[Callable[[Scene], None], str] = {
    lost_create: "lost",
    doubled_node: "twice",
    two_creates_of_a_name: "twice",
    refused_create_is_there: "refused",
    refused_change_is_there: "refused",
    refusal_without_namesake: "groundless refusal",
    link_is_missing: "links",
    link_is_missing_after_the_repair: "links",
    link_to_another: "links",
    namesake_was_answered_but_link_is_missing: "links",
    list_below_lacks_a_row: "disagreement",
    list_of_all_lacks_a_row: "disagreement",
    list_shows_a_row_twice: "twice",
    list_forgets_a_row: "vanished",
    list_below_another_parent: "misplaced",
    get_differs_from_list: "disagreement",
    find_differs_from_list: "disagreement",
    rest_differs_from_mlmd: "disagreement",
    row_that_no_client_made: "phantom",
    value_that_no_client_wrote: "phantom",
    field_that_was_cleared: "phantom",
    value_of_another: "misplaced",
    stale_read: "back in time",
    read_from_the_future: "phantom",
    reads_go_back_in_time: "back in time",
    lost_update: "lost update",
    half_a_change: "half a write",
    answer_without_the_change: "half a write",
    get_of_what_was_there: "vanished",
    find_of_what_was_there: "vanished",
    unexpected_status: "unexpected answer",
    id_given_twice: "twice",
    history_lacks_a_value: "lost history",
    history_lacks_a_value_at_the_end: "lost history",
    history_has_a_value_twice: "twice",
    history_in_mlmd_has_a_value_twice: "disagreement",
    history_has_a_value_of_no_client: "phantom",
    history_has_half_a_value: "half a write",
    history_has_a_refused_value: "refused",
    history_row_below_nothing: "links",
    metric_shows_what_its_history_lacks: "half a write",
    two_metrics_of_a_name: "twice",
}
"""What may be wrong, and the rule that must find it."""


@pytest.mark.parametrize(("spoil", "rule"), WRONG.items(), ids=lambda case: getattr(case, "__name__", None))
def test_what_is_wrong_is_found(spoil: Callable[[Scene], None], rule: str) -> None:
    scene = good()
    spoil(scene)
    assert rule in {violation.rule for violation in check(scene.history)}


def test_half_made_children_without_an_answer_may_wait_for_the_repair() -> None:
    scene = good()
    state = scene.history.states[0]
    state.nodes[3].owners = []
    state.below["model version"]["1"].pop()
    state.found["model version"]["1"]["w"] = None
    del scene.history.calls[8]  # the list that showed it
    assert check(scene.history) == []


def test_half_made_rows_of_history_without_an_answer_may_wait_for_the_repair() -> None:
    scene = good()
    row = {"id": "4", "name": "loss", "value": 101.1, "step": 101, "timestamp": "101"}
    before, after = scene.history.states
    before.nodes.append(replace(history_node(row, 6), owners=[]))
    after.nodes.append(history_node(row, 6))
    after.history["6"].append(row)
    assert check(scene.history) == []
    after.nodes[-1].owners = []
    assert "links" in {violation.rule for violation in check(scene.history)}
    after.nodes[-1].owners = [6]
    call(scene, 13).status = 200
    assert {"links", "lost history"} <= {violation.rule for violation in check(scene.history)}


def test_a_create_that_another_one_completed_may_have_been_seen_for_a_while() -> None:
    scene = good()
    slow = scene.version("9", "slow", "1", status=409, end=9_000)
    row = {"id": "9", "name": "slow", "registeredModelId": "1", **slow.wrote}
    scene.read("model version", row)
    assert {violation.rule for violation in check(scene.history)} >= {"refused", "groundless refusal", "lost"}
    quick = scene.version("9", "slow", "1")
    for state in scene.history.states:
        state.lists["model version"].append(quick.rows[0])
        state.below["model version"]["1"].append(quick.rows[0])
        state.nodes.append(node(quick.rows[0], "model version", 1))
    assert check(scene.history) == []


def test_changes_at_the_same_time_may_come_in_any_order() -> None:
    scene = good()
    row = scene.history.states[0].lists["registered model"][1]
    scene.patch(call(scene, 2), row, owner="one")
    scene.patch(call(scene, 2), row, owner="two")
    one, two = scene.history.calls[-2:]
    one.start, one.end, two.start, two.end = 500, 600, 500, 600
    for state in scene.history.states:
        state.lists["registered model"][1]["owner"] = "one"
        state.gets["registered model"]["2"]["owner"] = "one"  # type: ignore[index]
        state.nodes[1].properties["owner"] = "one"
    assert check(scene.history) == []


def test_a_history_is_the_same_when_it_was_kept_in_a_file(tmp_path: Path) -> None:
    history = good().history
    history.faults.append(Fault("cut", "0", 1, 2))
    history.save(tmp_path / "history.jsonl")
    again, first, second = load(tmp_path / "history.jsonl"), io.StringIO(), io.StringIO()
    history.write(first)
    again.write(second)
    assert first.getvalue() == second.getvalue()
    assert check(again) == []


def test_what_was_never_sent_must_not_be_there() -> None:
    scene = good()
    call(scene, 5).was_sent = False
    assert "refused" in {violation.rule for violation in check(scene.history)}


def test_only_a_client_with_little_time_may_get_a_time_out() -> None:
    scene = good()
    call = scene.model("99", "hasty", status=408)
    assert {violation.rule for violation in check(scene.history)} == {"unexpected answer"}
    call.patience = 0.01
    assert check(scene.history) == []


def test_a_client_that_keeps_asking_gets_an_answer_in_the_end() -> None:
    scene = good()
    calls = [scene.model("99", "late", status=503), scene.model("99", "late", status=503)]
    assert check(scene.history) == []
    for call in calls:
        call.client = SETTLER
    assert {violation.rule for violation in check(scene.history)} == {"out of service"}
    calls[1].status = 409
    calls[0].client = 0
    assert "out of service" not in {violation.rule for violation in check(scene.history)}


def moved(scene: Scene, version: str, serial: int, *, status: int | None = 200) -> Call:
    """A call that moves the alias of model 1."""
    rows = [{"alias": "production", "modelVersionId": version, "serial": serial}] if status == 200 else []
    return scene.call(MOVE, "alias", status=status, parent="1", wrote={"version": version}, rows=rows)


def move_of(call: Call, serial: int, former: str) -> Row:
    """The record of a move."""
    place = {"fromModelVersionId": former, "toModelVersionId": call.wrote["version"]}
    return {"alias": "production", "serial": serial, "reason": f"c{call.number}", **place}


def with_moves() -> tuple[Scene, State]:
    """Two moves with answers and one without, all recorded, and a fourth that found the alias there."""
    scene = Scene()
    first, second, third = moved(scene, "2", 1), moved(scene, "3", 2), moved(scene, "2", 3, status=None)
    moved(scene, "2", 3)
    rows = [move_of(first, 1, ""), move_of(second, 2, "2"), move_of(third, 3, "3")]
    state = State(is_repaired=True, at=10**6, moves={"1": rows})
    state.aliases = {"1": [{"alias": "production", "modelVersionId": "2", "serial": 3}]}
    state.nodes = [Node(9, CONTEXT, ALIAS_TYPE, "1:production", {}, {}, [])]
    state.nodes += [Node(n, "execution", MOVE_TYPE, f"1:production:{n}", {}, {}, []) for n in (1, 2, 3)]
    scene.history.states.append(state)
    return scene, state


def test_moves_of_an_alias_that_form_one_chain_are_right() -> None:
    scene, _ = with_moves()
    assert check(scene.history) == []


@pytest.mark.parametrize(
    ("break_it", "rule"),
    [
        (lambda state: state.moves["1"].pop(0), "broken chain"),
        (lambda state: state.moves["1"][1].update(fromModelVersionId="9"), "broken chain"),
        (lambda state: state.moves["1"][1].update(reason="c1"), "twice"),
        (lambda state: state.moves["1"][1].update(reason="c99"), "phantom"),
        (lambda state: state.moves["1"].pop(), "lost"),
        (lambda state: state.aliases["1"][0].update(modelVersionId="3"), "disagreement"),
        (lambda state: state.nodes.pop(), "disagreement"),
    ],
)
def test_a_move_that_is_lost_or_recorded_twice_is_found(break_it: Callable[[State], object], rule: str) -> None:
    scene, state = with_moves()
    break_it(state)
    assert rule in {violation.rule for violation in check(scene.history)}


def test_a_refused_move_that_is_recorded_is_found() -> None:
    scene, _ = with_moves()
    scene.history.calls[2].status = 409
    assert "refused" in {violation.rule for violation in check(scene.history)}
