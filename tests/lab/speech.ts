/** A microphone's worth of speech: bursts like syllables, then silence, again and again. */
const RATE = 48_000;
/** Of each half. */
export const HALF_SECONDS = 2;

/** WAV, mono, 16 bit: two seconds of syllables of all pitches and loudnesses, two of silence. */
export function speechThenSilence(): Buffer {
  const samples = Buffer.alloc(2 * RATE * 2 * HALF_SECONDS);
  let noise = 0;
  for (let at = 0; at < RATE * HALF_SECONDS; at++) {
    const time = at / RATE;
    const syllable = Math.max(0, Math.sin(2 * Math.PI * 3.7 * time)) ** 2;
    const pitch = 110 + 60 * Math.sin(2 * Math.PI * 0.9 * time);
    const voice =
      [1, 2, 3, 5, 8].reduce((sum, n) => sum + Math.sin(2 * Math.PI * pitch * n * time) / n, 0) / 3;
    // A cheap generator: the hiss of consonants, the same in every run.
    noise = (noise * 1_103_515_245 + 12_345) % 2_147_483_648;
    const hiss = Math.sin(2 * Math.PI * 5.3 * time) > 0.7 ? noise / 1_073_741_824 - 1 : 0;
    samples.writeInt16LE(Math.round(20_000 * syllable * (0.7 * voice + 0.3 * hiss)), 2 * at);
  }
  const header = Buffer.alloc(44);
  header.write("RIFF", 0, "latin1");
  header.writeUInt32LE(36 + samples.length, 4);
  header.write("WAVEfmt ", 8, "latin1");
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(RATE, 24);
  header.writeUInt32LE(RATE * 2, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write("data", 36, "latin1");
  header.writeUInt32LE(samples.length, 40);
  return Buffer.concat([header, samples]);
}
