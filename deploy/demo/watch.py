"""The picture that the views draw: every site's capacity, every origin's jobs, and what happened, as it happens.

Threads of its own ask the sites twice a second and listen to their event streams; whoever draws takes the picture.
"""
import json
import threading
import time
from collections import deque
from http.client import HTTPException

from command import SocketConnection

PACE_S = 0.5
KINDS = {"job_submitted", "job_placed", "job_started", "job_finished", "job_moved", "site_alive", "site_failed"}


class Watch:
    def __init__(self, federation):
        self.federation = federation
        self.sites = {}              # name -> its row of /v1/sites, as the first site sees it
        self.jobs = {}               # id -> row of /v1/jobs at its origin
        self.events = deque(maxlen=500)
        self.happened = 0            # events so far
        self.goal = 0                # tasks that are to end
        self.stage = ""
        self.started = time.monotonic()
        self.lock = threading.Lock()
        self.over = threading.Event()
        self.listening = set()
        self.said = set()

    def start(self):
        threading.Thread(target=self.ask_again, daemon=True).start()

    def stop(self):
        self.over.set()

    def seconds(self):
        return time.monotonic() - self.started

    def say(self, text):
        """A line of the demo's own."""
        with self.lock:
            self.stage = text
        self.tell("stage", text)

    def tell(self, kind, text):
        with self.lock:
            self.events.append((self.seconds(), kind, text))
            self.happened += 1

    def ask_again(self):
        while not self.over.wait(PACE_S):
            running = self.federation.running()
            for site in running:
                if site.name not in self.listening and site.socket.exists():
                    self.listening.add(site.name)
                    threading.Thread(target=self.listen, args=(site,), daemon=True).start()
                self.ask_jobs(site)
            if running:
                self.ask_sites(running[0])

    def ask_sites(self, site):
        answer = site.get("/v1/sites")
        if answer:
            with self.lock:
                self.sites = {row["site"]: row for row in answer["sites"]}

    def ask_jobs(self, site):
        """Those that wait or run first, then those that are over: a job that ends in between is not missed."""
        for query in ("guests=0&limit=1000", "history=1&limit=1000"):
            answer = site.get(f"/v1/jobs?{query}")
            if answer:
                with self.lock:
                    self.jobs.update({row["id"]: row for row in answer["jobs"]})

    def listen(self, site):
        connection = SocketConnection(site.socket, 3600)
        try:
            connection.request("GET", "/v1/events")
            stream = connection.getresponse()
            while not self.over.is_set():
                line = stream.readline()
                if not line:
                    break
                if line.startswith(b"data:"):
                    self.hear(site, json.loads(line[5:]))
        except (OSError, HTTPException, ValueError):
            pass
        finally:
            connection.close()
            self.listening.discard(site.name)

    def hear(self, site, event):
        job, kind = event["job"] or "", event["kind"]
        if kind not in KINDS:
            return
        if kind.startswith("site_"):
            key = (kind, event["site"])
            if kind == "site_alive" and key in self.said:
                return  # everyone says so, once is enough
            self.said.add(key)
            self.tell(kind, f"{event['site']} {kind.removeprefix('site_')}")
        elif job.rpartition("-")[0] == site.name:
            self.tell(kind, words_of(kind, job, event, site.name))


def words_of(kind, job, event, origin):
    """One line on what happened to a job; an arrow where it goes to another site."""
    host, text = event["site"] or "", event["text"]
    if kind == "job_submitted":
        return f"{job} submitted: {text}"
    if kind == "job_placed":
        return f"{job} stays at home" if host in ("", origin) else f"{job} ─► {host}"
    if kind == "job_started":
        return f"{job} starts at {host or origin}, {text}"
    if kind == "job_moved":
        return f"{job} is taken back to be moved: {text}"
    return f"{job} {text}"
