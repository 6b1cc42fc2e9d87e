import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { UsageObservation } from "../../src/model/index.ts";
import { DAY } from "../../src/model/index.ts";
import { Estate, key, START, user } from "./support/estate.ts";

let estate: Estate;
beforeEach(() => {
  estate = new Estate();
});
afterEach(() => estate[Symbol.dispose]());

const urn = (kind: string, id: string) => `nhi:aws/aws:111122223333/${kind}/${id}`;
const ago = (days: number) => START - days * DAY;

function observed(
  subject: string,
  lastUsed: number | null,
  from: number | null,
  through: number,
  more: Partial<UsageObservation> = {},
): UsageObservation {
  return {
    type: "usage",
    subject,
    source: "report",
    lastUsedAt: lastUsed === null ? null : ago(lastUsed),
    observedFrom: from === null ? null : ago(from),
    observedThrough: ago(through),
    ...more,
  };
}

const stored = () =>
  estate.select("select last_used_at, place, observed_from, observed_through from usage order by subject, source");
const derived = (view: string) =>
  estate.select(`select last_used_at, observed_from, observed_through, usage_known from ${view} order by urn`);
const row = (lastUsed: number | null, from: number | null, through: number | null, known: number) => ({
  last_used_at: lastUsed === null ? null : ago(lastUsed),
  observed_from: from === null ? null : ago(from),
  observed_through: through === null ? null : ago(through),
  usage_known: known,
});

describe("an observation", () => {
  const key1 = urn("access-key", "AKIA1");

  it("never moves the last use back, and joins windows that meet", () => {
    estate.scan([{ records: [observed(key1, 10, 100, 5, { where: "us-east-1 s3" })] }]);
    estate.scan([{ records: [observed(key1, null, 8, 1)] }]);
    expect(stored()).toEqual([
      { last_used_at: ago(10), place: "us-east-1 s3", observed_from: ago(100), observed_through: ago(1) },
    ]);
    estate.scan([{ records: [observed(key1, 20, 400, 15, { where: "elsewhere" })] }]);
    expect(stored()).toEqual([
      { last_used_at: ago(10), place: "us-east-1 s3", observed_from: ago(400), observed_through: ago(1) },
    ]);
    estate.scan([{ records: [observed(key1, 2, null, 0, { where: "eu-west-1 sts" })] }]);
    expect(stored()).toEqual([
      { last_used_at: ago(2), place: "eu-west-1 sts", observed_from: null, observed_through: ago(0) },
    ]);
  });

  it("after a time in which nobody looked begins a new window", () => {
    estate.scan([{ records: [observed(key1, 90, 100, 80)] }]);
    estate.scan([{ records: [observed(key1, null, 10, 0)] }]);
    expect(stored()).toEqual([
      { last_used_at: ago(90), place: null, observed_from: ago(10), observed_through: ago(0) },
    ]);
  });

  it("writes no version of its record", () => {
    const records = [user("alice"), key("AKIA1", "alice")];
    estate.scan([{ records: [...records, observed(key1, 10, 100, 5)] }]);
    expect(estate.scan([{ records: [...records, observed(key1, 1, 100, 0)] }]).run.versionsWritten).toBe(0);
    expect(estate.select("select count(*) as n from change_log where run = 2")).toEqual([{ n: 0 }]);
  });
});

describe("the use of an identity", () => {
  it("is the latest of its credentials' and its own, watched as little as the least watched of them", () => {
    estate.scan([
      {
        records: [
          user("alice", { createdAt: ago(1000) }),
          key("AKIA1", "alice", { createdAt: ago(500) }),
          key("AKIA2", "alice", { createdAt: ago(50) }),
          observed(urn("access-key", "AKIA1"), 30, 300, 2),
          observed(urn("access-key", "AKIA2"), 3, null, 1),
          observed(urn("user", "alice"), 40, 400, 0),
        ],
      },
    ]);
    expect(derived("credential")).toEqual([row(30, 300, 2, 1), row(3, 50, 1, 1)]);
    expect(derived("identity")).toEqual([row(3, 300, 2, 1)]);
  });

  it("is not known while one of its credentials is not watched", () => {
    estate.scan([
      {
        records: [
          user("alice"),
          key("AKIA1", "alice"),
          key("AKIA2", "alice"),
          observed(urn("access-key", "AKIA1"), 30, 300, 2),
        ],
      },
    ]);
    expect(derived("identity")).toEqual([row(30, 300, 2, 0)]);
    expect(derived("credential")).toEqual([row(30, 300, 2, 1), row(null, null, null, 0)]);
  });

  it("is not known from its credentials alone", () => {
    estate.scan([
      { records: [user("alice"), key("AKIA1", "alice"), observed(urn("access-key", "AKIA1"), 30, 300, 2)] },
    ]);
    expect(derived("identity")).toEqual([row(30, 300, 2, 0)]);
  });

  it("is not known where nobody looked at all", () => {
    estate.scan([{ records: [user("alice"), user("bob"), key("AKIA1", "bob")] }]);
    expect(derived("identity")).toEqual([row(null, null, null, 0), row(null, null, null, 0)]);
  });

  it("counts a start before the creation as the whole life, a new key's as well", () => {
    estate.scan([
      {
        records: [
          user("alice", { createdAt: ago(100) }),
          key("AKIA1", "alice", { createdAt: ago(1) }),
          observed(urn("access-key", "AKIA1"), null, 90, 0),
          observed(urn("user", "alice"), null, 400, 0),
        ],
      },
    ]);
    expect(derived("credential")).toEqual([row(null, 1, 0, 1)]);
    expect(derived("identity")).toEqual([row(null, 100, 0, 1)]);
  });

  it("does not go back when the credential that was used is gone, and does not wait for it", () => {
    const alice = [user("alice"), observed(urn("user", "alice"), null, 90, 0)];
    const key1 = [key("AKIA1", "alice"), observed(urn("access-key", "AKIA1"), 1, 90, 0)];
    const key2 = [key("AKIA2", "alice"), observed(urn("access-key", "AKIA2"), 9, 90, 0)];
    estate.scan([{ records: [...alice, ...key1, ...key2] }]);
    estate.scan([{ records: [...alice, ...key2] }]);
    estate.scan([{ records: [...alice, ...key2] }]);
    expect(estate.select("select kind from credential")).toHaveLength(1);
    expect(derived("identity")).toEqual([row(1, 90, 0, 1)]);
  });

  it("needs every source of a credential that told something", () => {
    estate.scan([
      {
        records: [
          user("alice"),
          key("AKIA1", "alice"),
          observed(urn("access-key", "AKIA1"), 30, 300, 2, { source: "a" }),
          observed(urn("access-key", "AKIA1"), 10, 90, 5, { source: "b" }),
        ],
      },
    ]);
    expect(derived("credential")).toEqual([row(10, 90, 5, 1)]);
  });
});
