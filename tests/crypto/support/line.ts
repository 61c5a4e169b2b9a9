/** Two pages and the line between them, which loses, repeats, reorders and remembers as the test wants. */
import assert from "node:assert/strict";
import type { Bytes } from "../../../crypto/bytes.ts";
import type { Role } from "../../../crypto/role.ts";
import { type Fault, Page, type Tally } from "./page.ts";
import { hex, seededRandom } from "./session.ts";

const OTHER: Record<Role, Role> = { patient: "therapist", therapist: "patient" };

export class Line {
  readonly pages: Record<Role, Page>;
  /** Frames on their way to each side. */
  readonly inFlight: Record<Role, Bytes[]> = { patient: [], therapist: [] };
  /** Every frame that was ever sent to each side. */
  readonly history: Record<Role, Bytes[]> = { patient: [], therapist: [] };

  constructor(tally?: Tally) {
    const pageOf = (role: Role) =>
      new Page(
        role,
        seededRandom(role),
        (frame) => {
          this.inFlight[OTHER[role]].push(frame);
          this.history[OTHER[role]].push(frame);
        },
        tally,
      );
    this.pages = { patient: pageOf("patient"), therapist: pageOf("therapist") };
  }

  deliver(to: Role, fault: Fault = "none", index = 0): void {
    const [frame] = this.inFlight[to].splice(index, 1);
    if (frame) this.pages[to].receive(frame, fault);
  }

  /** Delivers up to the first frame that is a message in order, and that one with the fault. */
  deliverMessage(to: Role, fault: Fault): void {
    while (this.inFlight[to].length > 0 && !this.pages[to].isMessage(this.inFlight[to][0])) this.deliver(to);
    assert.ok(this.inFlight[to].length > 0, "the message of this step is on its way");
    this.deliver(to, fault);
  }

  /** A frame of the past once more. */
  replay(to: Role, which: number): void {
    const past = this.history[to];
    const frame = past[which % Math.max(1, past.length)];
    if (frame) this.pages[to].receive(frame);
  }

  /** The connection breaks and comes back: what was in flight is lost, both sides send again. */
  reconnect(): void {
    this.inFlight.patient.length = 0;
    this.inFlight.therapist.length = 0;
    this.pages.patient.sendAgain();
    this.pages.therapist.sendAgain();
  }

  /** Delivers until nothing is left to say. */
  settle(): void {
    for (let rounds = 0; this.inFlight.patient.length + this.inFlight.therapist.length > 0; rounds++) {
      assert.ok(rounds < 10_000, "the two sides never come to rest");
      this.deliver("patient");
      this.deliver("therapist");
    }
  }

  /** What must hold at any time, whatever happened before. */
  checkAlways(): void {
    for (const role of ["patient", "therapist"] as const) {
      const { log, sendKeysHandedOut } = this.pages[role];
      assert.deepEqual(
        log,
        log.map((_, i) => i + 1),
        "delivered once and in order",
      );
      assert.ok(log.length <= this.pages[OTHER[role]].written);
      assert.equal(new Set(sendKeysHandedOut).size, sendKeysHandedOut.length, "no media key is used twice");
      this.#checkFrames(role);
    }
  }

  /** What must hold once all was delivered and one more epoch negotiated. */
  checkSettled(): void {
    const { patient, therapist } = this.pages;
    this.checkAlways();
    assert.equal(patient.log.length, therapist.written);
    assert.equal(therapist.log.length, patient.written);
    for (const { state } of [patient, therapist]) {
      assert.deepEqual([state.epochs.rekey.step, state.epochs.confirmed], ["settled", true]);
      assert.equal(state.unacknowledged.length, 0);
      assert.equal(state.receive.length, 1, "no old envelope key is left");
      assert.ok(state.epochs.mediaReady);
    }
    assert.equal(patient.state.epochs.epoch, therapist.state.epochs.epoch);
    assert.equal(hex(patient.state.epochs.root), hex(therapist.state.epochs.root));
    assert.equal(hex(patient.state.send.key), hex(therapist.state.receive[0]?.key ?? assert.fail()));
    assert.equal(hex(therapist.state.send.key), hex(patient.state.receive[0]?.key ?? assert.fail()));
    this.#checkMedia();
    this.#checkWiped();
  }

  /** A sequence number stands for one envelope for ever, and a nonce for one use of a key. */
  #checkFrames(to: Role): void {
    const bySeq = new Map<string, string>();
    const byNonce = new Map<string, string>();
    for (const frame of this.history[to]) {
      const seq = hex(frame.subarray(5, 13));
      const nonce = hex(frame.subarray(13, 37));
      const text = hex(frame);
      if (!/^0*$/.test(seq)) {
        assert.equal(bySeq.get(seq) ?? text, text);
        bySeq.set(seq, text);
      }
      assert.equal(byNonce.get(nonce) ?? text, text);
      byNonce.set(nonce, text);
    }
  }

  #checkMedia(): void {
    const { patient, therapist } = this.pages;
    const { epoch } = patient.state.epochs;
    assert.deepEqual([patient.mediaSend, therapist.mediaSend], [epoch, epoch]);
    const [ours, theirs] = [patient.media.get(epoch), therapist.media.get(epoch)];
    assert.ok(ours && theirs);
    assert.equal(hex(ours.send), hex(theirs.receive));
    assert.equal(hex(ours.receive), hex(theirs.send));
    assert.notEqual(hex(ours.send), hex(ours.receive));
  }

  /** Roots that were replaced are zero in memory (checked by the page) and in nothing that is stored. */
  #checkWiped(): void {
    for (const page of Object.values(this.pages)) {
      const stored = hex(page.storedState);
      for (const root of page.rootsLeftBehind) assert.ok(!stored.includes(root));
    }
  }
}
