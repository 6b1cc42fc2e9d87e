import { defineExamples, unknown } from "../sdk/index.ts";
import rule from "./service-user-console-without-mfa.ts";
import { at, key, password, user } from "./example-records.ts";

const bot = at("user", "bot");
const machine = { nature: "machine", natureReason: "access keys and a name like *-bot", mfaEnabled: false } as const;

export default defineExamples(rule, [
  {
    name: "a machine with a password and no second factor",
    records: [user("bot", machine), password("bot")],
    expect: { [bot]: "fail" },
  },
  {
    name: "an agent counts as well",
    records: [user("bot", { ...machine, nature: "agent" }), password("bot")],
    expect: { [bot]: "fail" },
  },
  {
    name: "with a second factor",
    records: [user("bot", { ...machine, mfaEnabled: true }), password("bot")],
    expect: { [bot]: "pass" },
  },
  { name: "without a password", records: [user("bot", machine), key("k1", "bot")], expect: { [bot]: "pass" } },
  {
    name: "with a disabled password",
    records: [user("bot", machine), password("bot", { enabled: false })],
    expect: { [bot]: "pass" },
  },
  {
    name: "it cannot sign in at all",
    records: [user("bot", { ...machine, mfaEnabled: null })],
    expect: { [bot]: "pass" },
  },
  {
    name: "a person is somebody else's rule",
    records: [user("ann", { nature: "human", mfaEnabled: false }), password("ann")],
    expect: {},
  },
  {
    name: "so is somebody of unknown nature",
    records: [user("who", { nature: "unknown", mfaEnabled: false }), password("who")],
    expect: {},
  },
  {
    name: "the second factor is unknown",
    records: [
      user("bot", { ...machine, mfaEnabled: unknown("iam:GenerateCredentialReport was denied") }),
      password("bot"),
    ],
    expect: { [bot]: "unknown" },
  },
  {
    name: "whether the password is enabled is unknown",
    records: [user("bot", machine), password("bot", { enabled: unknown("iam:GenerateCredentialReport was denied") })],
    expect: { [bot]: "unknown" },
  },
  {
    name: "its credentials could not be listed",
    records: [user("bot", machine)],
    hidden: [{ facts: ["credential"], reason: "iam:GenerateCredentialReport was denied" }],
    expect: { [bot]: "unknown" },
  },
  {
    name: "with a second factor it does not matter that credentials could not be listed",
    records: [user("bot", { ...machine, mfaEnabled: true })],
    hidden: [{ facts: ["credential"], reason: "iam:GenerateCredentialReport was denied" }],
    expect: { [bot]: "pass" },
  },
  {
    name: "the states of its credentials were hidden",
    records: [user("bot", machine)],
    hidden: [{ facts: ["credential.enabled"], reason: "iam:GenerateCredentialReport was denied" }],
    expect: { [bot]: "unknown" },
  },
]);
