import { defineExamples, unknown } from "../sdk/index.ts";
import type { IdentityRecord } from "../sdk/index.ts";
import rule from "./root-access-key.ts";
import { HOME, at, credential, daysAgo, key, used, user } from "./example-records.ts";

const rootUrn = at("root", HOME);
const root: IdentityRecord = { type: "identity", urn: rootUrn, kind: "root", name: "root", custody: "self-held" };
const k1 = at("root-access-key", "k1");
const rootKey = (facts: object = {}) =>
  credential("root-access-key", "k1", rootUrn, { createdAt: daysAgo(900), ...facts });

export default defineExamples(rule, [
  {
    name: "an enabled key of the root user",
    records: [root, rootKey(), used(k1, daysAgo(3))],
    expect: { [k1]: "fail" },
  },
  { name: "also where the root user itself was not seen", records: [rootKey()], expect: { [k1]: "fail" } },
  { name: "a disabled key of the root user", records: [root, rootKey({ enabled: false })], expect: { [k1]: "pass" } },
  { name: "a user's key, even of a user called root", records: [root, user("root"), key("k2", "root")], expect: {} },
  { name: "the root user's password", records: [root, credential("password", HOME, rootUrn)], expect: {} },
  {
    name: "whether the key is enabled is unknown",
    records: [root, rootKey({ enabled: unknown("the report says not_supported") })],
    expect: { [k1]: "unknown" },
  },
]);
