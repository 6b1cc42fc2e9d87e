/** Since when AWS keeps track of use (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html). */
const PASSWORDS_SINCE = Date.UTC(2014, 9, 20);
const KEYS_SINCE = Date.UTC(2015, 3, 22, 22, 33);

/** RoleLastUsed looks back this far (https://docs.aws.amazon.com/IAM/latest/APIReference/API_RoleLastUsed.html). */
export const ROLE_WINDOW = 400 * 86_400_000;

/** How far back a source looked: `null` where that is the subject's whole life. */
export function since(kind: "password" | "key" | "user", createdAt: number | undefined): number | null {
  const began = kind === "password" ? PASSWORDS_SINCE : KEYS_SINCE;
  return createdAt !== undefined && createdAt >= began ? null : began;
}
