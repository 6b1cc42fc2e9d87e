import { isProviderError } from "rollcall/sdk";
import type { AwsCredentials, CredentialSource } from "./client.ts";

/** New ones are fetched this long before the old ones end, so that no long page is read with dying credentials. */
const EARLY = 5 * 60_000;

/**
 * Keeps credentials that live for `lifetime` milliseconds until shortly before their end, and asks for new ones only
 * once however many wait for them. `elapsed` never goes back: whose clock is right does not matter here.
 */
export function renewing(fetch: () => Promise<AwsCredentials>, lifetime: number, elapsed: () => number = () => performance.now()): CredentialSource {
  let current: { readonly asked: Promise<AwsCredentials>; readonly at: number } | undefined;
  const forget = async (held: NonNullable<typeof current>, refused: AwsCredentials) => {
    const known = await held.asked.catch(() => undefined);
    if (known === refused && current === held) current = undefined;
  };
  return {
    get() {
      if (current === undefined || elapsed() - current.at > lifetime - EARLY) {
        const next = { asked: fetch(), at: elapsed() };
        current = next;
        next.asked.catch((error: unknown) => {
          // A refusal stands for the whole scan; a failure of the network does not.
          if (!isRefusal(error) && current === next) current = undefined;
        });
      }
      return current.asked;
    },
    refuse(credentials) {
      if (current !== undefined) void forget(current, credentials);
    },
  };
}

function isRefusal(error: unknown): boolean {
  return isProviderError(error) && (error.class === "denied" || error.class === "auth");
}
