"""Sites that know nobody: they join by invitations, or do not."""
import json
import os
import shutil
import tempfile
import time

from sites import Site, free_port_pair, wait_until

POOL = "name=cpu,nodes=1,cpus=2,memory_gb=8"


class Strangers:
    """Makes sites as they are named. Ends every process and removes every file it made."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="hansa-trust-")
        os.chmod(self.folder, 0o755)
        self.sites = {}

    def make(self, name, *extra, dials_out_only=False, **options):
        site = Site(self.folder, name, [POOL], extra=extra, **options)
        with open(site.config, encoding="utf-8") as file:
            text = file.read()
        if dials_out_only:
            text = "\n".join(line for line in text.splitlines()
                             if not line.startswith(("listen", "bulk_listen", "advertise", "bulk_advertise")))
            text = 'listen = ""\nbulk_listen = ""\nadvertise = []\nbulk_advertise = []\n' + text
        else:
            text = f'enrol_listen = "tcp://127.0.0.1:{free_port_pair()}"\n' + text
        with open(site.config, "w", encoding="utf-8") as file:
            file.write(text)
        self.sites[name] = site
        return site

    def start(self, name, *extra, **options):
        return self.make(name, *extra, **options).start()

    def found(self, name):
        site = self.start(name)
        must(site, "federation", "create", "test")
        return site

    def join(self, name, sponsor, *invite, **options):
        site = self.sites.get(name) or self.start(name, **options)
        must(site, "join", line_of(sponsor, *invite))
        return site

    def close(self):
        for site in self.sites.values():
            site.kill()
        for _ in range(20):
            shutil.rmtree(self.folder, ignore_errors=True)
            if not os.path.exists(self.folder):
                return
            time.sleep(0.1)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def must(site, *words):
    done = site.hansa(*words)
    assert done.returncode == 0, f"{site.name}: hansa {words[0]}: {done.stderr}\n{site.log()}"
    return done.stdout.strip()


def line_of(sponsor, *words):
    return must(sponsor, "invite", "--quiet", *words)


def trust(site):
    return json.loads(must(site, "sites", "--trust", "--json"))


def standing(site, name):
    return {one["site"]: one["standing"] for one in trust(site)["sites"]}.get(name)


def connected(site):
    sites = json.loads(site.hansa("sites", "--json").stdout or '{"sites":[]}')["sites"]
    return {one["site"] for one in sites if one["connected"]}


def all_connected(*sites, deadline_s=20):
    names = {site.name for site in sites}
    wait_until(lambda: all(connected(site) >= names - {site.name} for site in sites),
               f"{sorted(names)} are all connected: { {site.name: connected(site) for site in sites} }",
               deadline_s)
