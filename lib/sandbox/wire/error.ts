/**
 * An error that AWS would answer. `code` is the *wire* code (`EntityAlreadyExists`, not the SDK's
 * `EntityAlreadyExistsException`); the SDK maps it to the typed exception.
 */
export class AwsError extends Error {
  readonly code: string;
  readonly status: number;
  /** Further members of the error's shape, e.g. `clusterName` of EKS's ResourceInUseException. */
  readonly details: Record<string, string>;

  constructor(code: string, message: string, status = 400, details: Record<string, string> = {}) {
    super(message);
    this.name = "AwsError";
    this.code = code;
    this.status = status;
    this.details = details;
  }
}
