"""A job submitted at one site runs at another, and everything comes back."""
import json
import os
import unittest

from sites import Federation, wait_until

SMALL = "name=cpu,nodes=1,cpus=1,memory_gb=4"
LARGE = "name=cpu,nodes=4,cpus=8,memory_gb=32"
A100 = "name=a100,model=nvidia-a100,nodes=2,accelerators=8,cpus=64,memory_gb=256,tflops=312,price=9"


class Handoff(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.federation = Federation(home=SMALL, away=LARGE, gpus=A100).start()
        cls.home, cls.away, cls.gpus = (cls.federation.sites[name] for name in ("home", "away", "gpus"))

    @classmethod
    def tearDownClass(cls):
        cls.federation.close()

    def test_runs_away_and_its_log_and_outputs_are_home(self):
        folder = os.path.join(self.federation.folder, "work")
        os.makedirs(os.path.join(folder, "in"))
        with open(os.path.join(folder, "in", "data"), "w", encoding="utf-8") as file:
            file.write("carried\n")
        with open(os.path.join(folder, "job.sh"), "w", encoding="utf-8") as file:
            file.write("#!/bin/sh\necho ran at $HANSA_SITE for $HANSA_ORIGIN\nmkdir out; tr a-z A-Z < in/data > out/data\n")
        job = self.home.submit("--sites", "away", "--workdir", folder, "--output", "out/*", f"{folder}/job.sh")
        self.assertEqual(self.home.hansa("wait", job).returncode, 0)
        self.assertEqual(self.home.hansa("logs", job).stdout, "ran at away for home\n")
        target = os.path.join(self.federation.folder, "fetched")
        self.assertEqual(self.home.hansa("fetch", job, target).returncode, 0)
        with open(os.path.join(target, "out", "data"), encoding="utf-8") as file:
            self.assertEqual(file.read(), "CARRIED\n")

    def test_asks_for_a_model_and_gets_its_accelerators(self):
        job = self.home.submit("--gpu", "a100", "--gpus", "2", "--wrap", "echo $CUDA_VISIBLE_DEVICES")
        done = self.home.wait_for(job, "COMPLETED")
        self.assertEqual(done["host"], "gpus")
        self.assertEqual(len(self.home.hansa("logs", job).stdout.strip().split(",")), 2)

    def test_asks_for_compute_as_such(self):
        job = self.home.submit("--pflops", "1", "--wrap", "echo $HANSA_GPUS")
        self.assertEqual(self.home.wait_for(job, "COMPLETED")["host"], "gpus")

    def test_wait_ends_with_the_jobs_exit_code(self):
        job = self.home.submit("--sites", "away", "--wrap", "exit 7")
        self.assertEqual(self.home.hansa("wait", job).returncode, 7)
        self.assertEqual(self.home.state(job), "FAILED")

    def test_is_cancelled_while_it_runs_away(self):
        job = self.home.submit("--sites", "away", "--wrap", "sleep 600")
        self.home.wait_for(job, "RUNNING")
        self.assertEqual(self.home.hansa("cancel", job).returncode, 0)
        self.assertEqual(self.home.wait_for(job, "CANCELLED")["host"], "away")
        wait_until(lambda: "home" not in self.away.hansa("queue").stdout, "nothing of it is left at its host")

    def test_log_follows_live(self):
        job = self.home.submit("--sites", "away", "--wrap", "echo first; sleep 1; echo last")
        followed = self.home.hansa("logs", "-f", job)
        self.assertEqual(followed.stdout, "first\nlast\n", followed.stderr)

    def test_moves_away_when_another_starts_it_sooner(self):
        blocker = self.home.submit("--sites", "home", "--wrap", "sleep 600")
        self.home.wait_for(blocker, "RUNNING")
        job = self.home.submit("--wrap", "true")
        self.assertEqual(self.home.wait_for(job, "COMPLETED")["host"], "away")
        self.assertIn("away", self.home.hansa("why", job).stdout)
        self.home.hansa("cancel", blocker)
        self.home.wait_for(blocker, "CANCELLED")

    def test_waits_at_home_when_told_to(self):
        blocker = self.home.submit("--sites", "home", "--wrap", "sleep 600")
        self.home.wait_for(blocker, "RUNNING")
        job = self.home.submit("--sites", "home", "--wrap", "true")
        self.assertEqual(self.home.state(job), "PENDING")
        self.home.hansa("cancel", blocker)
        self.assertEqual(self.home.wait_for(job, "COMPLETED")["host"], "home")

    def test_array_is_split_and_ends_whole(self):
        job = self.home.submit("--array", "1-8%4", "--wrap", "echo $HANSA_ARRAY_TASK_ID")
        for task in range(1, 9):
            wait_until(lambda: self.home.hansa("job", f"{job}_{task}").returncode == 0, "the task is split off")
            self.home.wait_for(f"{job}_{task}", "COMPLETED")
            self.assertEqual(self.home.hansa("logs", f"{job}_{task}").stdout, f"{task}\n")

    def test_dependency_runs_after_what_it_depends_on(self):
        first = self.home.submit("--sites", "away", "--wrap", "sleep 1")
        good = self.home.submit("--dependency", f"afterok:{first}", "--wrap", "true")
        never = self.home.submit("--dependency", f"afternotok:{first}", "--wrap", "true")
        self.assertEqual(self.home.state(good), "PENDING")
        self.home.wait_for(good, "COMPLETED")
        self.assertEqual(self.home.job(never)["reason"], "DependencyNeverSatisfied")
        self.home.hansa("cancel", never)

    def test_held_job_waits_until_it_is_released(self):
        job = self.home.submit("--hold", "--wrap", "true")
        self.assertEqual(self.home.job(job)["reason"], "Held")
        self.assertEqual(self.home.hansa("release", job).returncode, 0)
        self.home.wait_for(job, "COMPLETED")

    def test_what_fits_nowhere_is_refused_with_the_reason(self):
        done = self.home.hansa("submit", "--gpu", "h200", "--gpus", "4096", "--time", "1h", "--wrap", "true")
        self.assertEqual(done.returncode, 1)
        self.assertIn("no site", done.stderr)

    def test_question_lists_the_offers_and_submits_nothing(self):
        def known():
            return {job["id"] for verb in ("queue", "history")
                    for job in json.loads(self.home.hansa(verb, "--json").stdout)["jobs"]}
        before = known()
        done = self.home.hansa("submit", "--test-only", "--gpu", "a100", "--gpus", "1", "--time", "1h", "--wrap", "true")
        self.assertEqual(done.returncode, 0)
        self.assertIn("gpus", done.stdout)
        self.assertEqual(known(), before)


if __name__ == "__main__":
    unittest.main(verbosity=2)
