"""What happens in the demo, in order. Each wait has an end, and each job knows how it should end."""
import threading
import time

from checks import CheckFailed
from command import DemoError
from jobs import Jobs

RUN_S = 120
PACE_S = 0.2
FINAL = {"COMPLETED", "FAILED", "CANCELLED", "TIMEOUT", "OUT_OF_MEMORY", "NODE_FAIL", "PREEMPTED"}


class Stopped(Exception):
    """The user has had enough."""


class Story:
    def __init__(self, federation, watch):
        self.federation, self.watch = federation, watch
        self.desk = federation.folder / "users"
        self.make = Jobs(self.desk)
        self.jobs = []
        self.refused = ""
        self.failed = ""
        self.moving = None  # the job that waits for GCL
        self.stopping = threading.Event()

    # --- The chapters ---------------------------------------------------------------------------------------------

    def tell(self):
        self.open_sites()
        services = self.fill_sites()
        render = self.bring_work()
        self.open_gcl(self.moving)
        self.refuse_the_impossible()
        self.join_film(render)
        self.wait_for_all([job for job in self.jobs if job not in services])
        self.cancel_services(services)
        self.bring_home()

    def open_sites(self):
        self.watch.say("eight sites open and join by one line each; a ninth, gcl, is a stranger to them yet")
        self.federation.make()
        self.federation.open([s.name for s in self.federation.sites.values() if not s.plan.opens_later], self.wait)

    def fill_sites(self):
        self.watch.say("large customers fill their own sites' accelerators")
        services = [self.make.service("taihu", "AISpeech", "--gpu", "a100", "--gpus", "64", "--nodes", "8"),
                    self.make.service("huqiu", "Momenta", "--gpu", "a100", "--gpus", "56", "--nodes", "7"),
                    self.make.service("wujiang", "telecom", "--gpu", "a100", "--gpus", "24", "--nodes", "3"),
                    self.make.service("sjtu", "physics", "--gpu", "a100", "--gpus", "16", "--nodes", "2"),
                    self.make.service("guoke", "guoke", "--gpu", "a100", "--gpus", "8"),
                    self.make.service("taicang", "registry", "--nodes", "10", "--cpus", "64", "--ntasks", "10")]
        for job in services:
            self.submit(job)
        self.wait(RUN_S, lambda: all(self.state(job) == "RUNNING" for job in services), "the services to run")
        return services

    def bring_work(self):
        self.watch.say("work comes in at every site")
        train = self.make.train
        self.submit(train("cars", "guoke", "--gpu", "a100", "--gpus", "8", hosts=["wujiang"]))
        self.moving = self.submit(train("large-model", "sjtu", "--gpu", "h800,a100", "--gpus", "16", "--nodes", "2",
                                        hosts=["gcl"]))
        self.submit(train("speech", "huqiu", "--gpu", "ascend910b", "--gpus", "8", hosts=["taihu"]))
        self.submit(train("vision", "guoke", "--gpu", "a100,v100", "--gpus", "16", "--nodes", "2", hosts=["sjtu"]))
        render = self.submit(self.make.render("taicang"))
        self.submit(self.make.archive("guoke"))
        books = self.submit(self.make.books("changshu"))
        self.submit(self.make.year("changshu", books.id))
        self.cancel_one(self.submit(train("sweep", "kunshan", "--pflops", "2", epochs=100_000, ends="CANCELLED")))
        self.wait(RUN_S, lambda: self.state(self.moving) == "PENDING", "the large model to wait for accelerators")
        self.wait(RUN_S, lambda: self.ended(render) * 2 >= render.tasks, "half of the frames")
        return render

    def cancel_one(self, job):
        self.wait(RUN_S, lambda: self.state(job) == "RUNNING", f"{job.id} to run")
        self.pause(3)
        self.cancel(job)

    def open_gcl(self, moving):
        self.watch.say(f"gcl joins by an invitation while jobs run; {moving.id} waits for 16 accelerators that nobody has free")
        self.federation.open(["gcl"], self.wait)
        self.wait(RUN_S, lambda: self.state(moving) in FINAL | {"RUNNING", "COMPLETING"}, f"{moving.id} to start")

    def refuse_the_impossible(self):
        answer = self.federation.sites["kunshan"].hansa("submit", "--gpu", "a100", "--gpus", "512", "--nodes", "64",
                                                        "--wrap", "true")
        if answer.code != 1 or "no site" not in answer.err:
            raise DemoError(f"512 accelerators on 64 nodes should have been refused with exit code 1, not "
                            f"{answer.code}: {answer.err or answer.out}")
        self.refused = answer.err.splitlines()[0].removeprefix("hansa: ")
        self.watch.tell("job_refused", f"kunshan refuses 512 accelerators: {self.refused}")

    def join_film(self, render):
        self.wait_for_all([render])
        frames = self.fetch(render)
        self.watch.say("the frames are home: they are joined into one file")
        return self.submit(self.make.assemble("taicang", sorted(frames.rglob("frame*.png"))))

    def cancel_services(self, services):
        self.watch.say("the services are told to end")
        for job in services:
            self.cancel(job)
        self.wait_for_all(services)

    def bring_home(self):
        self.watch.say("outputs are fetched at the origins and looked at")
        for job in self.jobs:
            self.judge(job)

    # --- The verbs --------------------------------------------------------------------------------------------------

    def at(self, job):
        return self.federation.sites[job.origin]

    def submit(self, job):
        answer = self.at(job).hansa("submit", "--parsable", *job.options, cwd=job.folder)
        if answer.code != 0:
            raise DemoError(f"{job.title} was not taken at {job.origin}: {answer.err}")
        job.id = answer.out.splitlines()[-1].strip()
        self.jobs.append(job)
        self.watch.goal += job.tasks
        return job

    def cancel(self, job):
        answer = self.at(job).hansa("cancel", job.id)
        if answer.code != 0:
            raise DemoError(f"{job.id} could not be cancelled: {answer.err}")

    def fetch(self, job):
        results = self.desk / "results" / job.id
        if results.exists():
            return results
        for row in self.rows(job):
            answer = self.at(job).hansa("fetch", row["id"], results / row["id"])
            if answer.code != 0:
                raise CheckFailed(f"hansa fetch {row['id']} failed: {answer.err}")
        return results

    def rows(self, job):
        """The job's row; of an array, those of its tasks."""
        with self.watch.lock:
            rows = list(self.watch.jobs.values())
        if job.array:
            return [row for row in rows if row["id"].startswith(job.id + "_")]
        return [row for row in rows if row["id"] == job.id]

    def state(self, job):
        rows = self.rows(job)
        return rows[0]["state"] if rows else ""

    def ended(self, job):
        return sum(row["state"] in FINAL for row in self.rows(job))

    def is_over(self, job):
        rows = self.rows(job)
        return len(rows) == job.tasks and all(row["state"] in FINAL and row["outputs_home"] for row in rows)

    def wait_for_all(self, jobs):
        names = ", ".join(job.id for job in jobs)
        self.wait(RUN_S, lambda: all(self.is_over(job) for job in jobs), f"the end of {names}")

    def wait(self, seconds, holds, what):
        deadline = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > deadline:
                raise DemoError(f"waited {seconds} s in vain for {what}")
            self.pause(PACE_S)

    def pause(self, seconds):
        if self.stopping.wait(seconds):
            raise Stopped

    def judge(self, job):
        job.judged = True
        rows = self.rows(job)
        for row in rows:
            if row["state"] != job.ends:
                job.trouble.append(f"{row['id']} ended {row['state']} ({row['reason']}), not {job.ends}")
            if job.hosts and row["host"] not in job.hosts:
                job.trouble.append(f"{row['id']} ran at {row['host']}, not at {' or '.join(sorted(job.hosts))}")
        try:
            job.verdict = job.check(self.fetch(job))
        except CheckFailed as failed:
            job.trouble.append(str(failed))
