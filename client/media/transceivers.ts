/**
 * The two transceivers of a call, sound and picture, each with a frame transform on both its ends before anything is
 * negotiated. A transform that does not stick means no call: the caller closes the connection before a track is in it.
 */
import { preferredCodecs } from "./codecs.ts";
import type { MediaTrack, TransformOptions } from "./worker/messages.ts";

export class TransformRefused extends Error {
  override readonly name = "TransformRefused";
}

export class CodecMissing extends Error {
  override readonly name = "CodecMissing";
}

export type MakeTransform = (options: TransformOptions) => RTCRtpScriptTransform;

/** One per kind; grows from none to both. */
export interface Transceivers {
  readonly of: ReadonlyMap<MediaTrack, RTCRtpTransceiver>;
  /** Puts transforms and codecs on a transceiver. The same one again changes nothing. @throws TransformRefused, CodecMissing */
  adopt(kind: MediaTrack, transceiver: RTCRtpTransceiver): void;
  /** Whether the connection holds these transceivers and no others, each with our transform still on both ends. */
  areAllSealed(connection: RTCPeerConnection): boolean;
}

interface Ends {
  readonly transceiver: RTCRtpTransceiver;
  readonly send: RTCRtpScriptTransform;
  readonly receive: RTCRtpScriptTransform;
}

export function createTransceivers(makeTransform: MakeTransform): Transceivers {
  const ends = new Map<MediaTrack, Ends>();
  const of = new Map<MediaTrack, RTCRtpTransceiver>();
  return {
    of,
    adopt(kind, transceiver) {
      const known = of.get(kind);
      if (known === transceiver) return;
      if (known !== undefined) throw new TransformRefused(`a second ${kind} section`);
      // Chromium hands the receiver's frames out only if its transform is there as soon as the transceiver is.
      ends.set(kind, { transceiver, ...attach(kind, transceiver, makeTransform) });
      of.set(kind, transceiver);
      const codecs = preferredCodecs(kind);
      if (codecs.length === 0) throw new CodecMissing(kind);
      transceiver.setCodecPreferences(codecs);
    },
    areAllSealed(connection) {
      const all = connection.getTransceivers();
      return (
        all.length === ends.size &&
        [...ends.values()].every((end) => all.includes(end.transceiver) && isSealed(end))
      );
    },
  };
}

function attach(kind: MediaTrack, transceiver: RTCRtpTransceiver, makeTransform: MakeTransform) {
  const { sender, receiver } = transceiver;
  try {
    const receive = makeTransform({ direction: "receive", track: kind });
    const send = makeTransform({ direction: "send", track: kind });
    receiver.transform = receive;
    sender.transform = send;
    if (isSealed({ transceiver, send, receive })) return { send, receive };
  } catch {
    // Whatever the browser says, it comes to the same.
  }
  throw new TransformRefused(kind);
}

function isSealed({ transceiver, send, receive }: Ends): boolean {
  return transceiver.sender.transform === send && transceiver.receiver.transform === receive;
}
