import { EXAMPLE_NOW, DAY, HOUR, defineExamples, unknown } from "../sdk/index.ts";
import rule from "./unused-identity.ts";
import { at, credential, daysAgo, justOver, key, password, role, used, user } from "./example-records.ts";

const app = at("role", "app");
const bot = at("user", "bot");

export default defineExamples(rule, [
  {
    name: "a role last used 91 days ago",
    records: [role("app"), used(app, daysAgo(91), { source: "role-last-used", observedFrom: daysAgo(400) })],
    expect: { [app]: "fail" },
  },
  {
    name: "a role last used 89 days ago",
    records: [role("app"), used(app, daysAgo(89), { source: "role-last-used", observedFrom: daysAgo(400) })],
    expect: { [app]: "pass" },
  },
  {
    name: "a role last used exactly 90 days ago is still inside the window",
    records: [role("app"), used(app, daysAgo(90), { source: "role-last-used", observedFrom: daysAgo(400) })],
    expect: { [app]: "pass" },
  },
  {
    name: "a millisecond longer is outside",
    records: [role("app"), used(app, justOver(90), { source: "role-last-used", observedFrom: daysAgo(400) })],
    expect: { [app]: "fail" },
  },
  {
    name: "never used in the 400 days that were looked at",
    records: [role("app"), used(app, null, { source: "role-last-used", observedFrom: daysAgo(400) })],
    expect: { [app]: "fail" },
  },
  {
    name: "never used, but only 89 days old",
    records: [
      role("app", { createdAt: daysAgo(89) }),
      used(app, null, { source: "role-last-used", observedFrom: daysAgo(400) }),
    ],
    expect: { [app]: "pass" },
  },
  {
    name: "a young role passes even where its use is hidden",
    records: [role("app", { createdAt: daysAgo(12) })],
    hidden: [{ facts: ["usage"], reason: "iam:GetAccountAuthorizationDetails was denied" }],
    expect: { [app]: "pass" },
  },
  {
    name: "a user is as used as the busiest of its credentials",
    records: [
      user("bot"),
      key("old", "bot", { createdAt: daysAgo(400) }),
      key("busy", "bot", { createdAt: daysAgo(400) }),
      used(at("access-key", "old"), daysAgo(200)),
      used(at("access-key", "busy"), daysAgo(2)),
    ],
    expect: { [bot]: "pass" },
  },
  {
    name: "a user none of whose credentials was used lately",
    records: [
      user("bot"),
      key("one", "bot", { createdAt: daysAgo(400) }),
      password("bot", { createdAt: daysAgo(400) }),
      used(at("access-key", "one"), daysAgo(200)),
      used(at("password", "bot"), daysAgo(120)),
      used(bot, daysAgo(120)),
    ],
    expect: { [bot]: "fail" },
  },
  {
    name: "credentials alone do not tell what a former one was used for",
    records: [user("bot"), key("one", "bot", { createdAt: daysAgo(400) }), used(at("access-key", "one"), daysAgo(200))],
    expect: { [bot]: "unknown" },
  },
  {
    name: "a source that looked back 30 days only cannot say it",
    records: [role("app"), used(app, null, { source: "role-last-used", observedFrom: daysAgo(30) })],
    expect: { [app]: "unknown" },
  },
  {
    name: "observations that ended a week ago cannot either",
    records: [
      role("app"),
      used(app, null, { source: "role-last-used", observedFrom: daysAgo(400), observedThrough: daysAgo(7) }),
    ],
    expect: { [app]: "unknown" },
  },
  {
    name: "a credential report four hours old is recent enough",
    records: [role("app"), used(app, daysAgo(91), { observedThrough: EXAMPLE_NOW - 4 * HOUR })],
    expect: { [app]: "fail" },
  },
  {
    name: "nobody could look at its use",
    records: [role("app")],
    hidden: [{ facts: ["usage"], reason: "iam:GetAccountAuthorizationDetails was denied" }],
    expect: { [app]: "unknown" },
  },
  {
    name: "its age is unknown and no use was seen",
    records: [role("app", { createdAt: unknown("the listing left it out") }), used(app, null)],
    expect: { [app]: "unknown" },
  },
  {
    name: "its age is unknown but it was used yesterday",
    records: [role("app", { createdAt: unknown("the listing left it out") }), used(app, EXAMPLE_NOW - DAY)],
    expect: { [app]: "pass" },
  },
  {
    name: "roles that AWS or Identity Center looks after pass, seen or not, and the root user is not judged",
    records: [
      role("linked", { custody: "platform-held", path: "/aws-service-role/support.amazonaws.com/" }),
      role("sso", { path: "/aws-reserved/sso.amazonaws.com/eu-central-1/" }),
      role("unseen", { custody: "platform-held" }),
      user("root", { kind: "root" }),
      used(at("role", "linked"), daysAgo(300)),
      used(at("role", "sso"), daysAgo(300)),
      used(at("user", "root"), daysAgo(300)),
    ],
    expect: { [at("role", "linked")]: "pass", [at("role", "sso")]: "pass", [at("role", "unseen")]: "pass" },
  },
  {
    name: "one credential was watched and long unused, the other was not watched",
    records: [
      user("bot"),
      key("watched", "bot", { createdAt: daysAgo(400) }),
      credential("service-specific-credential", "unwatched", bot, { createdAt: daysAgo(400) }),
      used(at("access-key", "watched"), daysAgo(200)),
    ],
    hidden: [{ facts: ["usage"], reason: "AWS does not tell when a service-specific credential was used" }],
    expect: { [bot]: "unknown" },
  },
]);
