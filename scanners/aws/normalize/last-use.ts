import type { LastUse, ReportRow } from "./report.ts";

/**
 * A user's last use: the *latest* of its password's (also of a former one, `formerPassword`) and its keys'. `undefined` where one of them exists and its use
 * is not known, and no other shows a use.
 */
export function latestUse(
  row: Pick<ReportRow, "password" | "keys">,
  formerPassword?: number,
): { readonly at: LastUse; readonly where: string | undefined } {
  const password = { at: row.password.enabled === false ? null : row.password.lastUsedAt, where: "console" };
  const former = formerPassword === undefined ? [] : [{ at: formerPassword, where: "console" }];
  const uses = [password, ...former, ...row.keys.map((slot) => ({ at: slot.lastUsedAt, where: slot.where }))];
  let latest: { at: number; where: string | undefined } | undefined;
  for (const use of uses) {
    if (typeof use.at === "number" && (latest === undefined || use.at > latest.at))
      latest = { at: use.at, where: use.where };
  }
  if (latest !== undefined) return latest;
  return { at: uses.some((use) => use.at === undefined) ? undefined : null, where: undefined };
}
