import { useEffect, useState } from "preact/hooks";
import { useServices } from "../context.ts";

/** Whether something has been so for this long without a break; another `what` begins anew. */
export function useLasting(holds: boolean, what: string | number, milliseconds: number): boolean {
  const [lasted, setLasted] = useState<string | number | null>(null);
  useEffect(() => {
    setLasted(null);
    if (!holds) return;
    const timer = setTimeout(() => setLasted(what), milliseconds);
    return () => clearTimeout(timer);
  }, [holds, what, milliseconds]);
  return holds && lasted === what;
}

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
