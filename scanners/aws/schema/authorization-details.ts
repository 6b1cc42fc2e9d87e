import { fields, optionalList } from "./fields.ts";
import { iamNext, readItems } from "./page.ts";
import type { ReadPage } from "./page.ts";
import { groupDetail, policyDetail, roleDetail, userDetail } from "./principals.ts";
import type { GroupDetail, PolicyDetail, RoleDetail, UserDetail } from "./principals.ts";

export type Detail =
  | { readonly type: "user"; readonly user: UserDetail }
  | { readonly type: "role"; readonly role: RoleDetail }
  | { readonly type: "group"; readonly group: GroupDetail }
  | { readonly type: "policy"; readonly policy: PolicyDetail };

/** One page of the bulk call: four lists, of which any may be missing. That there is an end marker is what makes it one. */
export function detailPage(operation: string, answer: unknown): ReadPage<Detail> {
  const body = fields(answer, "the answer");
  const next = iamNext(operation, body);
  const lists = [
    readItems(optionalList(body, "GroupDetailList"), (raw): Detail => ({ type: "group", group: groupDetail(raw) })),
    readItems(optionalList(body, "Policies"), (raw): Detail => ({ type: "policy", policy: policyDetail(raw) })),
    readItems(optionalList(body, "UserDetailList"), (raw): Detail => ({ type: "user", user: userDetail(raw) })),
    readItems(optionalList(body, "RoleDetailList"), (raw): Detail => ({ type: "role", role: roleDetail(raw) })),
  ];
  return { items: lists.flatMap((list) => list.items), malformed: lists.flatMap((list) => list.malformed), next };
}

export function detailId(detail: Detail): string {
  switch (detail.type) {
    case "user":
      return detail.user.id;
    case "role":
      return detail.role.id;
    case "group":
      return detail.group.id;
    case "policy":
    default:
      return detail.policy.id;
  }
}
