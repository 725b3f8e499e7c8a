"""Looks at every site all the time: what each shows of its jobs, and that no outcome ever changes."""
import threading
import time


class Watch(threading.Thread):
    def __init__(self, world):
        super().__init__(daemon=True)
        self.world = world
        self.shown = {}     # by id, as last shown by its origin
        self.outcomes = {}  # by id and its origin's store: the first outcome shown
        self.looks = 0

    def run(self):
        while not self.world.given_up.is_set():
            for site in self.world.sites:
                life = site.life
                jobs = site.jobs(timeout_s=1.0) if site.running() and not site.frozen else None
                if jobs is None or site.life != life:
                    continue
                self.looks += 1
                self.shown.update(jobs)
                for job in jobs.values():
                    self.check(job, life)
            time.sleep(0.4)

    def check(self, job, life):
        outcome = job["outcome"]
        first = self.outcomes.setdefault((job["id"], life), outcome) if outcome else self.outcomes.get((job["id"], life))
        if first != outcome:
            self.world.fail(f"{job['id']} had the outcome {first}, and now {outcome}", job["id"])

    def shown_of(self, kind):
        """(job, as shown) of the acknowledged jobs of a kind."""
        return [(job, self.shown[job.id]) for job in self.world.jobs_acknowledged()
                if job.kind == kind and job.id in self.shown]
