import type { ScannerWorld } from "rollcall/sdk/testing";
import { tinyEstate } from "./estate.ts";
import { startTinyServer } from "./tiny-server.ts";

export const TINY_PAGED = ["tiny:ListAccounts", "tiny:ListRobots", "tiny:ListKeys", "tiny:ListRoles", "tiny:ListNotes"];

/** The tiny server as the conformance kit wants it. */
export async function startTinyWorld(): Promise<ScannerWorld> {
  const server = await startTinyServer(tinyEstate());
  const robots = server.estate.accounts.flatMap(({ id, robots: all }) => all.map((robot) => ({ account: id, robot })));
  return {
    config: { url: server.url },
    truth: {
      identities: robots.map(({ account, robot }) => `nhi:tiny/${account}/robot/${robot.id}`),
      credentials: robots.flatMap(({ account, robot }) => robot.keys.map(({ id }) => `nhi:tiny/${account}/key/${id}`)),
    },
    requests: () => server.requests(),
    forget: () => server.forget(),
    inject: (fault) => server.inject(fault),
    heal: () => server.heal(),
    stop: () => server.close(),
  };
}
