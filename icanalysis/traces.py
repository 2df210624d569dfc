"""Finds what a machine leaves in a file: paths, user names, tracebacks, secrets, unseen signs."""

from __future__ import annotations

import getpass
import importlib
import pkgutil
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import detect_secrets.plugins
from detect_secrets.plugins.base import RegexBasedDetector

from icanalysis.findings import Finding, finding, veiled
from icanalysis.pieces import UNSEEN, Words, plain

# Folders of a machine, not of an address: those are preceded by a name or a slash.
ROOTS = "home|root|Users|tmp|mnt|media|opt|srv|var|private|Volumes|work|workspace|usr|etc|scratch|content"
PATHS = re.compile(
    rf"(?<![\w.~:/-])/(?:{ROOTS})/[\w.@%~+-]+(?:/[\w.@%~+-]+)*"  # Unix
    r"|(?<![A-Za-z])[A-Za-z]:\\{1,2}[\w.$-]{2,}(?: [\w.$-]+)*(?:\\{1,2}[\w.$ -]+)*"  # Windows
    r"|(?<![A-Za-z])[A-Z]:/[\w.$-]{2,}(?:/[\w.$ -]+)+"
    r"|(?<![\w\\])\\\\[\w.-]{3,}\\[\w.$-]{2,}(?:\\[\w.$ -]+)*"  # a share
    r"|\bfile:/{1,3}[\w%][\w.%:~+-]*(?:/[\w.%~+-]+)*"
)
PERSON = re.compile(r"(?i)((?:home|users)[\\/]{1,2})([^\\/\s]+)")
# Accounts that are of nobody in particular.
NOBODY = frozenset({"root", "user", "admin", "ubuntu", "debian", "runner", "jovyan", "vscode"})
TRACES = re.compile(r"Traceback \(most recent call last\)|^\s*File \"[^\"]+\", line \d+", re.M)
# What no line without it can be: the detectors of the library are not asked about others.
PERHAPS = re.compile(
    r"[A-Za-z0-9_/+=.-]{16}|PRIVATE KEY|://|(?i:pass|pwd|clave|secret|token|api.?key)"
)
# Of later date than the library's own patterns, and what only a name gives away.
OTHERS = re.compile(
    r"\b(?:sk-[A-Za-z0-9_-]{20,}|hf_[A-Za-z0-9]{30,}|AIza[\w-]{35}|github_pat_\w{40,})"
    r"|(?i:\b|_)(?i:password|passwd|pwd|contraseña|clave|secret|token|api[_-]?key)[\"']?\s*[:=]\s*[\"']?"
    r"(?=[^\s\"'<>,;]*\d)(?=[^\s\"'<>,;]*[A-Za-z])[^\s\"'<>,;]{8,}"
)
# It finds every address of a machine, which is no secret.
LEFT_OUT = frozenset({"IPPublicDetector"})


@cache
def detectors() -> tuple[RegexBasedDetector, ...]:
    """Return the library's detectors that go by a pattern; others judge by entropy, and err often.

    They are called themselves: the library's own scan skips lines that ask it to.
    """
    found: dict[str, type[RegexBasedDetector]] = {}
    for module in pkgutil.iter_modules(detect_secrets.plugins.__path__):
        held = vars(importlib.import_module(f"{detect_secrets.plugins.__name__}.{module.name}"))
        found |= {
            name: item
            for name, item in held.items()
            if isinstance(item, type)
            and issubclass(item, RegexBasedDetector)
            and not getattr(item, "__abstractmethods__", None)
            and name not in LEFT_OUT
        }
    return tuple(found[name]() for name in sorted(found))


@cache
def here() -> re.Pattern[str] | None:
    """Return what tells of whoever runs this, if it is somebody: their folder's path, their name."""
    home = str(Path.home())
    try:
        user = getpass.getuser()
    except (OSError, KeyError):  # an account without a name
        user = ""
    told = [re.escape(home)] if len(Path(home).parts) > 2 else []
    told += [rf"\b{re.escape(user)}\b"] if len(user) > 3 and user.lower() not in NOBODY else []
    return re.compile("|".join(told)) if told else None


def in_words(words: Words) -> Iterator[Finding]:
    """Find traces in a text."""
    unseen = UNSEEN.findall(words.text)
    if unseen and words.role != "code":
        yield finding("unseen-characters", words.place, "".join(dict.fromkeys(unseen)))
    text = plain(words.text)
    if "/" in text or "\\" in text:
        for match in PATHS.finditer(text):
            path = PERSON.sub(lambda part: part[1] + veiled(part[2], 1), match[0])
            yield finding("path", words.place, path)
    own = here()
    if own is not None and (told := own.search(text)):
        yield finding("user-name", words.place, veiled(told[0], 3))
    if trace := TRACES.search(text):
        yield finding("traceback", words.place, trace[0])
    yield from _secrets(words, text)


def _secrets(words: Words, text: str) -> Iterator[Finding]:
    if not PERHAPS.search(text):
        return
    found = {match[0] for match in OTHERS.finditer(text)}
    for detector in detectors():
        found |= {str(secret) for secret in detector.analyze_string(text) if secret}
    for secret in sorted(found):
        yield finding("secret", words.place, veiled(secret, 4))
