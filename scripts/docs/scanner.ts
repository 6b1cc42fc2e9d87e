import type { Authorization, Collection, Estimate, Scanner, Scope } from "../../src/sdk/index.ts";
import type { ConfigKey } from "./config-keys.ts";
import { code, codes, fenced, list, oneLine, page, type Page, table } from "./page.ts";

/** What a scanner reads, what it needs for that, what it costs and what it cannot see. */
export function scannerPage(scanner: Scanner, keys: readonly ConfigKey[]): Page {
  const scope = exampleScope(scanner);
  return page(`scanners/${scanner.id}.md`, [
    `# ${scanner.title}`,
    `The scanner ${code(scanner.id)}. The permissions to grant are on [a page of their own](../permissions/${scanner.id}.md); the door refuses every operation that is not listed here.`,
    "## Configuration",
    `A source in ${code("rollcall.yaml")} with ${code(`scanner: ${scanner.id}`)} takes these keys:`,
    table(
      ["key", "what it is"],
      keys.map((key) => [code(key.path), key.doc]),
    ),
    "## Collections",
    "In order of precedence: where two report the same fact, the earlier one's known value stands.",
    table(
      ["collection", "reads", "calls, nothing known", `calls, ${EXAMPLE}`],
      scanner.collections.map((collection) => [
        `[${collection.id}](#${collection.id})`,
        collection.title,
        range(collection, scope, {}),
        range(collection, scope, EXAMPLE_COUNTS),
      ]),
    ),
    "Calls are per scope, without retries and polls. `rollcall plan` predicts them for your estate.",
    ...scanner.collections.map((collection) => collectionSection(collection)),
    "## Finding the scopes",
    "Asked once, before any collection:",
    authorization(scanner.requires),
  ]);
}

const EXAMPLE = "1,000 users (900 with keys), 500 roles, 200 policies";
const EXAMPLE_COUNTS: Readonly<Record<string, number>> = {
  identity: 1_500,
  "identity/user": 1_000,
  "identity/role": 500,
  credential: 1_300,
  "credential/access-key": 1_200,
  group: 50,
  "permission-set": 200,
  "permission-set/managed-policy": 200,
};

function exampleScope(scanner: Scanner): Scope {
  return {
    urn: `nhi:${scanner.id}/example/account/111122223333`,
    kind: "account",
    title: "example (111122223333)",
    id: "111122223333",
  };
}

function range(collection: Collection, scope: Scope, counts: Readonly<Record<string, number>>): string {
  const known = Object.keys(counts).length > 0;
  const estimate: Estimate = {
    scope,
    count: (key) => (known ? (counts[key] ?? 0) : undefined),
    holders: (identityKind, credentialKind) =>
      known ? (identityKind === "identity/user" && credentialKind === "access-key" ? 900 : 0) : undefined,
  };
  const { min, max } = collection.cost(estimate);
  const number = (value: number) => String(value).replace(/\B(?=(\d{3})+$)/g, ",");
  return min === max ? number(min) : `${number(min)} to ${number(max)}`;
}

function collectionSection(collection: Collection): string {
  const { emits, optIn, after, blindSpots } = collection;
  const authoritative = Object.entries(emits.authoritative ?? {}).map(([type, kinds]) =>
    kinds === "all" ? `every ${type}` : `${type} (${kinds.join(", ")})`,
  );
  return [
    `### ${collection.id}`,
    `${collection.title}.`,
    optIn === undefined
      ? ""
      : `**Only if asked for** (${code(`deep: [${collection.id}]`)}): ${optIn.reason}.`.replace("..", "."),
    `Reports ${grouped(emits.facts)}.${authoritative.length === 0 ? " It decides nobody's existence." : ` It decides the existence of ${authoritative.join("; ")}.`}`,
    after === undefined || after.length === 0 ? "" : `Runs after ${codes(after)}.`,
    authorization(collection.requires),
    blindSpots === undefined || blindSpots.length === 0
      ? ""
      : `What even a full run does not see:\n\n${list(blindSpots.map(oneLine))}`,
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

function authorization(requires: Authorization): string {
  const notReads = Object.entries(requires.notReads ?? {});
  return [
    `Operations: ${codes(requires.operations)}.`,
    notReads.length === 0
      ? ""
      : `Not plain reads:\n\n${list(notReads.map(([operation, reason]) => `${code(operation)}: ${reason}`))}`,
    permissions(requires),
    requires.licences === undefined || requires.licences.length === 0
      ? ""
      : `Licences: ${requires.licences.join(", ")}.`,
    requires.docs.length === 0 ? "" : `The vendor's pages: ${requires.docs.map((url) => `<${url}>`).join(", ")}.`,
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

/** Only where they are not the operations themselves. */
function permissions({ operations, permissions }: Authorization): string {
  if (permissions === undefined || [...permissions].sort().join() === [...operations].sort().join()) return "";
  return `Permissions: ${permissions.length === 0 ? "none" : codes(permissions)}.`;
}

/** `identity` (existence, `name`, `enabled`); `usage`. */
function grouped(facts: readonly string[]): string {
  const types = [...new Set(facts.map((fact) => fact.split(".")[0] ?? fact))];
  return types
    .map((type) => {
      const own = facts.filter((fact) => fact.startsWith(`${type}.`)).map((fact) => code(fact.slice(type.length + 1)));
      const all = facts.includes(type) && own.length > 0 ? ["existence", ...own] : own;
      return all.length === 0 ? code(type) : `${code(type)} (${all.join(", ")})`;
    })
    .join("; ");
}

/** The least-privilege policy of everything that the scanner can ask. */
export function permissionsPage(scanner: Scanner): Page {
  const always = scanner.collections.filter((collection) => collection.optIn === undefined);
  const policy = scanner.policy([scanner.requires, ...always.map((collection) => collection.requires)]);
  const optional = scanner.collections.filter((collection) => collection.optIn !== undefined);
  return page(`permissions/${scanner.id}.md`, [
    `# Permissions for ${scanner.title}`,
    oneLine(policy.howTo),
    `${code(`rollcall permissions ${scanner.id}`)} prints this with the choices of your configuration. It is made from the operations that the collections declare, which are the only ones that the door lets through.`,
    fenced(policy.mediaType.includes("json") ? "json" : "text", policy.text),
    optional.length === 0
      ? ""
      : `Collections that run only if asked for need more:\n\n${list(optional.map((collection) => `${code(collection.id)}: ${codes(collection.requires.permissions ?? collection.requires.operations)}`))}`,
  ]);
}
