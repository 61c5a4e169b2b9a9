/** What this browser lacks and without which there is no private call. Asked before anything starts. */

export type MissingMedia =
  | "secure-context"
  | "frame-encryption"
  | "web-crypto"
  | "web-assembly"
  | "camera-access";

export interface Support {
  /** Empty: all is there. */
  readonly missing: readonly MissingMedia[];
}

/** The globals that matter, each as it may be missing. */
export interface Globals {
  readonly isSecureContext?: unknown;
  readonly RTCPeerConnection?: unknown;
  readonly RTCRtpScriptTransform?: unknown;
  readonly RTCRtpSender?: unknown;
  readonly RTCRtpReceiver?: unknown;
  readonly crypto?: unknown;
  readonly WebAssembly?: unknown;
  readonly navigator?: unknown;
}

/** @param scope the page's globals; given by tests */
export function checkSupport(scope: Globals = globalThis): Support {
  // Without a secure context all the others are missing as well, and the reason is this one.
  if (scope.isSecureContext !== true) return { missing: ["secure-context"] };
  const missing: MissingMedia[] = [];
  const transforms = [scope.RTCRtpSender, scope.RTCRtpReceiver].every(hasTransform);
  const connection = typeof scope.RTCPeerConnection === "function";
  if (!connection || !transforms || typeof scope.RTCRtpScriptTransform !== "function")
    missing.push("frame-encryption");
  if (!has(scope.crypto, "subtle")) missing.push("web-crypto");
  if (!has(scope.WebAssembly, "instantiate")) missing.push("web-assembly");
  if (!has(property(scope.navigator, "mediaDevices"), "getUserMedia")) missing.push("camera-access");
  return { missing };
}

function hasTransform(type: unknown): boolean {
  return has(property(type, "prototype"), "transform");
}

function has(object: unknown, name: string): boolean {
  return isObject(object) && name in object && (name === "transform" || object[name] !== undefined);
}

function property(object: unknown, name: string): unknown {
  return isObject(object) ? object[name] : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}
