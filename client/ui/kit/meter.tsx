import { useEffect, useRef, useState } from "preact/hooks";
import { useServices } from "../context.ts";
import { METER } from "../words/devices.ts";

const BARS = 16;
/** Above what a quiet room shows. */
const HEARD = 0.12;

/**
 * Bars that move with the voice. They are lit outside of Preact's rendering, many times a second; the words below are
 * for who cannot see them, and change once.
 */
export function LevelMeter({ stream }: { readonly stream: MediaStream }) {
  const services = useServices();
  const bars = useRef<HTMLDivElement>(null);
  const [heard, setHeard] = useState(false);
  useEffect(() => {
    return services.watchLevel(stream, (level) => {
      const lit = Math.round(Math.min(1, Math.max(0, level)) * BARS);
      [...(bars.current?.children ?? [])].forEach((bar, index) => {
        bar.classList.toggle("lit", index < lit);
      });
      if (level > HEARD) setHeard(true);
    });
  }, [stream, services]);
  return (
    <div class="level">
      <div class="meter" ref={bars} aria-hidden="true">
        {Array.from({ length: BARS }, (_, index) => (
          <span key={index} />
        ))}
      </div>
      <p class="hint" role="status">
        {heard ? METER.heard : METER.waiting}
      </p>
    </div>
  );
}
