/** The least of RFC 5321 that takes a mail, with AUTH PLAIN (RFC 4954), and a way to refuse. */
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import type { Scope } from "./relay.ts";

export interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  /** Headers and body, without the dots of the transfer. */
  readonly text: string;
  /** User and password, where they were shown. */
  readonly login: readonly [string, string] | null;
}

export interface SmtpServer {
  readonly port: number;
  readonly mails: readonly Mail[];
  /** Verbs that clients have said. */
  readonly said: readonly string[];
  /** Resolves when so many came, those from before included. */
  came(count: number): Promise<void>;
}

export interface SmtpOptions {
  /** Answered to every RCPT TO, such as `550 no`. */
  readonly refuse?: string;
  /** Takes the connection and says nothing. */
  readonly mute?: boolean;
}

export async function startSmtpServer(scope: Scope, options: SmtpOptions = {}): Promise<SmtpServer> {
  const mails: Mail[] = [];
  const said: string[] = [];
  const sockets = new Set<Socket>();
  const watchers = new Set<() => void>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
    if (options.mute) return;
    converse(socket, options, said, (mail) => {
      mails.push(mail);
      for (const look of watchers) look();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  scope.after(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((closed) => server.close(closed));
  });
  const address = server.address();
  return {
    port: typeof address === "object" ? (address?.port ?? 0) : 0,
    mails,
    said,
    came: (count) =>
      new Promise((resolve) => {
        const look = () => {
          if (mails.length < count) return;
          watchers.delete(look);
          resolve();
        };
        watchers.add(look);
        look();
      }),
  };
}

function converse(socket: Socket, { refuse }: SmtpOptions, said: string[], take: (mail: Mail) => void): void {
  let [from, to, login, data]: [string, string[], Mail["login"], string[] | null] = ["", [], null, null];
  let rest = "";
  const answer = (line: string) => socket.write(`${line}\r\n`);

  function hear(line: string): void {
    if (data !== null) {
      if (line !== ".") {
        data.push(line.replace(/^\./, ""));
        return;
      }
      take({ from, to, text: data.join("\n"), login });
      [to, data] = [[], null];
      answer("250 taken");
      return;
    }
    const verb = line.split(/[ :]/)[0]?.toUpperCase() ?? "";
    said.push(verb);
    const address = /<([^>]*)>/.exec(line)?.[1] ?? "";
    switch (verb) {
      case "EHLO":
        return void answer("250-test\r\n250 AUTH PLAIN");
      case "AUTH": {
        const [, user = "", password = ""] = Buffer.from(line.split(" ")[2] ?? "", "base64")
          .toString()
          .split("\0");
        login = [user, password];
        return void answer("235 welcome");
      }
      case "MAIL":
        from = address;
        return void answer("250 ok");
      case "RCPT":
        to.push(address);
        return void answer(refuse ?? "250 ok");
      case "DATA":
        data = [];
        return void answer("354 go on");
      case "QUIT":
        return void socket.end("221 bye\r\n");
      default:
        return void answer("502 unknown");
    }
  }

  answer("220 test");
  socket.on("data", (chunk) => {
    const lines = (rest + chunk.toString()).split("\r\n");
    rest = lines.pop() ?? "";
    for (const line of lines) hear(line);
  });
}
