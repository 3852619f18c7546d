"""The battery: small programs that each try something a program in the sandbox must not be able to do.

A program has the names of ``PREFIX``: it calls ``breach`` where it got what it must not get, and finds what it may
attack on the host in ``HOST``.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import Any

PREFIX = """\
HOST = {host!r}
def breach(what):
    import os
    os.write(1, ("BREACH " + str(what) + "\\n").encode())
def attempts(*tries):
    for attempt in tries:
        try:
            breach(attempt())
        except Exception:
            pass
def system_call(number, *arguments):
    import ctypes
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    return libc.syscall(ctypes.c_long(number), *map(ctypes.c_long, arguments))
"""
"""What precedes each program, with what the host offers to attack in place of ``{host!r}``."""


@dataclass(frozen=True)
class Attack:
    """One attack: its program, the statuses it may end with, and the layers without which it succeeds.

    ``needs`` names alternatives: the attack is contained if any of these layers is in force; empty, it is always
    contained. With ``function`` the statuses are those of the only call.
    """

    number: int
    name: str
    program: str
    statuses: frozenset[str]
    needs: frozenset[str] = frozenset()
    function: str | None = None
    stdin: str = ""
    exit_code: int | None = None
    value: Any = None

    def source(self, host: dict[str, Any]) -> str:
        """The program with its prefix."""
        return PREFIX.format(host=host) + self.program


def attack(number: int, name: str, program: str, statuses: str, **more: Any) -> Attack:
    """An attack, from statuses and needed layers separated by spaces."""
    needs = frozenset(more.pop("needs", "").split())
    return Attack(number, name, textwrap.dedent(program), frozenset(statuses.split()), needs, **more)


TIME = "cpu-limit timeout"
"""The statuses of programs that never end."""
MEMORY = f"oom {TIME}"
"""The statuses of programs that take memory bit by bit, for which a busy machine may need all of the time."""

ATTACKS: tuple[Attack, ...] = (
    attack(1, "busy loop", "while True: pass", TIME),
    attack(
        2,
        "loop that swallows every exception",
        """
        while True:
            try:
                1 / 0
            except BaseException:
                pass
        """,
        TIME,
    ),
    attack(
        3,
        "loop that ignores signals",
        """
        import signal
        for each in (signal.SIGTERM, signal.SIGINT, signal.SIGALRM, signal.SIGXCPU, signal.SIGPROF, signal.SIGVTALRM):
            signal.signal(each, signal.SIG_IGN)
        while True: pass
        """,
        TIME,
    ),
    attack(4, "sleep for ever", "import time\nwhile True: time.sleep(1000)", "timeout"),
    attack(5, "list that grows for ever", "items = []\nwhile True: items.append('x' * 100_000)", MEMORY),
    attack(6, "one huge allocation", "bytearray(100 << 30)", "oom"),
    attack(7, "power of huge numbers", "print(9 ** 9 ** 9 % 7)", f"{TIME} oom"),
    attack(8, "huge string", "text = 'x' * (1 << 40)", "oom"),
    attack(
        9,
        "fork bomb",
        """
        import os
        while True:
            try:
                os.fork()
            except OSError:
                pass
        """,
        TIME,
    ),
    attack(
        10,
        "thread bomb",
        """
        import threading, time
        threads = []
        try:
            while len(threads) < 40:
                thread = threading.Thread(target=time.sleep, args=(5,), daemon=True)
                thread.start()
                threads.append(thread)
        except RuntimeError:
            pass
        if len(threads) > 16:
            breach(f"{len(threads)} threads")
        """,
        "ok",
        needs="cgroup user",
    ),
    attack(
        11,
        "daemon by two forks",
        """
        import os, time
        if os.fork() == 0:
            try:
                os.setsid()
            except OSError:
                pass
            if os.fork() == 0:
                for number in range(3):
                    os.close(number)
                time.sleep(1000)
            os._exit(0)
        """,
        "ok",
    ),
    attack(
        12,
        "daemon that keeps its output open",
        """
        import os, time
        if os.fork() == 0:
            try:
                os.setsid()
            except OSError:
                pass
            time.sleep(1000)
        print("parent ends")
        """,
        "ok",
    ),
    attack(13, "flood of standard output", "while True: print('x' * 1000)", "output-limit"),
    attack(14, "flood of standard error", "import sys\nwhile True: sys.stderr.write('x' * 1000)", "output-limit"),
    attack(
        15,
        "fill the scratch folder",
        """
        written = 0
        for number in range(40):
            with open(HOST["mark"] + str(number), "wb") as file:
                written += file.write(b"x" * (1 << 20))
        breach(f"{written} bytes")
        """,
        "error",
        needs="mount",
    ),
    attack(
        16,
        "flood of files",
        """
        for number in range(5000):
            open(HOST["mark"] + str(number), "w").close()
        breach("5000 files")
        """,
        "error",
        needs="mount",
    ),
    attack(
        17,
        "flood of open files",
        """
        files = []
        while len(files) < 1000:
            files.append(open("/dev/null"))
        breach("1000 files open")
        """,
        "error",
        needs="rlimits",
    ),
    attack(
        18,
        "read secrets of the host",
        """
        import os
        for path in ("/etc/shadow", "/etc/passwd", "/root/.bashrc", "/root/.ssh/id_rsa", HOST["file"]):
            attempts(lambda: open(path).read(1))
        attempts(lambda: os.listdir("/home"), lambda: os.listdir(HOST["folder"]))
        """,
        "ok",
        needs="mount landlock",
    ),
    attack(
        19,
        "write to the host",
        """
        import os
        for folder in ("/", "/usr", "/usr/lib", "/etc", "/dev", "/run", "/var/tmp", HOST["folder"]):
            attempts(lambda: open(os.path.join(folder, HOST["mark"]), "w"))
        for path in ("/proc/sys/kernel/core_pattern", "/proc/sysrq-trigger", "/sys/power/state", HOST["file"]):
            attempts(lambda: open(path, "a"))
        open("/dev/shm/" + HOST["mark"], "w").close()
        """,
        "ok error",
        needs="mount landlock",
    ),
    attack(
        20,
        "connect to the host by TCP",
        """
        import socket
        def connect():
            socket.create_connection(("127.0.0.1", HOST["port"]), timeout=0.2)
        attempts(connect)
        """,
        "ok",
        needs="net landlock seccomp",
    ),
    attack(
        21,
        "connect to an abstract Unix socket of the host",
        """
        import socket
        attempts(lambda: socket.socket(socket.AF_UNIX).connect("\\0" + HOST["mark"]))
        """,
        "ok",
        needs="net landlock",
    ),
    attack(
        22,
        "kill processes of the host",
        """
        import os, signal
        for pid in (HOST["pid"], HOST["parent"]):
            attempts(lambda: os.kill(pid, signal.SIGTERM), lambda: os.kill(pid, signal.SIGSTOP))
        """,
        "ok",
        needs="pid seccomp",
    ),
    attack(
        23,
        "kill process 1 and all processes",
        """
        import os
        for number in (9, 19, 15, 2, 1, 3, 17, 29):
            for pid in (1, os.getppid()):
                try:
                    os.kill(pid, number)
                except OSError:
                    pass
        for number in (19, 9):
            try:
                os.kill(-1, number)
            except OSError:
                pass
        print("alive")
        """,
        "ok",
        needs="pid seccomp",
    ),
    attack(
        24,
        "list processes of the host",
        """
        import os
        attempts(lambda: [name for name in os.listdir("/proc") if name.isdigit()][0])
        for pid in (HOST["pid"], HOST["parent"]):
            attempts(lambda: os.kill(pid, 0), lambda: os.getpgid(pid))
        """,
        "ok",
        needs="pid",
    ),
    attack(
        25,
        "read secrets of the environment",
        """
        import os
        if "PSYNTH_SECRET" in os.environ:
            breach("environment")
        for pid in (1, "self", os.getppid(), HOST["pid"]):
            attempts(lambda: open(f"/proc/{pid}/environ", "rb").read(1))
        """,
        "ok",
        needs="mount landlock",
    ),
    attack(
        26,
        "trace another process",
        """
        import os
        for pid in (1, os.getppid(), HOST["pid"]):
            if system_call(101, 16, pid, 0, 0) == 0 or system_call(101, 0x4206, pid, 0, 0) == 0:
                breach("ptrace")
        if system_call(310, os.getppid(), 0, 0, 0, 0, 0) == 0 or system_call(438, os.getpid(), 0, 0) >= 0:
            breach("process_vm_readv")
        """,
        "ok",
        needs="seccomp",
    ),
    attack(
        27,
        "make namespaces and mounts",
        """
        for flag in (0x10000000, 0x20000, 0x40000000, 0x20000000, 0x8000000, 0x4000000):
            if system_call(272, flag) == 0:
                breach(f"unshare {flag:x}")
        import ctypes
        libc = ctypes.CDLL(None)
        for target in (b"/", b"/tmp", b"/run"):
            if libc.mount(b"tmpfs", target, b"tmpfs", 0, None) == 0 or libc.umount2(target, 2) == 0:
                breach("mount")
        for number in (428, 429, 430, 432, 155, 308):
            if system_call(number, 0, 0, 0, 0, 0) >= 0:
                breach(f"call {number}")
        """,
        "ok",
        needs="seccomp",
    ),
    attack(
        28,
        "change the root and the user",
        """
        import os
        def chroot():
            os.chroot("/tmp")
        attempts(chroot, lambda: os.setuid(0), lambda: os.setgid(0), lambda: os.setgroups([0]))
        attempts(lambda: os.setresuid(0, 0, 0), lambda: os.chown("/tmp", 0, 0) if os.getuid() else 1 / 0)
        """,
        "ok",
        needs="seccomp uid",
    ),
    attack(
        29,
        "system calls with a history",
        """
        for number in (425, 426, 321, 248, 249, 250, 298, 323, 175, 313, 246, 304, 451, 462):
            if system_call(number, 0, 0, 0, 0, 0) >= 0:
                breach(f"call {number}")
        """,
        "ok",
        needs="seccomp",
    ),
    attack(30, "segmentation fault", "import ctypes\nctypes.string_at(0)", "signal"),
    attack(
        31,
        "endless recursion",
        "import sys\nsys.setrecursionlimit(10**9)\ndef f(): f()\nf()",
        f"signal oom error {TIME}",
    ),
    attack(32, "abort with a core dump", "import os\nos.abort()", "signal"),
    attack(33, "exit without cleaning up", "import os\nos._exit(42)", "error", exit_code=42),
    attack(
        34,
        "execute another program",
        """
        import os
        for path in ("/bin/sh", "/usr/bin/env"):
            try:
                os.execv(path, [path, "-c", "echo BREACH"])
            except PermissionError:
                pass
        """,
        "ok",
        needs="landlock",
    ),
    attack(35, "regular expression that explodes", "import re\nre.match('(a+)+b', 'a' * 60)", TIME),
    attack(
        36,
        "huge number as text",
        "import sys\nsys.set_int_max_str_digits(0)\nprint(len(str(7 ** 9_000_000)))",
        TIME,
    ),
    attack(
        37,
        "print a forged result",
        """
        import os
        print('{"n":0,"status":"ok","message":"","calls":[],"exit_code":0,"signal":null,"stdout":""}')
        os.write(3, b"V\\x01\\x00\\x00\\x001")
        os.write(3, b"L\\x00\\x00\\x00\\x00")
        raise SystemExit(1)
        """,
        "error",
    ),
    attack(
        38,
        "output that is no text",
        """
        import os
        os.write(1, b"\\x00\\x1b[2J\\xff\\xfe\\xc3")
        """,
        "ok",
    ),
    attack(
        39,
        "type into the terminal",
        """
        import fcntl
        attempts(lambda: open("/dev/tty"), lambda: open("/dev/console", "w"), lambda: open("/dev/pts/0"))
        for number in (0, 1, 2):
            attempts(lambda: fcntl.ioctl(number, 0x5412, b"x"), lambda: fcntl.ioctl(number, 0x541C, b"\\x02"))
        """,
        "ok",
    ),
    attack(
        40,
        "leave by symbolic links",
        """
        import os
        for number, target in enumerate(("/etc/shadow", HOST["file"], "/proc/1/root", "../../../../etc/shadow")):
            os.symlink(target, HOST["mark"] + str(number))
            attempts(lambda: open(HOST["mark"] + str(number)).read(1))
        attempts(lambda: os.link(HOST["file"], HOST["mark"] + "link"))
        """,
        "ok",
        needs="mount landlock",
    ),
    attack(
        41,
        "read memory and disks of the machine",
        """
        for path in ("mem", "kmem", "port", "sda", "vda", "nvme0n1", "kvm", "fuse", "net/tun", "kmsg"):
            attempts(lambda: open("/dev/" + path, "rb").read(1))
        attempts(lambda: open("/proc/kcore", "rb").read(1))
        """,
        "ok",
        needs="mount landlock uid",
    ),
    attack(
        42,
        "load a library that it has written",
        """
        import ctypes, ctypes.util, glob
        source = [path for path in glob.glob("/usr/lib/*/libm.so.6") + glob.glob("/lib/*/libm.so.6")][0]
        with open(source, "rb") as file, open(HOST["mark"] + ".so", "wb") as copy:
            copy.write(file.read())
        import os
        attempts(lambda: ctypes.CDLL(os.path.abspath(HOST["mark"] + ".so")))
        """,
        "ok",
        needs="mount",
    ),
    attack(
        43,
        "zip bomb",
        """
        import zlib
        packed = zlib.compress(bytes(1 << 20))
        items = [zlib.decompress(packed) for _ in range(10_000)]
        breach("10 gigabytes")
        """,
        MEMORY,
    ),
    attack(
        44,
        "change the clock and the name of the machine",
        """
        import socket, time
        attempts(lambda: time.clock_settime(time.CLOCK_REALTIME, 0.0), lambda: socket.sethostname("owned"))
        """,
        "ok",
    ),
    attack(
        45,
        "raise its own limits",
        """
        import resource
        for name in ("DATA", "NOFILE", "FSIZE", "CPU", "CORE", "STACK", "NPROC"):
            kind = getattr(resource, "RLIMIT_" + name)
            soft, hard = resource.getrlimit(kind)
            attempts(lambda: resource.setrlimit(kind, (hard + 1, hard + 1)) if hard >= 0 else 1 / 0)
            attempts(lambda: resource.setrlimit(kind, (-1, -1)) if hard >= 0 else 1 / 0)
        """,
        "ok",
    ),
    attack(
        46,
        "memory shared by a mapping",
        """
        import mmap
        area = mmap.mmap(-1, 300 << 20)
        for place in range(0, 300 << 20, 4096):
            area[place] = 1
        breach("300 megabytes")
        """,
        MEMORY,
        needs="cgroup",
    ),
    attack(
        47,
        "take more of the processor",
        """
        import os
        attempts(lambda: os.nice(-5), lambda: os.setpriority(os.PRIO_PROCESS, 0, -1))
        attempts(lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1)))
        os.sched_setaffinity(0, os.sched_getaffinity(0))
        """,
        "ok",
    ),
    attack(
        48,
        "processor time split over children",
        """
        import os
        for _ in range(5):
            if os.fork() == 0:
                while True: pass
        while True:
            os.wait()
        """,
        TIME,
    ),
    attack(
        49,
        "write to inherited descriptors",
        """
        import os
        for number in range(4, 1024):
            attempts(lambda: os.fstat(number))
        """,
        "ok",
    ),
    attack(
        50,
        "clone3 with namespaces",
        """
        import ctypes
        arguments = (ctypes.c_uint64 * 11)(0x10000000, 0, 0, 0, 17)
        answer = system_call(435, ctypes.addressof(arguments), 88)
        if answer >= 0:
            breach("clone3")
            import os
            os._exit(0)
        for flag in (0x10000000, 0x20000, 0x40000000):
            answer = system_call(56, flag | 17, 0, 0, 0, 0)
            if answer >= 0:
                breach(f"clone {flag:x}")
        """,
        "ok",
        needs="seccomp",
    ),
    attack(
        51,
        "system calls of other architectures",
        """
        import ctypes, mmap
        if system_call(0x40000000 | 39) > 0:
            breach("x32")
        code = bytes.fromhex("b814000000cd80c3")  # mov eax, 20; int 0x80; ret: getpid of i386
        area = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
        area.write(code)
        call = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(area)))
        if call() > 0:
            breach("i386")
        """,
        "ok signal",
        needs="seccomp",
    ),
    attack(
        52,
        "sockets of every kind",
        """
        import socket
        for family in (2, 10, 16, 17, 38, 40, 31, 29, 44):
            for kind in (1, 2, 3, 5):
                attempts(lambda: socket.socket(family, kind).fileno() * 0 + family)
        """,
        "ok",
        needs="seccomp",
    ),
    attack(
        53,
        "execute the interpreter anew",
        """
        import os, sys
        code = f"try:\\n print('BREACH', open({HOST['file']!r}).read())\\nexcept OSError: pass\\n"
        if os.fork() == 0:
            attempts(lambda: os.execv("/proc/self/exe", [sys.executable, "-S", "-c", code]))
            os._exit(0)
        os.wait()
        os.execv(sys.executable, [sys.executable, "-S", "-c", code])
        """,
        "ok",
        needs="mount landlock",
    ),
    attack(
        54,
        "return a pickle",
        """
        import os, pickle
        class Bomb:
            def __reduce__(self):
                return (os.mkdir, (os.path.join(HOST["folder"], HOST["mark"]),))
        def f():
            os.write(3, pickle.dumps(Bomb()))
            return Bomb()
        """,
        "error",
        function="f",
    ),
    attack(
        55,
        "replace where its value goes",
        """
        import os
        def f():
            os.mkfifo(HOST["mark"])
            number = os.open(HOST["mark"], os.O_RDWR)
            os.dup2(number, 3)
            os.write(3, b"V\\x06\\x00\\x00\\x00BREACH")
            return 1
        """,
        "error",
        function="f",
    ),
    attack(
        56,
        "shadow modules of later programs",
        """
        import sys
        for name in ("json", "random", "os", "math", "numpy"):
            with open(name + ".py", "w") as file:
                file.write("print('BREACH')")
        def f():
            sys.path.insert(0, "/tmp")
            return 7
        """,
        "ok",
        function="f",
        value=7,
    ),
    attack(
        57,
        "change the harness in its own process",
        """
        import sys
        zygote = sys.modules["_zygote"]
        def f():
            frame = sys._getframe()
            while frame.f_back:
                frame = frame.f_back
                frame.f_globals["report"] = frame.f_globals["finish"] = lambda *_: None
            zygote.send_value = zygote.send = lambda *_: None
            return 7
        """,
        "ok",
        function="f",
        value=7,
    ),
    attack(
        58,
        "find secrets in frames and objects",
        """
        import gc, sys
        def f():
            frame, found = sys._getframe(), []
            while frame:
                found.append(repr(frame.f_locals)[:100_000])
                frame = frame.f_back
            texts = found + [each for each in gc.get_objects() if isinstance(each, (str, bytes))]
            sought = "PSYNTH" + "_SECRET"
            return sum(sought in str(text) for text in texts)
        """,
        "ok",
        function="f",
        value=0,
    ),
    attack(59, "output exactly at the limit", "import os\nos.write(1, b'x' * (16 << 10))", "ok"),
    attack(60, "end without output", "", "ok"),
    attack(61, "stop itself", "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)", "timeout error"),
    attack(
        62,
        "results that depend on chance",
        """
        import random
        print(random.random(), hash("x"), {"b", "a", "c"})
        """,
        "ok",
    ),
    attack(63, "input that is never read", "print(1)", "ok", stdin="x" * (1 << 20)),
    attack(64, "source nested too deeply", "(" * 50_000 + ")" * 50_000, "parse oom signal"),
    attack(
        65,
        "code after the answer",
        """
        import atexit, sys, threading, time
        def loop():
            while True: time.sleep(1)
        def f():
            threading.Thread(target=loop).start()
            atexit.register(loop)
            sys.setprofile(lambda *_: None)
            return 7
        """,
        "ok",
        function="f",
        value=7,
    ),
    attack(
        66,
        "huge arguments and environment",
        """
        import os, sys
        os.execve(sys.executable, [sys.executable, "-c", "x" * (1 << 22)], {})
        """,
        "error oom",
    ),
    attack(
        67,
        "signals that an interpreter handles",
        """
        import os
        for pid in (1, os.getppid()):
            for number in range(1, 65):
                try:
                    os.kill(pid, number)
                except OSError:
                    pass
        """,
        "ok",
        needs="pid seccomp",
    ),
    attack(
        68,
        "signals by way of input and output",
        """
        import fcntl, os, signal
        ends = os.pipe()
        for pid in (HOST["pid"], os.getppid(), 1):
            for number in (0, signal.SIGKILL, signal.SIGTERM):
                try:
                    fcntl.fcntl(ends[0], fcntl.F_SETOWN, pid)
                    fcntl.fcntl(ends[0], 10, number)
                    fcntl.fcntl(ends[0], fcntl.F_SETFL, os.O_ASYNC)
                    os.write(ends[1], b"x")
                    os.read(ends[0], 1)
                except OSError:
                    pass
        """,
        "ok",
        needs="pid seccomp",
    ),
    attack(
        69,
        "change the limits of other processes",
        """
        import os, resource
        for pid in (HOST["pid"], os.getppid(), 1):
            attempts(lambda: resource.prlimit(pid, resource.RLIMIT_NOFILE, (3, 3)))
            attempts(lambda: os.setpriority(os.PRIO_PROCESS, pid, 19))
        """,
        "ok",
        needs="seccomp",
    ),
    attack(
        70,
        "stop all processes",
        """
        import os, signal
        for _ in range(4):
            if os.fork() == 0:
                while True: pass
        os.kill(-1, signal.SIGSTOP)
        os.kill(os.getpid(), signal.SIGSTOP)
        """,
        f"{TIME} error",
        needs="pid seccomp",
    ),
    attack(
        71,
        "flood of forged values",
        """
        import os
        while True:
            os.write(3, b"L\\x00\\x00\\x00\\x00" * 4000)
        """,
        TIME,
    ),
    attack(
        72,
        "connect to a Unix socket in a folder of the host",
        """
        import socket
        attempts(lambda: socket.socket(socket.AF_UNIX).connect(HOST["socket"]))
        pair = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        attempts(lambda: pair[0].connect(HOST["socket"]))
        attempts(lambda: socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)[0].connect(HOST["datagrams"]))
        attempts(lambda: socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)[0].sendto(b"x", HOST["datagrams"]))
        """,
        "ok",
        needs="mount seccomp",
    ),
    attack(
        73,
        "hundreds of children that nobody waits for",
        """
        import os
        for _ in range(300):
            try:
                if os.fork() == 0:
                    os._exit(0)
            except OSError:
                os.wait()
        print("alive")
        """,
        "ok",
    ),
    attack(
        74,
        "System V objects that stay",
        """
        for number, arguments in ((29, (7411, 4096, 0o1777)), (68, (7411, 0o1777)), (64, (7411, 1, 0o1777))):
            system_call(number, *arguments)
        """,
        "ok",
        needs="ipc seccomp",
    ),
)
"""Numbers 1 to 66 are the list of issue 10; the others were found while it was written."""
