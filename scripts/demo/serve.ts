/** What can be done with an estate that stays up. */
export function servePage(estate: string, control: string, config: string): string {
  return `The estate stays up on ${estate}, and ${control} changes it. From another terminal:

  npx rollcall scan --config ${config}                    scan again: without a change, no version is written
  curl ${control}                                what can be changed and broken
  curl -X POST ${control}/change/delete-user     somebody leaves; scan twice, then ask rollcall why
  curl -X POST -d '{"id":"H25"}' ${control}/fault         break something; the next scan says what it could not see
  curl -X POST ${control}/clear                  whole again

Ctrl-C closes it.`;
}

/** Resolves at the first signal that asks the process to end. */
export function untilStopped(process: NodeJS.Process): Promise<void> {
  return new Promise((resolve) => {
    // The signal handlers alone do not keep a process alive; the emulator's server does.
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => resolve());
  });
}
