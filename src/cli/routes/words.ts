/** One argument, as the person wrote it. */
export function word<const Placeholder extends string>(placeholder: Placeholder, brief: string) {
  return { placeholder, brief, parse: (input: string): string => input };
}

export function optionalWord<const Placeholder extends string>(placeholder: Placeholder, brief: string) {
  return { placeholder, brief, parse: (input: string): string => input, optional: true } as const;
}
