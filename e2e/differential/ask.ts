import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** Somebody else's program that answers each line of its input with one of its output. */
export interface Respondent<Question, Answer> {
  /** Answers in the order of the questions. */
  ask(question: Question): Promise<Answer>;
  stop(): void;
}

/**
 * Starts the program; questions and answers are JSON.
 * @throws to whoever waits for an answer, when it ends before it has given all
 */
export function startRespondent<Question, Answer>(
  command: string,
  args: string[],
): Respondent<Question, Answer> {
  const program = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
  const waiting: PromiseWithResolvers<Answer>[] = [];
  let over: Error | null = null;
  const end = (why: Error) => {
    over ??= why;
    for (const one of waiting.splice(0)) one.reject(over);
  };
  program.on("error", end);
  program.on("exit", (code) => end(new Error(`${command} ended with ${code}`)));
  // A write after its end is told by the above.
  program.stdin.on("error", () => {});
  createInterface({ input: program.stdout }).on("line", (line) => waiting.shift()?.resolve(JSON.parse(line)));
  return {
    ask(question) {
      if (over !== null) return Promise.reject(over);
      const answer = Promise.withResolvers<Answer>();
      waiting.push(answer);
      program.stdin.write(`${JSON.stringify(question)}\n`);
      return answer.promise;
    },
    stop: () => program.stdin.end(),
  };
}
