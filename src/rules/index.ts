export { RULE_VIEWS, checkRule } from "./check.ts";
export { EXAMPLES } from "./examples.ts";
export { RULES } from "./list.ts";
export { compareExample, exampleNow, judgeExample, loadExample } from "./run-examples.ts";
export type { ExampleOutcome } from "./run-examples.ts";
