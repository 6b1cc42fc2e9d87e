import * as module from "node:module";

let provided = false;

/**
 * Lets a user's file import `rollcall/sdk` wherever it lies: the name leads to the SDK of the program that runs,
 * unless the file's own `node_modules` has one.
 */
export function provideSdk(): void {
  if (provided) return;
  provided = true;
  const targets: Readonly<Record<string, string>> = {
    "rollcall/sdk": sdkAddress("rollcall/sdk"),
    "rollcall/sdk/testing": sdkAddress("rollcall/sdk/testing"),
  };
  if (typeof module.registerHooks === "function") {
    module.registerHooks({
      resolve(specifier, context, next) {
        const target = Object.hasOwn(targets, specifier) ? targets[specifier] : undefined;
        if (target === undefined) return next(specifier, context);
        try {
          return next(specifier, context);
        } catch {
          return { url: target, shortCircuit: true };
        }
      },
    });
    return;
  }
  // Node 22.14 has hooks on a thread of their own only.
  const source = `const targets = ${JSON.stringify(targets)};
export async function resolve(specifier, context, next) {
  try { return await next(specifier, context); }
  catch (error) { if (Object.hasOwn(targets, specifier)) return { url: targets[specifier], shortCircuit: true }; throw error; }
}`;
  module.register(`data:text/javascript,${encodeURIComponent(source)}`);
}

/** Resolved from this file, by the package's own name. */
function sdkAddress(name: string): string {
  return import.meta.resolve(name);
}
