"""A state folder that runs full: nothing new is taken in, what runs runs on, and its end is not lost."""
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

from sites import Federation, Site, wait_until
from test_metrics import OverSocket

POOL = "name=cpu,nodes=1,cpus=4,memory_gb=8"
DISK_BYTES = 24 << 20
IN_NAMESPACE = "HANSA_TEST_MOUNT_NAMESPACE"


def can_mount():
    """Whether this process may mount a small file system of its own."""
    folder = tempfile.mkdtemp(prefix="hansa-test-")
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "none", folder], capture_output=True, check=False)
    if done.returncode == 0:
        subprocess.run(["umount", folder], check=False)
    os.rmdir(folder)
    return done.returncode == 0


def again_in_a_namespace():
    """Runs this file once more where mounting is allowed. None when nowhere is."""
    if os.environ.get(IN_NAMESPACE) or shutil.which("unshare") is None:
        return None
    probe = subprocess.run(["unshare", "-rm", "true"], capture_output=True, check=False)
    if probe.returncode != 0:
        return None
    return subprocess.run(["unshare", "-rm", sys.executable, "-W", "ignore", os.path.abspath(__file__)],
                          env=dict(os.environ, **{IN_NAMESPACE: "1"}), check=False).returncode


class SmallDisk:
    """A site whose state lies on a file system of 24 MiB."""

    def __init__(self, test):
        self.federation = Federation()
        self.site = Site(self.federation.folder, "home", [POOL])
        self.federation.sites["home"] = self.site
        self.state = os.path.join(self.site.folder, "state")
        os.makedirs(self.state, exist_ok=True)
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES},mode=755", "none", self.state], check=True)
        test.addCleanup(self.close)
        self.filler = os.path.join(self.state, "filler")

    def close(self):
        self.site.kill()
        subprocess.run(["umount", "-l", self.state], check=False)
        self.federation.close()

    def free_bytes(self):
        space = os.statvfs(self.state)
        return space.f_bavail * space.f_frsize

    def fill(self, leave_bytes=0):
        """Takes all but `leave_bytes` of what is free."""
        with open(self.filler, "ab", buffering=0) as file:
            while self.free_bytes() > leave_bytes:
                try:
                    file.write(b"\0" * max(1, min(65536, self.free_bytes() - leave_bytes)))
                except OSError:
                    return

    def make_room(self):
        os.unlink(self.filler)

    # What jobs see and say lies on another disk.
    def job_that_exits(self, code):
        folder = self.federation.witness
        return f"while [ ! -e {folder}/go ]; do sleep 0.1; done; echo > {folder}/ended-{code}; exit {code}"

    def let_jobs_end(self, *codes):
        """They end while not a byte can be written where their results belong."""
        folder = self.federation.witness
        with open(os.path.join(folder, "go"), "w", encoding="utf-8"):
            pass
        wait_until(lambda: all(os.path.exists(f"{folder}/ended-{code}") for code in codes), "the jobs end")


class DiskFull(unittest.TestCase):
    def start(self, least_free):
        disk = SmallDisk(self)
        disk.site.set("limits", f"disk_free_bytes_min = '{least_free}'")
        disk.site.start()
        return disk

    def wait_for_log(self, site, word):
        wait_until(lambda: word in site.log(), f"the log says {word}\n{site.log()[-2000:]}")

    def assert_takes_nothing_in(self, site):
        refused = site.hansa("submit", "--wrap", "true")
        self.assertEqual(refused.returncode, 75, refused.stderr)
        self.assertIn("the disk of home is full: it takes no new jobs until space is free", refused.stderr)
        self.assertEqual(len(refused.stderr.strip().splitlines()), 1)

    def test_below_the_least_that_must_stay_free_nothing_new_is_taken_in(self):
        disk = self.start("8MiB")
        site = disk.site
        running = site.submit("--wrap", "sleep 5")
        site.wait_for(running, "RUNNING")
        disk.fill(leave_bytes=4 << 20)
        self.wait_for_log(site, "event=disk_full")
        self.assert_takes_nothing_in(site)
        self.assertIn("degraded", self.readiness(site))
        self.assertEqual(site.wait_for(running, "COMPLETED", "FAILED")["state"], "COMPLETED", "what is there goes on")
        disk.make_room()
        self.wait_for_log(site, "event=disk_has_room")
        site.wait_for(site.submit("--wrap", "true"), "COMPLETED")

    def test_ends_of_jobs_survive_a_disk_with_no_byte_left(self):
        disk = self.start("1MiB")
        site = disk.site
        jobs = [site.submit("--wrap", disk.job_that_exits(code)) for code in (0, 3)]
        for job in jobs:
            site.wait_for(job, "RUNNING")
        disk.fill()
        self.wait_for_log(site, "event=disk_full")
        disk.let_jobs_end(0, 3)
        self.assert_takes_nothing_in(site)
        self.assertIsNone(site.process.poll(), site.log()[-2000:])
        disk.make_room()
        self.assertEqual(site.wait_for(jobs[0], "COMPLETED", "FAILED", "NODE_FAIL")["outcome"]["exit_code"], 0)
        self.assertEqual(site.wait_for(jobs[1], "COMPLETED", "FAILED", "NODE_FAIL")["outcome"]["exit_code"], 3)
        self.wait_for_log(site, "event=disk_has_room")
        site.wait_for(site.submit("--wrap", "true"), "COMPLETED")
        site.stop()
        site.start()
        for job, state in zip(jobs, ("COMPLETED", "FAILED")):
            self.assertEqual(site.state(job), state, "it is on disk by now")

    def test_a_daemon_killed_on_a_full_disk_takes_its_jobs_up_again(self):
        disk = self.start("1MiB")
        site = disk.site
        job = site.submit("--wrap", disk.job_that_exits(4))
        site.wait_for(job, "RUNNING")
        disk.fill()
        self.wait_for_log(site, "event=disk_full")
        site.kill()
        disk.let_jobs_end(4)
        disk.make_room()
        site.start()
        self.assertEqual(site.wait_for(job, "COMPLETED", "FAILED", "NODE_FAIL")["outcome"]["exit_code"], 4)

    @staticmethod
    def readiness(site):
        path = os.path.join(site.folder, "hansa.sock")
        connection = OverSocket(path)
        connection.request("GET", "/readyz")
        return connection.getresponse().read().decode()


if __name__ == "__main__":
    if not can_mount():
        code = again_in_a_namespace()
        if code is None:
            print("skipped: a small file system can be mounted neither here nor in a namespace (unshare -rm)")
            code = 77
        sys.exit(code)
    unittest.main(verbosity=2)
