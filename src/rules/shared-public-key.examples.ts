import { defineExamples, unknown } from "../sdk/index.ts";
import rule from "./shared-public-key.ts";
import { OTHER, at, credential, user } from "./example-records.ts";

const ssh = (id: string, owner: string, facts: object = {}) =>
  credential("ssh-public-key", id, at("user", owner), { secrecy: "private-key", fingerprint: "aa:bb:cc", ...facts });
const s = (id: string) => at("ssh-public-key", id);

export default defineExamples(rule, [
  {
    name: "two users, one key",
    records: [user("a"), user("b"), ssh("1", "a"), ssh("2", "b")],
    expect: { [s("1")]: "fail", [s("2")]: "fail" },
  },
  {
    name: "one certificate in two accounts",
    records: [
      user("a"),
      user("b", {}, OTHER),
      credential("signing-certificate", "c1", at("user", "a"), { secrecy: "certificate", fingerprint: "ff" }),
      credential(
        "signing-certificate",
        "c2",
        at("user", "b", OTHER),
        { secrecy: "certificate", fingerprint: "ff" },
        OTHER,
      ),
    ],
    expect: { [at("signing-certificate", "c1")]: "fail", [at("signing-certificate", "c2", OTHER)]: "fail" },
  },
  {
    name: "two keys",
    records: [user("a"), user("b"), ssh("1", "a"), ssh("2", "b", { fingerprint: "dd:ee:ff" })],
    expect: { [s("1")]: "pass", [s("2")]: "pass" },
  },
  {
    name: "one user, the same key twice",
    records: [user("a"), ssh("1", "a"), ssh("2", "a")],
    expect: { [s("1")]: "pass", [s("2")]: "pass" },
  },
  {
    name: "disabled on one of them",
    records: [user("a"), user("b"), ssh("1", "a"), ssh("2", "b", { enabled: false })],
    expect: { [s("1")]: "pass", [s("2")]: "pass" },
  },
  {
    name: "no fingerprint on either is not a match",
    records: [user("a"), user("b"), ssh("1", "a", { fingerprint: null }), ssh("2", "b", { fingerprint: null })],
    expect: { [s("1")]: "pass", [s("2")]: "pass" },
  },
  {
    name: "a certain twin decides, whatever a third says",
    records: [
      user("a"),
      user("b"),
      user("c"),
      ssh("1", "a"),
      ssh("2", "b"),
      ssh("3", "c", { enabled: unknown("the key could not be read again") }),
    ],
    expect: { [s("1")]: "fail", [s("2")]: "fail", [s("3")]: "unknown" },
  },
  {
    name: "one fingerprint is unknown",
    records: [
      user("a"),
      user("b"),
      ssh("1", "a"),
      ssh("2", "b", { fingerprint: unknown("the key could not be parsed") }),
    ],
    expect: { [s("1")]: "pass", [s("2")]: "unknown" },
  },
  {
    name: "the state of one is unknown",
    records: [user("a"), user("b"), ssh("1", "a"), ssh("2", "b", { enabled: unknown("denied") })],
    expect: { [s("1")]: "unknown", [s("2")]: "unknown" },
  },
  {
    name: "three users, one of them unclear",
    records: [
      user("a"),
      user("b"),
      user("c"),
      ssh("1", "a"),
      ssh("2", "b"),
      ssh("3", "c", { enabled: unknown("denied") }),
    ],
    expect: { [s("1")]: "fail", [s("2")]: "fail", [s("3")]: "unknown" },
  },
  {
    name: "disabled, and its fingerprint is unknown",
    records: [user("a"), ssh("1", "a", { enabled: false, fingerprint: unknown("the key could not be parsed") })],
    expect: { [s("1")]: "pass" },
  },
]);
