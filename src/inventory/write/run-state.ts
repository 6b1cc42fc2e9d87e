import type { Instant } from "../../model/index.ts";
import type { Statements } from "../statements.ts";
import type { Dirty } from "./dirty.ts";
import type { Indexes } from "./indexes.ts";
import type { Sources } from "./sources.ts";

/**
 * Deviations that a property test plants to see itself fail. Empty in every product path.
 */
export interface Mutations {
  /** A partial collection withdraws what it did not see. */
  readonly withdrawOnPartial?: boolean;
  /** The contribution that came last wins, whatever its precedence. */
  readonly mergeByArrival?: boolean;
  /** The newest answer stands, even if it moves the last use back. */
  readonly usageMovesBack?: boolean;
  /** A resumed collection forgets what it saw before the crash. */
  readonly forgetSeen?: boolean;
  /** A look at the past shows the run after it. */
  readonly asOfNext?: boolean;
  /** A record is withdrawn at its first miss. */
  readonly withdrawAtOnce?: boolean;
  /** A changed record keeps no version. */
  readonly forgetVersion?: boolean;
  /** A scope that is not listed any more goes although the listing was short. */
  readonly shortListingEnds?: boolean;
  /** A vanished finding resolves although its subject could not be judged. */
  readonly resolveUndecided?: boolean;
  /** A record that is seen as it was counts as changed. */
  readonly alwaysChanged?: boolean;
}

/** What all writers of one run share. */
export interface RunState {
  readonly statements: Statements;
  readonly sources: Sources;
  readonly indexes: Indexes;
  readonly run: number;
  readonly startedAt: Instant;
  readonly acceptMassChange: boolean;
  /** Types that were empty when this process took up the run: there, insert first and ask later. */
  readonly emptyTypes: ReadonlySet<number>;
  readonly dirty: Dirty;
  readonly mutations: Mutations;
}
