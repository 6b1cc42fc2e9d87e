import { isProviderError } from "rollcall/sdk";
import type { AwsCredentials, CredentialSource } from "./client.ts";

/** New ones are fetched this long before the old ones end, so that no long page is read with dying credentials. */
const EARLY = 5 * 60_000;

interface Held {
  readonly asked: Promise<AwsCredentials>;
  readonly at: number;
  value?: AwsCredentials;
}

/**
 * Keeps credentials that live for `lifetime` milliseconds until shortly before their end, and asks for new ones only
 * once however many wait for them. `elapsed` never goes back: whose clock is right does not matter here.
 */
export function renewing(
  fetch: () => Promise<AwsCredentials>,
  lifetime: number,
  elapsed: () => number = () => performance.now(),
): CredentialSource {
  let current: Held | undefined;

  async function ask(): Promise<AwsCredentials> {
    const next: Held = { asked: fetch(), at: elapsed() };
    current = next;
    try {
      next.value = await next.asked;
      return next.value;
    } catch (error) {
      // A refusal stands for the whole scan; a failure of the network does not.
      if (!isRefusal(error) && current === next) current = undefined;
      throw error;
    }
  }

  return {
    get: () => (current === undefined || elapsed() - current.at > lifetime - EARLY ? ask() : current.asked),
    refuse(credentials) {
      if (current?.value === credentials) current = undefined;
    },
  };
}

function isRefusal(error: unknown): boolean {
  return isProviderError(error) && (error.class === "denied" || error.class === "auth");
}
