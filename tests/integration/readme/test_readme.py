"""What the README says, done word by word: its federation of two sites, only on other ports and with the built programs."""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
sys.path.insert(0, os.path.join(ROOT, "tests", "integration", "federation"))
from sites import PROGRAMS, free_port_pair  # noqa: E402


def commands(heading):
    """The first block of commands below a heading of the README."""
    with open(os.path.join(ROOT, "README.md"), encoding="utf-8") as file:
        below = file.read().split(f"## {heading}\n", 1)[1]
    return re.search(r"```\n(.*?)```", below, re.DOTALL).group(1)


class Readme(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="hansa-readme-")
        os.chmod(self.folder, 0o755)

    def tearDown(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    def test_two_commands_are_those_of_dev(self):
        with open(os.path.join(ROOT, "dev"), encoding="utf-8") as file:
            dev = file.read()
        self.assertEqual(commands("Two commands").strip(), "./dev demo")
        for verb in ("demo", "test"):
            self.assertRegex(dev, rf"\n  {verb}\)[ \n]")

    def test_federation_of_your_own(self):
        script = commands("A federation of your own")
        first, second = free_port_pair(), free_port_pair()
        script = script.replace("./dev build && export PATH=$PWD/build/bin:$PATH", "")
        script = script.replace(":7700", f":{first}").replace(":7710", f":{second}")
        # A person takes longer between two commands than a script.
        script = script.replace("hansa sites\n", "for i in $(seq 200); do hansa sites | grep -q a100 && ! hansa sites | "
                                "grep -q '?' && break; sleep 0.1; done; hansa sites\n")
        script += "hansa wait taihu-1\nhansa why taihu-1\n"
        done = subprocess.run(["bash", "-c", f"trap 'kill $(jobs -p)' EXIT\nset -e\n{script}"], cwd=self.folder, text=True,
                              capture_output=True, timeout=120,
                              env=dict(os.environ, PATH=f"{os.path.abspath(PROGRAMS)}:{os.environ['PATH']}"))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("Submitted batch job taihu-1", done.stdout)
        self.assertIn("I run at huqiu", done.stdout)
        self.assertIn("taihu-1 is COMPLETED at huqiu", done.stdout)


if __name__ == "__main__":
    unittest.main(verbosity=2)
