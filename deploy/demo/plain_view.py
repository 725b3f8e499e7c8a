"""What happens as plain lines, for logs and pipes: one line an event, nothing drawn twice."""
import sys


class PlainView:
    def __init__(self, watch):
        self.watch, self.shown = watch, 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.draw()

    def draw(self):
        with self.watch.lock:
            fresh = self.watch.happened - self.shown
            events = list(self.watch.events)[-fresh:] if fresh else []
            self.shown = self.watch.happened
        for when, kind, text in events:
            print(f"{when:6.1f} s  {'== ' + text if kind == 'stage' else '   ' + text}")
        sys.stdout.flush()
