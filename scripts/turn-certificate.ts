/** Looks at the certificate that turnserver.conf will name, where this machine can see it. */
import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { isIP } from "node:net";
import { describeProblem, type TurnServerSettings } from "../turn/settings.ts";

export interface CertificateVerdict {
  /** Mistakes that would leave browsers without TLS, as text. */
  readonly problems: readonly string[];
  /** What the operator should know, without being wrong. */
  readonly notes: readonly string[];
}

type Files = Pick<TurnServerSettings, "certificateFile" | "keyFile">;

/**
 * @param host the DNS name or IPv4 address that browsers will check the certificate against
 * @param now milliseconds since 1970
 */
export function judgeCertificate(files: Files, host: string, now: number): CertificateVerdict {
  const notes: string[] = [];
  const certificate = readPem(files.certificateFile, notes);
  const key = readPem(files.keyFile, notes);
  if (key !== null && (statSync(files.keyFile).mode & 0o007) !== 0)
    notes.push(`Everybody on this machine may read ${files.keyFile}: chmod o= that file.`);
  const problems: string[] = [];
  const refuse = (variable: string, reason: string, fix: string) =>
    problems.push(describeProblem({ variable, reason, fix }));

  const parsed = certificate === null ? null : parse(() => new X509Certificate(certificate));
  const privateKey = key === null ? null : parse(() => createPrivateKey(key));
  if (parsed === "unreadable")
    refuse("TURN_TLS_CERT", "names a file that holds no PEM certificate", "Name the fullchain.pem.");
  if (privateKey === "unreadable")
    refuse(
      "TURN_TLS_KEY",
      "names a file that holds no PEM private key without a password",
      "Name the privkey.pem.",
    );
  if (parsed instanceof X509Certificate) {
    if (parsed.validToDate.getTime() <= now)
      refuse("TURN_TLS_CERT", "names a certificate that has expired", "Renew it.");
    if ((isIP(host) === 0 ? parsed.checkHost(host) : parsed.checkIP(host)) === undefined)
      refuse(
        "TURN_TLS_CERT",
        `names a certificate that is not for ${host}`,
        "Get one for the name that browsers use (TURN_HOST, or else TURN_REALM).",
      );
    if (privateKey !== null && privateKey !== "unreadable" && !parsed.checkPrivateKey(privateKey))
      refuse("TURN_TLS_KEY", "names a key that is not the certificate's", "Name the two of one pair.");
  }
  return { problems, notes };
}

function readPem(file: string, notes: string[]): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch {
    notes.push(`${file} cannot be read here, so it was not checked. It has to be on the TURN box.`);
    return null;
  }
}

function parse<T>(read: () => T): T | "unreadable" {
  try {
    return read();
  } catch {
    return "unreadable";
  }
}
