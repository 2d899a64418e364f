# pipeline.py: a shell pipeline as a function of an event
import base64, json, os, re, select, signal, subprocess, sys, tempfile


class Pipeline:
    def __init__(self, command, deadline=60):
        self.command, self.deadline, self.deaths = command, deadline, 0
        self.place = tempfile.TemporaryDirectory()
        self.state = self.place.name + "/state"
        os.mkdir(self.state)
        self.rejects = open(self.place.name + "/rejects", "a+b", 0)
        nonce = os.urandom(8).hex().encode()
        self.mark = b'{"ms.barrier":"%s","n":' % nonce
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(75))
        self.start()
        if self.send(b"", 10) is None:
            fail(2, "the pipeline can't work, or swallows barriers")
        if os.listdir(self.state):
            fail(2, "a stage has state, which would be lost")

    def start(self):
        names = {"MS_REJECTS": self.rejects.name, "MS_STATE": self.state}
        self.child = subprocess.Popen(
            ["bash", "-o", "pipefail", "-c", self.command],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0,
            start_new_session=True, env={**os.environ, **names})
        os.set_blocking(self.child.stdin.fileno(), False)

    def stop(self):
        os.killpg(self.child.pid, signal.SIGKILL)
        self.child.stdin.close()
        self.child.stdout.close()
        self.child.wait()

    def send(self, line, deadline=None):
        """What comes back before the barrier, or None where none does."""
        rest = line + b"%s%d}\n" % (self.mark, len(line) > 0)
        back, last = bytearray(), b""
        into, out = self.child.stdin, self.child.stdout
        os.ftruncate(self.rejects.fileno(), 0)
        while not last.startswith(self.mark):
            can = select.select([out], [into] if rest else [], [],
                                deadline or self.deadline)
            try:
                if can[1]:
                    rest = rest[os.write(into.fileno(), rest[:65536]):]
            except BrokenPipeError:
                return None
            if can[0]:
                more = os.read(out.fileno(), 1 << 20)
                back += more
            if not any(can) or can[0] and not more:
                return None  # it hangs, or has ended
            if back.endswith(b"\n"):
                last = back[back.rfind(b"\n", 0, -1) + 1:]
        return bytes(back).split(b"\n")[:-2]

    def through(self, event):
        """The lines that an event becomes, and its dead letters."""
        event = event.rstrip(b"\r\n")
        if not is_event(event):
            return [], [letter(event, "this is no event on one line")]
        for _ in range(2):
            lines = self.send(event + b"\n")
            if lines is not None:
                self.deaths = 0
                size = os.fstat(self.rejects.fileno()).st_size
                refused = os.pread(self.rejects.fileno(), size, 0)
                return lines, refused.split(b"\n")[:-1]
            self.stop()
            self.start()
        self.deaths += 1
        if self.deaths == 10:
            fail(75, "ten events in a row kill the pipeline: it is broken")
        return [], [letter(event, "the pipeline dies of it, or hangs")]


def is_event(value):
    try:
        event = json.loads(value.decode(), parse_int=str)
    except (ValueError, RecursionError):
        return False
    return (isinstance(event, dict) and b"\n" not in value
            and not re.match(rb'\s*{\s*"ms\.', value))


def letter(value, error):
    try:
        what = {"text": value.decode()}
    except UnicodeDecodeError:
        what = {"base64": base64.b64encode(value).decode()}
    return json.dumps({"error": error, **what}).encode()


def fail(status, why):
    print(why, file=sys.stderr)
    sys.exit(status)
