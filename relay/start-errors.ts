/** What the machine refuses at the start, in the words of the setting that asked for it. */
import { LogContradiction } from "./audit/end.ts";
import { ConfigError } from "./config.ts";

/** @returns a ConfigError for what an operator can change, the error itself otherwise */
export function cannotListen(
  { port, host }: { readonly port: number; readonly host: string },
  error: unknown,
  portName = "PORT",
  hostName = "HOST",
): unknown {
  switch (systemCode(error)) {
    case "EADDRINUSE":
      return refusal(
        portName,
        `${port} is taken by another program`,
        `Stop that one, or set another ${portName}.`,
      );
    case "EACCES":
      return refusal(
        portName,
        `${port} is not open to this user`,
        "Use one above 1023, behind a reverse proxy.",
      );
    case "EADDRNOTAVAIL":
      return refusal(hostName, `${host} is no address of this machine`, "Use 127.0.0.1, or 0.0.0.0 for all.");
    default:
      return error;
  }
}

/** Runs `open`. @throws ConfigError when the folder is the reason that it fails */
export function cannotStore<T>(dataDir: string, open: () => T): T {
  try {
    return open();
  } catch (error) {
    const message = error instanceof Error ? error.message : "no reason given";
    const fix =
      "It must be a folder that the user running the relay can write to, with the database of this release or an older one.";
    throw refusal("DATA_DIR", `${dataDir} cannot be used: ${message}`, fix);
  }
}

/** @returns a ConfigError where the log cannot be gone on with, the error itself otherwise */
export function cannotOpenLog(dataDir: string, error: unknown): unknown {
  if (!(error instanceof LogContradiction)) return error;
  const fix =
    "Somebody or something changed it. Nothing was written. Keep the folder as it is for whoever looks into it, and restore the last backup.";
  return refusal("DATA_DIR", `${dataDir} holds an audit log that contradicts itself: ${error.message}`, fix);
}

function refusal(variable: string, reason: string, fix: string): ConfigError {
  return new ConfigError([{ variable, reason, fix }]);
}

function systemCode(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : null;
}
