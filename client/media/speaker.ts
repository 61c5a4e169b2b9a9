/** Which speaker sounds come out of, where the browser lets a page choose (all but Safari). */

/** https://w3c.github.io/mediacapture-output/ */
interface Routable {
  setSinkId?(id: string): Promise<void>;
}

export function hasSpeakerChoice(): boolean {
  return "setSinkId" in HTMLMediaElement.prototype;
}

/**
 * @param speaker a device id; null for the system's own choice
 * @throws DOMException when that speaker is gone or forbidden; the sound stays where it was
 */
export async function routeTo(element: HTMLMediaElement, speaker: string | null): Promise<void> {
  const routable: Routable = element;
  await routable.setSinkId?.(speaker ?? "");
}

const NOTES_HZ = [523.25, 659.25] as const;
const NOTE_S = 0.45;
const LOUDNESS = 0.12;
const START_MS = 2_000;

/**
 * Two soft notes on this speaker, for "I can hear it". Resolves when they have been played.
 * @throws when they cannot be played there
 */
export async function playTestTone(speaker: string | null): Promise<void> {
  const context = new AudioContext();
  const element = new Audio();
  try {
    await running(context);
    const out = context.createMediaStreamDestination();
    element.srcObject = out.stream;
    await routeTo(element, speaker);
    await element.play();
    await notes(context, out);
  } finally {
    element.srcObject = null;
    await context.close();
  }
}

/** A click led here, so the browser lets it run; where it does not, `resume` would wait for one without a word. */
async function running(context: AudioContext): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, START_MS);
  await Promise.race([context.resume(), late]);
  clearTimeout(timer);
  if (context.state !== "running") throw new DOMException("no sound without a click", "NotAllowedError");
}

function notes(context: AudioContext, out: AudioNode): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const begin = context.currentTime + 0.05;
  NOTES_HZ.forEach((frequency, index) => {
    const start = begin + index * NOTE_S;
    const tone = new OscillatorNode(context, { frequency });
    const envelope = new GainNode(context, { gain: 0 });
    envelope.gain.setValueAtTime(0, start);
    envelope.gain.linearRampToValueAtTime(LOUDNESS, start + 0.04);
    envelope.gain.exponentialRampToValueAtTime(0.001, start + NOTE_S);
    tone.connect(envelope).connect(out);
    tone.start(start);
    tone.stop(start + NOTE_S);
    if (index === NOTES_HZ.length - 1) tone.onended = () => resolve();
  });
  return promise;
}
