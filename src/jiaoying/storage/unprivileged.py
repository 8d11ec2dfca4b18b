"""Gives up root, then becomes the command that follows: `unprivileged.py UID GID COMMAND…`.

PostgreSQL refuses to run as root. Started by root, it runs as another user, who must still get
through folders that only root may enter (a data directory of mode 0700, a checkout under /root).
Opening those to everybody would be worse, so that user keeps one right of root: to pass through
folders and read (CAP_DAC_READ_SEARCH; inside containers, which usually lack it, CAP_DAC_OVERRIDE).
Where neither can be kept, the command runs without.

A script of its own and not a `preexec_fn`, because that may deadlock in a process with threads.
"""

import contextlib
import ctypes
import os
import sys

CAP_DAC_OVERRIDE = 1
CAP_DAC_READ_SEARCH = 2
# linux/prctl.h and linux/capability.h
PR_SET_KEEPCAPS = 8
PR_SET_SECUREBITS = 28
SECBIT_NO_SETUID_FIXUP = 1 << 2
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_RAISE = 2
CAPABILITY_VERSION_3 = 0x20080522


def become(uid: int, gid: int) -> None:
    """Change to another user for good, keeping at most the right to pass through folders."""
    libc = ctypes.CDLL(None, use_errno=True)
    if sys.platform == "linux":
        libc.prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0)
        # Otherwise access(2), which PostgreSQL asks about its own program, answers without the right.
        libc.prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP, 0, 0, 0)
    os.setgroups([])
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)
    if sys.platform == "linux":
        _keep_one(libc, (CAP_DAC_READ_SEARCH, CAP_DAC_OVERRIDE))


def _keep_one(libc: ctypes.CDLL, capabilities: tuple[int, ...]) -> None:
    for capability in capabilities:
        if _hold_only(libc, 1 << capability):
            libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0)
            return
    _hold_only(libc, 0)


def _hold_only(libc: ctypes.CDLL, mask: int) -> bool:
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    # Effective, permitted, inheritable; then the same for the capabilities above 31.
    sets = (ctypes.c_uint32 * 6)(mask, mask, mask, 0, 0, 0)
    return libc.capset(header, sets) == 0


def main() -> None:
    uid, gid, *command = sys.argv[1:]
    become(int(uid), int(gid))
    with contextlib.suppress(OSError):
        os.chdir("/")
    try:
        os.execv(command[0], command)  # noqa: S606 - to become another program is the purpose
    except OSError as error:
        sys.exit(f"{command[0]}: {error}")


if __name__ == "__main__":
    main()
