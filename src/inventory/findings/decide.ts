import type { Finding } from "../../model/index.ts";
import { UserError } from "../../sdk/errors.ts";
import type { FindingWriter } from "../contract.ts";
import { storeText } from "../text.ts";
import type { FindingContext } from "./findings.ts";
import { FINDING_COLUMNS, findingOf, moveFinding } from "./store.ts";
import type { FindingRow, FindingStatus, Move } from "./store.ts";

export type Decision = Parameters<FindingWriter["decide"]>[0];

/** Enters a person's decision about a finding, with who and why. */
export function decide({ statements }: FindingContext, decision: Decision): Finding {
  if (decision.reason.trim() === "")
    throw new UserError(`To ${decision.action} a finding takes a reason`, { next: "say why with --reason TEXT" });
  const row = findOne();
  const move = { at: decision.at, run: null, actor: storeText(decision.actor), reason: storeText(decision.reason) };
  const { status, event } = effectOf(decision, row);
  moveFinding(statements, row, status, { ...move, ...event });
  const after = statements.one<FindingRow>(`select ${FINDING_COLUMNS} from t_finding where id = ?`, row.id);
  return findingOf(statements, after ?? row);

  function findOne(): FindingRow {
    const wanted = decision.fingerprint.toLowerCase();
    if (!/^[0-9a-f]{8,64}$/.test(wanted)) {
      throw new UserError(
        `${JSON.stringify(decision.fingerprint.slice(0, 80))} is not the fingerprint of a finding: 8 or more of its hexadecimal digits`,
        {
          next: "rollcall findings shows them",
        },
      );
    }
    const found = statements.all<FindingRow>(
      `select ${FINDING_COLUMNS} from t_finding where fingerprint >= ? and fingerprint < ? order by fingerprint limit 2`,
      wanted,
      `${wanted}g`,
    );
    const [first] = found;
    if (first === undefined)
      throw new UserError(`There is no finding ${wanted}`, { next: "rollcall findings shows them" });
    if (found.length > 1)
      throw new UserError(`More than one finding begins with ${wanted}`, { next: "give more of its digits" });
    return first;
  }
}

function effectOf(
  decision: Decision,
  row: FindingRow,
): { readonly status: Partial<FindingStatus>; readonly event: Pick<Move, "event" | "until"> } {
  if (row.state === "resolved" && decision.action !== "reopen") {
    throw new UserError(`The finding ${row.fingerprint.slice(0, 12)} is resolved already`, {
      next: "rollcall findings shows the open ones",
    });
  }
  switch (decision.action) {
    case "acknowledge":
      return { status: { state: "acknowledged", suppressed_until: null }, event: { event: "acknowledged" } };
    case "suppress": {
      const { until } = decision;
      if (until === undefined || until <= decision.at) {
        throw new UserError("A suppression takes an end that lies ahead", { next: "say until when with --until TIME" });
      }
      return { status: { state: "suppressed", suppressed_until: until }, event: { event: "suppressed", until } };
    }
    case "reopen":
      return { status: { state: "reopened", suppressed_until: null, resolved_at: null }, event: { event: "reopened" } };
  }
}
