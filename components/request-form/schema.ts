import { z } from "zod";
import { serviceOf } from "#lib/desired/services/catalogue.ts";
import { accessLevels } from "#lib/model/grant.ts";
import { submissionSchema } from "#lib/model/submission.ts";
import { namespaceSchema, serviceAccountSchema } from "#lib/model/workload.ts";
import { customValuesSchema, judgeCustom } from "./custom/custom-values.ts";
import type { FormOptions } from "./types.ts";
import { accountOf, clusterOf, expiryOf, type FormValues, prefixOf, resolveTarget } from "./values.ts";

export const maxTargets = 10;

/** What can be said of the form without asking the server; the use case judges it again, and everything else. */
export function formSchema(options: FormOptions) {
  const target = z
    .object({
      text: z.string().trim(),
      accountId: z.string(),
      level: z.enum(accessLevels),
      custom: customValuesSchema,
      subResource: z.string().max(512, "At most 512 characters."),
      until: z.string(),
      untilDate: z.string(),
      untilAsked: z.string(),
      pattern: z.string(),
    })
    .superRefine((value, context) => {
      const problem = (path: string, message: string) =>
        context.addIssue({ code: "custom", path: [path], message });
      const resolved = resolveTarget(value.text, options);
      if (value.text === "") problem("text", "Choose a resource or paste its ARN.");
      else if (resolved.arn === null)
        problem(
          "text",
          `“${value.text.slice(0, 80)}” is not an ARN. Choose from the list, or paste the whole ARN.`,
        );
      else if (accountOf(value, resolved) === null)
        problem("accountId", "This ARN does not say who owns it. Choose the account.");
      const service = value.level === "custom" && serviceOf(resolved.service?.id ?? "");
      const [wrong] = service ? judgeCustom(value.custom, service, prefixOf(value)).problems : [];
      if (wrong) problem("custom", `${wrong.reason} ${wrong.nextStep}`);
      if (expiryOf(value, Date.now()) === undefined) problem("untilDate", "Choose the last day.");
    });
  return z.object({
    cluster: z
      .string()
      .min(1, "Choose the cluster that the workload runs on.")
      .refine((key) => key === "" || clusterOf(key, options) !== undefined, "Choose a cluster of the list."),
    namespace: z.string().min(1, "Name the namespace.").pipe(namespaceSchema),
    serviceAccount: z
      .string()
      .min(1, "Name the service account that the pods run as.")
      .pipe(serviceAccountSchema),
    grants: z.array(target).min(1).max(maxTargets),
    reason: submissionSchema.shape.reason,
  }) satisfies z.ZodType<FormValues>;
}
