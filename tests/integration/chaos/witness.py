"""What really ran, as told by the jobs themselves: a file to which each appends a line at its start, at its end, and
every quarter of a second between, so that two runs of a job at one time can't go unseen.

The daemons know nothing of it. A line is one short O_APPEND write, whole or not there.
"""
import os
from collections import defaultdict

BEAT_S = 0.25


class Run:
    """One attempt at a job: the run folder's name, which carries the epoch, and what it wrote."""

    def __init__(self, name, site):
        self.name, self.site = name, site
        self.lines = []  # (word, uptime)

    def count(self, word):
        return sum(each == word for each, _ in self.lines)

    @property
    def first_s(self):
        return min(at for _, at in self.lines)

    @property
    def last_s(self):
        return max(at for _, at in self.lines)


class Witness:
    def __init__(self, folder):
        os.mkdir(folder)
        os.chmod(folder, 0o777)  # jobs run as another user
        self.path = os.path.join(folder, "lines")
        with open(self.path, "w", encoding="utf-8"):
            pass
        os.chmod(self.path, 0o666)

    def script(self, mark, beats):
        """A job's line of shell. Nothing in it fails when its own disk is full."""
        say = f'say() {{ read up rest </proc/uptime; echo "$1 {mark}$task $HANSA_RUN $HANSA_SITE $up" >>{self.path}; }}'
        wait = f"n=0; while [ $n -lt {beats} ]; do sleep {BEAT_S}; say beat; n=$((n+1)); done"
        task = 'task=${HANSA_ARRAY_TASK_ID:+_$HANSA_ARRAY_TASK_ID}'
        return f'{task}; {say}; say start; echo hello; {wait}; say end; exit 0'

    def runs(self):
        """The runs of each mark, in the order of their first lines."""
        found = defaultdict(dict)
        with open(self.path, encoding="utf-8") as file:
            for line in file:
                word, mark, run, site, up = line.split()
                found[mark].setdefault(run, Run(run, site)).lines.append((word, float(up)))
        return {mark: sorted(runs.values(), key=lambda run: run.first_s) for mark, runs in found.items()}

    def story_of(self, mark):
        """A line for each run of it."""
        return [f"{run.name} at {run.site}: {run.count('start')} starts, {run.count('end')} ends, "
                f"uptime {run.first_s} to {run.last_s}" for run in self.runs().get(mark, [])]


def uptime_s():
    with open("/proc/uptime", encoding="utf-8") as file:
        return float(file.read().split()[0])
