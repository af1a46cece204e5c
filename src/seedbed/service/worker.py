"""One job in a process of its own: the question on standard input, progress and errors as lines on standard output."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from threading import Thread
from typing import Any

from seedbed.base.errors import SeedbedError
from seedbed.base.kept import end_when_asked, quiet, whole_folder

_out = sys.stdout


def main() -> None:
    """Answer, and keep every form of the answer in the folder of the job, whole or not at all."""
    end_when_asked()
    Thread(target=_follow, args=(os.getppid(),), daemon=True).start()
    asked = json.load(sys.stdin)
    quiet()
    global _out
    _out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what libraries print is no line of ours
    if hasattr(os, "nice"):
        os.nice(10)  # who asks something quick goes first
    from seedbed.service.jobs import folder
    from seedbed.service.problems import of_error
    from seedbed.show import results
    from seedbed.show.words import LANGUAGES
    from seedbed.show.write import KINDS, write
    from seedbed.verbs import VERBS

    verb = VERBS[asked["verb"]]
    local: dict[str, Any] = {"progress": tell} if "progress" in verb.local else {}
    try:
        result = verb(verb.request(**asked["request"]), **local)
        with whole_folder(folder(sys.argv[1])) as target:
            for lang in LANGUAGES:
                found = results.written(result, lang)
                for suffix, part in KINDS.items():
                    if getattr(found, part) is None or suffix == ".pdf":
                        continue
                    spoken = part == "document"
                    if spoken or lang == "en":
                        write(target / f"result{f'.{lang}' if spoken else ''}{suffix}", found)
            (target / "asked.json").write_text(json.dumps(asked, ensure_ascii=False), encoding="utf-8")
    except SeedbedError as error:
        _say({"error": {lang: of_error(error, lang) for lang in LANGUAGES}})
        sys.exit(2)


def _follow(parent: int) -> None:
    """End when the service is gone: nobody waits for the answer."""
    while os.getppid() == parent:
        time.sleep(1)
    os.kill(os.getpid(), signal.SIGTERM)


def tell(step: str, done: int, of: int) -> None:
    """A line of progress."""
    _say({"step": step, "done": done, "of": of})


def _say(line: dict[str, Any]) -> None:
    print(json.dumps(line), file=_out, flush=True)


if __name__ == "__main__":
    main()
