import { describe, expect, test } from "vitest";
import { latestUse } from "../../../scanners/aws/normalize/last-use.ts";
import { readReport } from "../../../scanners/aws/normalize/report.ts";
import type { KeySlot, ReportRow } from "../../../scanners/aws/normalize/report.ts";
import { matchSlots } from "../../../scanners/aws/normalize/key-slots.ts";

const HEADER =
  "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,password_next_rotation,mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,cert_1_last_rotated,cert_2_active,cert_2_last_rotated";
const at = (text: string) => Date.parse(text);
const rows = (...lines: readonly string[]) => [...readReport([HEADER, ...lines].join("\n"), 0).rows()];
const row = (line: string) => rows(line)[0] as ReportRow;

const KEYLESS = "false,N/A,N/A,N/A,N/A";
const PERSON = `ana,arn:aws:iam::1:user/ana,2025-01-02T03:04:05+00:00,true,2026-01-01T00:00:00+00:00,2025-06-01T00:00:00+00:00,N/A,true,${KEYLESS},${KEYLESS},false,N/A,false,N/A`;

describe("a row of the credential report", () => {
  test("of a person", () => {
    expect(row(PERSON)).toEqual({
      name: "ana",
      arn: "arn:aws:iam::1:user/ana",
      root: false,
      createdAt: at("2025-01-02T03:04:05Z"),
      password: {
        enabled: true,
        lastUsedAt: at("2026-01-01T00:00:00Z"),
        changedAt: at("2025-06-01T00:00:00Z"),
        nextRotationAt: null,
      },
      mfa: true,
      keys: [],
      certificates: [],
    });
  });

  test("of a machine: a key that is switched off keeps its slot, a key that was never used says so", () => {
    const machine = row(
      "svc,arn:aws:iam::1:user/svc,2025-01-01T00:00:00Z,false,N/A,N/A,N/A,false,true,2025-02-01T00:00:00Z,N/A,N/A,N/A,false,2025-03-01T00:00:00Z,2026-01-01T00:00:00Z,eu-central-1,s3,true,2025-04-01T00:00:00Z,false,N/A",
    );
    expect(machine.password).toMatchObject({ enabled: false, lastUsedAt: undefined });
    expect(machine.keys).toEqual([
      { index: 1, active: true, rotatedAt: at("2025-02-01T00:00:00Z"), lastUsedAt: null, where: undefined },
      {
        index: 2,
        active: false,
        rotatedAt: at("2025-03-01T00:00:00Z"),
        lastUsedAt: at("2026-01-01T00:00:00Z"),
        where: "s3 in eu-central-1",
      },
    ]);
    expect(machine.certificates).toEqual([{ active: true, rotatedAt: at("2025-04-01T00:00:00Z") }]);
  });

  test("of the root user: what the report does not say is not known", () => {
    const root = row(
      `<root_account>,arn:aws:iam::1:root,2020-01-01T00:00:00Z,not_supported,no_information,not_supported,not_supported,true,${KEYLESS},${KEYLESS},false,N/A,false,N/A`,
    );
    expect(root).toMatchObject({
      root: true,
      password: { enabled: undefined, lastUsedAt: null, changedAt: undefined, nextRotationAt: undefined },
    });
  });

  test("`no_information` is never since AWS keeps track, `not_supported` is not known", () => {
    const cell = (value: string) => row(PERSON.replace("2026-01-01T00:00:00+00:00", value)).password.lastUsedAt;
    expect([cell("no_information"), cell("N/A"), cell("not_supported"), cell("soon")]).toEqual([
      null,
      null,
      undefined,
      undefined,
    ]);
  });

  test("names with commas, quoted and not", () => {
    const quoted = PERSON.replace("ana,arn:aws:iam::1:user/ana", '"a,b","arn:aws:iam::1:user/a,b"');
    const bare = PERSON.replace("ana,arn:aws:iam::1:user/ana", "a,b,c,arn:aws:iam::1:user/a,b,c");
    expect(row(quoted)).toMatchObject({ name: "a,b", arn: "arn:aws:iam::1:user/a,b", mfa: true });
    expect(row(bare)).toMatchObject({ name: "a,b,c", arn: "arn:aws:iam::1:user/a,b,c", mfa: true });
  });

  test("a row that is not one is set aside, and its neighbours are read", () => {
    expect(rows("too,short", PERSON, PERSON.replace("2025-01-02T03:04:05+00:00", "yesterday"))).toMatchObject(
      [{ unread: /columns/ }, { name: "ana" }, { unread: "user_creation_time is not a date" }].map((one) =>
        "unread" in one && one.unread instanceof RegExp
          ? { unread: expect.stringMatching(one.unread) as unknown }
          : one,
      ),
    );
  });

  test("columns are found by name, in any order and among new ones; CRLF is a line's end", () => {
    const columns = HEADER.split(",").toReversed();
    const cells = new Map(HEADER.split(",").map((name, index) => [name, PERSON.split(",")[index]]));
    const shuffled = [
      ["new_column", ...columns].join(","),
      ["?", ...columns.map((name) => cells.get(name))].join(","),
    ].join("\r\n");
    expect([...readReport(shuffled, 0).rows()]).toEqual([row(PERSON)]);
  });

  test("what is not a report is refused", () => {
    expect(() => readReport("<html>", 0)).toThrow(/no column user/);
    expect(() => readReport("", 0)).toThrow(SyntaxError);
  });

  test("is read anew each time", () => {
    const report = readReport([HEADER, PERSON].join("\n"), 5);
    expect([...report.rows()]).toEqual([...report.rows()]);
    expect(report.generatedAt).toBe(5);
  });
});

describe("the last use of a user", () => {
  const slot = (lastUsedAt: KeySlot["lastUsedAt"], where = "s3"): KeySlot => ({
    index: 1,
    active: true,
    rotatedAt: 0,
    lastUsedAt,
    where,
  });
  const password = (lastUsedAt: KeySlot["lastUsedAt"], enabled: boolean | undefined = true) => ({
    enabled,
    lastUsedAt,
    changedAt: 0,
    nextRotationAt: null,
  });

  test.each<[name: string, row: Pick<ReportRow, "password" | "keys">, former: number | undefined, expected: unknown]>([
    [
      "is the latest, not the first",
      { password: password(5), keys: [slot(3), slot(9, "ec2")] },
      undefined,
      { at: 9, where: "ec2" },
    ],
    ["may be at the console", { password: password(50), keys: [slot(9)] }, undefined, { at: 50, where: "console" }],
    [
      "may be with a password that is gone",
      { password: password(undefined, false), keys: [slot(9)] },
      70,
      { at: 70, where: "console" },
    ],
    [
      "is never where nothing was used",
      { password: password(null), keys: [slot(null)] },
      undefined,
      { at: null, where: undefined },
    ],
    [
      "is not known where one of them is not",
      { password: password(null), keys: [slot(undefined)] },
      undefined,
      { at: undefined, where: undefined },
    ],
    [
      "is known where one of them is, however little the others say",
      { password: password(undefined), keys: [slot(9)] },
      undefined,
      { at: 9, where: "s3" },
    ],
    [
      "is never without anything to use",
      { password: password(undefined, false), keys: [] },
      undefined,
      { at: null, where: undefined },
    ],
  ])("%s", (_name, given, former, expected) => {
    expect(latestUse(given, former)).toEqual(expected);
  });
});

describe("which slot is which key", () => {
  const key = (id: string, createdAt: number, active = true) => ({ id, active, createdAt: createdAt * 1000 });
  const slot = (index: 1 | 2, rotatedAt: number, lastUsedAt: number | null = index, active = true): KeySlot => ({
    index,
    active,
    rotatedAt: rotatedAt * 1000,
    lastUsedAt,
    where: undefined,
  });
  const match = (
    keys: Parameters<typeof matchSlots>[0],
    slots: Parameters<typeof matchSlots>[1],
    generatedAt = 1_000,
  ) =>
    Object.fromEntries(
      matchSlots(keys, slots, generatedAt * 1000).map(({ key: { id }, slot: found }) => [id, found?.index ?? "ask"]),
    );

  test.each<
    [
      name: string,
      keys: Parameters<typeof matchSlots>[0],
      slots: Parameters<typeof matchSlots>[1],
      expected: Readonly<Record<string, 1 | 2 | "ask">>,
    ]
  >([
    ["one and one", [key("a", 10)], [slot(2, 10)], { a: 2 }],
    ["one whose status changed later", [key("a", 10)], [slot(1, 500)], { a: 1 }],
    ["one that is younger than the slot's date: another key's slot", [key("a", 10)], [slot(1, 9)], { a: "ask" }],
    ["two, in the other order", [key("new", 20), key("old", 10)], [slot(1, 10), slot(2, 20)], { old: 1, new: 2 }],
    [
      "two, of which the older was switched off later",
      [key("old", 10, false), key("new", 20)],
      [slot(1, 500, 1, false), slot(2, 20)],
      { old: 1, new: 2 },
    ],
    [
      "two, both changed later: either may be either",
      [key("a", 10), key("b", 20)],
      [slot(1, 500), slot(2, 600)],
      { a: "ask", b: "ask" },
    ],
    ["two made in one second", [key("a", 10), key("b", 10)], [slot(1, 10), slot(2, 10)], { a: "ask", b: "ask" }],
    [
      "two made in one second, never used: it does not matter",
      [key("a", 10), key("b", 10)],
      [slot(1, 10, null), slot(2, 10, null)],
      { a: 1, b: 2 },
    ],
    ["one made after the report", [key("old", 10), key("new", 2_000)], [slot(1, 10)], { old: 1, new: "ask" }],
    ["one that replaced the reported one", [key("new", 2_000)], [slot(1, 10)], { new: "ask" }],
    ["one left of two", [key("a", 10)], [slot(1, 10), slot(2, 20)], { a: "ask" }],
    ["none", [], [slot(1, 10)], {}],
    ["no report", [key("a", 10)], [], { a: "ask" }],
  ])("%s", (_name, keys, slots, expected) => {
    expect(match(keys, slots)).toEqual(expected);
  });

  test("a server with finer dates than the report's seconds", () => {
    expect(matchSlots([{ id: "a", active: true, createdAt: 10_900 }], [slot(1, 10)], 20_000)[0]?.slot?.index).toBe(1);
  });
});
