import { useEffect, useRef, useState } from "preact/hooks";
import { routeTo } from "../../media/speaker.ts";

interface Props {
  readonly stream: MediaStream;
  readonly label: string;
  readonly muted?: boolean;
  /** As in a mirror: for a person's own picture only. */
  readonly mirrored?: boolean;
  readonly speaker?: string | null;
  /** The browser would not begin without a tap; called with what begins it. */
  readonly onBlocked?: (start: () => void) => void;
  readonly onPlaying?: () => void;
}

/** Plays a stream. Fills its box where little of the picture is lost, shows all of it otherwise. */
export function StreamVideo({
  stream,
  label,
  muted = false,
  mirrored = false,
  speaker = null,
  onBlocked,
  onPlaying,
}: Props) {
  const video = useRef<HTMLVideoElement>(null);
  const [fit, setFit] = useState<"cover" | "contain">("cover");

  useEffect(() => {
    const element = video.current;
    if (element === null) return;
    if (element.srcObject !== stream) element.srcObject = stream;
    const play = () => {
      element.play().catch((error: unknown) => {
        // An AbortError only means that a newer stream took its place.
        if (error instanceof DOMException && error.name === "NotAllowedError") onBlocked?.(play);
      });
    };
    play();
  }, [stream]);

  useEffect(() => {
    const element = video.current;
    if (element === null) return;
    const measure = () => setFit(fitOf(element));
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    element.addEventListener("resize", measure);
    return () => {
      observer.disconnect();
      element.removeEventListener("resize", measure);
    };
  }, []);

  useEffect(() => {
    // A speaker that was pulled out meanwhile: the sound stays where it is.
    if (video.current !== null && !muted) routeTo(video.current, speaker).catch(() => undefined);
  }, [speaker, muted]);

  const classes = ["stream", `stream-${fit}`, mirrored ? "stream-mirrored" : ""].filter(Boolean).join(" ");
  return (
    <video
      ref={video}
      class={classes}
      muted={muted}
      autoPlay
      playsInline
      aria-label={label}
      onPlaying={onPlaying}
    />
  );
}

/** Cutting a picture to fill its box may take at most a third of it away: more could be the face. */
function fitOf(video: HTMLVideoElement): "cover" | "contain" {
  const { videoWidth, videoHeight, clientWidth, clientHeight } = video;
  if (videoWidth === 0 || videoHeight === 0 || clientWidth === 0 || clientHeight === 0) return "cover";
  const ratio = videoWidth / videoHeight / (clientWidth / clientHeight);
  return ratio > 2 / 3 && ratio < 3 / 2 ? "cover" : "contain";
}
