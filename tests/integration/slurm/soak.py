"""soak.py [--jobs 1000] [--kills 5] [--accounting]: jobs through one Slurm site while its daemon and Slurm's are killed.

Every job writes down each of its starts and ends. Ends with 0 if each job came to its end, each of its runs started at
most once, and it is COMPLETED at its origin. A controller that comes up kills what it starts twice or does
not know any more; such a run ends in NODE_FAIL, and --requeue has its job run again.
"""
import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests/integration/federation"))
import sites  # noqa: E402

TESTBED = ROOT / "deploy/slurm-testbed"
PATIENCE_S = 900


def testbed(program, *words):
    subprocess.run([TESTBED / program, *words], check=True, stdout=subprocess.DEVNULL)


class Soak:
    def __init__(self, accounting):
        self.folder = Path(tempfile.mkdtemp(prefix="hansa-soak-"))
        self.folder.chmod(0o755)
        self.tended, self.resumed = 0, 0
        self.slurm, self.witness = self.folder / "slurm", self.folder / "witness"
        self.witness.mkdir()
        self.witness.chmod(0o777)
        testbed("up", self.slurm, "alpha", *(["--accounting"] if accounting else []))
        self.site = sites.Site(str(self.folder), "alpha", [], extra=["--backend", "slurm"])
        self.site.set("slurm", f'conf = "{self.slurm}/alpha/slurm.conf"')
        self.site.start()

    def submit(self, count):
        script = (f"echo start $SLURM_JOB_ID >> {self.witness}/$HANSA_ARRAY_TASK_ID; sleep 0.5; "
                  f"echo end >> {self.witness}/$HANSA_ARRAY_TASK_ID")
        self.array = self.site.submit("--requeue", "--array", f"1-{count}", "--wrap", script)

    def tend(self):
        """The operator's part. A controller that was killed hands out numbers that its nodes hold for running: they
        refuse those jobs, and Slurm drains them until somebody says otherwise."""
        if time.monotonic() < self.tended + 2:
            return
        self.tended = time.monotonic()
        slurm = dict(os.environ, SLURM_CONF=f"{self.slurm}/alpha/slurm.conf")
        drained = subprocess.run(["sinfo", "-h", "-N", "-t", "drain", "-o", "%N %E"], env=slurm, text=True,
                                 capture_output=True, check=False).stdout
        for node in {line.split()[0] for line in drained.splitlines() if "Duplicate jobid" in line}:
            self.resumed += 1
            subprocess.run(["scontrol", "update", f"nodename={node}", "state=resume"], env=slurm, check=False)

    def ended(self):
        self.tend()
        return sum(path.read_text().count("end") > 0 for path in self.witness.iterdir())

    def kill_hansad(self):
        self.site.kill()
        time.sleep(random.uniform(0, 1))
        self.site.start()

    def kill_slurmctld(self):
        testbed("daemon", self.slurm, "kill", "alpha.slurmctld")
        time.sleep(random.uniform(0, 1))
        testbed("daemon", self.slurm, "start", "alpha.slurmctld")

    def finals(self):
        done = self.site.hansa("history", "--json")
        if done.returncode != 0:
            return {}
        return {job["id"]: job["state"] for job in json.loads(done.stdout)["jobs"] if job["id"].startswith(self.array + "_")}

    def runs(self, task):
        """How many runs a job had: Slurm may have ended one, and its job was placed again."""
        return len(list(self.folder.glob(f"alpha/state/runs/*_{task}-*")))

    def submissions(self):
        """How often sbatch gave a number for a run that is still on disk."""
        counts = [path.read_text().count("\n") for path in self.folder.glob("alpha/state/runs/*/control/submitted")]
        return sum(counts), sum(count > 1 for count in counts)

    def close(self):
        self.site.kill()
        testbed("down", self.slurm)
        subprocess.run(["rm", "-rf", str(self.folder)], check=False)


def judge(soak, jobs):
    told = {path.name: path.read_text() for path in soak.witness.iterdir()}
    twice = [task for task, text in told.items()
             if not 1 <= text.count("end") <= text.count("start") <= soak.runs(task)]
    again = [task for task, text in told.items() if text.count("start") > 1]
    sites.wait_until(lambda: sum(state == "COMPLETED" for state in soak.finals().values()) == jobs,
                     f"all to be COMPLETED ({len(soak.finals())} are known)", PATIENCE_S)
    lost = jobs - len(told)
    total, resubmitted = soak.submissions()
    print(f"as it should be: {jobs - lost - len(twice)}, a run twice or no end: {twice}, never started: {lost}; "
          f"killed by Slurm and run again: {len(again)}; sbatch gave {total} numbers, more than one to {resubmitted} "
          f"runs; nodes drained by Slurm: {soak.resumed}")
    return not twice and lost == 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--jobs", type=int, default=1000)
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--accounting", action="store_true")
    args = parser.parse_args()
    random.seed(args.seed)
    soak = Soak(args.accounting)
    try:
        began = time.monotonic()
        soak.submit(args.jobs)
        kills = [soak.kill_hansad, soak.kill_slurmctld] * args.kills
        for number, kill in enumerate(kills, 1):
            due = args.jobs * number // (len(kills) + 2)
            sites.wait_until(lambda: soak.ended() >= due, f"{due} jobs to end ({soak.ended()} have)", PATIENCE_S)
            print(f"{time.monotonic() - began:6.1f} s  {soak.ended():5} ended  {kill.__name__}", flush=True)
            kill()
        sites.wait_until(lambda: soak.ended() >= args.jobs, f"all to end ({soak.ended()} have)", PATIENCE_S)
        good = judge(soak, args.jobs)
        print(f"{args.jobs} jobs in {time.monotonic() - began:.0f} s, {args.kills} kills of each daemon")
        return 0 if good else 1
    finally:
        soak.close()


if __name__ == "__main__":
    sys.exit(main())
