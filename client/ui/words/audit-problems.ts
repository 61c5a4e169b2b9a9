/** What goes wrong on the audit log's pages. */
import type { AuditProblem } from "../../state/audit-model.ts";
import type { Notice } from "../words.ts";
import { accountProblem, isAccountProblem } from "./account-problems.ts";

const PROBLEMS: Record<Exclude<AuditProblem, Parameters<typeof accountProblem>[0]>, Omit<Notice, "code">> = {
  "SESSION-UNKNOWN": {
    happened: "The log has no such session.",
    means: "Nothing was saved.",
    todo: "Go back to the events and open the session from there.",
  },
  "ALERT-UNKNOWN": {
    happened: "This alert is not there any more.",
    means: "Somebody may have taken note of it meanwhile.",
    todo: "Look at the list again. It shows how things are now.",
  },
  "FINGERPRINT-CHANGED": {
    happened: "Their numbers are others by now.",
    means: "Nothing was handed over. They may have asked again, or somebody is in between.",
    todo: "Compare the new numbers with them, on the phone, before you try again.",
  },
  "CHECK-INTERRUPTED": {
    happened: "The check was cut off before its end.",
    means: "The server or your connection stopped sending. Nothing was proved, and nothing found.",
    todo: "Check your connection, then start the check again.",
  },
  "CHECK-UNREADABLE": {
    happened: "What the server sent is no copy of a log.",
    means: "Nothing could be checked. The server may be of another release, or hide its log.",
    todo: "Try again. If it stays so, tell whoever runs your server, and keep the copies that you have.",
  },
  "CHECK-UNSUPPORTED": {
    happened: "This browser cannot run the check.",
    means: "It could not start the part of the page that does it.",
    todo: "Reload the page, or use an up-to-date Chrome, Edge, Firefox or Safari.",
  },
  "EXPORT-DAMAGED": {
    happened: "The server’s copy of the log was not complete.",
    means: "No file was saved.",
    todo: "Try again. If it stays so, check the log on this page and tell whoever runs your server.",
  },
};

export function auditProblem(code: AuditProblem): Notice {
  return isAccountProblem(code) ? accountProblem(code) : { ...PROBLEMS[code], code };
}
