/** A certificate for one test run: self-signed, two days long, for loopback and localhost. */
import { execFileSync } from "node:child_process";
import { createHash, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { findTestTools } from "../../scripts/setup-system.mjs";

export interface ThrowawayCertificate {
  readonly certificateFile: string;
  readonly keyFile: string;
  /** PEM: also the CA to trust, since it signed itself. */
  readonly pem: string;
  /**
   * Base64 SHA-256 of its public key, as Chromium's --ignore-certificate-errors-spki-list takes it. Firefox takes the
   * certificate with `acceptInsecureCerts`, under the name localhost only.
   */
  readonly spki: string;
}

/** Writes cert.pem and key.pem into `folder`. */
export function throwawayCertificate(folder: string): ThrowawayCertificate {
  const { openssl } = findTestTools();
  if (openssl === null) throw new Error("openssl is missing; npm test brings it");
  const certificateFile = join(folder, "cert.pem");
  const keyFile = join(folder, "key.pem");
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc", "-keyout", keyFile];
  const names = "subjectAltName=IP:127.0.0.1,IP:::1,DNS:localhost";
  const subject = ["-subj", "/CN=quietroom.test", "-addext", names, "-days", "2"];
  execFileSync(openssl, ["req", "-x509", ...key, ...subject, "-out", certificateFile], { stdio: "pipe" });
  const pem = readFileSync(certificateFile, "utf8");
  const publicKey = new X509Certificate(pem).publicKey.export({ type: "spki", format: "der" });
  return { certificateFile, keyFile, pem, spki: createHash("sha256").update(publicKey).digest("base64") };
}
