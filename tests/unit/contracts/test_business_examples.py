"""Examples say what is null: a step that was left out is null as a whole."""

from tests.unit.contracts.small_business import LANE, MODELS, WORKERS, told

SECOND = """\
  - name: ask
    worker: looker
    run: workers:ask
    gives: models:Asked
    writes: asked
    progress: Asking.
    when:
      rule: {"var": "state.sale.open"}
      because: Sale {request.sale} is closed.
      examples: {accepted: [{state.sale.open: true}], refused: [{state.sale.open: false}]}
  - name: give
"""
RULE = """\
    rule: {"<": [{"var": ["state.asked.doubt", 0]}, 50]}
    because: Sale {request.sale} is closed.
    examples:
      accepted: [{EXAMPLE}]
      refused: [{state.asked.doubt: 50}]
"""


def lane_with(example: str) -> str:
    start, end = LANE.index('    rule: {"var": "state.sale.open"}'), LANE.index("approve:")
    lane = LANE[:start] + RULE.replace("EXAMPLE", example) + LANE[end:]
    return lane.replace("  - name: give\n", SECOND, 1).replace("gives: [sale]", "gives: [sale, asked]", 1)


def told_of(example: str) -> list[str]:
    models = MODELS + "\n\nclass Asked(BaseModel):\n    doubt: int\n"
    workers = WORKERS.replace("Discount, Given", "Asked, Discount, Given")
    workers += "\n\n@worker\ndef ask(sale: Sale, desk: Desk) -> Asked:\n    return Asked(doubt=1)\n"
    lane = lane_with(example).replace("takes: [request], gives: [sale", "takes: [request, sale], gives: [sale", 1)
    return told(lane=lane, models=models, workers=workers)


def test_a_step_that_was_left_out_is_null_as_a_whole() -> None:
    assert told_of("state.asked: null") == []
    assert told_of("state.asked.doubt: 1") == []


def test_a_step_that_is_always_done_is_never_null() -> None:
    (found,) = told_of("state.sale: null")

    assert found.endswith("unknown fact state.sale. It is a group of facts: state.sale.total and state.sale.open.")
