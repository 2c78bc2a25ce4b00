"""Three Procrastinate jobs for each piece of work, each deferring the next with what is known, one worker."""

import asyncio
import json
import sys
import time

from procrastinate import App, PsycopgConnector

count, conninfo, _ = int(sys.argv[1]), sys.argv[2], sys.argv[3]
app = App(connector=PsycopgConnector(conninfo=conninfo))


@app.task(name="look")
async def look(number: int) -> None:
    """Read something."""
    await judge.defer_async(known={"number": number, "seen": True})


@app.task(name="judge")
async def judge(known: dict) -> None:
    """Make something of it."""
    await write.defer_async(known={**known, "fit": True})


@app.task(name="write")
async def write(known: dict) -> dict:
    """Put it down."""
    return {**known, "written": True}


async def main() -> float:
    """Seconds in which all is worked off."""
    async with app.open_async():
        if not await app.check_connection_async():
            await app.schema_manager.apply_schema_async()
        for number in range(count):
            await look.defer_async(number=number)
        began = time.perf_counter()
        await app.run_worker_async(wait=False, concurrency=1, install_signal_handlers=False)
        return time.perf_counter() - began


sys.stdout.write(json.dumps({"tasks": count, "seconds": asyncio.run(main())}) + "\n")
