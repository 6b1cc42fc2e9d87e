import type { Instant } from "../../model/index.ts";
import type { Finding } from "../../model/index.ts";
import type { FindingWriter, Judgement, JudgementSummary } from "../contract.ts";
import type { Db } from "../file/open.ts";
import type { Statements } from "../statements.ts";
import type { Indexes } from "../write/indexes.ts";
import type { Mutations } from "../write/run-state.ts";
import { decide } from "./decide.ts";
import type { Decision } from "./decide.ts";
import { judge } from "./judge.ts";
import { retireRules } from "./retire.ts";

export interface FindingContext {
  readonly statements: Statements;
  readonly indexes: Indexes;
  /** A connection that reads the committed state while the judgement is written. */
  readonly reading: () => Db;
  readonly transaction: <Result>(work: () => Result) => Result;
  readonly mutations: Mutations;
}

export class StoredFindings implements FindingWriter {
  readonly #context: FindingContext;

  constructor(context: FindingContext) {
    this.#context = context;
  }

  judge(judgement: Judgement, context: { readonly run: number; readonly now: Instant }): JudgementSummary {
    return this.#context.transaction(() => judge(this.#context, judgement, context));
  }

  retire(activeRules: readonly string[], context: { readonly run: number; readonly now: Instant }): void {
    this.#context.indexes.forFindings();
    this.#context.transaction(() => retireRules(this.#context, activeRules, context));
  }

  decide(decision: Decision): Finding {
    return this.#context.transaction(() => decide(this.#context, decision));
  }
}
