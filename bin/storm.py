"""Runs a storm from the terminal: asks for refunds, strikes processes, and fails unless nothing was lost or done twice."""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.faults.lightning import Weather
from tests.faults.storm import Plan, storm


def main() -> int:
    """Exit status 0 when nothing was lost, duplicated, unexpected, stuck or left over, else 1."""
    report = storm(wanted())
    print("\n".join(report.lines()), flush=True)
    return 0 if report.holds else 1


def wanted() -> Plan:
    """What was asked for."""
    parser = argparse.ArgumentParser(prog="bin/storm", description=__doc__)
    parser.add_argument("--tasks", type=int, default=1000, help="how many refunds are asked for")
    parser.add_argument("--kills", type=int, default=20, help="how many processes are killed")
    parser.add_argument("--seed", type=int, default=1, help="which storm; the same seed strikes in the same order")
    parser.add_argument("--approve-share", type=float, default=0.1, help="share of refunds that need an approval")
    parser.add_argument("--every", type=float, default=1.5, help="seconds between two kills, about")
    parser.add_argument("--wipes", type=int, default=1, help="how often Redis is wiped")
    parser.add_argument("--redis-kills", type=int, default=0, help="how often Redis is killed")
    parser.add_argument(
        "--restarts", type=int, default=0, help="how often PostgreSQL is stopped or killed, 5 to 40 s apart"
    )
    options = parser.parse_args()
    weather = Weather(options.kills, options.every, options.wipes, options.redis_kills, options.restarts)
    return Plan(options.tasks, weather, options.seed, options.approve_share)


if __name__ == "__main__":
    sys.exit(main())
