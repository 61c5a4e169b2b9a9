/**
 * Frames from a reader to a writer, several in the works at a time and yet in their order: waiting for each one before
 * reading the next would cost a turn of the event loop a frame.
 */

/** The ends of an RTCRtpScriptTransformer, as far as they are used. */
export interface FrameSource<Frame> {
  read(): Promise<{ readonly done: boolean; readonly value?: Frame | undefined }>;
}
export interface FrameSink<Frame> {
  write(frame: Frame): Promise<void>;
}

/** More than a second of video and audio together; beyond it the reader waits, and the browser drops frames itself. */
const MAX_IN_THE_WORKS = 128;

interface Slot<Frame> {
  readonly frame: Frame;
  /** undefined while in the works. */
  verdict: boolean | undefined;
}

/**
 * Reads until the source ends.
 * @param work resolves to whether the frame may be written; must not reject
 * @returns when the source has ended. Rejects when the source or the sink breaks.
 */
export async function pump<Frame>(
  source: FrameSource<Frame>,
  sink: FrameSink<Frame>,
  work: (frame: Frame) => Promise<boolean>,
): Promise<void> {
  const slots: Slot<Frame>[] = [];
  let room: (() => void) | undefined;
  let broken: unknown;

  const flush = () => {
    let ready = 0;
    for (const { frame, verdict } of slots) {
      if (verdict === undefined) break;
      ready++;
      if (verdict)
        sink.write(frame).catch((error: unknown) => {
          broken ??= error;
        });
    }
    slots.splice(0, ready);
    room?.();
  };

  while (broken === undefined) {
    const { done, value } = await source.read();
    if (done || value === undefined) return;
    const slot: Slot<Frame> = { frame: value, verdict: undefined };
    slots.push(slot);
    void work(value).then((verdict) => {
      slot.verdict = verdict;
      flush();
    });
    while (slots.length >= MAX_IN_THE_WORKS) {
      const { promise, resolve } = Promise.withResolvers<void>();
      room = resolve;
      await promise;
    }
  }
  throw broken;
}
