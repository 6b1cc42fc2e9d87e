import { parseInstant } from "rollcall/sdk";

/**
 * The credential report: one CSV row per user and one for the root user, at most four hours old
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html). Columns are found by name.
 *
 * What its words mean: `N/A`: there is no such thing (no key in the slot, no password), or, as a key's last use,
 * never; `no_information`: never, since AWS began to keep track; `not_supported`: the report does not say.
 */
export interface CredentialReport {
  /** When AWS wrote it. */
  readonly generatedAt: number;
  /** Reads the rows anew each time, so that a large report is held once, as text. */
  rows(): Iterable<ReportRow | UnreadRow>;
}

export interface ReportRow {
  readonly name: string;
  readonly arn: string;
  readonly root: boolean;
  readonly createdAt: number;
  readonly password: ReportPassword;
  readonly mfa: boolean | undefined;
  /** Slots that hold a key. */
  readonly keys: readonly KeySlot[];
  readonly certificates: readonly { readonly active: boolean; readonly rotatedAt: number | undefined }[];
}

export interface UnreadRow {
  readonly unread: string;
}

export interface ReportPassword {
  /** `undefined`: the report does not say (the root user's, usually). */
  readonly enabled: boolean | undefined;
  readonly lastUsedAt: LastUse;
  readonly changedAt: number | undefined;
  /** `null`: it need not be changed. */
  readonly nextRotationAt: number | null | undefined;
}

export interface KeySlot {
  readonly index: 1 | 2;
  readonly active: boolean;
  /** When the key was made or its status last changed: says nothing about use. */
  readonly rotatedAt: number | undefined;
  readonly lastUsedAt: LastUse;
  readonly where: string | undefined;
}

/** `null`: never since AWS keeps track; `undefined`: not known. */
export type LastUse = number | null | undefined;

const REQUIRED = [
  "user",
  "arn",
  "user_creation_time",
  "password_enabled",
  "mfa_active",
  "access_key_1_active",
  "access_key_1_last_rotated",
  "access_key_2_active",
  "access_key_2_last_rotated",
];

/** @throws {SyntaxError} where the text is not a credential report. */
export function readReport(content: string, generatedAt: number): CredentialReport {
  const end = content.indexOf("\n");
  const header = cellsOf((end < 0 ? content : content.slice(0, end)).replace(/\r$/, ""));
  const columns = new Map(header.map((name, index) => [name.trim(), index]));
  const absent = REQUIRED.filter((name) => !columns.has(name));
  if (absent.length > 0) throw new SyntaxError(`the credential report has no column ${absent.join(", ")}`);
  return {
    generatedAt,
    *rows() {
      for (const line of linesOf(content, end)) yield readRow(line, header.length, columns);
    },
  };
}

function* linesOf(content: string, headerEnd: number): Iterable<string> {
  let from = headerEnd < 0 ? content.length : headerEnd + 1;
  while (from < content.length) {
    const end = content.indexOf("\n", from);
    const line = content.slice(from, end < 0 ? content.length : end).replace(/\r$/, "");
    if (line !== "") yield line;
    from = end < 0 ? content.length : end + 1;
  }
}

function readRow(line: string, width: number, columns: ReadonlyMap<string, number>): ReportRow | UnreadRow {
  const cells = fitted(cellsOf(line), width);
  if (cells === undefined) return { unread: "a row has another number of columns than the header" };
  const cell = (name: string) => cells[columns.get(name) ?? -1] ?? "not_supported";
  const createdAt = parseInstant(cell("user_creation_time"));
  if (createdAt === undefined) return { unread: "user_creation_time is not a date" };
  const name = cell("user");
  return {
    name,
    arn: cell("arn"),
    root: name === "<root_account>",
    createdAt,
    password: {
      enabled: truth(cell("password_enabled")),
      lastUsedAt: lastUse(cell("password_last_used"), cell("password_enabled") !== "false"),
      changedAt: parseInstant(cell("password_last_changed")),
      nextRotationAt: cell("password_next_rotation") === "N/A" ? null : parseInstant(cell("password_next_rotation")),
    },
    mfa: truth(cell("mfa_active")),
    keys: ([1, 2] as const).flatMap((index) => keySlot(index, cell)),
    certificates: [1, 2].flatMap((index) => {
      const rotatedAt = parseInstant(cell(`cert_${index}_last_rotated`));
      const active = truth(cell(`cert_${index}_active`)) === true;
      return active || rotatedAt !== undefined ? [{ active, rotatedAt }] : [];
    }),
  };
}

function keySlot(index: 1 | 2, cell: (name: string) => string): readonly KeySlot[] {
  const active = truth(cell(`access_key_${index}_active`)) === true;
  const rotatedAt = parseInstant(cell(`access_key_${index}_last_rotated`));
  // A key that is switched off keeps its date; a slot without one is empty.
  if (!active && rotatedAt === undefined) return [];
  const places = [cell(`access_key_${index}_last_used_service`), cell(`access_key_${index}_last_used_region`)].filter(
    (place) => !/^(?:N\/A|no_information|not_supported|)$/.test(place),
  );
  return [
    {
      index,
      active,
      rotatedAt,
      lastUsedAt: lastUse(cell(`access_key_${index}_last_used_date`), true),
      where: places.length === 0 ? undefined : places.join(" in "),
    },
  ];
}

function lastUse(cell: string, exists: boolean): LastUse {
  if (cell === "no_information") return null;
  if (cell === "N/A") return exists ? null : undefined;
  return parseInstant(cell);
}

function truth(cell: string): boolean | undefined {
  const lower = cell.toLowerCase();
  return lower === "true" ? true : lower === "false" ? false : undefined;
}

/** RFC 4180 cells of one line. */
function cellsOf(line: string): readonly string[] {
  if (!line.includes('"')) return line.split(",");
  const cells: string[] = [];
  const pattern = /(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g;
  for (const match of line.matchAll(pattern)) cells.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? "");
  return cells;
}

/**
 * A user's name may contain commas, and then so does its ARN; where AWS does not quote them, both have the same
 * number too many, and everything behind them is free of commas.
 */
function fitted(cells: readonly string[], width: number): readonly string[] | undefined {
  const surplus = cells.length - width;
  if (surplus === 0) return cells;
  if (surplus < 0 || surplus % 2 !== 0) return undefined;
  const each = surplus / 2 + 1;
  return [cells.slice(0, each).join(","), cells.slice(each, 2 * each).join(","), ...cells.slice(2 * each)];
}
