"""The judge of the chaos test finds what it is there to find: each rule broken once, on purpose."""
import collections
import os
import shutil
import tempfile
import types
import unittest

from judge import Judge
from witness import Witness
from workload import Job


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="hansa-judge-")
        self.witness = Witness(os.path.join(self.folder, "witness"))
        self.home = types.SimpleNamespace(name="home", life=0)
        self.away = types.SimpleNamespace(name="away", life=0)
        self.jobs, self.found = [], []
        self.world = types.SimpleNamespace(
            folder=self.folder, witness=self.witness, jobs_acknowledged=lambda: self.jobs, losses=[], shims_killed=[],
            counts=collections.Counter(), fail=lambda what, job_id=None, mark=None: self.found.append(what))
        self.shown = {"home": {}}

    def tearDown(self):
        shutil.rmtree(self.folder)

    def submit(self, kind="away", state="COMPLETED", reason="", host="away", job_id=None):
        number = len(self.jobs) + 1
        job = Job(f"home.{number}", kind, self.home, 0)
        job.id, job.life = job_id or f"home-{number}", 0
        self.jobs.append(job)
        if state:
            self.shown["home"][job.id] = {"id": job.id, "state": state, "reason": reason, "host": host,
                                          "outputs_home": True, "outcome": {"reason": reason}}
        return job

    def runs(self, job, epoch, at_s, words=("start", "end"), site="away"):
        with open(self.witness.path, "a", encoding="utf-8") as file:
            for index, word in enumerate(words):
                file.write(f"{word} {job.mark} aa-{job.id.split('-')[1]}-{epoch} {site} {at_s + index}\n")

    def judged(self, *words):
        """The judge says one thing, with these words in it; or nothing."""
        Judge(self.world).judge(self.shown)
        self.assertEqual(len(self.found), 1 if words else 0, self.found)
        for word in words:
            self.assertIn(word, self.found[0])


class WhatIsRight(Case):
    def test_job_that_ran_once(self):
        self.runs(self.submit(), 1, 10)
        self.judged()

    def test_rerun_job_that_ran_at_one_host_and_then_at_another(self):
        job = self.submit("rerun")
        self.runs(job, 1, 10, ("start", "beat"))
        self.runs(job, 2, 20, site="third")
        self.judged()

    def test_job_whose_wrapper_was_killed(self):
        job = self.submit(state="FAILED", reason="its wrapper was killed, and the job with it")
        self.runs(job, 1, 10, ("start",))
        self.world.shims_killed.append("aa-1-1")
        self.judged()

    def test_job_whose_host_lost_its_journal(self):
        self.runs(self.submit(state="NODE_FAIL"), 1, 10, ("start",))
        self.world.losses.append((self.away, 11.0))
        self.judged()

    def test_job_that_its_origin_lost_with_its_journal(self):
        self.runs(self.submit(state=None), 1, 10)
        self.home.life = 1
        self.world.losses.append((self.home, 11.0))
        self.judged()


class WhatIsWrong(Case):
    def test_acknowledged_job_that_is_unknown(self):
        self.submit(state=None)
        self.judged("home-1", "lost")

    def test_job_that_started_twice(self):
        job = self.submit()
        self.runs(job, 1, 10, ("start",))
        self.runs(job, 2, 20)
        self.judged("started 2 times")

    def test_run_that_started_twice(self):
        self.runs(self.submit(), 1, 10, ("start", "start", "end"))
        self.judged("aa-1-1 started 2 times")

    def test_rerun_job_at_two_hosts_at_one_time(self):
        job = self.submit("rerun")
        self.runs(job, 1, 10, ("start", "beat", "beat"))
        self.runs(job, 2, 11, site="third")
        self.judged("ran at one time")

    def test_job_that_never_ran_and_is_called_completed(self):
        self.submit()
        self.judged("did not come to its end")

    def test_job_that_failed_for_no_fault_of_ours(self):
        self.runs(self.submit(state="FAILED", reason="exit code 1"), 1, 10)
        self.judged("FAILED", "exit code 1")

    def test_job_called_a_killed_wrappers_that_was_not(self):
        self.runs(self.submit(state="FAILED", reason="its wrapper was killed, and the job with it"), 1, 10, ("start",))
        self.judged("FAILED")

    def test_job_cancelled_by_nobody(self):
        self.runs(self.submit(state="CANCELLED"), 1, 10, ("start",))
        self.judged("CANCELLED")

    def test_node_failure_of_a_host_that_lost_nothing(self):
        self.runs(self.submit(state="NODE_FAIL"), 1, 10, ("start",))
        self.judged("NODE_FAIL")

    def test_id_handed_out_twice(self):
        job = self.submit()
        self.runs(job, 1, 10)
        self.runs(self.submit(job_id=job.id), 1, 10)
        self.judged("handed out twice")

    def test_job_that_is_not_over(self):
        self.submit(state="RUNNING")
        self.world.users = []
        self.assertEqual(len(Judge(self.world).at_rest(self.shown)), 1)


if __name__ == "__main__":
    unittest.main(verbosity=2)
