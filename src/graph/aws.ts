import { ANY_ACTION, SENTINELS } from "./aws-actions.ts";
import { WORDS, compileDocument } from "./aws-compile.ts";
import { TIER_RULES } from "./aws-tiers.ts";
import type { CompiledTierRule, Dialect } from "./dialect.ts";

const BITS = new Map(SENTINELS.map((sentinel, bit) => [sentinel.action, bit]));

const rules = TIER_RULES.map((rule): CompiledTierRule => {
  const needed = new Int32Array(WORDS);
  const bits = rule.actions.map((action) => {
    const bit = BITS.get(action);
    if (bit === undefined) throw new Error(`${action} is in a tier rule but not among the sentinel actions`);
    needed[bit >> 5] = (needed[bit >> 5] as number) | (1 << (bit & 31));
    return bit;
  });
  return { tier: rule.tier, needed, bits, wide: rule.wide, neverNarrow: rule.tier === "admin", depends: rule.depends };
});

export const awsDialect: Dialect = {
  words: WORDS,
  rules,
  compile: compileDocument,
  inherent: (kind) =>
    kind === "root" ? { tier: "admin", reason: "the root user of the account can do everything in it" } : undefined,
  actionName(bit) {
    const action = SENTINELS[bit]?.action ?? "?";
    return action === ANY_ACTION ? "every action" : action;
  },
};
