import { type FindingEntry, guide } from "../entry.ts";

const checks = guide("access-analyzer-reference-policy-checks.html");
const customChecks = guide("access-analyzer-custom-policy-checks.html");

/**
 * What IAM Access Analyzer answers when preflight asks it (lib/aws/preflight/access-analyzer.ts). It has over a hundred
 * rules, which AWS adds to: a row is a grade, and the finding itself has the rule's name and AWS's words.
 */
export const accessAnalyzer = {
  "access-analyzer.error": {
    severity: "error",
    group: "preflight",
    title: "Access Analyzer finds an error in a policy",
    why: "AWS itself says that a part of the policy does not work.",
    mend: "Follow AWS's advice for the rule, then submit again.",
    reference: checks,
  },
  "access-analyzer.security-warning": {
    severity: "security-warning",
    group: "preflight",
    title: "Access Analyzer finds a policy wider than it should be",
    why: "AWS itself counts this as a risk.",
    mend: "Follow AWS's advice for the rule, or approve it knowingly.",
    reference: checks,
  },
  "access-analyzer.warning": {
    severity: "warning",
    group: "preflight",
    title: "Access Analyzer finds something that is probably not meant",
    why: "The policy is not as AWS advises, which may make it do something else than it seems to.",
    mend: "Follow AWS's advice for the rule.",
    reference: checks,
  },
  "access-analyzer.suggestion": {
    severity: "suggestion",
    group: "preflight",
    title: "Access Analyzer suggests another wording",
    why: "Another wording is clearer or shorter. It changes no access.",
    mend: "Nothing has to be done.",
    reference: checks,
  },
  "access-analyzer.foreign": {
    severity: "suggestion",
    group: "preflight",
    title: "Access Analyzer finds something in statements of others",
    why: "They are in the policy already and stay as they are. Only the rules are named.",
    mend: "The resource's owner can have the policy checked in the IAM console.",
    reference: checks,
  },
  "access-analyzer.new-access": {
    severity: "suggestion",
    group: "preflight",
    title: "Access Analyzer confirms that a change gives new access",
    why: "A grant is there to give access. AWS's comparison of the policy before and after says so too.",
    mend: "Nothing to do.",
    reference: customChecks,
  },
  "access-analyzer.no-new-access": {
    severity: "suggestion",
    group: "preflight",
    title: "Access Analyzer sees no new access in a change",
    why: "Other statements allow the same already, and go on doing so when the grant is revoked.",
    mend: "Find out which statement gives the access already.",
    reference: customChecks,
  },
  "access-analyzer.unavailable": {
    severity: "suggestion",
    group: "preflight",
    title: "Access Analyzer could not be asked",
    why: "Its answers stand beside Drawbridge's own checks, which do not need it. So nothing waits for it.",
    mend: "Deploy the onboarding template again when the provisioner role may not ask it.",
    reference: guide("access-analyzer-policy-validation.html"),
  },
} satisfies Record<string, FindingEntry>;
