// Measures osu-packet on the server packets in the file of the first argument, and Microsoft's MessagePack protocol for
// SignalR on the SendFrameData call in that of the second. Prints nanoseconds per packet.
"use strict";

const fs = require("fs");
const osu = require("osu-packet");
const { idToString } = require("osu-packet/src/packets");
const { MessagePackHubProtocol } = require("@microsoft/signalr-protocol-msgpack");
const { NullLogger } = require("@microsoft/signalr");

const stream = fs.readFileSync(process.argv[2]);
const call = Uint8Array.from(fs.readFileSync(process.argv[3])).buffer;

/** The best of some rounds, after some that are for the compiler. */
function best(name, count, work) {
  let best = Infinity;
  for (let round = 0; round < 60; round++) {
    const start = process.hrtime.bigint();
    work();
    best = Math.min(best, Number(process.hrtime.bigint() - start) / count);
  }
  console.log(name, best);
}

const packets = new osu.Bancho.Reader(stream).Parse();
if (packets.length !== 1000) throw new Error(`osu-packet reads ${packets.length} packets`);
best("osu-packet decode", packets.length, () => new osu.Bancho.Reader(stream).Parse());
best("osu-packet encode", packets.length, () => {
  // One writer per packet, since a shared one copies its contents for each packet.
  for (const { id, data } of packets) new osu.Bancho.Writer()[idToString[id]](data);
});

const protocol = new MessagePackHubProtocol();
const [message] = protocol.parseMessages(call, NullLogger.instance);
best("signalr decode", 200, () => {
  for (let i = 0; i < 200; i++) protocol.parseMessages(call, NullLogger.instance);
});
best("signalr encode", 200, () => {
  for (let i = 0; i < 200; i++) protocol.writeMessage(message);
});
