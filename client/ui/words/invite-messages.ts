/**
 * What she sends: two messages that each say nothing by themselves. Mails and their subjects are read by providers, by
 * whoever shares the mailbox and on locked screens: no name of either person, no note, no word of health or of therapy,
 * no time.
 */
import { groupPasscode } from "../passcode.ts";

export interface OutgoingMessage {
  readonly subject: string;
  readonly text: string;
}

export function linkMessage(link: string, asks: boolean): OutgoingMessage {
  const passcode = asks
    ? "\n\nIt asks for a passcode. That comes in a separate message, in another way."
    : "";
  return {
    subject: "Link for our video session",
    text: `Hello,\n\nthis is the private link for our video session:\n\n${link}\n\nOpen it in the browser of your phone or computer; there is nothing to install. Please do not pass it on, it is for you alone.${passcode}`,
  };
}

export function passcodeMessage(passcode: string): OutgoingMessage {
  return {
    subject: "For our video session",
    text: `Hello,\n\nthe passcode for our video session is:\n\n${groupPasscode(passcode)}\n\nYou need it when you open the link that you got separately. Please do not pass it on.`,
  };
}

/** RFC 6068: line breaks are %0D%0A. The recipient is for her own mail program to fill in. */
export function mailto({ subject, text }: OutgoingMessage): string {
  return `mailto:?subject=${encodeURIComponent(subject)}&body=${encodeURIComponent(text.replaceAll("\n", "\r\n"))}`;
}

export const CALENDAR = {
  summary: "Video session",
  description:
    "Open the link that was sent to you in a separate message. The waiting room opens 15 minutes early.",
  file: "video-session.ics",
} as const;
