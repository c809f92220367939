import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { SandboxState } from "./state.ts";

/** Writes at most so often; a crash loses no more than this. */
const debounceMs = 250;

/** Keeps the state in a file. Each write goes to a new file that then takes the old one's place. */
export class StateFile {
  readonly #path: string;
  #timer: NodeJS.Timeout | undefined;
  #latest: SandboxState | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(path: string) {
    this.#path = path;
  }

  /** What was kept, or undefined at the first start. @throws when the file is there but is not JSON */
  async read(): Promise<SandboxState | undefined> {
    try {
      // Written by this class alone; a file of another shape fails at first use.
      return JSON.parse(await readFile(this.#path, "utf8")) as SandboxState;
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
      throw error;
    }
  }

  save(state: SandboxState): void {
    this.#latest = state;
    this.#timer ??= setTimeout(() => void this.flush(), debounceMs);
  }

  /** Writes now what is waiting. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const state = this.#latest;
    this.#latest = undefined;
    if (state) this.#writing = this.#writing.then(() => this.#write(state));
    return this.#writing;
  }

  async #write(state: SandboxState): Promise<void> {
    await mkdir(dirname(this.#path), { recursive: true });
    const temporary = `${this.#path}.${process.pid}.tmp`;
    // Holds private keys and secrets of the sandbox, though they open nothing else.
    await writeFile(temporary, JSON.stringify(state), { mode: 0o600 });
    await rename(temporary, this.#path);
  }
}
