import { SEVERITIES } from "../../sdk/index.ts";
import type { FindingState, Nature, Severity, Verdict } from "../../sdk/index.ts";
import type { Reader } from "../../inventory/contract.ts";
import type { Context } from "../context.ts";
import { Filter, scopeUrns } from "../filters.ts";
import type { ListFlags } from "../flags.ts";
import { shortDate, shortUrn } from "../format/values.ts";
import { reading } from "../inventory.ts";
import { printList } from "../list.ts";
import { checkProviders, checkWords, distinct } from "../words.ts";
import { resolveName } from "../resolve.ts";
import { identityName } from "./credentials.ts";

export interface FindingsFlags extends ListFlags {
  readonly provider?: readonly string[];
  readonly scope?: readonly string[];
  readonly rule?: readonly string[];
  readonly severity?: readonly Severity[];
  readonly atLeast?: Severity;
  readonly state?: readonly FindingState[];
  readonly verdict?: Verdict;
  readonly identity?: string;
  readonly nature?: readonly Nature[];
  readonly owner?: string;
  readonly all?: boolean;
}

/** Findings that still want somebody: the usual meaning of "the findings". */
const LIVE: readonly FindingState[] = ["open", "reopened", "acknowledged"];

/** `rollcall findings` */
export async function findings(this: Context, flags: FindingsFlags): Promise<void> {
  await reading(this, flags, async (reader) => {
    checkProviders(this, reader, flags.provider);
    await checkRules(this, reader, flags);
    const states = flags.all === true ? undefined : (flags.state ?? LIVE);
    const identity = flags.identity === undefined ? undefined : resolveName(reader, flags.identity).urn;
    const severities =
      flags.atLeast === undefined ? flags.severity : SEVERITIES.slice(SEVERITIES.indexOf(flags.atLeast));
    const where = new Filter()
      .oneOf("provider", flags.provider)
      .oneOf("scope", scopeUrns(reader, flags.scope))
      .oneOf("rule", flags.rule)
      .oneOf("severity", severities)
      .oneOf("state", states)
      .oneOf("verdict", flags.verdict === undefined ? undefined : [flags.verdict])
      .when(identity === undefined ? undefined : "identity = $ or subject = $", identity ?? null, identity ?? null)
      .when(
        flags.owner === undefined
          ? undefined
          : "exists (select 1 from owner o where o.owner = $ and o.subject in (finding.identity, finding.subject))",
        flags.owner ?? null,
      )
      .when(natures(flags.nature), ...(flags.nature ?? []))
      .build();
    await printList(
      this,
      reader,
      {
        view: "finding",
        where,
        order: "case verdict when 'fail' then 0 else 1 end, severity_rank desc, rule, fingerprint",
        noun: "findings",
        rows: 50,
        table: [
          {
            title: "SEVERITY",
            column: "severity",
            text: (row) =>
              row["verdict"] === "unknown" ? `${String(row["severity"])} (unknown)` : String(row["severity"]),
          },
          { title: "RULE", column: "rule" },
          {
            title: "WHO",
            column: "identity",
            flexible: true,
            text: (row) => identityName(reader, String(row["identity"] ?? row["subject"])),
          },
          { title: "SCOPE", column: "scope", text: (row) => shortUrn(String(row["scope"])) },
          { title: "STATE", column: "state" },
          { title: "SINCE", column: "first_seen_at", text: (row) => shortDate(row["first_seen_at"]) },
          { title: "FINDING", column: "fingerprint", text: (row) => String(row["fingerprint"]).slice(0, 12) },
          { title: "WHAT", column: "message", flexible: true },
        ],
      },
      flags,
    );
  });
}

/** @throws {UserError} exit 2 for a rule that neither Rollcall, the configuration nor any finding knows. */
async function checkRules(context: Context, reader: Reader, flags: FindingsFlags): Promise<void> {
  if (flags.rule === undefined) return;
  const { RULES } = await import("../../rules/index.ts");
  const known = [...new Set([...RULES.map(({ id }) => id), ...distinct(reader, "rule", "finding")])];
  if (flags.rule.every((rule) => known.includes(rule))) return;
  // A person's own rule that has found nothing yet is known to the configuration alone.
  const { effectiveRules } = await import("./rules.ts");
  const own = await effectiveRules(context, flags).catch(() => []);
  checkWords("rule", flags.rule, [...new Set([...known, ...own.map(({ rule }) => rule.id)])].sort(), "rollcall rules");
}

function natures(values: readonly string[] | undefined): string | undefined {
  if (values === undefined || values.length === 0) return undefined;
  return `exists (select 1 from identity i where i.urn in (finding.identity, finding.subject) and i.nature in (${values.map(() => "$").join(", ")}))`;
}
