import { fields, optionalList, optionalText, tags, text, texts } from "./fields.ts";
import type { ReadPage } from "./page.ts";
import { tokenPage } from "./page.ts";

export interface ListedAccount {
  readonly id: string;
  readonly arn: string;
  readonly name: string | undefined;
  readonly email: string | undefined;
  /** `ACTIVE`, `SUSPENDED`, `PENDING_CLOSURE`, `CLOSED`, …: the `State` of today, or the `Status` of before. */
  readonly state: string;
  /** `o-…/r-…/ou-…/…/111122223333/` */
  readonly path: string | undefined;
}

export function accountPage(answer: unknown): ReadPage<ListedAccount> {
  return tokenPage(answer, "Accounts", "NextToken", listedAccount);
}

function listedAccount(raw: unknown): ListedAccount {
  const item = fields(raw, "an account");
  return {
    id: text(item, "Id"),
    arn: text(item, "Arn"),
    name: optionalText(item, "Name"),
    email: optionalText(item, "Email"),
    state: optionalText(item, "State") ?? text(item, "Status"),
    path: optionalList(item, "Paths").length === 0 ? undefined : texts(item, "Paths")[0],
  };
}

export interface TagPage {
  readonly tags: Readonly<Record<string, string>>;
  readonly next: string | null;
}

export function resourceTags(answer: unknown): TagPage {
  const body = fields(answer, "the answer");
  return { tags: tags(body), next: optionalText(body, "NextToken") ?? null };
}
