// Runs a scenario of Microsoft's client against our hub: `node client.js URL messagepack|json SCENARIO`.
//
// A line "break" on standard output asks the test to break all connections. The last line is "done". Failures throw.
"use strict";

const assert = require("node:assert/strict");
const signalR = require("@microsoft/signalr");
const { MessagePackHubProtocol } = require("@microsoft/signalr-protocol-msgpack");

const [url, encoding, scenario] = process.argv.slice(2);

process.on("unhandledRejection", (error) => {
  throw error;
});

function build(path, configure = (builder) => builder, options = {}) {
  const protocol = encoding === "json" ? new signalR.JsonHubProtocol() : new MessagePackHubProtocol();
  const builder = new signalR.HubConnectionBuilder()
    .withUrl(url + path, options)
    .withHubProtocol(protocol)
    .configureLogging(process.env.LOG ? signalR.LogLevel.Trace : signalR.LogLevel.None);
  return configure(builder).build();
}

const breakConnections = () => console.log("break");
const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** The arguments of the next call of a method of this client. */
function next(connection, method) {
  return new Promise((resolve) => {
    const handler = (...values) => {
      connection.off(method, handler);
      resolve(values);
    };
    connection.on(method, handler);
  });
}

function items(stream) {
  const all = [];
  return new Promise((resolve, reject) =>
    stream.subscribe({ next: (item) => all.push(item), complete: () => resolve(all), error: reject }),
  );
}

async function fails(call, text) {
  await assert.rejects(call, (error) => {
    assert.ok(error.message.includes(text), error.message);
    return true;
  });
}

const scenarios = {
  async calls() {
    const connection = build("/hub");
    await connection.start();
    assert.equal(await connection.invoke("Add", 2, 40), 42);
    assert.equal(await connection.invoke("Echo", 'a\u001e"é😀'), 'a\u001e"é😀');
    assert.equal(await connection.invoke("Nothing"), null);
    const value = { a: [1, -1, 0.5, null, true, "x"], b: { c: 4294967296, d: "é".repeat(300) } };
    assert.deepEqual(await connection.invoke("EchoValue", value), value);
    const sums = await Promise.all([...Array(200).keys()].map((number) => connection.invoke("Add", number, 1)));
    assert.deepEqual(sums, [...Array(200).keys()].map((number) => number + 1));
    const call = next(connection, "Said");
    await connection.send("Say", "hi");
    assert.deepEqual(await call, ["anonymous", "hi"]);

    await fails(connection.invoke("Fail"), "NotHostException: not yours: no");
    await fails(connection.invoke("Secret"), "The hub failed to run 'Secret'.");
    await fails(connection.invoke("Panic"), "The hub failed to run 'Panic'.");
    await fails(connection.invoke("Add", 1), "'Add'");
    await fails(connection.invoke("Add", 1, "x"), "'Add'");
    await fails(connection.invoke("Nowhere"), "'Nowhere'");
    await fails(connection.invoke("Count", 1), "'Count'");
    assert.equal(await connection.invoke("Add", 1, 1), 2);

    // The client returns a result, an error, and has no method.
    const answer = async () => {
      const answered = next(connection, "Answered");
      await connection.invoke("AskMe");
      return (await answered)[0];
    };
    connection.on("Ask", (number) => number * 2);
    assert.equal(await answer(), "40");
    connection.off("Ask");
    connection.on("Ask", () => {
      throw new Error("out of order");
    });
    assert.ok((await answer()).includes("out of order"));
    connection.off("Ask");
    assert.ok((await answer()).includes("didn't provide a result"));
    await connection.stop();
  },

  async streams() {
    const connection = build("/hub");
    await connection.start();
    const expected = [...Array(1000).keys()];
    assert.deepEqual(await items(connection.stream("Count", 1000)), expected);
    await fails(items(connection.stream("CountAndFail", 2)), "HubException: enough");
    await fails(items(connection.stream("Nowhere", 2)), "'Nowhere'");

    // Cancelled early. The test checks that the stream of the hub ends.
    await new Promise((resolve) => {
      const subscription = connection.stream("Endless").subscribe({
        next: (item) => item === 5 && (subscription.dispose(), resolve()),
        complete: () => assert.fail("the stream is endless"),
        error: assert.fail,
      });
    });
    assert.equal(await connection.invoke("Add", 1, 1), 2);

    const upload = new signalR.Subject();
    const sum = connection.invoke("Sum", 5, upload);
    for (let number = 0; number < 100; number++) upload.next(number);
    upload.complete();
    assert.equal(await sum, 4955);
    const failing = new signalR.Subject();
    const failed = connection.invoke("Sum", 5, failing);
    failing.error("no more");
    await fails(failed, "'Sum'");
    const numbers = new signalR.Subject();
    const doubled = items(connection.stream("Double", numbers));
    for (let number = 0; number < 100; number++) numbers.next(number);
    numbers.complete();
    assert.deepEqual(await doubled, [...Array(100).keys()].map((number) => 2 * number));
    await connection.stop();
  },

  async groups() {
    const [one, other, outside] = [build("/hub"), build("/hub"), build("/hub")];
    await Promise.all([one, other, outside].map((connection) => connection.start()));
    await one.invoke("Join", "room");
    await other.invoke("Join", "room");
    for (const connection of [one, outside]) connection.on("Said", (_, text) => text === "secret" && assert.fail());
    const call = next(other, "Said");
    await one.invoke("SayTo", "room", "secret");
    assert.deepEqual(await call, ["room", "secret"]);
    const all = [one, other, outside].map((connection) => next(connection, "Said"));
    await outside.invoke("Say", "to all");
    for (const values of await Promise.all(all)) assert.deepEqual(values, ["anonymous", "to all"]);
    await other.invoke("Leave", "room");
    other.on("Said", () => assert.fail("this client has left the group"));
    await one.invoke("SayTo", "room", "unheard");
    assert.equal(await other.invoke("Add", 1, 1), 2);
    await Promise.all([one, other, outside].map((connection) => connection.stop()));
  },

  async authentication() {
    await assert.rejects(build("/private").start(), /401/);
    const options = { accessTokenFactory: () => "peppy", headers: { "X-Osu-Version-Hash": "abc" } };
    const connection = build("/private", undefined, options);
    await connection.start();
    assert.equal(await connection.invoke("WhoAmI"), "peppy abc");
    const direct = { ...options, skipNegotiation: true, transport: signalR.HttpTransportType.WebSockets };
    const skipping = build("/private", undefined, direct);
    await skipping.start();
    assert.equal(await skipping.invoke("WhoAmI"), "peppy abc");
    assert.equal(skipping.connectionId, null);
    await connection.stop();
    await skipping.stop();
  },

  async closed() {
    const connection = build("/hub", (builder) => builder.withAutomaticReconnect([0, 0]));
    connection.onreconnecting(() => assert.fail("the server forbids reconnecting"));
    await connection.start();
    const closed = new Promise((resolve) => connection.onclose(resolve));
    connection.send("Close", "that is enough");
    const error = await closed;
    assert.ok(error.message.includes("that is enough"), error.message);
    // A message above the size limit closes the connection with an error.
    const long = build("/hub");
    await long.start();
    const ended = new Promise((resolve) => long.onclose(resolve));
    long.send("Echo", "x".repeat(32_768));
    assert.match((await ended).message, /larger than the limit/);
  },

  async reconnects() {
    const connection = build("/hub", (builder) => builder.withAutomaticReconnect([0, 100, 100, 100]));
    await connection.start();
    const first = connection.connectionId;
    const reconnected = new Promise((resolve) => connection.onreconnected(resolve));
    await fails(
      Promise.all([connection.invoke("Sleep"), sleep(50).then(() => breakConnections())]),
      "",
    );
    const second = await reconnected;
    assert.ok(second && second !== first);
    assert.equal(await connection.invoke("Add", 2, 40), 42);
    await connection.stop();
  },

  async resumes() {
    const connection = build("/hub", (builder) => builder.withStatefulReconnect());
    connection.onreconnecting(() => assert.fail("the connection must be resumed"));
    connection.onclose((error) => error && assert.fail(error));
    const received = [];
    connection.on("Ticked", (number) => received.push(number));
    await connection.start();
    const id = connection.connectionId;
    for (let number = 0; number < 400; number++) {
      // Some results are not awaited, so that calls are pending when the connection breaks.
      if (number % 100 === 50) breakConnections();
      const ticked = connection.invoke("Tick", number);
      if (number % 7 !== 0) assert.equal(await ticked, number);
      else ticked.then((result) => assert.equal(result, number));
    }
    const counted = items(connection.stream("Count", 500));
    breakConnections();
    assert.deepEqual(await counted, [...Array(500).keys()]);
    assert.deepEqual(received, [...Array(400).keys()]);
    assert.equal(connection.connectionId, id);
    await connection.stop();
  },
};

scenarios[scenario]().then(() => {
  console.log("done");
  process.exit(0);
});
