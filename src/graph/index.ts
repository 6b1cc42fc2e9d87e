export { createPrivilegeModel } from "./privilege.ts";
export type { HeldGrant, JudgeOptions, Privilege, PrivilegeModel } from "./privilege.ts";
export { scoreOf, scoreWithout } from "./score.ts";
export type { ScoreInput, ScoredFinding } from "./score.ts";
