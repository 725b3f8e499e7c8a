#!/usr/bin/env python3
"""What an acknowledgement is worth: `kill -9` right after it.

    kill_after_submit.py [--jobs 1000] [--rounds 20]

Each round submits its share of jobs, one command each as people and scripts do, kills the daemon the moment the last
one is acknowledged, and starts it again. Then it counts jobs that the site no longer knows, ids that stand for another
job than the one that they were handed out for, and, once all have ended, jobs that did not start exactly once.
"""
import argparse
import os
import shutil
import sys
import tempfile
import time

from harbour import ChaosSite, wait_until
from proxies import Proxies
from witness import Witness

END_WITHIN_S = 300


def parse():
    parser = argparse.ArgumentParser(description="kill -9 right after an acknowledgement")
    parser.add_argument("--jobs", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=20)
    return parser.parse_args()


class Trial:
    def __init__(self, folder):
        self.witness = Witness(os.path.join(folder, "witness"))
        self.site = ChaosSite(folder, "home", Proxies())
        self.handed_out = {}  # id: the name of the job for which it was
        self.again = 0

    def round(self, jobs):
        for _ in range(jobs):
            name = f"job{len(self.handed_out) + self.again}"
            job = self.site.submit("--name", name, "--wrap", self.witness.script(name, 0))
            self.again += self.handed_out.setdefault(job, name) != name
        self.site.kill_hard()
        self.site.start()

    def lost(self):
        shown = wait_until(self.site.jobs, "the site says what it has")
        return [job for job, name in self.handed_out.items() if job not in shown or shown[job]["name"] != name]

    def end(self):
        def all_over():
            shown = self.site.jobs()
            return shown and all(shown[job]["outcome"] for job in self.handed_out if job in shown)
        wait_until(all_over, "every job has ended", END_WITHIN_S)
        runs = self.witness.runs()
        starts = {name: sum(run.count("start") for run in runs.get(name, [])) for name in self.handed_out.values()}
        shown = self.site.jobs()
        failed = [job for job in self.handed_out if job in shown and shown[job]["state"] != "COMPLETED"]
        return [name for name, count in starts.items() if count == 0], [n for n, c in starts.items() if c > 1], failed


def main():
    options = parse()
    folder = tempfile.mkdtemp(prefix="hansa-kill-")
    os.chmod(folder, 0o755)
    trial = Trial(folder)
    lost = set()
    began = time.monotonic()
    try:
        trial.site.start()
        for _ in range(options.rounds):
            trial.round(options.jobs // options.rounds)
            lost.update(trial.lost())
        never, twice, failed = trial.end()
    finally:
        trial.site.remove()
        shutil.rmtree(folder, ignore_errors=True)
    print(f"{len(trial.handed_out) + trial.again} jobs acknowledged, {options.rounds} times kill -9 right after the last: "
          f"{len(lost)} lost, {trial.again} ids handed out again, {len(never)} never started, {len(twice)} started twice, "
          f"{len(failed)} did not complete, {trial.site.starts_again} starts refused by a dead daemon's lock ({time.monotonic() - began:.0f} s)")
    return 1 if lost or trial.again or never or twice or failed else 0


if __name__ == "__main__":
    sys.exit(main())
