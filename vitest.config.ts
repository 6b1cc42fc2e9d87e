import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const source = (path: string) => fileURLToPath(new URL(path, import.meta.url));

// Built-in scanners and reports import the package by its own name, as an outsider does.
const alias = [
  { find: /^rollcall\/sdk\/testing$/, replacement: source("./src/sdk/testing/index.ts") },
  { find: /^rollcall\/sdk$/, replacement: source("./src/sdk/index.ts") },
];

const conformance = "test/**/*-conformance.test.ts";
const harness = "test/harness/**/*.test.ts";
const moto = "test/moto/**/*.test.ts";

export default defineConfig({
  resolve: { alias },
  test: {
    maxWorkers: 2,
    projects: [
      {
        resolve: { alias },
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: [conformance, harness, moto],
          testTimeout: 30_000,
        },
      },
      { resolve: { alias }, test: { name: "conformance", include: [conformance], testTimeout: 60_000 } },
      { resolve: { alias }, test: { name: "harness", include: [harness], testTimeout: 600_000 } },
      { resolve: { alias }, test: { name: "moto", include: [moto], testTimeout: 60_000, hookTimeout: 120_000 } },
    ],
  },
});
