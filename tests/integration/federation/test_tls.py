"""The command over TLS to a real daemon, on an address that is not loopback's alone; and what a job sees of its site."""
import os
import re
import shutil
import subprocess
import unittest

from sites import PROGRAMS, Federation, Site, free_port_pair

CPU = "name=cpu,nodes=1,cpus=2,memory_gb=4"


@unittest.skipUnless(shutil.which("openssl"), "openssl makes the certificate")
class OverTls(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.federation = Federation()
        cls.http = free_port_pair()
        cls.site = Site(cls.federation.folder, "taihu", [CPU])
        cls.federation.sites["taihu"] = cls.site
        cls.pem, key = os.path.join(cls.federation.folder, "tls.pem"), os.path.join(cls.federation.folder, "tls.key")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-days", "1", "-subj", "/CN=taihu", "-addext", "subjectAltName=DNS:localhost",
                        "-keyout", key, "-out", cls.pem], check=True, capture_output=True)
        os.chmod(key, 0o600)
        cls.write({"http": f"0.0.0.0:{cls.http}", "tls_certificate": cls.pem, "tls_key": key})
        cls.site.start()
        cls.token = cls.site.hansa("token", "create", "--user", "ana").stdout.strip()

    @classmethod
    def tearDownClass(cls):
        cls.federation.close()

    @classmethod
    def write(cls, keys):
        with open(cls.site.config, encoding="utf-8") as file:
            text = file.read()
        for key, value in keys.items():
            text = f"{key} = '{value}'\n" + re.sub(rf"(?m)^{key} = .*\n", "", text)
        with open(cls.site.config, "w", encoding="utf-8") as file:
            file.write(text)

    def over_tls(self, *words, **more):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("HANSA_")}
        environment |= {"HANSA_URL": f"https://localhost:{self.http}", "HANSA_TOKEN": self.token} | more
        return subprocess.run([f"{PROGRAMS}/hansa", *words], env=environment, text=True, capture_output=True, timeout=60,
                              check=False)

    def test_a_job_is_submitted_waited_for_and_read(self):
        trusted = {"HANSA_CA_FILE": self.pem}
        job = self.over_tls("submit", "--parsable", "--time", "5m", "--wrap", "echo hello", **trusted)
        self.assertEqual(job.returncode, 0, job.stderr)
        job = job.stdout.strip()
        self.assertEqual(self.over_tls("wait", job, **trusted).returncode, 0)
        self.assertEqual(self.over_tls("logs", job, **trusted).stdout, "hello\n")
        self.assertEqual(self.site.job(job)["user"], "ana")

    def test_nothing_is_sent_to_whom_nobody_vouches_for(self):
        refused = self.over_tls("sites")
        self.assertEqual(refused.returncode, 69)
        self.assertIn("its certificate is not trusted", refused.stderr)
        self.assertEqual(len(refused.stderr.strip().splitlines()), 1)

    def test_a_job_sees_neither_the_keys_nor_other_jobs(self):
        if "jobs see neither" not in self.site.log():
            self.skipTest("this machine lets nobody have a view of his own")
        first = self.site.submit("--wrap", "echo of another > secret")
        self.site.wait_for(first, "COMPLETED")
        job = self.site.submit("--wrap", f"cat {self.site.folder}/*.key; ls {self.site.folder} {self.site.folder}/state/runs; true")
        self.site.wait_for(job, "COMPLETED")
        seen = self.site.hansa("logs", job).stdout.split()
        self.assertEqual(len([word for word in seen if re.fullmatch(r"[0-9a-f]+-\d+.*", word)]), 1, seen)
        self.assertNotIn("identity.key", seen)


if __name__ == "__main__":
    unittest.main(verbosity=2)
