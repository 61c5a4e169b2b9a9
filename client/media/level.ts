/** How loud a microphone is right now, for a meter that visibly moves. */

const INTERVAL_MS = 66;
/** A whisper across the room moves the meter; a shout fills it. */
const QUIET_DB = -60;
const LOUD_DB = -12;

/**
 * @param onLevel 0 to 1, some 15 times a second
 * @returns a function that ends it. A stream without sound is never reported.
 */
export function watchLevel(stream: MediaStream, onLevel: (level: number) => void): () => void {
  if (stream.getAudioTracks().length === 0) return () => undefined;
  const context = new AudioContext();
  const analyser = new AnalyserNode(context, { fftSize: 1024 });
  const source = new MediaStreamAudioSourceNode(context, { mediaStream: stream });
  source.connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const timer = setInterval(() => {
    // Suspended until the page is clicked; it then measures nothing but silence.
    if (context.state === "suspended") void context.resume();
    analyser.getFloatTimeDomainData(samples);
    onLevel(levelOf(samples));
  }, INTERVAL_MS);
  let ended = false;
  return () => {
    if (ended) return;
    ended = true;
    clearInterval(timer);
    source.disconnect();
    void context.close();
  };
}

/** Root mean square on a decibel scale. @param samples -1 to 1 */
export function levelOf(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  const decibels = 10 * Math.log10(sum / Math.max(1, samples.length) + Number.MIN_VALUE);
  return Math.min(1, Math.max(0, (decibels - QUIET_DB) / (LOUD_DB - QUIET_DB)));
}
