/**
 * Who may say what, by what the log itself says: the relay's key signs `log.key-added` before a key speaks and
 * `invite.opened` before anything happens in a session. And that no event of a key was left out between two others.
 */
import { ascii, type Bytes, fromAscii, toBase64Url } from "../bytes.ts";
import { type AuditEvent, maySign } from "./event.ts";
import type { Sha256 } from "./merkle.ts";
import type { Signer } from "./registry.ts";

/** How much of the log a file has. */
export type Scope = "whole" | "range" | "session";

export type KeyFinding = "LOG-OPENED" | "EVENT-ACTOR" | "EVENT-RIGHT" | "EVENT-CHAIN";

export interface Place {
  readonly index: number;
  /** SHA-256 of the event's text, base64url. */
  readonly hash: string;
  /** Entries before it whose body was purged. */
  readonly purged: number;
}

export interface KeyLog {
  /** @returns what is wrong with it */
  take(event: AuditEvent, key: Bytes, place: Place): readonly KeyFinding[];
  /** Events that are missing in chains where bodies were purged: no more than were purged. */
  readonly missing: number;
  readonly keys: { readonly relay: number; readonly staff: number; readonly guest: number };
  readonly unchecked: { readonly keys: number; readonly chains: number; readonly sessions: number };
}

interface Speaker {
  readonly signer: Signer;
  readonly account: string | null;
  readonly session: string | null;
  /** `known`: by its `log.key-added`, or the header. `unseen`: that may be outside the file. `foreign`: there is none. */
  readonly standing: "known" | "unseen" | "foreign";
  /** seq of the next event; 0 also where the first one was not seen yet. */
  next: number;
  head: string | null;
  spoke: boolean;
  /** Entries purged until its last event. */
  purged: number;
  gap: boolean;
}

export function createKeyLog(sha256: Sha256, relay: string, scope: Scope): KeyLog {
  /** By SHA-256 of the key, as `log.key-added` names it. */
  const speakers = new Map<string, Speaker>();
  /** Session to the account of its host. */
  const hosts = new Map<string, string>();
  let missing = 0;
  let unseenSessions = 0;

  function speakerOf(event: AuditEvent, key: Bytes, purged: number): Speaker {
    const name = toBase64Url(sha256(key));
    const known = speakers.get(name);
    if (known !== undefined) return known;
    const speaker = introduce(event, purged);
    speakers.set(name, speaker);
    return speaker;
  }

  function introduce({ actor, account, session }: AuditEvent, purged: number): Speaker {
    if (actor === relay) return newSpeaker("relay", null, null, "known", 0);
    // No purge erases a `log.key-added` of staff.
    if (account !== null)
      return newSpeaker("staff", account, null, scope === "range" ? "unseen" : "foreign", 0);
    return newSpeaker("guest", null, session, mayLack(purged) ? "unseen" : "foreign", 0);
  }

  /** Whether it may be that the file does not have what was said before. */
  const mayLack = (purged: number): boolean => scope === "range" || purged > 0;

  function isRight(event: AuditEvent, speaker: Speaker, purged: number): boolean {
    if (!maySign(event, speaker.signer)) return false;
    if (speaker.signer === "relay") return isRelaysRight(event, purged);
    if (speaker.signer === "guest") return event.session === speaker.session;
    return event.account === speaker.account && (event.session === null || isHosts(event, purged));
  }

  function isHosts({ account, session }: AuditEvent, purged: number): boolean {
    const host = hosts.get(session ?? "");
    if (host !== undefined) return host === account;
    if (mayLack(purged)) unseenSessions++;
    return mayLack(purged);
  }

  function isRelaysRight({ action, account, session }: AuditEvent, purged: number): boolean {
    if (action === "invite.opened") return account !== null && session !== null && !hosts.has(session);
    if (action !== "log.key-added") return true;
    if ((account === null) === (session === null)) return false;
    return session === null || hosts.has(session) || mayLack(purged);
  }

  /** What the relay's own events change. @returns false for a key that is there already */
  function learn({ action, account, session, subject }: AuditEvent, purged: number): boolean {
    if (action === "invite.opened" && session !== null && account !== null)
      hosts.set(kept(session), kept(account));
    if (action !== "log.key-added" || subject === null) return true;
    if (speakers.has(subject)) return false;
    const signer = account === null ? "guest" : "staff";
    speakers.set(kept(subject), newSpeaker(signer, account, session, "known", purged));
    return true;
  }

  function follows(event: AuditEvent, speaker: Speaker, { hash, purged }: Place): boolean {
    const { seq, prev } = event;
    const skipped = seq - speaker.next;
    const follows =
      skipped === 0 ? speaker.head === null || prev === speaker.head : mayGap(speaker, skipped, purged);
    speaker.next = seq + 1;
    speaker.head = hash;
    speaker.spoke = true;
    speaker.purged = purged;
    return follows;
  }

  function mayGap(speaker: Speaker, skipped: number, purged: number): boolean {
    if (skipped < 0) return false;
    const before =
      scope === "range" && !speaker.spoke && (speaker.signer === "relay" || speaker.standing === "unseen");
    const elsewhere = scope === "session" && speaker.signer !== "guest";
    if (!before && !elsewhere && purged === speaker.purged) return false;
    speaker.gap = true;
    if (!before && !elsewhere) missing += skipped;
    return true;
  }

  const count = (fits: (speaker: Speaker) => boolean): number =>
    [...speakers.values()].filter((speaker) => speaker.spoke && fits(speaker)).length;

  return {
    take(event, key, place) {
      const findings: KeyFinding[] = [];
      const speaker = speakerOf(event, key, place.purged);
      if (speaker.standing === "foreign") findings.push("EVENT-ACTOR");
      else if (!isRight(event, speaker, place.purged)) findings.push("EVENT-RIGHT");
      else if (speaker.signer === "relay" && !learn(event, place.purged)) findings.push("EVENT-ACTOR");
      if (!follows(event, speaker, place)) findings.push("EVENT-CHAIN");
      const opens = speaker.signer === "relay" && event.action === "log.opened";
      if (opens !== (place.index === 0)) findings.push("LOG-OPENED");
      return findings;
    },
    get missing() {
      return missing;
    },
    get keys() {
      return {
        relay: count(({ signer }) => signer === "relay"),
        staff: count(({ signer }) => signer === "staff"),
        guest: count(({ signer }) => signer === "guest"),
      };
    },
    get unchecked() {
      return {
        keys: count(({ standing }) => standing === "unseen"),
        chains: count(({ gap }) => gap),
        sessions: unseenSessions,
      };
    },
  };
}

function newSpeaker(
  signer: Signer,
  account: string | null,
  session: string | null,
  standing: Speaker["standing"],
  purged: number,
): Speaker {
  const owner = { account: account && kept(account), session: session && kept(session) };
  return { signer, ...owner, standing, next: 0, head: null, spoke: false, purged, gap: false };
}

/** A copy: a piece of a longer text keeps all of that in memory. */
function kept(text: string): string {
  return fromAscii(ascii(text));
}
