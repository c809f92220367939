import { type PolicyDocument, type Statement, statementsOf } from "#lib/model/policy-document.ts";
import { sameDocument } from "./canonical.ts";

/** What has lately been made of one grant's statements in a policy. */
export interface Written {
  /** Of their Sids. */
  sidPrefix: string;
  /** One of them is what was written last: several where it is not known which call had its effect. None: taken out. */
  forms: Statement[][];
}

/** Whether the document is as young as that: it shows one of the forms. */
export function shows(document: PolicyDocument | undefined, { sidPrefix, forms }: Written): boolean {
  const statements = document ? statementsOf(document) : [];
  const found = { Statement: statements.filter(({ Sid }) => Sid?.startsWith(sidPrefix)) };
  return forms.some((form) => sameDocument(found, { Statement: form }, { statementOrder: "ignored" }));
}
