// Plays Slack with npm's `emulate` on a free port of loopback. Its seed is the first line of stdin; stdout gets the port;
// it ends when stdin does, so that a killed test leaves nothing behind.
import { Server } from "node:net";
import { createInterface } from "node:readline";

// emulate gives listen() no host, which means every interface of the machine, and knows no option for one.
const listen = Server.prototype.listen;
Server.prototype.listen = function onLoopback(port) {
  this.once("listening", () => console.log(this.address().port));
  return listen.call(this, port, "127.0.0.1");
};

const { createEmulator } = await import("emulate");
const lines = createInterface({ input: process.stdin });
lines.once("line", (seed) => createEmulator({ service: "slack", port: 0, seed: JSON.parse(seed) }));
lines.once("close", () => process.exit(0));
