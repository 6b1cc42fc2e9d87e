import { deepEqual, equal, ok } from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, test } from "vitest";
import { plantCanaries } from "../../fixtures/acme/index.ts";
import { MANAGEMENT_CREDENTIALS } from "../../fixtures/emulators/aws/index.ts";
import type { Fault, FaultMatch } from "../../fixtures/emulators/aws/index.ts";
import aws from "../../scanners/aws/index.ts";
import type { Scanner } from "../../src/sdk/index.ts";
import { temporaryInventory } from "../../src/sdk/testing/index.ts";
import { ACCOUNTS, START, startAwsBench } from "../support/aws-bench.ts";
import { encodings, findCanaries } from "./support/canary-search.ts";
import { canaryMaker } from "./support/canary-shapes.ts";
import { rollcall, workplace } from "./support/scanning-process.ts";
import type { Workplace } from "./support/scanning-process.ts";

/** Faults whose answers carry canaries in errors, headers and bodies that are not the API's. */
const FAILURES: readonly { readonly fault: Fault; readonly when: FaultMatch; readonly times?: number }[] = [
  {
    fault: { kind: "refuse", status: 403, code: "AccessDenied" },
    when: { operation: "iam:ListRoles", account: ACCOUNTS.struck },
  },
  { fault: { kind: "refuse", status: 400, code: "Throttling" }, when: { operation: "iam:ListUsers" }, times: 2 },
  {
    fault: { kind: "refuse", status: 500, code: "ServiceFailure" },
    when: { operation: "rolesanywhere:ListCrls", account: ACCOUNTS.struck },
    times: 1,
  },
  {
    fault: { kind: "refuse", status: 400, code: "ValidationError" },
    when: { operation: "iam:ListSAMLProviders", account: ACCOUNTS.beside },
  },
  { fault: { kind: "expire-session" }, when: { account: ACCOUNTS.beside, nth: 12 }, times: 1 },
  { fault: { kind: "cut", framing: "length" }, when: { operation: "iam:GetAccountAuthorizationDetails" }, times: 1 },
  { fault: { kind: "missing-field" }, when: { operation: "iam:ListVirtualMFADevices", account: ACCOUNTS.struck } },
  {
    fault: { kind: "body", what: "text", text: "upstream error" },
    when: { operation: "iam:ListServerCertificates", account: ACCOUNTS.struck },
  },
];

const REPORTS = ["csv", "jsonl", "markdown"];
let searched = { canaries: 0, forms: 0, bytes: 0, texts: 0 };

afterAll(() => {
  const { canaries, forms, bytes, texts } = searched;
  process.stdout.write(
    `canaries: ${canaries} in ${forms} forms, ${texts} texts of ${Math.round(bytes / 1024)} KiB searched, 0 hits\n`,
  );
});

/** Every file of the workplace but the credentials themselves. */
function filesOf({ folder }: Workplace): ReadonlyMap<string, Buffer> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    files
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((path) => !path.endsWith(join("aws", "credentials")))
      .map((path) => [path.slice(folder.length + 1), readFileSync(path)]),
  );
}

test("no secret that AWS answers with, asked or unasked, is anywhere afterwards", async () => {
  await using bench = await startAwsBench({ emulator: { reportPolls: 0 } });
  const { make, made } = canaryMaker();
  plantCanaries(bench.estate, make);
  using place = workplace(bench);
  const texts = new Map<string, Buffer>();
  const note = (name: string, { stdout, stderr }: { readonly stdout: string; readonly stderr: string }) => {
    texts.set(`${name} stdout`, Buffer.from(stdout));
    texts.set(`${name} stderr`, Buffer.from(stderr));
  };

  // A process that dies in the middle leaves its log and its shared memory behind.
  note("killed scan", await rollcall(place, ["scan", "--debug"], { KILL_AT_COMMIT: "60" }).ended);
  const left = filesOf(place);
  ok(
    [...left.keys()].some((name) => name.endsWith("-wal")),
    "no write-ahead log was left behind",
  );
  for (const [name, bytes] of left) texts.set(`killed ${name}`, bytes);

  note("resumed scan", await rollcall(place, ["scan", "--debug"]).ended);

  const handles = FAILURES.map((failure) => bench.emulator.faults.add(failure));
  const scan = await rollcall(place, ["scan", "--debug", "--json"], { NODE_DEBUG: "http,undici", DEBUG: "*" }).ended;
  note("scan", scan);
  equal(scan.code, 4, scan.stderr.slice(-2_000));
  deepEqual(
    handles.map(({ fired, rule }) => (fired > 0 ? "" : JSON.stringify(rule))).filter((text) => text !== ""),
    [],
    "a failure that never came",
  );
  bench.emulator.faults.clear();
  note("second scan", await rollcall(place, ["scan", "--debug"]).ended);
  for (const report of REPORTS) {
    const exported = await rollcall(place, ["export", report]).ended;
    equal(exported.code, 0, exported.stderr);
    ok(exported.stdout.length > 1_000, `${report} is empty`);
    note(report, exported);
  }
  for (const command of [
    ["coverage", "--json"],
    ["findings", "--json"],
    ["identities", "--json"],
    ["credentials", "--json"],
    ["changes"],
    ["doctor"],
    ["plan"],
  ]) {
    note(command.join(" "), await rollcall(place, command).ended);
  }
  bench.emulator.faults.add({ fault: { kind: "refuse", status: 403, code: "AccessDenied" } });
  const failed = await rollcall(place, ["scan", "--debug"]).ended;
  equal(failed.code, 6, failed.stderr);
  note("failed scan", failed);
  for (const [name, bytes] of filesOf(place)) texts.set(name, bytes);

  const canaries = [...made.keys(), MANAGEMENT_CREDENTIALS.secretAccessKey, MANAGEMENT_CREDENTIALS.sessionToken];
  ok(canaries.length >= 180, `only ${canaries.length} canaries were served`);
  const hits = findCanaries(canaries, texts);
  deepEqual(
    hits.slice(0, 10).map(({ canary, ...hit }) => ({ ...hit, place: made.get(canary) ?? "credentials" })),
    [],
  );
  searched = {
    canaries: canaries.length,
    forms: canaries.reduce((sum, canary) => sum + encodings(canary).length, 0),
    bytes: [...texts.values()].reduce((sum, text) => sum + text.length, 0),
    texts: texts.size,
  };
});

test("the same search finds a secret that a scanner let through", async () => {
  await using bench = await startAwsBench({ emulator: { reportPolls: 0 } });
  const { make } = canaryMaker();
  const canary = make("leak");
  const leaking = {
    ...aws,
    collections: aws.collections.map((collection) =>
      collection.id !== "authorization-details"
        ? collection
        : {
            ...collection,
            async *collect(session: never, context: never) {
              for await (const signal of collection.collect(session, context))
                yield signal.type === "identity" ? { ...signal, description: `deployed with ${canary}` } : signal;
            },
          },
    ),
  } as unknown as Scanner;
  using held = temporaryInventory({ now: () => START });
  await bench.scan({ inventory: held.inventory, at: START, scanner: leaking });
  const files = new Map(
    ["", "-wal", "-shm"].map((suffix) => [`rollcall.db${suffix}`, readFileSync(held.path + suffix)]),
  );
  ok(findCanaries([canary], files).length > 0, "the search did not see it");
});

test.each(encodings(canaryMaker().make("form")))("the search knows a secret as %s", (_encoding, needle) => {
  const canary = canaryMaker().make("form");
  ok(findCanaries([canary], new Map([["a text", Buffer.from(`before ${needle} after`)]])).length > 0);
});

test("the search sees base64 at every offset, inside of something longer", () => {
  const canary = canaryMaker().make("offset");
  for (const before of ["", "x", "xy", "xyz", "wxyz"]) {
    const text = Buffer.from(Buffer.from(`${before}${canary}tail`).toString("base64"));
    ok(findCanaries([canary], new Map([["a text", text]])).length > 0, `behind ${before.length} bytes`);
  }
});
