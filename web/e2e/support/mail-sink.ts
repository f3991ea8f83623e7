import { once } from "node:events";
import { type AddressInfo, createServer, type Server as Listener, type Socket } from "node:net";

/** A mail server outside that takes everything and keeps it, so that a test can look at what has left; unless it is told to refuse. */
export class MailSink {
  readonly messages: string[] = [];
  /** What every recipient is refused with, such as "451 4.7.1 come back later"; while undefined all are taken. */
  refusal: string | undefined;
  private constructor(private readonly listener: Listener) {}

  static async start(): Promise<MailSink> {
    const listener = createServer();
    const sink = new MailSink(listener);
    listener.on("connection", (socket) => sink.serve(socket));
    listener.listen(0, "127.0.0.1");
    await once(listener, "listening");
    return sink;
  }

  get port(): number {
    return (this.listener.address() as AddressInfo).port;
  }

  stop(): void {
    this.listener.close();
  }

  private serve(socket: Socket): void {
    let waiting = "";
    let message: string[] | undefined;
    const say = (line: string) => socket.write(`${line}\r\n`);
    say("220 sink.test");
    socket.setEncoding("utf8");
    socket.on("error", () => {});
    socket.on("data", (text: string) => {
      waiting += text;
      for (let end = waiting.indexOf("\r\n"); end >= 0; end = waiting.indexOf("\r\n")) {
        const line = waiting.slice(0, end);
        waiting = waiting.slice(end + 2);
        if (message !== undefined) {
          if (line === ".") {
            this.messages.push(message.join("\r\n"));
            message = undefined;
            say("250 taken");
          } else {
            message.push(line.startsWith(".") ? line.slice(1) : line);
          }
          continue;
        }
        const verb = line.slice(0, 4).toUpperCase();
        if (verb === "EHLO") say("250-sink.test\r\n250-8BITMIME\r\n250 SMTPUTF8");
        else if (verb === "RCPT" && this.refusal !== undefined) say(this.refusal);
        else if (verb === "DATA") {
          message = [];
          say("354 go on");
        } else if (verb === "QUIT") {
          say("221 bye");
          socket.end();
        } else say("250 ok");
      }
    });
  }
}
