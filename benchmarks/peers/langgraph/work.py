"""A LangGraph of three nodes for each piece of work, checkpointed in PostgreSQL, one after the other in one process."""

import json
import sys
import time
from typing import TypedDict

from langgraph.checkpoint.postgres import PostgresSaver
from langgraph.graph import END, START, StateGraph

count, conninfo, _ = int(sys.argv[1]), sys.argv[2], sys.argv[3]


class Known(TypedDict, total=False):
    """What the steps hand on."""

    number: int
    seen: bool
    fit: bool
    written: bool


graph = StateGraph(Known)
graph.add_node("look", lambda known: {"seen": True})
graph.add_node("judge", lambda known: {"fit": True})
graph.add_node("write", lambda known: {"written": True})
for one, other in ((START, "look"), ("look", "judge"), ("judge", "write"), ("write", END)):
    graph.add_edge(one, other)

with PostgresSaver.from_conn_string(conninfo) as saver:
    saver.setup()
    work = graph.compile(checkpointer=saver)
    run = str(time.time_ns())
    began = time.perf_counter()
    for number in range(count):
        work.invoke({"number": number}, {"configurable": {"thread_id": f"{run}-{number}"}})
    seconds = time.perf_counter() - began
sys.stdout.write(json.dumps({"tasks": count, "seconds": seconds}) + "\n")
