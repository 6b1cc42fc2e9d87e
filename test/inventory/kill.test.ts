import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { checkDatabase } from "../../src/inventory/index.ts";
import { HOUR } from "../../src/model/index.ts";
import { Estate, START } from "./support/estate.ts";

/** How often a scan is killed; `ROLLCALL_KILLS=300` for a long run. */
const KILLS = Number(process.env["ROLLCALL_KILLS"] ?? 6);
const SCRIPT = fileURLToPath(new URL("support/scan-forever.ts", import.meta.url));

/** Scans in a process of its own and kills it after so many transactions; whether it got to its end. */
async function scan(path: string, round: number, killAfter: number): Promise<boolean> {
  const child = spawn(process.execPath, [SCRIPT, path, String(START + round * HOUR), String(round)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let done = 0;
  let ended = false;
  child.stdout.on("data", (text: Buffer) => {
    done += text.length;
    ended ||= text.includes("!");
    if (done >= killAfter) child.kill("SIGKILL");
  });
  await once(child, "close");
  return ended;
}

it(`survives ${KILLS} kills anywhere in its writing, and ends as if there had been none`, async () => {
  using killed = new Estate();
  using whole = new Estate();
  killed.inventory.reader.select("select 1");
  killed.close();
  let kills = 0;
  let round = 0;
  while (kills < KILLS || round < 2) {
    round += 1;
    let killAfter = 1 + ((round * 37) % 50);
    while (!(await scan(killed.path, round, kills < KILLS ? killAfter : Number.POSITIVE_INFINITY))) {
      kills += 1;
      killAfter += 7;
      expect(checkDatabase(killed.path).filter(({ ok }) => !ok)).toEqual([]);
    }
    expect(await scan(whole.path, round, Number.POSITIVE_INFINITY)).toBe(true);
    expect(killed.canonical()).toBe(whole.canonical());
    expect(killed.select("select * from change_log order by run, urn")).toEqual(
      whole.select("select * from change_log order by run, urn"),
    );
    killed.close();
    whole.close();
  }
  expect(kills).toBeGreaterThanOrEqual(KILLS);
}, 300_000);
