/** What is said of the record that a page keeps: when the log is not to be believed, and when nothing can be kept. */
import type { AlarmCode, TrailStorage } from "../../audit/types.ts";
import type { Notice } from "../words.ts";

const HAPPENED: Record<AlarmCode, string> = {
  "LOG-FORKED": "The server showed the two of you different records of what happened here.",
  "LOG-SHRUNK": "The server’s record is shorter than it was. Something that was written down is gone.",
  "LOG-REWRITTEN": "The server’s record is not the one that it was. Something in it was changed.",
  "LOG-KEY": "The server’s record carries another signature than the one that is known.",
  "LOG-WITHHELD": "The server does not prove that its record is still the same.",
  "AUDIT-KEY-CHANGED": "The server names another key for the record than the one that is known.",
};

/** The words of the session are safe in any case: none of this can open it. */
export function alarmForStaff(code: AlarmCode): Notice {
  return {
    happened: HAPPENED[code],
    means:
      "The record of who met when can no longer be relied on. Your sessions themselves stay private. This was written down, with both versions.",
    todo: "Tell your auditor and whoever runs your server now, and show them this message.",
    code,
  };
}

export function alarmForPatient(code: AlarmCode, therapist: string): Notice {
  return {
    happened: HAPPENED[code],
    means:
      "Somebody may have changed the record of who was here and when. What you say and show stays private between the two of you.",
    todo: `Tell ${therapist === "" ? "your therapist" : therapist} that you see this message.`,
    code,
  };
}

/** Null where all is well. */
export function storageForStaff(storage: TrailStorage): Notice | null {
  switch (storage) {
    case "device":
      return null;
    case "memory":
      return {
        happened: "This browser keeps nothing on this device.",
        means:
          "What goes on record waits in this page alone until the server has it. Everything else works as usual.",
        todo: "Leave the page open for a moment after a session. A normal window, or more room on the disk, helps.",
        code: "LOG-MEMORY",
      };
    case "none":
      return {
        happened: "This browser cannot sign what happens here.",
        means: "Nothing that you do on this device goes on record. Everything else works as usual.",
        todo: "Use an up-to-date Chrome, Edge, Firefox or Safari.",
        code: "LOG-UNSIGNED",
      };
  }
}

export function storageForPatient(storage: TrailStorage): Notice | null {
  switch (storage) {
    case "device":
      return null;
    case "memory":
      return {
        happened: "This browser keeps nothing on this device.",
        means:
          "Your session works as usual. The record that you were here waits in this page until it is sent.",
        todo: "When the session is over, leave this page open for a moment.",
        code: "LOG-MEMORY",
      };
    case "none":
      return {
        happened: "This browser cannot sign the record that you were here.",
        means: "Your session works as usual, and is just as private. The other side keeps its own record.",
        todo: "There is nothing that you need to do.",
        code: "LOG-UNSIGNED",
      };
  }
}

export function refusedForStaff(refused: number): Notice {
  return {
    happened:
      refused === 1
        ? "The server did not take one note for the record."
        : `The server did not take ${refused} notes for the record.`,
    means: "They stay on this device, and nothing of them is lost.",
    todo: "Tell whoever runs your server, with the code.",
    code: "LOG-REFUSED",
  };
}

/** After "Forget everything": what could not be sent before. */
export function unsent(pending: number): Notice {
  return {
    happened:
      pending === 1
        ? "One note for the record could not be sent yet."
        : `${pending} notes for the record could not be sent yet.`,
    means: "They say what happened and when, without your name. So they are still kept in this browser.",
    todo: "Open a link of this practice again when you are online, and they are sent and removed.",
    code: "LOG-UNSENT",
  };
}

export const TRAIL = {
  goOn: "I have reported it",
  views: "What was seen",
  mine: "Seen here before",
  theirs: "Seen now, or by the other person",
} as const;
