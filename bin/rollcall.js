#!/usr/bin/env node
// Plain JavaScript that any Node understands: it must be able to say that a Node is too old.
import * as module from "node:module";

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
const inputs = process.argv.slice(2);
if (major < 22 || (major === 22 && minor < 14)) {
  process.stderr.write(
    `rollcall needs Node 22.14 or newer, and this is ${process.versions.node}.\n` +
      "next: install a current Node (https://nodejs.org), or run `npx --package node@24 --package rollcall rollcall`\n",
  );
  process.exitCode = 2;
} else if (inputs.length === 1 && (inputs[0] === "--help" || inputs[0] === "-h")) {
  // Rendered from the routes when the package was built: to explain itself, rollcall loads nothing else.
  const { help } = await import("../dist/cli/help.js");
  process.stdout.on("error", () => {});
  process.stdout.on("error", () => {});
  process.stdout.write(help);
} else {
  module.enableCompileCache?.();
  const { main } = await import("../dist/cli/main.js");
  await main(process);
}
