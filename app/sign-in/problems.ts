/** Why signing in did not work, and what to do. */
export type SignInProblem = { title: string; nextStep: string };

const problems: Record<string, SignInProblem> = {
  "rate-limit": {
    title: "Too many attempts in a short time",
    nextStep: "Wait a minute and try again.",
  },
  origin: {
    title: "The sign-in did not come from this page",
    nextStep: "Open Drawbridge at its own address and try again.",
  },
  CredentialsSignin: {
    title: "This person is not in the database",
    nextStep: "Seed the demo's organisation first: npm run demo does it.",
  },
  AccessDenied: {
    title: "The identity provider did not let you in",
    nextStep: "Ask whoever runs it to give you access to Drawbridge.",
  },
  OAuthCallbackError: {
    title: "The sign-in was not completed",
    nextStep: "It was cancelled or refused at the identity provider. Try again, and agree to what it asks.",
  },
  Configuration: {
    title: "The identity provider could not be used",
    nextStep: "Try again; if it stays so, tell whoever runs Drawbridge to check its settings and log.",
  },
};

const unknown: SignInProblem = {
  title: "Signing in did not work",
  nextStep: "Try again; if it stays so, tell whoever runs Drawbridge to look at its log.",
};

/** @param error what next-auth or our actions put into the address */
export function signInProblem(error: string | string[] | undefined): SignInProblem | null {
  if (typeof error !== "string") return null;
  return Object.hasOwn(problems, error) ? (problems[error] ?? unknown) : unknown;
}
