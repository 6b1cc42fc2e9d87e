import { jsonLine, UserError } from "../../sdk/index.ts";
import { configFile, loadConfig } from "../../config/index.ts";
import { didYouMean } from "../../config/nearest.ts";
import type { Context } from "../context.ts";
import type { GlobalFlags } from "../flags.ts";

export interface PermissionsFlags extends GlobalFlags {
  readonly deep?: readonly string[];
}

/**
 * `rollcall permissions SCANNER`: the policy alone on stdout, ready to be piped; how to apply it on stderr. Follows the
 * configuration's block for the scanner where there is one.
 */
export async function permissions(this: Context, flags: PermissionsFlags, scanner: string): Promise<void> {
  const load = Object.hasOwn(this.scanners, scanner) ? this.scanners[scanner] : undefined;
  if (load === undefined) {
    const known = Object.keys(this.scanners);
    throw new UserError(
      `There is no scanner "${scanner}"${didYouMean(scanner, known) || `; there is ${known.join(", ")}`}`,
    );
  }
  const configured = await configuration(this, flags, scanner);
  const { permissions: policyFor } = await import("../../engine/permissions.ts");
  const policy = policyFor(await load(), {
    deep: flags.deep ?? configured?.deep ?? [],
    ...(configured === undefined ? {} : { config: configured.config }),
  });
  if (flags.json === true) {
    await this.out.line(jsonLine({ scanner, media_type: policy.mediaType, how_to: policy.howTo, policy: policy.text }));
    return;
  }
  await this.out.line(policy.text.trimEnd());
  this.note(policy.howTo);
}

async function configuration(context: Context, flags: GlobalFlags, scanner: string) {
  if (configFile(flags, context) === undefined) return undefined;
  const config = await loadConfig(flags, context);
  if (!config.sources.some((source) => source.scanner === scanner)) return undefined;
  const { resolveSources } = await import("../../config/sources.ts");
  return (await resolveSources(config, context.scanners, [scanner], context))[0];
}
