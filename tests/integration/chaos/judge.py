"""Whether everything promised was kept, once the faults have stopped and the sites have come to rest.

Every acknowledged submission: one job at its origin, with one final state and its outputs home. A `wait` job whose host
lost nothing and whose wrapper lived: COMPLETED, with exactly one start in the witness file. The others as documented:
  its wrapper was killed            FAILED for that reason, or it had ended; one start at most
  cancelled                         CANCELLED, or COMPLETED if it was faster; one start at most
  `rerun`                           COMPLETED; runs at several hosts, but never at one time
  its host lost its journal         NODE_FAIL, or run again after the stray run was stopped; never at one time
  its origin lost its journal       forgotten; its runs still start once each
"""
import os

FINAL = {"COMPLETED", "FAILED", "CANCELLED", "TIMEOUT", "OUT_OF_MEMORY", "NODE_FAIL", "PREEMPTED"}
SLACK_S = 0.02  # two roundings of /proc/uptime


def reason_of(view):
    return (view["outcome"] or {}).get("reason", "")


class Judge:
    def __init__(self, world):
        self.world = world
        self.runs = {}
        self.finals = {}

    def at_rest(self, shown):
        """What is still not over, in words; empty when all is."""
        open_jobs = [user for user in self.world.users if user.is_alive()]
        if open_jobs:
            return [f"the user at {user.site.name} is not done" for user in open_jobs]
        late = []
        for job in self.standing():
            views = shown[job.origin.name]
            for job_id in job.ids:
                view = views.get(job_id)
                if view is None:
                    late.append(f"{job_id} is not listed")
                elif view["state"] not in FINAL or not view["outputs_home"]:
                    late.append(f"{job_id} is {view['state']} ({view['reason']}) at {view['host']}")
        return late

    def standing(self):
        """Jobs whose origin has not lost them with its journal since."""
        return [job for job in self.world.jobs_acknowledged() if job.life == job.origin.life]

    def judge(self, shown):
        self.runs = self.world.witness.runs()
        self.ids_are_unique()
        for job in self.world.jobs_acknowledged():
            for mark, job_id in zip(job.marks, job.ids):
                self.judge_runs(job, mark, job_id)
        for job in self.standing():
            for mark, job_id in zip(job.marks, job.ids):
                view = shown[job.origin.name].get(job_id)
                if view is None:
                    self.world.fail(f"{job_id} was acknowledged and is lost", job_id, mark)
                else:
                    self.judge_end(job, mark, view)

    def ids_are_unique(self):
        seen = {}
        for job in self.world.jobs_acknowledged():
            other = seen.setdefault((job.id, job.life), job)
            if other is not job:
                self.world.fail(f"{job.id} was handed out twice: for {other.mark} and {job.mark}", job.id)

    def judge_runs(self, job, mark, job_id):
        runs = self.runs.get(mark, [])
        for run in runs:
            if run.count("start") > 1:
                self.world.fail(f"{run.name} started {run.count('start')} times", job_id, mark)
        for one, other in zip(runs, runs[1:]):
            if one.last_s > other.first_s + SLACK_S:
                self.world.fail(f"{one.name} at {one.site} and {other.name} at {other.site} ran at one time", job_id, mark)
        allowed = 1 + (len(runs) if job.kind == "rerun" else self.losses_under(job, runs))
        if len(runs) > allowed:
            self.world.fail(f"{mark} started {len(runs)} times", job_id, mark)

    def losses_under(self, job, runs):
        """How often a journal went in which this job, or a run of it, was kept."""
        kept_at = {run.site for run in runs} | {job.origin.name}
        return sum(site.name in kept_at for site, _ in self.world.losses)

    def judge_end(self, job, mark, view):
        state = view["state"]
        self.finals[state] = self.finals.get(state, 0) + 1
        runs = self.runs.get(mark, [])
        if state == "COMPLETED":
            # What ran before the last run was ended, or had ended where nobody could be told of it.
            if not runs or runs[-1].count("end") != 1:
                self.world.fail(f"{view['id']} is COMPLETED, but its last run did not come to its end", view["id"], mark)
            if job.kind == "files":
                self.judge_output(job, view)
        elif not self.is_excused(job, view, runs):
            self.world.fail(f"{view['id']} ended as {state} ({reason_of(view)})", view["id"], mark)

    def is_excused(self, job, view, runs):
        state, reason = view["state"], reason_of(view)
        if state == "CANCELLED":
            return job.kind == "cancelled"
        if state == "NODE_FAIL":
            return any(site.name == view["host"] for site, _ in self.world.losses)
        return state == "FAILED" and "wrapper was killed" in reason and self.wrapper_was_killed(view, runs)

    def wrapper_was_killed(self, view, runs):
        """By us: its last run's, or, when that had no time to witness anything, one of a run of its number."""
        number = view["id"].split("-")[-1]
        if runs:
            return runs[-1].name in self.world.shims_killed
        return any(killed.split("-")[1] == number for killed in self.world.shims_killed)

    def judge_output(self, job, view):
        """What it wrote is home, whole. A disk that was full while it wrote may have kept it from writing."""
        target = os.path.join(self.world.folder, "fetched", job.mark)
        done = job.origin.hansa("fetch", view["id"], target)
        path = os.path.join(target, "out")
        if done.returncode == 0 and os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                whole = file.read() == f"CARRIED BY {job.mark.upper()}\n" * 50
        else:
            whole = False
        if not whole and not self.world.counts["full disk"]:
            self.world.fail(f"{view['id']}'s output is not home: {done.stderr.strip()}", view["id"], job.mark)
