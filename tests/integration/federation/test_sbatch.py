"""Scripts and habits from Slurm, before a real daemon."""
import json
import os
import subprocess
import tempfile
import unittest

from sites import DEADLINE_S, PROGRAMS, Site, wait_until

SCRIPT = """#!/bin/bash
#SBATCH --job-name=unchanged
#SBATCH -N 1 --ntasks=2 --cpus-per-task=2
#SBATCH --mem=64M
#SBATCH --time=0:05:00
#SBATCH -o logs/%x-%j.out
#SBATCH --partition=cpu
#SBATCH --mail-user=ann@example.org
cd $SLURM_SUBMIT_DIR || exit 9
echo "$SLURM_JOB_ID $SLURM_JOB_NAME $SLURM_NTASKS $SLURM_CPUS_PER_TASK $SLURM_NNODES $SLURM_JOB_PARTITION" \\
     "$SLURM_MEM_PER_NODE $1"
"""


class Sbatch(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        os.chmod(cls.folder.name, 0o755)  # jobs run as another user
        cls.site = Site(cls.folder.name, "wujiang", ["name=cpu,nodes=2,cpus=8,memory_gb=16"]).start()

    @classmethod
    def tearDownClass(cls):
        cls.site.kill()
        cls.folder.cleanup()

    def run_alias(self, name, *words, **options):
        environment = dict(os.environ, HANSA_SOCKET=os.path.join(self.site.folder, "hansa.sock"))
        return subprocess.run([f"{PROGRAMS}/hansa-{name}", *words], env=environment, text=True, capture_output=True,
                              timeout=DEADLINE_S, **options)

    def sbatch(self, *words, **options):
        done = self.run_alias("sbatch", "--parsable", *words, **options)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.strip()

    def fetch(self, job):
        target = os.path.join(self.folder.name, f"fetched-{job}")
        done = self.site.hansa("fetch", job, target)
        self.assertEqual(done.returncode, 0, done.stderr)
        return target

    def test_an_unchanged_script_runs_with_slurms_variables(self):
        script = os.path.join(self.folder.name, "job.sh")
        with open(script, "w", encoding="utf-8") as file:
            file.write(SCRIPT)
        done = self.run_alias("sbatch", script, "argument")
        self.assertRegex(done.stdout, r"^Submitted batch job \d+\n$")
        self.assertEqual(len(done.stderr.splitlines()), 1)
        self.assertIn("--mail-user is not supported", done.stderr)
        job = done.stdout.split()[-1]
        self.assertEqual(self.site.wait_for(job, "COMPLETED", "FAILED")["outcome"]["exit_code"], 0)
        with open(os.path.join(self.fetch(job), f"logs/unchanged-{job}.out"), encoding="utf-8") as file:
            self.assertEqual(file.read(), f"{job} unchanged 2 2 1 cpu 64 argument\n")

    def test_a_script_comes_by_standard_input(self):
        job = self.sbatch(input="#!/bin/sh\n#SBATCH -t 5\necho piped\n")
        self.site.wait_for(job, "COMPLETED")
        with open(os.path.join(self.fetch(job), f"slurm-{job}.out"), encoding="utf-8") as file:
            self.assertEqual(file.read(), "piped\n")

    def test_an_array_is_in_the_state_of_its_tasks(self):
        gate = os.path.join(self.folder.name, "gate")
        job = self.sbatch("-t", "5", "-a", "1-3", "--wrap",
                          f"while [ $SLURM_ARRAY_TASK_ID = 2 ] && [ ! -e {gate} ]; do sleep 0.1; done; "
                          "echo $SLURM_ARRAY_TASK_ID of $SLURM_ARRAY_TASK_COUNT; exit $((SLURM_ARRAY_TASK_ID - 1))")
        self.site.wait_for(f"{job}_1", "COMPLETED")
        self.site.wait_for(f"{job}_3", "FAILED")
        view = self.site.wait_for(job, "RUNNING")
        self.assertIsNone(view["outcome"])
        self.assertFalse(view["outputs_home"])
        with open(gate, "w", encoding="utf-8"):
            pass
        view = self.site.wait_for(job, "FAILED")
        self.assertEqual(view["outcome"]["exit_code"], 2)
        self.assertEqual(view["reason"], "1 COMPLETED, 2 FAILED")
        self.assertEqual(self.site.hansa("wait", job).returncode, 2)
        with open(os.path.join(self.fetch(job), f"3/slurm-{job}_3.out"), encoding="utf-8") as file:
            self.assertEqual(file.read(), "3 of 3\n")

    def test_squeue_and_scancel_follow_a_job_to_its_end(self):
        job = self.sbatch("-t", "5", "-J", "sleeper", "--wrap", "sleep 300")
        shown = lambda: self.run_alias("squeue", "-h", "-j", job, "-o", "%i %t %D").stdout
        wait_until(lambda: shown() == f"{job} R 1\n", "it is shown as running")
        self.assertIn("sleeper", self.run_alias("squeue").stdout)
        self.assertEqual(self.run_alias("scancel", job).returncode, 0)
        wait_until(lambda: shown() == "", "it is gone from the queue")
        self.assertEqual(self.run_alias("squeue", "-h", "-j", job, "-t", "all", "-o", "%T").stdout, "CANCELLED\n")

    def test_an_exclusive_job_takes_the_whole_node(self):
        jobs = [self.sbatch("-t", "5", "--exclusive", "--wrap", "sleep 300") for _ in range(3)]
        states = lambda: sorted(self.site.state(job) for job in jobs)
        wait_until(lambda: states() == ["PENDING", "RUNNING", "RUNNING"], "two nodes hold two exclusive jobs")
        nodes = json.loads(self.site.hansa("capacity", "--json").stdout)["pools"][0]
        self.assertEqual((nodes["units_free"], nodes["nodes_free"]), (0, 0))
        self.assertEqual(self.run_alias("scancel", *jobs).returncode, 0)
        for job in jobs:
            self.site.wait_for(job, "CANCELLED")


if __name__ == "__main__":
    unittest.main()
