import type { PassphraseStrength } from "../state/account-model.ts";

/**
 * What a view needs from the browser beyond state and intents. Given from outside, so that every screen can be shown
 * with made-up state and nothing behind it.
 */
export interface UiServices {
  /**
   * Loudness of the stream's sound, 0 to 1, several times a second, until the returned function is called. A stream
   * without sound yields nothing.
   */
  readonly watchLevel: (stream: MediaStream, onLevel: (level: number) => void) => () => void;
  /** A short soft sound on this speaker, `null` for the browser's own choice. Rejects when it cannot be played. */
  readonly playTestTone: (speaker: string | null) => Promise<void>;
  /** Whether the text is on the clipboard now. */
  readonly copy: (text: string) => Promise<boolean>;
  /** The system's share sheet; `null` where there is none. Resolves also when the person closes it. */
  readonly share: ((data: { readonly title: string; readonly url: string }) => Promise<void>) | null;
  readonly reload: () => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Uniform bytes from a cryptographic source, for a suggested passcode. */
  readonly random: (length: number) => Uint8Array<ArrayBuffer>;
}

/** What only the staff's pages need. */
export interface StaffServices extends UiServices {
  /**
   * Its words and rules are large, and fetched with the first question. Rejects when they cannot be.
   * @param words what somebody who knows her would try first
   */
  readonly passphraseStrength: (passphrase: string, words: readonly string[]) => Promise<PassphraseStrength>;
  /** The browser's own dialog; what is printed is for the print styles to say. */
  readonly print: () => void;
  /** Hands the person a file of this name to keep. */
  readonly save: (file: { readonly name: string; readonly type: string; readonly text: string }) => void;
  /** This browser and system in a few words, such as "Chrome on Windows": a first name for its passkey. */
  readonly deviceName: () => string;
}
