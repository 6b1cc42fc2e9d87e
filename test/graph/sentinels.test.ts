import * as fc from "fast-check";
import { expect, test } from "vitest";
import { ANY_ACTION, SENTINELS } from "../../src/graph/aws-actions.ts";
import { TIER_RULES } from "../../src/graph/aws-tiers.ts";
import { createPrivilegeModel } from "../../src/graph/index.ts";
import type { Privilege } from "../../src/graph/index.ts";
import { TIERS } from "../../src/model/index.ts";

test("every sentinel is an action, once, with its page, and decides something", () => {
  const actions = SENTINELS.map(({ action }) => action);
  expect(new Set(actions).size).toBe(actions.length);
  expect(actions.filter((action) => !/^[a-z0-9-]+:[A-Za-z0-9]+$/.test(action))).toEqual([]);
  expect(SENTINELS.filter(({ source }) => !source.startsWith("https://docs.aws.amazon.com/"))).toEqual([]);
  const used = new Set(TIER_RULES.flatMap((rule) => rule.actions));
  expect(actions.filter((action) => !used.has(action))).toEqual([]);
  expect([...used].filter((action) => !actions.includes(action))).toEqual([]);
});

test("tier rules come strongest first, each with its page", () => {
  const order = TIER_RULES.map(({ tier }) => TIERS.indexOf(tier));
  expect(order).toEqual([...order].sort((one, other) => one - other));
  expect(TIER_RULES.filter(({ source }) => !source.startsWith("https://"))).toEqual([]);
});

const resource = fc.constantFrom(
  "*",
  "arn:aws:iam::111122223333:role/*",
  "arn:aws:iam::111122223333:role/app",
  "arn:aws:s3:::bucket/*",
  "arn:aws:lambda:*:*:function:*",
);
const action = fc.oneof(
  fc.constantFrom(
    "*",
    "iam:*",
    "s3:*",
    "lambda:*",
    "*:Get*",
    "iam:PassRole",
    "lambda:CreateFunction",
    "lambda:InvokeFunction",
  ),
  fc.constantFrom(...SENTINELS.map((sentinel) => sentinel.action).filter((name) => name !== ANY_ACTION)),
);
const statement = (effect: "Allow" | "Deny") =>
  fc.record({
    Effect: fc.constant(effect),
    Action: fc.array(action, { minLength: 1, maxLength: 3 }),
    Resource: fc.array(resource, { minLength: 1, maxLength: 2 }),
    Condition: fc.constantFrom({}, { Bool: { "aws:SecureTransport": "true" } }),
  });

function judge(statements: readonly unknown[]): Privilege {
  const model = createPrivilegeModel();
  const grants = statements.map((one, index) => {
    const permissionSet = `nhi:aws/aws:1/managed-policy/${index}`;
    model.addPermissionSet(permissionSet, "managed-policy", { Statement: one });
    return { permissionSet };
  });
  return model.judge(grants, null);
}

const strength = ({ tier }: Privilege): number => -TIERS.indexOf(tier);

test("a further allowance never weakens, a further denial never strengthens, and order does not count", () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(statement("Allow"), statement("Deny")), { maxLength: 4 }),
      statement("Allow"),
      statement("Deny"),
      (statements, allow, deny) => {
        const before = judge(statements);
        expect(strength(judge([...statements, allow]))).toBeGreaterThanOrEqual(strength(before));
        expect(strength(judge([...statements, deny]))).toBeLessThanOrEqual(strength(before));
        const { tier, certainty } = judge(statements.toReversed());
        expect({ tier, certainty }).toEqual({ tier: before.tier, certainty: before.certainty });
      },
    ),
    { numRuns: 500 },
  );
});

test("one policy of several statements weighs what several policies of one statement weigh", () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(statement("Allow"), statement("Deny")), { minLength: 1, maxLength: 4 }),
      (statements) => {
        const model = createPrivilegeModel();
        model.addPermissionSet("nhi:aws/aws:1/managed-policy/all", "managed-policy", { Statement: statements });
        const { tier, certainty } = model.judge([{ permissionSet: "nhi:aws/aws:1/managed-policy/all" }], null);
        const apart = judge(statements);
        expect({ tier, certainty }).toEqual({ tier: apart.tier, certainty: apart.certainty });
      },
    ),
    { numRuns: 300 },
  );
});
