"""Who runs a job: host and process, and whether that process still lives."""

import os
import socket


def this_process() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"


def is_gone(owner: str) -> bool:
    """Whether the owner was a process of this host that has ended.

    An owner on another host, or a process id that was given out again, counts as living: its lease
    then decides. A wrong answer costs time and never data, because the fencing token decides writes.
    """
    host, _, pid = owner.rpartition(":")
    if host != socket.gethostname() or not pid.isdigit():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass
    return False
