# Measures chio: decodes the client packets in the file of the first argument and encodes the server packets in that of
# the second, one JSON object per line. Prints nanoseconds per packet. Requires ci/ in PYTHONPATH.
import json
import sys
from time import perf_counter_ns

from chio import select_client
from chio.constants import PacketType
from oracle.packets import KIND
from oracle.reference import arguments_of

client = select_client(20250306)
stream = open(sys.argv[1], "rb").read()
packets = [json.loads(line) for line in open(sys.argv[2], encoding="utf-8")]


def decode():
    start = perf_counter_ns()
    count = sum(1 for _ in client.read_many_packets_from_bytes(stream))
    return (perf_counter_ns() - start) / count


def encode():
    # chio's writers modify their arguments, so each round makes new ones before the clock starts.
    arguments = [(PacketType[of["packet"]], arguments_of(KIND["server"][of["packet"]], of["data"])) for of in packets]
    start = perf_counter_ns()
    for packet, given in arguments:
        client.write_packet_to_bytes(packet, *given)
    return (perf_counter_ns() - start) / len(packets)


for name, work in (("decode", decode), ("encode", encode)):
    print("chio", name, min(work() for _ in range(5)))
