# Measures Python's standard library on FAF lobby frames. Each line of the argument is a name and the bytes of a frame.
# Reads from a stream, as the lobby server does. Prints nanoseconds by name and direction.
import asyncio
import json
import struct
import sys
from time import perf_counter_ns

encoder = json.JSONEncoder(separators=(",", ":"))


async def read_block(reader):
    (size,) = struct.unpack("!I", await reader.readexactly(4))
    data = await reader.readexactly(size)
    first, _ = string(data, 0)
    if first in ("PING", "PONG"):
        return {"command": first.lower()}
    message = json.loads(first)
    # Like the lobby server, iterates over all strings again, including the first.
    at = 0
    while len(data) - at > 4:
        text, at = string(data, at)
        part = json.loads(text)
        if text != first:
            message.update(part)
    return message


def string(data, at):
    (length,) = struct.unpack_from("!I", data, at)
    return data[at + 4 : at + 4 + length].decode("utf-16-be"), at + 4 + length


def block(text):
    data = text.encode("utf-16-be")
    return struct.pack("!I", len(data) + 4) + struct.pack("!i", len(data)) + data


WORDS = {"ping": block("PING"), "pong": block("PONG")}


def encode_block(message):
    return WORDS.get(message.get("command")) or block(encoder.encode(message))


async def read_line(reader):
    return json.loads((await reader.readline()).strip())


def encode_line(message):
    return (encoder.encode(message) + "\n").encode()


async def read_command(reader):
    async def number(form):
        return struct.unpack(form, await reader.readexactly(4))[0]

    async def text():
        return (await reader.readexactly(await number("<I"))).decode()

    name = await text()
    args = []
    for _ in range(await number("<I")):
        is_text = await reader.readexactly(1) != b"\0"
        args.append(await text() if is_text else await number("<i"))
    return name, args


def encode_command(command):
    name, args = command
    name = name.encode()
    out = bytearray(struct.pack("<I", len(name)) + name + struct.pack("<I", len(args)))
    for arg in args:
        if isinstance(arg, int):
            out += struct.pack("<bi", 0, arg)
        else:
            arg = arg.encode()
            out += struct.pack("<bI", 1, len(arg)) + arg
    return bytes(out)


WAYS = {
    "qdatastream": (read_block, encode_block),
    "json": (read_line, encode_line),
    "gpgnet": (read_command, encode_command),
}


async def main():
    for line in sys.argv[1].splitlines():
        name, digits = line.split()
        data = bytes.fromhex(digits)
        read, encode = WAYS[name.split("/")[0]]
        reader = asyncio.StreamReader(limit=10 << 20)

        async def decode(count):
            for _ in range(count):
                reader.feed_data(data)
                message = await read(reader)
            return message

        message = await decode(1)
        assert encode(message) == data, name

        async def write(count):
            for _ in range(count):
                encode(message)

        print(name, "decode", await best(decode))
        print(name, "encode", await best(write))


async def best(work):
    """Nanoseconds for one, in the best of some rounds."""
    count = 1
    while await timed(work, count) < 3_000_000:
        count *= 2
    return min([await timed(work, count) for _ in range(15)]) / count


async def timed(work, count):
    start = perf_counter_ns()
    await work(count)
    return perf_counter_ns() - start


asyncio.run(main())
