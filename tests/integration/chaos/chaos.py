#!/usr/bin/env python3
"""Real daemons under faults: rounds of several sites, real jobs, and a seed that says what strikes them and when.

    ./dev chaos --minutes 10 [--seed S]

A round starts its own sites, submits for a while, strikes them meanwhile, stops striking, waits until all has come to
rest, and judges. The seed decides which faults are drawn, where they strike and for how long; the machine's timing is
its own, so that a seed repeats a round's pressure, not its every interleaving. A round that fails prints its seed, the
job, and what every log says of it, and its folder is kept.
"""
import argparse
import os
import random
import sys
import time

from world import World

FULL = {"sites": 4, "jobs_per_site": 80, "pause_s": 0.6, "faults_s": 75.0, "fault_every_s": 0.6,
        "spare_waiting_origin": 0.7}
SHORT = {"sites": 3, "jobs_per_site": 20, "pause_s": 0.4, "faults_s": 25.0, "fault_every_s": 0.5,
         "spare_waiting_origin": 1.0}


def parse():
    parser = argparse.ArgumentParser(prog="./dev chaos", description="real daemons under faults")
    parser.add_argument("--minutes", type=float, default=5.0, help="rounds are begun for so long (default 5)")
    parser.add_argument("--seed", type=int, help="of the first round; the next ones count up (default: a new one)")
    parser.add_argument("--network", choices=("auto", "proxies", "namespaces"), default="auto",
                        help="auto: proxies and namespaces in turns, where this machine has both")
    parser.add_argument("--short", action="store_true", help="one small round, as the test suite runs it")
    parser.add_argument("--keep", action="store_true", help="keep the folders of rounds that pass, too")
    parser.add_argument("--verbose", action="store_true", help="say each fault as it strikes")
    return parser.parse_args()


def print_table(title, counts):
    print(f"\n{title}")
    width = max(map(len, counts), default=0)
    for name in sorted(counts):
        print(f"  {name:<{width}}  {counts[name]:>6}")


def run_round(options, seed, number):
    shape = SHORT if options.short else FULL
    world = World(seed, shape, network=options.network, number=number, verbose=options.verbose)
    print(f"== round {number}: seed {seed}, {shape['sites']} sites, {world.network.kind}"
          f"{'' if world.own_disks else ', no full disks: ' + world.no_disks_because}", flush=True)
    try:
        world.run()
        print(f"   {world.counts['= kill -9 of a daemon, in all']} kills, {len(world.judge.runs)} jobs that ran, at rest {world.rest_s:.0f} s after the "
              f"last fault: {f'{len(world.failures)} FAILURES' if world.failures else 'nothing lost, nothing twice'}")
        return world
    finally:
        world.close(keep=options.keep or bool(world.failures))


def main():
    sys.stdout.reconfigure(line_buffering=True)
    options = parse()
    seed = options.seed if options.seed is not None else random.SystemRandom().randrange(1 << 31)
    end = time.monotonic() + options.minutes * 60
    total, failed = {}, []
    number = 0
    while number == 0 or (not options.short and time.monotonic() < end):
        world = run_round(options, seed + number, number)
        for name, count in world.counts.items():
            total[name] = total.get(name, 0) + count
        if world.failures:
            failed.append(seed + number)
        number += 1
    print_table(f"{number} rounds from seed {seed}", total)
    for each in failed:
        form = "--short" if options.short else "--minutes 1"
        print(f"FAILED: repeat it with: ./dev chaos {form} --seed {each} --network {options.network}")
    return 1 if failed else 0


if __name__ == "__main__":
    os.umask(0o022)
    sys.exit(main())
