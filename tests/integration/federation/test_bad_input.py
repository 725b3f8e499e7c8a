"""Bad input gets one clear sentence and the right exit code; rubbish on any socket harms nobody."""
import os
import random
import socket
import subprocess
import unittest

from sites import PROGRAMS, Federation, wait_until

POOL = "name=cpu,nodes=2,cpus=4,memory_gb=8"


def hansad(config, verb="--config"):
    return subprocess.run([f"{PROGRAMS}/hansad", verb, config], text=True, capture_output=True, timeout=30)


class BadInput(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.federation = Federation(home=POOL, away=POOL).start()
        cls.home = cls.federation.sites["home"]

    @classmethod
    def tearDownClass(cls):
        cls.federation.close()

    def refused(self, done, code, *words):
        self.assertEqual(done.returncode, code, done.stderr)
        self.assertEqual(len(done.stderr.strip().splitlines()), 1, done.stderr)
        for word in words:
            self.assertIn(word, done.stderr)

    def test_wrong_flag(self):
        self.refused(self.home.hansa("submit", "--no-such-flag"), 2, "--no-such-flag")

    def test_unknown_job(self):
        self.refused(self.home.hansa("job", "home-4242"), 1, "home-4242")

    def test_script_that_does_not_exist(self):
        self.refused(self.home.hansa("submit", "no-such-script.sh"), 2, "no-such-script.sh")

    def test_daemon_that_is_not_there(self):
        done = subprocess.run([f"{PROGRAMS}/hansa", "queue"], text=True, capture_output=True,
                              env=dict(os.environ, HANSA_SOCKET="/nonexistent/hansa.sock"))
        self.refused(done, 69, "/nonexistent/hansa.sock")

    def test_second_daemon_on_one_state(self):
        self.refused(hansad(self.home.config), 1, "state")

    def fresh_copy(self, name):
        folder = os.path.join(self.federation.folder, name)
        port = self.home.port
        subprocess.run([f"{PROGRAMS}/hansa", "init", folder, "--site", name, "--listen", f"tcp://127.0.0.1:{port}",
                        "--pool", POOL], check=True, capture_output=True)
        return folder

    def test_port_in_use(self):
        folder = self.fresh_copy("same-port")
        self.refused(hansad(os.path.join(folder, "hansad.toml")), 1, f"127.0.0.1:{self.home.port}")

    def test_configuration_with_an_unknown_key(self):
        folder = self.fresh_copy("bad-key")
        config = os.path.join(folder, "hansad.toml")
        with open(config, "a", encoding="utf-8") as file:
            file.write("\n[gossip2]\nx = 1\n")
        self.refused(hansad(config), 78, "gossip2", "hansad.toml:")

    def test_configuration_with_an_unknown_score(self):
        folder = self.fresh_copy("bad-score")
        config = os.path.join(folder, "hansad.toml")
        with open(config, encoding="utf-8") as file:
            text = file.read()
        with open(config, "w", encoding="utf-8") as file:
            file.write(text.replace("[placement]", "[placement]\nscore = 'soonest'"))
        for verb in ("--check", "--config"):
            self.refused(hansad(config, verb), 78, "hansad.toml:", "placement.score", "soonest",
                         "balanced, fastest, cheapest")

    def test_submission_that_no_message_could_carry(self):
        folder = os.path.join(self.federation.folder, "many-files")
        os.makedirs(folder)
        for number in range(19_500):
            name = f"{number:06d}" + "x" * 224
            with open(os.path.join(folder, name), "w", encoding="utf-8"):
                pass
        done = self.home.hansa("submit", "--workdir", folder, "--wrap", "true")
        self.refused(done, 2, "message between sites")

    def test_foreign_state_file(self):
        folder = self.fresh_copy("foreign")
        os.makedirs(os.path.join(folder, "state"), exist_ok=True)
        with open(os.path.join(folder, "state", "journal.db"), "wb") as file:
            file.write(random.Random(1).randbytes(8192))
        self.refused(hansad(os.path.join(folder, "hansad.toml")), 1, "journal.db")

    def test_file_that_would_leave_the_folder(self):
        folder = os.path.join(self.federation.folder, "leaving")
        os.makedirs(folder)
        os.symlink("/etc/passwd", os.path.join(folder, "link"))
        with open(os.path.join(folder, "job.sh"), "w", encoding="utf-8") as file:
            file.write("#!/bin/sh\ntrue\n")
        done = self.home.hansa("submit", "--workdir", folder, f"{folder}/job.sh")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("link", done.stderr)

    def test_rubbish_on_every_socket(self):
        noise = random.Random(7)
        for _ in range(20):
            for address in ((socket.AF_INET, ("127.0.0.1", self.home.port)),
                            (socket.AF_INET, ("127.0.0.1", self.home.port + 1)),
                            (socket.AF_UNIX, os.path.join(self.home.folder, "hansa.sock"))):
                with socket.socket(address[0]) as stranger:
                    stranger.connect(address[1])
                    try:
                        stranger.sendall(noise.randbytes(noise.randrange(1, 20000)))
                    except OSError:
                        pass  # cut while we spoke, as it should be
        job = self.home.submit("--sites", "away", "--wrap", "true")
        self.home.wait_for(job, "COMPLETED")
        self.assertIsNone(self.home.process.poll())

    def test_reload_with_a_mistake_changes_nothing(self):
        with open(self.home.config, encoding="utf-8") as file:
            good = file.read()
        with open(self.home.config, "w", encoding="utf-8") as file:
            file.write("nonsense = 1\n" + good)
        self.home.process.send_signal(1)
        wait_until(lambda: "reload_refused" in self.home.log(), "the reload is refused")
        with open(self.home.config, "w", encoding="utf-8") as file:
            file.write(good)
        job = self.home.submit("--sites", "away", "--wrap", "true")
        self.home.wait_for(job, "COMPLETED")


if __name__ == "__main__":
    unittest.main(verbosity=2)
