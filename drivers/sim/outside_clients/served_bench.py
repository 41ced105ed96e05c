"""A simulated bench served in wall time by `blondel sim`, for one test script: on ports and links of its own."""

import ctypes
import importlib.util
import os
import pathlib
import queue
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

for _module, _package in (("pyvisa", "python3-pyvisa"), ("pyvisa_py", "python3-pyvisa-py"),
                          ("pymodbus", "python3-pymodbus"), ("serial", "python3-serial"),
                          ("serial_asyncio", "python3-serial-asyncio")):
    if importlib.util.find_spec(_module) is None:
        sys.exit(f"{sys.executable} has no module {_module}; ci/setup installs the package {_package}")

REPOSITORY = pathlib.Path(__file__).resolve().parents[3]
BENCH = REPOSITORY / "testplans" / "benches" / "simulated.yaml"

# Many times what an idle machine needs; a busy one may be slow, but not this slow.
SERVES_WITHIN_S = 40
STOPS_WITHIN_S = 20
TRIES = 5


def free_ports(count):
    """Ports of the loopback that nobody listens on at this moment."""
    holders = [socket.socket() for _ in range(count)]
    try:
        for holder in holders:
            holder.bind(("127.0.0.1", 0))
        return [holder.getsockname()[1] for holder in holders]
    finally:
        for holder in holders:
            holder.close()


def addresses_in(bench):
    """The addresses that a bench file's text names, in its order: source, reference, control power."""
    return re.findall(r"TCPIP::127\.0\.0\.1::\d+::SOCKET", bench)


def until(what, condition, within_s, every_s=0.05):
    """Polls until condition() is true and returns its value; AssertionError when `within_s` have passed."""
    deadline = time.monotonic() + within_s
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() >= deadline:
            raise AssertionError(f"{within_s} s have passed without {what}")
        time.sleep(every_s)


def _end_with_parent():
    # A test that is killed cannot stop its bench any more: PR_SET_PDEATHSIG, prctl(2).
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)


class ServedBench:
    """Starts a bench and knows where its parts are; a context manager, so that it stops whatever happens.

    `addresses` maps a driver's name to a VISA resource string, `links` a position to its serial device. `changes` are
    pairs of texts: what of the bench file is replaced by what.
    """

    def __init__(self, blondel, changes=()):
        self._blondel = blondel
        self._changes = changes
        self._folder = pathlib.Path(tempfile.mkdtemp(prefix="blondel-outside-"))
        self._process = None
        self.addresses = {}
        self.links = {}

    def __enter__(self):
        try:
            # Somebody else may take a free port before the bench does; then there are others.
            for attempt in range(1, TRIES + 1):
                said = self._start()
                if said is None:
                    return self
                if "cannot listen" not in said or attempt == TRIES:
                    raise AssertionError(f"`blondel sim` does not serve: {said}")
        except BaseException:
            self._end()
            raise

    def __exit__(self, kind, *_):
        code, said = self._end()
        if kind is None and code != 0:
            raise AssertionError(f"`blondel sim` ended with {code} after it was told to stop: {said}")

    def _bench_file(self):
        text = BENCH.read_text().replace("certificates/", f"{BENCH.parent}/certificates/")
        old = addresses_in(text)
        assert len(old) == 3, f"{BENCH} has {len(old)} addresses, three were expected"
        for address, port in zip(old, free_ports(3)):
            text = text.replace(address, f"TCPIP::127.0.0.1::{port}::SOCKET")
        for part, other in self._changes:
            assert part in text, f"{BENCH} has no '{part}'"
            text = text.replace(part, other)
        path = self._folder / "bench.yaml"
        path.write_text(text)
        return path

    def _start(self):
        """Nothing once the bench serves; what it said instead when it does not."""
        self._errors = open(self._folder / "stderr", "w+")
        self._process = subprocess.Popen(
            [self._blondel, "sim", str(self._bench_file()), "--links", str(self._folder / "links")],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self._errors, text=True,
            preexec_fn=_end_with_parent)
        lines = queue.Queue()

        def read_all(stream):
            for line in stream:
                lines.put(line)
            lines.put(None)

        threading.Thread(target=read_all, args=(self._process.stdout,), daemon=True).start()
        deadline = time.monotonic() + SERVES_WITHIN_S
        said = ""
        while True:
            try:
                line = lines.get(timeout=max(0, deadline - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"`blondel sim` does not serve within {SERVES_WITHIN_S} s: {said}") from None
            if line is None:
                return said + self._stop_process()[1]
            said += line
            if line.startswith("serving"):
                self._read_places(said)
                return None

    def _read_places(self, said):
        for driver, address in re.findall(r"^(\S+)\s+(TCPIP::\S+)$", said, re.M):
            self.addresses[driver] = address
        for position, link in re.findall(r"^position (\d+)\s+\S+ \((\S+)\)", said, re.M):
            self.links[int(position)] = link

    def _stop_process(self):
        """Ends the process by its own id. @returns its exit code and what stands on its standard error."""
        self._process.terminate()
        try:
            code = self._process.wait(STOPS_WITHIN_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            code = f"a kill, {STOPS_WITHIN_S} s after it was told to stop: {self._process.wait()}"
        self._process.stdout.close()
        with self._errors:
            self._errors.seek(0)
            return code, self._errors.read()

    def _end(self):
        try:
            return self._stop_process() if self._process else (0, "")
        finally:
            shutil.rmtree(self._folder, ignore_errors=True)


def main():
    """Runs the tests of the calling script, whose first argument is the program `blondel`."""
    if len(sys.argv) < 2 or not os.access(sys.argv[1], os.X_OK):
        sys.exit(f"usage: {sys.argv[0]} BLONDEL [unittest arguments]: the program comes first")
    # A test that is told to stop stops its bench as well.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("told to stop"))
    blondel = os.path.abspath(sys.argv.pop(1))
    ServedBench.program = blondel
    unittest.main(module="__main__", verbosity=2)
