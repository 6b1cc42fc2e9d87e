import type { StandardIssue } from "rollcall/sdk";

const KEYS =
  /^(?:aws_?)?(?:access_?key(?:_?id)?|secret(?:_?access)?_?key|session_?token|security_?token|secret|password|credentials)$/i;
const KEY_ID = /^(?:AKIA|ASIA)[A-Z0-9]{16}$/;

const RECIPE =
  "keys do not belong in a file: name a profile instead (aws configure sso, then `profile: NAME`), or run where AWS gives " +
  "credentials by itself (an instance or task role, or GitHub's OIDC with aws-actions/configure-aws-credentials)";

/** Access keys and tokens written into a configuration, however deep, each with the way to do without. */
export function findInlineKeys(value: unknown, path: readonly PropertyKey[] = []): readonly StandardIssue[] {
  if (typeof value === "string") return KEY_ID.test(value.trim()) ? [{ message: RECIPE, path }] : [];
  if (typeof value !== "object" || value === null || path.length > 8) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const inside = [...path, Array.isArray(value) ? Number(key) : key];
    return !Array.isArray(value) && KEYS.test(key)
      ? [{ message: RECIPE, path: inside }]
      : findInlineKeys(inner, inside);
  });
}
