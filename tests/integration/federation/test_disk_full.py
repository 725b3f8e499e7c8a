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
DISKS = "HANSA_TEST_SMALL_DISKS"  # a folder in which every folder is a small file system of its own
NEEDED = 3


def mount_disks():
    """Makes the small disks and says where. None when this process may not."""
    folder = tempfile.mkdtemp(prefix="hansa-disks-")
    os.chmod(folder, 0o755)
    for number in range(NEEDED):
        disk = os.path.join(folder, str(number))
        os.mkdir(disk)
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES},mode=755", "none", disk],
                              capture_output=True, check=False)
        if done.returncode != 0:
            unmount_disks(folder)
            return None
    return folder


def unmount_disks(folder):
    for disk in os.listdir(folder):
        subprocess.run(["umount", "-l", os.path.join(folder, disk)], capture_output=True, check=False)
        os.rmdir(os.path.join(folder, disk))
    os.rmdir(folder)


def run_this(before, **environment):
    return subprocess.run([*before, sys.executable, "-W", "ignore", os.path.abspath(__file__)],
                          env=dict(os.environ, **environment), check=False).returncode


def run_on_disks():
    """Runs the tests where there are small disks: as root, or else in a namespace in which one may mount. There the
    daemon must not take itself for root, who runs jobs as another user: it gets a namespace of its own within."""
    disks = mount_disks()
    if disks:
        in_namespace = os.environ.get(DISKS) == "make"
        code = run_this(["unshare", "--user", "--map-user=1000"] if in_namespace else [], **{DISKS: disks})
        unmount_disks(disks)
        return code
    may_unshare = shutil.which("unshare") and subprocess.run(["unshare", "-rm", "true"], capture_output=True, check=False)
    if not may_unshare or may_unshare.returncode != 0:
        print("skipped: a small file system can be mounted neither here nor in a namespace (unshare -rm)")
        return 77
    return run_this(["unshare", "-rm"], **{DISKS: "make"})


class SmallDisk:
    """A site whose state lies on a file system of 24 MiB."""

    unused = []

    def __init__(self, test):
        self.federation = Federation()
        test.addCleanup(self.close)
        self.site = Site(self.federation.folder, "home", [POOL])
        self.federation.sites["home"] = self.site
        self.state = os.path.join(os.environ[DISKS], SmallDisk.unused.pop())
        self.site.keep_state_in(self.state)
        self.filler = os.path.join(self.state, "filler")

    def close(self):
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
    if os.environ.get(DISKS, "make") == "make":
        sys.exit(run_on_disks())
    SmallDisk.unused = sorted(os.listdir(os.environ[DISKS]))
    unittest.main(verbosity=2)
