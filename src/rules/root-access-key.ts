import { defineRule } from "../sdk/index.ts";
import { awsGuide, dayOf, owaspPage } from "./support.ts";

// A URN names the kind of the identity in its third segment, and no segment contains a slash.
const ROOT_KEYS = "kind in ('access-key', 'root-access-key') and identity like 'nhi:aws/%/root/%'";

export default defineRule({
  id: "root-access-key",
  title: "The root user has an enabled access key",
  owasp: ["NHI5:2025", "NHI7:2025"],
  severity: "critical",
  maturity: "stable",
  rationale:
    "The root user can do everything, and no policy of the account can take that away. A program that holds its key holds the account, for as long as the key lives. There is no task left that needs one.",
  params: {},
  subject: "credential",
  population: ROOT_KEYS,
  needs: ["credential.enabled"],
  query: `
    select urn as subject, kind, name, identity, created_at, last_used_at
    from credential
    where ${ROOT_KEYS} and enabled = 1`,
  explain: (row) =>
    `The account's root user has an enabled access key from ${dayOf(row, "created_at")}, last used ${dayOf(row, "last_used_at", "never, as far as is known")}.`,
  remediation: [
    {
      for: "aws",
      steps: [
        "Look in CloudTrail which program uses the key, if any.",
        "Create a role with what that program needs.",
        "Move the program to the role.",
        "Watch the key's last-used date until it stops moving.",
        "Sign in as root and deactivate the key.",
        "Delete the key; central root access can then take the root credentials away altogether.",
      ],
      docs: awsGuide("id_root-user_manage_delete-key"),
    },
  ],
  resolvedBy: "The root user's access keys are deactivated or deleted.",
  references: [owaspPage("NHI5:2025"), awsGuide("root-user-best-practices")],
});
