import { access, constants } from "node:fs/promises";
import { dirname } from "node:path";
import { EXIT, isProviderError, isUserError, jsonLine, terminal } from "../../sdk/index.ts";
import type { Diagnosis } from "../../sdk/index.ts";
import type { Source } from "../../engine/contract.ts";
import type { Context } from "../context.ts";
import type { GlobalFlags } from "../flags.ts";
import { callLog, prepare } from "../work.ts";
import type { Work } from "../work.ts";

const MARK: Readonly<Record<Diagnosis["status"], string>> = { ok: "ok     ", problem: "PROBLEM", unknown: "unknown" };

/** `rollcall doctor [source…]`: who am I, may I, can I, each with what to do about it. Ends with 6 where no source works. */
export async function doctor(this: Context, flags: GlobalFlags, ...names: readonly string[]): Promise<void> {
  const work = await prepare(this, flags, names);
  await localChecks(this, flags, work);
  let working = 0;
  for (const source of work.sources) {
    let problems = 0;
    for await (const diagnosis of diagnoses(this, flags, source, work)) {
      problems += diagnosis.status === "problem" ? 1 : 0;
      await print(this, flags, source.scanner.id, diagnosis);
    }
    working += problems === 0 ? 1 : 0;
  }
  if (working === work.sources.length) return;
  this.setExit(working === 0 ? EXIT.nothingRead : EXIT.partial);
}

async function localChecks(context: Context, flags: GlobalFlags, work: Work): Promise<void> {
  const { proxy, ca } = work.network;
  const { database, file } = work.config;
  const writable = await access(dirname(database), constants.W_OK).then(
    () => true,
    () => false,
  );
  await print(context, flags, "rollcall", {
    check: "configuration",
    status: "ok",
    message: `${file ?? "none"}: ${work.sources.map(({ scanner }) => scanner.id).join(", ")}`,
  });
  await print(
    context,
    flags,
    "rollcall",
    writable
      ? { check: "inventory", status: "ok", message: database }
      : {
          check: "inventory",
          status: "problem",
          message: `the folder of ${database} cannot be written`,
          next: "choose another place with --db FILE",
        },
  );
  await print(context, flags, "rollcall", {
    check: "network",
    status: "ok",
    message: `${proxy === undefined ? "directly, no proxy" : `through the proxy ${hostOf(proxy)}`}${ca === undefined ? "" : ", with further certificate authorities"}; no telemetry: only the providers named above are ever called`,
  });
}

async function* diagnoses(context: Context, flags: GlobalFlags, source: Source, work: Work): AsyncGenerator<Diagnosis> {
  const { diagnose } = await import("../../engine/index.ts");
  try {
    yield* diagnose(source, {
      network: work.network,
      now: context.now,
      signal: context.interruptible(),
      ...callLog(context, flags),
    });
  } catch (error) {
    if (isProviderError(error)) {
      yield {
        check: "reach",
        status: "problem",
        message: error.message,
        ...(error.details.remedy === undefined ? {} : { next: error.details.remedy }),
      };
    } else if (isUserError(error)) {
      yield {
        check: "session",
        status: "problem",
        message: error.message,
        ...(error.next === undefined ? {} : { next: error.next }),
      };
    } else {
      throw error;
    }
  }
}

async function print(context: Context, flags: GlobalFlags, source: string, diagnosis: Diagnosis): Promise<void> {
  if (flags.json === true) {
    await context.out.line(jsonLine({ source, ...diagnosis }));
    return;
  }
  await context.out.line(terminal(`${MARK[diagnosis.status]}  ${source} ${diagnosis.check}: ${diagnosis.message}`));
  if (diagnosis.next !== undefined && diagnosis.status !== "ok")
    await context.out.line(terminal(`         next: ${diagnosis.next}`));
}

/** A proxy's address may hold a password; its host says enough. */
function hostOf(proxy: string): string {
  return URL.canParse(proxy) ? new URL(proxy).host : "(not an address)";
}
