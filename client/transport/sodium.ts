/**
 * Loads libsodium. The small build does for every page; the larger one (19 KB more) is only needed where an invite has
 * a passcode, so the join page loads it when the link says so. Both are asked for by their package names; the bundler
 * makes a script of its own of each, and a file of its WebAssembly (scripts/build-wasm.ts).
 */
import type { Random, Sodium, SodiumSumo } from "../../crypto/sodium.ts";

export async function loadSodium(): Promise<Sodium> {
  const { default: sodium } = await import("libsodium-wrappers");
  await sodium.ready;
  return sodium;
}

export async function loadSodiumSumo(): Promise<SodiumSumo> {
  const { default: sodium } = await import("libsodium-wrappers-sumo");
  await sodium.ready;
  return sodium;
}

export const systemRandom: Random = (length) => crypto.getRandomValues(new Uint8Array(length));
