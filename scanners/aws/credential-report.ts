import { ProviderError, isProviderError } from "rollcall/sdk";
import type { Api } from "./api.ts";
import { readReport } from "./normalize/report.ts";
import type { CredentialReport } from "./normalize/report.ts";
import { Malformed, fields, instant, text } from "./schema/fields.ts";
import type { AwsSession } from "./session.ts";

/** AWS writes a report within seconds, and for a large account within a few minutes. */
const POLL = { codes: ["ReportInProgress"], every: 1_000, atMost: 180_000 } as const;

export const REPORT_OPERATIONS = ["iam:GenerateCredentialReport", "iam:GetCredentialReport"] as const;

/** The logical calls that a report takes. */
export const REPORT_CALLS = REPORT_OPERATIONS.length;

/** What to say of facts that come from the report. */
export const REPORT_NOTE = "credential report, cached by AWS for up to 4 hours";

export interface SharedReport {
  readonly report: CredentialReport;
  /** Why no new one could be asked for, where an earlier one was still there. */
  readonly refusal: ProviderError | undefined;
}

/**
 * The account's credential report, asked for once however many collections read it. AWS serves one that is up to four
 * hours old, so everything taken from it speaks of the time when it was written.
 *
 * @throws {ProviderError}
 */
export function credentialReport(session: AwsSession, api: Api): Promise<SharedReport> {
  return session.report(api.account, async () => {
    const refusal = await generate(api);
    try {
      const report = await api.call("iam:GetCredentialReport", {}, reportAnswer, { pending: POLL });
      return { report, refusal };
    } catch (error) {
      // Without the first permission the second cannot help; the first is the one to grant.
      throw refusal !== undefined && isProviderError(error) && error.class !== "denied" ? refusal : error;
    }
  });
}

/** Makes sure that there is a report. Somebody else may have asked for one, so a refusal does not decide yet. */
async function generate(api: Api): Promise<ProviderError | undefined> {
  try {
    await api.call("iam:GenerateCredentialReport", {}, generated, { pending: POLL });
    return undefined;
  } catch (error) {
    if (!isProviderError(error) || error.class === "cancelled") throw error;
    return error;
  }
}

function generated(answer: unknown): void {
  const state = text(fields(answer, "the answer"), "State");
  if (state === "COMPLETE") return;
  if (state !== "STARTED" && state !== "INPROGRESS") throw new Malformed("State is not one that is documented");
  throw new ProviderError("iam:GenerateCredentialReport is still at work", {
    class: "timeout",
    operation: "iam:GenerateCredentialReport",
    code: "ReportInProgress",
  });
}

function reportAnswer(answer: unknown): CredentialReport {
  const body = fields(answer, "the answer");
  const content = body["Content"];
  if (!(content instanceof Uint8Array) || content.length === 0) throw new Malformed("Content is missing");
  return readReport(new TextDecoder("utf-8", { fatal: true }).decode(content), instant(body, "GeneratedTime"));
}
