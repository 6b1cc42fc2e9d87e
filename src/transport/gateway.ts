import { UserError, type Door } from "../sdk/index.ts";
import { createAccount, type Account } from "./account.ts";
import { createCurrentAttempt } from "./attempt.ts";
import { createConnections } from "./connections.ts";
import type { Gateway, GatewayOptions, Limits } from "./contract.ts";
import { createGovernor } from "./governor.ts";
import { createGuard } from "./guard.ts";
import { createLanes } from "./lanes.ts";
import { createSkewMeter } from "./skew.ts";
import { createTime } from "./time.ts";

const MEBIBYTE = 1024 * 1024;
const LIMITS: Limits = { body: 64 * MEBIBYTE, text: 16 * MEBIBYTE, depth: 200, headers: 64 * 1024 };
const SHARE = 0.5;
const DEADLINE = 60_000;

/**
 * Builds one scanner's way out.
 *
 * @throws {UserError} exit 2 for a network setting that cannot be used, and where `NODE_TLS_REJECT_UNAUTHORIZED=0`
 * would leave certificates unverified.
 */
export function createGateway(options: GatewayOptions): Gateway {
  const { network, now } = options;
  const share = network.share ?? SHARE;
  if (!(share > 0 && share <= 1))
    throw new UserError("network.share must be above 0 and at most 1", { next: "leave it out for 0.5" });

  const ended = new AbortController();
  const gatewaySignal = options.signal === undefined ? ended.signal : AbortSignal.any([ended.signal, options.signal]);
  const time = createTime(options);
  const current = createCurrentAttempt();
  const connections = createConnections(network);
  const skew = createSkewMeter();
  const onWait = options.onWait ?? (() => undefined);
  const lanes = createLanes({
    share,
    time,
    signal: gatewaySignal,
    onQueue: (bucket, operation, wait) => onWait({ operation, bucket, reason: "pace", wait }),
  });
  const governor = createGovernor({
    lanes,
    time,
    now,
    current,
    random: options.random ?? Math.random,
    deadline: network.deadline ?? DEADLINE,
    onTrace: options.onTrace ?? (() => undefined),
    onWait,
  });
  const send = createGuard({
    scanner: options.scanner,
    wire: options.wire,
    limits: { ...LIMITS, ...options.limits },
    connections,
    current,
    skew,
    now,
  });
  const accounts = new Map<string, Account>();

  function accountOf(label: string): Account {
    let account = accounts.get(label);
    if (account === undefined) {
      account = createAccount();
      accounts.set(label, account);
    }
    return account;
  }

  return {
    door(label, operations, signal): Door {
      const caller = {
        operations: new Set([...operations].filter((operation) => options.operations.has(operation))),
        account: accountOf(label),
        signal: signal === undefined ? gatewaySignal : AbortSignal.any([gatewaySignal, signal]),
      };
      return {
        call: (operation, attempt, callOptions) => governor.call(caller, operation, attempt, callOptions),
        send,
        now,
      };
    },
    stats(label) {
      const account = accounts.get(label) ?? createAccount();
      return { ...account, waited: Math.round(account.waited) };
    },
    skew: () => skew.skew(),
    close() {
      ended.abort();
      connections.close();
    },
  };
}
