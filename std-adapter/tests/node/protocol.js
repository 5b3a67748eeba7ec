// Exchanges random messages with Microsoft's writers and parsers: `node protocol.js messagepack|json SEED COUNT`.
//
// For each message, this writes a line of JSON: `frame` in base64, `written`, the message in that frame, and `wanted`, a
// message for the peer to write. It then reads two lines with frames in base64, which must contain `written` and
// `wanted`.
"use strict";

const assert = require("node:assert/strict");
const readline = require("node:readline");
const signalR = require("@microsoft/signalr");
const { MessagePackHubProtocol } = require("@microsoft/signalr-protocol-msgpack");
const { decode } = require("@msgpack/msgpack");

const [encoding, seed, count] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const isJson = encoding === "json";
const protocol = isJson ? new signalR.JsonHubProtocol() : new MessagePackHubProtocol();

let state = seed >>> 0;
/** A pseudorandom number below a bound. */
function below(bound) {
  state = (state + 0x6d2b79f5) >>> 0;
  let mixed = Math.imul(state ^ (state >>> 15), state | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return ((mixed ^ (mixed >>> 14)) >>> 0) % bound;
}
const pick = (...choices) => choices[below(choices.length)];
const list = (most, make) => Array.from({ length: below(most + 1) }, make);

function text() {
  const length = pick(1, 1, 3, 10, 31, 32, 40, 255, 256, 300);
  const characters = ["a", "Z", "0", " ", '"', "\\", "/", "\n", "\u001e", "\u0000", "\u007f", "é", "漢", "😀", "{", "}", "'"];
  return Array.from({ length }, () => pick(...characters)).join("");
}

function value(depth) {
  switch (below(depth > 0 ? 9 : 7)) {
    case 0:
      return null;
    case 1:
      return below(2) === 1;
    case 2:
      return pick(0, 1, 127, 128, 255, 256, 65535, 65536, 4294967295, 4294967296, 2 ** 53 - 1);
    case 3:
      return pick(-1, -32, -33, -128, -129, -32768, -32769, -2147483648, -2147483649, -(2 ** 53) + 1);
    case 4:
      return pick(0.5, -0.1, 1e300, 1.5e-7, 3.141592653589793);
    case 5:
      return pick("", text());
    case 6:
      return below(1000);
    case 7:
      return list(pick(3, 3, 20), () => value(depth - 1));
    default:
      return Object.fromEntries(list(pick(3, 3, 18), () => [`k${below(1000)}`, value(depth - 1)]));
  }
}

function message() {
  const headers = below(4) === 0 ? Object.fromEntries(list(3, () => [`h${below(100)}`, text()])) : {};
  const invocationId = pick(String(below(100000)), text());
  const call = { headers, target: pick("StartWatchingUser", text()), arguments: list(5, () => value(3)) };
  if (below(3) === 0) call.streamIds = list(3, text);
  switch (below(9) + 1) {
    case 1:
      return { type: 1, ...call, ...(below(2) === 0 ? { invocationId } : {}) };
    case 2:
      return { type: 2, headers, invocationId, item: value(3) };
    case 3:
      return { type: 3, headers, invocationId, ...pick({}, { result: value(3) }, { error: text() }) };
    case 4:
      return { type: 4, ...call, invocationId };
    case 5:
      return { type: 5, headers, invocationId };
    case 6:
      return { type: 6 };
    case 7:
      return { type: 7, ...pick({}, { error: text() }), ...pick({}, { allowReconnect: true }) };
    case 8:
      return { type: 8, sequenceId: pick(1, 36, 300, 2 ** 40) };
    default:
      return { type: 9, sequenceId: pick(1, 36, 300, 2 ** 40) };
  }
}

/** A message in a normal form: writers omit different empty properties. */
function plain(message) {
  const { type } = message;
  const part = {};
  for (const name of ["invocationId", "target", "error", "sequenceId"]) {
    if (message[name] !== undefined && message[name] !== null) part[name] = message[name];
  }
  if (type <= 5) part.headers = message.headers ?? {};
  if (type === 1 || type === 4) Object.assign(part, { arguments: message.arguments, streamIds: message.streamIds ?? [] });
  if (type === 2) part.item = message.item;
  if (type === 3 && message.result !== undefined) part.result = message.result;
  if (type === 7) part.allowReconnect = message.allowReconnect ?? false;
  return { type, ...part };
}

function toBytes(written) {
  return typeof written === "string" ? Buffer.from(written, "utf8") : Buffer.from(written);
}

/** Parses a frame with Microsoft's parser. */
function parse(frame) {
  const input = isJson ? frame.toString("utf8") : new Uint8Array(frame).buffer;
  const messages = protocol.parseMessages(input, { log: (_, text) => assert.fail(text) });
  assert.equal(messages.length, 1);
  return messages[0];
}

/** Decodes a frame of any type. Microsoft's client ignores types that only servers receive. */
function walk(frame) {
  if (isJson) {
    assert.equal(frame.at(-1), 0x1e);
    return JSON.parse(frame.subarray(0, -1).toString("utf8"));
  }
  let [start, length] = [0, 0];
  do length += (frame[start] & 0x7f) * 2 ** (7 * start);
  while (frame[start++] & 0x80);
  assert.equal(frame.length, start + length);
  const [type, ...rest] = decode(frame.subarray(start));
  switch (type) {
    case 1:
    case 4:
      return { type, headers: rest[0], invocationId: rest[1], target: rest[2], arguments: rest[3], streamIds: rest[4] };
    case 2:
      return { type, headers: rest[0], invocationId: rest[1], item: rest[2] };
    case 3: {
      const [headers, invocationId, kind, result] = rest;
      assert.equal(rest.length, kind === 2 ? 3 : 4);
      return { type, headers, invocationId, ...(kind === 1 ? { error: result } : kind === 3 ? { result } : {}) };
    }
    case 5:
      return { type, headers: rest[0], invocationId: rest[1] };
    case 7:
      return { type, error: rest[0], allowReconnect: rest[1] };
    case 8:
    case 9:
      return { type, sequenceId: rest[0] };
    default:
      return { type };
  }
}

(async () => {
  const answers = readline.createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  for (let index = 0; index < count; index++) {
    const wanted = message();
    const written = plain(wanted);
    if (!isJson && written.type === 7) {
      // Microsoft's MessagePack writer omits the fields of Close.
      delete written.error;
      written.allowReconnect = false;
    }
    const frame = toBytes(protocol.writeMessage(wanted)).toString("base64");
    process.stdout.write(JSON.stringify({ frame, written, wanted: plain(wanted) }) + "\n");
    for (const sent of [written, plain(wanted)]) {
      const answer = await answers.next();
      assert.ok(!answer.done, "the peer must write two frames for each message");
      const frame = Buffer.from(answer.value, "base64");
      assert.deepEqual(plain(walk(frame)), sent);
      if (sent.type === 4 || sent.type === 5) continue;
      // Microsoft's MessagePack parser ignores stream ids, since servers never send any.
      const expected = sent.streamIds && !isJson ? { ...sent, streamIds: [] } : sent;
      assert.deepEqual(plain(parse(frame)), expected);
    }
  }
  console.log("done");
  process.exit(0);
})();
