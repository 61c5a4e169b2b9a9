/**
 * One side of a session as the client runs it: steps of pure functions, then the state is stored together with what
 * the application took, then frames leave and media keys are used. A page can be reloaded at any point of a step.
 */
import assert from "node:assert/strict";
import { type Bytes, concat, readUintBe, uintBe } from "../../../crypto/bytes.ts";
import { acknowledgement, open, pending, seal } from "../../../crypto/envelope.ts";
import { decodeEnvelopeState, encodeEnvelopeState } from "../../../crypto/envelope-codec.ts";
import { createEnvelopeState, type EnvelopeState, wipeReplaced } from "../../../crypto/envelope-state.ts";
import { acceptAnswer, answerEpoch, completeEpoch, confirmEpoch, offerEpoch } from "../../../crypto/epoch.ts";
import { CryptoError } from "../../../crypto/errors.ts";
import type { MediaKeys } from "../../../crypto/key-schedule.ts";
import type { Role } from "../../../crypto/role.ts";
import type { Random } from "../../../crypto/sodium.ts";
import { rootZero, SESSION, sodium } from "./envelopes.ts";
import { hex } from "./session.ts";

/** Where a step ends early. `store-fails`: nothing was stored, and the page goes on from the state before. */
export type Fault = "none" | "store-fails" | "reload-before-store" | "reload-before-send";

/** What a step wants the world to see, once its state is stored. */
interface Outcome {
  readonly state: EnvelopeState;
  readonly frames: readonly Bytes[];
  /** Number of the application's message that was delivered. */
  readonly delivered?: number;
  readonly media?: MediaKeys;
  /** Media is sent with this epoch from now on. */
  readonly mediaSend?: number;
}

interface Stored {
  readonly state: Bytes;
  readonly log: readonly number[];
  readonly written: number;
}

const APPLICATION = 0;
const OFFER = 1;
const ANSWER = 2;
const DONE = 3;

/** What happened in all runs, to show that the interesting cases were among them. */
export type Tally = Map<string, number>;

export class Page {
  readonly role: Role;
  state: EnvelopeState;
  /** Messages the application has taken; stored with the state. */
  log: readonly number[] = [];
  /** Number of the last application message that was written; stored with the state. */
  written = 0;
  /** Media keys of this page's life, the last ones of each epoch; gone with a reload. */
  media = new Map<number, MediaKeys>();
  mediaSend: number | null = null;
  /** Every media key that was ever handed to a page of this side for sending. */
  readonly sendKeysHandedOut: string[] = [];
  /** Every root that was replaced and wiped. */
  readonly rootsLeftBehind: string[] = [];
  #stored: Stored;
  readonly #random: Random;
  readonly #out: (frame: Bytes) => void;
  readonly #tally: Tally;

  constructor(role: Role, random: Random, out: (frame: Bytes) => void, tally: Tally = new Map()) {
    this.role = role;
    this.#random = random;
    this.#out = out;
    this.#tally = tally;
    this.state = createEnvelopeState(sodium, { role, session: SESSION, root: rootZero() });
    this.#stored = { state: encodeEnvelopeState(sodium, this.state), log: [], written: 0 };
  }

  /** The application says something. */
  say(fault: Fault = "none"): void {
    const body = concat(Uint8Array.of(APPLICATION), uintBe(this.written + 1, 4));
    const { state, frame } = seal(sodium, this.#random, this.state, body);
    this.#finish({ state, frames: [frame] }, fault, this.written + 1);
  }

  /** The therapist starts an epoch, or replaces the offer that is open. */
  rekey(fault: Fault = "none"): void {
    if (this.state.epochs.rekey.step === "offered") this.#count("offer replaced");
    const { state, offer } = offerEpoch(sodium, this.#random, this.state);
    this.#finish(this.#sealed(state, OFFER, uintBe(offer.epoch, 4), offer.key), fault);
  }

  receive(frame: Bytes, fault: Fault = "none"): void {
    const opened = open(sodium, this.state, frame);
    this.#count(opened.kind);
    switch (opened.kind) {
      case "message":
        this.#finish(this.#act(opened.state, opened.body), fault);
        break;
      case "duplicate":
        this.#finish({ state: opened.state, frames: [this.#acknowledge(opened.state)] }, fault);
        break;
      case "acknowledgement":
        this.#finish({ state: opened.state, frames: [] }, fault);
        break;
      default:
        assert.equal(opened.state, this.state);
    }
  }

  isMessage(frame: Bytes | undefined): boolean {
    return frame !== undefined && open(sodium, this.state, frame).kind === "message";
  }

  /** After a reconnect, or when no acknowledgement came. */
  sendAgain(): void {
    for (const frame of pending(this.state)) this.#out(frame);
  }

  reload(): void {
    this.#count(`reload while ${this.state.epochs.rekey.step}`);
    this.state = decodeEnvelopeState(sodium, this.#stored.state);
    this.log = this.#stored.log;
    this.written = this.#stored.written;
    this.media = new Map();
    this.mediaSend = null;
  }

  get storedState(): Bytes {
    return this.#stored.state;
  }

  #act(state: EnvelopeState, body: Bytes): Outcome {
    const number = Number(readUintBe(body.subarray(1, 5)));
    if (body[0] === APPLICATION) return { state, frames: [this.#acknowledge(state)], delivered: number };
    try {
      return this.#negotiate(state, body[0], number, body.slice(5, 37), body.slice(37));
    } catch (error) {
      // The one refusal of an honest run: the answer to an offer that was replaced while it was on its way.
      assert.ok(error instanceof CryptoError && error.code === "REPLAYED" && body[0] === ANSWER, `${error}`);
      this.#count("answer to a replaced offer");
      return { state, frames: [this.#acknowledge(state)] };
    }
  }

  #negotiate(
    state: EnvelopeState,
    type: number | undefined,
    epoch: number,
    first: Bytes,
    second: Bytes,
  ): Outcome {
    if (type === OFFER) {
      if (state.epochs.rekey.step === "answered") this.#count("answered again");
      const answered = answerEpoch(sodium, this.#random, state, { epoch, key: first });
      const { answer, media } = answered;
      return { ...this.#sealed(answered.state, ANSWER, uintBe(epoch, 4), answer.offer, answer.key), media };
    }
    if (type === ANSWER) {
      const accepted = acceptAnswer(sodium, state, { epoch, offer: first, key: second });
      const { done, media } = accepted;
      return { ...this.#sealed(accepted.state, DONE, uintBe(done.epoch, 4)), media, mediaSend: epoch };
    }
    assert.equal(type, DONE);
    if (this.role === "therapist") {
      const confirmed = confirmEpoch(state, { epoch }).state;
      return { state: confirmed, frames: [this.#acknowledge(confirmed)] };
    }
    const completed = completeEpoch(sodium, state, { epoch });
    const outcome = this.#sealed(completed.state, DONE, uintBe(completed.done.epoch, 4));
    if (!completed.state.epochs.mediaReady) this.#count("completed without media keys");
    return completed.state.epochs.mediaReady ? { ...outcome, mediaSend: epoch } : outcome;
  }

  #sealed(state: EnvelopeState, type: number, ...fields: Bytes[]): Outcome {
    const sealed = seal(sodium, this.#random, state, concat(Uint8Array.of(type), ...fields));
    return { state: sealed.state, frames: [sealed.frame] };
  }

  #acknowledge(state: EnvelopeState): Bytes {
    return acknowledgement(sodium, this.#random, state);
  }

  #finish(outcome: Outcome, fault: Fault, written = this.written): void {
    this.#count(`fault: ${fault}`);
    if (fault === "none" || fault === "reload-before-send") this.#store(outcome, written);
    if (fault === "reload-before-store" || fault === "reload-before-send") this.reload();
    if (fault !== "none") return;
    const before = this.state;
    this.state = outcome.state;
    this.log = this.#stored.log;
    this.written = written;
    this.#retire(before, outcome.state);
    for (const frame of outcome.frames) this.#out(frame);
    this.#useMedia(outcome);
  }

  #store({ state, delivered }: Outcome, written: number): void {
    const log = delivered === undefined ? this.log : [...this.log, delivered];
    this.#stored = { state: encodeEnvelopeState(sodium, state), log, written };
  }

  #retire(before: EnvelopeState, after: EnvelopeState): void {
    const root = hex(before.epochs.root);
    const keys = new Set([after.send.key, ...after.receive.map(({ key }) => key)]);
    wipeReplaced(sodium, before, after);
    assert.equal(
      before.epochs.root.every((byte) => byte === 0),
      before.epochs.root !== after.epochs.root,
    );
    for (const { key } of [before.send, ...before.receive]) {
      assert.equal(
        key.every((byte) => byte === 0),
        !keys.has(key),
      );
    }
    if (before.epochs.root !== after.epochs.root) this.rootsLeftBehind.push(root);
  }

  #useMedia({ media, mediaSend }: Outcome): void {
    if (media) {
      this.media.set(media.epoch, media);
      this.sendKeysHandedOut.push(hex(media.send));
    }
    if (mediaSend === undefined) return;
    assert.ok(this.media.has(mediaSend), "media is never sent with keys that this page does not have");
    this.mediaSend = mediaSend;
  }

  #count(what: string): void {
    const key = `${this.role}: ${what}`;
    this.#tally.set(key, (this.#tally.get(key) ?? 0) + 1);
  }
}
