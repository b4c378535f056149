import type { DomainError } from "@crossread/contracts/errors";

/** "refuse" (default) stops at the first problem; "report" leaves the file or row out and lists why. */
export type ProblemPolicy = "refuse" | "report";

export interface ImportProblem {
  readonly code: string;
  readonly message: string;
}

export class ImportProblems {
  readonly listed: ImportProblem[] = [];
  private readonly policy: ProblemPolicy;

  constructor(policy: ProblemPolicy) {
    this.policy = policy;
  }

  add(problem: DomainError): void {
    if (this.policy === "refuse") throw problem;
    this.listed.push({ code: problem.code, message: problem.message });
  }
}
