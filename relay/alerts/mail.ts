/** Alerts as a mail in plain words. */
import { createTransport } from "nodemailer";
import type { AlertMessage, Receiver } from "./receiver.ts";
import type { MailSettings } from "./settings.ts";
import { WORDS } from "./words.ts";

/** @param timeoutMs of each step of the conversation with the server */
export function createMail(settings: MailSettings, timeoutMs: number): Receiver {
  const { host, port, security, login, from, to } = settings;
  const transport = createTransport({
    host,
    port,
    secure: security === "tls",
    // A mail server elsewhere that offers no TLS is not told anything, a password least of all.
    requireTLS: security === "starttls",
    tls: { minVersion: "TLSv1.2" },
    ...(login === null ? {} : { auth: { user: login.user, pass: login.password } }),
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    dnsTimeout: timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    name: "mail",
    async send(message, signal) {
      const { promise: gaveUp, reject } = Promise.withResolvers<never>();
      const onAbort = () => reject(signal.reason);
      signal.addEventListener("abort", onAbort);
      signal.throwIfAborted();
      try {
        await Promise.race([gaveUp, transport.sendMail({ from, to: [...to], ...mailOf(message) })]);
      } finally {
        signal.removeEventListener("abort", onAbort);
      }
    },
  };
}

function mailOf({ id, rule, raised, count, url }: AlertMessage) {
  const { title, happened, todo } = WORDS[rule];
  const when = new Date(raised).toISOString().replace(/T(..:..).*/, " $1 UTC");
  const text = [
    happened,
    `Since ${when}, ${count === 1 ? "once" : `${count} times`} so far.`,
    `What to do: ${todo}`,
    `Somebody has to take note of it, as an admin or auditor:\n${url}`,
    `Until then you get no further mail about this. It holds nothing about patients. Alert ${id}`,
  ].join("\n\n");
  return {
    subject: `Quietroom: ${title}`,
    text: `${text}\n`,
    // The same alert may be sent twice; so it is one mail for who sorts by it.
    headers: { "X-Quietroom-Alert": id, "Auto-Submitted": "auto-generated" },
  };
}
