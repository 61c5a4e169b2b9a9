/** What leaves the therapist's page: two messages and a calendar file, none of which says who, why or where. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { calendarFile, calendarUid } from "../../client/ui/staff/calendar-file.ts";
import { CALENDAR, linkMessage, mailto, passcodeMessage } from "../../client/ui/words/invite-messages.ts";

const LINK = `https://room.example.org/j#${"AQB5vZ0_-k".repeat(12)}`;
const START = Date.UTC(2026, 10, 24, 14, 30);
const entry = {
  uid: "5f0c0000-0000-4000-8000-000000000000",
  made: START - 3_600_000,
  start: START,
  end: START + 3_600_000,
  ...CALENDAR,
};

/** RFC 5545 §3.1, backwards. */
const unfolded = (file: string): string[] => file.replaceAll("\r\n ", "").split("\r\n");

test("a calendar file has one private event, its times in UTC", () => {
  const file = calendarFile(entry);
  assert.deepEqual(unfolded(file), [
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "PRODID:-//Quietroom//Quietroom//EN",
    "CALSCALE:GREGORIAN",
    "METHOD:PUBLISH",
    "BEGIN:VEVENT",
    "UID:5f0c0000-0000-4000-8000-000000000000",
    "DTSTAMP:20261124T133000Z",
    "DTSTART:20261124T143000Z",
    "DTEND:20261124T153000Z",
    "SUMMARY:Video session",
    "DESCRIPTION:Open the link that was sent to you in a separate message. The waiting room opens 15 minutes early.",
    "CLASS:PRIVATE",
    "TRANSP:OPAQUE",
    "END:VEVENT",
    "END:VCALENDAR",
    "",
  ]);
  assert.doesNotMatch(file, /https?:|#/, "no link");
});

test("lines end in CRLF alone and hold at most 75 octets, and no character is cut by a fold", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 300, size: "max" }), (description) => {
      const file = calendarFile({ ...entry, description });
      assert.ok(file.endsWith("\r\n"));
      for (const line of file.split("\r\n")) {
        assert.ok(Buffer.byteLength(line) <= 75, line);
        assert.doesNotMatch(line, /[\r\n]/);
        assert.ok(line.isWellFormed());
      }
      const escaped = unfolded(file).find((line) => line.startsWith("DESCRIPTION:")) ?? "";
      const back = escaped
        .slice("DESCRIPTION:".length)
        .replace(/\\(.)/gsu, (_, what: string) => (what === "n" ? "\n" : what));
      assert.equal(back, description.replace(/\r\n?/gu, "\n"));
    }),
    { numRuns: 300 },
  );
});

test("what is typed into a summary cannot add a line of its own", () => {
  const file = calendarFile({ ...entry, summary: "x\r\nATTENDEE:mailto:eve@example.org\nX-A:b" });
  assert.ok(!unfolded(file).some((line) => /^(ATTENDEE|X-A)/.test(line)));
});

test("the event's id is the same for one link, another for another, and says nothing of either", async () => {
  const fragment = LINK.split("#")[1] ?? "";
  const uid = await calendarUid(fragment);
  assert.equal(uid, await calendarUid(fragment));
  assert.match(uid, /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  const hash = createHash("sha256").update(`quietroom v1 calendar\n${fragment}`).digest("hex");
  assert.equal(uid.replaceAll("-", "").slice(0, 12), hash.slice(0, 12));
  assert.notEqual(uid, await calendarUid(`${fragment.slice(0, -1)}A`));
});

test("link and passcode are never in the same message, and no subject says what it is about", () => {
  const link = linkMessage(LINK, true);
  const passcode = passcodeMessage("482913506");
  assert.ok(link.text.includes(LINK));
  assert.doesNotMatch(link.text, /482|913|506/);
  assert.match(link.text, /separate message/);
  assert.ok(passcode.text.includes("482 913 506"));
  assert.doesNotMatch(passcode.text, /https?:|#|room\.example/);
  assert.doesNotMatch(linkMessage(LINK, false).text, /passcode/i);
  for (const { subject, text } of [link, passcode])
    assert.doesNotMatch(
      `${subject} ${text.replace(LINK, "")}`,
      /therap|doctor|Dr\.|clinic|patient|health|treat|appointment|diagnos|counsel|\d{1,2}[:.]\d{2}/i,
    );
});

test("a mail opens with subject and text whole, and without a recipient", () => {
  for (const message of [linkMessage(LINK, true), passcodeMessage("ünïcode & more? #1")]) {
    const url = new URL(mailto(message));
    assert.equal(url.protocol, "mailto:");
    assert.equal(url.pathname, "");
    assert.equal(url.hash, "", "the link's own fragment is part of the text");
    assert.deepEqual(
      [...url.searchParams],
      [
        ["subject", message.subject],
        ["body", message.text.replaceAll("\n", "\r\n")],
      ],
    );
    assert.ok(!mailto(message).includes("+"), "a plus sign is not a space in a mailto");
  }
});
