"""One round: sites, network, users, faults, and a clock that says what comes next."""
import collections
import heapq
import itertools
import os
import random
import shutil
import tempfile
import threading
import time

import namespaces
from faults import RARE, Faults
from harbour import ChaosSite
from judge import Judge
from proxies import Proxies
from watch import Watch
from witness import Witness
from workload import User

REST_S = 90.0
NAMES = ("ada", "bern", "cork", "delft", "essen", "fano")


def choose_network(wish, number):
    """In turns, proxies first, when both are there; says why namespaces are not."""
    if wish == "proxies" or (wish == "auto" and number % 2 == 0):
        return Proxies()
    network, why = namespaces.probe()
    if network:
        return network
    if wish == "namespaces":
        raise SystemExit(f"this machine has no network namespaces for us: {why}")
    print(f"   no network namespaces ({why}): proxies instead")
    return Proxies()


class World:
    def __init__(self, seed, shape, network, number, verbose):
        self.shape, self.verbose = shape, verbose
        self.dice = random.Random(seed)
        self.counts = collections.Counter()
        self.failures, self.losses, self.shims_killed, self.jobs = [], [], [], []
        self.kill_when_acknowledged = {}
        self.lock = threading.RLock()
        self.over, self.given_up = threading.Event(), threading.Event()
        self.events, self.order = [], itertools.count()
        self.began = time.monotonic()
        self.rest_s = 0.0
        self.folder = tempfile.mkdtemp(prefix="hansa-chaos-")
        os.chmod(self.folder, 0o755)
        self.witness = Witness(os.path.join(self.folder, "witness"))
        self.network = choose_network(network, number)
        self.sites = []
        try:
            self.build()
        except BaseException:
            self.close(keep=False)
            raise
        self.users = [User(self, site, f"{seed}/{site.name}", shape["jobs_per_site"], shape["pause_s"])
                      for site in self.sites]
        self.watch = Watch(self)
        self.faults = Faults(self, self.dice)
        self.judge = Judge(self)

    def build(self):
        for name in NAMES[:self.shape["sites"]]:
            self.sites.append(ChaosSite(self.folder, name, self.network))
        self.network.join(self.sites)
        for one in self.sites:
            for other in self.sites:
                if one is not other:
                    one.know(other, [self.network.endpoint(one.name, other.name, lane) for lane in (0, 1)])
        self.own_disks = all(site.own_disk for site in self.sites)
        self.no_disks_because = "" if os.geteuid() == 0 else "not root"

    # What others tell
    def note(self, text):
        line = f"{time.monotonic() - self.began:7.2f}  {text}"
        with open(os.path.join(self.folder, "events"), "a", encoding="utf-8") as file:
            file.write(line + "\n")
        if self.verbose:
            print("  " + line)

    def count(self, what, times=1):
        with self.lock:
            self.counts[what] += times

    def acknowledged(self, job):
        self.count("acknowledged submissions")
        with self.lock:
            self.jobs.append(job)
            kill = self.kill_when_acknowledged.pop(job.origin, None)
        if kill:
            # Here and now: what follows the acknowledgement must find nobody.
            job.origin.process.kill()
            self.at(0.0, kill)
        if job.cancel_after_s is not None:
            self.at(job.cancel_after_s, lambda: self.cancel(job))

    def cancel(self, job):
        """Asked once, of whoever answers: a user who cancels and is told nothing has cancelled nothing."""
        if job.origin.running() and not job.origin.frozen and job.life == job.origin.life:
            threading.Thread(target=self.users[0].call_at, args=(job.origin, ["cancel", job.id]), daemon=True).start()

    def jobs_acknowledged(self):
        with self.lock:
            return list(self.jobs)

    def at(self, delay_s, action):
        with self.lock:
            heapq.heappush(self.events, (time.monotonic() + delay_s, next(self.order), action))

    def fail(self, what, job_id=None, mark=None):
        self.failures.append(what)
        print(f"FAILED: {what}")
        if len(self.failures) <= 5:
            self.explain(job_id, mark)

    def explain(self, job_id, mark):
        print(f"  kept: {self.folder} (its file events says what was struck when)")
        if not job_id:
            return
        for site in self.sites:
            status, job = site.ask(f"/v1/jobs/{job_id}")
            if status == 200:
                print(f"  at {site.name}: {job}")
            for line in site.log().splitlines():
                if job_id in line:
                    print(f"  {site.name}: {line}")
        for line in self.witness.story_of(mark) if mark else []:
            print(f"  witness: {line}")

    # A round
    def run(self):
        for site in self.sites:
            site.up()
        self.wait(lambda: all(site.ready() for site in self.sites), 20, "every site answers")
        for each in (*self.users, self.watch):
            each.start()
        self.strike_until(time.monotonic() + self.shape["faults_s"])
        self.over.set()
        self.heal()
        self.rest()
        self.given_up.set()
        self.count("looks at a site's jobs", self.watch.looks)
        self.count("= kill -9 of a daemon, in all", sum(site.kills for site in self.sites))
        self.count("= partitions, in all", sum(self.counts[kind] for kind in ("partition", "one-way partition", "cut link")))

    def strike_until(self, end):
        due = time.monotonic() + 1.0
        rare = list(RARE)
        while time.monotonic() < end:
            self.step()
            if time.monotonic() < due:
                continue
            # The rare ones take long: first of all, as soon as there is something for them to strike.
            if not (rare and self.faults.strike(rare[0]) and rare.pop(0)):
                self.faults.strike(self.faults.draw())
            due = time.monotonic() + self.dice.expovariate(1 / self.shape["fault_every_s"])

    def step(self):
        """What is due now, and a look whether every daemon that should run does."""
        while True:
            with self.lock:
                if not self.events or self.events[0][0] > time.monotonic():
                    break
                action = heapq.heappop(self.events)[2]
            action()
        for site in self.sites:
            if site.wanted and not site.running():
                self.has_ended(site)
        time.sleep(0.02)

    def has_ended(self, site):
        code = site.process.returncode
        if code == -9:
            site.wanted = False  # by our own hand, a moment ago; its start is due
            return
        if code == 1 and site.refused_by_the_dead():
            self.count("starts refused by the lock of a dead daemon")
        elif code == 1 and site.disk_is_full:
            self.count("starts refused on a full disk")
        else:
            self.count("daemons that ended by themselves")
            self.fail(f"{site.name} ended by itself with {code}: {site.log().splitlines()[-1:]}")
        site.wanted = False
        self.at(0.5, lambda: self.faults.bring_up(site))

    def heal(self):
        self.note("the faults stop")
        for index, one in enumerate(self.sites):
            for other in self.sites[index + 1:]:
                self.network.heal(one.name, other.name)
                self.network.slow(one.name, other.name, 0.0)
                self.network.slow(other.name, one.name, 0.0)
        for site in self.sites:
            site.empty_disk()
            site.thaw()

    def rest(self):
        shown = {}

        def late():
            for site in self.sites:
                if not site.held:
                    self.faults.bring_up(site)
                shown[site.name] = site.jobs() if not site.held else None
            if any(jobs is None for jobs in shown.values()):
                return ["a site does not answer"]
            return self.judge.at_rest(shown)
        began = time.monotonic()
        left = self.wait_for_none(late, REST_S)
        if left:
            for each in left[:10]:
                self.fail(f"not at rest {REST_S:.0f} s after the faults stopped: {each}", each.split()[0])
        if all(jobs is not None for jobs in shown.values()):
            self.judge.judge(shown)
            self.leaks()
        for state, number in self.judge.finals.items():
            self.count(f"ended as {state}", number)
        self.count("runs that started", sum(map(len, self.judge.runs.values())))
        self.rest_s = time.monotonic() - began
        self.note(f"at rest after {self.rest_s:.1f} s")

    def leaks(self):
        """Once all has ended nothing is held, nobody works, and every site knows it of every other."""
        for each in self.wait_for_none(lambda: [found for site in self.sites for found in self.left_at(site)], 20)[:5]:
            self.fail(f"after all had ended: {each}")

    def left_at(self, site):
        over = ("COMPLETED", "FAILED", "CANCELLED", "TIMEOUT", "OUT_OF_MEMORY", "NODE_FAIL", "PREEMPTED")
        _, jobs = site.ask("/v1/jobs?limit=10000")
        _, known = site.ask("/v1/sites")
        if not isinstance(jobs, dict) or not isinstance(known, dict):
            return [f"{site.name} does not answer"]
        listed = [f"{site.name} lists {job['id']} as {job['state']}" for job in jobs["jobs"] if job["state"] not in over]
        alive = [f"{site.name} has the wrapper of {run}" for _, run in site.shims()]
        unseen = [f"{site.name} sees {other['site']} {other['state']}, {pool['units_free']} of {pool['units']} units free"
                  for other in known["sites"] for pool in other["pools"]
                  if other["state"] != "alive" or pool["units_free"] != pool["units"]]
        missing = [f"{site.name} knows {len(known['sites'])} sites"] if len(known["sites"]) != len(self.sites) else []
        return listed + alive + unseen + missing

    def wait_for_none(self, finds, within_s):
        end = time.monotonic() + within_s
        while True:
            found = finds()
            if not found or time.monotonic() > end:
                return found
            for _ in range(10):
                self.step()

    def wait(self, condition, within_s, what):
        if self.wait_for_none(lambda: [] if condition() else [what], within_s):
            raise SystemExit(f"not within {within_s} s: {what}; kept: {self.folder}")

    def close(self, keep):
        self.over.set()
        self.given_up.set()
        for site in self.sites:
            if keep and site.own_disk:
                shutil.copytree(site.state, site.state + ".kept", dirs_exist_ok=True, symlinks=True)
            site.remove()
        self.network.close()
        if not keep:
            shutil.rmtree(self.folder, ignore_errors=True)
