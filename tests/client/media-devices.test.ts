/** Devices without devices: what failures mean, what is asked for, and what a browser must be able to do. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { constraintsFor, failureOf } from "../../client/media/capture.ts";
import { levelOf } from "../../client/media/level.ts";
import { checkSupport } from "../../client/media/support.ts";

const named = (name: string) => new DOMException("", name);

test("every refusal of the browser has its code, and an unknown one counts as busy", () => {
  const names = [
    "NotAllowedError",
    "SecurityError",
    "NotFoundError",
    "OverconstrainedError",
    "NotReadableError",
    "AbortError",
    "Other",
  ];
  assert.deepEqual(
    names.map((name) => failureOf("camera", named(name))),
    ["CAM-DENIED", "CAM-DENIED", "CAM-NONE", "CAM-NONE", "CAM-BUSY", "CAM-BUSY", "CAM-BUSY"],
  );
  assert.equal(failureOf("microphone", named("NotAllowedError")), "MIC-DENIED");
  assert.equal(failureOf("microphone", "what is this"), "MIC-BUSY");
});

test("a chosen device is asked for exactly; wishes stay wishes", () => {
  assert.deepEqual(constraintsFor("camera", "abc").deviceId, { exact: "abc" });
  assert.equal(constraintsFor("camera", "abc").facingMode, undefined);
  assert.deepEqual(constraintsFor("camera", null).width, { ideal: 1280 });
  assert.deepEqual(constraintsFor("camera", null).facingMode, { ideal: "user" });
  assert.equal(constraintsFor("microphone", null).echoCancellation, true);
});

test("the meter: silence is 0, a shout is 1, speech is between", () => {
  const tone = (loudness: number) =>
    Float32Array.from({ length: 1024 }, (_, i) => loudness * Math.sin(i / 5));
  assert.equal(levelOf(new Float32Array(1024)), 0);
  assert.equal(levelOf(tone(1)), 1);
  const speech = levelOf(tone(0.05));
  assert.ok(speech > 0.3 && speech < 0.9, String(speech));
  assert.equal(levelOf(new Float32Array(0)), 0);
});

class Transforming {
  get transform(): null {
    return null;
  }
}

const ABLE = {
  isSecureContext: true,
  RTCPeerConnection: class {},
  RTCRtpScriptTransform: class {},
  RTCRtpSender: Transforming,
  RTCRtpReceiver: Transforming,
  crypto: { subtle: {} },
  WebAssembly: { instantiate() {} },
  navigator: { mediaDevices: { getUserMedia() {} } },
};

test("a browser that can do it all misses nothing; each thing it lacks is named", () => {
  assert.deepEqual(checkSupport(ABLE).missing, []);
  const without = (change: Record<string, unknown>) => checkSupport({ ...ABLE, ...change }).missing;
  assert.deepEqual(without({ RTCRtpScriptTransform: undefined }), ["frame-encryption"]);
  assert.deepEqual(without({ RTCRtpSender: class {} }), ["frame-encryption"]);
  assert.deepEqual(without({ RTCPeerConnection: undefined }), ["frame-encryption"]);
  assert.deepEqual(without({ crypto: {} }), ["web-crypto"]);
  assert.deepEqual(without({ WebAssembly: undefined }), ["web-assembly"]);
  assert.deepEqual(without({ navigator: {} }), ["camera-access"]);
  assert.deepEqual(without({ crypto: undefined, WebAssembly: undefined }), ["web-crypto", "web-assembly"]);
});

test("an insecure page is told that and nothing else", () => {
  assert.deepEqual(checkSupport({}).missing, ["secure-context"]);
});
