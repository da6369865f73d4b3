"""Runs a command under limits and writes what it took, as JSON: launch.py REPORT SECONDS COMMAND...

A process of its own: what a child is said to have held at most begins with what its parent held when it forked.
"""

import json
import os
import resource
import signal
import sys

ADDRESS_SPACE = 3 * 2**29


def main(report: str, seconds: str, *command: str) -> None:
    child = os.fork()
    if not child:
        resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        os.execv(command[0], command)
    signal.signal(signal.SIGALRM, lambda *_: os.kill(child, signal.SIGKILL))
    signal.alarm(int(seconds))
    _, status, usage = os.wait4(child, 0)
    took = {"code": os.waitstatus_to_exitcode(status), "seconds": usage.ru_utime + usage.ru_stime}
    unit = 1024 if sys.platform != "darwin" else 1
    with open(report, "w") as file:
        json.dump({**took, "bytes": usage.ru_maxrss * unit}, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
