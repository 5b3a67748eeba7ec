"""A peer of the FAF lobby that uses Python's struct, json and codecs. It sends messages and expects each one back.

    peer.py server|client PORT qdatastream|json strict|lenient SEED COUNT

The other end sends back every message that it receives. Each must be, byte for byte, the sent message as parsed by
Python's json and encoded as by the lobby server: compact JSON in ASCII.
"""

import json
import random
import socket
import struct
import sys

ROLE, PORT, FRAMING, MODE, SEED, COUNT = sys.argv[1:]
rng = random.Random(SEED)


def text():
    kinds = ["ascii", "control", "latin", "cyrillic", "astral", "escapes"]
    if MODE == "lenient":
        kinds.append("surrogates")
    out = []
    for _ in range(rng.randrange(4)):
        kind = rng.choice(kinds)
        ranges = {
            "ascii": (0x20, 0x7F),
            "control": (0, 0x20),
            "latin": (0x7F, 0x100),
            "cyrillic": (0x400, 0x460),
            "astral": (0x1F600, 0x1F640),
            "surrogates": (0xD800, 0xE000),
        }
        if kind == "escapes":
            out.append(rng.choice('"\\/\b\f\n\r\t\x7f\u2028\ufeff'))
        else:
            out.extend(chr(rng.randrange(*ranges[kind])) for _ in range(rng.randrange(1, 40)))
    return "".join(out)


def number():
    return rng.choice(
        [
            lambda: rng.randrange(-10, 10),
            lambda: rng.getrandbits(64) - (1 << 63),
            lambda: rng.getrandbits(rng.randrange(1, 2000)) * rng.choice([1, -1]),
            lambda: rng.uniform(-1000, 1000),
            lambda: struct.unpack("<d", rng.randbytes(8))[0],
            lambda: float(rng.randrange(-5, 5)),
            lambda: rng.choice([1e15, 1e16, 1e17, 123456789012345680.0, 1e-4, 1e-5, 5e-324, -0.0, 1.7976931348623157e308]),
        ]
    )()


def finite(value):
    return not isinstance(value, float) or (value == value and abs(value) != float("inf"))


def value(depth):
    kind = rng.randrange(9 if depth < 6 else 6)
    if kind < 2:
        return text()
    if kind < 4:
        found = number()
        while MODE == "strict" and not finite(found):
            found = number()
        return found
    if kind < 6:
        return rng.choice([None, True, False])
    if kind < 7:
        return [value(depth + 1) for _ in range(rng.randrange(5))]
    return {text(): value(depth + 1) for _ in range(rng.randrange(5))}


def message():
    found = {"command": rng.choice(["game_info", "x", text() + "é", "HostGame"])}
    for _ in range(rng.randrange(6)):
        name = text()
        if name not in ("command", "target"):
            found[name] = value(1)
    if rng.random() < 0.1:
        found = {"command": rng.choice(["ping", "pong"])}
    if rng.random() < 0.2:
        # Move the command to the end.
        found["command"] = found.pop("command")
    return found


def canonical(found):
    return json.dumps(found, separators=(",", ":"))


def spelled(found):
    """The same message in one of several JSON spellings."""
    how = rng.randrange(4)
    if how == 0:
        return canonical(found)
    if how == 1:
        return json.dumps(found, ensure_ascii=FRAMING == "qdatastream" and MODE == "lenient")
    if how == 2:
        return json.dumps(found, separators=(" ,\t", " : "))
    plain = json.dumps(found, ensure_ascii=False, separators=(",", ":"))
    try:
        plain.encode()
    except UnicodeEncodeError:
        return canonical(found)
    return plain


def framed(body):
    if FRAMING == "json":
        return body.encode("utf-8", "surrogatepass") + b"\n"
    content = body.encode("utf-16-be")
    return struct.pack("!I", len(content) + 4) + struct.pack("!i", len(content)) + content


def encoded(found):
    """The message as encoded by the lobby server."""
    if FRAMING == "qdatastream" and found.get("command") in ("ping", "pong"):
        return framed(found["command"].upper())
    return framed(canonical(found))


def take(stream):
    if FRAMING == "json":
        return stream.readline()
    head = stream.read(4)
    return head + stream.read(struct.unpack("!I", head)[0]) if len(head) == 4 else head


def main():
    if ROLE == "server":
        listener = socket.create_server(("127.0.0.1", 0))
        print(listener.getsockname()[1], flush=True)
        connection, _ = listener.accept()
    else:
        connection = socket.create_connection(("127.0.0.1", int(PORT)))
    connection.settimeout(60)
    # Nagle's algorithm would dominate the running time.
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    stream = connection.makefile("rb")
    for index in range(int(COUNT)):
        found = message()
        body = spelled(found)
        if FRAMING == "qdatastream" and found["command"] in ("ping", "pong") and rng.random() < 0.5:
            body = found["command"].upper()
        sent = framed(body)
        # Split the message anywhere.
        split = rng.randrange(len(sent))
        connection.sendall(sent[:split])
        connection.sendall(sent[split:])
        back = take(stream)
        expected = encoded(json.loads(body) if body not in ("PING", "PONG") else found)
        if back != expected:
            sys.exit(f"message {index}: sent {body!r}, expected {expected!r}, got {back!r}")
    connection.shutdown(socket.SHUT_WR)
    if stream.read():
        sys.exit("received more messages than were sent")
    print(f"{COUNT} messages", flush=True)


main()
