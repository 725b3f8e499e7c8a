"""A terminal as a sheet that is drawn over and over: the alternate screen, no cursor, lines cut to its width.

What was on the terminal is back when the block is left, however that happens.
"""
import re
import shutil
import sys
import unicodedata

ENTER, LEAVE = "\x1b[?1049h\x1b[?25l\x1b[?7l", "\x1b[?7h\x1b[?25h\x1b[?1049l"
STYLE = re.compile(r"\x1b\[[0-9;]*m")
STYLES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "blue": "34", "cyan": "36"}


def styled(text, *names):
    return f"\x1b[{';'.join(STYLES[name] for name in names)}m{text}\x1b[0m"


def width_of(text):
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in STYLE.sub("", text))


def cut(text, width):
    """Not wider than `width`; styles cost nothing and are closed."""
    if width_of(text) <= width:
        return text
    shown, used, at = "", 0, 0
    while at < len(text) and used < width - 1:
        style = STYLE.match(text, at)
        piece = style.group() if style else text[at]
        shown, at = shown + piece, at + len(piece)
        used += 0 if style else width_of(piece)
    return shown + "…\x1b[0m"


def bar(share, width, style):
    full = max(0, min(width, round(share * width)))
    return styled("█" * full, style) + styled("░" * (width - full), "dim")


class Screen:
    def __enter__(self):
        sys.stdout.write(ENTER)
        return self

    def __exit__(self, *_):
        sys.stdout.write(LEAVE)
        sys.stdout.flush()

    @staticmethod
    def size():
        return shutil.get_terminal_size((80, 24))

    def show(self, lines):
        columns, rows = self.size()
        kept = [cut(line, columns) + "\x1b[K" for line in lines[:rows]]
        sys.stdout.write("\x1b[H" + "\r\n".join(kept) + "\x1b[J")
        sys.stdout.flush()
