#!/usr/bin/env python3
"""./dev demo --slurm: two sites on a real Slurm each, two on plain processes, and jobs that go both ways.

The Slurm is the one of deploy/slurm-testbed: two clusters on loopback. Ends with 0 if every job ran where it had to and
came home, and if a site that is drained in Slurm stops bidding and gives its waiting guests back.
"""
import argparse
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.dont_write_bytecode = True

from command import DemoError  # noqa: E402
from federation import Federation  # noqa: E402
from scenario import Scenario, SitePlan  # noqa: E402

TESTBED = HERE.parent / "slurm-testbed"
PATIENCE_S = 120
FINAL = {"COMPLETED", "FAILED", "CANCELLED", "TIMEOUT", "OUT_OF_MEMORY", "NODE_FAIL"}
ON_SLURM = ("alpha", "beta")
SITES = [
    SitePlan("alpha", "a university", "cn/east/suzhou", backend="slurm"),
    SitePlan("beta", "an institute", "cn/east/suzhou", backend="slurm"),
    SitePlan("gamma", "a company", "cn/east/kunshan", [{"name": "cpu", "nodes": 2, "cpus": 16, "memory_gb": 64}]),
    SitePlan("delta", "a cloud", "cn/east/kunshan", [{"name": "h800", "model": "nvidia-h800", "nodes": 2,
                                                     "accelerators": 8, "cpus": 64, "memory_gb": 512}]),
]


def say(text):
    print(text, flush=True)


def wait(seconds, holds, what):
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise DemoError(f"waited {seconds} s in vain for {what}")
        time.sleep(0.2)


class Mixed:
    def __init__(self, programs):
        self.federation = Federation(Scenario("mixed", "", SITES), programs)
        self.slurm = self.federation.folder / "slurm"

    def open(self):
        subprocess.run([TESTBED / "up", self.slurm, *ON_SLURM], check=True, stdout=subprocess.DEVNULL)
        self.federation.make()
        for name in ON_SLURM:
            self.put_on_slurm(self.federation.sites[name])
        self.federation.open([plan.name for plan in SITES], wait)
        wait(PATIENCE_S, self.all_is_known, "every site to know what the others have")

    def put_on_slurm(self, site):
        text = site.config.read_text()
        text = text.replace("\n[slurm]\n", f"\n[slurm]\nconf = \"{self.slurm / site.name / 'slurm.conf'}\"\n", 1)
        site.config.write_text(text)

    def all_is_known(self):
        for site in self.federation.running():
            sites = (site.get("/v1/sites") or {"sites": []})["sites"]
            told = [each for each in sites
                    if each["pools"] and all(pool["units_free"] is not None for pool in each["pools"])]
            if len(told) < len(SITES):
                return False
        return True

    def submit(self, origin, *words):
        limit = [] if "--time" in words else ["--time", "10m"]
        answer = self.federation.sites[origin].hansa("submit", "--parsable", *limit, *words,
                                                     cwd=self.federation.folder)
        if answer.code != 0:
            raise DemoError(f"{origin} did not take {words}: {answer.err}")
        return answer.out.splitlines()[-1].strip()

    def job(self, origin, job):
        return self.federation.sites[origin].get(f"/v1/jobs/{job}") or {"state": "", "host": ""}

    def log(self, origin, job):
        return self.federation.sites[origin].hansa("logs", job).out

    def finish(self, origin, job, host, state="COMPLETED"):
        wait(PATIENCE_S, lambda: self.job(origin, job)["state"] in FINAL, f"the end of {job}")
        found = self.job(origin, job)
        if found["state"] != state or found["host"] not in host:
            raise DemoError(f"{job} ended {found['state']} at {found['host']} ({found['reason']}), "
                            f"not {state} at {' or '.join(host)}")
        return found

    def scontrol(self, cluster, *words):
        environment = dict(os.environ, SLURM_CONF=str(self.slurm / cluster / "slurm.conf"))
        subprocess.run(["scontrol", *words], env=environment, check=True)

    def end(self):
        """Slurm first: it knows its daemons and what they started, of which the federation sees only a part."""
        if self.slurm.exists():
            subprocess.run([TESTBED / "down", self.slurm], check=False)
        self.federation.end()


def jobs_flow_both_ways(world):
    script = 'echo "$HANSA_SITE node $SLURMD_NODENAME devices $CUDA_VISIBLE_DEVICES"; echo made > made.txt'
    away = world.submit("gamma", "--gpu", "a100", "--gpus", "4", "--output", "made.txt", "--wrap", script)
    back = world.submit("alpha", "--gpu", "h800", "--gpus", "8", "--output", "made.txt", "--wrap", script)
    home = world.submit("beta", "--cpus", "2", "--sites", "beta", "--wrap", script)
    late = world.submit("gamma", "--gpu", "a100", "--gpus", "1", "--time", "1s", "--wrap", "sleep 60")
    rows = [("gamma", away, world.finish("gamma", away, ON_SLURM)),
            ("alpha", back, world.finish("alpha", back, ["delta"])),
            ("beta", home, world.finish("beta", home, ["beta"])),
            ("gamma", late, world.finish("gamma", late, ON_SLURM, "TIMEOUT"))]
    for origin, job, found in rows:
        say(f"  {job:<10} from {origin:<6} ran at {found['host']:<6} {found['state']:<10} {world.log(origin, job)}")
    for origin, job, found in rows[:2]:
        node = f"{found['host']}-g1" if found["host"] in ON_SLURM else socket.gethostname()
        devices = "0,1,2,3,4,5,6,7" if job == back else "0,1,2,3"
        if world.log(origin, job) != f"{found['host']} node {node} devices {devices}":
            raise DemoError(f"{job} did not see its node and its accelerators: {world.log(origin, job)}")
    results = world.federation.folder / "results"
    world.federation.sites["gamma"].hansa("fetch", away, results)
    if not list(results.rglob("made.txt")):
        raise DemoError("the outputs of the job at the Slurm host did not come home")


def a_drained_site_gives_back(world):
    whole = ["--gpu", "a100", "--gpus", "16", "--nodes", "2"]
    first = world.submit("gamma", *whole, "--sites", "alpha", "--wrap", "sleep 300")
    other = world.submit("gamma", *whole, "--sites", "beta", "--time", "20m", "--wrap", "sleep 25")
    for job in (first, other):
        wait(PATIENCE_S, lambda: world.job("gamma", job)["state"] == "RUNNING", f"{job} to run")
    guest = world.submit("gamma", *whole, "--sites", "alpha,beta", "--wrap", "echo $HANSA_SITE")
    wait(PATIENCE_S, lambda: world.job("gamma", guest)["host"] == "alpha", f"{guest} to wait at alpha")
    say(f"  {guest} waits at alpha, whose accelerators are taken; alpha's nodes are drained in Slurm")
    world.scontrol("alpha", "update", "nodename=alpha-g[1-2]", "state=drain", "reason=demo")
    began = time.monotonic()
    wait(15, lambda: world.job("gamma", guest)["host"] != "alpha", f"alpha to give {guest} back")
    say(f"  given back after {time.monotonic() - began:.1f} s")
    quote = world.federation.sites["gamma"].hansa("submit", "--test-only", *whole, "--sites", "alpha", "--wrap", "true")
    say("  a quote from alpha now: " + (quote.err or quote.out).splitlines()[-1])
    world.finish("gamma", guest, ["beta"])
    if world.job("gamma", first)["state"] != "RUNNING":
        raise DemoError("what ran at the drained site should have run on")
    say(f"  {guest} ran at beta; {first} runs on at alpha")
    world.federation.sites["gamma"].hansa("cancel", first)
    world.finish("gamma", first, ["alpha"], "CANCELLED")


def main():
    parser = argparse.ArgumentParser(prog="./dev demo --slurm")
    parser.add_argument("build_dir", type=Path)
    programs = parser.parse_args().build_dir.resolve() / "bin"
    world = Mixed(programs)
    try:
        say("two sites on Slurm (alpha, beta), two on processes (gamma, delta)")
        world.open()
        say("jobs go where what they need is:")
        jobs_flow_both_ways(world)
        say("a site is drained in Slurm:")
        a_drained_site_gives_back(world)
        say("all went as it should")
        return 0
    except DemoError as error:
        for site in world.federation.running():
            say(f"{site.name}: {site.last_words()}")
        print(f"the demo failed: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    finally:
        world.end()


if __name__ == "__main__":
    sys.exit(main())
