import { shortUrn } from "../format/values.ts";
import { quoted } from "../resolve.ts";
import type { Answer } from "./explain.ts";

/** An answer as lines, each verdict in words of its own: nobody should take "could not look" for "deleted". */
export function answerText(answer: Answer): readonly string[] {
  const what = `${answer.kind ?? answer.type} ${answer.current_name ?? shortUrn(answer.urn)}`;
  const where = answer.scope === null ? "" : ` in ${answer.scope_name ?? shortUrn(answer.scope)}`;
  return [...verdict(answer, what, where), `  ${answer.urn}`, ...detail(answer)];
}

function verdict(answer: Answer, what: string, where: string): readonly string[] {
  const since = answer.since === null ? "" : ` ${answer.since}`;
  switch (answer.verdict) {
    case "present":
      return [
        `PRESENT  ${what}${where} is there: the latest scan of its scope read completely what would show it, and saw it.`,
      ];
    case "renamed":
      return [`RENAMED  It is there, and its name has been ${answer.current_name ?? "none"} since${since}.`];
    case "not-seen":
      return [
        `NOT SEEN  ${what}${where} is believed to be there: the latest scan of its scope did not look, or not everywhere, and that proves nothing.`,
      ];
    case "missing":
      return [
        `MISSING  ${what}${where} was not seen by the complete scan of${since}. One more complete scan without it makes it deleted.`,
      ];
    case "suspected":
      return [
        `SUSPECTED  ${what}${where} vanished${since} together with too many others to be believed at once. A second complete scan, or --accept-mass-change, settles it.`,
      ];
    case "scope-lost":
      if (answer.gaps.some(({ status }) => status === "not-applicable"))
        return [
          `SCOPE LOST  ${what} was in a scope that can be entered no more${where}. Nobody looked at the thing itself, and nobody can.`,
        ];
      return [
        `SCOPE LOST  ${what} went with its whole scope${where}, which is gone since${since}. Nobody looked at the thing itself.`,
      ];
    case "deleted":
      return [
        `DELETED  ${what}${where} is gone since${since} (run ${answer.run ?? "?"}): proven by complete scans that did not see it.`,
      ];
  }
}

function* detailLines(answer: Answer): Generator<string> {
  if (answer.first_seen_at !== null) yield `  first seen ${answer.first_seen_at}`;
  if (answer.last_seen_at !== null) yield `  last there until ${answer.last_seen_at}`;
  if (answer.last_complete_at !== null)
    yield `  what would show it was last read completely at ${answer.last_complete_at}`;
  const reasons = Map.groupBy(answer.gaps, ({ status, reason, remedy }) => JSON.stringify([status, reason, remedy]));
  for (const [first, ...more] of reasons.values()) {
    if (first === undefined) continue;
    const collections = [first, ...more].map(({ collection }) => collection).join(", ");
    yield `  ${collections}: ${first.status}, ${first.reason}${first.remedy === null ? "" : `; ${first.remedy}`}`;
  }
  for (const urn of answer.successors) yield `  another one has its name now: rollcall show ${quoted(urn)}`;
}

function detail(answer: Answer): readonly string[] {
  return [...detailLines(answer)];
}
