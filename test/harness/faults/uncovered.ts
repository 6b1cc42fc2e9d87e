/** Rows of the catalogue that no AWS client can meet, each with the reason. */
export const UNCOVERED: Readonly<Record<string, string>> = {
  H05: "a secondary rate limit and GraphQL's RATE_LIMITED are GitHub's",
  H06: "an inner status in a batch is Microsoft Graph's",
  H30: "410 Gone in the middle of a list is Kubernetes'",
};

/** Every row of the catalogue that is about HTTP and may concern AWS. */
export const CATALOGUE: readonly string[] = Array.from(
  { length: 49 },
  (_, index) => `H${String(index + 1).padStart(2, "0")}`,
);
