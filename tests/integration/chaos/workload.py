"""Users who don't give up: each submits at one site, with a key of its own for each job, until it is acknowledged.

A submission that met a dead, stopped or full site is tried again with the same key, as a careful script does; whatever
became of the first try, the key stands for one job.
"""
import os
import random
import subprocess
import threading
import time

from harbour import PROGRAMS

LEASE_S = 13
LONGER_THAN_LEASE = 64  # beats
ARRAY_TASKS = 3
EXIT_USAGE = 2


class Job:
    def __init__(self, mark, kind, origin, beats):
        self.mark, self.kind, self.origin, self.beats = mark, kind, origin, beats
        self.id = None
        self.life = None     # of its origin's store, when it was acknowledged
        self.tries = 0
        self.target = None   # the site it is bound to
        self.cancel_after_s = None

    @property
    def marks(self):
        if self.kind != "array":
            return [self.mark]
        return [f"{self.mark}_{task}" for task in range(1, ARRAY_TASKS + 1)]

    @property
    def ids(self):
        return [self.id] if self.kind != "array" else [f"{self.id}_{task}" for task in range(1, ARRAY_TASKS + 1)]


KINDS = {"plain": 30, "away": 30, "rerun": 12, "files": 10, "cancelled": 8, "requeue": 5, "array": 5}


class User(threading.Thread):
    """Submits at one site, from its own seed."""

    def __init__(self, world, site, seed, count, pause_s):
        super().__init__(daemon=True)
        self.world, self.site, self.count, self.pause_s = world, site, count, pause_s
        self.dice = random.Random(seed)
        self.jobs = []

    def run(self):
        try:
            for number in range(self.count):
                if self.world.over.is_set():
                    return
                job = self.invent(number)
                self.jobs.append(job)
                self.insist(job)
                time.sleep(self.dice.uniform(0, 2 * self.pause_s))
        except Exception as error:  # pylint: disable=broad-except
            self.world.fail(f"the user at {self.site.name} met {error!r}")

    def invent(self, number):
        kind = "rerun" if number == 0 else self.dice.choices(list(KINDS), KINDS.values())[0]
        beats = {"rerun": 24, "cancelled": 30}.get(kind, self.dice.choice((0, 1, 2, 4, 8, 16)))
        if number == 0:
            beats = LONGER_THAN_LEASE
        job = Job(f"{self.site.name}.{number}", kind, self.site, beats)
        others = [site.name for site in self.world.sites if site is not self.site]
        if kind != "plain":
            job.target = self.dice.choice(others)
        if kind == "cancelled":
            job.cancel_after_s = self.dice.uniform(0, 6)
        return job

    def words(self, job):
        words = ["submit", "--parsable", "--time", "3m", "--name", job.mark, "--export", "NONE"]
        words += ["--idempotency-key", f"{job.mark}/{self.site.life}"]
        if job.target:
            words += ["--sites", job.target if job.kind in ("away", "files", "cancelled", "array") else
                      ",".join(site.name for site in self.world.sites if site is not self.site)]
        script = self.world.witness.script(job.mark, job.beats)
        if job.kind == "rerun":
            words += ["--on-partition", "rerun", "--lease", f"{LEASE_S}s"]
        if job.kind == "requeue":
            words += ["--requeue"]
        if job.kind == "array":
            words += ["--array", f"1-{ARRAY_TASKS}"]
        if job.kind == "files":
            words += ["--workdir", self.folder(job), "--output", "out"]
            script = f"tr a-z A-Z <in >out; {script}"
        return words + ["--wrap", script]

    def folder(self, job):
        folder = os.path.join(self.world.folder, "inputs", job.mark)
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, "in"), "w", encoding="utf-8") as file:
            file.write(f"carried by {job.mark}\n" * 50)
        return folder

    def insist(self, job):
        while not self.world.given_up.is_set():
            life = self.site.life
            job.tries += 1
            said = self.call(self.words(job))
            if said is not None and said.returncode == 0:
                job.id, job.life = said.stdout.strip(), life
                if self.site.life != life:
                    job.life = None  # nobody knows which of its stores this was
                self.world.acknowledged(job)
                return
            if said is not None and said.returncode == EXIT_USAGE:
                raise AssertionError(said.stderr)
            if job.tries == 1:
                why = said.stderr.strip().replace(self.world.folder, "") if said is not None else "no answer"
                self.world.note(f"{job.mark} is not acknowledged at once: {why[:110]}")
            time.sleep(0.3)

    def call(self, words):
        return self.call_at(self.site, words)

    @staticmethod
    def call_at(site, words, timeout_s=10.0):
        environment = dict(os.environ, HANSA_SOCKET=os.path.join(site.folder, "hansa.sock"))
        try:
            return subprocess.run([f"{PROGRAMS}/hansa", *words], env=environment, text=True, capture_output=True,
                                  timeout=timeout_s, check=False)
        except subprocess.TimeoutExpired:
            return None
