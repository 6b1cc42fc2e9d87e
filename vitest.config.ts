import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const source = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  resolve: {
    // Built-in scanners and reports import the package by its own name, as an outsider does.
    alias: [
      { find: /^rollcall\/sdk\/testing$/, replacement: source("./src/sdk/testing/index.ts") },
      { find: /^rollcall\/sdk$/, replacement: source("./src/sdk/index.ts") },
    ],
  },
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/**/*-conformance.test.ts", "test/harness/**"],
    testTimeout: 30_000,
    maxWorkers: 2,
  },
});
