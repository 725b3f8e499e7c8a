"""A job whose node fails is placed again elsewhere, and goes on from its checkpoint."""
import os
import signal
import tempfile
import unittest

from sites import Site, wait_until

SCRIPT = """#!/bin/sh
#HANSA --requeue
if [ -e "$HANSA_CHECKPOINT/step" ]; then
  echo "goes on from $(cat "$HANSA_CHECKPOINT/step") at $HANSA_SITE"
  exit 0
fi
echo 41 > "$HANSA_CHECKPOINT/step"
echo "$PPID $HANSA_SITE" > "$1.new"
mv "$1.new" "$1"
exec sleep 300
"""


class Requeue(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        os.chmod(self.folder.name, 0o755)
        witness = os.path.join(self.folder.name, "witness")
        os.mkdir(witness)
        os.chmod(witness, 0o777)  # jobs run as another user
        self.note = os.path.join(witness, "wrapper")
        self.script = os.path.join(self.folder.name, "job.sh")
        with open(self.script, "w", encoding="utf-8") as file:
            file.write(SCRIPT)

    def start_two(self):
        """A site that only submits, and two that run."""
        pool = ["name=cpu,nodes=1,cpus=2,memory_gb=4"]
        sites = [Site(self.folder.name, name, pools) for name, pools in
                 (("wujiang", ["name=gpu,model=nvidia-a100,nodes=1,accelerators=1,cpus=1,memory_gb=1"]), ("taihu", pool),
                  ("kunshan", pool))]
        for site in sites:
            for other in sites:
                if other is not site:
                    site.know(other)
        for site in sites:
            self.addCleanup(site.kill)
            site.start()
        for site in sites:
            site.sees(*[other for other in sites if other is not site])
        return sites

    def fail_its_node(self, sites):
        """The machine of the run's host restarts; gives that site, which takes no more guests."""
        wait_until(lambda: os.path.exists(self.note), "the job runs")
        with open(self.note, encoding="utf-8") as file:
            wrapper, name = file.read().split()
        host = next(site for site in sites if site.name == name)
        self.assertEqual(host.hansa("drain").returncode, 0)
        host.kill()
        os.kill(int(wrapper), signal.SIGKILL)
        self.make_it_another_boot(host)
        return host.start()

    def make_it_another_boot(self, host):
        """What was written in this boot of the machine was written in an earlier one."""
        with open("/proc/sys/kernel/random/boot_id", encoding="utf-8") as file:
            boot = file.read().strip()
        changed = 0
        for folder, _, names in os.walk(os.path.join(host.folder, "state")):
            if "claim" in names:  # a link whose target is its text
                path = os.path.join(folder, "claim")
                text = os.readlink(path)
                os.remove(path)
                os.symlink(text.replace(boot, boot[::-1]), path)
                changed += boot in text
        self.assertEqual(changed, 1)

    def output_of(self, origin, job):
        done = origin.hansa("logs", job)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def test_it_goes_on_at_another_site_from_where_it_was(self):
        sites = self.start_two()
        job = sites[0].submit("--checkpoint", "state/ckpt", self.script, self.note)
        host = self.fail_its_node(sites)
        view = sites[0].wait_for(job, "COMPLETED", "NODE_FAIL", "FAILED")
        self.assertEqual(view["state"], "COMPLETED")
        self.assertNotEqual(view["host"], host.name)
        self.assertGreaterEqual(view["epoch"], 2)
        self.assertEqual(self.output_of(sites[0], job), f"goes on from 41 at {view['host']}\n")

    def test_without_requeue_it_has_ended(self):
        sites = self.start_two()
        with open(self.script, "w", encoding="utf-8") as file:
            file.write(SCRIPT.replace("#HANSA --requeue\n", "HANSA_CHECKPOINT=.\n"))
        job = sites[0].submit(self.script, self.note)
        self.fail_its_node(sites)
        self.assertEqual(sites[0].wait_for(job, "COMPLETED", "NODE_FAIL", "FAILED")["state"], "NODE_FAIL")


if __name__ == "__main__":
    unittest.main()
