import { useEffect, useState } from "preact/hooks";
import { useServices } from "../context.ts";

/** The time, renewed every so many milliseconds while the component is shown. */
export function useNow(every: number): number {
  const { now } = useServices();
  const [time, setTime] = useState(now);
  useEffect(() => {
    const timer = setInterval(() => setTime(now()), every);
    return () => clearInterval(timer);
  }, [every, now]);
  return time;
}
