import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const repository = fileURLToPath(new URL("../../../", import.meta.url));

/** A whole Yanshu on a free port of this machine, with its data in a folder of its own that goes with it. */
export class Server {
  private constructor(
    private readonly program: ChildProcess,
    private readonly data: string,
    /** Where it answers, such as http://127.0.0.1:34567. */
    readonly url: string,
    /** The one-time link that it printed. */
    readonly setUpLink: string,
    private readonly lines: string[],
    /** Where mail programs and other mail servers reach it, on 127.0.0.1. */
    readonly mail: MailPorts,
  ) {}

  /** `settings` are keys of the configuration, as their variables. */
  static async start(settings: Record<string, string> = {}): Promise<Server> {
    const binary = programPath();
    const [smtp, submission, imap, imaps] = await freePorts();
    const mail = { smtp, submission, imap, imaps };
    const data = mkdtempSync(join(tmpdir(), "yanshu-e2e-"));
    const program = spawn(binary, ["serve", "--data", data], {
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        ...process.env,
        YANSHU_LISTEN__HTTP: "127.0.0.1:0",
        YANSHU_LISTEN__HTTPS: "",
        YANSHU_LISTEN__SMTP: `127.0.0.1:${smtp}`,
        YANSHU_LISTEN__SUBMISSION: `127.0.0.1:${submission}`,
        YANSHU_LISTEN__SUBMISSIONS: "",
        YANSHU_LISTEN__IMAP: `127.0.0.1:${imap}`,
        YANSHU_LISTEN__IMAPS: `127.0.0.1:${imaps}`,
        YANSHU_LISTEN__POP3: "",
        YANSHU_LISTEN__POP3S: "",
        // No name server is asked about senders, and nobody is in between who could read a password.
        YANSHU_SMTP__CHECKS: "false",
        YANSHU_SMTP__PLAIN_AUTH_FROM_LOOPBACK: "true",
        ...settings,
      },
    });
    // A run that is broken off leaves no server behind.
    process.once("exit", () => program.kill("SIGKILL"));
    const lines: string[] = [];
    const ready = new Promise<string>((found, failed) => {
      for (const stream of [program.stdout, program.stderr]) {
        createInterface({ input: stream }).on("line", (line) => {
          lines.push(line);
          const link = /https?:\/\/\S+\/setup\?token=\S+/.exec(line);
          if (link) found(link[0]);
        });
      }
      program.once("error", failed);
      program.once("exit", (code) => failed(new Error(`yanshu ended with ${code}:\n${lines.join("\n")}`)));
    });
    try {
      const link = await within(30_000, ready, () => `yanshu printed no set-up link:\n${lines.join("\n")}`);
      return new Server(program, data, new URL(link).origin, link, lines, mail);
    } catch (cause) {
      program.kill("SIGKILL");
      rmSync(data, { recursive: true, force: true });
      throw cause;
    }
  }

  /** What an operator types on the same machine; answers what is printed. */
  command(...words: string[]): string {
    return execFileSync(programPath(), [...words, "--data", this.data], { encoding: "utf8" });
  }

  /** What it has written so far, for the report of a failed test. */
  get log(): string {
    return this.lines.join("\n");
  }

  async stop(): Promise<void> {
    const ended = new Promise<void>((done) => this.program.once("exit", () => done()));
    if (this.program.exitCode === null) {
      this.program.kill("SIGTERM");
      await within(30_000, ended, () => `yanshu did not stop:\n${this.log}`).catch(() => this.program.kill("SIGKILL"));
    }
    rmSync(this.data, { recursive: true, force: true });
  }
}

export interface MailPorts {
  smtp: number;
  submission: number;
  imap: number;
  imaps: number;
}

/** Ports that are free at this moment; all are held until the last is found, so that they differ. */
async function freePorts(): Promise<[number, number, number, number]> {
  const held = [0, 0, 0, 0].map(() => createServer().listen(0, "127.0.0.1"));
  const ports = await Promise.all(
    held.map(async (listener) => {
      if (!listener.listening) await once(listener, "listening");
      return (listener.address() as AddressInfo).port;
    }),
  );
  await Promise.all(held.map((listener) => new Promise((closed) => listener.close(closed))));
  return ports as [number, number, number, number];
}

function programPath(): string {
  const named = process.env.YANSHU_BIN;
  if (named) return resolve(named);
  const target = process.env.CARGO_TARGET_DIR ?? join(repository, "target");
  const built = ["release", "debug"].map((profile) => join(target, profile, "yanshu")).find(existsSync);
  if (built === undefined) {
    throw new Error('no yanshu to test: build it with "cargo build -p server", or name it with YANSHU_BIN');
  }
  return built;
}

async function within<T>(milliseconds: number, wanted: Promise<T>, otherwise: () => string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, failed) => {
    timer = setTimeout(() => failed(new Error(otherwise())), milliseconds);
  });
  try {
    return await Promise.race([wanted, late]);
  } finally {
    clearTimeout(timer);
  }
}
