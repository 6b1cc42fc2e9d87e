/** A canonical export, read back: what the oracles compare. */
export interface ReadExport {
  readonly records: ReadonlyMap<string, ExportedRecord>;
  readonly usage: ReadonlyMap<string, ExportedUsage>;
  readonly findings: ReadonlyMap<string, ExportedFinding>;
}

export interface ExportedRecord {
  readonly record: string;
  readonly urn: string;
  readonly scope: string;
  readonly presence: string;
  readonly known: readonly string[];
  readonly facts: Readonly<Record<string, unknown>>;
}

export interface ExportedUsage {
  readonly subject: string;
  readonly source: string;
  readonly last_used_at: number | null;
  readonly observed_through: number | null;
}

export interface ExportedFinding {
  readonly finding: string;
  readonly rule: string;
  readonly subject: string;
  readonly scope: string;
  readonly verdict: string;
  readonly state: string;
}

export function readExport(text: string): ReadExport {
  const records = new Map<string, ExportedRecord>();
  const usage = new Map<string, ExportedUsage>();
  const findings = new Map<string, ExportedFinding>();
  for (const line of text.split("\n")) {
    if (line === "") continue;
    const value = JSON.parse(line) as Partial<ExportedRecord & ExportedUsage & ExportedFinding>;
    if (value.record !== undefined) records.set(`${value.record} ${value.urn}`, value as ExportedRecord);
    else if (value.finding !== undefined) findings.set(value.finding, value as ExportedFinding);
    else usage.set(`${value.subject} ${value.source}`, value as ExportedUsage);
  }
  return { records, usage, findings };
}

/** The account behind a scope's URN. */
export function accountOf(urn: string): string {
  return urn.slice(urn.lastIndexOf("/") + 1);
}

/** Whether a URN is of an account or of something in it. */
export function isOf(account: string, urn: string): boolean {
  return accountOf(urn) === account || urn.includes(`:${account}/`);
}
